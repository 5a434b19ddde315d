"""What is drawn is what was computed, figure by figure."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from scipy.stats import ecdf

from forecast.analysis.comparison import comparison
from forecast.analysis.ensemble import ensemble_of
from forecast.analysis.exceedance import exceedance
from forecast.analysis.paired import paired
from forecast.axes import REGIONS
from forecast.figures import differences, segments, tornado, variance
from forecast.grammar import parse_place
from forecast.plots.making import Made

Maker = Callable[..., Made]


def _bands(axes: Axes) -> list[np.ndarray]:
    """Corners of filled areas, in the order in which they were drawn."""
    found = [one for one in axes.collections if isinstance(one, FillBetweenPolyCollection)]
    return [one.get_paths()[0].vertices for one in found]


def _edge(band: np.ndarray, years: np.ndarray, values: np.ndarray) -> bool:
    corners = {tuple(one) for one in band}
    return set(zip(years, values, strict=True)) <= corners


def _line(axes: Axes, values: np.ndarray) -> bool:
    return any(np.array_equal(one.get_ydata(), values) for one in axes.lines)


def _words(figure: Figure) -> str:
    inside = [text.get_text() for axes in figure.axes for text in axes.texts]
    joined = " ".join([*(one.get_text() for one in figure.texts), *inside])
    return " ".join(joined.split())


def _world(run: xr.DataTree, scenario: str, variable: str, region: str = "") -> xr.Dataset:
    table = run["summary"].to_dataset()
    chosen = (table["scenario"].values == scenario) & (table["variable"].values == variable)
    return table.isel(row=np.flatnonzero(chosen & (table["region"].values == region)))


def test_segments_are_stacked_medians_beside_the_total(made: Maker, run: xr.DataTree) -> None:
    axes = made("segments").figure.axes[0]
    names = ("conventional", "ai_inference", "ai_training", "ai_customisation", "crypto")
    rows = [_world(run, "base", one) for one in names]
    years = rows[0]["year"].values
    tops = np.cumsum([one["p50"].values for one in rows], axis=0)
    assert len(_bands(axes)) == len(names)
    for band, top in zip(_bands(axes), tops, strict=True):
        assert _edge(band, years, top)
    total = _world(run, "base", "total")
    for key in ("p05", "p50", "p95"):
        assert _line(axes, total[key].values)
    last = f"{tops[-1][-1]:.0f}"
    assert f"those of the segments make {last[:3]}" in _words(made("segments").figure).replace(
        ",", ""
    )


def test_differences_are_those_of_draws_in_pairs(made: Maker, run: xr.DataTree) -> None:
    figure = made("differences").figure
    found = comparison(paired(run, ["total"]), "base")
    ours = found.isel(scenario=0, outcome=found["variable"].values == "total")
    years = ours["year"].values
    (axes,) = figure.axes
    for band, (low, high) in zip(_bands(axes), (("p05", "p95"), ("p10", "p90")), strict=True):
        assert _edge(band, years, ours[low].values)
        assert _edge(band, years, ours[high].values)
    assert _line(axes, ours["p50"].values)
    # A cap on PUE lowers demand in every draw that it binds in.
    assert "pue-cap" in _words(figure)
    assert "lower in" in _words(figure)


def test_many_policies_are_rows_of_one_year(run: xr.DataTree) -> None:
    found = comparison(paired(run, ["total"]), "base")
    found = found.isel(outcome=found["variable"].values == "total")
    many = xr.concat([found * level for level in (1.0, 0.5, 2.0, -1.0, 0.1)], "scenario")
    names = [f"base+policy-{place}" for place in range(5)]
    many = many.assign_coords(scenario=names).assign_attrs(found.attrs, year=2030)
    figure = differences.differences(many)
    (axes,) = figure.axes
    bars = [
        one for one in axes.lines if len(set(one.get_xdata())) == 1 and len(one.get_xdata()) == 2
    ]
    at = [float(one.get_xdata()[0]) for one in bars if one.get_ydata()[1] - one.get_ydata()[0] < 1]
    expected = np.sort(many["p50"].isel(outcome=many["year"].values == 2030).values.ravel())
    np.testing.assert_allclose(at, expected)
    order = [one.get_text() for one in figure.texts if one.get_text().startswith("policy-")]
    assert order == ["policy-2", "policy-0", "policy-1", "policy-4", "policy-3"]


def test_exceedance_is_one_less_the_distribution_of_scipy(run: xr.DataTree) -> None:
    place = parse_place("total[2030]")
    ensembles = [ensemble_of(run, one, ["total"]) for one in ("base", "base+pue-cap")]
    found = exceedance(ensembles, place)
    for number, one in enumerate(ensembles):
        values = one.values(place)
        expected = ecdf(values).sf.evaluate(found["level"].values)
        np.testing.assert_allclose(found["share"].values[number], expected, atol=1e-12)
        each = [values[one.chain == chain] for chain in range(8)]
        level = found["level"].values[80]
        shares = [float((part > level).mean()) for part in each]
        error = np.std(shares, ddof=1) / np.sqrt(8)
        assert float(found["mcse_share"][number, 80]) == pytest.approx(error, rel=1e-12)


def test_exceedance_curves_are_drawn_with_their_quantiles(made: Maker, run: xr.DataTree) -> None:
    figure = made("exceedance").figure
    values = ensemble_of(run, "base", ["total"]).values(parse_place("total[2030]"))
    axes = figure.axes[0]
    levels = axes.lines[0].get_xdata()
    shares = [float((values > level).mean()) for level in levels]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), shares, atol=1e-12)
    assert f"{float(f'{np.median(values):.3g}'):,.0f}" in _words(figure)


def test_cases_of_the_year_stand_above_the_curve(made: Maker) -> None:
    figure = made("exceedance", place=parse_place("data_centres[2030]")).figure
    marks = [one for one in figure.axes[0].lines if one.get_marker() not in ("None", "none", "")]
    at = sorted(float(one.get_xdata()[0]) for one in marks)
    # IEA, Energy and AI (2025) and Key Questions (2026), cases for 2030, TWh.
    assert at == [669, 792, 833, 868, 946, 950, 1008, 1264]


def test_tornado_bars_lead_from_one_conditional_median_to_the_other(
    made: Maker, run: xr.DataTree
) -> None:
    figure = made("tornado").figure
    (axes,) = figure.axes
    ensemble = ensemble_of(run, "base", ["total"])
    y = ensemble.values(parse_place("total[2030]"))
    bars = axes.patches
    assert len(bars) == 2 * tornado.SHOWN
    swings = []
    for low, high in zip(bars[::2], bars[1::2], strict=True):
        assert low.get_x() == high.get_x() == pytest.approx(np.median(y))
        swings.append(abs(high.get_width() - low.get_width()))
    assert swings == sorted(swings, reverse=True)
    names = [one.get_text() for one in figure.texts if one.get_text() in ensemble.inputs]
    x = ensemble.x[:, ensemble.inputs.index(names[0])]
    order = np.argsort(x)
    # Windows of a tenth of the draws around p10 and p90, worked by hand.
    half, places = int(0.05 * len(x)), [round(share * (len(x) - 1)) for share in (0.1, 0.9)]
    middles = [np.median(y[order[at - half : at + half + 1]]) for at in places]
    ends = [bars[0].get_x() + bars[0].get_width(), bars[1].get_x() + bars[1].get_width()]
    np.testing.assert_allclose(ends, middles)


def test_regions_have_one_scale_and_their_own_published_numbers(
    made: Maker, run: xr.DataTree
) -> None:
    figure = made("regions").figure
    assert len(figure.axes) == len(REGIONS)
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    for axes, region in zip(figure.axes, REGIONS, strict=True):
        rows = _world(run, "base", "data_centres", region)
        assert _line(axes, rows["p50"].values)
        assert _edge(_bands(axes)[0], rows["year"].values, rows["p95"].values)
    marks = [one for one in figure.axes[0].lines if one.get_marker() not in ("None", "none", "")]
    points = {(float(x), float(y)) for one in marks for x, y in zip(*one.get_data(), strict=True)}
    # IEA, Energy and AI (2025): United States, 2020, 2023, 2024 and the base case of 2030, TWh.
    assert points == {(2020, 108), (2023, 154), (2024, 183), (2030, 426)}


def test_growth_shows_both_accounts_with_the_whole_marked(made: Maker, run: xr.DataTree) -> None:
    figure = made("growth").figure
    for axes, name in zip(figure.axes, ("", "_market"), strict=True):
        rows = _world(run, "base", f"renewable_share_of_growth{name}")
        known = np.isfinite(rows["p50"].values)
        assert _line(axes, rows["p50"].values[known])
        assert any(list(one.get_ydata()) == [1.0, 1.0] for one in axes.lines)


def test_a_box_is_drawn_between_its_percentiles(made: Maker) -> None:
    picture = made("discovery")
    (table,) = picture.tables
    shown = table.isel(input=np.flatnonzero(table["restricted"].values))
    bars = picture.figure.axes[0].patches[1::2]
    assert len(bars) == shown.sizes["input"] > 0
    for number, bar in enumerate(bars):
        one = shown.isel(input=number)
        low, high = (one["quantile"].sel(side=side).item() for side in ("low", "high"))
        limits = [one["limit"].sel(side=side).item() for side in ("low", "high")]
        assert bar.get_x() == pytest.approx(low if np.isfinite(limits[0]) else 0)
        assert bar.get_x() + bar.get_width() == pytest.approx(high if np.isfinite(limits[1]) else 1)


def _shares() -> xr.Dataset:
    sources = ["scenario", *(f"block{place}" for place in range(8)), "year-to-year noise"]
    rng = np.random.default_rng(2)
    share = rng.dirichlet(np.ones(len(sources) + 1), 4).T
    outcome = {
        "variable": ("outcome", ["total"] * 4),
        "year": ("outcome", [2022, 2023, 2024, 2025]),
    }
    return xr.Dataset(
        {"share": (("source", "outcome"), share), "monte_carlo": ("outcome", [0.01] * 4)},
        {"source": [*sources, "interactions"], **outcome},
        {"scenarios": "base low"},
    )


def test_shares_of_variance_fill_the_panel_and_none_is_lost() -> None:
    found = _shares()
    laid = variance.laid(found)
    np.testing.assert_allclose(np.sum(list(laid.values()), axis=0), 1)
    kept = [one for one in laid if one.startswith("block")]
    share = found["share"]
    mean = {str(one): float(share.sel(source=one).mean()) for one in found["source"].values}
    blocks = sorted((one for one in mean if one.startswith("block")), key=lambda one: -mean[one])
    assert kept == blocks[: variance.BLOCKS]
    rest = found["share"].sel(source=blocks[variance.BLOCKS :]).sum("source").values
    np.testing.assert_allclose(laid[variance.OTHERS], rest)
    axes = variance.variance(found).axes[0]
    assert _bands(axes)[-1][:, 1].max() == pytest.approx(1)


def _lightness(colour: str) -> float:
    """CIE L* of a colour, 0 to 100."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    y = float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
    return 116 * y ** (1 / 3) - 16 if y > 216 / 24389 else y * 24389 / 27


@pytest.mark.parametrize("fills", [segments.FILLS, variance.FILLS, (tornado.LOW, tornado.HIGH)])
def test_areas_beside_each_other_differ_in_grey(fills: tuple[str, ...]) -> None:
    """At least ten steps of lightness, five times what can just be told apart."""
    for one, two in itertools.pairwise(fills):
        assert abs(_lightness(one) - _lightness(two)) > 10


def test_the_fan_shows_and_names_the_scenarios_that_were_chosen(
    made: Maker, run: xr.DataTree
) -> None:
    both = made("fan", scenarios=("base+pue-cap", "base"))
    first, second = ("PUE capped", "The whole uncertainty")
    assert both.caption.index(first) > both.caption.index(second)  # it lies over that world
    rows = both.tables[0]
    assert rows["scenario"].values[0] == "base+pue-cap"
    axes = both.figure.axes[0]
    policy = _world(run, "base+pue-cap", "total")
    assert _edge(_bands(axes)[0], policy["year"].values, policy["p95"].values)
    alone = made("fan", scenarios=("base",)).caption
    assert first not in alone


def test_scenarios_that_are_the_same_differ_by_nothing(run: xr.DataTree) -> None:
    """What rounding leaves between two equal worlds is drawn as none."""
    from forecast.plots.choice import Choice
    from forecast.plots.making import make

    same = run.copy()
    outputs = same["prior_predictive"].to_dataset()
    demand = outputs["demand"].copy()
    demand.loc[{"scenario": "base+pue-cap"}] = demand.sel(scenario="base").values * (1 + 1e-13)
    same["prior_predictive"] = xr.DataTree(outputs.assign(demand=demand))
    drawn = make(same, "differences", Choice())
    assert not drawn.tables[0]["p95"].values.any()
    assert "0; lower in 0 %" in _words(drawn.figure).replace("\N{NO-BREAK SPACE}", " ")
    with pytest.raises(ValueError, match="name one of these as well"):
        make(same, "differences", Choice(scenarios=("base",)))


def test_a_long_tail_leaves_room_for_the_rest() -> None:
    from dataclasses import replace

    from forecast.analysis.ensemble import Ensemble

    rng = np.random.default_rng(4)
    y = np.concatenate([rng.exponential(100, 4000), np.full(20, 1e8)])
    rows = {
        "variable": np.array(["unserved"]), "region": np.array([""]), "year": np.array([2030]),
        "unit": np.array(["TWh"]), "scope": np.array(["AI"]),
    }  # fmt: skip
    chain = np.arange(len(y)) % 8
    one = Ensemble("base", (), (), np.empty((len(y), 0)), rows, y[:, None], chain, "")
    found = exceedance([one], parse_place("unserved[2030]"))
    assert 500 < found["level"].values[-1] < 2_000
    # Without the enormous ones the scale is that of the outermost thousandths.
    plain = replace(one, y=y[:4000, None], chain=chain[:4000])
    found = exceedance([plain], parse_place("unserved[2030]"))
    assert found["level"].values[-1] == pytest.approx(np.quantile(y[:4000], 0.999))

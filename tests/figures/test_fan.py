import itertools
import re
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from forecast.figures.fan import fan
from forecast.figures.style import save_figure, styled

VARIABLES = ("total", "data_centres")


def _panels(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.axison]


def _texts(figure: Figure) -> list[Text]:
    with styled():
        figure.draw_without_rendering()
    beyond = [label for axes in figure.axes for label in _beyond(axes)]
    return [
        one
        for one in figure.findobj(Text)
        if one.get_visible() and one.get_text().strip() and not any(one is it for it in beyond)
    ]


def _beyond(axes: Axes) -> list[Text]:
    """Labels of ticks outside the view, which matplotlib keeps and does not draw."""
    found = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks():
            if not low <= tick.get_loc() <= high:
                found += [tick.label1, tick.label2]
    return found


def _words(figure: Figure) -> str:
    return " ".join(" ".join(one.get_text() for one in figure.texts).split())


def _rows(summary: xr.Dataset, scenario: str, variable: str) -> xr.Dataset:
    chosen = (
        (summary["scenario"].values == scenario)
        & (summary["variable"].values == variable)
        & (summary["region"].values == "")
    )
    return summary.isel(row=chosen)


@pytest.mark.parametrize("place", [0, 1])
def test_bands_and_median_are_the_summarys(
    drawn: Callable[..., Figure], several: Callable[[int], xr.Dataset], place: int
) -> None:
    rows = _rows(several(1), "base", VARIABLES[place])
    axes = _panels(drawn(1))[place]
    bands = [one for one in axes.collections if isinstance(one, FillBetweenPolyCollection)]
    for band, (low, high) in zip(bands, (("p05", "p95"), ("p10", "p90")), strict=True):
        corners = {tuple(one) for one in band.get_paths()[0].vertices}
        for name in (low, high):
            assert set(zip(rows["year"].values, rows[name].values, strict=True)) <= corners
    assert any(np.array_equal(line.get_ydata(), rows["p50"]) for line in axes.lines)
    assert axes.get_ylim()[1] > float(rows["p95"].max())
    assert axes.get_ylim()[0] == 0


@pytest.mark.parametrize("count", [2, 6])
def test_every_scenario_has_its_median_and_its_interval(
    drawn: Callable[..., Figure], several: Callable[[int], xr.Dataset], count: int
) -> None:
    figure, summary = drawn(count), several(count)
    for variable, axes, edge in zip(VARIABLES, figure.axes[::2], figure.axes[1::2], strict=True):
        bars = {(one.get_y(), round(one.get_y() + one.get_height(), 6)) for one in edge.patches}
        for scenario in dict.fromkeys(summary["scenario"].values):
            rows = _rows(summary, scenario, variable)
            assert any(np.array_equal(line.get_ydata(), rows["p50"]) for line in axes.lines)
            last = rows.isel(row=-1)
            for low, high in (("p05", "p95"), ("p10", "p90")):
                assert (float(last[low]), round(float(last[high]), 6)) in bars


@pytest.mark.parametrize("width", [180, 120, 90])
@pytest.mark.parametrize("count", [1, 2, 6])
def test_no_text_overlaps_another_or_leaves_the_figure(
    drawn: Callable[..., Figure], count: int, width: float
) -> None:
    figure = drawn(count, width=width)
    texts = _texts(figure)
    with styled():
        boxes = [(one.get_text(), one.get_window_extent()) for one in texts]
    assert len(boxes) > 20
    inside = figure.bbox
    for text, box in boxes:
        assert inside.x0 <= box.x0 <= box.x1 <= inside.x1, text
        assert inside.y0 <= box.y0 <= box.y1 <= inside.y1, text
    for (first, one), (second, other) in itertools.combinations(boxes, 2):
        assert not one.padded(-0.5).overlaps(other.padded(-0.5)), (first, second)


def test_letters_are_legible_in_print(drawn: Callable[..., Figure]) -> None:
    assert min(one.get_fontsize() for one in _texts(drawn(6))) >= 6.5


def test_the_figure_says_what_it_is(
    drawn: Callable[..., Figure], several: Callable[[int], xr.Dataset]
) -> None:
    said = _words(drawn(1))
    kinds = "Bands: 5–95 % and 10–90 % of draws; line: median."
    assert kinds in said
    assert "Input uncertainty and year-to-year noise; uncalibrated prior." in said
    assert "256 draws a scenario (8 × 32, seed 2026)." in said
    rows = [_rows(several(1), "base", one) for one in VARIABLES]
    largest = max(float(one["mcse_p50"].max()) for one in rows)
    told = re.search(r"error of the medians shown: at most ([\d.,]+) TWh", said)
    assert told is not None
    assert float(told[1].replace(",", "")) == pytest.approx(largest, rel=0.05)
    for published in ("IEA, Electricity 2024", "IEA, Energy and AI", "cases low, base, high"):
        assert published in said


def test_failed_draws_are_told(summary: xr.Dataset, observed: xr.Dataset, run: xr.DataTree) -> None:
    figure = fan(summary, observed, attributes={**run.attrs, "failed": 12})
    assert "; 12 that failed are left out)" in _words(figure)


def test_the_edge_gives_no_more_digits_than_the_error_leaves(
    summary: xr.Dataset, observed: xr.Dataset, run: xr.DataTree
) -> None:
    base = summary.isel(row=summary["scenario"].values == "base")
    numbers = {name: base[name] * 0 + 1234.5678 for name in ("p05", "p10", "p50", "p90", "p95")}
    for error, shown in ((30.0, "1,230"), (0.2, "1,234.6"), (200.0, "1,200"), (np.nan, "1,230")):
        errors = {f"mcse_{name}": base[name] * 0 + error for name in numbers}
        figure = fan(base.assign(numbers).assign(errors), observed, attributes=run.attrs)
        assert f"median: {shown}" in [one.get_text() for one in _texts(figure)]


def test_what_does_not_fit_is_counted(drawn: Callable[..., Figure]) -> None:
    assert "not shown" not in _words(drawn(6))
    assert "2 further scenarios of the run not shown." in _words(drawn(8))


def test_titles_are_drawn_as_they_stand(drawn: Callable[..., Figure]) -> None:
    assert drawn(1).texts[0].get_text() == "World 0 of $many_ <titles> \\frac"
    names = [one.get_text() for one in _texts(drawn(6))]
    assert any(one.startswith("_odd $x_1$ <b>&\n") for one in names)


def test_what_titles_share_is_said_once(
    summary: xr.Dataset, observed: xr.Dataset, run: xr.DataTree
) -> None:
    figure = fan(summary, observed, attributes={**run.attrs, "title": "A world; A world + a cap"})
    assert figure.texts[0].get_text() == "A world; + a cap"


def test_one_randomisation_has_no_error(
    summary: xr.Dataset, observed: xr.Dataset, run: xr.DataTree
) -> None:
    unknown = {name: one * np.nan for name, one in summary.items() if str(name)[:4] == "mcse"}
    assert "error not known" in _words(fan(summary.assign(unknown), observed, attributes=run.attrs))


def test_a_scenario_without_a_valid_draw_is_drawn(
    summary: xr.Dataset, observed: xr.Dataset, run: xr.DataTree, tmp_path: Path
) -> None:
    other = summary["scenario"].values == "base+pue-cap"
    numbers = [name for name, one in summary.items() if one.dtype.kind == "f"]
    holes = summary.assign({name: summary[name].where(~other) for name in numbers})
    save_figure(fan(holes, observed, attributes=run.attrs), tmp_path / "x.png")


def test_a_missing_series_is_named(observed: xr.Dataset, summary: xr.Dataset) -> None:
    less = summary.isel(row=summary["variable"].values != "data_centres")
    with pytest.raises(ValueError, match="the summary has no data_centres of base"):
        fan(less, observed, attributes={})


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_the_same_figure_is_the_same_bytes(
    drawn: Callable[..., Figure], tmp_path: Path, ending: str
) -> None:
    save_figure(drawn(2), tmp_path / f"first.{ending}")
    before = dict(mpl.rcParams)
    with mpl.rc_context({"font.size": 30, "savefig.dpi": 50, "axes.facecolor": "red"}):
        save_figure(drawn(2), tmp_path / f"second.{ending}")
    assert dict(mpl.rcParams) == before
    first, second = ((tmp_path / f"{name}.{ending}").read_bytes() for name in ("first", "second"))
    assert first == second
    assert b"matplotlib.org" not in first
    assert b"dc:date" not in first

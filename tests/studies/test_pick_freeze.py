"""Studies of the shipped model: what is moved, what is kept, and what the indices sum to."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from scipy.stats import kendalltau, spearmanr

import forecast.api
from forecast.analysis.ensemble import ensemble_of
from forecast.analysis.morris import on_levels
from forecast.axes import SEGMENTS
from forecast.request import Request, request
from forecast.sampling.design import Design
from forecast.sampling.draws import points, prepare_points
from forecast.simulate.engine import noise
from forecast.studies import sobol
from forecast.studies.morris import morris_screening
from forecast.studies.pick_freeze import NOISE, Study, end, inputs_of, prepare
from forecast.studies.sobol import both_ends, sobol_indices
from forecast.studies.states import states

DEMAND = ("total", *SEGMENTS)
TIED = "conventional.workload_growth_last + conventional.intensity_decline_last"


@pytest.fixture(scope="module")
def asked() -> Request:
    return request("base.yaml", prior=True)


@pytest.fixture(scope="module")
def study(asked: Request) -> Study:
    return prepare(asked)


def test_inputs_that_depend_on_each_other_are_one() -> None:
    names = ["a.x", "a.y", "b.x", "b.y", "c.x"]
    assert inputs_of(names, []) == {name: (name,) for name in names} | {NOISE: ()}
    tied = inputs_of(names, [("b.x", "a.y"), ("c.x", "b.x")])
    assert tied["a.y + b.x + c.x"] == ("a.y", "b.x", "c.x")
    assert list(tied) == ["a.x", "a.y + b.x + c.x", "b.y", NOISE]
    blocks = inputs_of(names, [("a.y", "b.x")], blocks=True)
    assert list(blocks) == ["a + b", "c", NOISE]
    assert blocks["a + b"] == ("a.x", "a.y", "b.x", "b.y")


def test_every_uncertain_input_is_moved_once(study: Study) -> None:
    moved = [one for ours in study.inputs.values() for one in ours]
    assert sorted(moved) == sorted(study.moving)
    assert TIED in study.inputs
    assert list(study.inputs)[-1] == NOISE


def correlations(study: Study, ends: tuple[dict[str, np.ndarray], ...]) -> np.ndarray:
    """Of scores of the scalar inputs of two ends, which quantiles keep in order."""
    scalar = [name for name in study.moving if ends[0][name].ndim == 1]
    ranks = [np.argsort(np.argsort(np.stack([one[n] for n in scalar]), 1), 1) for one in ends]
    return np.corrcoef(*ranks)[: len(scalar), len(scalar) :]


def test_the_base_samples_are_independent(study: Study) -> None:
    """As random orders are; two scrambles of one column, draw by draw, are not."""
    design = Design("sobol", 2026, chains=2, draws=1024)
    found = correlations(study, tuple(one.draws for one in both_ends(study, design)))
    assert np.abs(found).max() < 5 / np.sqrt(1024)  # of 13,000 pairs
    assert np.abs(np.diag(found)).max() < 4 / np.sqrt(1024)
    prepared = prepare_points(study.moving, design, study.groups)
    index = np.arange(1024)
    tied = [points(prepared, chain=np.full(1024, one), index=index) for one in range(2)]
    assert np.median(np.abs(np.diag(correlations(study, tuple(tied))))) > 0.5


def test_tied_inputs_keep_their_rank_correlation(study: Study) -> None:
    """Whichever end they are taken from, and in a mixture of both."""
    first, second = both_ends(study, Design("sobol", 5, chains=2, draws=4096))
    asked = study.scenario.dependence
    for group in asked:
        for pair in group.pairs:
            names = pair.first, pair.second
            rank = {"kendall": kendalltau, "spearman": spearmanr}[pair.measure]
            alone = [rank(*(one.draws[n] for n in names)) for one in (first, second)]
            half = np.arange(4096) % 2 == 0
            mixed = rank(*(np.where(half, second.draws[n], first.draws[n]) for n in names))
            for found in (*alone, mixed):
                assert found.statistic == pytest.approx(pair.value, abs=0.05)
            apart = spearmanr(first.draws[names[0]], second.draws[names[1]])
            assert abs(apart.statistic) < 0.06


def test_outcomes_are_those_of_a_run() -> None:
    """The same draws through a run give the same bits, row by row of its summary."""
    settings = ("sampling.draws=256",)
    asked = request("base.yaml", prior=True, settings=settings)
    run = forecast.api.compute(asked)
    whole = ensemble_of(run)
    study = prepare(asked, first=2020)
    chains, draws = run["prior"].sizes["chain"], run["prior"].sizes["draw"]
    chain, index = np.repeat(np.arange(chains), draws), np.tile(np.arange(draws), chains)
    design = Design("sobol", study.scenario.sampling.seed, chains=chains, draws=draws)
    laid = points(prepare_points(study.moving, design, study.groups), chain=chain, index=index)
    innovations = noise(design.seed, study.scenario.horizon, chain, index)
    here = end(study, laid, innovations)
    (y,) = states(study, (here, here), [np.zeros(len(study.inputs), bool)])
    rows = study.rows
    kept = (whole.rows["year"] >= 2020) & (whole.rows["region"] == "")
    kept &= ~np.char.startswith(whole.rows["variable"], "renewable_share_of_growth")
    for name in ("variable", "year", "unit", "scope"):
        np.testing.assert_array_equal(rows[name], whole.rows[name][kept])
    np.testing.assert_allclose(y, whole.y[:, kept], rtol=1e-13)


def test_a_mask_decides_draw_by_draw(study: Study) -> None:
    """Runs of mixed masks are those of the ends where all inputs are of one end."""
    ends = both_ends(study, Design("sobol", 5, chains=2, draws=96))
    half = np.arange(96) % 2 == 0
    size = len(study.inputs)
    masks = [np.zeros(size, bool), np.tile(half, (size, 1)), np.ones(size, bool)]
    told: list[tuple[int, int]] = []
    found = list(states(study, ends, masks, total=3, progress=lambda *one: told.append(one)))
    np.testing.assert_array_equal(found[1], np.where(half[:, None], found[2], found[0]))
    assert not np.array_equal(found[0], found[2])
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_failed_draws_are_missing(study: Study) -> None:
    first, second = both_ends(study, Design("sobol", 5, chains=2, draws=32))
    values = first.draws["limits.additions_growth"].copy()
    values[7] = np.nan
    first.draws["limits.additions_growth"] = values
    masks = [np.zeros(len(study.inputs), bool), np.ones(len(study.inputs), bool)]
    a, b = states(study, (first, second), masks)
    np.testing.assert_array_equal(np.isnan(a).all(1), np.arange(32) == 7)
    assert np.isfinite(a[np.arange(32) != 7]).all()
    assert np.isfinite(b).all()


@pytest.fixture(scope="module")
def found(asked: Request) -> xr.Dataset:
    return sobol_indices(asked, base=128, groups=True, second=True, variables=DEMAND, first=2030)


@pytest.mark.slow
def test_crypto_hangs_on_its_own_block(found: xr.Dataset) -> None:
    """Its demand takes nothing from other blocks: exact zeros, and nearly all of its own."""
    crypto = found.isel(outcome=np.flatnonzero(found["variable"].values == "crypto"))
    others = [one for one in found["input"].values if one not in ("crypto", "regions", NOISE)]
    # Shares of regions sum to one but for rounding.
    assert (crypto["total"].sel(input="regions") < 1e-20).all()
    assert (crypto["total"].sel(input=others) == 0).all()
    assert (crypto["total"].sel(input="crypto") > 0.5).all()
    assert crypto.sizes["outcome"] == found["year"].values.max() - 2029


@pytest.mark.slow
def test_indices_sum_as_they_must(found: xr.Dataset) -> None:
    assert found.attrs["evaluations"] == 128 * 2 * (1 + found.sizes["input"])
    # At least one but for the error of few draws, which the tails of others make large.
    whole = found["total"].sum("input").values[found["variable"].values == "conventional"]
    assert ((whole > 0.9) & (whole < 1.5)).all()
    assert found["left_out"].sum() == 0
    assert found.attrs["notes"] == ""
    assert (found["first_low"] <= found["first"]).all()
    assert found["second"].dims == ("input", "other", "outcome")
    assert np.isfinite(found["second"].values[0, 1]).all()


@pytest.mark.slow
def test_segments_sum_to_the_total(asked: Request, study: Study) -> None:
    """In every run of a study, draw by draw."""
    ends = both_ends(study, Design("sobol", 5, chains=2, draws=64))
    masks = [np.arange(len(study.inputs)) == place for place in (0, 50, 118)]
    rows = study.rows
    for y in states(study, ends, masks):
        parts = sum(y[:, rows["variable"] == one] for one in SEGMENTS)
        np.testing.assert_allclose(parts, y[:, rows["variable"] == "total"], rtol=1e-12)


@pytest.mark.slow
def test_screening_agrees_with_indices(asked: Request) -> None:
    """What screening puts first has the larger total indices, and crypto is apart."""
    options = {"groups": True, "variables": ("total", "crypto"), "first": 2035}
    walked = morris_screening(asked, trajectories=64, **options)
    indexed = sobol_indices(asked, base=256, **options)
    order = spearmanr(walked["mu_star"][:, 0], indexed["total"][:, 0])
    assert order.statistic > 0.8
    others = ~np.isin(walked["input"].values, ["crypto", "regions", NOISE])
    assert (walked["mu_star"].values[others, 1] == 0).all()
    assert np.isnan(walked["mu"].values[others, 0]).all()
    alone = morris_screening(asked, trajectories=8, variables=("crypto",), first=2035)
    assert np.isnan(alone["mu"].sel(input=[TIED, NOISE])).all()
    single = alone["mu"].sel(input="conventional.energy_2015")
    assert (single == 0).all()


def test_both_levels_are_reached() -> None:
    assert set(on_levels(np.array([1e-9, 1 - 1e-9]))) == {0.125, 0.875}


def test_a_calibrated_scenario_is_refused() -> None:
    with pytest.raises(ValueError, match=r"base is calibrated, .*Shapley effects, or.*--prior"):
        sobol_indices(request("base.yaml"))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"base": 1}, "base draws must be at least 2, got 1"),
        ({"bootstraps": 0}, "bootstraps must be at least 2, got 0"),
        ({"variables": ("totl",)}, 'no variable "totl".*did you mean "total"'),
        ({"first": 2036}, "first year must lie in 2015 to 2035, got 2036"),
        ({"second": True, "base": 4096}, "second order of 483 outcomes takes .* at most"),
    ],
)
def test_what_is_wrong_is_told(
    asked: Request, monkeypatch: pytest.MonkeyPatch, options: dict[str, object], told: str
) -> None:
    monkeypatch.setattr(sobol, "both_ends", lambda *_: pytest.fail("drew"))
    with pytest.raises(ValueError, match=told):
        sobol_indices(asked, **options)  # type: ignore[arg-type]


def test_two_scenarios_are_refused(asked: Request) -> None:
    two = replace(asked, scenarios=asked.scenarios * 2)
    with pytest.raises(ValueError, match="expected one scenario, got 2: base, base"):
        morris_screening(two)


@pytest.mark.slow
def test_odd_numbers_of_draws_are_told(asked: Request) -> None:
    found = sobol_indices(asked, base=96, groups=True, variables=("total",), first=2035)
    assert found.attrs["notes"].startswith("96 base draws are no power of two")
    assert "64 or 128" in found.attrs["notes"]

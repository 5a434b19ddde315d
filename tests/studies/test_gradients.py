"""Slopes of the model against differences of the model."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import norm

from forecast.axes import LABELS, SEGMENTS
from forecast.sampling.draws import Draws
from forecast.simulate.engine import evaluate, noise
from forecast.simulate.ensemble import Plan, block_of, pairs
from forecast.studies.gradients import gradients

COUNT = 16
SMALL = 1e-5

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(ready: Plan) -> xr.Dataset:
    return gradients(ready, count=COUNT)


def _demand(ready: Plan, draws: Draws) -> np.ndarray:
    """Demand of the first draws of the first chain, `[draw, segment, year]`."""
    each = COUNT // ready.design.chains
    noisy = noise(ready.design.seed, ready.scenarios[0].horizon, *pairs(ready.design, 0, each))
    demand = evaluate(draws, noisy, ready.reference[0]).leaves["demand"]
    return np.asarray(demand.transpose(1, 2, 0))


def _draws(ready: Plan) -> Draws:
    return block_of(ready, 0, COUNT // ready.design.chains)[0][0]


@pytest.mark.parametrize(
    "name",
    [
        "conventional.energy_2015",
        "limits.additions_2024",
        "adoption.length_growth",
        "crypto.energy_2022",
        "efficiency.hardware_growth_first",
    ],
)
def test_a_slope_is_the_limit_of_differences(found: xr.Dataset, ready: Plan, name: str) -> None:
    draws = _draws(ready)
    step = SMALL * np.abs(draws[name]).max()
    sides = [_demand(ready, draws | {name: draws[name] + sign * step}) for sign in (1, -1)]
    difference = (sides[0] - sides[1]) / (2 * step)
    slope = found["slope"].sel(input=name).values[: len(difference)]
    assert np.abs(difference).max() > 0
    np.testing.assert_allclose(slope, difference, rtol=2e-4, atol=2e-4 * np.abs(slope).max())


def test_more_of_a_share_is_less_of_all_others(found: xr.Dataset, ready: Plan) -> None:
    draws = _draws(ready)
    shares = draws["size_mix.share_2023"]
    (label,) = [one for one in LABELS["size"] if one == "large"]
    place = LABELS["size"].index(label)
    sides = []
    for step in (SMALL, -SMALL):
        moved = shares * ((1 - shares[:, [place]] - step) / (1 - shares[:, [place]]))
        moved[:, place] = shares[:, place] + step
        np.testing.assert_allclose(moved.sum(1), 1)
        sides.append(_demand(ready, draws | {"size_mix.share_2023": moved}))
    difference = (sides[0] - sides[1]) / (2 * SMALL)
    slope = found["slope"].sel(input=f"size_mix.share_2023[{label}]").values[: len(difference)]
    assert np.abs(difference).max() > 0
    np.testing.assert_allclose(slope, difference, rtol=1e-3, atol=1e-3 * np.abs(slope).max())


def test_demand_is_that_of_the_run(found: xr.Dataset, ready: Plan) -> None:
    each = COUNT // ready.design.chains
    expected = _demand(ready, _draws(ready))
    assert found["segment"].values.tolist() == list(SEGMENTS)
    np.testing.assert_allclose(found["demand"].values[:each], expected, rtol=1e-12)


def test_spreads_are_those_of_the_families(found: xr.Dataset, ready: Plan) -> None:
    """dx/dz of a normal is its deviation; of a loguniform x ln(b/a) times the normal density."""
    seen = set()
    for name, prior in ready.scenarios[0].priors.items():
        if prior.family not in ("normal", "loguniform") or len(prior.columns) > 1:
            continue
        values = found["value"].sel(input=name).values
        arguments = prior.arguments
        if prior.family == "normal":
            if {"lower", "upper"} & {k for k, v in arguments.items() if v is not None}:
                continue
            expected = np.full_like(values, arguments["sd"])
        else:
            width = np.log(arguments["high"] / arguments["low"])
            share = np.log(values / arguments["low"]) / width
            expected = values * width * norm.pdf(norm.ppf(share))
        seen.add(prior.family)
        np.testing.assert_allclose(found["spread"].sel(input=name).values, expected, rtol=2e-3)
    assert seen == {"normal", "loguniform"}

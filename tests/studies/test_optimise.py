"""Levers under a budget: slopes against differences, the optimum against a grid, fresh draws."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose

from forecast.axes import FIRST_YEAR
from forecast.simulate.engine import evaluate
from forecast.simulate.ensemble import Plan, plan
from forecast.spec.optimisation import Optimisation, Range
from forecast.spec.register import read_register
from forecast.spec.resolve import read_scenario
from forecast.studies import budget, optimise

YEAR = 2032
LEVERS = {
    "measures.hardware_standard": Range(0.0, 0.5, 3.0, 20.0),
    "crypto.restriction": Range(0.0, 0.9, 8.0, 40.0),
}
ASKED = Optimisation("A test", "", "", "total", "", YEAR, "mean", 0.1, "least", "GUSD", 5.0, LEVERS)


@pytest.fixture(scope="module")
def ready() -> Plan:
    register = read_register()
    scenario = read_scenario("base", register=register, settings=["sampling.draws=1024"])
    return plan([replace(scenario, calibration=None)], register.priors)


@pytest.fixture(scope="module")
def samples(ready: Plan) -> tuple[optimise.Sample, optimise.Sample]:
    return optimise._samples(ready, 0)


@pytest.fixture(scope="module")
def found(ready: Plan) -> xr.Dataset:
    return optimise.optimise(ready, 0, ASKED)


def engine(ready: Plan, sample: optimise.Sample, mix: np.ndarray) -> np.ndarray:
    """Total of the year in every draw, from the engine itself."""
    set_here = {
        name: np.full(len(sample.chain), one.free + part * (one.strongest - one.free))
        for (name, one), part in zip(LEVERS.items(), mix, strict=True)
    }
    block = evaluate(sample.draws | set_here, sample.noise, ready.reference[0])
    return block.leaves["totals.total"][YEAR - FIRST_YEAR]


def mean(values: np.ndarray) -> float:
    return float(values.mean())


def worst(values: np.ndarray) -> float:
    """Mean of the worst tenth."""
    return float(np.sort(values)[-round(0.1 * len(values)) :].mean())


@pytest.mark.slow
@pytest.mark.parametrize(("measure", "objective"), [("mean", mean), ("cvar", worst)])
def test_values_and_slopes_are_those_of_the_engine(
    ready: Plan,
    samples: tuple[optimise.Sample, optimise.Sample],
    measure: Literal["mean", "cvar"],
    objective: Callable[[np.ndarray], float],
) -> None:
    asked = replace(ASKED, measure=measure)
    search = optimise._Search(asked, ready.reference[0], samples[0])
    mix = np.array([0.3, 0.6])
    value, slope = search.value(mix)
    assert_allclose(value, objective(engine(ready, samples[0], mix)), rtol=1e-12)
    for place in range(2):
        step = 1e-5 * np.eye(2)[place]
        above, below = (objective(engine(ready, samples[0], mix + s)) for s in (step, -step))
        assert_allclose(slope[place], (above - below) / 2e-5, rtol=1e-4)


@pytest.mark.slow
def test_no_mix_of_a_fine_grid_within_the_budget_does_more(
    ready: Plan, samples: tuple[optimise.Sample, optimise.Sample], found: xr.Dataset
) -> None:
    ranges = list(LEVERS.values())
    grid = np.array([[a, b] for a in np.linspace(0, 1, 11) for b in np.linspace(0, 1, 11)])
    within = [mix for mix in grid if budget.cost(ranges, mix) <= ASKED.budget]
    # The edge of the budget too: the most of the second lever beside each of the first.
    edge = [np.array([a, _most_beside(ranges, a)]) for a in np.linspace(0, 1, 61)]
    within += [mix for mix in edge if budget.cost(ranges, mix) <= ASKED.budget * (1 + 1e-9)]
    least = min(mean(engine(ready, samples[0], mix)) for mix in within)
    assert float(found["found"]) <= least * (1 + 1e-5)
    spent = float(found["cost"].sel(choice="optimum"))
    assert spent == pytest.approx(ASKED.budget, rel=1e-4)
    assert spent <= ASKED.budget


def _most_beside(ranges: list[Range], part: float) -> float:
    left = ASKED.budget - budget.spent(ranges[0], part)
    if left < 0:
        return 0.0
    one = ranges[1]
    width = (-one.cost + np.sqrt(one.cost**2 + 4 * one.rising * left)) / (2 * one.rising)
    return float(min(1.0, width / abs(one.strongest - one.free)))


@pytest.mark.slow
def test_it_is_judged_on_draws_that_it_was_not_found_on(
    ready: Plan, samples: tuple[optimise.Sample, optimise.Sample], found: xr.Dataset
) -> None:
    ours, fresh = samples
    name = "limits.additions_2024"
    assert not set(ours.draws[name]) & set(fresh.draws[name])
    mix = np.array(
        [
            float(found["value"].sel(lever=name)) / (one.strongest - one.free)
            for name, one in LEVERS.items()
        ]
    )
    on_fresh, none = engine(ready, fresh, mix), engine(ready, fresh, np.zeros(2))
    best = found.sel(choice="optimum")
    assert_allclose(float(best["outcome"]), mean(on_fresh), rtol=1e-12)
    assert_allclose(float(best["difference"]), mean(on_fresh) - mean(none), rtol=1e-9)
    assert float(found["difference"].sel(choice="none")) == 0.0
    # Differences are of pairs: what the choices share falls out of their error.
    assert float(best["mcse_difference"]) < 0.5 * float(best["mcse"])
    # The optimum is flat: on 512 other draws a neighbour may do as well, within the noise.
    others, noise = found.drop_sel(choice=["optimum"]), float(best["mcse_difference"])
    assert float(best["outcome"]) < float(others["outcome"].min()) + noise
    assert float(best["difference"]) < -5 * noise


@pytest.mark.slow
def test_without_a_budget_nothing_is_set(ready: Plan) -> None:
    found = optimise.optimise(ready, 0, replace(ASKED, budget=0.0))
    assert_allclose(found["value"].values, [0.0, 0.0], atol=0)
    assert float(found["difference"].sel(choice="optimum")) == 0.0


def test_costs_by_hand() -> None:
    one = Range(9.0, 1.1, 2.0, 3.0)  # a cap goes down
    assert budget.spent(one, 0.5) == pytest.approx(2 * 3.95 + 3 * 3.95**2)
    assert one.whole == pytest.approx(2 * 7.9 + 3 * 7.9**2)
    slope = budget.cost_slope([one], np.array([0.5]))
    step = (budget.spent(one, 0.5 + 1e-6) - budget.spent(one, 0.5 - 1e-6)) / 2e-6
    assert slope[0] == pytest.approx(step, rel=1e-8)
    half = budget.affordable([one], 40.0, np.ones(1))
    assert budget.cost([one], half) == pytest.approx(40.0)
    assert budget.affordable([one], 1e9, np.ones(1)) == pytest.approx(1.0)

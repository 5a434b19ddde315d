"""Simulation-based calibration of history, and that it notices a sampler that is wrong.

Bounds are such that a right sampler fails in under one seed of a hundred: half a per cent for the
coverage, and as much, shared by the quantities, for their ranks.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.stats
import xarray as xr

from forecast.calibration.calibrate import Compiled, compile_problem
from forecast.calibration.moves import Goal
from forecast.calibration.observables import Quantity
from forecast.calibration.problem import Problem
from forecast.figures.ranks import band, difference
from forecast.spec.register import Register
from forecast.spec.resolve import read_scenario
from forecast.studies.recovery import history_problem, made, p_values, quantities, recovery

SEED, SIMULATIONS, PARTICLES = 1804, 40, 256
ROWS = 15
"""Latent rows that go with the observed quantities most."""

CHANCE = 0.005
"""Of a right sampler to fail one of the two checks."""


@pytest.fixture(scope="module")
def problem(register: Register) -> Problem:
    outputs = [Quantity(name, 2026) for name in ("total", "data_centres")]
    return history_problem(read_scenario("history", register=register), register, outputs)


@pytest.fixture(scope="module")
def compiled(problem: Problem) -> Compiled:
    return compile_problem(problem)


def _studied(
    problem: Problem, compiled: Compiled, *, populations: int, simulations: int = SIMULATIONS
) -> xr.Dataset:
    """Ranks of the observed quantities, the outputs, the likelihood, and of the closest rows."""
    found = recovery(
        problem,
        seed=SEED,
        simulations=simulations,
        particles=PARTICLES,
        populations=populations,
        compiled=compiled,
    )
    assert found.attrs["refused"] == 0, found.attrs["refusals"]
    latent = (found["kind"] == "latent").values
    closest = np.argsort(np.where(latent, -found["correlation"], np.inf))[:ROWS]
    return found.isel(quantity=np.sort([*closest, *np.flatnonzero(~latent)]))


def _uniform(found: xr.Dataset) -> bool:
    """Whether no quantity's ranks stray further than chance allows to the one that strays most."""
    return bool((found["p_value"] > CHANCE / found.sizes["quantity"]).all())


def _covered(found: xr.Dataset, level: float = 0.8) -> bool:
    """Whether intervals hold the truth as often as they say.

    Quantities of one simulation go together, so that their number in all is not binomial; that of
    each simulation is one of as many independent numbers.
    """
    inside = (np.abs(found["below"] - 0.5) < level / 2).mean("quantity").values
    return bool(scipy.stats.ttest_1samp(inside, level).pvalue > CHANCE)


@pytest.mark.slow
def test_the_truth_is_found_as_often_as_the_posterior_says(
    problem: Problem, compiled: Compiled
) -> None:
    found = _studied(problem, compiled, populations=2)
    assert found.sizes["quantity"] == 5 + 2 + 1 + ROWS
    assert _uniform(found)
    assert _covered(found)


def _wrong(compiled: Compiled, change: Callable[[Goal], Goal]) -> Compiled:
    """Moves under another density than the one that is asked for."""

    def moves(*given: Any) -> Any:
        *before, goal, lengths = given
        return compiled.moves(*before, change(goal), lengths)

    return compiled._replace(moves=moves)


@pytest.mark.slow
def test_a_likelihood_that_is_too_sharp_is_noticed(problem: Problem, compiled: Compiled) -> None:
    """An exponent of four is a quarter of the covariance that the data are made with."""
    wrong = _wrong(compiled, lambda goal: goal._replace(history=4 * goal.history))
    # Of 40 simulations three samples of five would notice it, of 80 nearly all.
    assert not _uniform(_studied(problem, wrong, populations=1, simulations=2 * SIMULATIONS))


@pytest.mark.slow
def test_a_sampler_that_returns_the_prior_is_noticed(problem: Problem, compiled: Compiled) -> None:
    """Which ranks of inputs and outputs alone would not notice."""
    wrong = _wrong(compiled, lambda goal: goal._replace(history=0 * goal.history))
    found = _studied(problem, wrong, populations=1)
    assert not _uniform(found)
    assert _uniform(found.isel(quantity=np.flatnonzero(found["kind"] != "log_likelihood")))


def test_data_have_the_errors_that_the_problem_states(problem: Problem, compiled: Compiled) -> None:
    truths = made(problem, compiled, SEED, 4 * PARTICLES, PARTICLES)
    count = len(problem.data.observations)
    errors = truths.value - truths.seen[:, :count]
    sd = problem.data.sd
    np.testing.assert_allclose(errors.mean(0) / sd, 0, atol=4 / np.sqrt(len(errors)))
    stated = problem.data.covariance / np.outer(sd, sd)
    np.testing.assert_allclose(np.cov(errors.T) / np.outer(sd, sd), stated, atol=0.2)
    # The truths are of the prior: standard normals, each independent of the others.
    assert scipy.stats.kstest(truths.z[:, 0], "norm").pvalue > CHANCE
    assert abs(np.corrcoef(truths.z[:-1, 0], truths.z[1:, 0])[0, 1]) < 4 / np.sqrt(len(errors))


def test_a_truth_whose_draw_fails_is_replaced_and_counted(
    problem: Problem, compiled: Compiled
) -> None:
    def observe(z: np.ndarray) -> np.ndarray:
        return np.where(z[:, :1] > 0, compiled.observe(z), np.nan)

    truths = made(problem, compiled._replace(observe=observe), SEED, PARTICLES, PARTICLES)
    assert (truths.z[:, 0] > 0).all()
    assert np.isfinite(truths.value).all()
    # As many failures as heads before so many tails.
    assert abs(truths.redrawn - PARTICLES) < 4 * np.sqrt(2 * PARTICLES)


@pytest.mark.slow
def test_a_calibration_that_is_refused_is_counted(problem: Problem, compiled: Compiled) -> None:
    calls = iter(range(1000))

    def observe(z: np.ndarray) -> np.ndarray:
        """Put the second truth, all of which are asked for first, where no draw of the prior is."""
        seen = compiled.observe(z).copy()
        if next(calls) == 0:
            seen[1] += 5.0
        return seen

    found = recovery(
        problem,
        seed=SEED,
        simulations=3,
        particles=PARTICLES,
        populations=1,
        compiled=compiled._replace(observe=observe),
    )
    assert found.attrs["refused"] == 1
    assert found.attrs["refusals"].startswith("1: ")
    assert "out of the prior's reach" in found.attrs["refusals"]
    assert found["simulation"].values.tolist() == [0, 2]


def test_p_values_of_uniform_ranks_are_uniform() -> None:
    ranks = np.random.default_rng(5).integers(0, 64, (2000, 40))
    found = p_values(ranks, 63)
    assert scipy.stats.kstest(found, "uniform").pvalue > 0.001


def test_p_values_agree_with_the_band_that_is_drawn() -> None:
    """Of curves clearly within and clearly outside it."""
    ranks = np.random.default_rng(6).integers(0, 64, (2000, 60))
    low, high = band(60, 63)
    curves = difference(ranks, 63)
    outside = ((curves > high + 1e-12) | (curves < low - 1e-12)).any(axis=1)
    found = p_values(ranks, 63)
    assert not outside[found > 0.06].any()
    assert outside[found < 0.03].all()


def test_a_quantity_observed_twice_is_ranked_once(problem: Problem) -> None:
    names = quantities(problem)
    assert len(names) == problem.space.size + 5 + 2 + 1
    again = replace(problem, extra=(*problem.extra, problem.data.quantities[0]))
    assert quantities(again) == names

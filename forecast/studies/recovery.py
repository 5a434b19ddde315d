"""Simulation-based calibration: whether a calibration finds what made-up data were made from.

A point of the prior is the truth, data are drawn from the model there, and the posterior of these
data is asked for the truth. Over many truths its rank among posterior draws is uniform, of every
quantity, if and only if the sampler samples the posterior that the problem states. Ranks of inputs
alone would pass a sampler that returns the prior, hence the log likelihood is ranked as well.

References
----------
Talts et al. (2018), arXiv:1804.06788; Modrák et al. (2023), doi:10.1214/23-BA1404, for the log
likelihood; Säilynoja, Bürkner and Vehtari (2022), doi:10.1007/s11222-022-10090-6, for the band.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.special import bdtr

from forecast.calibration.calibrate import Calibrated, Compiled, calibrate, compile_problem
from forecast.calibration.latent import latent, names_of, prior_points
from forecast.calibration.observables import Quantity, log_likelihood
from forecast.calibration.problem import Problem
from forecast.calibration.setup import set_up
from forecast.errors import Refusal
from forecast.figures.ranks import band, difference
from forecast.shipped import observations
from forecast.simulate.binding import canonical_units
from forecast.simulate.engine import reference_cost
from forecast.spec.conversion import in_canonical_units
from forecast.spec.observation import read_observations
from forecast.spec.register import Register
from forecast.spec.scenario import Scenario
from forecast.spec.vintage import known_priors

DRAWS: Final = 63
"""Posterior draws that a truth is ranked among: as many as a few hundred particles can stand for
that are not quite independent. (definition)"""

LEVELS: Final = (0.5, 0.8, 0.9)
"""Central intervals whose coverage is counted. (1; definition)"""

TRIALS: Final = 20_000
"""Sets of uniform ranks that a p-value is read from. (definition)"""

BLOCKS: Final = 16
"""Blocks of prior draws, each as large as a population, that correlations are taken from.
(definition)"""

ATTEMPTS: Final = 100
"""Times that a truth whose draw fails is redrawn. (definition)"""

EDGE: Final = 1e-12
"""A count on the edge of the band lies inside it, whatever the last bit says. (1; definition)"""

LIKELIHOOD: Final = "log_likelihood"

type Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Truths:
    """Points of the prior and data made from them.

    Attributes
    ----------
    z, seen : array
        `[simulation, latent]` and `[simulation, quantity]`.
    value : array
        `[simulation, observation]`, logarithms: what is seen, with the errors of the data.
    redrawn : int
        Points that failed and were replaced.
    """

    z: np.ndarray
    seen: np.ndarray
    value: np.ndarray
    redrawn: int


@dataclass(frozen=True)
class _Place:
    """Where a truth lies in its posterior, a number a quantity."""

    rank: np.ndarray
    below: np.ndarray
    spread: float


def history_problem(
    scenario: Scenario, register: Register, outputs: Sequence[Quantity] = ()
) -> Problem:
    """Make the problem of history of a scenario, with outputs that are ranked beside it.

    Parameters
    ----------
    scenario
        With a calibration; its target is left out.
    register
    outputs
        Quantities that no observation is of.

    Returns
    -------
    Problem
    """
    ready = in_canonical_units(scenario, canonical_units())
    reference = known_priors(register.priors, register.vintages, scenario.vintage)
    known = register.vintages[str(scenario.vintage)].as_of
    cost = reference_cost(reference, ready.horizon)
    problem, _ = set_up(ready, known, read_observations(observations()), cost)
    last = max(one.year for one in (*problem.data.quantities, *outputs))
    return replace(problem, space=latent(ready, last), extra=tuple(outputs))


def recovery(
    problem: Problem,
    *,
    seed: int,
    simulations: int,
    particles: int,
    populations: int,
    draws: int = DRAWS,
    compiled: Compiled | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Rank truths in the posteriors of data made from them.

    Parameters
    ----------
    problem
        From `set_up`; the values of its observations do not matter.
    seed
        Of truths, errors and calibrations, each with a stream of its own.
    simulations
        Truths.
    particles, populations
        Of each calibration.
    draws
        Posterior draws that a truth is ranked among.
    compiled
        Programs of the problem, so that several studies compile once.
    progress
        Told of simulations done.

    Returns
    -------
    Dataset
        By quantity and simulation: `rank` (0 … draws) and `below`, the share of all delivered draws
        below the truth. By quantity: `kind`, `correlation` (the largest with an observed quantity
        under the prior), `p_value` of uniform ranks, `outside` (the 95 % band of `figures.ranks`)
        and `coverage` by level. By simulation: `spread` of the populations' means in posterior
        standard deviations. Attributes count truths redrawn and calibrations refused, with their
        reasons; simulations that were refused have no ranks.
    """
    study = _Study(
        problem, compiled or compile_problem(problem), seed, particles, populations, draws
    )
    with jax.enable_x64(True):
        truths = made(study.problem, study.compiled, seed, simulations, particles)
    told = partial(_tell, progress, [0], simulations)
    # The first alone, since it may have to compile.
    first = told(study.place(truths, 0))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rest = pool.map(lambda number: told(study.place(truths, number)), range(1, simulations))
        places = [first, *rest]
    found = _dataset(problem, places, draws)
    nearness = correlations(problem, study.compiled, seed, particles)
    found["correlation"] = "quantity", nearness
    asked = {"seed": seed, "simulations": simulations, "redrawn": truths.redrawn}
    return found.assign_attrs(
        found.attrs | asked | {"particles": particles, "populations": populations}
    )


def _tell(
    progress: Progress | None, done: list[int], total: int, place: "_Place | Refusal"
) -> "_Place | Refusal":
    done[0] += 1
    if progress:
        progress(done[0], total)
    return place


def made(problem: Problem, compiled: Compiled, seed: int, simulations: int, block: int) -> Truths:
    """Draw truths from the prior and data from the model there.

    Parameters
    ----------
    problem
    compiled
    seed
    simulations
    block
        Points that the model is run for at once, as in the calibrations, so that no program is
        compiled for another number.

    Returns
    -------
    Truths

    Raises
    ------
    Refusal
        If the model fails wherever one looks.
    """
    z = np.empty((simulations, problem.space.size))
    seen = np.full((simulations, len(problem.quantities)), np.nan)
    redrawn = 0
    for attempt in range(ATTEMPTS):
        missing = np.flatnonzero(~np.isfinite(seen).all(axis=1))
        if not missing.size:
            break
        redrawn += missing.size if attempt else 0
        # A randomisation each: points of one are laid apart, so they are not independent. As many
        # as there are truths each time, so that nothing is compiled for another number.
        chain = attempt * simulations + np.arange(simulations)
        laid = prior_points(problem.space, seed, chain=chain, index=np.zeros_like(chain))
        z[missing] = laid[missing]
        seen[missing] = _observed(compiled, z[missing], block)
    else:
        raise Refusal(f"the model fails at {ATTEMPTS} points of the prior in a row")
    count = len(problem.data.observations)
    errors = np.random.default_rng([seed, 1]).standard_normal((simulations, count))
    value = seen[:, :count] + errors @ np.linalg.cholesky(problem.data.covariance).T
    return Truths(z, seen, value, redrawn)


def _observed(compiled: Compiled, z: np.ndarray, block: int) -> np.ndarray:
    """What is observed of points, in blocks of one size."""
    padded = np.resize(z, (-(-len(z) // block) * block, z.shape[1]))
    parts = [compiled.observe(padded[one : one + block]) for one in range(0, len(padded), block)]
    return np.concatenate(parts)[: len(z)]


@dataclass(frozen=True)
class _Study:
    """One study under way: what every simulation needs."""

    problem: Problem
    compiled: Compiled
    seed: int
    particles: int
    populations: int
    draws: int

    def place(self, truths: Truths, number: int) -> _Place | Refusal:
        """Calibrate to the data of one truth and see where it lies, or why that was refused."""
        data = replace(self.problem.data, value=truths.value[number])
        problem = replace(self.problem, data=data)
        key = np.random.SeedSequence([self.seed, 2, number]).generate_state(1)
        try:
            found = calibrate(
                problem,
                None,
                seed=int(key[0]),
                particles=self.particles,
                populations=self.populations,
                compiled=self.compiled,
                # To leave out populations that differ would bend the ranks; they are counted.
                agree=np.inf,
            )
        except Refusal as error:
            return error
        z, seen = (one.reshape(-1, one.shape[-1]) for one in (found.z, found.seen))
        posterior = _quantities(problem, z, seen)
        truth = _quantities(problem, truths.z[number][None], truths.seen[number][None])
        rng = np.random.default_rng([self.seed, 3, number])
        taken = rng.choice(len(z), self.draws, replace=False)
        below = posterior < truth
        return _Place(below[taken].sum(axis=0), below.mean(axis=0), _spread(found))


def _spread(found: Calibrated) -> float:
    """Spread of the populations' means, largest over quantities, in posterior deviations."""
    seen = found.history_seen
    if len(seen) == 1:
        return 0.0
    inside = np.sqrt(seen.var(axis=1).mean(axis=0))
    return float((seen.mean(axis=1).std(axis=0, ddof=1) / inside).max())


def _quantities(problem: Problem, z: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Everything that is ranked of points, `[draw, quantity]` in the order of `quantities`."""
    count = len(problem.data.observations)
    with jax.enable_x64(True):
        likelihood = np.asarray(log_likelihood(jnp.asarray(seen[:, :count]), problem.data))
    return np.column_stack([z, seen[:, _distinct(problem)], likelihood])


def _distinct(problem: Problem) -> list[int]:
    """Places of quantities, one where several observations are of the same."""
    return [problem.quantities.index(one) for one in dict.fromkeys(problem.quantities)]


def quantities(problem: Problem) -> dict[str, str]:
    """Name what is ranked.

    Parameters
    ----------
    problem

    Returns
    -------
    dict
        Name → latent, observed, output or log_likelihood.
    """
    found = dict.fromkeys(names_of(problem.space), "latent")
    for one in dict.fromkeys(problem.quantities):
        found[str(one)] = "observed" if one in problem.data.quantities else "output"
    return found | {LIKELIHOOD: LIKELIHOOD}


def correlations(problem: Problem, compiled: Compiled, seed: int, block: int) -> np.ndarray:
    """How closely each quantity goes with what is observed, before any data.

    Parameters
    ----------
    problem
    compiled
    seed
    block
        Points that the model is run for at once.

    Returns
    -------
    array : 1
        `[quantity]`: the largest correlation with an observed quantity, without its sign; NaN for
        the log likelihood.
    """
    count = len(problem.data.observations)
    chain, index = np.divmod(np.arange(BLOCKS * block), block)
    z = prior_points(problem.space, seed + 1, chain=chain, index=index)
    seen = _observed(compiled, z, block)
    known = np.isfinite(seen).all(axis=1)
    laid = np.column_stack([z, seen[:, _distinct(problem)]])[known]
    laid = (laid - laid.mean(axis=0)) / laid.std(axis=0)
    data = seen[known, :count]
    data = (data - data.mean(axis=0)) / data.std(axis=0)
    return np.append(np.abs(laid.T @ data / len(laid)).max(axis=1), np.nan)


def p_values(ranks: np.ndarray, draws: int, *, seed: int = 0) -> np.ndarray:
    """Chance that uniform ranks stray as far somewhere as the given ones do.

    Parameters
    ----------
    ranks
        `[quantity, simulation]`, 0 … draws.
    draws
    seed
        Of the uniform ranks that they are compared with.

    Returns
    -------
    array : 1
        `[quantity]`. Strays are told by the smallest pointwise binomial probability of the
        distribution function of the ranks, as for the band of `figures.ranks`.
    """
    simulations = ranks.shape[1]
    uniform = np.full(draws + 1, 1 / (draws + 1))
    tallied = np.stack([np.bincount(row, minlength=draws + 1) for row in ranks])
    trials = np.random.default_rng(seed).multinomial(simulations, uniform, TRIALS)
    found, chance = (_smallest(one, simulations, draws) for one in (tallied, trials))
    # Probabilities of one count are the same bits, so ties are ties.
    at_most = np.searchsorted(np.sort(chance), found, "right")
    return np.asarray((at_most + 1) / (TRIALS + 1))


def _smallest(tallied: np.ndarray, simulations: int, draws: int) -> np.ndarray:
    """Smallest two-sided probability of the counts of ranks below 1 … draws."""
    counts = tallied.cumsum(axis=1)[:, :-1]
    at = np.arange(1, draws + 1) / (draws + 1)
    lower = bdtr(counts, simulations, at)
    upper = 1 - np.where(counts > 0, bdtr(np.maximum(counts - 1, 0), simulations, at), 0)
    return np.asarray(2 * np.minimum(lower, upper).min(axis=1))


def _dataset(problem: Problem, places: list[_Place | Refusal], draws: int) -> xr.Dataset:
    names = quantities(problem)
    kept = [number for number, one in enumerate(places) if isinstance(one, _Place)]
    refused = {number: str(one) for number, one in enumerate(places) if isinstance(one, Refusal)}
    if not kept:
        raise Refusal(f"every simulation was refused, the first since {refused[0]}")
    done = [one for one in places if isinstance(one, _Place)]
    rank = np.stack([one.rank for one in done], axis=1)
    below = np.stack([one.below for one in done], axis=1)
    low, high = band(len(kept), draws)
    curves = difference(rank, draws)
    outside = ((curves > high + EDGE) | (curves < low - EDGE)).any(axis=1)
    levels = np.array(LEVELS)
    inside = np.abs(below[..., None] - 0.5) < levels / 2
    variables = {
        "rank": (("quantity", "simulation"), rank),
        "below": (("quantity", "simulation"), below),
        "p_value": ("quantity", p_values(rank, draws)),
        "outside": ("quantity", outside),
        "coverage": (("quantity", "level"), inside.mean(axis=1)),
        "spread": ("simulation", np.array([one.spread for one in done])),
    }
    coords = {
        "quantity": list(names),
        "kind": ("quantity", list(names.values())),
        "simulation": kept,
        "level": levels,
    }
    attributes = {
        "title": "Simulation-based calibration",
        "draws": draws,
        "share_outside": float(outside.mean()),
        "refused": len(refused),
        "refusals": "\n".join(f"{number}: {why}" for number, why in refused.items()),
    }
    return xr.Dataset(variables, coords, attributes)

"""Levers under a budget: the mix that makes an outcome least, found by slopes of the model."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.optimize import minimize

from forecast.axes import FIRST_YEAR, REGIONS, WATCHED, WATCHED_BY_REGION
from forecast.model.adaptive import watched
from forecast.model.block import fill
from forecast.model.demand import Innovations, Inputs, demand
from forecast.sampling.draws import Draws
from forecast.sampling.streams import BLOCK
from forecast.simulate.engine import OPTIONS, noise
from forecast.simulate.ensemble import Plan, Progress, block_of, blocks
from forecast.simulate.lanes import lanes
from forecast.simulate.rules import refuse_rules
from forecast.spec.optimisation import Optimisation
from forecast.studies.budget import affordable, alone, cost, cost_slope, spent, starts

FOUND_ON: Final = 2048
"""Draws that the mix is found on. (definition)"""

JUDGED_ON: Final = 8192
"""Most fresh draws that it is judged on. (definition)"""

STEPS: Final = 100
TOLERANCE: Final = 1e-9
"""Most steps of the search, and the relative change of the outcome that ends it. (definition)"""

ROUNDING: Final = 6
"""Decimals of a mix that are told. (definition)"""

NONE, BEST, EVEN, ALONE = "none", "optimum", "even split", "all on "


@dataclass(frozen=True)
class Sample:
    """Draws of inputs and noise, of several chains.

    Attributes
    ----------
    draws : mapping
        Input → `[draw]` or `[draw, label]`.
    noise : mapping
        Stream → `[draw, year]`.
    chain : array
        `[draw]`.
    """

    draws: Draws
    noise: Mapping[str, np.ndarray]
    chain: np.ndarray


def optimise(
    ready: Plan, number: int, asked: Optimisation, *, progress: Progress | None = None
) -> xr.Dataset:
    """Find the mix of levers that does most within a budget, and judge it on fresh draws.

    The mean of the draws, or of their worst, is made least (or most) by sequential quadratic
    programming with exact slopes, from several starts. The draws are the same at every step, so
    the search sees no noise; what it finds is fitted to them, which is why other draws judge it.

    Parameters
    ----------
    ready
        Of a Run, from `plan`.
    number
        Of the scenario, whose levers stand where the file names none.
    asked
    progress
        Told of starts done.

    Returns
    -------
    Dataset
        By `lever`: `value`, `free`, `strongest`, `spent` and `slope` (outcome per unit of cost at
        the optimum); by `choice` (none, optimum, even split, all on one lever): `outcome` on fresh
        draws, `mcse`, its paired `difference` from none with `mcse_difference`, `cost`, and by
        both the `mix`. Scalars `found` and `mcse_found`: the outcome of the optimum on the draws
        that it was found on.

    Raises
    ------
    ValueError
        If the scenario adapts, or the run has too few draws.

    References
    ----------
    Mean of the worst draws: Rockafellar and Uryasev (2000), doi:10.21314/JOR.2000.038; search:
    Kraft (1988), SLSQP, by scipy; fresh draws: Mak, Morton and Wood (1999),
    doi:10.1016/S0167-6377(98)00054-6.
    """
    refuse_rules(ready.scenarios[number], "optima")
    ours, fresh = _samples(ready, number)
    ranges = list(asked.levers.values())
    search = _Search(asked, ready.reference[number], ours)
    mixes = starts(ranges, asked.budget)
    found = []
    for done, start in enumerate(mixes, start=1):
        found.append(search.from_start(start))
        if progress:
            progress(done, len(mixes))
    best = min(found, key=lambda one: search.value(one)[0])
    choices = {NONE: np.zeros(len(ranges)), BEST: best, EVEN: mixes[1]}
    if len(ranges) > 1:
        for place, name in enumerate(asked.levers):
            choices[ALONE + name] = alone(ranges, asked.budget, place)
    judge = _Search(asked, ready.reference[number], fresh)
    return _told(asked, choices, search, judge)


class _Search:
    """The outcome of a mix on given draws, with its slopes; lives for one optimisation."""

    def __init__(self, asked: Optimisation, reference: np.ndarray, sample: Sample) -> None:
        self.asked, self.sample, self.reference = asked, sample, reference
        self.ranges = list(asked.levers.values())
        self.sign = 1.0 if asked.goal == "least" else -1.0
        self.weight = _weight(asked)

    def outcomes(self, mix: np.ndarray) -> np.ndarray:
        """Outcome of every draw, `[draw]`."""
        count = len(self.sample.chain)
        parts = [self._part(mix, slice(*bounds))[0] for bounds in blocks(count)]
        return np.concatenate(parts)

    def value(self, mix: np.ndarray) -> tuple[float, np.ndarray]:
        """Objective, small is good, and its slopes in the mix."""
        count = len(self.sample.chain)
        parts = [self._part(mix, slice(*bounds)) for bounds in blocks(count)]
        values = np.concatenate([one for one, _ in parts])
        slopes = np.concatenate([one for _, one in parts], axis=1)
        worst = self.worst(values)
        return float(self.sign * values[worst].mean()), self.sign * slopes[:, worst].mean(1)

    def worst(self, values: np.ndarray) -> np.ndarray:
        """Draws that the measure is the mean of, by number."""
        if self.asked.measure == "mean":
            return np.arange(len(values))
        count = max(1, round(self.asked.tail * len(values)))
        return np.argsort(self.sign * values, kind="stable")[-count:]

    def from_start(self, start: np.ndarray) -> np.ndarray:
        """Best mix near a start, within the budget."""
        scale = abs(self.value(np.zeros(len(start)))[0]) or 1.0

        def scaled(mix: np.ndarray) -> tuple[float, np.ndarray]:
            value, slope = self.value(np.clip(mix, 0.0, 1.0))
            return value / scale, slope / scale

        budget = self.asked.budget
        limit = {
            "type": "ineq",
            "fun": lambda mix: budget - cost(self.ranges, mix),
            "jac": lambda mix: -cost_slope(self.ranges, mix),
        }
        bounds = [(0.0, 1.0)] * len(start)
        options = {"maxiter": STEPS, "ftol": TOLERANCE}
        done = minimize(
            scaled,
            start,
            jac=True,
            bounds=bounds,
            constraints=[limit],
            method="SLSQP",
            options=options,
        )
        # What the search leaves within rounding of an end is at that end.
        mix = np.clip(np.round(done.x, ROUNDING), 0.0, 1.0)
        return mix if cost(self.ranges, mix) <= budget else affordable(self.ranges, budget, mix)

    def _part(self, mix: np.ndarray, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        count = len(self.sample.chain[rows])
        size = BLOCK if len(self.sample.chain) > BLOCK else count

        def padded(values: np.ndarray) -> Any:
            some = values[rows]
            return np.concatenate([some, np.repeat(some[-1:], size - len(some), 0)]).T

        free = np.array([one.free for one in self.ranges])
        width = np.array([one.strongest for one in self.ranges]) - free
        with jax.enable_x64(True):
            values, slopes = _both(
                jnp.asarray(free + width * mix),
                {name: padded(one) for name, one in self.sample.draws.items()},
                {name: padded(one) for name, one in self.sample.noise.items()},
                jnp.asarray(self.reference),
                jnp.asarray(self.weight),
                jnp.asarray(self.asked.year - FIRST_YEAR),
                levers=tuple(self.asked.levers),
            )
        laid = np.asarray(slopes)[:, :count] * width[:, np.newaxis]
        return np.asarray(values)[:count], laid


@partial(jax.jit, static_argnames=("levers",), compiler_options=OPTIONS)
def _both(
    x: jax.Array,
    draws: dict[str, jax.Array],
    noises: dict[str, jax.Array],
    reference: jax.Array,
    weight: jax.Array,
    year: jax.Array,
    *,
    levers: tuple[str, ...],
) -> tuple[jax.Array, jax.Array]:
    """Outcome of every draw and its slope in each lever, `[draw]` and `[lever, draw]`."""
    innovations = fill(Innovations, noises)

    def outcome(x: jax.Array) -> jax.Array:
        given = draws | {
            name: jnp.broadcast_to(x[place], draws[name].shape) for place, name in enumerate(levers)
        }

        def one(inputs: Inputs, innovations: Innovations) -> Any:
            paths = jax.tree.map(lambda leaf: leaf[year], demand(inputs, innovations, reference))
            return jnp.sum(weight * watched(paths))

        found: jax.Array = lanes(one)(fill(Inputs, given), innovations)
        return found

    def along(tangent: jax.Array) -> tuple[jax.Array, jax.Array]:
        return jax.jvp(outcome, (x,), (tangent,))

    values, slopes = jax.vmap(along, out_axes=(None, 0))(jnp.eye(len(levers)))
    return values, slopes


def _weight(asked: Optimisation) -> np.ndarray:
    names = [f"{one}[]" for one in WATCHED]
    names += [f"{one}[{region}]" for one in WATCHED_BY_REGION for region in REGIONS]
    return np.array([float(one == f"{asked.variable}[{asked.region}]") for one in names])


def _samples(ready: Plan, number: int) -> tuple[Sample, Sample]:
    """Draws to find the mix on, and others to judge it on; failed draws are left out of both."""
    design = ready.design
    each = min(FOUND_ON // design.chains, design.draws // 2)
    last = min(each + JUDGED_ON // design.chains, design.draws)
    if each < 1:
        raise ValueError(f"{design.chains * design.draws} draws are too few: half judge the other")
    return _sample(ready, number, 0, each), _sample(ready, number, each, last)


def _sample(ready: Plan, number: int, first: int, last: int) -> Sample:
    parts, noises, chains = [], [], []
    for chain in range(ready.design.chains):
        for start, stop in blocks(last - first):
            bounds = [chain * ready.design.draws + first + one for one in (start, stop)]
            draws, block = block_of(ready, *bounds)[number]
            index = np.arange(first + start, first + stop)
            of_chain = np.full(len(index), chain)
            drawn = noise(ready.design.seed, ready.scenarios[number].horizon, of_chain, index)
            posterior = ready.posteriors[number]
            if posterior is not None:
                drawn = posterior.noise(drawn, of_chain, index)
            valid = block.status == 0
            parts.append({name: values[valid] for name, values in draws.items()})
            noises.append({name: values[valid] for name, values in drawn.items()})
            chains.append(of_chain[valid])
    joined = {name: np.concatenate([one[name] for one in parts]) for name in parts[0]}
    streams = {name: np.concatenate([one[name] for one in noises]) for name in noises[0]}
    return Sample(joined, streams, np.concatenate(chains))


def _told(
    asked: Optimisation, choices: Mapping[str, np.ndarray], search: _Search, judge: _Search
) -> xr.Dataset:
    ranges = search.ranges
    free = np.array([one.free for one in ranges])
    width = np.array([one.strongest for one in ranges]) - free
    values = {name: judge.outcomes(mix) for name, mix in choices.items()}
    none = values[NONE]
    rows = [_judged(judge, one, none) for one in values.values()]
    best = choices[BEST]
    found, _ = search.value(best)
    slope = judge.value(best)[1] * judge.sign
    price = cost_slope(ranges, best)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_cost = np.where(price > 0, slope / price, np.nan)
    unit, priced = {"units": WATCHED[asked.variable]}, {"units": asked.unit}
    paid = np.array([spent(one, part) for one, part in zip(ranges, best, strict=True)])
    names = ("outcome", "mcse", "difference", "mcse_difference")
    by_choice = dict(zip(names, np.array(rows).T, strict=True))
    return xr.Dataset(
        {
            "value": ("lever", free + width * best),
            "free": ("lever", free),
            "strongest": ("lever", free + width),
            "spent": ("lever", paid, priced),
            "slope": ("lever", per_cost, {"units": f"{unit['units']} per {asked.unit}"}),
            **{name: ("choice", one, unit) for name, one in by_choice.items()},
            "cost": ("choice", [cost(ranges, mix) for mix in choices.values()], priced),
            "mix": (("choice", "lever"), np.stack([free + width * m for m in choices.values()])),
            "found": ((), search.sign * found, unit),
            "mcse_found": ((), _judged(search, search.outcomes(best), none)[1], unit),
        },
        {"lever": list(asked.levers), "choice": list(choices)},
        {
            "title": asked.title,
            "outcome": asked.outcome,
            "measure": asked.measure,
            "goal": asked.goal,
            "tail": asked.tail,
            "budget": asked.budget,
            "unit": asked.unit,
            "found_on": len(search.sample.chain),
            "judged_on": len(judge.sample.chain),
        },
    )


def _judged(judge: _Search, values: np.ndarray, none: np.ndarray) -> tuple[float, ...]:
    """Outcome, its error over chains, and the same of its difference from none.

    The worst draws of each choice are its own; the difference is of draws in pairs, so what they
    share falls out of its error.
    """

    def measured(of: np.ndarray) -> float:
        return float(of[judge.worst(of)].mean())

    chains = [judge.sample.chain == one for one in np.unique(judge.sample.chain)]
    each = np.array([measured(values[one]) for one in chains])
    if len(values) != len(none):
        return measured(values), float(each.std(ddof=1) / np.sqrt(len(chains)))
    apart = np.array([measured(values[one]) - measured(none[one]) for one in chains])
    errors = [float(one.std(ddof=1) / np.sqrt(len(chains))) for one in (each, apart)]
    return measured(values), errors[0], measured(values) - measured(none), errors[1]

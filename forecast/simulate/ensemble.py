"""All draws of all scenarios: blocks, from a pool of threads, into named arrays."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from forecast.request import CHAINS
from forecast.sampling.design import Design
from forecast.sampling.draws import (
    Draws,
    Points,
    Quantiles,
    points,
    prepare_points,
    prepare_quantiles,
    quantiles,
    varying,
)
from forecast.sampling.streams import BLOCK
from forecast.simulate.binding import canonical_units, check_binding
from forecast.simulate.engine import Block, Precision, evaluate, noise, reference_cost
from forecast.simulate.label import Arrays, labelled
from forecast.simulate.posterior import Posterior
from forecast.simulate.rules import Adaptive, Ready, adaptive, prepare_rules, rule_priors
from forecast.simulate.variables import BY_REGION, DEFAULT, Variable, chosen
from forecast.spec.conversion import in_canonical_units
from forecast.spec.dependence import without
from forecast.spec.prior import Prior
from forecast.spec.scenario import Scenario

type Progress = Callable[[int, int], None]
"""Called with blocks done and blocks in all."""


@dataclass(frozen=True)
class Plan:
    """A run made ready: what every block needs.

    Attributes
    ----------
    scenarios : tuple of Scenario
        In canonical units, sharing horizon, design and dependence.
    design : Design
    reference : array
        Cost of an AI service on the reference path, `[scenario, year]`.
    precision : str
    posteriors : tuple of Posterior or None
        Of each scenario, in place of the design; None draws from the prior.
    rules : tuple of Ready or None
        Of each scenario; None for all where none adapts.
    """

    scenarios: tuple[Scenario, ...]
    design: Design
    reference: np.ndarray
    precision: Precision
    points: Points = field(repr=False)
    first: Quantiles = field(repr=False)
    others: tuple[Quantiles, ...] = field(repr=False)
    posteriors: tuple[Posterior | None, ...] = field(repr=False)
    rules: tuple[Ready | None, ...] = field(repr=False)

    def adapted(self, number: int, draws: Draws, laid: Draws) -> Adaptive | None:
        """Rules of a scenario with the values of their levers in some draws."""
        ready = self.rules[number]
        if ready is None:
            return None
        return adaptive(ready, draws, laid, len(next(iter(draws.values()))))


def draws_per_chain(draws: int) -> int:
    """Draws of each chain when at least `draws` are asked in all."""
    return -(-draws // CHAINS)


def plan(
    scenarios: Sequence[Scenario],
    register: Mapping[str, Prior],
    *,
    precision: Precision = "double",
    reference: np.ndarray | None = None,
    posteriors: Sequence[Posterior | None] = (),
) -> Plan:
    """Make a run ready.

    Parameters
    ----------
    scenarios
        At least one; they share horizon, sampling and dependence.
    register
        Shipped priors, for the reference path; those of a vintage where a scenario names one.
    precision
    reference : 1
        The reference path, `[year]` or `[scenario, year]`, if it is known from an earlier run.
    posteriors
        One a scenario; without any, draws are of the priors.

    Returns
    -------
    Plan

    Raises
    ------
    ValueError
        If the scenarios do not share one design, or two have one name.
    InputErrors
        If the priors do not fit the model.
    """
    check_together(scenarios)
    first = scenarios[0]
    canonical = canonical_units()
    ready = tuple(in_canonical_units(one, canonical) for one in scenarios)
    for one in ready:
        check_binding(one.priors)
    sampling = first.sampling
    given = tuple(posteriors) or (None,) * len(ready)
    chains = CHAINS
    for posterior in given:
        chains = max(chains, -(-sampling.draws // posterior.draws) if posterior else 0)
    count = -(-sampling.draws // chains)
    for posterior, scenario in zip(given, ready, strict=True):
        if posterior and (posterior.chains < chains or posterior.draws < count):
            stored = posterior.chains * posterior.draws
            raise ValueError(f"{scenario.name}: {stored:,} draws are stored")
    design = Design(sampling.method, sampling.seed, chains=chains, draws=count)
    if reference is None:
        reference = reference_cost(register, first.horizon, precision=precision)
    # What a posterior holds takes no point of the design, unless a scenario without one needs it.
    held = set.intersection(*(set(p.inputs) if p else set() for p in given))
    base = {name: prior for name, prior in ready[0].priors.items() if name not in held}
    changed = [
        {name: one.priors[name] for name, prior in base.items() if one.priors[name] != prior}
        for one in ready
    ]
    own = [{k: prior for k, prior in one.priors.items() if k not in held} for one in ready]
    moving = varying([*own, *rule_priors(ready)])
    groups = without(first.dependence, set(ready[0].priors) - set(moving))
    return Plan(
        scenarios=ready,
        design=design,
        reference=np.broadcast_to(reference, (len(ready), reference.shape[-1])),
        precision=precision,
        points=prepare_points(moving, design, groups),
        first=prepare_quantiles(base),
        others=tuple(prepare_quantiles(one) for one in changed),
        posteriors=given,
        rules=prepare_rules(ready),
    )


def check_together(scenarios: Sequence[Scenario]) -> None:
    """Check that scenarios can be of one run.

    Parameters
    ----------
    scenarios
        At least one.

    Raises
    ------
    ValueError
        If they do not share one design, or two have one name.
    """
    first = scenarios[0]
    for other in scenarios[1:]:
        for what in ("horizon", "sampling", "dependence"):
            if _laid(other, what) != _laid(first, what):
                raise ValueError(
                    f"scenarios of one run share one design: {what} of {other.name} differs"
                    f" from {first.name}; run them apart, or set it for all with --set"
                )
    names = [one.name for one in scenarios]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"two scenarios of the run are called {twice[0]}; name each once")


def _laid(scenario: Scenario, what: str) -> object:
    # Of dependence only what moves a point: not who said so, and when.
    if what != "dependence":
        return getattr(scenario, what)
    return [(one.name, one.copula, one.df, one.pairs) for one in scenario.dependence]


def pairs(design: Design, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """Chains and indices of a range of draws, chain by chain."""
    flat = np.arange(start, stop)
    return flat // design.draws, flat % design.draws


def block_of(ready: Plan, start: int, stop: int) -> list[tuple[Draws, Block]]:
    """Draws and outputs of a range of draws, for every scenario.

    Parameters
    ----------
    ready
    start, stop
        At most one block of draws.

    Returns
    -------
    list
        Inputs and outputs, a scenario each; the scenarios share points and noise.
    """
    chain, index = pairs(ready.design, start, stop)
    laid = points(ready.points, chain=chain, index=index)
    innovations = noise(ready.design.seed, ready.scenarios[0].horizon, chain, index)
    base = quantiles(ready.first, laid, count=len(chain))
    found = []
    rows = zip(ready.others, ready.posteriors, ready.reference, strict=True)
    for number, (changed, posterior, reference) in enumerate(rows):
        draws = base | quantiles(changed, laid, count=len(chain))
        noisy = innovations
        if posterior is not None:
            draws |= posterior.take(chain, index)
            noisy = posterior.noise(innovations, chain, index)
        rules = ready.adapted(number, draws, laid)
        block = evaluate(draws, noisy, reference, precision=ready.precision, adaptive=rules)
        found.append((draws, block))
    return found


def blocks(total: int) -> list[tuple[int, int]]:
    """Ranges of at most one block that cover all draws."""
    return [(start, min(start + BLOCK, total)) for start in range(0, total, BLOCK)]


def simulate(
    ready: Plan, *, keep: tuple[str, ...] = (), progress: Progress | None = None
) -> xr.DataTree:
    """Run every draw of every scenario.

    Parameters
    ----------
    ready
        From `plan`.
    keep
        Further outputs to keep draw by draw, see `variables.chosen`.
    progress
        Told after each block.

    Returns
    -------
    DataTree
        The Run, with what is summarised by region still in it.
    """
    # What every run has keeps its own scope where it is asked for again.
    variables: dict[str, Variable] = DEFAULT | BY_REGION | chosen(keep) | DEFAULT
    arrays = Arrays.empty(ready.scenarios, ready.design, variables, ready.posteriors)
    ranges = blocks(ready.design.chains * ready.design.draws)

    def one(bounds: tuple[int, int]) -> None:
        for number, (draws, block) in enumerate(block_of(ready, *bounds)):
            arrays.place(slice(*bounds), number, draws, block)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, _ in enumerate(pool.map(one, ranges), start=1):
            if progress:
                progress(done, len(ranges))
    return labelled(
        arrays, ready.scenarios, ready.design, ready.reference, ready.precision, ready.posteriors
    )

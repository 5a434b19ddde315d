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
        Cost of an AI service on the reference path, `[year]`.
    precision : str
    """

    scenarios: tuple[Scenario, ...]
    design: Design
    reference: np.ndarray
    precision: Precision
    points: Points = field(repr=False)
    first: Quantiles = field(repr=False)
    others: tuple[Quantiles, ...] = field(repr=False)


def draws_per_chain(draws: int) -> int:
    """Draws of each chain when at least `draws` are asked in all."""
    return -(-draws // CHAINS)


def plan(
    scenarios: Sequence[Scenario],
    register: Mapping[str, Prior],
    *,
    precision: Precision = "double",
    reference: np.ndarray | None = None,
) -> Plan:
    """Make a run ready.

    Parameters
    ----------
    scenarios
        At least one; they share horizon, sampling and dependence.
    register
        Shipped priors, for the reference path.
    precision
    reference : 1
        The reference path, if it is known from an earlier run.

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
    first = scenarios[0]
    for other in scenarios[1:]:
        for what in ("horizon", "sampling", "dependence"):
            if getattr(other, what) != getattr(first, what):
                raise ValueError(
                    f"scenarios of one run share one design: {what} of {other.name} differs"
                    f" from {first.name}; run them apart, or set it for all with --set"
                )
    names = [one.name for one in scenarios]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"two scenarios of the run are called {twice[0]}; name each once")
    canonical = canonical_units()
    ready = tuple(in_canonical_units(one, canonical) for one in scenarios)
    for one in ready:
        check_binding(one.priors)
    sampling = first.sampling
    design = Design(
        sampling.method, sampling.seed, chains=CHAINS, draws=draws_per_chain(sampling.draws)
    )
    if reference is None:
        reference = reference_cost(register, first.horizon, precision=precision)
    base = ready[0].priors
    changed = [
        {name: prior for name, prior in one.priors.items() if prior != base[name]} for one in ready
    ]
    moving = varying([one.priors for one in ready])
    groups = without(first.dependence, set(base) - set(moving))
    return Plan(
        scenarios=ready,
        design=design,
        reference=reference,
        precision=precision,
        points=prepare_points(moving, design, groups),
        first=prepare_quantiles(base),
        others=tuple(prepare_quantiles(one) for one in changed),
    )


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
    for changed in ready.others:
        draws = base | quantiles(changed, laid, count=len(chain))
        found.append(
            (draws, evaluate(draws, innovations, ready.reference, precision=ready.precision))
        )
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
    arrays = Arrays.empty(ready.scenarios, ready.design, variables)
    ranges = blocks(ready.design.chains * ready.design.draws)

    def one(bounds: tuple[int, int]) -> None:
        for number, (draws, block) in enumerate(block_of(ready, *bounds)):
            arrays.place(slice(*bounds), number, draws, block)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, _ in enumerate(pool.map(one, ranges), start=1):
            if progress:
                progress(done, len(ranges))
    return labelled(arrays, ready.scenarios, ready.design, ready.reference, ready.precision)

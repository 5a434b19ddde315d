"""Slopes of demand in every input at draws of a Run: forward-mode derivatives of the model."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.special import ndtr

from forecast.axes import FIRST_YEAR, LABELS, SEGMENTS
from forecast.model.block import fill
from forecast.model.demand import Innovations, Inputs, demand
from forecast.sampling.draws import Draws, prepare_quantiles, quantiles
from forecast.simulate.binding import input_dims
from forecast.simulate.engine import OPTIONS, noise
from forecast.simulate.ensemble import Plan, Progress, block_of
from forecast.simulate.lanes import lanes
from forecast.simulate.rules import refuse_rules
from forecast.spec.prior import Prior

COUNT: Final = 512
"""Draws at which slopes are taken unless others are asked for. (definition)"""

SCORES: Final = np.linspace(-6.0, 6.0, 1201)
"""Standard normals between which a prior's quantile function is drawn. (1; definition)"""

APART: Final = 1e-9
"""How far shares may be from summing to one. (1; definition)"""


class Column(NamedTuple):
    """One number that an input holds."""

    name: str
    input: str
    place: int | None


def gradients(
    ready: Plan,
    number: int = 0,
    *,
    count: int = COUNT,
    first: int = FIRST_YEAR,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Slope of the demand of every segment and year in every input that varies.

    Parameters
    ----------
    ready
        Of a Run, from `plan`.
    number
        Of the scenario.
    count
        Draws, the first of every chain alike.
    first : yr
        First year.
    progress
        Told after each input.

    Returns
    -------
    Dataset
        `slope` with dims draw, input, segment, year: TWh per unit of the input; the slope of a
        share is that of more of it at the cost of all others alike. `demand` with dims draw,
        segment, year; `value`, `spread` with dims draw, input: the input, and its own slope in the
        standard normal that its prior makes it of.
    """
    design, scenario = ready.design, ready.scenarios[number]
    refuse_rules(scenario, "slopes")
    each = -(-min(count, design.chains * design.draws) // design.chains)
    index = np.tile(np.arange(each), design.chains)
    chain = np.repeat(np.arange(design.chains), each)
    parts = [
        block_of(ready, c * design.draws, c * design.draws + each)[number][0]
        for c in range(design.chains)
    ]
    draws = {name: np.concatenate([one[name] for one in parts]) for name in parts[0]}
    noisy = noise(design.seed, scenario.horizon, chain, index)
    posterior = ready.posteriors[number]
    if posterior is not None:
        noisy = posterior.noise(noisy, chain, index)
    columns = list(_columns(draws))
    slopes = np.empty((len(columns), len(chain), len(SEGMENTS), scenario.horizon + 1 - first))
    reference = ready.reference[number]

    def one(place: int) -> np.ndarray:
        level, slope = _slope(draws, noisy, reference, _tangent(draws, columns[place]))
        slopes[place] = slope[..., first - FIRST_YEAR :]
        return level[..., first - FIRST_YEAR :]

    levels = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for level in pool.map(one, range(len(columns))):
            levels.append(level)
            if progress:
                progress(len(levels), len(columns))
    values = np.stack([_column(draws, column) for column in columns], axis=1)
    spread = np.stack([_spread(scenario.priors, draws, column) for column in columns], axis=1)
    return _named(columns, np.moveaxis(slopes, 0, 1), levels[0], values, spread, first)


@partial(jax.jit, compiler_options=OPTIONS)
def _both(inputs: Inputs, innovations: Innovations, reference: Any, tangent: Inputs) -> Any:
    def one(inputs: Inputs, innovations: Innovations) -> Any:
        return demand(inputs, innovations, reference).demand

    return jax.jvp(lambda it: lanes(one)(it, innovations), (inputs,), (tangent,))


def _slope(
    draws: Draws, noisy: Mapping[str, np.ndarray], reference: np.ndarray, tangent: Draws
) -> tuple[np.ndarray, np.ndarray]:
    """Demand and its slope along a tangent, `[draw, segment, year]`."""
    with jax.enable_x64(True):
        inputs = fill(Inputs, {name: values.T for name, values in draws.items()})
        along = fill(Inputs, {name: values.T for name, values in tangent.items()})
        innovations = fill(Innovations, {name: values.T for name, values in noisy.items()})
        level, slope = _both(inputs, innovations, jnp.asarray(reference), along)
        return np.asarray(level).transpose(2, 1, 0), np.asarray(slope).transpose(2, 1, 0)


def _columns(draws: Draws) -> Iterator[Column]:
    for name, values in draws.items():
        if values.ndim == 1:
            labels: list[tuple[str, int | None]] = [(name, None)]
        else:
            (dim,) = input_dims(name)
            labels = [(f"{name}[{one}]", place) for place, one in enumerate(LABELS[dim])]
        for label, place in labels:
            column = Column(label, name, place)
            taken = _column(draws, column)
            if taken.min() < taken.max():
                yield column


def _column(draws: Draws, column: Column) -> np.ndarray:
    values = draws[column.input]
    return np.asarray(values if column.place is None else values[:, column.place])


def _tangent(draws: Draws, column: Column) -> Draws:
    found = {name: np.zeros_like(values) for name, values in draws.items()}
    if column.place is None:
        found[column.input][:] = 1.0
        return found
    values = draws[column.input]
    found[column.input][:, column.place] = 1.0
    if np.allclose(values.sum(1), 1.0, atol=APART):
        share = values[:, column.place, np.newaxis]
        others = -values / (1.0 - share)
        others[:, column.place] = 1.0
        found[column.input] = others
    return found


def _spread(priors: Mapping[str, Prior], draws: Draws, column: Column) -> np.ndarray:
    """Slope of an input in its own standard normal, at the value of each draw.

    Shares have no normal of their own: the spread of their draws takes its place.
    """
    values, prior = _column(draws, column), priors[column.input]
    if column.place is not None or prior.family in ("fixed", "discrete"):
        return np.full(len(values), values.std())
    at = {column.input: ndtr(SCORES)}
    table = quantiles(prepare_quantiles({column.input: prior}), at, count=len(SCORES))
    laid = table[column.input]
    steep = np.gradient(laid, SCORES)
    rising = np.maximum.accumulate(laid)
    score = np.clip(np.interp(values, rising, SCORES), -6.0, 6.0)
    return np.asarray(np.interp(score, SCORES, steep))


def _named(
    columns: list[Column],
    slopes: np.ndarray,
    level: np.ndarray,
    values: np.ndarray,
    spread: np.ndarray,
    first: int,
) -> xr.Dataset:
    years = np.arange(first, first + slopes.shape[-1])
    told = {"units": "TWh per unit of the input", "long_name": "slope of demand in the input"}
    found = {
        "slope": (("draw", "input", "segment", "year"), slopes, told),
        "demand": (("draw", "segment", "year"), level, {"units": "TWh"}),
        "value": (("draw", "input"), values, {"units": "of the input"}),
        "spread": (
            ("draw", "input"),
            spread,
            {"units": "of the input", "long_name": "its slope in its own standard normal"},
        ),
    }
    labels = {
        "input": [one.name for one in columns],
        "segment": list(SEGMENTS),
        "year": years,
    }
    return xr.Dataset(found, labels)

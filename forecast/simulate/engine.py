"""The compiled model over fixed blocks of draws.

One program of one shape serves every scenario and every range of draws: bits depend on no chunk,
thread, order or selection of outputs. Runs with adaptive policies have a program of their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Final, Literal

import jax
import jax.numpy as jnp
import numpy as np

from forecast.axes import FIRST_YEAR, STATUS, STREAMS
from forecast.model.adaptive import Rules, adaptive_demand
from forecast.model.block import fill, leaves
from forecast.model.demand import Innovations, Inputs, Outputs, demand
from forecast.model.validity import status
from forecast.sampling.draws import prepare_quantiles, quantiles
from forecast.sampling.streams import BLOCK, normals
from forecast.simulate.lanes import lanes
from forecast.simulate.rules import Adaptive
from forecast.spec.prior import Prior

type Precision = Literal["double", "single"]

DTYPES: Final[dict[str, np.dtype[np.floating]]] = {
    "double": np.dtype(np.float64),
    "single": np.dtype(np.float32),
}


OPTIONS: Final[dict[str, str | bool | int]] = {
    "xla_cpu_multi_thread_eigen": False,
    # Sums over a few regions stay inside the loop over draws, which is as wide as it can be.
    "xla_cpu_experimental_ynn_fusion_type": "",
    "xla_cpu_prefer_vector_width": 512,
}
"""How XLA is to compile the model: threads take whole blocks, so none is started inside."""


@partial(jax.jit, compiler_options=OPTIONS)
def _block(inputs: Inputs, innovations: Innovations, reference: jax.Array) -> tuple[Outputs, Any]:
    def one(inputs: Inputs, innovations: Innovations) -> tuple[Outputs, Any]:
        outputs = demand(inputs, innovations, reference)
        return outputs, status(outputs)

    return lanes(one)(inputs, innovations)


@partial(jax.jit, static_argnames=("only",), compiler_options=OPTIONS)
def _some_block(
    inputs: Inputs, innovations: Innovations, reference: jax.Array, *, only: tuple[str, ...]
) -> tuple[dict[str, jax.Array], Any]:
    def one(inputs: Inputs, innovations: Innovations) -> tuple[dict[str, jax.Array], Any]:
        outputs = demand(inputs, innovations, reference)
        every = leaves(outputs)
        return {name: every[name] for name in only}, status(outputs)

    return lanes(one)(inputs, innovations)


@partial(jax.jit, compiler_options=OPTIONS)
def _adaptive_block(
    inputs: Inputs,
    then: tuple[dict[str, jax.Array], ...],
    innovations: Innovations,
    rules: Rules,
    reference: jax.Array,
) -> tuple[Outputs, Any, Any]:
    def one(
        inputs: Inputs, then: tuple[dict[str, jax.Array], ...], innovations: Innovations
    ) -> tuple[Outputs, Any, Any]:
        outputs, since = adaptive_demand(inputs, then, rules, innovations, reference)
        return outputs, status(outputs), since

    return lanes(one)(inputs, then, innovations)


@dataclass(frozen=True)
class Block:
    """Outputs of some draws.

    Attributes
    ----------
    leaves : mapping
        Dotted output → `[year, draw, …]`.
    status : array
        `[draw]`, index into `axes.STATUS`.
    since : array, optional
        `[rule, draw]`, yr: when the condition of each rule first held, infinite where it never
        did; None for a run without rules.
    """

    leaves: Mapping[str, np.ndarray]
    status: np.ndarray
    since: np.ndarray | None = None


def years_to(horizon: int) -> range:
    """Calendar years of every trajectory."""
    return range(FIRST_YEAR, horizon + 1)


def evaluate(
    draws: Mapping[str, np.ndarray | jax.Array],
    innovations: Mapping[str, np.ndarray | jax.Array],
    reference: np.ndarray,
    *,
    precision: Precision = "double",
    adaptive: Adaptive | None = None,
    only: tuple[str, ...] = (),
) -> Block:
    """Run the model for at most one block of draws.

    Parameters
    ----------
    draws : canonical units
        Input → `[draw]` or `[draw, label]`, at most 2,048 draws; or what `laid` made of it.
    innovations : 1
        Stream → `[draw, year]`, likewise.
    reference : 1
        Cost of an AI service over 2023 on the reference path, `[year]`.
    precision
    adaptive
        Rules, with the values of their levers in these draws. Scenarios of one run all have some
        or all have none: the program with rules is another one, which rounds otherwise.
    only
        Outputs that are wanted; all if none is named. For studies of many runs: what is not
        computed is not written either, and the program is another one, which rounds otherwise.

    Returns
    -------
    Block
        Of as many draws as were given; what the block has beyond them is padding and cut.
    """
    first = next(iter(innovations.values()))
    count = BLOCK if isinstance(first, jax.Array) else len(first)
    dtype = DTYPES[precision]

    def batch(values: Mapping[str, np.ndarray | jax.Array]) -> dict[str, Any]:
        return {
            name: one if isinstance(one, jax.Array) else _padded(one, dtype)
            for name, one in values.items()
        }

    given, innovated = batch(draws), batch(innovations)
    then = tuple(batch(one) for one in adaptive.then) if adaptive else ()
    broken = _not_finite(chain(*(one.values() for one in (given, innovated, *then))))
    inputs, noise = fill(Inputs, given), fill(Innovations, innovated)
    with jax.enable_x64(precision == "double"):
        path = jnp.asarray(reference, dtype)
        since = None
        if adaptive is None and only:
            some, reasons = _some_block(inputs, noise, path, only=only)
        elif adaptive is None:
            outputs, reasons = _block(inputs, noise, path)
            some = leaves(outputs)
        else:
            rules = Rules(**{k: jnp.asarray(one, dtype) for k, one in adaptive.rules.items()})
            outputs, reasons, held = _adaptive_block(inputs, then, noise, rules, path)
            since = np.asarray(held, np.float64)[..., :count]
            some = leaves(outputs)
        found = {
            name: np.moveaxis(np.asarray(leaf)[..., :count], -1, 1) for name, leaf in some.items()
        }
        told = np.where(broken, STATUS.index("not_finite"), np.asarray(reasons))
        return Block(found, told[:count].astype(np.int8), since)


def _padded(values: np.ndarray, dtype: np.dtype[np.floating]) -> np.ndarray:
    """A block with the draws last; the last draw is repeated where there are too few."""
    values = np.asarray(values, dtype)
    if len(values) == BLOCK:
        return values.T
    return np.concatenate([values, np.repeat(values[-1:], BLOCK - len(values), 0)]).T


def _not_finite(arrays: Iterable[np.ndarray | jax.Array]) -> np.ndarray:
    """Draws with an input that is no number: a limit or a maximum in the model may hide it."""
    broken = np.zeros(BLOCK, bool)
    for one in arrays:
        values = np.asarray(one)
        # A sum is one pass over a row that is nearly always whole.
        with np.errstate(all="ignore"):
            whole = np.isfinite(values.sum())
        if not whole:
            broken |= ~np.isfinite(values).reshape(-1, BLOCK).all(0)
    return broken


def laid(values: np.ndarray, precision: Precision = "double") -> jax.Array:
    """One input of a block, handed over once for many calls of `evaluate`.

    Parameters
    ----------
    values : canonical units
        `[draw]` or `[draw, label]`, at most 2,048 draws.
    precision

    Returns
    -------
    Canonical units
        `[draw]` or `[label, draw]`, padded to a block.
    """
    with jax.enable_x64(precision == "double"):
        return jnp.asarray(_padded(values, DTYPES[precision]))


def noise(seed: int, horizon: int, chain: np.ndarray, index: np.ndarray) -> dict[str, np.ndarray]:
    """Innovations of every stream of year-to-year noise.

    Parameters
    ----------
    seed
    horizon : yr
    chain, index
        Which randomisation and which draw in it.

    Returns
    -------
    1
        Stream → `[draw, year]`.
    """
    years = years_to(horizon)
    return {
        name: normals(seed, f"noise.{name}", chain=chain, index=index, years=years)
        for name in STREAMS
    }


def reference_cost(
    priors: Mapping[str, Prior], horizon: int, *, precision: Precision = "double"
) -> np.ndarray:
    """Cost of an AI service over 2023 at the p50 of every input, for the rebound.

    Parameters
    ----------
    priors
        The shipped register: worlds and policies deviate from this path.
    horizon : yr
    precision

    Returns
    -------
    1
        `[year]`.
    """
    halves = {
        name: np.full((1, len(prior.columns)) if len(prior.columns) > 1 else (1,), 0.5)
        for name, prior in priors.items()
    }
    middle = quantiles(prepare_quantiles(priors), halves, count=1)
    years = len(years_to(horizon))
    quiet = {name: np.zeros((1, years)) for name in STREAMS}
    block = evaluate(middle, quiet, np.ones(years), precision=precision)
    return np.asarray(block.leaves["inference.cost"][:, 0], np.float64)

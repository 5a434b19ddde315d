"""A calibration made ready: latent space, evidence, and the compiled model between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_batching import custom_vmap
from jaxtyping import Array, Float

from forecast.calibration.latent import Latent, innovations_of, inputs_of
from forecast.calibration.observables import Evidence, Quantity, log_values
from forecast.model.block import fill
from forecast.model.demand import Innovations, Inputs, demand
from forecast.simulate.lanes import lanes

type Observe = Callable[[Float[Array, " latent"]], Float[Array, " quantity"]]


@dataclass(frozen=True)
class Problem:
    """What is calibrated.

    Attributes
    ----------
    space : Latent
    data : Evidence
    extra : tuple of Quantity
        Quantities beside the observations: those that a target or a belief is about.
    reference : array
        Cost of an AI service on the reference path, `[year]`.
    """

    space: Latent
    data: Evidence
    extra: tuple[Quantity, ...]
    reference: np.ndarray

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Everything that is observed of a latent point: observations, then the extra ones."""
        return (*self.data.quantities, *self.extra)


def observe(problem: Problem) -> Observe:
    """Make the function from one latent point to the logarithms of the problem's quantities.

    Parameters
    ----------
    problem

    Returns
    -------
    callable
        A point whose draw fails gives NaN.
    """
    reference = problem.reference[: problem.space.years]

    def one(z: Float[Array, " latent"]) -> Float[Array, " quantity"]:
        inputs = fill(Inputs, inputs_of(problem.space, z))
        noise = fill(Innovations, innovations_of(problem.space, z))
        outputs = demand(inputs, noise, jnp.asarray(reference))
        values = log_values(outputs, problem.quantities)
        # Of the reasons to fail only those that sums can show: regions and emissions, which no
        # quantity here needs, are then not computed at all.
        possible = (outputs.totals.total <= outputs.electricity.world).all()
        return jnp.where(possible, values, jnp.nan)

    return one


def along_lanes(function: Observe, count: int) -> Observe:
    """Map a function of one latent point so that `jax.vmap` of it runs along lanes.

    Parameters
    ----------
    function
    count
        Quantities that it gives.

    Returns
    -------
    callable
        The same under `jax.vmap`, at half of what that alone would make of it; it is for nothing
        else. A point alone is only asked for its shape: NaN, so that the model, whose tracing is
        most of what a warm calibration waits for, is not traced for that as well.
    """

    @custom_vmap
    def mapped(z: Float[Array, " latent"]) -> Float[Array, " quantity"]:
        return jnp.full(count, jnp.nan, z.dtype)

    @mapped.def_vmap
    def _rule(
        size: int, batched: Sequence[bool], z: Float[Array, "draw latent"]
    ) -> tuple[Any, bool]:
        del size, batched
        return lanes(function)(z.T).T, True

    return mapped


def observe_block(problem: Problem) -> Callable[[np.ndarray], np.ndarray]:
    """Compile `observe` over a block of latent points, `[draw, latent]` → `[draw, quantity]`."""
    compiled = jax.jit(jax.vmap(along_lanes(observe(problem), len(problem.quantities))))

    def call(z: np.ndarray) -> np.ndarray:
        with jax.enable_x64(True):
            return np.asarray(compiled(jnp.asarray(z)))

    return call

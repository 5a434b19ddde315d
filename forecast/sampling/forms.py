"""What every form of distribution offers, and the two simplest.

A *form* is a small frozen record of numbers (a pytree) with its functions. Many families share a
form: a lognormal and a normal given by quantiles are one two-piece normal. Forms are few because
each is a compiled program; their numbers are arguments of it, never constants.
"""

from typing import NamedTuple, Protocol, cast

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

type Values = Float[Array, "..."]

LOG_ROOT_TAU = 0.9189385332046727
"""log(sqrt(2 pi)), the normaliser of the standard normal density."""


def held(numbers: float | list[float] | np.ndarray) -> Float[Array, "..."]:
    """Numbers of a form, in NumPy until forms are stacked: building one moves nothing to JAX."""
    return cast(Array, np.asarray(numbers, np.float64))


class Form(Protocol):
    """A distribution on the real line, or on the simplex for shares.

    All functions work elementwise in float64 (the caller holds `jax.enable_x64(True)`), can be
    compiled and differentiated, and take u from the open unit interval.
    """

    def quantile(self, u: Values) -> Values:
        """Smallest x whose distribution function reaches u; in the unit of the input."""
        ...

    def distribution(self, x: Values) -> Values:
        """Probability of a value up to x."""
        ...

    def survival(self, x: Values) -> Values:
        """Probability of a value above x, exact in the upper tail."""
        ...

    def log_density(self, x: Values) -> Values:
        """Logarithm of the density, or of the mass where values are discrete; -inf outside."""
        ...


class Fixed(NamedTuple):
    """One value, certain."""

    value: Float[Array, ""]

    def quantile(self, u: Values) -> Values:
        """See `Form`."""
        return jnp.full_like(u, self.value)

    def distribution(self, x: Values) -> Values:
        """See `Form`."""
        return jnp.where(x >= self.value, 1.0, 0.0)

    def survival(self, x: Values) -> Values:
        """See `Form`."""
        return 1 - self.distribution(x)

    def log_density(self, x: Values) -> Values:
        """See `Form`."""
        return jnp.where(x == self.value, 0.0, -jnp.inf)


class Discrete(NamedTuple):
    """Some values, ascending, each with its share; the tail padded by the last value."""

    values: Float[Array, " value"]
    cumulative: Float[Array, " value"]
    """Shares added up; the last is 1, and so is the padding."""

    def quantile(self, u: Values) -> Values:
        """See `Form`."""
        return jnp.asarray(self.values)[(u[..., None] > self.cumulative).sum(-1)]

    def distribution(self, x: Values) -> Values:
        """See `Form`."""
        return jnp.where(x[..., None] >= self.values, self._shares, 0.0).sum(-1)

    def survival(self, x: Values) -> Values:
        """See `Form`."""
        return jnp.where(x[..., None] < self.values, self._shares, 0.0).sum(-1)

    def log_density(self, x: Values) -> Values:
        """See `Form`."""
        mass = jnp.where(x[..., None] == self.values, self._shares, 0.0).sum(-1)
        return jnp.where(mass > 0, jnp.log(jnp.where(mass > 0, mass, 1.0)), -jnp.inf)

    @property
    def _shares(self) -> Float[Array, " value"]:
        return jnp.diff(self.cumulative, prepend=0.0)

"""Densities made of straight lines, on the scale of the input or of its logarithm."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.sampling.forms import Values


class Uniform(NamedTuple):
    """The same density everywhere between two ends."""

    low: Float[Array, ""]
    high: Float[Array, ""]

    def quantile(self, u: Values) -> Values:
        """See `Form`."""
        return self.low * (1 - u) + self.high * u

    def distribution(self, x: Values) -> Values:
        """See `Form`."""
        return jnp.clip((x - self.low) / (self.high - self.low), 0, 1)

    def survival(self, x: Values) -> Values:
        """See `Form`."""
        return jnp.clip((self.high - x) / (self.high - self.low), 0, 1)

    def log_density(self, x: Values) -> Values:
        """See `Form`."""
        inside = (x >= self.low) & (x <= self.high)
        return jnp.where(inside, -jnp.log(self.high - self.low), -jnp.inf)


class LogUniform(NamedTuple):
    """The same density of the logarithm everywhere between two positive ends."""

    low: Float[Array, ""]
    high: Float[Array, ""]

    def _width(self) -> Values:
        return jnp.log(self.high) - jnp.log(self.low)

    def _inside(self, x: Values) -> Values:
        return jnp.clip(x, self.low, self.high)

    def quantile(self, u: Values) -> Values:
        """See `Form`."""
        value = jnp.exp(jnp.log(self.low) * (1 - u) + jnp.log(self.high) * u)
        return self._inside(value)  # rounding alone can leave the support

    def distribution(self, x: Values) -> Values:
        """See `Form`."""
        return jnp.log(self._inside(x) / self.low) / self._width()

    def survival(self, x: Values) -> Values:
        """See `Form`."""
        return jnp.log(self.high / self._inside(x)) / self._width()

    def log_density(self, x: Values) -> Values:
        """See `Form`."""
        inside = (x >= self.low) & (x <= self.high)
        return jnp.where(inside, -jnp.log(self._inside(x)) - jnp.log(self._width()), -jnp.inf)


class Triangular(NamedTuple):
    """A straight rise from low to mode and a straight fall to high."""

    low: Float[Array, ""]
    mode: Float[Array, ""]
    high: Float[Array, ""]

    def quantile(self, u: Values) -> Values:
        """See `Form`."""
        width = self.high - self.low
        rise = self.low + _root(u * width * (self.mode - self.low))
        fall = self.high - _root((1 - u) * width * (self.high - self.mode))
        return jnp.where(u * width < self.mode - self.low, rise, fall)

    def distribution(self, x: Values) -> Values:
        """See `Form`."""
        x = jnp.clip(x, self.low, self.high)
        return jnp.where(x < self.mode, self._below(x), 1 - self._above(x))

    def survival(self, x: Values) -> Values:
        """See `Form`."""
        x = jnp.clip(x, self.low, self.high)
        return jnp.where(x < self.mode, 1 - self._below(x), self._above(x))

    def log_density(self, x: Values) -> Values:
        """See `Form`."""
        rising = (x - self.low) / _positive(self.mode - self.low)
        falling = (self.high - x) / _positive(self.high - self.mode)
        height = jnp.where(x < self.mode, rising, falling)
        # The peak belongs to both lines; at an end one of them has no width.
        height = jnp.where(x == self.mode, 1.0, height)
        inside = (x >= self.low) & (x <= self.high) & (height > 0)
        peak = jnp.log(2 / (self.high - self.low))
        return jnp.where(inside, peak + jnp.log(_positive(height)), -jnp.inf)

    def _below(self, x: Values) -> Values:
        area = (self.high - self.low) * _positive(self.mode - self.low)
        return (x - self.low) ** 2 / area

    def _above(self, x: Values) -> Values:
        area = (self.high - self.low) * _positive(self.high - self.mode)
        return (self.high - x) ** 2 / area


def _root(x: Values) -> Values:
    # The square root with a finite slope where it is not used.
    return jnp.where(x > 0, jnp.sqrt(_positive(x)), 0.0)


def _positive(x: Values) -> Values:
    return jnp.where(x > 0, x, 1.0)

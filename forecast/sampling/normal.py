"""The two-piece normal after a transform, and the truncated normal."""

from typing import NamedTuple, Protocol

import jax
import jax.numpy as jnp
from jax.scipy.special import ndtr
from jaxtyping import Array, Float

from forecast.sampling.forms import LOG_ROOT_TAU, Values
from forecast.sampling.score import normal_score


class Transform(Protocol):
    """An increasing map from the support of an input to the real line."""

    def to_line(self, x: Values) -> Values:
        """From the support to the line; outside it to the infinity on that side."""
        ...

    def from_line(self, y: Values) -> Values:
        """From the line to the support."""
        ...

    def log_slope(self, x: Values) -> Values:
        """Logarithm of the derivative of `to_line`, inside the support."""
        ...


class Identity(NamedTuple):
    """No bounds."""

    def to_line(self, x: Values) -> Values:
        """See `Transform`."""
        return x

    def from_line(self, y: Values) -> Values:
        """See `Transform`."""
        return y

    def log_slope(self, x: Values) -> Values:
        """See `Transform`."""
        return jnp.zeros_like(x)


class LogAbove(NamedTuple):
    """Logarithm of the distance above a lower bound."""

    lower: Float[Array, ""]

    def to_line(self, x: Values) -> Values:
        """See `Transform`."""
        inside = x > self.lower
        return jnp.where(inside, jnp.log(jnp.where(inside, x - self.lower, 1.0)), -jnp.inf)

    def from_line(self, y: Values) -> Values:
        """See `Transform`."""
        return self.lower + jnp.exp(y)

    def log_slope(self, x: Values) -> Values:
        """See `Transform`."""
        return -jnp.log(x - self.lower)


class LogBelow(NamedTuple):
    """Minus the logarithm of the distance below an upper bound."""

    upper: Float[Array, ""]

    def to_line(self, x: Values) -> Values:
        """See `Transform`."""
        inside = x < self.upper
        return jnp.where(inside, -jnp.log(jnp.where(inside, self.upper - x, 1.0)), jnp.inf)

    def from_line(self, y: Values) -> Values:
        """See `Transform`."""
        return self.upper - jnp.exp(-y)

    def log_slope(self, x: Values) -> Values:
        """See `Transform`."""
        return -jnp.log(self.upper - x)


class Logit(NamedTuple):
    """Logarithm of the distance above a lower over the distance below an upper bound."""

    lower: Float[Array, ""]
    upper: Float[Array, ""]

    def to_line(self, x: Values) -> Values:
        """See `Transform`."""
        inside = (x > self.lower) & (x < self.upper)
        safe = jnp.where(inside, x, (self.lower + self.upper) / 2)
        logit = jnp.log(safe - self.lower) - jnp.log(self.upper - safe)
        return jnp.where(inside, logit, jnp.where(x <= self.lower, -jnp.inf, jnp.inf))

    def from_line(self, y: Values) -> Values:
        """See `Transform`."""
        # Each half from its own bound, so that neither tail is rounded to it.
        share = (self.upper - self.lower) * jax.nn.sigmoid(-jnp.abs(y))
        return jnp.where(y < 0, self.lower + share, self.upper - share)

    def log_slope(self, x: Values) -> Values:
        """See `Transform`."""
        width = jnp.log(self.upper - self.lower)
        return width - jnp.log(x - self.lower) - jnp.log(self.upper - x)


class TwoPiece(NamedTuple):
    """Normal on the transformed line, with a spread of its own on each side of the median.

    References
    ----------
    Wallis (2014), doi:10.1214/13-STS417, here with half of the mass on each side, so that the
    point where the pieces meet is the median and not the mode.
    """

    transform: Transform
    centre: Float[Array, ""]
    spread_below: Float[Array, ""]
    spread_above: Float[Array, ""]

    def _score(self, y: Values) -> Values:
        spread = jnp.where(y < self.centre, self.spread_below, self.spread_above)
        return (y - self.centre) / spread

    def quantile(self, u: Values) -> Values:
        """See `Form`."""
        z = normal_score(u)
        spread = jnp.where(z < 0, self.spread_below, self.spread_above)
        return self.transform.from_line(self.centre + spread * z)

    def distribution(self, x: Values) -> Values:
        """See `Form`."""
        return ndtr(self._score(self.transform.to_line(x)))

    def survival(self, x: Values) -> Values:
        """See `Form`."""
        return ndtr(-self._score(self.transform.to_line(x)))

    def log_density(self, x: Values) -> Values:
        """See `Form`."""
        y = self.transform.to_line(x)
        inside = jnp.isfinite(y)
        # Outside, values are computed at the median and thrown away: no NaN enters a gradient.
        y = jnp.where(inside, y, self.centre)
        x = jnp.where(inside, x, self.transform.from_line(self.centre))
        spread = jnp.where(y < self.centre, self.spread_below, self.spread_above)
        height = -0.5 * self._score(y) ** 2 - jnp.log(spread) - LOG_ROOT_TAU
        return jnp.where(inside, height + self.transform.log_slope(x), -jnp.inf)


class TruncatedNormal(NamedTuple):
    """Normal cut at two ends, either of which may be infinite, and scaled up again."""

    mean: Float[Array, ""]
    sd: Float[Array, ""]
    low: Float[Array, ""]
    high: Float[Array, ""]

    def _ends(self) -> tuple[Values, Values]:
        return (self.low - self.mean) / self.sd, (self.high - self.mean) / self.sd

    def _mass(self, first: Values, last: Values) -> Values:
        # Probability between two scores, from the tail that they lie in: nothing cancels.
        below = first + last < 0
        return jnp.where(below, ndtr(last) - ndtr(first), ndtr(-first) - ndtr(-last))

    def quantile(self, u: Values) -> Values:
        """See `Form`."""
        first, last = self._ends()
        # Both tails as means of their ends, which is exact, where 1 - p would not be.
        below = ndtr(first) * (1 - u) + ndtr(last) * u
        above = ndtr(-first) * (1 - u) + ndtr(-last) * u
        z = jnp.where(below < above, 1.0, -1.0) * normal_score(jnp.minimum(below, above))
        # Rounding alone can leave the support.
        return jnp.clip(self.mean + self.sd * z, self.low, self.high)

    def distribution(self, x: Values) -> Values:
        """See `Form`."""
        first, last = self._ends()
        z = (jnp.clip(x, self.low, self.high) - self.mean) / self.sd
        return self._mass(first, z) / self._mass(first, last)

    def survival(self, x: Values) -> Values:
        """See `Form`."""
        first, last = self._ends()
        z = (jnp.clip(x, self.low, self.high) - self.mean) / self.sd
        return self._mass(z, last) / self._mass(first, last)

    def log_density(self, x: Values) -> Values:
        """See `Form`."""
        first, last = self._ends()
        height = -0.5 * ((x - self.mean) / self.sd) ** 2 - LOG_ROOT_TAU
        inside = (x >= self.low) & (x <= self.high)
        return jnp.where(inside, height - jnp.log(self.sd * self._mass(first, last)), -jnp.inf)

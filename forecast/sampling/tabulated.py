"""Families without a closed quantile function: beta, gamma and Student's t, from tables.

The smooth scales are logit, logarithm and inverse hyperbolic sine. So the error of a quantile is
below 1e-8 (`table.ERROR`) times x for gamma, times the distance to the nearer end for beta, and
times the larger of |x - centre| and the scale for Student's t; shapes between 0.1 and 10^5 and
degrees of freedom from 1 keep to 2e-10. Distribution function and density need no table.
"""

from types import ModuleType
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import betainc, gammainc, gammaincc
from jaxtyping import Array, Float

from forecast.sampling.forms import LOG_ROOT_TAU, Values, held
from forecast.sampling.table import Nodes, Table, tabulated


class Beta(NamedTuple):
    """Beta distribution between two ends."""

    table: Table
    alpha: Float[Array, ""]
    beta: Float[Array, ""]
    log_area: Float[Array, ""]
    low: Float[Array, ""]
    high: Float[Array, ""]

    def quantile(self, u: Values) -> Values:
        """See `Form`."""
        y = self.table(u)
        share = (self.high - self.low) * jax.nn.sigmoid(-jnp.abs(y))
        return jnp.where(y < 0, self.low + share, self.high - share)

    def _shares(self, x: Values) -> tuple[Values, Values]:
        width = self.high - self.low
        return jnp.clip((x - self.low) / width, 0, 1), jnp.clip((self.high - x) / width, 0, 1)

    def distribution(self, x: Values) -> Values:
        """See `Form`."""
        return _betainc(self.alpha, self.beta, self._shares(x)[0])

    def survival(self, x: Values) -> Values:
        """See `Form`."""
        return _betainc(self.beta, self.alpha, self._shares(x)[1])

    def log_density(self, x: Values) -> Values:
        """See `Form`."""
        below, above = self._shares(x)
        inside = (below > 0) & (above > 0)
        below, above = jnp.where(inside, below, 0.5), jnp.where(inside, above, 0.5)
        height = (self.alpha - 1) * jnp.log(below) + (self.beta - 1) * jnp.log(above)
        scale = self.log_area + jnp.log(self.high - self.low)
        return jnp.where(inside, height - scale, -jnp.inf)


def beta(alpha: float, beta: float, *, low: float, high: float) -> Beta:
    """Beta distribution, tabulated as logit over normal score."""
    special = _special()
    log_area = float(special.betaln(alpha, beta))

    def nodes(z: np.ndarray) -> Nodes:
        below, above = special.ndtr(z), special.ndtr(-z)
        # Each end of the share from the smaller of the two tails.
        inner = special.betaincinv(alpha, beta, below), special.betainccinv(alpha, beta, above)
        outer = special.betainccinv(beta, alpha, below), special.betaincinv(beta, alpha, above)
        share, rest = np.where(z < 0, inner[0], inner[1]), np.where(z < 0, outer[0], outer[1])
        logs = np.log(share), np.log(rest)
        density = alpha * logs[0] + beta * logs[1] - log_area
        return _nodes(z, logs[0] - logs[1], density, alpha * rest - beta * share)

    return Beta(tabulated(nodes), *_floats(alpha, beta, log_area, low, high))


class Gamma(NamedTuple):
    """Gamma distribution from zero on."""

    table: Table
    shape: Float[Array, ""]
    scale: Float[Array, ""]
    log_area: Float[Array, ""]

    def quantile(self, u: Values) -> Values:
        """See `Form`."""
        return self.scale * jnp.exp(self.table(u))

    def distribution(self, x: Values) -> Values:
        """See `Form`."""
        return gammainc(self.shape, jnp.maximum(x, 0) / self.scale)

    def survival(self, x: Values) -> Values:
        """See `Form`."""
        return gammaincc(self.shape, jnp.maximum(x, 0) / self.scale)

    def log_density(self, x: Values) -> Values:
        """See `Form`."""
        inside = x > 0
        units = jnp.where(inside, x, self.scale) / self.scale
        height = (self.shape - 1) * jnp.log(units) - units - self.log_area
        return jnp.where(inside, height - jnp.log(self.scale), -jnp.inf)


def gamma(shape: float, scale: float) -> Gamma:
    """Gamma distribution, tabulated as logarithm over normal score."""
    special = _special()
    log_area = float(special.gammaln(shape))

    def nodes(z: np.ndarray) -> Nodes:
        below = special.gammaincinv(shape, special.ndtr(z))
        above = special.gammainccinv(shape, special.ndtr(-z))
        units = np.where(z < 0, below, above)
        y = np.log(units)
        return _nodes(z, y, shape * y - units - log_area, shape - units)

    return Gamma(tabulated(nodes), *_floats(shape, scale, log_area))


class StudentT(NamedTuple):
    """Student's t distribution, moved and stretched."""

    table: Table
    df: Float[Array, ""]
    centre: Float[Array, ""]
    scale: Float[Array, ""]
    log_area: Float[Array, ""]

    def quantile(self, u: Values) -> Values:
        """See `Form`."""
        return self.centre + self.scale * jnp.sinh(self.table(u))

    def distribution(self, x: Values) -> Values:
        """See `Form`."""
        return student_distribution(self.df, (x - self.centre) / self.scale)

    def survival(self, x: Values) -> Values:
        """See `Form`."""
        return student_distribution(self.df, (self.centre - x) / self.scale)

    def log_density(self, x: Values) -> Values:
        """See `Form`."""
        t = (x - self.centre) / self.scale
        height = -(self.df + 1) / 2 * jnp.log1p(t**2 / self.df)
        return height - self.log_area - jnp.log(self.scale)


def student_t(df: float, *, centre: float, scale: float) -> StudentT:
    """Student's t distribution, tabulated as inverse hyperbolic sine over normal score."""
    special = _special()
    log_area = float(special.betaln(df / 2, 0.5) + 0.5 * np.log(df))

    def nodes(z: np.ndarray) -> Nodes:
        t = np.sign(-z) * special.stdtrit(df, special.ndtr(-np.abs(z)))
        root = np.sqrt(1 + t**2)
        density = -(df + 1) / 2 * np.log1p(t**2 / df) - log_area + np.log(root)
        bend = t / root - (df + 1) * t * root / (df + t**2)
        return _nodes(z, np.arcsinh(t), density, bend)

    return StudentT(tabulated(nodes), *_floats(df, centre, scale, log_area))


def student_distribution(df: Values, t: Values) -> Values:
    """Distribution function of the standard Student's t."""
    tail = 0.5 * _betainc(df / 2, jnp.full_like(df, 0.5), df / (df + t**2))
    return jnp.where(t < 0, tail, 1 - tail)


def _nodes(z: np.ndarray, y: np.ndarray, log_density: np.ndarray, bend: np.ndarray) -> Nodes:
    # dy/dz is the normal density over the density of y; `bend` is d log density / dy.
    slope = np.exp(-0.5 * z**2 - LOG_ROOT_TAU - log_density)
    return y, slope, slope * (-z - bend * slope)


def _special() -> ModuleType:
    # The one place that needs SciPy, so that a run without such a family does not load it.
    from scipy import special

    return special  # type: ignore[no-any-return]


def _floats(*values: float) -> tuple[Array, ...]:
    return tuple(held(value) for value in values)


def _betainc(a: Values, b: Values, x: Values) -> Values:
    # One value at a time: JAX iterates an array until its slowest value has converged and moves
    # the others on, so that a value would depend on its neighbours.
    value: Values = jnp.vectorize(betainc)(a, b, x)
    return value

"""Shares of a whole: the logistic-normal distribution on the simplex."""

from typing import NamedTuple

import jax.numpy as jnp
from jax.scipy.special import ndtr
from jaxtyping import Array, Float

from forecast.sampling.forms import LOG_ROOT_TAU
from forecast.sampling.score import normal_score


class LogisticNormal(NamedTuple):
    """Shares whose log ratios to the last one are independent normals.

    References
    ----------
    Aitchison and Shen (1980), doi:10.1093/biomet/67.2.261
    """

    centre: Float[Array, " ratio"]
    """Medians of the log ratios."""
    spread: Float[Array, " ratio"]

    def quantile(self, u: Float[Array, "ratio ..."]) -> Float[Array, "share ..."]:
        """Shares from a point of the unit cube; they sum to one.

        Parameters
        ----------
        u : 1
            A row for each share but the last.

        Returns
        -------
        1
        """
        logs = _column(self.centre, u) + _column(self.spread, u) * normal_score(u)
        logs = jnp.concatenate([logs, jnp.zeros_like(logs[:1])])
        weights = jnp.exp(logs - logs.max(0))
        return weights / weights.sum(0)

    def distribution(self, x: Float[Array, "share ..."]) -> Float[Array, "ratio ..."]:
        """Point of the unit cube that gives these shares: the inverse of `quantile`."""
        return ndtr(self._scores(x))

    def survival(self, x: Float[Array, "share ..."]) -> Float[Array, "ratio ..."]:
        """Distance of that point from one."""
        return ndtr(-self._scores(x))

    def log_density(self, x: Float[Array, "share ..."]) -> Float[Array, "..."]:
        """Logarithm of the density over all shares but the last; -inf off the open simplex."""
        inside = jnp.all(x > 0, 0)
        safe = jnp.where(inside, x, 1 / len(x))
        scale = jnp.log(self.spread).sum() + len(self.spread) * LOG_ROOT_TAU
        height = -0.5 * (self._scores(safe) ** 2).sum(0) - scale - jnp.log(safe).sum(0)
        return jnp.where(inside, height, -jnp.inf)

    def _scores(self, x: Float[Array, "share ..."]) -> Float[Array, "ratio ..."]:
        ratios = jnp.log(x[:-1]) - jnp.log(x[-1])
        return (ratios - _column(self.centre, ratios)) / _column(self.spread, ratios)


def _column(values: Float[Array, " ratio"], like: Array) -> Float[Array, "ratio ..."]:
    return values.reshape(-1, *(1 for _ in like.shape[1:]))

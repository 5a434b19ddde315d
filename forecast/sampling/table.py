"""A quantile function that SciPy has and JAX has not, tabulated over the normal score.

The table is built once on the host as a function of z = ndtri(u), on a scale where it is smooth.
Between the nodes stands the quintic through value, slope and curvature, all three exact.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from forecast.sampling.forms import Values, held
from forecast.sampling.score import normal_score

REACH = 8.5
"""The table covers normal scores within ±8.5, all that a 53-bit u can give."""

INTERVALS = 512

ERROR = 1e-8
"""Largest error of a table on its smooth scale; one that misses it is refused."""

type Nodes = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Value, slope and curvature over the normal score."""


class Table(NamedTuple):
    """Coefficients of a quintic in each interval of the normal score."""

    coefficients: Float[Array, "interval 6"]

    def __call__(self, u: Values) -> Values:
        """Look up the smooth scale; beyond the table its last tangent goes on."""
        place = (normal_score(u) + REACH) * (INTERVALS / (2 * REACH))
        cell = jnp.clip(jnp.floor(place), 0, INTERVALS - 1)
        within = jnp.clip(place - cell, 0, 1)
        terms = jnp.asarray(self.coefficients)[cell.astype(jnp.int32)]
        value = jnp.zeros_like(within)
        slope = jnp.zeros_like(within)
        for power in range(5, -1, -1):
            slope = slope * within + value
            value = value * within + terms[..., power]
        return value + jax.lax.stop_gradient(slope) * (place - cell - within)


def tabulated(nodes: Callable[[np.ndarray], Nodes]) -> Table:
    """Tabulate a function of the normal score.

    Parameters
    ----------
    nodes
        Value, slope and curvature at an array of scores.

    Returns
    -------
    The table, checked against the function between the nodes.

    Raises
    ------
    ValueError
        If the function is not finite and increasing, or the table misses `ERROR`.
    """
    z = np.linspace(-REACH, REACH, INTERVALS + 1)
    step = z[1] - z[0]
    middle = np.arange(0, INTERVALS, 4)
    with np.errstate(all="ignore"):  # what is not finite is refused below
        value, slope, bend = nodes(z)
        exact = nodes(z[middle] + step / 2)[0]
        terms = _quintic(value, slope * step, bend * step**2)
        found = sum(term[middle] / 2.0**power for power, term in enumerate(terms))
        rising = np.all(np.diff(value) > 0)
    if not (rising and np.all(np.abs(found - exact) < ERROR)):
        raise ValueError("too extreme a shape: its quantiles cannot be tabulated")
    return Table(held(np.stack(terms, -1)))


def _quintic(value: np.ndarray, slope: np.ndarray, bend: np.ndarray) -> list[np.ndarray]:
    # Coefficients over [0, 1] of the polynomial with these derivatives at both ends.
    rise = np.diff(value)
    c, d, e, f = slope[:-1], slope[1:], bend[:-1], bend[1:]
    return [
        value[:-1],
        c,
        e / 2,
        10 * rise - 6 * c - 4 * d - 1.5 * e + 0.5 * f,
        -15 * rise + 8 * c + 7 * d + 1.5 * e - f,
        6 * rise - 3 * (c + d) - 0.5 * (e - f),
    ]

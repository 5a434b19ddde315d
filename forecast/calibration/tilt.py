"""Tilts: what a target, a belief or a case adds to the log density of history."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


class Tilt(NamedTuple):
    """Log density ratio to the history posterior, as a function of logarithms of quantities.

    Attributes
    ----------
    start, step : 1
        First log value of the target's quantity in the table, and the distance of two.
    values : 1
        The table: log ratio over the log of the target's quantity, held constant outside.
    strengths, centres, widths : 1
        Beliefs, one each: ``strength * sigmoid((log value - centre) / width)``, a smooth step.
    """

    start: Float[Array, ""]
    step: Float[Array, ""]
    values: Float[Array, " node"]
    strengths: Float[Array, " belief"]
    centres: Float[Array, " belief"]
    widths: Float[Array, " belief"]


def log_ratio(tilt: Tilt, extra: Float[Array, " quantity"]) -> Float[Array, ""]:
    """Log ratio of one draw.

    Parameters
    ----------
    tilt
    extra : 1
        Logarithms: the target's quantity, then that of each belief.

    Returns
    -------
    1
    """
    place = jnp.clip((extra[0] - tilt.start) / tilt.step, 0.0, tilt.values.shape[0] - 1.0)
    below = jnp.clip(jnp.floor(place), 0.0, tilt.values.shape[0] - 2.0).astype(int)
    part = place - below
    table = (1.0 - part) * tilt.values[below] + part * tilt.values[below + 1]
    steps = jax.nn.sigmoid((extra[1:] - tilt.centres) / tilt.widths)
    return table + jnp.sum(tilt.strengths * steps)

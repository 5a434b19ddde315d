"""Shapes that several blocks share: fading growth, smooth limits, level noise."""

import jax.numpy as jnp
from jaxtyping import Array, Float

SOFTNESS = 12.0
"""Exponent n of the smooth limit, the twelfth power below. (unit 1; definition, docs/model.md)"""


def fading_growth(
    elapsed: Float[Array, ""],
    first: Float[Array, ""],
    last: Float[Array, ""],
    fade: Float[Array, ""],
) -> Float[Array, ""]:
    """Cumulative log growth whose yearly rate fades from `first` to `last`.

    The rate from year t to t + 1 is ``last + (first - last) exp(-fade t)``; the sum over whole
    years 0 … t - 1 is a geometric series. Before year 0 the rate is `first`.

    Parameters
    ----------
    elapsed : yr
        Whole years since the base year; negative before it.
    first, last, fade : 1/yr
        Rate in the base year, rate in the long run, and how fast the one turns into the other.

    Returns
    -------
    1
        Log of the level over the level of the base year.

    References
    ----------
    Definition (docs/model.md, Notation).
    """
    after = jnp.maximum(elapsed, 0.0)
    fades = fade > 0.0
    rate = jnp.where(fades, fade, 1.0)
    series = jnp.where(fades, jnp.expm1(-rate * after) / jnp.expm1(-rate), after)
    return last * after + (first - last) * series + first * jnp.minimum(elapsed, 0.0)


def under_limit(
    asked: Float[Array, "*axes"], limit: Float[Array, "*axes"]
) -> tuple[Float[Array, "*axes"], Float[Array, "*axes"]]:
    """What is had, and what is missing, of something asked under a smooth limit.

    ``had = asked (1 + (asked / limit)^n)^(-1/n)``. With t the smaller of asked over limit and its
    inverse, to the n, the factor is ``(1 + t)^(-1/n)`` of the smaller of the two: t is at most 1,
    so nothing overflows, and the missing part is summed from parts of one sign, so nothing cancels.

    Parameters
    ----------
    asked, limit : any unit, positive

    Returns
    -------
    had, missing : same unit
        They sum to what is asked.

    References
    ----------
    Definition (docs/model.md, Limits).
    """
    below = asked <= limit
    larger = jnp.where(below, limit, asked)
    smaller = jnp.where(below, asked, limit)
    ratio = smaller / jnp.where(larger > 0.0, larger, 1.0)
    fourth = jnp.square(jnp.square(ratio))
    factor = jnp.expm1(-jnp.log1p(fourth * fourth * fourth) / SOFTNESS)
    return smaller + smaller * factor, (asked - smaller) - smaller * factor


def noise_level(
    before: Float[Array, ""],
    persistence: Float[Array, ""],
    deviation: Float[Array, ""],
    innovation: Float[Array, ""],
) -> Float[Array, ""]:
    """One year of first-order autoregressive noise on a log level.

    ``a(y) = persistence a(y - 1) + deviation innovation(y)``.

    Parameters
    ----------
    before : 1
        Level of the year before; 0 before the first year.
    persistence : 1
        Share of it that remains.
    deviation : 1
        Standard deviation of a year's innovation.
    innovation : 1
        Standard normal.

    Returns
    -------
    1

    References
    ----------
    Definition (docs/model.md, Noise).
    """
    return persistence * before + deviation * innovation


def at_year(values: Float[Array, " known"], year: Float[Array, ""], first: int) -> Float[Array, ""]:
    """Value of a known series in a year, 0 outside it.

    Parameters
    ----------
    values : any unit
        By calendar year from `first` on.
    year : yr
    first : yr

    Returns
    -------
    Unit of `values`.
    """
    years = first + jnp.arange(values.shape[0])
    return jnp.sum(jnp.where(years == year, values, 0.0))


def ramp(
    year: Float[Array, ""], start: Float[Array, ""], full: Float[Array, ""]
) -> Float[Array, ""]:
    """Share in force of a measure: 0 up to `start`, 1 from `full` on, linear between.

    Parameters
    ----------
    year, start, full : yr

    Returns
    -------
    1
    """
    span = jnp.maximum(full - start, 1.0)
    return jnp.clip((year - full) / span + 1.0, 0.0, 1.0)

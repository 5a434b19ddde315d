"""Naive forecasts that a model should beat, as draws.

The draws are quantiles of the forecast's distribution at `(k - 1/2) / n`, k = 1 … n, in rising
order: nothing is random. With `y` the value at the last point of the history, `T` its year, `h` the
years to the one asked for, and `z` a standard normal, the three from a history are
`exp(log y + g h + s sqrt(h) z)`; they differ in the growth `g`.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import ndtri

DRAWS: Final = 1000
"""Draws of a baseline unless told otherwise. (1; definition)"""

type History = Sequence[tuple[int, float]]
"""Years (yr) and values (any unit, positive), years rising; gaps are allowed."""


def normal_points(draws: int = DRAWS) -> np.ndarray:
    """Quantiles of the standard normal at `(k - 1/2) / n`.

    Parameters
    ----------
    draws
        Their number, n.

    Returns
    -------
    array : 1
        Rising.
    """
    return np.asarray(ndtri((np.arange(draws) + 0.5) / draws))


def yearly_spread(history: History) -> float:
    """Spread of a random walk without drift that made a history.

    The maximum of its likelihood: `s² = mean of r² / d` over the log changes `r` from point to
    point, `d` years apart.

    Parameters
    ----------
    history

    Returns
    -------
    float : 1/sqrt(yr)
        Log standard deviation over one year.

    Raises
    ------
    ValueError
        If there are fewer than two points, years do not rise, or a value is not positive.
    """
    years, logs = _checked(history)
    return float(np.sqrt(np.mean(np.diff(logs) ** 2 / np.diff(years))))


def _checked(history: History) -> tuple[np.ndarray, np.ndarray]:
    """Years and logarithms of the values."""
    years = np.array([year for year, _ in history], float)
    values = np.array([value for _, value in history], float)
    if len(years) < 2 or not (np.diff(years) > 0).all():
        raise ValueError("a history needs two points or more, in the order of their years")
    if not (np.isfinite(values) & (values > 0)).all():
        raise ValueError("the values of a history must be positive numbers")
    return years, np.log(values)


def constant(history: History, year: int, *, draws: int = DRAWS) -> np.ndarray:
    """Last value, with the errors of a random walk: `g = 0`.

    Parameters
    ----------
    history
    year : yr
        After the last of the history.
    draws

    Returns
    -------
    array : unit of the history
    """
    return _walked(history, year, 0.0, draws)


def last_growth(history: History, year: int, *, draws: int = DRAWS) -> np.ndarray:
    """Last growth goes on: `g = (log y_T - log y_S) / (T - S)`, S the year of the point before.

    Parameters
    ----------
    history
    year : yr
        After the last of the history.
    draws

    Returns
    -------
    array : unit of the history
    """
    years, logs = _checked(history)
    return _walked(history, year, (logs[-1] - logs[-2]) / (years[-1] - years[-2]), draws)


def compound(
    history: History, year: int, *, first: int, last: int, draws: int = DRAWS
) -> np.ndarray:
    """Mean growth between two years goes on: `g = (log y_last - log y_first) / (last - first)`.

    Parameters
    ----------
    history
    year : yr
        After the last of the history, where the growth sets in.
    first, last : yr
        Both in the history.
    draws

    Returns
    -------
    array : unit of the history

    Raises
    ------
    ValueError
        If the history has no value of one of them, or they do not rise.
    """
    years, logs = _checked(history)
    known = dict(zip(years.astype(int).tolist(), logs.tolist(), strict=True))
    if first not in known or last not in known or first >= last:
        raise ValueError(f"growth from {first} to {last} is not in the history")
    return _walked(history, year, (known[last] - known[first]) / (last - first), draws)


def _walked(history: History, year: int, growth: float, draws: int) -> np.ndarray:
    years, logs = _checked(history)
    ahead = year - years[-1]
    if ahead <= 0:
        raise ValueError(f"{year} is not after the last year of the history, {years[-1]:.0f}")
    error = yearly_spread(history) * np.sqrt(ahead) * normal_points(draws)
    return np.asarray(np.exp(logs[-1] + growth * ahead + error))


def triple(
    quantiles: tuple[float, float, float],
    at: int,
    *,
    start: tuple[int, float],
    year: int,
    draws: int = DRAWS,
) -> np.ndarray:
    """Three quantiles for a later year, and straight in the logarithm from a known value to it.

    The quantiles are those of a two-piece lognormal,
    `log x = log p50 + z log(p90 / p50) / z90` for `z > 0` and `log p50 + z log(p50 / p10) / z90`
    below, with z90 = 1.2816; in the year `t` the draw is `w log x + (1 - w) log y_start`,
    `w = (t - t_start) / (at - t_start)`, in logarithms.

    Parameters
    ----------
    quantiles : any unit
        p10, p50 and p90.
    at : yr
        Year that they are of.
    start : yr, same unit
        Year and value.
    year : yr
        Year asked for, from the start to `at`.
    draws

    Returns
    -------
    array : same unit

    Raises
    ------
    ValueError
        If quantiles are not positive and rising, or the year is out of range.
    """
    p10, p50, p90 = quantiles
    since, value = start
    if not 0 < p10 < p50 < p90 or value <= 0:
        raise ValueError("quantiles must rise, and they and the start must be positive")
    if not since <= year <= at or since == at:
        raise ValueError(f"{year} is not between {since} and {at}")
    z = normal_points(draws)
    slope = np.where(z > 0, np.log(p90 / p50), np.log(p50 / p10)) / ndtri(0.9)
    weight = (year - since) / (at - since)
    logs = weight * (np.log(p50) + slope * z) + (1 - weight) * np.log(value)
    return np.asarray(np.exp(logs))

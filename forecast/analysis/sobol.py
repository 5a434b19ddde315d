"""Sobol indices of any number of outcomes at once, from a pick-freeze sample.

Two base samples `a` and `b` are independent; `ab` of an input is `a` with that input taken from
`b`, and `ba` is `b` with that input taken from `a`. An input may be a group of inputs: its first
order is then the closed index of the group.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from scipy.special import ndtri

LEVEL: Final = 0.95
"""Probability that an interval is to cover. (1; definition)"""

LEAST_BASE: Final = 2
"""Base draws, and resamples, below which there is no spread. (definition)"""

CHUNK: Final = 32_000_000
"""Memory of the outcomes that are multiplied at once in second order. (B; definition)"""


class Indices(NamedTuple):
    """First-order and total indices with their intervals, each `[input, outcome]`, unit 1."""

    first: np.ndarray
    first_low: np.ndarray
    first_high: np.ndarray
    total: np.ndarray
    total_low: np.ndarray
    total_high: np.ndarray


class Base(NamedTuple):
    """What all inputs share; from `base_of`."""

    a: np.ndarray
    b: np.ndarray
    weights: np.ndarray
    variance: np.ndarray


def check_counts(draws: int, bootstraps: int) -> None:
    """Check that there is a spread to speak of.

    Raises
    ------
    ValueError
        If there are fewer than two base draws or resamples.
    """
    for name, given in (("base draws", draws), ("bootstraps", bootstraps)):
        if given < LEAST_BASE:
            raise ValueError(f"{name} must be at least {LEAST_BASE}, got {given}")


def resamples(draws: int, bootstraps: int, seed: int) -> np.ndarray:
    """Weights of base draws: all once, then as often as each resample has them.

    Parameters
    ----------
    draws, bootstraps, seed

    Returns
    -------
    1
        `[1 + bootstraps, draws]`.

    Raises
    ------
    ValueError
        If there are fewer than two of either.
    """
    check_counts(draws, bootstraps)
    counts = np.random.default_rng(seed).multinomial(draws, np.full(draws, 1 / draws), bootstraps)
    return np.concatenate([np.ones((1, draws)), counts])


def base_of(
    a: np.ndarray, b: np.ndarray, weights: np.ndarray, centre: np.ndarray | float | None = None
) -> Base:
    """Centre the base samples and take the variance of their union in every resample.

    Parameters
    ----------
    a, b : any units
        `[draw, outcome]`; draws that are NaN are left out of the outcome.
    weights
        From `resamples`.
    centre : same units
        What is taken from every outcome; the mean of `a` and `b` if none is given.

    Returns
    -------
    Base
        An outcome that never varies has a variance of NaN.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    if a.shape != b.shape or a.ndim != 2 or weights.shape[1:] != a.shape[:1]:
        given = f"{a.shape}, {b.shape}, {weights.shape}"
        raise ValueError(
            f"a and b must be [draw, outcome] and weights [resample, draw], got {given}"
        )
    whole = np.concatenate([a, b])
    there = np.isfinite(whole)
    if centre is None:
        centre = np.where(there, whole, 0).sum(0) / np.maximum(there.sum(0), 1)
    a, b = a - centre, b - centre
    both = np.concatenate([weights, weights], axis=1)
    whole = whole - centre
    variance = _mean(both, whole**2) - _mean(both, whole) ** 2
    least = np.where(there, whole, np.inf).min(0)
    most = np.where(there, whole, -np.inf).max(0)
    variance[:, ~(least < most)] = np.nan
    return Base(a, b, weights, variance)


def _mean(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    # `[resample, outcome]`; a missing value is left out of its own outcome alone.
    there = np.isfinite(values)
    if there.all():
        return np.asarray(weights @ values / weights.sum(1, keepdims=True))
    with np.errstate(invalid="ignore"):
        return np.asarray(weights @ np.where(there, values, 0) / (weights @ there))


def of_input(base: Base, ab: np.ndarray, centre: np.ndarray | float = 0.0) -> np.ndarray:
    """First-order and total index of one input in every resample.

    Parameters
    ----------
    base
        From `base_of`.
    ab : units of the outcomes
        `[draw, outcome]`, less `centre` already, or with it given.
    centre : units of the outcomes

    Returns
    -------
    1
        `[2, resample, outcome]`.
    """
    moved = ab - centre - base.a
    parts = _mean(base.weights, base.b * moved), 0.5 * _mean(base.weights, moved**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.stack(parts) / base.variance)


def spread(values: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimate and interval from an estimate and its resamples.

    Parameters
    ----------
    values : any unit
        `[…, resample, outcome]`, the estimate itself first.
    level
        Probability that the interval is to cover; it is normal, with the resamples' deviation.

    Returns
    -------
    estimate, low, high : same unit
        `[…, outcome]`.
    """
    half = ndtri((1 + level) / 2) * values[..., 1:, :].std(axis=-2, ddof=1)
    estimate = values[..., 0, :]
    return estimate, estimate - half, estimate + half


def indices(
    a: np.ndarray,
    b: np.ndarray,
    ab: Iterable[np.ndarray],
    *,
    bootstraps: int = 100,
    seed: int = 0,
    level: float = LEVEL,
    centre: np.ndarray | float | None = None,
) -> Indices:
    """First-order and total Sobol indices of every input and outcome.

    Parameters
    ----------
    a, b : any units
        `[draw, outcome]`.
    ab : same units
        An array `[input, draw, outcome]`, or anything that yields one `[draw, outcome]` an input:
        one is held at a time.
    bootstraps, seed
        Resamples of the base draws.
    level
        Of the intervals.
    centre : same units
        What is taken from every outcome; the mean of `a` and `b` if none is given.

    Returns
    -------
    Indices
        NaN where an outcome never varies; exactly 0 for an input that moves nothing.

    Raises
    ------
    ValueError
        If shapes differ, or there are fewer than two draws or bootstraps.

    References
    ----------
    First order: Saltelli et al. (2010), doi:10.1016/j.cpc.2009.09.018, table 2 (b); total: Jansen
    (1999), doi:10.1016/S0010-4655(98)00154-4; intervals: Archer, Saltelli and Sobol (1997),
    doi:10.1080/00949659708811825
    """
    base = base_of(a, b, resamples(len(a), bootstraps, seed), centre)
    shift = a - base.a
    found = []
    for one in ab:
        if one.shape != a.shape:
            raise ValueError(f"every ab must be shaped like a, {a.shape}, got {one.shape}")
        first, total = of_input(base, one, shift)
        found.append((*spread(first, level), *spread(total, level)))
    if not found:
        raise ValueError("there must be at least one input, got none")
    return Indices(*(np.stack(one) for one in zip(*found, strict=True)))


def second_order(
    a: np.ndarray,
    b: np.ndarray,
    ab: np.ndarray,
    ba: np.ndarray,
    *,
    bootstraps: int = 100,
    seed: int = 0,
    level: float = LEVEL,
    centre: np.ndarray | float | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Second-order Sobol indices of every pair of inputs and every outcome.

    Parameters
    ----------
    a, b : any units
        `[draw, outcome]`.
    ab, ba : same units
        `[input, draw, outcome]`.
    bootstraps, seed, level, centre
        As in `indices`.

    Returns
    -------
    second, low, high : 1
        `[input, input, outcome]`, symmetric, NaN on the diagonal. A draw with anything missing is
        left out of all of them.

    Raises
    ------
    ValueError
        If shapes differ, or there are fewer than two draws or bootstraps.

    References
    ----------
    Saltelli (2002), doi:10.1016/S0010-4655(02)00280-1
    """
    if ab.shape != ba.shape or ab.shape[1:] != a.shape:
        raise ValueError(f"ab and ba must be [input, draw, outcome], got {ab.shape}, {ba.shape}")
    inputs, draws, outcomes = ab.shape
    there = np.isfinite(a).all(1) & np.isfinite(b).all(1)
    for one in (*ab, *ba):
        there &= np.isfinite(one).all(1)
    weights = resamples(draws, bootstraps, seed)[:, there]
    base = base_of(a[there], b[there], weights, centre)
    shift = a[there] - base.a
    first = np.stack([of_input(base, one[there], shift)[0] for one in ab])
    common = _mean(weights, base.a * base.b) / base.variance
    scale = weights.sum(1)[:, None] * base.variance
    found = np.full((3, inputs, inputs, outcomes), np.nan)
    step = max(1, CHUNK // a.nbytes)
    for one in range(inputs - 1):
        own = ba[one][there] - shift
        for start in range(one + 1, inputs, step):
            others = slice(start, start + step)
            # One product of matrices for all resamples and outcomes, the weights on the left.
            product = (ab[others][:, there] - shift) * own
            pairs = weights @ product / scale - common - first[one] - first[others]
            found[:, one, others] = found[:, others, one] = spread(pairs, level)
    return found[0], found[1], found[2]

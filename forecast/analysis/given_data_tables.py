"""Tables of classes of an input against bins of an outcome, and distances within them."""

from typing import Final

import numpy as np

from forecast.analysis.given_data_ranks import each

CLASSES: Final = 16
"""Classes of an input, equally full. Fewer see less of the input, more leave fewer draws to each:
with 16 the delta of a correlation of 0.95 is 2 % too low. (definition)"""

BINS: Final = 24
"""Bins of an outcome between its quantiles. (definition)"""


def classes_of(values: np.ndarray, count: int) -> np.ndarray:
    """Classes of equal numbers of draws; values that tie share one.

    Parameters
    ----------
    values : any units
        `[draw]`, finite.
    count
        Of classes.

    Returns
    -------
    int
        `[draw]`, from zero; a class is empty where ties fill its place.
    """
    return np.searchsorted(np.sort(values), values) * count // len(values)


def tables(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Count draws by class of each input and bin of each outcome.

    Parameters
    ----------
    x : any units
        `[draw, input]`.
    y : any units
        `[draw, outcome]`; NaN where a draw has none, which no bin counts.

    Returns
    -------
    1
        `[input, outcome, class, bin]`. Ranks alone enter, so that a monotone transformation of
        inputs or outcomes changes nothing.
    """
    outcomes = y.shape[1]
    bins = np.full(y.shape, BINS)
    for number in range(outcomes):
        there = np.isfinite(y[:, number])
        if there.any():
            bins[there, number] = classes_of(y[there, number], BINS)
    wide = BINS + 1
    bins += np.arange(outcomes) * CLASSES * wide

    def of(number: int) -> np.ndarray:
        key = bins + wide * classes_of(x[:, number], CLASSES)[:, None]
        found = np.bincount(key.reshape(-1), minlength=outcomes * CLASSES * wide)
        return found.reshape(outcomes, CLASSES, wide)[..., :BINS].astype(np.float32)

    return np.stack(each(of, x.shape[1]))


def departures(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of draws less what they were if the input did nothing, and shares of the classes.

    Parameters
    ----------
    table : 1
        `[…, class, bin]`, draws.

    Returns
    -------
    1, 1
        `[…, class, bin]` and `[…, class]`.
    """
    share = table / table.sum(axis=(-2, -1), keepdims=True)
    rows, columns = share.sum(axis=-1), share.sum(axis=-2)
    return share - rows[..., :, None] * columns[..., None, :], rows


def raw_delta(departure: np.ndarray) -> np.ndarray:
    """Half the sum of absolute departures: Borgonovo's delta of a table, noise included.

    Parameters
    ----------
    departure : 1
        `[…, class, bin]`.

    Returns
    -------
    1
        `[…]`.
    """
    return np.abs(departure).sum(axis=(-2, -1)) / 2


def expected_noise(table: np.ndarray) -> np.ndarray:
    """Raw delta to be expected of an input that does nothing.

    Parameters
    ----------
    table : 1
        `[…, class, bin]`, draws.

    Returns
    -------
    1
        `[…]`: a cell of a table with fixed margins r and c is about normal with variance
        ``r c (1 - r) (1 - c) / n``.
    """
    draws = table.sum(axis=(-2, -1))
    share = table / draws[..., None, None]
    spread = [np.sqrt(one * (1 - one)).sum(axis=-1) for one in (share.sum(-1), share.sum(-2))]
    return np.asarray(spread[0] * spread[1] / np.sqrt(2 * np.pi * draws))


def kolmogorov(departure: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Median and largest Kolmogorov-Smirnov distance of the classes from all draws.

    Parameters
    ----------
    departure : 1
        `[…, class, bin]`.
    rows : 1
        `[…, class]`, shares of the classes; empty ones do not count.

    Returns
    -------
    1, 1
        `[…]` each.
    """
    summed = departure @ np.triu(np.ones((BINS, BINS), departure.dtype))
    distance = np.abs(summed).max(axis=-1)
    if (rows > 0).all():
        distance /= rows
        # Of sixteen numbers sorting is faster than numpy's median.
        ordered = np.sort(distance, axis=-1)
        middle = ordered[..., CLASSES // 2 - 1 : CLASSES // 2 + 1].mean(axis=-1)
        return middle, ordered[..., -1]
    empty = np.full_like(distance, np.nan)
    distance = np.divide(distance, rows, out=empty, where=rows > 0)
    return np.nanmedian(distance, axis=-1), np.nanmax(distance, axis=-1)


def without_noise(raw: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Delta less its noise, in quadrature.

    Parameters
    ----------
    raw, noise : 1

    Returns
    -------
    1
        ``sqrt(raw² - noise²)``, not below zero: the mean absolute value of a normal with mean m
        and deviation s is about ``sqrt(m² + 2 s² / pi)``.
    """
    return np.asarray(np.sqrt(np.maximum(raw**2 - noise**2, 0)))

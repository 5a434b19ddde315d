"""First-order indices of every input for every outcome, from any set of draws, by ranks."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import numpy as np

LEVEL: Final = 0.9
"""Level of every interval of a sensitivity index. (1; definition)"""

CONFIDENT: Final = 0.95
"""Share of inputs that do nothing whose index lies below its noise. (1; definition)"""

CHUNK: Final = 64
"""Outcomes that are worked on at a time, so that their draws stay in the cache. (definition)"""

LEAST: Final = 8
"""Least draws for a first-order index, whose interval takes four neighbours. (definition)"""


class Estimate(NamedTuple):
    """An index with its interval.

    Attributes
    ----------
    value, low, high : array
        `[input, outcome]`; NaN where an outcome is constant.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


def half_width(level: float) -> float:
    """Half the width of a two-sided interval of a normal, in standard errors."""
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


def finite_patterns(y: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Outcomes that have a number in the same draws.

    Parameters
    ----------
    y : any units
        `[draw, outcome]`.

    Yields
    ------
    array, array
        Numbers of the draws, numbers of the outcomes.
    """
    there, which = np.unique(np.isfinite(y), axis=1, return_inverse=True)
    for number in range(there.shape[1]):
        yield np.flatnonzero(there[:, number]), np.flatnonzero(which.reshape(-1) == number)


def orders(x: np.ndarray, seed: int) -> np.ndarray:
    """Draws sorted by each input; those that tie lie in an order of chance.

    Parameters
    ----------
    x : any units
        `[draw, input]`.
    seed
        Of the order of ties.

    Returns
    -------
    int
        `[input, draw]`.
    """
    mixed = np.random.default_rng(seed).permutation(len(x))
    return mixed[np.argsort(x[mixed], axis=0, kind="stable")].T


def each[T](work: Callable[[int], T], count: int) -> list[T]:
    """Results of a function of a number, on all cores; NumPy lets go of the lock in its loops."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, range(count)))


def check_shapes(x: np.ndarray, y: np.ndarray, bootstraps: int, least: int) -> None:
    """Refuse draws that an index cannot be taken from.

    Raises
    ------
    ValueError
        If the arrays do not fit, an input is no number, or draws or bootstraps are too few.
    """
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
        raise ValueError(
            f"x {x.shape} and y {y.shape} do not fit, expected [draw, input] and [draw, outcome]"
            " of the same draws"
        )
    if not np.isfinite(x).all():
        raise ValueError("an input is NaN or infinite, expected a number in every draw")
    if len(x) < least:
        raise ValueError(f"{len(x):,} draws are too few, at least {least:,} are needed")
    if bootstraps < 2:
        raise ValueError(f"{bootstraps} bootstraps are too few, at least 2 are needed")


def first_order(x: np.ndarray, y: np.ndarray, *, bootstraps: int = 100, seed: int) -> Estimate:
    """Share of the variance of each outcome that the conditional mean on each input explains.

    Draws are sorted by the input; the mean product of neighbours then estimates the mean square
    of the conditional mean. At either end a draw is its own neighbour, which makes the index one
    less half the mean squared difference of neighbours over the variance.

    Parameters
    ----------
    x : any units
        `[draw, input]`.
    y : any units
        `[draw, outcome]`; NaN where a draw has none.
    bootstraps
        Resamples of draws.
    seed
        Of the resamples and of the order of draws that tie.

    Returns
    -------
    Estimate
        The index (1) with a normal interval whose standard error is the spread of resamples. It
        is not held above zero: an input that does nothing scatters around zero.

    Raises
    ------
    ValueError
        If the arrays do not fit or draws are too few.

    Notes
    -----
    Resampling draws and sorting them again fails, since equal draws become neighbours (Lin and
    Han 2024). Here a draw carries its share of the index, ``2 y m - m²`` with the conditional mean
    m and its square from products of two neighbours on either side, which is what the index is to
    first order; shares are resampled with multinomial weights. The interval of an input that does
    nothing comes out 12 % too wide.

    References
    ----------
    Gamboa, Gremaud, Klein and Lagnoux (2022), doi:10.3150/21-BEJ1421; Chatterjee (2021),
    doi:10.1080/01621459.2020.1758115; on the bootstrap Lin and Han (2024),
    doi:10.1093/biomet/asae004
    """
    check_shapes(x, y, bootstraps, LEAST)
    shape = (x.shape[1], y.shape[1])
    found = Estimate(*(np.full(shape, np.nan) for _ in range(3)))
    sorted_draws = orders(x, seed)
    wide = half_width(LEVEL)
    for draws, outcomes in finite_patterns(y):
        ours = outcomes[_varies(y[np.ix_(draws, outcomes)])]
        if len(draws) < LEAST or not len(ours):
            continue
        place = np.full(len(x), -1)
        place[draws] = np.arange(len(draws))
        weights = _weights(len(draws), bootstraps, seed)
        for start in range(0, len(ours), CHUNK):
            chunk = ours[start : start + CHUNK]
            value, error = _first_order(
                place[sorted_draws], y[np.ix_(draws, chunk)], weights, len(draws)
            )
            found.value[:, chunk] = value
            found.low[:, chunk], found.high[:, chunk] = value - wide * error, value + wide * error
    return found


def _varies(y: np.ndarray) -> np.ndarray:
    if not len(y):
        return np.zeros(y.shape[1], bool)
    return np.asarray(y.min(axis=0) < y.max(axis=0))


def _weights(draws: int, bootstraps: int, seed: int) -> np.ndarray:
    """How often each resample takes each draw, over the number of draws: `[bootstrap, draw]`."""
    rng = np.random.default_rng([seed, draws])
    taken = rng.integers(draws, size=(bootstraps, draws))
    counts = np.stack([np.bincount(one, minlength=draws) for one in taken])
    return (counts / draws).astype(np.float32)


def _first_order(
    places: np.ndarray, y: np.ndarray, weights: np.ndarray, draws: int
) -> tuple[np.ndarray, np.ndarray]:
    z = ((y - y.mean(axis=0)) / y.std(axis=0)).astype(np.float32)
    # Means and variances of the resamples are the same for every input.
    means = weights @ z
    variances = weights @ z**2 - means**2
    missing = places.shape[1] > draws
    mean = np.full(draws, 1 / draws, np.float32)

    def of(number: int) -> tuple[np.ndarray, np.ndarray]:
        order = places[number]
        order = order[order >= 0] if missing else order
        ranked = z[order]
        near = np.concatenate([ranked[:1], ranked[:1], ranked, ranked[-1:], ranked[-1:]])
        beside, beyond = near[1:-3] + near[3:-1], near[:-4] + near[4:]
        value = mean @ (ranked * beside) / 2
        pairs = beside * beyond
        beside += beyond
        beside *= ranked
        beside -= pairs / 2
        share = near[:draws]
        share[order] = beside
        resampled = (weights @ share / 2 - means**2) / variances
        return value, resampled.std(axis=0, ddof=1)

    value, error = zip(*each(of, len(places)), strict=True)
    return np.stack(value), np.stack(error)


def first_order_noise(draws: np.ndarray) -> np.ndarray:
    """Index below which 95 % of inputs that do nothing lie.

    Parameters
    ----------
    draws : 1
        Numbers of draws.

    Returns
    -------
    1
        ``1.645 / sqrt(n)``: the correlation of neighbours of a series in an order of chance has
        mean zero and standard error ``1 / sqrt(n)``, whatever its distribution.

    References
    ----------
    Wald and Wolfowitz (1943), doi:10.1214/aoms/1177731358
    """
    return half_width(2 * CONFIDENT - 1) / np.sqrt(draws)

"""Delta and PAWN of every input for every outcome, from tables of classes against bins."""

from typing import Final, NamedTuple

import numpy as np

from forecast.analysis.given_data_ranks import (
    CONFIDENT,
    LEVEL,
    Estimate,
    check_shapes,
    each,
    half_width,
)
from forecast.analysis.given_data_tables import (
    BINS,
    CLASSES,
    departures,
    expected_noise,
    kolmogorov,
    raw_delta,
    tables,
    without_noise,
)

DRAWS_PER_CLASS: Final = 50
"""Least draws of a class. (definition)"""

LEAST: Final = CLASSES * DRAWS_PER_CLASS
"""Least draws for a table. (definition)"""

DUMMIES: Final = 400
"""Inputs of chance that the noise is taken from. (definition)"""


class Distances(NamedTuple):
    """How far an input moves the distribution of an outcome.

    Attributes
    ----------
    delta, pawn, pawn_max : Estimate
        `[input, outcome]`, 1; PAWN is the median and the largest distance over classes.
    """

    delta: Estimate
    pawn: Estimate
    pawn_max: Estimate


def distances(x: np.ndarray, y: np.ndarray, *, bootstraps: int = 100, seed: int) -> Distances:
    """Borgonovo's delta and PAWN.

    Parameters
    ----------
    x : any units
        `[draw, input]`.
    y : any units
        `[draw, outcome]`; NaN where a draw has none.
    bootstraps
        Resamples of each table.
    seed
        Of the resamples.

    Returns
    -------
    Distances
        Delta is without noise, its interval from quantiles of resamples; that of PAWN is normal,
        held within zero and one. NaN where an outcome is constant or has fewer than `LEAST` draws.

    Raises
    ------
    ValueError
        If the arrays do not fit or draws are too few.

    Notes
    -----
    Resampling draws is resampling the counts of their table. A count is resampled as a normal of
    its own mean and variance. Plischke and others take the noise from delta by a bootstrap, which
    leaves some 60 % of it to inputs that do nothing; here it is known, and taken in quadrature.
    Classes and bins blur what is sharp, so that delta is rather too low: by a tenth for the
    function of Ishigami, by 2 % for a correlation of 0.95.

    References
    ----------
    Borgonovo (2007), doi:10.1016/j.ress.2006.04.015; Plischke, Borgonovo and Smith (2013),
    doi:10.1016/j.ejor.2012.11.047; Pianosi and Wagener (2018), doi:10.1016/j.envsoft.2018.07.019
    """
    check_shapes(x, y, bootstraps, LEAST)
    values = np.where(np.isfinite(y), y, np.nan)
    counted = np.isfinite(values).sum(axis=0) >= LEAST
    counted[counted] = np.nanmin(values[:, counted], 0) < np.nanmax(values[:, counted], 0)
    rng = np.random.default_rng(seed)
    chance = rng.standard_normal((bootstraps, CLASSES, BINS), dtype=np.float32)
    found = np.full((9, x.shape[1], y.shape[1]), np.nan)
    if counted.any():
        laid = tables(x, values[:, counted])
        done = each(lambda number: _distances(laid[number], chance), x.shape[1])
        found[:, :, counted] = np.stack(done, axis=1)
    return Distances(*(Estimate(*found[3 * one : 3 * one + 3]) for one in range(3)))


def _distances(table: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Value, low and high of delta, PAWN and its largest, `[9, outcome]`."""
    noise = expected_noise(table)
    departure, rows = departures(table)
    raw, pawns = raw_delta(departure), kolmogorov(departure, rows)
    root = np.sqrt(table)
    resampled = np.empty((3, len(chance), len(table)), np.float32)
    for number, one in enumerate(chance):
        departure, rows = departures(table + root * one)
        resampled[0, number] = raw_delta(departure)
        resampled[1:, number] = kolmogorov(departure, rows)
    # A resample holds the noise of the draws and, as much again, its own.
    spread = without_noise(resampled[0], np.sqrt(2) * noise)
    low, high = np.quantile(spread, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    found = [without_noise(raw, noise), low, high]
    for value, again in zip(pawns, resampled[1:], strict=True):
        width = half_width(LEVEL) * again.std(axis=0, ddof=1)
        found += [value, np.maximum(value - width, 0), np.minimum(value + width, 1)]
    return np.stack(found)


def distance_noise(draws: int, seed: int = 0) -> tuple[float, float, float]:
    """Delta, PAWN and largest PAWN below which 95 % of inputs that do nothing lie.

    Parameters
    ----------
    draws
        Their number, at least `LEAST`.
    seed
        Of the inputs of chance.

    Returns
    -------
    1, 1, 1
        From permutations of the ranks: the same for every continuous outcome.
    """
    rng = np.random.default_rng(seed)
    rank = np.arange(draws)
    bins = rank * BINS // draws
    ours = [rng.permutation(rank) * CLASSES // draws for _ in range(DUMMIES)]
    cells = [np.bincount(one * BINS + bins, minlength=CLASSES * BINS) for one in ours]
    table = np.reshape(cells, (DUMMIES, CLASSES, BINS)).astype(float)
    departure, rows = departures(table)
    delta = without_noise(raw_delta(departure), expected_noise(table))
    found = [np.quantile(one, CONFIDENT) for one in (delta, *kolmogorov(departure, rows))]
    return float(found[0]), float(found[1]), float(found[2])


def critical_distance(draws: int, confidence: float = CONFIDENT) -> float:
    """Critical value of the Kolmogorov-Smirnov distance of one class from all draws.

    Parameters
    ----------
    draws
        Their number.
    confidence : 1
        Share of classes of an input that does nothing that lie below.

    Returns
    -------
    1
        ``k sqrt((n + m) / (n m))`` with m draws in a class, as for two independent samples; as a
        class is part of all draws, it is cautious.

    References
    ----------
    Pianosi and Wagener (2018), doi:10.1016/j.envsoft.2018.07.019, equation 5
    """
    from scipy.special import kolmogi

    ours = draws / CLASSES
    return float(kolmogi(1 - confidence) * np.sqrt((draws + ours) / (draws * ours)))

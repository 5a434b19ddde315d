"""Share of the variance of outcomes that a sum of functions of single inputs explains."""

from typing import Final

import numpy as np

from forecast.analysis.given_data_ranks import check_shapes, finite_patterns

INTERACTING: Final = 0.1
"""Share of variance not explained by a sum above which a tornado carries a warning.
(1; definition)"""

DEGREE: Final = 8
"""Highest degree of the polynomials in the rank of an input; a full wave of a sine squared, as in
the function of Ishigami, is then met within 0.04 % of its variance. (definition)"""

LEAST_DEGREE: Final = 3
"""Degree below which nothing is said, as curvature would pass for interaction. (definition)"""

DRAWS_PER_COLUMN: Final = 4
"""Least draws for each column of the fit. (definition)"""

RIDGE: Final = 1e-9
"""Added to the mean squares of the columns, which are about one: enough to solve where columns
repeat each other, too little to be seen elsewhere. (1; definition)"""


def least_for_share(inputs: int) -> int:
    """Least draws from which the additive share is told.

    Parameters
    ----------
    inputs
        Their number.

    Returns
    -------
    int
    """
    return DRAWS_PER_COLUMN * (inputs * (LEAST_DEGREE + 1) + 1)


def additive_share(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Share of the variance of each outcome that the best sum of functions of inputs explains.

    The functions are the input itself, for tails, and polynomials in its rank, for all else, of
    as high a degree as the draws allow.

    Parameters
    ----------
    x : any units
        `[draw, input]`.
    y : any units
        `[draw, outcome]`; NaN where a draw has none.

    Returns
    -------
    1
        `[outcome]`, adjusted for the number of columns; NaN where an outcome is constant or draws
        are too few. Of independent inputs it is the sum of their first-order indices.

    Raises
    ------
    ValueError
        If the arrays do not fit.

    References
    ----------
    Hastie and Tibshirani (1986), doi:10.1214/ss/1177013604, on additive models; Ezekiel (1930),
    Methods of Correlation Analysis, on the adjustment
    """
    check_shapes(x, y, 2, 2)
    found = np.full(y.shape[1], np.nan)
    degree = min(DEGREE, (len(x) // DRAWS_PER_COLUMN - 1) // x.shape[1] - 1)
    if degree < LEAST_DEGREE:
        return found
    columns = basis(x, degree)
    whole = columns.T @ columns
    for draws, outcomes in finite_patterns(y):
        if len(draws) < least_for_share(x.shape[1]) or len(draws) <= 2 * columns.shape[1]:
            continue
        gone = np.setdiff1d(np.arange(len(x)), draws, assume_unique=True)
        few = len(gone) < len(draws)
        gram = whole - columns[gone].T @ columns[gone] if few else None
        if gram is None:
            gram = columns[draws].T @ columns[draws]
        found[outcomes] = _adjusted(gram, columns[draws], y[np.ix_(draws, outcomes)])
    return found


def _adjusted(gram: np.ndarray, columns: np.ndarray, y: np.ndarray) -> np.ndarray:
    draws, width = columns.shape
    spread = y.std(axis=0)
    varies = y.min(axis=0) < y.max(axis=0)
    z = (y - y.mean(axis=0)) / np.where(varies, spread, 1.0)
    moments = columns.T @ z
    fitted = np.linalg.solve(gram + draws * RIDGE * np.eye(width), moments)
    left = 1 - (2 * fitted * moments - fitted * (gram @ fitted)).sum(axis=0) / draws
    return np.where(varies, 1 - left * (draws - 1) / (draws - width), np.nan)


def basis(x: np.ndarray, degree: int) -> np.ndarray:
    """One, each input, and Legendre polynomials in its rank, with mean squares of about one.

    Parameters
    ----------
    x : any units
        `[draw, input]`.
    degree
        Highest degree of the polynomials.

    Returns
    -------
    1
        `[draw, column]`.
    """
    draws, inputs = x.shape
    spread = x.std(axis=0)
    laid = [np.ones((draws, 1)), (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)]
    ranked = np.sort(x, axis=0)
    for number in range(inputs):
        sides = [
            np.searchsorted(ranked[:, number], x[:, number], side) for side in ("left", "right")
        ]
        middle = (sides[0] + sides[1]) / draws - 1
        found = np.polynomial.legendre.legvander(middle, degree)[:, 1:]
        laid.append(found * np.sqrt(2 * np.arange(1, degree + 1) + 1))
    return np.hstack(laid)

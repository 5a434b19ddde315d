"""Densities of a logarithm on a table: beliefs given by quantiles, cases, and draws smoothed."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import root
from scipy.special import ndtri

NODES: Final = 1024
"""Nodes of a table. (definition)"""

STEP: Final = 0.003
"""Distance of two nodes, on the logarithm. (1; definition)"""

FEWEST: Final = 12.0
"""Effective draws within a bandwidth that make a smoothed density known. (definition)"""


class Table(NamedTuple):
    """Log density over the logarithm of a quantity, at evenly spaced nodes."""

    start: float
    values: np.ndarray

    @property
    def nodes(self) -> np.ndarray:
        """Where the values are."""
        return self.start + STEP * np.arange(len(self.values))


def nodes_around(centre: float) -> np.ndarray:
    """Nodes of a table around the log of a quantity, e^±1.5 of it."""
    return centre - STEP * NODES / 2 + STEP * np.arange(NODES)


class Split(NamedTuple):
    """Two halves of normals that meet at their mode: a smooth two-piece normal."""

    mode: float
    below: float
    above: float

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Log density."""
        spread = np.where(x < self.mode, self.below, self.above)
        scale = np.log((self.below + self.above) / 2) + 0.5 * np.log(2 * np.pi)
        return np.asarray(-0.5 * np.square((x - self.mode) / spread) - scale)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Quantile function."""
        share = self.below / (self.below + self.above)
        low = self.mode + self.below * ndtri(np.clip(u / (2 * share), 1e-300, 0.5))
        high = self.mode + self.above * ndtri(
            np.clip(1 - (1 - u) / (2 * (1 - share)), 0.5, 1 - 1e-16)
        )
        return np.asarray(np.where(u < share, low, high))


def split_lognormal(quantiles: Mapping[float, float]) -> Split:
    """Two-piece normal of the logarithm through three quantiles, with a continuous density.

    Parameters
    ----------
    quantiles : any unit
        Probability → value: three of them.

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        If the quantiles are too skewed for two halves of normals.

    References
    ----------
    Wallis (2014), doi:10.1214/13-STS417
    """
    shares = np.array(sorted(quantiles))
    logs = np.log([quantiles[share] for share in shares])
    scores = ndtri(shares)
    guess = [
        logs[1],
        np.log((logs[1] - logs[0]) / -scores[0]),
        np.log((logs[2] - logs[1]) / scores[2]),
    ]

    def missed(given: np.ndarray) -> np.ndarray:
        one = Split(given[0], float(np.exp(given[1])), float(np.exp(given[2])))
        return one.quantile(shares) - logs

    # On its way the solver may try halves that are not there; what it ends at is checked.
    with np.errstate(all="ignore"):
        found = root(missed, guess, tol=1e-13)
        met = bool(np.abs(missed(found.x)).max() < 1e-9)
    if not met:
        told = ", ".join(f"p{100 * share:02.0f} {quantiles[share]:g}" for share in shares)
        raise ValueError(f"no two-piece lognormal goes through {told}; try shape: metalog")
    return Split(float(found.x[0]), float(np.exp(found.x[1])), float(np.exp(found.x[2])))


def metalog(quantiles: Mapping[float, float], nodes: np.ndarray) -> np.ndarray:
    """Log density of the three-term log-metalog distribution through three quantiles.

    Parameters
    ----------
    quantiles : any unit
        Probability → value: three of them.
    nodes : 1
        Logarithms at which it is asked for.

    Returns
    -------
    1

    Raises
    ------
    ValueError
        If the three terms make no distribution: their quantile function does not rise.

    References
    ----------
    Keelin (2016), doi:10.1287/deca.2016.0338
    """
    shares = np.array(sorted(quantiles))
    logs = np.log([quantiles[share] for share in shares])
    logit = np.log(shares / (1 - shares))
    terms = np.stack([np.ones(3), logit, (shares - 0.5) * logit], axis=1)
    a = np.linalg.solve(terms, logs)
    score = np.linspace(-30.0, 30.0, 200_001)
    u = 1 / (1 + np.exp(-score))
    x = a[0] + a[1] * score + a[2] * (u - 0.5) * score
    # dx/du, with du = u (1 - u) d score
    slope = a[1] + a[2] * ((u - 0.5) + score * u * (1 - u))
    if not (slope > 0).all():
        raise ValueError("these quantiles make no three-term metalog; use two_piece_lognormal")
    heights = -np.abs(score) - 2 * np.log1p(np.exp(-np.abs(score))) - np.log(slope)
    return np.asarray(np.interp(nodes, x, heights))


def bandwidth(values: np.ndarray, weights: np.ndarray) -> float:
    """Bandwidth of a normal kernel for weighted draws.

    Parameters
    ----------
    values : 1
        `[draw]`.
    weights : 1
        `[draw]`, summing to one.

    Returns
    -------
    1

    References
    ----------
    Silverman (1986), Density estimation for statistics and data analysis, eq. 3.31.
    """
    mean = (weights * values).sum()
    sd = np.sqrt((weights * np.square(values - mean)).sum())
    return float(0.9 * sd * np.square(weights).sum() ** 0.2)


def _blurred(mass: np.ndarray, width: float) -> np.ndarray:
    reach = min(max(int(np.ceil(5 * width / STEP)), 1), len(mass) // 2 - 1)
    kernel = np.exp(-0.5 * np.square(STEP * np.arange(-reach, reach + 1) / width))
    return np.convolve(mass, kernel / (kernel.sum() * STEP), mode="same")


def widened(log_density: np.ndarray, width: float) -> np.ndarray:
    """Log density on a table after a normal of that width was added."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(_blurred(np.exp(log_density) * STEP, width)))


def smoothed(
    values: np.ndarray, nodes: np.ndarray, weights: np.ndarray, width: float
) -> np.ndarray:
    """Log density of weighted draws of a logarithm, by a normal kernel on a table.

    Parameters
    ----------
    values : 1
        `[draw]`.
    nodes : 1
        Evenly spaced.
    weights : 1
        `[draw]`, summing to one.
    width : 1
        Of the kernel, from `bandwidth`.

    Returns
    -------
    1
        NaN where too few draws are near to know it.
    """
    place = np.clip((values - nodes[0]) / STEP, 0, len(nodes) - 1.001)
    below = place.astype(int)
    part = place - below
    mass = np.bincount(below, weights * (1 - part), len(nodes))
    mass += np.bincount(below + 1, weights * part, len(nodes))
    found = _blurred(mass, width)
    near = found * width / np.square(weights).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(near > FEWEST / np.sqrt(2 * np.pi), np.log(found), np.nan))

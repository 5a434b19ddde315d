"""A box in the space of inputs: what lies inside, and which of its limits matter.

Functions of plain arrays; `x` is `[draw, input]`, `y` is `[draw]`, true where the outcome happens.
Of a box, its density is the share of its draws that have the outcome, its coverage the share of all
draws with the outcome that lie in it, and its mass its share of all draws.

References
----------
Friedman and Fisher (1999), https://doi.org/10.1023/A:1008894516817; Bryant and Lempert (2010), https://doi.org/10.1016/j.techfore.2009.08.002
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import betainc

ALPHA: Final = 0.05
"""Share of a box that one peel or paste takes. (1; Friedman and Fisher 1999, section 8)"""

LEVEL: Final = 0.05
"""Quasi-p-value above which a restriction is dropped. (1; definition)"""


@dataclass(frozen=True)
class Box:
    """Limits of every input, both inside the box; infinite where it has none.

    Attributes
    ----------
    low, high : units of the inputs
        `[input]`.
    """

    low: np.ndarray
    high: np.ndarray

    @property
    def restricted(self) -> np.ndarray:
        """Which inputs have a limit, `[input]`."""
        return np.isfinite(self.low) | np.isfinite(self.high)

    def holds(self, x: np.ndarray) -> np.ndarray:
        """Which draws lie inside, `[draw]`."""
        some = np.flatnonzero(self.restricted)
        ours = x[:, some]
        return np.asarray(((ours >= self.low[some]) & (ours <= self.high[some])).all(axis=1))

    def limits(self) -> list[tuple[int, int]]:
        """Input and side (0 low, 1 high) of each limit."""
        ends = np.isfinite(np.stack([self.low, self.high], axis=1))
        return [(int(column), int(side)) for column, side in np.argwhere(ends)]

    def moved(self, column: int, side: int, value: float) -> "Box":
        """The same with one limit elsewhere; infinite for none."""
        ends = [self.low, self.high]
        ends[side] = ends[side].copy()
        ends[side][column] = value
        return Box(*ends)

    def without(self, column: int, side: int) -> "Box":
        """The same without one limit."""
        return self.moved(column, side, math.inf if side else -math.inf)

    def among(self, columns: np.ndarray, count: int) -> "Box":
        """The same among more inputs, of which it has those in the columns."""
        low, high = np.full(count, -math.inf), np.full(count, math.inf)
        low[columns], high[columns] = self.low, self.high
        return Box(low, high)


def measures(
    inside: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, float, float]:
    """Coverage, density and mass of some draws.

    Parameters
    ----------
    inside, y : bool
        `[draw]`.
    weights : 1
        Of the draws; equal if not given.

    Returns
    -------
    coverage, density, mass : 1
        NaN where there is nothing to divide by.
    """
    w = np.ones(len(y)) if weights is None else weights
    both, here, hits = w[inside & y].sum(), w[inside].sum(), w[y].sum()
    nan = math.nan
    coverage, density = both / hits if hits else nan, both / here if here else nan
    return float(coverage), float(density), float(here / w.sum())


def paste(
    x: np.ndarray,
    y: np.ndarray,
    box: Box,
    alpha: float = ALPHA,
    *,
    weights: np.ndarray | None = None,
) -> Box:
    """Move limits out again, where that raises the density.

    Parameters
    ----------
    x : units of the inputs
        `[draw, input]`.
    y : bool
        `[draw]`.
    box
    alpha : 1
        Share of the box that one paste adds.
    weights : 1
        Of the draws.

    Returns
    -------
    Box
    """
    w = np.ones(len(y)) if weights is None else weights.astype(float)
    while True:
        inside = box.holds(x)
        whole, hits = w[inside].sum(), w[inside & y].sum()
        wanted = math.floor((whole - 1) * alpha) + 1
        best, gained = box, 0.0
        for column, side in box.limits():
            out = box.without(column, side).holds(x) & ~inside & (w > 0)
            values = x[out, column]
            if not values.size:
                continue
            near = np.argsort(-values if side == 0 else values, kind="stable")
            enough = int((w[out][near].cumsum() < wanted).sum())
            limit = float(values[near[min(enough, len(near) - 1)]])
            new = out & (x[:, column] <= limit if side else x[:, column] >= limit)
            more = w[new].sum()
            gain = ((hits + w[new & y].sum()) / (whole + more) - hits / whole) / more
            if gain > gained:
                best, gained = box.moved(column, side, limit), gain
        if best is box:
            return box
        box = best


def quasi_p(
    x: np.ndarray, y: np.ndarray, box: Box, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Probability that a restriction would do as well by chance.

    That of at least as many draws with the outcome in the box, if each had the density that the
    box has without the restriction. The box was chosen on draws, so that on these it is no p-value
    of a test: "quasi"; on other draws it is one.

    Parameters
    ----------
    x : units of the inputs
        `[draw, input]`.
    y : bool
        `[draw]`.
    box
    weights : 1
        Of the draws.

    Returns
    -------
    p : 1
        `[input, side]`, low and high; NaN where there is no limit.

    References
    ----------
    Bryant and Lempert (2010), appendix A, https://doi.org/10.1016/j.techfore.2009.08.002
    """
    w = np.ones(len(y)) if weights is None else weights
    inside = box.holds(x)
    whole, hits = w[inside].sum(), w[inside & y].sum()
    p = np.full((x.shape[1], 2), math.nan)
    for column, side in box.limits():
        density = measures(box.without(column, side).holds(x), y, w)[1]
        p[column, side] = 1.0 if hits == 0 else betainc(hits, whole - hits + 1, density)
    return p


def drop(x: np.ndarray, y: np.ndarray, box: Box, *, weights: np.ndarray | None = None) -> Box:
    """Drop restrictions that are not significant, the least significant first.

    Parameters
    ----------
    x : units of the inputs
        `[draw, input]`.
    y : bool
        `[draw]`.
    box
    weights : 1
        Of the draws.

    Returns
    -------
    Box
        The quasi-p-value of each of its restrictions is `LEVEL` at the most.
    """
    while box.limits():
        p = np.nan_to_num(quasi_p(x, y, box, weights=weights), nan=-1.0)
        column, side = np.unravel_index(int(p.argmax()), p.shape)
        if p[column, side] <= LEVEL:
            break
        box = box.without(int(column), int(side))
    return box


def gains(
    x: np.ndarray, y: np.ndarray, box: Box, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """How much the limits of each input add to the density of a box.

    Parameters
    ----------
    x : units of the inputs
        `[draw, input]`.
    y : bool
        `[draw]`.
    box
    weights : 1
        Of the draws.

    Returns
    -------
    gain : 1
        `[input]`; NaN where it has no limit.
    """
    found = np.full(x.shape[1], math.nan)
    density = measures(box.holds(x), y, weights)[1]
    for column in np.flatnonzero(box.restricted):
        wider = box.without(int(column), 0).without(int(column), 1)
        found[column] = density - measures(wider.holds(x), y, weights)[1]
    return found

"""PRIM: a box in the space of inputs inside which a yes-or-no outcome is frequent.

Functions of plain arrays; `x` is `[draw, input]`, `y` is `[draw]`, true where the outcome happens.
Of a box, its density is the share of its draws that have the outcome, its coverage the share of all
draws with the outcome that lie in it, and its mass its share of all draws.

References
----------
Friedman and Fisher (1999), https://doi.org/10.1023/A:1008894516817; for scenarios: Bryant and
Lempert (2010), https://doi.org/10.1016/j.techfore.2009.08.002
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from forecast.analysis.box import ALPHA, Box, drop, gains, measures, paste

MOST_INPUTS: Final = 4
"""Inputs that a box restricts at the most, so that it can be told in a sentence. (1; definition)"""

LEAST_INSIDE: Final = 25
"""Draws that a box holds at the least. (1; definition)"""

RESAMPLES: Final = 20
"""Bootstrap resamples that show how stable a box is. (1; definition)"""

_SIDES: Final = (1, 0)
"""Upper end before lower, as in the EMA Workbench: it decides between equal peels."""


@dataclass(frozen=True)
class Rule:
    """How a box is found and which one of the peeling trajectory is taken.

    Attributes
    ----------
    density : float, optional
        The box of largest coverage among those at least as dense; of largest coverage × density if
        neither this nor `number` is given.
    number : int, optional
        This box of the trajectory, from zero, which is all draws.
    most : int
        Inputs that a box restricts.
    least : int
        Draws that it holds.
    alpha : float
        Share of a box that one peel takes.
    """

    density: float | None = None
    number: int | None = None
    most: int = MOST_INPUTS
    least: int = LEAST_INSIDE
    alpha: float = ALPHA


@dataclass(frozen=True)
class Trajectory:
    """Boxes from all draws to the last peel.

    Attributes
    ----------
    boxes : tuple of Box
    coverage, density, mass : array
        `[box]`.
    inputs : array
        Inputs that each restricts, `[box]`.
    """

    boxes: tuple[Box, ...]
    coverage: np.ndarray
    density: np.ndarray
    mass: np.ndarray
    inputs: np.ndarray


def peel(
    x: np.ndarray,
    y: np.ndarray,
    rule: Rule = Rule(),
    *,
    weights: np.ndarray | None = None,
    order: np.ndarray | None = None,
) -> Trajectory:
    """Take the worst slice off a box, again and again.

    Every peel takes a share `alpha` off the low or the high end of one input, with all that are
    equal to its last; the peel is made that raises the density most for each draw it takes. Of
    equal ones it is one that restricts no further input. It ends where none raises the density.

    Parameters
    ----------
    x : units of the inputs
        `[draw, input]`.
    y : bool
        `[draw]`.
    rule
    weights : 1
        Whole numbers, how often each draw counts; once each if not given.
    order
        Draws of each input in rising order, `[input, draw]`, if it is known.

    Returns
    -------
    Trajectory
    """
    w = np.ones(len(y)) if weights is None else weights.astype(float)
    ordered = ranked(x) if order is None else order
    keep = w > 0
    ordered = ordered if keep.all() else _kept(ordered, keep)
    columns = np.arange(x.shape[1])
    box = Box(np.full(len(columns), -math.inf), np.full(len(columns), math.inf))
    boxes = [box]
    while (found := _best(ordered, columns, x, y, w, box, rule)) is not None:
        column, side, limit = found
        box = box.moved(column, side, limit)
        boxes.append(box)
        keep = keep & (x[:, column] <= limit if side else x[:, column] >= limit)
        if box.restricted.sum() == rule.most > 0 and len(columns) > rule.most:
            ordered, columns = ordered[box.restricted[columns]], np.flatnonzero(box.restricted)
        ordered = _kept(ordered, keep)
    numbers = np.array([measures(one.holds(x), y, w) for one in boxes])
    inputs = np.array([one.restricted.sum() for one in boxes])
    return Trajectory(tuple(boxes), numbers[:, 0], numbers[:, 1], numbers[:, 2], inputs)


def _kept(ordered: np.ndarray, keep: np.ndarray) -> np.ndarray:
    return np.asarray(ordered[keep[ordered]].reshape(len(ordered), -1))


def _best(
    ordered: np.ndarray,
    columns: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    w: np.ndarray,
    box: Box,
    rule: Rule,
) -> tuple[int, int, float] | None:
    """Input, side and limit of the peel to make, if one raises the density."""
    here = ordered[0]
    whole, hits = w[here].sum(), (w * y)[here].sum()
    scores = np.full((len(columns), 2), -math.inf)
    limits = np.zeros((len(columns), 2))
    for place, side in enumerate(_SIDES):
        lost, lost_hits, limits[:, place] = _slices(ordered, columns, x, y, w, side, rule.alpha)
        left = whole - lost
        fine = left >= max(rule.least, 1)
        gain = (hits - lost_hits)[fine] / left[fine] - hits / whole
        scores[fine, place] = gain / lost[fine]
    top = scores.max()
    if not top > 0:
        return None
    ties = scores == top
    known = ties & box.restricted[columns, None]
    place = int(np.flatnonzero((known if known.any() else ties).ravel())[0])
    return int(columns[place // 2]), _SIDES[place % 2], float(limits[place // 2, place % 2])


def _slices(
    ordered: np.ndarray,
    columns: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    w: np.ndarray,
    side: int,
    alpha: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draws that a peel of each input takes, those with the outcome, and the limit it leaves."""
    lined = ordered[:, ::-1] if side else ordered
    size, rows = lined.shape[1], np.arange(len(columns))
    wanted = math.floor((w[lined[0]].sum() - 1) * alpha) + 1
    # A draw counts at least once, so these are enough, and one more shows whether it is tied.
    first = lined[:, : min(wanted, size)]
    lost = w[first].cumsum(axis=1)
    last = (lost < wanted).sum(axis=1).clip(max=first.shape[1] - 1)
    taken = last + 1
    total, hits = lost[rows, last], (w * y)[first].cumsum(axis=1)[rows, last]
    kept = lined[rows, taken.clip(max=size - 1)]
    limit = x[kept, columns]
    tied = np.flatnonzero(limit == x[lined[rows, last], columns])
    for row in tied:
        values = x[lined[row], columns[row]]
        beyond = values < limit[row] if side else values > limit[row]
        gone = lined[row][~beyond]
        total[row], hits[row] = w[gone].sum(), (w * y)[gone].sum()
        limit[row] = values[beyond.argmax()]
    return total, hits, limit


def choose(trajectory: Trajectory, rule: Rule) -> int:
    """Take a box of the trajectory.

    Returns
    -------
    int
        Its number.

    Raises
    ------
    ValueError
        If no box is as dense as is asked, all draws are, or there is no box of that number.
    """
    count, density = len(trajectory.boxes), trajectory.density
    if rule.number is not None:
        if not 0 <= rule.number < count:
            raise ValueError(f"no box {rule.number}, expected one of 0 to {count - 1}")
        return rule.number
    if rule.density is None:
        return int(np.argmax(trajectory.coverage * density))
    if rule.density <= density[0]:
        raise ValueError(
            f"all draws together have a density of {density[0]:.3g}; ask for more than that, got"
            f" {rule.density:g}"
        )
    if rule.density > density.max():
        raise ValueError(
            f"no box with at most {rule.most} inputs is as dense as {rule.density:g}; the densest"
            f" reaches {math.floor(1000 * density.max()) / 1000:g}"
        )
    dense = density >= rule.density
    return int(np.argmax(np.where(dense, trajectory.coverage, -1.0)))


def find(
    x: np.ndarray,
    y: np.ndarray,
    rule: Rule = Rule(),
    *,
    weights: np.ndarray | None = None,
    order: np.ndarray | None = None,
) -> tuple[Box, Trajectory, int]:
    """Peel, choose a box, paste, and drop what is not significant.

    All inputs are peeled first. If the box of largest coverage × density then restricts more of
    them than are allowed, those whose limits raise its density most are peeled again, alone.

    Parameters
    ----------
    x : units of the inputs
        `[draw, input]`.
    y : bool
        `[draw]`.
    rule
    weights : 1
        Of the draws, as in `peel`.
    order
        As in `peel`.

    Returns
    -------
    Box
    Trajectory
    int
        Number of the box in the trajectory from which it was made.

    Raises
    ------
    ValueError
        As `choose` does.
    """
    ordered = ranked(x) if order is None else order
    free = peel(x, y, replace(rule, most=x.shape[1]), weights=weights, order=ordered)
    columns = np.arange(x.shape[1])
    best = choose(free, Rule())
    if free.inputs[best] > rule.most:
        raised = gains(x, y, free.boxes[best], weights=weights)
        columns = np.sort(np.argsort(-np.nan_to_num(raised, nan=-1.0), kind="stable")[: rule.most])
    trajectory = peel(x[:, columns], y, rule, weights=weights, order=ordered[columns])
    whole = tuple(one.among(columns, x.shape[1]) for one in trajectory.boxes)
    trajectory = replace(trajectory, boxes=whole)
    number = choose(trajectory, rule)
    box = paste(x, y, whole[number], rule.alpha, weights=weights)
    return drop(x, y, box, weights=weights), trajectory, number


def resampled(
    x: np.ndarray,
    y: np.ndarray,
    rule: Rule = Rule(),
    *,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Find the box again in bootstrap resamples of the draws.

    Parameters
    ----------
    x : units of the inputs
        `[draw, input]`.
    y : bool
        `[draw]`.
    rule
        If it names a density that a resample does not reach, or a box that it lacks, that resample
        takes the box of largest coverage × density.
    resamples
    seed

    Returns
    -------
    low, high : units of the inputs
        `[resample, input]`; infinite where an input has no limit.
    """
    rng, order = np.random.default_rng(seed), ranked(x)
    lows, highs = np.empty((2, resamples, x.shape[1]))
    for number in range(resamples):
        weights = np.bincount(rng.integers(0, len(y), len(y)), minlength=len(y))
        try:
            box = find(x, y, rule, weights=weights, order=order)[0]
        except ValueError:
            plain = replace(rule, density=None, number=None)
            box = find(x, y, plain, weights=weights, order=order)[0]
        lows[number], highs[number] = box.low, box.high
    return lows, highs


def ranked(x: np.ndarray) -> np.ndarray:
    """Draws of each input in rising order, `[input, draw]`."""
    return np.argsort(x.T, axis=1, kind="stable").astype(np.int32)

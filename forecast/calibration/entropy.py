"""The distribution closest to history that has a stated marginal and meets stated beliefs.

Of all distributions with marginal t of T, the closest to p in relative entropy is
``p*(x) ~ p(x) t(T) / p_T(T)``: the conditional of everything else, given T, stays as it was.
Beliefs that a median lies at a value join as smooth steps, whose strengths are solved for so that
all hold together.

References
----------
Csiszár (1975), doi:10.1214/aop/1176996454; docs/model.md, Calibration.
"""

from typing import NamedTuple

import numpy as np

from forecast.calibration.density import STEP, bandwidth, smoothed, widened
from forecast.calibration.tilt import Tilt

ROUNDS = 60
"""Most rounds of fitting strengths and table in turn. (definition)"""

CLOSE = 5e-4
"""Distance of a share from a half that is taken for met. (1; definition)"""

WIDTH = 0.05
"""Width of the smooth step of a belief, on the logarithm. (1; judgement, grade D)"""

CAUTION = 0.7
"""Share of a Newton step that is taken. (1; definition)"""


class Beliefs(NamedTuple):
    """Medians that are believed.

    Attributes
    ----------
    centres : array
        `[belief]`, logarithms.
    least : array
        `[belief]`, whether the median is only bounded from below.
    """

    centres: np.ndarray
    least: np.ndarray


def start_tilt(nodes: np.ndarray, beliefs: Beliefs) -> Tilt:
    """Make a tilt that changes nothing."""
    zeros = np.zeros(len(beliefs.centres))
    widths = np.full(len(beliefs.centres), WIDTH)
    return Tilt(
        np.float64(nodes[0]),  # type: ignore[arg-type]
        np.float64(STEP),  # type: ignore[arg-type]
        np.zeros(len(nodes)),  # type: ignore[arg-type]
        zeros,  # type: ignore[arg-type]
        beliefs.centres,  # type: ignore[arg-type]
        widths,  # type: ignore[arg-type]
    )


def log_ratios(tilt: Tilt, extra: np.ndarray) -> np.ndarray:
    """`tilt.log_ratio` over draws, in NumPy: `[draw, quantity]` → `[draw]`."""
    nodes = np.asarray(tilt.start) + np.asarray(tilt.step) * np.arange(len(tilt.values))
    return np.asarray(np.interp(extra[:, 0], nodes, tilt.values) + _steps(tilt, extra))


def _sigmoids(tilt: Tilt, extra: np.ndarray) -> np.ndarray:
    place = (extra[:, 1:] - np.asarray(tilt.centres)) / np.asarray(tilt.widths)
    return np.asarray(1 / (1 + np.exp(-np.clip(place, -700, 700))))


def _steps(tilt: Tilt, extra: np.ndarray) -> np.ndarray:
    return np.asarray((_sigmoids(tilt, extra) * np.asarray(tilt.strengths)).sum(1))


def fitted(tilt: Tilt, extra: np.ndarray, target: np.ndarray, beliefs: Beliefs) -> Tilt:
    """Improve a tilt on draws of the density that it gives.

    Parameters
    ----------
    tilt
        Under which the draws were made; `start_tilt` for draws of history.
    extra : 1
        `[draw, quantity]`: logarithms of the target's quantity and of those of the beliefs.
    target : 1
        Log density that the target's quantity shall have, at the nodes of the tilt.
    beliefs

    Returns
    -------
    Tilt
        With table and strengths that the draws, reweighted, call for.
    """
    extra = extra[np.isfinite(extra).all(1)]
    nodes = float(tilt.start) + STEP * np.arange(len(tilt.values))
    steps = _sigmoids(tilt, extra)
    above = extra[:, 1:] > beliefs.centres
    more = np.zeros(len(beliefs.centres))
    table = np.zeros(len(nodes))
    for _ in range(ROUNDS):
        weights = _normalised(steps @ more)
        table = _held(_compared(target, extra[:, 0], nodes, weights))
        weights = _normalised(np.interp(extra[:, 0], nodes, table) + steps @ more)
        share = weights @ above
        wrong = 0.5 - share
        # A bound from below pushes only as far as it must.
        slack = beliefs.least & (np.asarray(tilt.strengths) + more <= 0) & (wrong < 0)
        wrong = np.where(slack, 0.0, wrong)
        if np.abs(wrong).max(initial=0.0) < CLOSE:
            break
        slope = weights @ (steps * above) - (weights @ steps) * share
        more = more + CAUTION * wrong / np.maximum(slope, 1e-3)
        more = np.where(beliefs.least, np.maximum(more, -np.asarray(tilt.strengths)), more)
    values = np.asarray(tilt.values) + table
    strengths = np.asarray(tilt.strengths) + more
    return tilt._replace(values=values, strengths=strengths)  # type: ignore[arg-type]


EDGE = 50
"""Nodes beyond what is known over which a table is continued by a straight line. (definition)"""


def _compared(
    target: np.ndarray, values: np.ndarray, nodes: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Log of the target over the density of draws; both smoothed alike, so that no width biases."""
    width = bandwidth(values, weights)
    return np.asarray(widened(target, width) - smoothed(values, nodes, weights, width))


def _normalised(log_weights: np.ndarray) -> np.ndarray:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def _held(values: np.ndarray) -> np.ndarray:
    """Values known in the middle, continued by a straight line for a while, then held."""
    known = np.flatnonzero(np.isfinite(values))
    first, last = known[0], known[-1]
    reach = min(EDGE, (last - first) // 4)
    places = np.arange(len(values))
    found = np.interp(places, known, values[known])
    for end, inner in ((first, first + reach), (last, last - reach)):
        slope = (found[end] - found[inner]) / (end - inner)
        beyond = places < end if end == first else places > end
        away = np.clip(places - end, -EDGE, EDGE)
        found = np.where(beyond, found[end] + slope * away, found)
    return np.asarray(found)


def divergence(tilt: Tilt, extra: np.ndarray, evidence: float) -> float:
    """Relative entropy of a tilted density to history, nats.

    Parameters
    ----------
    tilt
    extra : 1
        `[draw, quantity]` of draws of the tilted density.
    evidence : 1
        Log of the mean of the tilt's ratio over history.

    Returns
    -------
    1
    """
    return float(log_ratios(tilt, extra).mean() - evidence)

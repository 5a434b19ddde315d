"""Morris screening: elementary effects along trajectories, of any number of outcomes at once."""

from typing import Final, NamedTuple

import numpy as np

from forecast.analysis.sobol import LEVEL, resamples, spread

LEVELS: Final = 4
"""Levels of each input, as Morris (1991) and Campolongo et al. (2007) have them. (definition)"""

STEP: Final = 0.5
"""Step of an input: half of its levels. (1, of the unit cube; definition)"""


class Screening(NamedTuple):
    """Statistics of elementary effects, each `[input, outcome]`, unit of the outcome per 1."""

    mu: np.ndarray
    mu_star: np.ndarray
    mu_star_low: np.ndarray
    mu_star_high: np.ndarray
    sigma: np.ndarray


def on_levels(u: np.ndarray, levels: int = LEVELS) -> np.ndarray:
    """Points of the unit cube, moved to the centre of the level that they lie in.

    The levels of Morris (1991) reach the ends of the unit interval, which a distribution may have
    at infinity; these are the centres of equal cells, so each level is as probable as any other.

    Parameters
    ----------
    u : 1
    levels
        An even number.

    Returns
    -------
    1

    Raises
    ------
    ValueError
        If the levels are odd or fewer than two.
    """
    if levels < 2 or levels % 2:
        raise ValueError(f"levels must be even and at least 2, got {levels}")
    return np.asarray((np.minimum(np.floor(u * levels), levels - 1) + 0.5) / levels)


def moved(u: np.ndarray) -> np.ndarray:
    """Points one step on: up from the lower half of the unit interval, down from the upper."""
    return np.where(u < STEP, u + STEP, u - STEP)


def orders(inputs: int, trajectories: int, seed: int) -> np.ndarray:
    """When each input moves in each trajectory.

    Parameters
    ----------
    inputs, trajectories, seed

    Returns
    -------
    int
        `[input, trajectory]`: its place in a random order, from zero.
    """
    rng = np.random.default_rng(seed)
    laid = np.tile(np.arange(inputs)[:, None], (1, trajectories))
    return np.asarray(rng.permuted(laid, axis=0))


def elementary_effects(y: np.ndarray, place: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Change of every outcome over the step of each input.

    Parameters
    ----------
    y : any units
        `[point, trajectory, outcome]`: before the first move, then after each.
    place
        `[input, trajectory]`, from `orders`.
    step : 1
        `[input, trajectory]` or `[input, 1]`, with the sign of the move.

    Returns
    -------
    Units of the outcomes, per unit of the step
        `[input, trajectory, outcome]`.

    Raises
    ------
    ValueError
        If there is not one point more than inputs.

    References
    ----------
    Morris (1991), doi:10.1080/00401706.1991.10484804
    """
    if len(y) != len(place) + 1 or y.shape[1] != place.shape[1]:
        raise ValueError(
            f"{len(place)} inputs take {len(place) + 1} points of {place.shape[1]} trajectories,"
            f" got {len(y)} points of {y.shape[1]}"
        )
    change = np.diff(y, axis=0)
    found = np.take_along_axis(change, place[..., None], 0) if len(place) else change
    return np.asarray(found / step[..., None])


def screening(
    effects: np.ndarray, *, bootstraps: int = 100, seed: int = 0, level: float = LEVEL
) -> Screening:
    """Mean, mean size and spread of elementary effects.

    Parameters
    ----------
    effects : any unit
        `[input, trajectory, outcome]`; those that are NaN are left out.
    bootstraps, seed
        Resamples of the trajectories.
    level
        Of the interval.

    Returns
    -------
    Screening
        `mu`, `mu_star` with its interval, and `sigma`.

    Raises
    ------
    ValueError
        If there are fewer than two trajectories or bootstraps.

    References
    ----------
    Campolongo, Cariboni and Saltelli (2007), doi:10.1016/j.envsoft.2006.10.004
    """
    weights = resamples(effects.shape[1], bootstraps, seed)
    there = np.isfinite(effects)
    count = there.sum(1)
    size = np.where(there, np.abs(effects), 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mu = np.where(there, effects, 0).sum(1) / count
        off = np.where(there, effects - mu[:, None], 0)
        sigma = np.sqrt((off**2).sum(1) / np.where(count > 1, count - 1, np.nan))
        means = weights @ size / (weights @ there)
    return Screening(mu, *spread(means, level), sigma)

"""Sequential Monte Carlo: particles of one population, from one density to another by steps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np
from blackjax.smc import resampling
from scipy.optimize import brentq

from forecast.calibration.moves import STEPS, Goal, Guide, Moved, Stride, guide

SHARE: Final = 0.5
"""Effective share of particles that a step may leave. (1; definition)"""

UNDERWAY: Final = 1
"""Rounds of moves after a step that does not end the way. (definition)"""

MOST: Final = 40
"""Steps after which a population is given up. (definition)"""

type Score = Callable[[np.ndarray], np.ndarray]
"""From `seen` to the log weight of each particle per unit of the exponent."""


@dataclass(frozen=True)
class Population:
    """Equally weighted particles, and how they came to be.

    Attributes
    ----------
    z : array
        `[draw, latent]`.
    seen : array
        `[draw, quantity]`, logarithms.
    evidence : float
        Log of the mean weight from the first density to the last.
    exponents : tuple of float
        Of each step, rising to 1.
    effective : float
        Effective share of the first reweighting all the way, before any move.
    accepted : float
        Share of accepted moves in the last round.
    slopes : array
        `[point, quantity, latent]` at a few of its particles; empty until they are asked for.
    """

    z: np.ndarray
    seen: np.ndarray
    evidence: float
    exponents: tuple[float, ...]
    effective: float
    accepted: float
    slopes: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 0)))


class Stuck(Exception):
    """Particles that cannot be brought to the density that is asked for."""


def effective_share(log_weights: np.ndarray) -> float:
    """Effective number of weighted particles over their number."""
    with np.errstate(invalid="ignore"):
        weights = np.nan_to_num(np.exp(log_weights - log_weights.max()))
    return float(weights.sum() ** 2 / np.square(weights).sum() / len(weights))


def next_exponent(scores: np.ndarray, exponent: float, share: float = SHARE) -> float:
    """Exponent to go to, so that the given share of particles stays effective.

    Parameters
    ----------
    scores : 1
        Log weight per unit of the exponent; -inf for a particle that fails.
    exponent : 1
        Where the particles are.
    share : 1

    Returns
    -------
    1
        At most 1.
    """
    left = 1.0 - exponent
    if effective_share(left * scores) >= share:
        return 1.0
    lowest = 1e-9 * left
    if effective_share(lowest * scores) < share:
        return exponent + lowest
    step = brentq(lambda one: effective_share(one * scores) - share, lowest, left, xtol=1e-9)
    return float(exponent + step)


def resampled(key: jax.Array, log_weights: np.ndarray) -> np.ndarray:
    """Systematic resampling: the particle that each takes."""
    weights = np.exp(log_weights - log_weights.max())
    found = resampling.systematic(key, jnp.asarray(weights / weights.sum()), len(weights))
    return np.asarray(found)


def free(count: int) -> np.ndarray:
    """Bounds that bind no particle, `[draw, 2]`."""
    return np.tile([-np.inf, np.inf], (count, 1))


def moved(
    moves: Callable[..., Moved],
    key: jax.Array,
    start: tuple[np.ndarray, np.ndarray],
    bounds: np.ndarray,
    goal: Goal,
    strides: Sequence[Stride],
    along: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, float]:
    """One round of moves, each half of the particles under the guide of the other half.

    A guide that is fitted to the particles that it moves knows where they are, and the density is
    then not kept: with 512 particles the posterior came out 5 % too wide. So its directions come
    from other populations, and mean and covariance along them from the other half.

    Parameters
    ----------
    moves
        From `mover`.
    key
    start : 1
        `z` and `seen`; particles that were resampled from one stand side by side, so that hardly
        any is in both halves.
    bounds
        Of each particle, see `mover`.
    goal
    strides : 1
        Of the steps.
    along : 1
        Directions that are known from other populations.

    Returns
    -------
    z, seen, share of accepted moves
    """
    z, seen = start
    half = len(z) // 2
    parts = (slice(None, half), slice(half, None))
    guides = [guide(along, z[part]) for part in parts]
    done = [
        _steps(moves, one, (z[part], seen[part]), bounds[part], other, goal, strides)
        for one, part, other in zip(jax.random.split(key), parts, guides[::-1], strict=True)
    ]
    places, saw, accepted = zip(*done, strict=True)
    return np.concatenate(places), np.concatenate(saw), float(np.mean(accepted))


def _steps(
    moves: Callable[..., Moved],
    key: jax.Array,
    start: tuple[np.ndarray, np.ndarray],
    bounds: np.ndarray,
    under: Guide,
    goal: Goal,
    strides: Sequence[Stride],
) -> tuple[np.ndarray, np.ndarray, float]:
    """Several steps under one guide."""
    z: Any
    seen: Any
    (z, seen), accepted = start, []
    for one, stride in zip(jax.random.split(key, len(strides)), strides, strict=True):
        found = moves(one, z, seen, bounds, under, goal, np.array(stride))
        z, seen = found.z, found.seen
        accepted.append(found.accepted)
    return np.asarray(z), np.asarray(seen), float(np.mean(accepted))


def tempered(
    moves: Callable[..., Moved],
    key: jax.Array,
    start: tuple[np.ndarray, np.ndarray],
    score: Score,
    goal: Callable[[float], Goal],
    along: np.ndarray,
    *,
    rounds: int = 2,
    strides: Sequence[Stride] = STEPS,
) -> Population:
    """Bring particles from a density to another through powers of their ratio.

    Parameters
    ----------
    moves
        From `mover`.
    key
    start : 1
        Particles of the first density, `z` and `seen`.
    score
        Log of the ratio of the densities.
    goal
        Exponent → what particles are moved under.
    along : 1
        Directions of the guide, from other populations.
    rounds
        Rounds of moves at the end, after which particles are distinct and have forgotten where
        they were resampled from.
    strides : 1
        Steps of each round.

    Returns
    -------
    Population

    Raises
    ------
    Stuck
        If no particle has weight, or the steps do not end.
    """
    z, seen = start
    bounds = free(len(z))
    exponent, evidence, accepted = 0.0, 0.0, 1.0
    exponents: list[float] = []
    first = None
    while exponent < 1.0:
        scores = score(seen)
        scores = np.where(np.isfinite(scores), scores, -np.inf)
        if len(exponents) == MOST or not (scores > -np.inf).any():
            raise Stuck(f"no way to the density after {len(exponents)} steps")
        first = effective_share(scores) if first is None else first
        after = next_exponent(scores, exponent)
        weights = (after - exponent) * scores
        evidence += float(np.logaddexp.reduce(weights) - np.log(len(weights)))
        key, pick, move = jax.random.split(key, 3)
        taken = resampled(pick, weights)
        z, seen = z[taken], seen[taken]
        exponent = after
        exponents.append(after)
        for _ in range(rounds if exponent == 1.0 else UNDERWAY):
            key, move = jax.random.split(key)
            z, seen, accepted = moved(
                moves, move, (z, seen), bounds, goal(exponent), strides, along
            )
    assert first is not None, "an exponent below one takes a step"
    return Population(z, seen, evidence, tuple(exponents), first, accepted)

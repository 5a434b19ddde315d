"""Directions that matter: along which latent inputs the observed quantities move, at particles.

References
----------
Cui, Martin, Marzouk, Solonen and Spantini (2014), doi:10.1088/0266-5611/30/11/114015: the
likelihood-informed subspace from the mean of outer products of gradients.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

POINTS: Final = 6
"""Particles of a population at which slopes are taken. (definition)"""

DIRECTIONS: Final = 20
"""Most directions that are kept; quantities hardly move along any other. (definition)"""

FITTED: Final = 10
"""Particles, at least, on which the spread along each direction is fitted. (definition)"""

APART: Final = 1e-3
"""Distance of two latent points whose difference is a slope. (1; definition)"""

type See = Callable[[np.ndarray], np.ndarray]
"""From latent points `[point, latent]` to logarithms of what is observed, `[point, quantity]`."""


def slopes(see: See, z: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Differences of the observed quantities along every latent input, at a few particles.

    Parameters
    ----------
    see
    z, seen : 1
        `[draw, latent]` and `[draw, quantity]` of one population.

    Returns
    -------
    1
        `[point, quantity, latent]`, of those points where every quantity is known.
    """
    known = np.flatnonzero(np.isfinite(seen).all(1))
    at = known[np.linspace(0, len(known) - 1, min(POINTS, len(known))).astype(int)]
    count = z.shape[1]
    beside = z[at][:, None] + APART * np.eye(count)
    there = see(beside.reshape(-1, count)).reshape(len(at), count, -1)
    found = np.moveaxis(there - seen[at][:, None], 1, 2) / APART
    return np.asarray(found[np.isfinite(found).all((1, 2))])


def most_directions(particles: int) -> int:
    """Directions along which half of the particles of a population can tell the spread."""
    return max(1, min(DIRECTIONS, particles // 2 // FITTED))


def directions(found: Sequence[np.ndarray], seen: np.ndarray, most: int) -> np.ndarray:
    """Find the directions along which observed quantities move most, each in its own spread.

    Parameters
    ----------
    found : 1
        Slopes of other populations than the one that is moved.
    seen : 1
        `[draw, quantity]` of the same populations.
    most
        Directions, if there are as many latent inputs.

    Returns
    -------
    1
        `[latent, direction]`, orthonormal.
    """
    spread = np.maximum(np.nanstd(seen, axis=0), 1e-12)
    rows = np.concatenate(found) / spread[:, None]
    rows = rows.reshape(-1, rows.shape[-1])
    _, vectors = np.linalg.eigh(rows.T @ rows)
    return np.asarray(vectors[:, ::-1][:, :most])

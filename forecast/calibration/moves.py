"""Moves of particles under a density: a preconditioned Crank-Nicolson walk, compiled once.

The proposal is reversible under a normal distribution that is the prior but for a few directions,
those along which the observed quantities move; there it has the mean and covariance of the
particles. So a step may be large in most directions and is still accepted.

References
----------
Cui, Law and Marzouk (2016), doi:10.1016/j.jcp.2015.10.008, for the directions; Rudolf and Sprungk
(2018), doi:10.1007/s10208-016-9340-x, for the walk; BlackJAX for the step of Metropolis and
Hastings.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
from blackjax.mcmc.random_walk import RWState, build_rmh
from jaxtyping import Array, Float

from forecast.calibration.observables import log_likelihood
from forecast.calibration.problem import Problem, along_lanes, observe
from forecast.calibration.tilt import Tilt, log_ratio
from forecast.simulate.engine import OPTIONS

STEPS = (0.85, 0.35)
"""Lengths of the steps of one round, from 0 (stay) to 1 (independent of where one was). (1;
definition)"""

SHORT = (0.1, 0.3)
"""The same for a round that is to move what has not moved yet. (1; definition)"""

SMALLEST = 1e-6
"""Least variance of a direction. (1; definition)"""


class Place(NamedTuple):
    """A particle and what is observed of it, so that the model runs once a proposal."""

    z: Float[Array, " latent"]
    seen: Float[Array, " quantity"]


class Guide(NamedTuple):
    """Normal distribution that proposals are reversible under.

    Attributes
    ----------
    mean : 1
        `[latent]`.
    directions : 1
        `[latent, direction]`, orthonormal; elsewhere the variance is 1.
    root, inverse : 1
        `[direction, direction]`: symmetric root and inverse of the covariance along them.
    """

    mean: Float[Array, " latent"]
    directions: Float[Array, "latent direction"]
    root: Float[Array, "direction direction"]
    inverse: Float[Array, "direction direction"]


class Goal(NamedTuple):
    """What the particles are moved under.

    Attributes
    ----------
    history : 1
        Exponent of the likelihood of history.
    tilted : 1
        Exponent of the tilt.
    tilt : Tilt
    value : 1
        `[observation]`, logarithms of what was observed.
    """

    history: Float[Array, ""]
    tilted: Float[Array, ""]
    tilt: Tilt
    value: Float[Array, " observation"]


class Moved(NamedTuple):
    """Particles after a round of moves."""

    z: Float[Array, "draw latent"]
    seen: Float[Array, "draw quantity"]
    accepted: Float[Array, " step"]
    """Share of particles that moved in each step."""
    moved: Float[Array, " draw"]
    """Steps that each particle took."""


def directions(z: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Find the directions along which observed quantities move: their regression on particles.

    Parameters
    ----------
    z : 1
        `[draw, latent]`, of other populations than the one that is moved.
    seen : 1
        `[draw, quantity]`, logarithms of the observed quantities.

    Returns
    -------
    1
        `[latent, direction]`, orthonormal.
    """
    known = np.isfinite(seen).all(1)
    z, seen = z[known], seen[known]
    apart = seen - seen.mean(0)
    apart = apart / np.maximum(apart.std(0), 1e-12)
    return np.asarray(np.linalg.qr((z - z.mean(0)).T @ apart / len(z))[0])


def guide(along: np.ndarray, z: np.ndarray) -> Guide:
    """Fit the normal distribution of proposals to particles.

    Parameters
    ----------
    along : 1
        From `directions`.
    z : 1
        `[draw, latent]`, equally weighted, none of those that are moved.

    Returns
    -------
    Guide
    """
    placed = z @ along
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(placed.T)))
    values = np.maximum(values, SMALLEST)
    return Guide(
        mean=jnp.asarray(along @ placed.mean(0)),
        directions=jnp.asarray(along),
        root=jnp.asarray((vectors * np.sqrt(values)) @ vectors.T),
        inverse=jnp.asarray((vectors / values) @ vectors.T),
    )


def _log_normal(guide: Guide, z: Float[Array, " latent"]) -> Float[Array, ""]:
    apart = z - guide.mean
    along = apart @ guide.directions
    inside = along @ (guide.inverse @ along) - along @ along
    return -0.5 * (apart @ apart + inside)


def _proposed(
    guide: Guide, length: Float[Array, ""], key: Array, z: Float[Array, " latent"]
) -> Float[Array, " latent"]:
    xi = jax.random.normal(key, z.shape, z.dtype)
    along = xi @ guide.directions
    xi = xi + guide.directions @ (guide.root @ along - along)
    return guide.mean + jnp.sqrt(1.0 - jnp.square(length)) * (z - guide.mean) + length * xi


def mover(problem: Problem) -> Callable[..., Moved]:
    """Compile the moves of a problem.

    Parameters
    ----------
    problem

    Returns
    -------
    callable
        ``(key, z, seen, bounds, guide, goal, lengths) -> Moved``; `bounds` holds for each
        particle the least and the most of the log of the first extra quantity (the stratum that
        it stays in), `lengths` the length of each step. One program for every stage, world and
        value of the observations.
    """
    see = along_lanes(observe(problem), len(problem.quantities))
    count = len(problem.data.observations)
    step = build_rmh()

    def density(goal: Goal, bounds: Float[Array, " 2"]) -> Callable[[Place], Float[Array, ""]]:
        def one(place: Place) -> Float[Array, ""]:
            seen = place.seen
            data = replace(problem.data, value=cast(Any, goal.value))
            inside = log_likelihood(seen[:count], data) * goal.history
            if problem.extra:
                inside = inside + goal.tilted * log_ratio(goal.tilt, seen[count:])
                within = (seen[count] >= bounds[0]) & (seen[count] < bounds[1])
                inside = jnp.where(within, inside, -jnp.inf)
            found = inside - 0.5 * (place.z @ place.z)
            return jnp.where(jnp.isnan(found), -jnp.inf, found)

        return one

    def one_step(
        key: Array, state: RWState, bounds: Array, guide: Guide, goal: Goal, length: Array
    ) -> tuple[RWState, Array]:
        def proposed(key: Array, place: Place) -> Place:
            z = _proposed(guide, length, key, place.z)
            return Place(z, see(z))

        after, info = step(
            key,
            state,
            density(goal, bounds),
            proposed,
            lambda _, to: _log_normal(guide, to.position.z),
        )
        return after, info.is_accepted

    @partial(jax.jit, compiler_options=OPTIONS)
    def moves(
        key: Array,
        z: Array,
        seen: Array,
        bounds: Array,
        guide: Guide,
        goal: Goal,
        lengths: Array,
    ) -> Moved:
        def begun(place: Place, bounds: Array) -> RWState:
            return RWState(place, density(goal, bounds)(place))

        def body(state: RWState, row: tuple[Array, Array]) -> tuple[RWState, Array]:
            keys = jax.random.split(row[0], z.shape[0])
            stepped = jax.vmap(one_step, in_axes=(0, 0, 0, None, None, None))
            return stepped(keys, state, bounds, guide, goal, row[1])

        rows = (jax.random.split(key, lengths.shape[0]), lengths)
        last, accepted = jax.lax.scan(body, jax.vmap(begun)(Place(z, seen), bounds), rows)
        return Moved(last.position.z, last.position.seen, accepted.mean(1), accepted.sum(0))

    return moves

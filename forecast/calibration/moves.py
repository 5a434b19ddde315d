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

from collections.abc import Callable, Sequence
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

type Stride = tuple[float, float]
"""Length of a step outside the guide's directions and along them, from 0 (stay) to 1 (independent
of where one was). (1)"""

STEPS: Sequence[Stride] = ((1.0, 0.4), (0.3, 0.8))
"""Steps of one round: one that renews what hardly matters, one along what does. (1; definition)"""

NARROW: Sequence[Stride] = ((1.0, 0.1), (0.0, 0.35))
"""The same in the world of a case, a thin and bent shell. (1; definition)"""

SHORT: Sequence[Stride] = ((0.1, 0.1), (0.3, 0.3))
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
    """Particles after a step."""

    z: Float[Array, "draw latent"]
    seen: Float[Array, "draw quantity"]
    accepted: Float[Array, ""]
    """Share of particles that took it."""


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
    guide: Guide, stride: Float[Array, "2"], key: Array, z: Float[Array, " latent"]
) -> Float[Array, " latent"]:
    # In single precision, which costs half: what matters of a proposal is its symmetry.
    xi = jax.random.normal(key, z.shape, jnp.float32).astype(z.dtype)
    apart = z - guide.mean
    (outside, along), (stay_outside, stay_along) = stride, jnp.sqrt(1.0 - jnp.square(stride))
    fresh, old = xi @ guide.directions, apart @ guide.directions
    inside = stay_along * old + along * (guide.root @ fresh)
    inside = inside - (stay_outside * old + outside * fresh)
    return guide.mean + stay_outside * apart + outside * xi + guide.directions @ inside


def mover(problem: Problem) -> Callable[..., Moved]:
    """Compile the moves of a problem.

    Parameters
    ----------
    problem

    Returns
    -------
    callable
        ``(key, z, seen, bounds, guide, goal, stride) -> Moved``, one step; `bounds` holds for each
        particle the least and the most of the log of the first extra quantity (the stratum that
        it stays in). One program for every stage, world and value of the observations.
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
        key: Array, place: Place, bounds: Array, guide: Guide, goal: Goal, stride: Array
    ) -> tuple[Place, Array]:
        def proposed(key: Array, place: Place) -> Place:
            z = _proposed(guide, stride, key, place.z)
            return Place(z, see(z))

        at = density(goal, bounds)
        after, info = step(
            key,
            RWState(place, at(place)),
            at,
            proposed,
            lambda _, to: _log_normal(guide, to.position.z),
        )
        return after.position, info.is_accepted

    @partial(jax.jit, compiler_options=OPTIONS)
    def moves(
        key: Array,
        z: Array,
        seen: Array,
        bounds: Array,
        guide: Guide,
        goal: Goal,
        stride: Array,
    ) -> Moved:
        keys = jax.random.split(key, z.shape[0])
        stepped = jax.vmap(one_step, in_axes=(0, 0, 0, None, None, None))
        last, accepted = stepped(keys, Place(z, seen), bounds, guide, goal, stride)
        return Moved(last.z, last.seen, accepted.mean())

    return moves

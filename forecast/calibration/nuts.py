"""The no-U-turn sampler on the same density: a second way to the history posterior."""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import blackjax
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from forecast.calibration.observables import log_likelihood
from forecast.calibration.problem import Problem, observe
from forecast.sampling.score import normal_score


class Sampled(NamedTuple):
    """Draws of the sampler.

    Attributes
    ----------
    z : array
        `[chain, draw, latent]`.
    divergences : int
        Draws whose path left the level of energy.
    acceptance : float
        Mean acceptance.
    step : array
        `[chain]`, adapted step lengths.
    """

    z: np.ndarray
    divergences: int
    acceptance: float
    step: np.ndarray


class Discrete(NamedTuple):
    """A row of the latent space that stands for a few values."""

    row: int
    middles: np.ndarray
    """Points of the unit interval, one in each value's share of it."""
    weights: np.ndarray


def marginal_density(
    problem: Problem, discrete: Mapping[str, tuple[int, np.ndarray, np.ndarray]]
) -> Callable[[Float[Array, " latent"]], Float[Array, ""]]:
    """Log density of history in the latent space, inputs of a few values summed out.

    Parameters
    ----------
    problem
    discrete
        From `latent.discrete_rows`.

    Returns
    -------
    callable
        Differentiable everywhere; rows of discrete inputs keep their standard normal.
    """
    see = observe(problem)
    count = len(problem.data.observations)
    rows = [Discrete(*one) for one in discrete.values()]
    scores = [np.asarray(_scores(one.middles)) for one in rows]
    cases = list(product(*(range(len(one.weights)) for one in rows)))

    def density(z: Float[Array, " latent"]) -> Float[Array, ""]:
        found = []
        for case in cases:
            point, weight = z, 0.0
            for one, score, place in zip(rows, scores, case, strict=True):
                point = point.at[one.row].set(score[place])
                weight += float(np.log(one.weights[place]))
            found.append(log_likelihood(see(point)[:count], problem.data) + weight)
        inside = jax.scipy.special.logsumexp(jnp.stack(found)) - 0.5 * jnp.sum(jnp.square(z))
        return jnp.where(jnp.isfinite(inside), inside, -1e10)

    return density


def _scores(middles: np.ndarray) -> Array:
    with jax.enable_x64(True):
        return normal_score(jnp.asarray(middles))


def with_discrete(
    problem: Problem,
    discrete: Mapping[str, tuple[int, np.ndarray, np.ndarray]],
    z: np.ndarray,
    seed: int,
) -> np.ndarray:
    """Latent points with the rows of discrete inputs drawn from their conditional.

    Parameters
    ----------
    problem, discrete
        As for `marginal_density`.
    z : 1
        `[draw, latent]`, from the marginal density.
    seed

    Returns
    -------
    1
        The same points, drawn from the whole posterior.
    """
    found = z.copy()
    random = np.random.default_rng(seed)
    with jax.enable_x64(True):
        see = jax.jit(jax.vmap(observe(problem)))
        count = len(problem.data.observations)
        for row, middles, weights in discrete.values():
            scores = []
            for place, middle in enumerate(np.asarray(_scores(middles))):
                found[:, row] = middle
                likelihood = log_likelihood(see(jnp.asarray(found))[:, :count], problem.data)
                scores.append(np.asarray(likelihood) + np.log(weights[place]))
            heights = np.stack(scores, axis=1)
            shares = np.exp(heights - heights.max(1, keepdims=True))
            shares /= shares.sum(1, keepdims=True)
            taken = (random.random((len(z), 1)) > np.cumsum(shares, 1)).sum(1)
            edges = np.concatenate([[0.0], np.cumsum(weights)])
            inside = edges[taken] + random.random(len(z)) * np.asarray(weights)[taken]
            found[:, row] = np.asarray(_scores(np.clip(inside, 1e-12, 1 - 1e-12)))
    return found


def sample(
    density: Callable[[Float[Array, " latent"]], Float[Array, ""]],
    size: int,
    *,
    seed: int,
    chains: int,
    draws: int,
    warmup: int = 200,
) -> Sampled:
    """Draw from a density by the no-U-turn sampler, chains side by side.

    Parameters
    ----------
    density
        Log density of one latent point.
    size
        Rows of the latent space.
    seed
    chains, draws
        Kept draws of each chain.
    warmup
        Draws in which the step length and the diagonal metric adapt.

    Returns
    -------
    Sampled

    References
    ----------
    Hoffman and Gelman (2014), Journal of Machine Learning Research 15, 1593-1623; BlackJAX.
    """
    with jax.enable_x64(True):
        keys = jax.random.split(jax.random.key(seed), (3, chains))
        start = jax.vmap(lambda key: 0.5 * jax.random.normal(key, (size,), jnp.float64))(keys[0])
        adapt = blackjax.window_adaptation(blackjax.nuts, density, target_acceptance_rate=0.8)

        @jax.jit
        def warmed(key: Array, position: Array) -> Any:
            (state, parameters), _ = adapt.run(key, position, num_steps=warmup)
            return state, parameters

        states, parameters = jax.vmap(warmed)(keys[1], start)
        build = blackjax.nuts.build_kernel()

        @partial(jax.jit)
        def chain(key: Array, state: Any, step: Array, metric: Array) -> Any:
            def one(state: Any, key: Array) -> Any:
                state, info = build(key, state, density, step, metric)
                return state, (state.position, info.is_divergent, info.acceptance_rate)

            return jax.lax.scan(one, state, jax.random.split(key, draws))[1]

        z, divergent, acceptance = jax.vmap(chain)(
            keys[2], states, parameters["step_size"], parameters["inverse_mass_matrix"]
        )
        return Sampled(
            np.asarray(z),
            int(np.asarray(divergent).sum()),
            float(np.asarray(acceptance).mean()),
            np.asarray(parameters["step_size"]),
        )

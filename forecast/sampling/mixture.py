"""Mixtures of views: weighted sums of distribution functions, inverted numerically."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float

from forecast.sampling.forms import Form, Values

_STEPS = 120
"""Enough to halve any bracket of float64 down to neighbours; five to ten do as a rule."""


class Mixture(NamedTuple):
    """Views of a quantity, each a distribution, each with its weight."""

    weights: Float[Array, " view"]
    views: tuple[Form, ...]

    def distribution(self, x: Values) -> Values:
        """See `Form`."""
        parts = [view.distribution(x) for view in self.views]
        return _dot(self.weights, parts)

    def survival(self, x: Values) -> Values:
        """See `Form`."""
        parts = [view.survival(x) for view in self.views]
        return _dot(self.weights, parts)

    def log_density(self, x: Values) -> Values:
        """See `Form`."""
        parts = [
            jnp.log(self.weights[number]) + view.log_density(x)
            for number, view in enumerate(self.views)
        ]
        heights = jnp.stack(parts)
        inside = jnp.max(heights, axis=0) > -jnp.inf
        # Outside all views the sum is of nothing, whose gradient would not be a number.
        total = jax.scipy.special.logsumexp(jnp.where(inside, heights, 0.0), axis=0)
        return jnp.where(inside, total, -jnp.inf)

    def quantile(self, u: Values) -> Values:
        """See `Form`; exact to 1e-14 of u, by Newton within the bracket of the views' quantiles."""
        return _root(self, u)


@jax.custom_jvp
def _root(mixture: Mixture, u: Values) -> Values:
    return _solve(mixture, u)


def _root_tangent(
    primals: tuple[Mixture, Values], tangents: tuple[Mixture, Any]
) -> tuple[Values, Values]:
    # Implicit function theorem on F(x; mixture) = u. Families whose distribution function JAX
    # cannot differentiate by its arguments are left alone unless that is asked for.
    mixture, u = primals
    x = _root(mixture, u)
    change = jnp.zeros_like(u) if _is_zero(tangents[1]) else tangents[1]
    leaves, tree = jax.tree.flatten(tangents[0])
    if not all(_is_zero(leaf) for leaf in leaves):
        dense = [_dense(*pair) for pair in zip(leaves, jax.tree.leaves(mixture), strict=True)]
        moved = jax.jvp(lambda m: m.distribution(x), (mixture,), (jax.tree.unflatten(tree, dense),))
        change = change - moved[1]
    return x, change / jnp.maximum(jnp.exp(mixture.log_density(x)), 1e-300)


_root.defjvp(_root_tangent, symbolic_zeros=True)


def _is_zero(tangent: object) -> bool:
    return isinstance(tangent, jax.custom_derivatives.SymbolicZero)


def _dense(tangent: Any, value: Array) -> Array:
    return jnp.zeros_like(value) if _is_zero(tangent) else tangent


class _State(NamedTuple):
    low: Values
    high: Values
    x: Values
    moved: Values
    """Length of the last step."""
    newton: Bool[Array, "..."]
    """Whether the last step was Newton's."""
    done: Bool[Array, "..."]


def _solve(mixture: Mixture, u: Values) -> Values:
    # The mixture's quantile lies between the smallest and the largest of its views'.
    places = jnp.stack([u, jnp.full_like(u, 0.5)])
    quantiles, medians = jnp.stack([view.quantile(places) for view in mixture.views], axis=1)
    low, high = quantiles.min(0), quantiles.max(0)
    start = jnp.clip(_apart(mixture, u, medians), low, high)
    first = _State(low, high, start, high - low, jnp.zeros_like(u, bool), low == high)

    def go_on(counted: tuple[Array, _State]) -> Bool[Array, ""]:
        return (counted[0] < _STEPS) & ~jnp.all(counted[1].done)

    def improve(counted: tuple[Array, _State]) -> tuple[Array, _State]:
        count, old = counted
        new = _step(mixture, u, old)
        # What has converged stays as it is: no value depends on how long its neighbours take.
        kept = jax.tree.map(lambda before, after: jnp.where(old.done, before, after), old, new)
        return count + 1, kept

    return lax.while_loop(go_on, improve, (jnp.array(0), first))[1].x


def _apart(mixture: Mixture, u: Values, medians: Float[Array, "view ..."]) -> Values:
    # The quantile if no two views overlapped: each takes its turn in the order of the medians.
    x = jnp.zeros_like(u)
    for number, view in enumerate(mixture.views):
        # The weight of the views that come first; of two with one median the first named.
        turns = [
            medians[other] <= medians[number]
            if other < number
            else medians[other] < medians[number]
            for other in range(len(medians))
        ]
        before = _dot(mixture.weights, [jnp.where(turn, 1.0, 0.0) for turn in turns])
        own = (u - before) / mixture.weights[number]
        inside = (own > 0) & (own <= 1)
        x = jnp.where(inside, view.quantile(jnp.clip(own, 1e-15, 1 - 1e-15)), x)
    return x


def _step(mixture: Mixture, u: Values, state: _State) -> _State:
    # Newton on the logarithm of the nearer tail; halving where it leaves the bracket or slows.
    lower = u < 0.5
    wanted = jnp.where(lower, u, 1 - u)
    tail = jnp.where(lower, mixture.distribution(state.x), mixture.survival(state.x))
    density = jnp.exp(mixture.log_density(state.x))
    missing = jnp.log(wanted) - jnp.log(tail)
    short = jnp.where(lower, tail < wanted, tail > wanted)
    low, high = jnp.where(short, state.x, state.low), jnp.where(short, state.high, state.x)
    step = missing * tail / jnp.where(lower, density, -density)
    guess = state.x + step
    newton = (guess > low) & (guess < high) & (jnp.abs(step) < 0.5 * state.moved)
    x = jnp.where(newton, guess, low + (high - low) / 2)
    moved = jnp.abs(x - state.x)
    # After two steps of Newton the next would be shorter by the square of their ratio.
    quick = newton & state.newton & (moved < 1e-5 * state.moved)
    near = 2e-16 * jnp.abs(x)
    hit = jnp.abs(missing) < 1e-14  # the noise of a distribution function
    done = quick | hit | (moved <= near) | (high - low <= 2 * near)
    return _State(low, high, jnp.where(hit, state.x, x), moved, newton, done)


def _dot(weights: Float[Array, " view"], parts: list[Values]) -> Values:
    # Added in the order of the views, so that no reduction chooses an order of its own.
    total = weights[0] * parts[0]
    for number, part in enumerate(parts[1:], start=1):
        total = total + weights[number] * part
    return total

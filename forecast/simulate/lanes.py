"""A function of one draw, mapped over draws that stay along the last axis of every array.

`jax.vmap` moves the mapped axis to the front wherever a number meets a vector. Loops over five
regions are then the innermost ones, and the processor's wide instructions idle: the model takes
half as long again (`benchmarks/`). Here every array inside the function gets the draws as its last
axis, so that whatever the function does, it does to a row of draws at a time.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import Jaxpr, JaxprEqn, Literal

ELEMENTWISE: Final = frozenset(
    "add sub mul div rem pow max min atan2 eq ne lt le gt ge and or xor select_n clamp"
    " abs ceil convert_element_type copy copy_p exp exp2 expm1 floor integer_pow is_finite log"
    " log1p logistic neg not round rsqrt sign sqrt square stop_gradient tanh".split()
)
"""Operations on arrays of like shape, a number at a time."""

STANDING: Final = frozenset(
    "concatenate stack squeeze reduce_sum reduce_max reduce_min reduce_and reduce_or".split()
)
"""Operations that name axes from the front, so that one more at the end changes nothing."""

INLINED: Final = {"jit": "jaxpr", "pjit": "jaxpr", "custom_jvp_call": "call_jaxpr"}
"""Operation → its parameter that holds a function to be called."""


class Value(NamedTuple):
    """An array inside the function, with a last axis of draws unless all of them share it."""

    array: Any
    mapped: bool


def lanes[**P, T](function: Callable[P, T]) -> Callable[P, T]:
    """Map a function over the last axis of its arguments.

    Parameters
    ----------
    function
        From arrays of one draw, in pytrees, to arrays of one draw. What it closes over is shared
        by all draws.

    Returns
    -------
    callable
        The same for arrays with the draws as last axis, as ``jax.vmap(function, -1, -1)`` is, up
        to rounding. It is to be compiled as a whole.
    """

    def over_draws(*args: P.args, **kwargs: P.kwargs) -> T:
        arrays, tree = jax.tree.flatten((args, kwargs))
        (count,) = {array.shape[-1] for array in arrays}
        one = [jax.ShapeDtypeStruct(array.shape[:-1], array.dtype) for array in arrays]

        def flat(*values: Any) -> T:
            given, named = jax.tree.unflatten(tree, values)
            return function(*given, **named)

        closed, shapes = jax.make_jaxpr(flat, return_shape=True)(*one)
        given = [Value(array, True) for array in arrays]
        found = _run(closed.jaxpr, closed.consts, given, count)
        whole = [_full(value, count) for value in found]
        mapped: T = jax.tree.unflatten(jax.tree.structure(shapes), whole)
        return mapped

    return over_draws


def _full(value: Value, count: int) -> Any:
    """Give a value the axis of draws if it lacks it."""
    array = jnp.asarray(value.array)
    return (
        array if value.mapped else jnp.broadcast_to(array[..., jnp.newaxis], (*array.shape, count))
    )


def _run(jaxpr: Jaxpr, consts: Sequence[Any], given: Sequence[Value], count: int) -> list[Value]:
    """Go through the operations of a function, each on all draws."""
    known = dict(zip(jaxpr.constvars, (Value(one, False) for one in consts), strict=True))
    known |= dict(zip(jaxpr.invars, given, strict=True))

    def value(atom: Any) -> Value:
        return Value(atom.val, False) if isinstance(atom, Literal) else known[atom]

    for equation in jaxpr.eqns:
        found = _apply(equation, [value(atom) for atom in equation.invars], count)
        known |= dict(zip(equation.outvars, found, strict=True))
    return [value(atom) for atom in jaxpr.outvars]


def _apply(equation: JaxprEqn, given: list[Value], count: int) -> list[Value]:
    name, params = equation.primitive.name, dict(equation.params)
    if name in INLINED:
        inner = params[INLINED[name]]
        return _run(inner.jaxpr, inner.consts, given, count)
    if not any(one.mapped for one in given):
        return _bound(equation, [one.array for one in given], params, mapped=False)
    if name == "scan":
        return _scan(equation, given, count)
    if name in ELEMENTWISE:
        arrays = jnp.broadcast_arrays(*(_full(one, count) for one in given))
        return _bound(equation, arrays, params)
    if name in STANDING:
        return _bound(equation, [_full(one, count) for one in given], params)
    if name == "broadcast_in_dim":
        (array, _), shape = given[0], (*params["shape"], count)
        dims = (*params["broadcast_dimensions"], len(shape) - 1)
        return [Value(lax.broadcast_in_dim(array, shape, dims), True)]
    if name == "transpose":
        (array, _), order = given[0], params["permutation"]
        return [Value(lax.transpose(array, (*order, len(order))), True)]
    return _any_other(equation, given)


def _bound(
    equation: JaxprEqn, arrays: Sequence[Any], params: dict[str, Any], *, mapped: bool = True
) -> list[Value]:
    found = equation.primitive.bind(*arrays, **params)
    several = found if equation.primitive.multiple_results else [found]
    return [Value(one, mapped) for one in several]


def _any_other(equation: JaxprEqn, given: list[Value]) -> list[Value]:
    """Leave an operation to `jax.vmap`, which knows them all."""

    def bound(*arrays: Any) -> Any:
        return [one.array for one in _bound(equation, arrays, dict(equation.params))]

    axes = tuple(-1 if one.mapped else None for one in given)
    found = jax.vmap(bound, in_axes=axes, out_axes=-1)(*(one.array for one in given))
    return [Value(one, True) for one in found]


def _scan(equation: JaxprEqn, given: list[Value], count: int) -> list[Value]:
    """Loop over the first axis; every state takes the axis of draws, even if it starts without."""
    params, body = equation.params, equation.params["jaxpr"]

    def same(outside: Sequence[Any], inside: Sequence[Any]) -> int:
        # What is looped over or stacked has one axis more outside the body than inside.
        pairs = zip(outside, inside, strict=True)
        return sum(one.aval.shape == other.aval.shape for one, other in pairs)

    states = same(equation.outvars, body.jaxpr.outvars)
    rows = same(equation.invars, body.jaxpr.invars)
    shared, first, stacked = given[: rows - states], given[rows - states : rows], given[rows:]

    def step(state: list[Any], row: list[Any]) -> tuple[list[Any], list[Any]]:
        inside = [Value(one, True) for one in state]
        inside += [Value(one, whole.mapped) for one, whole in zip(row, stacked, strict=True)]
        found = [_full(one, count) for one in _run(body.jaxpr, body.consts, shared + inside, count)]
        return found[:states], found[states:]

    start = [_full(one, count) for one in first]
    along = [one.array for one in stacked]
    length, reverse = params["length"], params["reverse"]
    last, rows_out = lax.scan(step, start, along, length=length, reverse=reverse)
    return [Value(one, True) for one in (*last, *rows_out)]

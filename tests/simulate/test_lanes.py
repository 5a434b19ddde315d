"""Mapping over a last axis against `jax.vmap`, and the engine that rests on it against NumPy."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from forecast.axes import FIRST_YEAR
from forecast.sampling.draws import points, quantiles
from forecast.simulate.engine import evaluate, noise
from forecast.simulate.ensemble import Plan, pairs
from forecast.simulate.lanes import lanes

COUNT = 7
TABLE = jnp.arange(6.0).reshape(2, 3)


def decay(start: Any, rate: Any, rows: Any, *, reverse: bool = False) -> Any:
    """A loop: its state starts without draws, its rows are shared, a constant is mapped."""

    def step(state: Any, row: Any) -> Any:
        after = state * rate + row * TABLE[0]
        return after, (jnp.sum(after), row)

    return jax.lax.scan(step, start, rows, reverse=reverse)


FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "number with vector": lambda s, v: s * v + v / s - 2.0,
    "shared vector": lambda s, v: TABLE[0] * v + s,
    "choice": lambda s, v: jnp.where(v > s, v, jnp.clip(s, 0.0, 1.0)),
    "powers": lambda s, v: s**v + v**2 + jnp.square(s),
    "functions": lambda s, v: jnp.expm1(v) + jnp.log1p(s) + jax.nn.sigmoid(v),
    "softmax": lambda s, v: jax.nn.softmax(s * v),
    "custom derivative": lambda s, v: jax.nn.relu(v - s) + jax.nn.logsumexp(v),
    "sums": lambda s, v: (jnp.sum(v), jnp.max(v), jnp.min(v), (v > s).any(), (v > s).all()),
    "stack": lambda s, v: jnp.stack([s, v[0], jnp.zeros_like(s)]),
    "stack of vectors": lambda s, v: jnp.stack([v, TABLE[1]], axis=1),
    "joined": lambda s, v: jnp.concatenate([jnp.atleast_1d(s), v[:-1], TABLE[0]]),
    "outer": lambda s, v: jnp.outer(v, TABLE[:, 1]) * s,
    "sum over one axis": lambda s, v: jnp.sum(jnp.outer(v, v) * s, axis=0),
    "turned": lambda s, v: jnp.outer(v, TABLE[0]).T + s,
    "shape": lambda s, v: jnp.outer(v, v).reshape(9)[2:8:2],
    "one more axis": lambda s, v: jnp.expand_dims(v, 0) + jnp.expand_dims(TABLE[1], 1),
    "nothing mapped": lambda s, v: TABLE * 2.0,
    "years inside": lambda s, v: jax.vmap(lambda year: jnp.exp(-s * year) * v)(jnp.arange(4.0)),
    "product": lambda s, v: TABLE @ v,
    "order": lambda s, v: jnp.sort(v)[::-1],
    "running sum": lambda s, v: jnp.cumsum(v) * s,
    "element by number": lambda s, v: v[jnp.argmax(v)],
    "branch": lambda s, v: jax.lax.cond(s > 1.0, lambda: v, lambda: -v),
    "loop": lambda s, v: decay(jnp.zeros(3), s, jnp.arange(5.0)),
    "loop over mapped rows": lambda s, v: decay(v, 0.5, v),
    "loop backwards": lambda s, v: decay(v, s, jnp.arange(5.0), reverse=True),
    "compiled part": lambda s, v: jax.jit(lambda x: x * s)(v),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_maps_as_vmap_does(name: str) -> None:
    function = FUNCTIONS[name]
    rng = np.random.default_rng(11)
    number, vector = rng.uniform(0.5, 2, COUNT), rng.uniform(0.5, 2, (3, COUNT))
    with jax.enable_x64(True):
        expected = jax.vmap(function, in_axes=-1, out_axes=-1)(number, vector)
        found = jax.jit(lanes(function))(number, vector)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-14), found, expected)
    same = jax.tree.map(lambda a, b: a.dtype == b.dtype, found, expected)
    assert all(jax.tree.leaves(same))


def test_what_is_closed_over_may_be_traced() -> None:
    def shifted(shift: Any, values: Any) -> Any:
        return lanes(lambda one: one + shift)(values)

    found = jax.jit(shifted)(jnp.array([1.0, 2.0]), jnp.ones((2, COUNT)))
    np.testing.assert_array_equal(found, [[2.0] * COUNT, [3.0] * COUNT])


def test_draws_that_differ_in_number_are_refused() -> None:
    with pytest.raises(ValueError, match="unpack"):
        lanes(lambda a, b: a + b)(jnp.ones(3), jnp.ones(4))


def test_the_engine_agrees_with_numpy(ready: Plan) -> None:
    """Every output of the compiled program, within 1e-10 of the year's demand or of itself."""
    path = Path(__file__).parents[1] / "model" / "numpy_model.py"
    spec = importlib.util.spec_from_file_location("numpy_model", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    chain, index = pairs(ready.design, 0, 300)
    laid = points(ready.points, chain=chain, index=index)
    draws = quantiles(ready.first, laid, count=len(chain))
    horizon = FIRST_YEAR + ready.reference.shape[1] - 1
    innovations = noise(ready.design.seed, horizon, chain, index)
    found = evaluate(draws, innovations, ready.reference[0])
    expected = module.demand(draws, innovations, ready.reference[0])
    total = expected["totals.total"]
    assert set(found.leaves) == set(expected)
    for name, values in expected.items():
        mine = np.moveaxis(found.leaves[name], 1, 0)
        assert mine.shape == values.shape, name
        demand = total.reshape(total.shape + (1,) * (values.ndim - 2))
        allowed = 1e-10 * np.maximum(np.abs(values), demand)
        assert np.all(np.abs(mine - values) <= allowed), name

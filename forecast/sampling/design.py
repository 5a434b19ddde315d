"""Designs: points of the unit cube, and how they were laid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, UInt32

from forecast.sampling.permutation import permuted
from forecast.sampling.sobol import BITS, direction_numbers, nested_scramble, sobol_digits
from forecast.sampling.streams import blocks, open_unit, stream_keys, threefry

_STACK = 32
"""Streams that one call of a compiled program takes side by side."""


@dataclass(frozen=True)
class Design:
    """How the points of the unit cube are laid.

    Attributes
    ----------
    method
        A name in `DESIGNS`.
    seed
        Seed of every stream, at least 0. There is no default.
    chains
        Independent randomisations; their spread is the error of the run.
    draws
        Draws in each chain. Latin hypercube alone depends on it: in the other designs the first
        draws of a longer run are the same bits.
    """

    method: Literal["sobol", "latin", "random"]
    seed: int
    chains: int = 8
    draws: int = 2048

    def __post_init__(self) -> None:
        if self.method not in DESIGNS:
            raise ValueError(f"method must be one of {', '.join(DESIGNS)}, got {self.method!r}")
        if self.seed < 0:
            raise ValueError(f"seed must be at least 0, got {self.seed}")
        if not 1 <= self.chains < 2**20:
            raise ValueError(f"chains must lie in 1 to 2^20 - 1, got {self.chains}")
        if not 1 <= self.draws < 2**BITS:
            raise ValueError(f"draws must lie in 1 to 2^{BITS} - 1, got {self.draws}")


class Stream(NamedTuple):
    """A dimension of the unit cube: its name and its column of the Sobol sequence."""

    name: str
    column: int


class _Rows(NamedTuple):
    # What a point function needs of a stream; stacked, one stream a row.
    key: UInt32[Array, " 2"]
    numbers: UInt32[Array, " 32"]


type Method = Callable[
    [_Rows, UInt32[Array, ""], UInt32[Array, " pair"], UInt32[Array, " pair"]],
    Float[Array, "stream pair"],
]
"""From streams, draws per chain, and chain and index of each pair to points, one stream a row.

Points lie in the open unit interval. Each hangs on its own stream, chain and index alone (and, for
a Latin hypercube, on the draws per chain).
"""


def sobol_points(
    streams: _Rows,
    draws: UInt32[Array, ""],
    chain: UInt32[Array, " pair"],
    index: UInt32[Array, " pair"],
) -> Float[Array, "stream pair"]:
    """Sobol points under a nested uniform scramble of each stream and chain; see `Method`.

    Points are centres of cells of width 2^-32, so never 0 or 1.
    """
    digits = jax.vmap(sobol_digits, in_axes=(0, None))(streams.numbers, index)
    # Fused into one loop, XLA gives up its wide vectors, at twice the time: keep three loops.
    digits = _apart(digits)
    scrambled = jax.vmap(nested_scramble, in_axes=(0, 0, None))(digits, streams.key, chain)
    scrambled = _apart(scrambled)
    return (scrambled.astype(jnp.float64) + 0.5) * 2.0**-BITS


def _apart(words: UInt32[Array, "..."]) -> UInt32[Array, "..."]:
    kept: Array = lax.optimization_barrier(words)
    return kept


def random_points(
    streams: _Rows,
    draws: UInt32[Array, ""],
    chain: UInt32[Array, " pair"],
    index: UInt32[Array, " pair"],
) -> Float[Array, "stream pair"]:
    """Plain Monte Carlo: independent points, by counter; see `Method`."""

    def row(key: UInt32[Array, " 2"]) -> Float[Array, " pair"]:
        return open_unit(*threefry((key[0], key[1]), (index, chain)))

    return jax.vmap(row)(streams.key)


def latin_points(
    streams: _Rows,
    draws: UInt32[Array, ""],
    chain: UInt32[Array, " pair"],
    index: UInt32[Array, " pair"],
) -> Float[Array, "stream pair"]:
    """Latin hypercube: one point in each of `draws` strata of stream and chain; see `Method`.

    References
    ----------
    McKay, Beckman and Conover (1979), doi:10.1080/00401706.1979.10489755
    """

    def row(key: UInt32[Array, " 2"]) -> Float[Array, " pair"]:
        words = threefry((key[0], key[1]), (chain, jnp.full_like(chain, 0xFFFFFFFF)))
        stratum = permuted(index, draws, words)
        # The key turned round: these words and those of the permutation never meet.
        inside = open_unit(*threefry((key[1], key[0]), (index, chain)))
        point = (stratum.astype(jnp.float64) + inside) / draws.astype(jnp.float64)
        return jnp.minimum(point, 1 - 2.0**-53)  # rounding may reach 1

    return jax.vmap(row)(streams.key)


DESIGNS: Final[dict[str, Method]] = {
    "sobol": sobol_points,
    "latin": latin_points,
    "random": random_points,
}
"""Method → its points."""


@partial(jax.jit, static_argnames="method")
def _points(
    method: str,
    streams: _Rows,
    draws: UInt32[Array, ""],
    chain: UInt32[Array, " pair"],
    index: UInt32[Array, " pair"],
) -> Float[Array, "stream pair"]:
    return DESIGNS[method](streams, draws, chain, index)


class Cube(NamedTuple):
    """A design bound to its streams: all that is needed to lay a point, in stacks of 32 rows."""

    design: Design
    streams: tuple[Stream, ...]
    stacks: tuple[_Rows, ...]


def cube(design: Design, streams: Sequence[Stream]) -> Cube:
    """Bind a design to streams: hash the keys and read the direction numbers, once.

    Parameters
    ----------
    design
        Method, seed, chains and draws.
    streams
        Dimensions of the cube. Neither their number nor their order changes a point.

    Raises
    ------
    ValueError
        If a column is not among the first 1,024 of the Sobol sequence.
    """
    keys = stream_keys(design.seed, "design", [stream.name for stream in streams])
    numbers = np.zeros((len(streams), BITS), np.uint32)
    if design.method == "sobol":
        numbers = direction_numbers([stream.column for stream in streams])
    stacks = []
    for start in range(0, len(streams), _STACK):
        rows = np.arange(start, start + _STACK) % len(streams)
        stacks.append(_Rows(jnp.asarray(keys[rows]), jnp.asarray(numbers[rows])))
    return Cube(design, tuple(streams), tuple(stacks))


def unit_points(
    cube: Cube, *, chain: np.ndarray, index: np.ndarray
) -> Float[np.ndarray, "stream pair"]:
    """Points of the unit cube, each a function of (method, seed, name, column, chain, index).

    A Latin hypercube's points depend on `design.draws` as well.

    Parameters
    ----------
    cube
        Design and streams.
    chain, index
        Which randomisation and which draw in it; any pairs in any order.

    Returns
    -------
    1
        In the open unit interval, one stream a row.

    Raises
    ------
    ValueError
        If an index of a Latin hypercube lies beyond its draws.
    """
    design = cube.design
    if design.method == "latin" and np.max(index, initial=0) >= design.draws:
        raise ValueError(f"index must lie below draws ({design.draws}), got {np.max(index)}")
    out = np.empty((len(cube.streams), len(chain)))
    draws = np.uint32(design.draws)
    with jax.enable_x64(True):
        for pairs, chains, indices in blocks(chain, index):
            for number, stack in enumerate(cube.stacks):
                points = _points(design.method, stack, draws, chains, indices)
                target = out[number * _STACK : (number + 1) * _STACK, pairs]
                target[:] = np.asarray(points)[: target.shape[0], : target.shape[1]]
    return out

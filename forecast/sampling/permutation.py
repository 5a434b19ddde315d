"""Random permutations of any length by counter, without a table."""

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, UInt32

from forecast.sampling.streams import mix

_BITS = 32

_TURNS = 8
"""Rounds of the network, each on both halves; with four, some orders of five are rarer."""


def permuted(
    index: UInt32[Array, " pair"],
    count: UInt32[Array, ""],
    key: tuple[UInt32[Array, " pair"], UInt32[Array, " pair"]],
) -> UInt32[Array, " pair"]:
    """Say where each index goes in a permutation of 0 … count - 1.

    A Feistel network permutes the next power of two; what lands outside is permuted again.

    Parameters
    ----------
    index
        Below `count`.
    count
        Length of the permutation.
    key
        Two words for each index; one permutation for each key.

    Returns
    -------
    Below `count`.

    References
    ----------
    Black and Rogaway (2002), doi:10.1007/3-540-45760-7_9, section 3 (cycle walking)
    """
    bits = _BITS - lax.clz(count - 1)
    low = bits // 2
    masks = (_ones(bits - low), _ones(low))

    def shuffle(word: UInt32[Array, " pair"]) -> UInt32[Array, " pair"]:
        top, bottom = word >> low, word & masks[1]
        for turn in range(_TURNS):
            salt = jnp.uint32(0x9E3779B9 * (2 * turn + 1) & 0xFFFFFFFF)
            top = top ^ (mix(bottom + key[0] * salt + key[1]) & masks[0])
            bottom = bottom ^ (mix(top + key[1] * salt + key[0]) & masks[1])
        return (top << low) | bottom

    def again(word: UInt32[Array, " pair"]) -> UInt32[Array, " pair"]:
        return jnp.where(word < count, word, shuffle(word))

    return lax.while_loop(lambda word: jnp.any(word >= count), again, shuffle(index))


def _ones(bits: UInt32[Array, ""]) -> UInt32[Array, ""]:
    return (jnp.uint32(1) << bits) - jnp.uint32(1)

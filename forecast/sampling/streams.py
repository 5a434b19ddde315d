"""Random numbers by counter: every value is a function of its key and its own coordinates alone.

There is no state and no order, so a draw has the same bits whatever else is drawn beside it.
"""

import hashlib
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt32

from forecast.sampling.score import normal_score

BLOCK = 2048
"""Pairs (chain, index) in one call of a compiled program."""

ROWS = 8
"""Streams, inputs or years that one call of a compiled program takes side by side."""


def stream_key(seed: int, purpose: str, name: str) -> tuple[int, int]:
    """Two 32-bit words that name a stream.

    A cryptographic hash, since a 32-bit checksum of names would now and then give two inputs of a
    large register the same stream.

    Parameters
    ----------
    seed
        Seed of the run, at least 0.
    purpose
        What the stream is for, such as "design" or "noise".
    name
        Name of the input, of the dependence group or of the noise.

    Returns
    -------
    Two words of 32 bits.
    """
    text = f"{purpose}\0{seed}\0{name}".encode()
    word = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")
    return word & 0xFFFFFFFF, word >> 32


def stream_keys(seed: int, purpose: str, names: Sequence[str]) -> UInt32[np.ndarray, "stream 2"]:
    """Keys of several streams, one a row; see `stream_key`."""
    keys = [stream_key(seed, purpose, name) for name in names]
    return np.array(keys, np.uint32).reshape(-1, 2)


def threefry(
    key: tuple[Array, Array], counter: tuple[Array, Array]
) -> tuple[UInt32[Array, "..."], UInt32[Array, "..."]]:
    """Threefry-2x32 with 20 rounds: two random words for each counter.

    Parameters
    ----------
    key
        Two arrays of 32-bit words.
    counter
        Two arrays of 32-bit words that broadcast against the key.

    Returns
    -------
    Two arrays of 32-bit words.

    References
    ----------
    Salmon et al. (2011), Parallel random numbers: as easy as 1, 2, 3, doi:10.1145/2063384.2063405
    """
    schedule = (key[0], key[1], key[0] ^ key[1] ^ jnp.uint32(0x1BD11BDA))
    first, second = counter[0] + schedule[0], counter[1] + schedule[1]
    for group in range(5):
        for turn in ((13, 15, 26, 6), (17, 29, 16, 24))[group % 2]:
            first = first + second
            second = (second << turn) | (second >> (32 - turn))
            second = second ^ first
        first = first + schedule[(group + 1) % 3]
        second = second + schedule[(group + 2) % 3] + jnp.uint32(group + 1)
    return first, second


def mix(word: UInt32[Array, "..."]) -> UInt32[Array, "..."]:
    """Bijective hash of 32 bits (`triple32`), near the bias of an ideal one.

    References
    ----------
    C. Wellons, https://github.com/skeeto/hash-prospector (public domain)
    """
    word = (word ^ (word >> 17)) * jnp.uint32(0xED5AD4BB)
    word = (word ^ (word >> 11)) * jnp.uint32(0xAC4C1B51)
    word = (word ^ (word >> 15)) * jnp.uint32(0x31848BAB)
    return word ^ (word >> 14)


def open_unit(high: UInt32[Array, "..."], low: UInt32[Array, "..."]) -> Float[Array, "..."]:
    """Turn two random words into 52 bits of a number in the open unit interval.

    The centre of a cell of width 2^-52, which float64 holds exactly: never 0, never 1.
    """
    cell = (high >> 6).astype(jnp.float64) * 2.0**26 + (low >> 6).astype(jnp.float64)
    return (cell + 0.5) * 2.0**-52


@jax.jit
def _normal_rows(
    key: UInt32[Array, " 2"],
    chain: UInt32[Array, " pair"],
    index: UInt32[Array, " pair"],
    year: UInt32[Array, " row"],
) -> Float[Array, "row pair"]:
    # One row a year, so that the program and the bits of a year do not depend on the horizon.
    def row(year: UInt32[Array, ""]) -> Float[Array, " pair"]:
        words = threefry((key[0], key[1]), (index, (chain << 12) | year))
        return normal_score(open_unit(*words))

    return jax.vmap(row)(year)


def normals(
    seed: int, name: str, *, chain: np.ndarray, index: np.ndarray, years: Sequence[int]
) -> Float[np.ndarray, "pair year"]:
    """Independent standard normal innovations of a noise, one per draw and calendar year.

    Each value hangs on seed, name, chain, index and calendar year alone: a longer horizon or more
    draws leave the values that were there the same bits. All lie within ±8.3.

    Parameters
    ----------
    seed
        Seed of the run.
    name
        Name of the noise.
    chain, index
        Which randomisation (below 2^20) and which draw in it (below 2^32).
    years
        Calendar years, 0 to 4095.

    Returns
    -------
    1

    Raises
    ------
    ValueError
        If a chain or a year does not fit its part of the counter.
    """
    if len(years) and not 0 <= min(years) <= max(years) < 4096:
        raise ValueError(f"years must lie in 0 to 4095, got {min(years)} to {max(years)}")
    if np.max(chain, initial=0) >= 2**20:
        raise ValueError(f"chains must lie below 2^20, got {np.max(chain)}")
    key = np.array(stream_key(seed, "noise", name), np.uint32)
    given = np.asarray(years, np.uint32)
    padded = np.resize(given, -(-len(given) // ROWS) * ROWS)
    out = np.empty((len(padded), len(chain)))
    with jax.enable_x64(True):
        for pairs, chains, indices in blocks(chain, index):
            for row in range(0, len(padded), ROWS):
                values = _normal_rows(key, chains, indices, padded[row : row + ROWS])
                out[row : row + ROWS, pairs] = np.asarray(values)[:, : pairs.stop - pairs.start]
    return out[: len(given)].T


def blocks(
    chain: np.ndarray, index: np.ndarray
) -> list[tuple[slice, UInt32[np.ndarray, " block"], UInt32[np.ndarray, " block"]]]:
    """Cut pairs into blocks of the one length that programs are compiled for, the tail padded.

    Parameters
    ----------
    chain, index
        Equally long arrays of whole numbers in [0, 2^32).

    Returns
    -------
    For each block the slice of the pairs it holds, and its padded chains and indices.

    Raises
    ------
    ValueError
        If the lengths differ or a number does not fit 32 bits.
    """
    chain, index = np.asarray(chain), np.asarray(index)
    if chain.shape != index.shape or chain.ndim != 1:
        raise ValueError(f"chain and index must be equally long: {chain.shape}, {index.shape}")
    for name, values in (("chain", chain), ("index", index)):
        if len(values) and not 0 <= int(values.min()) <= int(values.max()) < 2**32:
            raise ValueError(f"{name} must lie in 0 to 2^32 - 1")
    cuts = []
    for start in range(0, len(chain), BLOCK):
        pairs = slice(start, min(start + BLOCK, len(chain)))
        padded = np.zeros((2, BLOCK), np.uint32)
        padded[0, : pairs.stop - start] = chain[pairs]
        padded[1, : pairs.stop - start] = index[pairs]
        cuts.append((pairs, padded[0], padded[1]))
    return cuts

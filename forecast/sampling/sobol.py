"""Sobol points at permanent columns, with a nested uniform scramble hashed from the stream."""

from collections.abc import Sequence
from importlib.resources import files

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, UInt32

from forecast.sampling.streams import mix

BITS = 32
"""Binary digits of a point; a randomisation holds at most 2^32 points."""

COLUMNS = 1024
"""Columns in the file of direction numbers."""

_GROUP = 5
"""Digits whose flips one 32-bit word holds: a binary tree of depth 5 has 31 inner nodes."""


def direction_numbers(columns: Sequence[int]) -> UInt32[np.ndarray, "column bit"]:
    """Direction numbers of some columns of the Sobol sequence.

    Parameters
    ----------
    columns
        Numbers from 1 (van der Corput) to 1024. Only these lines of the file are parsed.

    Returns
    -------
    Words of 32 bits; the first belongs to the lowest digit of a draw's Gray code.

    Raises
    ------
    ValueError
        If a column is not in the file.

    References
    ----------
    Joe and Kuo (2008), doi:10.1137/070709359
    """
    wrong = [column for column in columns if not 1 <= column <= COLUMNS]
    if wrong:
        raise ValueError(f"Sobol columns are 1 to {COLUMNS}, got {wrong}")
    text = files("forecast.sampling").joinpath("joe-kuo.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = [_column_numbers(lines[column]) for column in columns]
    return np.array(rows, np.uint32).reshape(-1, BITS)


def _column_numbers(line: str) -> list[int]:
    # The recurrence of Joe and Kuo, eq. 2, on numbers already shifted to the top of the word.
    _, degree, coefficients, *initial = (int(cell) for cell in line.replace(" ", ",").split(","))
    if degree == 0:
        return [1 << (BITS - 1 - bit) for bit in range(BITS)]
    numbers = [value << (BITS - 1 - bit) for bit, value in enumerate(initial)]
    for bit in range(degree, BITS):
        number = numbers[bit - degree] ^ (numbers[bit - degree] >> degree)
        for term in range(1, degree):
            if coefficients >> (degree - 1 - term) & 1:
                number ^= numbers[bit - term]
        numbers.append(number)
    return numbers


def sobol_digits(
    numbers: UInt32[Array, " 32"], index: UInt32[Array, " pair"]
) -> UInt32[Array, " pair"]:
    """Unscrambled points of one column, as 32 binary digits.

    Parameters
    ----------
    numbers
        Direction numbers of the column.
    index
        Number of the draw in its randomisation; points come in Gray-code order.

    Returns
    -------
    Points times 2^32.

    References
    ----------
    Antonov and Saleev (1979), doi:10.1016/0041-5553(79)90085-5
    """
    gray = (index ^ (index >> 1)).astype(jnp.int32)
    digits = jnp.zeros_like(index)
    for bit in range(BITS):
        # The arithmetic shift spreads the one bit over the word: all ones or all zeros.
        mask = ((gray << (BITS - 1 - bit)) >> (BITS - 1)).astype(jnp.uint32)
        digits = digits ^ (numbers[bit] & mask)
    return digits


def nested_scramble(
    digits: UInt32[Array, " pair"], key: UInt32[Array, " 2"], chain: UInt32[Array, " pair"]
) -> UInt32[Array, " pair"]:
    """Owen's nested uniform scramble: each digit flips by a coin of its own for each prefix.

    The coins are bits of a hash of (key, chain, prefix). A word serves five digits: the prefix
    before them names the word, and their own leading digits walk down the tree laid out in it.
    Nothing is approximated, unlike in schemes that hash the reversed digits.

    Parameters
    ----------
    digits
        Unscrambled points times 2^32.
    key
        Two words that name the stream.
    chain
        Randomisation of each point.

    Returns
    -------
    Scrambled points times 2^32.

    References
    ----------
    Owen (1995), doi:10.1007/978-1-4612-2552-2_19
    """
    first = mix(key[0] + chain * jnp.uint32(0x9E3779B9))
    second = key[1] + first * jnp.uint32(0x85EBCA6B)
    flips = jnp.zeros_like(digits)
    for top in range(0, BITS, _GROUP):
        levels = min(_GROUP, BITS - top)
        # The leading 1 keeps prefixes of different lengths apart.
        prefix = digits >> (BITS - top) if top else jnp.zeros_like(digits)
        coins = _hash(prefix | jnp.uint32(1 << top), first, second)
        # Position in the tree, as in a heap: the root is 1, the children of i are 2i and 2i + 1.
        own = (digits >> (BITS - top - levels)) & jnp.uint32(2**levels - 1)
        leaf = own | jnp.uint32(2**levels)
        for level in range(levels):
            flips = (flips << 1) | ((coins >> (leaf >> (levels - level))) & jnp.uint32(1))
    return digits ^ flips


def _hash(
    word: UInt32[Array, "..."], first: UInt32[Array, "..."], second: UInt32[Array, "..."]
) -> UInt32[Array, "..."]:
    # A bijection of 32 bits under a key of 64; multipliers by C. Wellons, as in `mix`, but two
    # rounds are enough here because the key enters twice.
    word = (word + first) * jnp.uint32(0x9E3779B1)
    word = ((word ^ (word >> 16)) + second) * jnp.uint32(0x21F0AAAD)
    word = (word ^ (word >> 15)) * jnp.uint32(0xD35A2D97)
    return word ^ (word >> 15)

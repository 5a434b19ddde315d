import jax
import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc

from forecast.sampling.sobol import COLUMNS, direction_numbers, nested_scramble, sobol_digits
from forecast.sampling.streams import stream_keys

digits_of = jax.jit(jax.vmap(sobol_digits, in_axes=(0, None)))
scramble = jax.jit(nested_scramble)


def points(columns: list[int], index: np.ndarray) -> np.ndarray:
    """Unscrambled digits, one point a row."""
    return np.asarray(digits_of(direction_numbers(columns), index.astype(np.uint32))).T


def scrambled(digits: np.ndarray, name: str, chain: np.ndarray, seed: int = 0) -> np.ndarray:
    key = stream_keys(seed, "design", [name])[0]
    digits, chain = np.broadcast_arrays(digits.astype(np.uint32), chain.astype(np.uint32))
    return np.asarray(scramble(digits, key, chain))


def test_all_columns_equal_scipys():
    mine = points(list(range(1, COLUMNS + 1)), np.arange(256))
    theirs = qmc.Sobol(COLUMNS, scramble=False, bits=32).random(256)
    assert np.array_equal(mine / 2.0**32, theirs)


def test_far_points_equal_scipys():
    generator = qmc.Sobol(40, scramble=False, bits=32).fast_forward(2**19 - 1000)
    mine = points(list(range(1, 41)), np.arange(2**19 - 1000, 2**19 + 1048))
    assert np.array_equal(mine / 2.0**32, generator.random(2048))


def test_columns_are_picked_by_number():
    index = np.arange(64)
    assert np.array_equal(points([900, 2], index), points(list(range(1, 901)), index)[:, [899, 1]])


@pytest.mark.parametrize("column", [0, 1025])
def test_a_column_without_numbers_is_refused(column):
    with pytest.raises(ValueError, match="1 to 1024"):
        direction_numbers([3, column])


def test_scramble_keeps_common_prefixes_at_every_depth():
    # This is what makes a scramble nested: numbers part where they parted before, never elsewhere.
    generator = np.random.default_rng(1)
    first = generator.integers(0, 2**32, 32 * 200, dtype=np.uint32)
    depth = np.repeat(np.arange(32, dtype=np.uint32), 200)
    rest = generator.integers(0, 2**32, len(first), dtype=np.uint32)
    tail = (np.uint32(0x7FFFFFFF) >> depth) & rest
    second = first ^ (np.uint32(0x80000000) >> depth) ^ tail
    zero = np.zeros_like(first)
    moved = scrambled(first, "a.b", zero) ^ scrambled(second, "a.b", zero)
    common = 32 - np.ceil(np.log2(moved.astype(float) + 1)).astype(int)
    assert np.array_equal(common, depth)


@pytest.mark.parametrize("depth", [5, 10, 11])
def test_scrambled_points_keep_their_net(depth):
    columns = [1, 2, 3, 7, 40]
    digits = points(columns, np.arange(2**depth))
    names = [f"block.input_{column}" for column in columns]
    zero = np.zeros(2**depth)
    new = np.stack([scrambled(digits[:, n], name, zero) for n, name in enumerate(names)], 1)
    for first in range(len(columns)):
        cells = new[:, first] >> np.uint32(32 - depth)
        assert np.array_equal(np.sort(cells), np.arange(2**depth))
        for second in range(first):
            for split in range(1, depth):
                shifts = np.array([32 - split, 32 - (depth - split)], np.uint32)
                pair = [first, second]
                before = np.unique(digits[:, pair] >> shifts, axis=0, return_counts=True)[1]
                after = np.unique(new[:, pair] >> shifts, axis=0, return_counts=True)[1]
                assert np.array_equal(np.sort(before), np.sort(after))


@pytest.mark.parametrize("digits", [0, 1, 2**31, 0xFFFFFFFF, 0x5A5A5A5A])
def test_a_scrambled_point_is_uniform_over_chains_and_seeds(digits):
    chains = np.arange(2**14)
    over_chains = scrambled(np.array([digits]), "a.b", chains)
    over_seeds = [
        scrambled(np.array([digits]), "a.b", np.array([0]), seed)[0] for seed in range(512)
    ]
    for values, bins in ((over_chains, 256), (np.array(over_seeds), 16)):
        for shift in (0, 12, 32 - int(np.log2(bins))):
            cells = (values >> np.uint32(shift)) % bins
            counts = np.bincount(cells.astype(int), minlength=bins)
            assert stats.chisquare(counts).pvalue > 1e-4


def test_coins_of_different_prefixes_levels_and_names_are_independent():
    # One variable for each different coin: (name, level, prefix), thrown anew in each chain.
    chains = np.arange(2**13)
    digits = points([1], np.arange(24))[:, 0]
    coins = {}
    for name in ("a.b", "a.c"):
        for value in digits:
            flips = scrambled(np.array([value]), name, chains) ^ np.uint32(value)
            for level in range(32):
                prefix = int(value) >> (32 - level)
                coins[name, level, prefix] = (flips >> np.uint32(31 - level)) & 1
    thrown = np.array(list(coins.values()), float)
    assert len(thrown) > 600
    noise = 1 / np.sqrt(len(chains))
    assert np.abs(thrown.mean(1) - 0.5).max() < 3 * noise
    correlation = np.corrcoef(thrown) - np.eye(len(thrown))
    assert np.abs(correlation).max() < 6.5 * noise
    # As many as chance allows lie beyond three standard errors: 0.27 %.
    assert np.mean(np.abs(correlation) > 3 * noise) == pytest.approx(0.0027, abs=0.0003)

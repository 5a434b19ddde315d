import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from forecast.sampling.streams import (
    BLOCK,
    blocks,
    mix,
    normals,
    open_unit,
    stream_key,
    stream_keys,
    threefry,
)

YEARS = range(2015, 2036)


@pytest.mark.parametrize(
    ("key", "counter", "words"),
    [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
        ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
    ],
)
def test_threefry_gives_the_known_answers_of_random123(key, counter, words):
    pair = [(jnp.uint32(first), jnp.uint32(second)) for first, second in (key, counter)]
    assert tuple(int(word) for word in threefry(*pair)) == words


def test_keys_differ_by_each_of_their_parts():
    keys = {
        stream_key(seed, purpose, name)
        for seed in range(20)
        for purpose in ("design", "noise")
        for name in (f"block.input_{number}" for number in range(500))
    }
    assert len(keys) == 20 * 2 * 500
    assert all(0 <= word < 2**32 for key in keys for word in key)
    table = stream_keys(7, "design", ["a.b", "a.c"])
    assert table.dtype == np.uint32
    assert tuple(table[1]) == stream_key(7, "design", "a.c")


def test_mix_is_one_to_one_and_every_bit_moves_every_bit():
    words = np.arange(2**16, dtype=np.uint32) * np.uint32(65537)
    mixed = np.asarray(jax.jit(mix)(words))
    assert len(np.unique(mixed)) == len(words)
    for bit in range(32):
        other = np.asarray(jax.jit(mix)(words ^ np.uint32(1 << bit)))
        moved = ((mixed ^ other)[:, np.newaxis] >> np.arange(32, dtype=np.uint32)) & 1
        assert np.all(np.abs(moved.mean(0) - 0.5) < 0.02)


def test_unit_numbers_never_reach_the_ends():
    words = jnp.array([0, 0xFFFFFFFF], jnp.uint32)
    with jax.enable_x64(True):
        least, most = (float(value) for value in open_unit(words, words))
    assert (least, most) == (2.0**-53, 1 - 2.0**-53)


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    chain = np.repeat(np.arange(4), BLOCK)
    return normals(1, "demand", chain=chain, index=np.tile(np.arange(BLOCK), 4), years=YEARS)


def test_noise_is_standard_normal_and_independent(noise):
    assert noise.shape == (4 * BLOCK, 21)
    assert noise.dtype == np.float64
    assert stats.kstest(noise.ravel(), "norm").pvalue > 1e-3
    between = np.corrcoef(noise.T) - np.eye(21)
    assert np.abs(between).max() < 5 / np.sqrt(4 * BLOCK)
    chains = noise.reshape(4, BLOCK * 21)
    assert np.abs(np.corrcoef(chains) - np.eye(4)).max() < 5 / np.sqrt(BLOCK * 21)
    assert np.abs(noise).max() < 8.3


def test_noise_hangs_on_seed_and_name(noise):
    pairs = {"chain": np.zeros(BLOCK, int), "index": np.arange(BLOCK), "years": YEARS}
    for other in (normals(2, "demand", **pairs), normals(1, "crypto", **pairs)):
        assert not np.any(other == noise[:BLOCK])
        correlation = np.corrcoef(other.ravel(), noise[:BLOCK].ravel())[0, 1]
        assert abs(correlation) < 5 / np.sqrt(other.size)


def test_noise_of_a_year_and_draw_never_moves(noise):
    rows = np.random.default_rng(0).permutation(4 * BLOCK)[:3000]
    years = [2050, *range(2035, 2014, -1), 2049]
    again = normals(1, "demand", chain=rows // BLOCK, index=rows % BLOCK, years=years)
    assert np.array_equal(again[:, 21:0:-1], noise[rows])
    few = normals(1, "demand", chain=np.array([3]), index=np.array([77]), years=[2020])
    assert few[0, 0] == noise[3 * BLOCK + 77, 5]


def test_noise_refuses_what_its_counter_cannot_hold():
    one = np.array([0])
    with pytest.raises(ValueError, match="years must lie in 0 to 4095"):
        normals(1, "demand", chain=one, index=one, years=[2015, 5000])
    with pytest.raises(ValueError, match="chains must lie below"):
        normals(1, "demand", chain=one + 2**20, index=one, years=[2015])


def test_blocks_hold_every_pair_once_and_pad_the_tail():
    chain, index = np.arange(5000) % 7, np.arange(5000) + 2**31
    cut = blocks(chain, index)
    assert [pairs.stop - pairs.start for pairs, *_ in cut] == [2048, 2048, 904]
    for pairs, chains, indices in cut:
        length = pairs.stop - pairs.start
        assert chains.shape == indices.shape == (BLOCK,)
        assert np.array_equal(chains[:length], chain[pairs])
        assert np.array_equal(indices[:length], index[pairs])


@pytest.mark.parametrize(
    ("chain", "index"), [([0, 1], [0]), ([0], [-1]), ([0], [2**32]), ([-1], [0])]
)
def test_blocks_refuse_what_is_no_pair(chain, index):
    with pytest.raises(ValueError, match="must"):
        blocks(np.array(chain), np.array(index))

import jax
import numpy as np
import pytest
from scipy import stats

from forecast.sampling.permutation import permuted

shuffled = jax.jit(permuted)


def permutation(count: int, index: np.ndarray, chain: np.ndarray) -> np.ndarray:
    words = [np.broadcast_to(chain, index.shape).astype(np.uint32) * np.uint32(w) for w in (7, 11)]
    return np.asarray(shuffled(index.astype(np.uint32), np.uint32(count), tuple(words)))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 64, 100, 2048, 2049, 5000])
def test_every_index_goes_to_one_place(count):
    index = np.arange(count)
    places = permutation(count, index, np.array(3))
    assert np.array_equal(np.sort(places), index)


def test_very_long_permutations_stay_below_their_length():
    count = 2**32 - 5
    index = np.unique(np.random.default_rng(0).integers(0, count, 2048))
    places = permutation(count, index, np.array(1))
    assert places.max() < count
    assert len(np.unique(places)) == len(index)
    assert stats.kstest(places / count, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(("count", "orders"), [(3, 6), (4, 24), (5, 120)])
def test_every_order_is_as_likely_over_keys(count, orders):
    keys = 200 * orders
    index, chain = np.tile(np.arange(count), keys), np.repeat(np.arange(1, keys + 1), count)
    places = permutation(count, index, chain).reshape(keys, count)
    found = np.unique(places, axis=0, return_counts=True)[1]
    assert len(found) == orders
    assert stats.chisquare(found).pvalue > 1e-4


def test_neighbours_part():
    places = permutation(2048, np.arange(2048), np.array(5)).astype(float)
    assert abs(np.corrcoef(places, np.arange(2048))[0, 1]) < 0.1
    assert abs(np.corrcoef(places[1:], places[:-1])[0, 1]) < 0.1

"""The sketch against exact order statistics and sums."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.analysis.sketch import TINY, Sketch, add, coarsen, estimates, histogram, merge
from forecast.analysis.summary import QUANTILES, STATISTICS

CHAINS = 4
SHARES = list(QUANTILES.values())
SMALL = 2**24


def filled(values: np.ndarray, *, memory: int = SMALL, bits: int = 10, cuts: int = 1) -> Sketch:
    """Sketch of `[chain, row, draw]`, added in some parts."""
    sketch = Sketch.empty(values.shape[1], len(values), memory=memory, bits=bits)
    for chain, rows in enumerate(values):
        for part in np.array_split(rows, cuts, axis=1):
            add(sketch, part, chain)
    return sketch


def cases() -> np.ndarray:
    """Rows of very different shape, `[chain, row, draw]`."""
    rng = np.random.default_rng(7)
    size = (CHAINS, 3_001)
    wide = np.exp(rng.normal(0, 3, size))
    atoms = rng.choice([0.0, 1.0, 1.5, 1000.0], size)
    signs = rng.normal(0.1, 1, size)
    tiny = np.where(rng.random(size) < 0.3, rng.random(size) * 1e-14, rng.random(size))
    return np.stack([wide, atoms, signs, -wide, tiny, np.full(size, 0.2297)], axis=1)


def neighbours(values: np.ndarray) -> np.ndarray:
    """Magnitude of the larger order statistic beside each quantile, `[share, row]`."""
    ordered = np.sort(values, axis=1)
    place = np.array(SHARES) * (ordered.shape[1] - 1)
    low, high = np.floor(place).astype(int), np.ceil(place).astype(int)
    return np.maximum(np.abs(ordered[:, low]), np.abs(ordered[:, high])).T


@pytest.mark.parametrize("bits", [10, 6, 0])
def test_quantiles_lie_within_the_bound(bits: int) -> None:
    values = cases()
    sketch = filled(values, bits=bits)
    assert sketch.bound == 2.0**-bits
    value, _ = estimates(sketch)
    pooled = np.moveaxis(values, 0, 1).reshape(values.shape[1], -1)
    exact = np.quantile(pooled, SHARES, axis=1)
    allowed = sketch.bound * neighbours(pooled) + TINY
    assert np.all(np.abs(value[1:] - exact) <= allowed)
    assert np.any(np.abs(value[1:] - exact) > 0)  # else it would be no sketch


def test_rows_of_one_value_are_exact() -> None:
    value, error = estimates(filled(cases()))
    np.testing.assert_array_equal(value[1:, -1], 0.2297)
    assert value[0, -1] == pytest.approx(0.2297, rel=1e-15)
    np.testing.assert_allclose(error[:, -1], 0, atol=1e-16)


def test_errors_are_the_spread_of_the_chains() -> None:
    values = cases()
    _, error = estimates(filled(values))
    by_chain = np.concatenate([values.mean(2)[np.newaxis], np.quantile(values, SHARES, axis=2)])
    exact = by_chain.std(axis=1, ddof=1) / math.sqrt(CHAINS)
    close = [0, 2, 3]  # smooth rows: inside a bucket the order statistics lie evenly
    np.testing.assert_allclose(error[:, close], exact[:, close], rtol=0.1, atol=1e-4)


def test_missing_values_are_left_out() -> None:
    values = cases()
    rng = np.random.default_rng(8)
    values[rng.random(values.shape) < 0.2] = np.nan
    values[:, 3] = np.nan
    values[0, 2] = np.nan  # one chain alone
    sketch = filled(values, cuts=3)
    value, error = estimates(sketch)
    kept = np.moveaxis(values, 0, 1).reshape(values.shape[1], -1)
    rows = [0, 1, 2, 4]
    exact = np.nanquantile(kept[rows], SHARES, axis=1)
    np.testing.assert_allclose(value[1:, rows], exact, rtol=sketch.bound, atol=TINY)
    np.testing.assert_allclose(value[0, rows], np.nanmean(kept[rows], axis=1), rtol=1e-14)
    assert np.isnan(value[:, 3]).all()
    assert np.isnan(error[:, [2, 3]]).all()
    np.testing.assert_array_equal(sketch.missing.T, np.isnan(values).sum(2))
    np.testing.assert_array_equal((sketch.present + sketch.missing), values.shape[2])


def test_infinite_values_are_missing() -> None:
    sketch = filled(np.array([[[1.0, np.inf, 2.0, -np.inf, np.nan]]]))
    assert sketch.missing[0, 0] == 3
    assert estimates(sketch)[0][0, 0] == 1.5


def test_sums_lose_nothing_to_rounding() -> None:
    blocks = np.random.default_rng(9).normal(0, 1, 500) * 10.0 ** np.linspace(-8, 16, 500)
    sketch = Sketch.empty(1, 1, memory=SMALL)
    for one in [*blocks, *-blocks[::-1], 0.125]:
        add(sketch, np.array([[one]]), 0)
    assert sketch.total[0, 0] + sketch.rest[0, 0] == pytest.approx(0.125, rel=1e-9)
    naive = 0.0
    for one in [*blocks, *-blocks[::-1], 0.125]:
        naive += one
    assert naive != pytest.approx(0.125, rel=1e-9)  # the case is one where it matters


def same(one: Sketch, other: Sketch) -> None:
    """Bit for bit what was counted, whatever the order of the pages."""
    assert one.bits == other.bits
    for row in range(len(one.page)):
        for left, right in zip(histogram(one, row), histogram(other, row), strict=True):
            np.testing.assert_array_equal(left, right)
    for name in ("present", "missing", "least", "most"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(6)), split=st.integers(1, 5))
def test_order_and_merging_change_no_count(order: Sequence[int], split: int) -> None:
    values = cases()[:, :, :300]
    parts = np.array_split(values, 6, axis=2)
    whole = filled(values)
    one, other = (Sketch.empty(values.shape[1], CHAINS, memory=SMALL) for _ in range(2))
    for place, number in enumerate(order):
        for chain in range(CHAINS):
            add(one if place < split else other, parts[number][chain], chain)
    merge(one, other)
    same(one, whole)
    np.testing.assert_allclose(estimates(one)[0], estimates(whole)[0], rtol=1e-14)


@pytest.mark.parametrize("coarse", ["into", "other"])
def test_sketches_of_different_width_merge(coarse: str) -> None:
    values = cases()
    half = values.shape[2] // 2
    one, other = filled(values[..., :half]), filled(values[..., half:])
    coarsen(one if coarse == "into" else other)
    merge(one, other)
    whole = filled(values)
    coarsen(whole)
    same(one, whole)


def test_coarser_counts_are_those_of_a_coarser_sketch() -> None:
    values = cases()
    sketch = filled(values)
    before = sketch.counts.nbytes
    coarsen(sketch)
    coarsen(sketch)
    assert sketch.counts.nbytes == before
    same(sketch, filled(values, bits=8))


def test_memory_is_fixed_and_spent_on_resolution() -> None:
    """However many draws there are and however far they reach, no array grows."""
    rng = np.random.default_rng(10)
    memory = 2**21
    sketch = Sketch.empty(3, 2, memory=memory)
    arrays = [name for name, value in vars(sketch).items() if isinstance(value, np.ndarray)]
    sizes = {name: getattr(sketch, name).nbytes for name in arrays}
    assert sizes["counts"] == memory
    kept = []
    for scale in range(150):
        part = np.exp(rng.normal(0, 0.4 * scale, (3, 500)))
        add(sketch, part, scale % 2)
        kept.append(part)
        assert {name: getattr(sketch, name).nbytes for name in arrays} == sizes
    assert 0 < sketch.bits < 10  # more octaves than fit at full resolution
    value, _ = estimates(sketch)
    exact = np.quantile(np.concatenate(kept, axis=1), SHARES, axis=1)
    np.testing.assert_allclose(value[1:], exact, rtol=sketch.bound, atol=TINY)


def test_too_little_memory_is_said() -> None:
    with pytest.raises(ValueError, match="memory"):
        filled(cases(), memory=CHAINS * 4 * 16, bits=4)


def test_statistics_are_those_of_the_summary() -> None:
    value, error = estimates(filled(cases()))
    assert value.shape == error.shape == (len(STATISTICS), 6)

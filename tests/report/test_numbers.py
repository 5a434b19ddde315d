"""What the page computes, against NumPy and SciPy on the same numbers."""

import csv
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from forecast.report.pack import MISSING, grid, packed, quantised, restored, unpacked

Numbers = Callable[..., Any]


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    return np.random.default_rng(3).lognormal(6, 0.7, 501)


def test_quantiles_mean_and_exceedance(numbers: Numbers, values: np.ndarray) -> None:
    shares = [0.0, 0.05, 0.25, 0.5, 0.95, 1.0]
    level = float(values[7])
    found = numbers(
        """{
          const ordered = Numbers.sorted(Float64Array.from(values), [...values.keys()]);
          return [shares.map((one) => Numbers.quantile(ordered, one)), Numbers.mean(ordered),
            Numbers.exceedance(ordered, level)];
        }""",
        values=values.tolist(),
        shares=shares,
        level=level,
    )
    np.testing.assert_allclose(found[0], np.quantile(values, shares), rtol=1e-12)
    assert found[1] == pytest.approx(values.mean(), rel=1e-12)
    # A number is not above itself.
    assert found[2] == (values > level).mean()


def test_what_is_missing_is_left_out(numbers: Numbers) -> None:
    found = numbers(
        "Array.from(Numbers.sorted([3, NaN, 1, 2], [0, 1, 2]))",
    )
    assert found == [1, 3]


def test_rank_correlation_with_ties(numbers: Numbers) -> None:
    rng = np.random.default_rng(4)
    x = rng.integers(0, 9, 200)
    y = x + rng.integers(0, 12, 200)
    found = numbers("Numbers.spearman(x, y)", x=x.tolist(), y=y.tolist())
    assert found == pytest.approx(spearmanr(x, y).statistic, abs=1e-12)


def test_ranges_hold_their_bounds_and_meet(numbers: Numbers) -> None:
    found = numbers(
        "Numbers.within(5, [{values: a, low: 2, high: 4}, {values: b, low: 0, high: 1}])",
        a=[1, 2, 3, 4, 5],
        b=[0, 0, 2, 1, 0],
    )
    assert found == [1, 3]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 10, [0, 2, 4, 6, 8, 10]), (2015, 2035, [2015, 2020, 2025, 2030, 2035]), (3, 3, [3])],
)
def test_ticks_are_round(numbers: Numbers, low: int, high: int, expected: list[int]) -> None:
    assert numbers("Numbers.ticks(low, high, 5)", low=low, high=high) == expected


def test_csv_reads_back_and_holds_no_formula(numbers: Numbers) -> None:
    rows = [["a", 'quo"te', "two\nlines"], [1.5, "=1+1", "x,y"]]
    text = numbers("Numbers.csv(rows)", rows=rows)
    read = list(csv.reader(io.StringIO(text)))
    assert read == [["a", 'quo"te', "two\nlines"], ["1.5", "'=1+1", "x,y"]]


def test_the_page_unpacks_what_was_packed(numbers: Numbers) -> None:
    """Missing numbers, a column that never changes, one of zeros, and what a policy adds."""
    rng = np.random.default_rng(5)
    base = rng.normal(100, 30, 128)
    apart = -rng.exponential(0.05, 128) * (rng.random(128) < 0.5)
    base[3] = apart[3] = np.nan
    columns = [base, apart, np.full(128, 7.0), np.zeros(128)]
    grids = [grid(one) for one in columns]
    steps = np.stack([quantised(one, on) for one, on in zip(columns, grids, strict=True)])
    text = packed(steps)
    np.testing.assert_array_equal(unpacked(text, 128), steps)
    found = numbers(
        """{
          const all = await Numbers.inflated(text);
          return grids.map((grid, place) => Array.from(Numbers.column(all, place, 128, grid)));
        }""",
        text=text,
        grids=[list(one) for one in grids],
    )
    read = np.array(found, float)
    for ours, row, on, given in zip(read, steps, grids, columns, strict=True):
        np.testing.assert_allclose(ours, restored(row, on), rtol=1e-12)
        there = np.isfinite(given)
        half = on.step / 2 * np.hypot(on.size, given[there]) * (1 + 1e-6)
        assert (np.abs(ours - given)[there] <= half).all()
    assert np.isnan(read[:2, 3]).all()
    assert steps[0, 3] == MISSING
    np.testing.assert_allclose(read[2], 7.0, rtol=1e-8)
    np.testing.assert_array_equal(read[1][apart == 0], 0)
    np.testing.assert_array_equal(read[3], 0)


def test_a_few_enormous_numbers_do_not_blot_out_the_others() -> None:
    """As of AI that is not served: most draws near nothing, and one of ten million."""
    rng = np.random.default_rng(6)
    values = np.concatenate([10 ** rng.uniform(-18, 3, 2000), [2.6e8]])
    on = grid(values)
    read = restored(quantised(values, on), on)
    for share in (0.4, 0.5, 0.75, 0.95):
        expected = np.quantile(values, share)
        assert np.quantile(read, share) == pytest.approx(expected, rel=1e-3, abs=on.size * 1e-3)

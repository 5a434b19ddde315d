"""Shapley values against brute force over all orders, and of the model."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.analysis.decomposition import DRIVERS, PARTS, decomposition, shapley_product

quick = settings(max_examples=50, deadline=None, derandomize=True)
numbers = st.floats(-3, 5, allow_subnormal=False)


def brute_force(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Mean contribution of each factor over all orders in which they move."""
    count = len(start)
    found = np.zeros(start.shape)
    for order in permutations(range(count)):
        moving = start.copy()
        for factor in order:
            before = moving.prod(0)
            moving[factor] = end[factor]
            found[factor] += moving.prod(0) - before
    return found / factorial(count)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_shapley_values_are_those_of_all_orders(count: int) -> None:
    rng = np.random.default_rng(count)
    start, end = rng.lognormal(size=(2, count, 7))
    found = shapley_product(start, end)
    np.testing.assert_allclose(found, brute_force(start, end), rtol=1e-12, atol=1e-14)


@quick
@given(arrays(float, (2, 4, 3), elements=numbers))
def test_shapley_values_add_up(moved: np.ndarray) -> None:
    start, end = moved
    found = shapley_product(start, end)
    change = end.prod(0) - start.prod(0)
    scale = np.maximum(abs(start), abs(end)).prod(0)
    np.testing.assert_allclose(found.sum(0), change, rtol=0, atol=1e-13 * max(1, scale.max()))


@quick
@given(arrays(float, (2, 4, 3), elements=numbers), st.permutations(range(4)))
def test_shapley_values_know_no_order(moved: np.ndarray, order: list[int]) -> None:
    start, end = moved
    turned = shapley_product(start[order], end[order])
    np.testing.assert_allclose(turned, shapley_product(start, end)[order], rtol=0, atol=1e-11)


@quick
@given(arrays(float, (2, 4, 3), elements=numbers), st.integers(0, 3))
def test_a_factor_that_does_not_move_has_no_part(moved: np.ndarray, still: int) -> None:
    start, end = moved
    end[still] = start[still]
    assert (shapley_product(start, end)[still] == 0).all()


def test_factors_that_move_alike_share_alike() -> None:
    start, end = np.array([[2.0], [2.0], [3.0]]), np.array([[5.0], [5.0], [1.0]])
    found = shapley_product(start, end)
    assert found[0] == pytest.approx(found[1], rel=1e-14)


@pytest.mark.parametrize(("first", "last"), [(2022, 2030), (2015, 2035), (2030, 2024)])
def test_drivers_sum_to_the_change_in_every_draw(whole: xr.DataTree, first: int, last: int) -> None:
    change = decomposition(whole, first, last)["change"]
    assert change.dims == ("driver", "chain", "draw", "scenario")
    total = whole["prior_predictive"]["demand"].sum("segment")
    moved = total.sel(year=last) - total.sel(year=first)
    gap = abs(change.sum("driver") - moved) / total.sel(year=[first, last]).max("year")
    assert float(gap.max()) < 1e-9


def test_drivers_are_what_they_say(whole: xr.DataTree) -> None:
    change = decomposition(whole, 2022, 2030)["change"].isel(scenario=0)
    assert change["driver"].values.tolist() == list(DRIVERS)
    assert {one for part in PARTS.values() for one in part} == set(DRIVERS)
    outputs = whole["prior_predictive"].to_dataset().isel(scenario=0)
    crypto = outputs["crypto.demand"].sel(year=2030) - outputs["crypto.demand"].sel(year=2022)
    np.testing.assert_allclose(change.sel(driver="crypto"), crypto.values, rtol=1e-9, atol=1e-9)
    # More workloads and applications add; better chips and software take away; in every draw.
    for up in ("workloads", "applications", "tokens_per_request"):
        assert (change.sel(driver=up) > 0).all(), up
    for down in ("hardware", "software", "energy_per_workload"):
        assert (change.sel(driver=down) < 0).all(), down
    # A limit takes away, and in the years before it takes nothing.
    assert (change.sel(driver="limits_to_growth") <= 1e-9).all()


def test_what_cannot_be_split_is_refused(whole: xr.DataTree, by_hand: object) -> None:
    with pytest.raises(ValueError, match="year 2036 is not in the run, which has 2015 to 2035"):
        decomposition(whole, 2022, 2036)
    slim = whole.copy(deep=False)
    slim["prior_predictive"] = xr.DataTree(
        whole["prior_predictive"].to_dataset().drop_vars("totals.ai")
    )
    with pytest.raises(ValueError, match="--keep all"):
        decomposition(slim, 2022, 2030)

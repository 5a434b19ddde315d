"""Two Runs compared, bit by bit."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from forecast.analysis.sameness import compare, difference

type Runs = Callable[..., xr.DataTree]


def changed(run: xr.DataTree, group: str, name: str, values: np.ndarray) -> xr.DataTree:
    other = run.copy(deep=True)
    other[group][name].values[:] = values
    return other


def test_a_run_is_itself(whole: xr.DataTree) -> None:
    found = compare(whole, whole.copy(deep=True))
    assert (found.identical, found.largest, found.where, found.notes) == (True, 0, "", ())


@pytest.mark.parametrize(
    ("group", "name"),
    [("prior", "limits.pue"), ("prior_predictive", "demand"), ("prior_predictive", "workloads")],
)
def test_one_bit_is_found(whole: xr.DataTree, group: str, name: str) -> None:
    values = whole[group][name].values.copy()
    flat = values.reshape(-1).view(np.uint64)
    place = int(np.argmax(values.reshape(-1)))
    flat[place] ^= np.uint64(1)
    found = compare(whole, changed(whole, group, name, values))
    assert not found.identical
    assert found.where == f"{group}/{name}"
    assert 0 < found.largest < 3e-16


def test_a_reason_that_differs_is_found(whole: xr.DataTree) -> None:
    values = whole["sample_stats_prior"]["status"].values.copy()
    values[3, 4, 0] = 2
    assert not compare(whole, changed(whole, "sample_stats_prior", "status", values)).identical


def test_the_sign_of_zero_is_a_bit(by_hand: Runs) -> None:
    demand = np.ones((2, 3, 1, 21, 5))
    demand[0, 0, 0, 0, 0] = 0.0
    run = by_hand(demand)
    demand = demand.copy()
    demand[0, 0, 0, 0, 0] = -0.0
    found = compare(run, changed(run, "prior_predictive", "demand", demand))
    assert (found.identical, found.largest) == (False, 0)


def test_the_largest_difference_is_named(whole: xr.DataTree) -> None:
    small = whole["prior_predictive"]["pue"].values * (1 + 1e-9)
    large = whole["prior_predictive"]["workloads"].values * (1 + 1e-6)
    other = changed(whole, "prior_predictive", "pue", small)
    other = changed(other, "prior_predictive", "workloads", large)
    found = compare(whole, other)
    assert found.where == "prior_predictive/workloads"
    assert found.largest == pytest.approx(1e-6, rel=1e-6)


def test_versions_are_told_apart(whole: xr.DataTree) -> None:
    other = whole.copy(deep=True)
    other.attrs["code_digest"] = "other"
    found = compare(whole, other)
    assert found.identical
    assert found.notes == (f"code_digest: {whole.attrs['code_digest']} then, other now",)


def test_differences_are_relative_to_the_largest_value_of_the_place() -> None:
    old = np.array([[[1.0, 100.0]], [[2.0, 50.0]]])
    assert difference(old, old + [[[0.1, 0.1]], [[0.0, 0.0]]]) == pytest.approx(0.05)
    assert difference(old, old) == 0


def test_a_number_against_none_or_another_shape_is_infinite() -> None:
    old = np.ones((2, 3))
    new = old.copy()
    new[0, 0] = np.nan
    assert difference(old, new) == np.inf
    assert difference(new, new) == 0
    assert difference(old, np.ones((2, 4))) == np.inf

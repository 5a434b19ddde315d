"""Means and quantiles against NumPy, their Monte Carlo errors against the truth."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from forecast.analysis.summary import (
    QUANTILES,
    STATISTICS,
    estimates,
    keys_of,
    summary,
    valid_outputs,
)
from forecast.axes import REGIONS, SEGMENTS

type Runs = Callable[..., xr.DataTree]


def rows(table: xr.Dataset, variable: str, *, region: str = "", scenario: str = "") -> xr.Dataset:
    chosen = (table["variable"] == variable) & (table["region"] == region)
    if scenario:
        chosen &= table["scenario"] == scenario
    return table.isel(row=np.flatnonzero(chosen.values))


def test_estimates_are_those_of_numpy() -> None:
    values = np.random.default_rng(1).lognormal(size=(8, 37, 3, 2))
    value, error = estimates(values)
    pooled = values.reshape(-1, 3, 2)
    assert value.shape == error.shape == (len(STATISTICS), 3, 2)
    np.testing.assert_allclose(value[0], pooled.mean(0), rtol=1e-13)
    np.testing.assert_allclose(
        value[1:], np.quantile(pooled, list(QUANTILES.values()), axis=0), rtol=1e-13
    )
    chains = np.quantile(values, list(QUANTILES.values()), axis=1)
    np.testing.assert_allclose(error[1:], stats.sem(chains, axis=1), rtol=1e-12)
    np.testing.assert_allclose(error[0], stats.sem(values.mean(1), axis=0), rtol=1e-12)


def test_missing_draws_are_left_out_as_by_numpy() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(8, 50, 6))
    values[rng.random(values.shape) < 0.3] = np.nan
    values[:, :, 4] = np.nan
    values[:, 1:, 5], values[:, 0, 5] = np.nan, rng.normal(size=8)
    value, error = estimates(values)
    assert np.isnan(value[:, 4]).all()
    assert np.isnan(error[:, 4]).all()
    there = [0, 1, 2, 3, 5]
    pooled = values[:, :, there].reshape(-1, 5)
    np.testing.assert_allclose(value[0, there], np.nanmean(pooled, 0), rtol=1e-12)
    expected = np.nanquantile(pooled, list(QUANTILES.values()), axis=0)
    np.testing.assert_allclose(value[1:, there], expected, rtol=1e-12, atol=1e-13)
    chains = np.nanquantile(values[:, :, there], list(QUANTILES.values()), axis=1)
    np.testing.assert_allclose(error[1:, there], stats.sem(chains, axis=1), rtol=1e-11)


def test_one_chain_has_no_error() -> None:
    value, error = estimates(np.arange(5.0)[None, :])
    np.testing.assert_array_equal(value, np.quantile(np.arange(5.0), [0.5, *QUANTILES.values()]))
    assert np.isnan(error).all()


def test_errors_cover_the_truth_as_often_as_they_say() -> None:
    # 2,000 runs of 8 chains of an exponential law: the truth lies within t(7) times the error in
    # 95 % of them, give or take 1.5 points, three times the binomial error.
    values = np.random.default_rng(3).exponential(size=(8, 400, 2_000))
    value, error = estimates(values)
    truth = np.array([1.0, *stats.expon.ppf(list(QUANTILES.values()))])[:, None]
    covered = (abs(value - truth) <= stats.t.ppf(0.975, 7) * error).mean(1)
    np.testing.assert_allclose(covered, 0.95, atol=0.015)


@pytest.mark.slow
def test_sobol_errs_less_than_plain_monte_carlo(shipped_run: Runs) -> None:
    found = {
        method: summary(shipped_run(draws=4_096, method=method)) for method in ("sobol", "random")
    }
    for name, least in (("mcse_mean", 2.5), ("mcse_p50", 1.5)):
        ratio = rows(found["random"], "total")[name] / rows(found["sobol"], "total")[name]
        assert float(ratio.median()) > least, name
    # And both estimate the same thing.
    means = [rows(one, "total")["mean"].values for one in found.values()]
    error = np.hypot(*(rows(one, "total")["mcse_mean"].values for one in found.values()))
    assert (abs(means[0] - means[1]) < 4 * error).all()


def test_rows_are_the_sums_that_they_name(whole: xr.DataTree) -> None:
    table = summary(whole)
    outputs = whole["prior_predictive"].to_dataset()
    demand = outputs["demand"].isel(scenario=0)
    expected = {
        "total": demand.sum("segment"),
        "data_centres": outputs["totals.data_centres"].isel(scenario=0),
        "ai": outputs["totals.ai"].isel(scenario=0),
        **{name: demand.sel(segment=name) for name in SEGMENTS},
        "emissions_market": outputs["emissions"].isel(scenario=0).sel(account="market"),
        "installed_capacity_colocation": outputs["installed_capacity"]
        .isel(scenario=0)
        .sel(facility="colocation"),
        "share_of_world_demand": outputs["share_of_world_demand"].isel(scenario=0),
    }
    for name, values in expected.items():
        found = rows(table, name)
        assert found["year"].values.tolist() == list(range(2015, 2036))
        np.testing.assert_allclose(
            found["p95"].values, values.quantile(0.95, ("chain", "draw")), rtol=1e-9, err_msg=name
        )
        assert set(found["scenario"].values) == {"base"}
    assert set(rows(table, "total")["unit"].values) == {"TWh"}
    assert all("networks excluded" in one for one in rows(table, "total")["scope"].values)
    for region in REGIONS:
        found = rows(table, "total", region=region)
        values = outputs["total_by_region"].isel(scenario=0).sel(region=region)
        np.testing.assert_allclose(found["mean"].values, values.mean(("chain", "draw")), rtol=1e-9)


def test_rows_do_not_depend_on_what_is_kept(shipped_run: Runs, whole: xr.DataTree) -> None:
    plain, kept = summary(shipped_run(draws=2_816)), summary(whole)
    xr.testing.assert_identical(plain, kept)
    assert not any("see docs" in one for one in kept["scope"].values)


def test_every_row_is_told_apart_by_its_keys(whole: xr.DataTree) -> None:
    keys = keys_of(valid_outputs(whole))
    named = list(
        zip(
            *(keys[one].tolist() for one in ("scenario", "variable", "region", "year")), strict=True
        )
    )
    assert len(set(named)) == len(named)
    assert all(keys["unit"])
    assert all(keys["scope"])


def test_renewable_share_of_growth_by_hand(by_hand: Runs) -> None:
    # From 100 TWh, 40 % renewable, to 150 TWh, 50 %: 35 of 50 TWh more are renewable.
    totals = np.array([100, 100, 100, 100, 150, 104, 106, 96, 50.0])
    shares = np.array([0.4, 0.4, 0.4, 0.4, 0.5, 0.9, 0.5, 0.5, 0.5])
    demand = np.zeros((2, 3, 1, 9, 5))
    demand[..., 0] = totals
    run = by_hand(demand, share=np.broadcast_to(shares, (2, 3, 1, 9)))
    found = rows(summary(run), "renewable_share_of_growth")
    assert found["year"].values.tolist() == list(range(2019, 2024))
    expected = [
        35 / 50,
        np.nan,  # 4 % of growth
        (0.5 * 106 - 40) / 6,
        np.nan,  # a fall of 4 %
        np.nan,  # a fall of two thirds is no growth either
    ]
    for name in ("mean", "p05", "p95"):
        np.testing.assert_allclose(found[name].values, expected, rtol=1e-12)
    market = rows(summary(run), "renewable_share_of_growth_market")
    np.testing.assert_allclose(market["mean"].values[0], 35 / 100, rtol=1e-12)


def test_scenarios_stand_side_by_side(by_hand: Runs) -> None:
    demand = np.random.default_rng(4).random((8, 10, 2, 21, 5))
    table = summary(by_hand(demand))
    for number in range(2):
        found = rows(table, "crypto", scenario=f"s{number}")
        expected = demand[:, :, number, :, 4].mean((0, 1))
        np.testing.assert_allclose(found["mean"].values, expected, rtol=1e-12)


@pytest.mark.parametrize("code", [1, 3])
def test_failed_draws_are_left_out(by_hand: Runs, code: int) -> None:
    rng = np.random.default_rng(5)
    demand = rng.random((8, 10, 2, 21, 5))
    status = np.zeros((8, 10, 2), np.int8)
    status[:, 7:, 1] = code
    broken = demand.copy()
    broken[:, 7:, 1] = np.nan if code == 1 else 1e9
    found = summary(by_hand(broken, status=status))
    rest, full = summary(by_hand(demand[:, :7])), summary(by_hand(demand))
    for name in STATISTICS:
        for column in (name, f"mcse_{name}"):
            for variable in ("total", "ai", "renewable_share", "renewable_share_of_growth"):
                one = rows(found, variable, scenario="s1")[column].values
                np.testing.assert_allclose(
                    one, rows(rest, variable, scenario="s1")[column].values, rtol=1e-12
                )
                other = rows(found, variable, scenario="s0")[column].values
                np.testing.assert_array_equal(
                    other, rows(full, variable, scenario="s0")[column].values
                )

"""The prior is sane before any calibration: what it says of years that are known."""

import numpy as np
import pytest
import xarray as xr

import forecast.api

CENTRES = ["conventional", "ai_inference", "ai_training", "ai_customisation"]
PUBLISHED = {2024: 416.0, 2025: 485.0}
"""Data centres without crypto, TWh: IEA, Energy and AI (2025) and its update of 2026."""


def _demand(run: xr.DataTree) -> xr.DataArray:
    return run["prior_predictive"]["demand"].isel(scenario=0).stack(one=("chain", "draw"))


@pytest.mark.slow
def test_median_total_of_2022_is_near_the_published_one(base: xr.DataTree) -> None:
    total = _demand(base).sum("segment").sel(year=2022)
    assert total.sizes["one"] == 4096
    assert abs(float(total.median()) / 460 - 1) < 0.15


@pytest.mark.slow
def test_published_workloads_lie_inside_the_middle_half(base: xr.DataTree) -> None:
    workloads = base["prior_predictive"]["workloads"].sel(year=2022)
    low, high = np.quantile(workloads, [0.25, 0.75])
    assert low < 4.4 < high


@pytest.mark.slow
def test_inference_lies_above_training_in_the_median(base: xr.DataTree) -> None:
    demand = _demand(base).sel(year=slice(2025, None))
    inference = demand.sel(segment="ai_inference").median("one")
    training = demand.sel(segment="ai_training").median("one")
    assert inference.sizes["year"] == 11
    assert bool((inference > training).all())


@pytest.mark.slow
@pytest.mark.parametrize("year", PUBLISHED)
def test_outturn_of_data_centres_lies_inside_the_interval(base: xr.DataTree, year: int) -> None:
    centres = _demand(base).sel(segment=CENTRES, year=year).sum("segment")
    low, high = np.quantile(centres, [0.05, 0.95])
    assert low < PUBLISHED[year] < high


def _most(run: xr.DataTree) -> float:
    """Largest share of the world's electricity, over draws and years."""
    share = run["prior_predictive"]["share_of_world_demand"]
    assert bool((run["sample_stats_prior"]["status"] == 0).all())
    assert bool((_demand(run) >= 0).all())
    return float(share.max())


@pytest.mark.slow
def test_no_draw_takes_more_than_the_world_has(base: xr.DataTree) -> None:
    assert _most(base) < 1


@pytest.mark.slow
def test_no_draw_takes_more_than_the_world_has_by_2050() -> None:
    run = forecast.api.run("outlook.yaml", draws=512, settings=["horizon=2050"], prior=True)
    assert int(run["prior_predictive"]["year"][-1]) == 2050
    assert _most(run) < 1

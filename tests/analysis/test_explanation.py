"""Every quantity by block, and published numbers beside those of the same scope alone."""

import numpy as np
import pytest
import xarray as xr

from forecast.analysis.explanation import beside_published, drivers, interval, quantities_of
from forecast.axes import SEGMENTS
from forecast.delivery import observed_dataset
from forecast.model.block import quantities
from forecast.model.demand import Outputs
from forecast.shipped import observations
from forecast.spec.observation import Observation, read_observations

CENTRES = set(SEGMENTS) - {"crypto"}


@pytest.fixture(scope="session")
def published() -> tuple[Observation, ...]:
    return read_observations(observations())


@pytest.fixture(scope="session")
def observed(whole: xr.DataTree, published: tuple[Observation, ...]) -> xr.DataTree:
    """The run with the published numbers in it."""
    run = whole.copy(deep=False)
    run["observed_data"] = xr.DataTree(observed_dataset(published))
    return run


def test_every_quantity_of_the_model_appears_once_in_its_block(whole: xr.DataTree) -> None:
    rows = quantities_of(whole, [2025, 2030])
    labels = [f"{one['block']}.{one['name'].partition('[')[0]}" for one in rows]
    expected = {name if "." in name else f"demand.{name}" for name in quantities(Outputs)}
    assert set(labels) == expected
    full = [(one["block"], one["name"]) for one in rows]
    assert len(set(full)) == len(full)
    for one in rows:
        assert one["unit"], one
        assert one["formula"], one
        assert one["long_name"], one
        assert len(one["values"]) == 2
        assert all(low <= middle <= high for low, middle, high in one["values"])


def test_numbers_are_quantiles_of_the_draws(whole: xr.DataTree) -> None:
    rows = {(one["block"], one["name"]): one["values"] for one in quantities_of(whole, [2030])}
    outputs = whole["prior_predictive"].to_dataset().isel(scenario=0).sel(year=2030)
    total = outputs["totals.total"]
    assert rows["totals", "total"][0] == pytest.approx(np.quantile(total, [0.05, 0.5, 0.95]))
    crypto = outputs["regional"].sel(segment="crypto", region="china")
    expected = np.quantile(crypto, [0.05, 0.5, 0.95])
    assert rows["demand", "regional[crypto][china]"][0] == pytest.approx(expected)


def test_interval_leaves_out_what_is_missing() -> None:
    values = np.array([np.nan, 1.0, 2.0, 3.0, np.nan])
    assert interval(values) == pytest.approx(tuple(np.nanquantile(values, [0.05, 0.5, 0.95])))


def test_published_numbers_stand_beside_their_own_scope_alone(
    observed: xr.DataTree, published: tuple[Observation, ...]
) -> None:
    rows = beside_published(observed)
    by_id = {one.id: one for one in published}
    covered = {"total": set(SEGMENTS), "data_centres": CENTRES, "crypto": {"crypto"}}
    assert {"total", "data_centres", "crypto", "workloads", "pue"} <= {r["output"] for r in rows}
    for row in rows:
        one = by_id[row["id"]]
        assert (one.kind, one.region) == ("outturn", "world"), row
        assert (one.scope.networks, one.scope.basis) == ("excluded", "consumption"), row
        if row["output"] in covered:
            assert set(one.scope.segments) == covered[row["output"]], row
            assert row["unit"] == "TWh"
    # Sites that hold other machines too are no number of the model.
    told = {row["id"] for row in rows}
    assert "iea26_ai_focused_2025" in by_id
    assert "iea26_ai_focused_2025" not in told
    outturns = {o.id for o in published if o.kind == "outturn" and o.region == "world" and o.value}
    assert outturns - told == {"iea26_ai_focused_2025"}


def test_percentiles_are_shares_of_draws_below(observed: xr.DataTree) -> None:
    row = next(one for one in beside_published(observed) if one["id"] == "iea24_total_2022")
    demand = observed["prior_predictive"]["demand"].isel(scenario=0).sel(year=2022).sum("segment")
    assert (row["published"], row["year"]) == (460, 2022)
    assert row["percentile"] == pytest.approx(float((demand < 460).mean()))
    assert row["interval"] == pytest.approx(tuple(np.quantile(demand, [0.05, 0.5, 0.95])))


def test_drivers_are_told_largest_first_and_sum(whole: xr.DataTree) -> None:
    found = drivers(whole, 2022, 2030)
    sizes = [abs(one["interval"][1]) for one in found["drivers"]]
    assert sizes == sorted(sizes, reverse=True)
    assert found["residue"] < 1e-9
    total = whole["prior_predictive"]["demand"].isel(scenario=0).sum("segment")
    change = total.sel(year=2030) - total.sel(year=2022)
    assert sum(one["mean"] for one in found["drivers"]) == pytest.approx(float(change.mean()))
    assert found["total"] == pytest.approx(tuple(np.quantile(change, [0.05, 0.5, 0.95])))

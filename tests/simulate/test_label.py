"""The Run: names, order of dimensions, units and sources, what is stored once, and the file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import arviz_base
import arviz_stats
import h5py
import numpy as np
import pytest
import xarray as xr

from forecast.axes import LABELS, SEGMENTS, STATUS
from forecast.provenance import split_texts
from forecast.spec.scenario import Scenario
from forecast.spec.text import from_yaml

type Read = Callable[..., Scenario]
type Simulated = Callable[..., xr.DataTree]

GROUPS = {"prior", "prior_predictive", "constant_data", "sample_stats_prior"}


@pytest.fixture(scope="session")
def pair(scenario: Read, simulated: Simulated) -> xr.DataTree:
    """The shipped world and one that changes an input and fixes another."""
    other = scenario("base", "conventional.energy_2015=210", "limits.pue.p95=1.45")
    return simulated(scenario(), replace(other, name="other"))


def test_groups_are_those_of_arviz(pair: xr.DataTree) -> None:
    assert set(pair.children) == GROUPS


def test_dims_stand_in_order(whole: xr.DataTree, pair: xr.DataTree) -> None:
    demand = pair["prior_predictive"]["demand"]
    assert demand.dims == ("chain", "draw", "scenario", "year", "segment")
    assert demand.shape == (8, 8, 2, 21, 5)
    assert tuple(demand["segment"].values) == SEGMENTS
    assert demand["year"].values.tolist() == list(range(2015, 2036))
    assert demand["scenario"].values.tolist() == ["base", "other"]
    for name, values in whole["prior_predictive"].data_vars.items():
        assert values.dims[:4] == ("chain", "draw", "scenario", "year"), name
        for dim in values.dims[4:]:
            assert tuple(values[dim].values) == LABELS[str(dim)], name
    by_region = whole["prior_predictive"]["regional"]
    assert by_region.dims[4:] == ("segment", "region")
    assert whole["prior_predictive"]["emissions.emissions"].dims[4:] == ("region", "account")
    assert pair["sample_stats_prior"]["status"].dims == ("chain", "draw", "scenario")


def test_every_variable_says_what_it_is(whole: xr.DataTree, pair: xr.DataTree) -> None:
    for tree in (whole, pair):
        for name, values in tree["prior_predictive"].data_vars.items():
            assert all(values.attrs[one] for one in ("units", "long_name", "scope")), name
        inputs = {**tree["prior"].data_vars, **tree["constant_data"].data_vars}
        assert len(inputs) > 100
        for name, values in inputs.items():
            known = ("units", "long_name") if name == "reference_cost" else ("units", "source")
            assert all(values.attrs[one] for one in (*known, "long_name")), name
    status = pair["sample_stats_prior"]["status"]
    assert status.dtype == np.int8
    assert status.attrs["flag_values"].tolist() == list(range(len(STATUS)))
    assert status.attrs["flag_meanings"].split() == list(STATUS)


def test_scopes_are_those_of_the_outputs(pair: xr.DataTree) -> None:
    scopes = {str(k): v.attrs["scope"] for k, v in pair["prior_predictive"].data_vars.items()}
    assert "networks excluded" in scopes["demand"]
    assert "crypto excluded" in scopes["data_centres_by_region"]
    assert "Ember" in scopes["share_of_world_demand"]


def test_inputs_that_scenarios_share_are_stored_once(pair: xr.DataTree) -> None:
    own = {"conventional.energy_2015", "limits.pue"}
    for name, values in pair["prior"].data_vars.items():
        assert ("scenario" in values.dims) == (name in own), name
        assert values.dims[:2] == ("chain", "draw")
    energy = pair["prior"]["conventional.energy_2015"]
    assert (energy.sel(scenario="other") == 210).all()
    assert np.ptp(energy.sel(scenario="base").values) > 50
    assert pair["prior"]["limits.pue"].dims == ("chain", "draw", "scenario")


def test_fixed_inputs_are_constants(
    scenario: Read, simulated: Simulated, pair: xr.DataTree
) -> None:
    base = scenario()
    fixed = {name for name, one in base.priors.items() if one.family == "fixed"}
    constants = pair["constant_data"]
    assert set(constants.data_vars) == fixed | {"reference_cost"}
    assert set(pair["prior"].data_vars) == set(base.priors) - fixed
    for name in fixed:
        value = base.priors[name].arguments["value"]
        told = list(value.values()) if isinstance(value, dict) else value
        np.testing.assert_array_equal(constants[name].values, told)
        assert "scenario" not in constants[name].dims
    capped = simulated(base, scenario("base+pue-cap"))["constant_data"]["conventional.pue_cap"]
    assert capped.dims == ("scenario", "facility")
    assert (capped.sel(scenario="base+pue-cap") == 1.3).all()
    assert (capped.sel(scenario="base") != 1.3).all()


def test_segments_sum_to_the_totals(whole: xr.DataTree) -> None:
    outputs = whole["prior_predictive"].to_dataset()
    demand, regional = outputs["demand"], outputs["regional"]
    total = outputs["totals.total"]
    xr.testing.assert_allclose(demand.sum("segment"), total, rtol=1e-12)
    centres = outputs["totals.data_centres"]
    xr.testing.assert_allclose(
        demand.drop_sel(segment="crypto").sum("segment"), centres, rtol=1e-12
    )
    xr.testing.assert_allclose(regional.sum("region"), demand, rtol=1e-12)
    by_region = outputs["total_by_region"]
    xr.testing.assert_allclose(by_region.sum("region"), total, rtol=1e-12)
    of_centres = outputs["data_centres_by_region"].sum("region")
    xr.testing.assert_allclose(of_centres, centres, rtol=1e-12)
    xr.testing.assert_allclose(
        outputs["share_of_world_demand"] * outputs["electricity.world"], total, rtol=1e-12
    )


def test_attributes_hold_all_that_a_second_run_takes(pair: xr.DataTree, scenario: Read) -> None:
    found = [from_yaml(text) for text in split_texts(pair.attrs["scenarios"])]
    assert [one.name for one in found] == ["base", "other"]
    assert found[0] == scenario()
    assert pair.attrs["seed"] == found[0].sampling.seed
    assert (pair.attrs["chains"], pair.attrs["draws_per_chain"]) == (8, 8)
    assert (pair.attrs["method"], pair.attrs["precision"]) == ("sobol", "double")
    assert all(pair.attrs[one] for one in ("forecast_version", "code_digest", "title"))


@pytest.fixture(scope="module")
def file(pair: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "run.nc"
    pair.to_netcdf(path, engine="h5netcdf")
    return path


def test_arviz_reads_the_file(file: Path, pair: xr.DataTree) -> None:
    with xr.open_datatree(file, engine="h5netcdf") as tree:
        assert set(tree.children) == GROUPS
        names = ["limits.pue", "adoption.rate"]
        table = arviz_stats.summary(tree, group="prior", var_names=names, round_to="none")
        assert set(table.index) == {"limits.pue[base]", "limits.pue[other]", "adoption.rate"}
        rate = pair["prior"]["adoption.rate"]
        assert table.loc["adoption.rate", "mean"] == pytest.approx(float(rate.mean()))
        demand = arviz_base.extract(tree, group="prior_predictive", var_names=["demand"])
        assert demand.sizes["sample"] == 64


def test_units_stand_in_the_file_itself(file: Path) -> None:
    with h5py.File(file) as stored:
        demand = stored["prior_predictive/demand"]
        assert demand.attrs["units"] == "TWh"
        assert [dim[0].name.rpartition("/")[2] for dim in demand.dims] == [
            *("chain", "draw", "scenario", "year", "segment")
        ]
        status = stored["sample_stats_prior/status"].attrs
        assert status["flag_values"].dtype == np.int8
        assert status["flag_meanings"] == " ".join(STATUS)

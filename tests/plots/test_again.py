"""Figures for which the model is asked again, from the file of the run alone."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import forecast.api
from forecast import store
from forecast.plots.again import only
from forecast.plots.choice import Choice
from forecast.plots.making import make
from forecast.provenance import split_texts
from forecast.simulate.again import plan_again
from forecast.simulate.ensemble import simulate
from forecast.spec.text import from_yaml


def test_a_scenario_alone_is_computed_again_as_it_was(run: xr.DataTree) -> None:
    less = only(run, ["base+pue-cap"])
    again = simulate(plan_again(less))
    ours = run["prior_predictive"].to_dataset()["demand"].sel(scenario=["base+pue-cap"])
    np.testing.assert_array_equal(again["prior_predictive"].to_dataset()["demand"].values, ours)
    table = less["summary"].to_dataset()
    assert set(table["scenario"].values) == {"base+pue-cap"}


@pytest.mark.slow
def test_an_audit_is_drawn_of_the_stored_run(run: xr.DataTree, tmp_path: Path) -> None:
    store.save(run, tmp_path / "run.nc")
    made = make(store.load(tmp_path / "run.nc"), "audit", Choice())
    expected = forecast.api.audit(run, year=2030)
    (table,) = made.tables
    np.testing.assert_array_equal(table["level"].values, expected["level"].values)
    bars = made.figure.axes[0].patches
    middle = expected["level"].sel(statistic="p50").values
    ends = [sorted((one.get_x(), one.get_x() + one.get_width())) for one in bars]
    for place, (low, high) in enumerate(ends):
        assert [low, high] == pytest.approx(sorted(middle[place : place + 2]), rel=1e-9)


@pytest.mark.slow
def test_shares_of_variance_are_of_one_variable() -> None:
    run = forecast.api.run("base.yaml", "base+pue-cap", draws=2_048, prior=True)
    made = make(run, "variance", Choice(scenarios=("base",)))
    (table,) = made.tables
    assert set(table["variable"].values) == {"total"}
    np.testing.assert_allclose(table["share"].sum("source").values, 1)
    assert table.attrs["scenarios"] == "base"


@pytest.mark.slow
def test_the_prior_beside_a_posterior_is_that_of_the_files(tmp_path: Path) -> None:
    """Drawn again from the run file, it has the quantiles that the files state."""
    settings = ("calibration.particles=128", "sampling.draws=256")
    run = forecast.api.run("history.yaml", settings=settings, outputs=tmp_path)
    store.save(run, tmp_path / "run.nc")
    made = make(store.load(tmp_path / "run.nc"), "update", Choice())
    (table,) = made.tables
    after = run["posterior"].to_dataset()
    row = table.sel(input="crypto.energy_2022")
    values = after["crypto.energy_2022"].values
    np.testing.assert_allclose(row["posterior_p50"], np.median(values))
    scenario = from_yaml(split_texts(run.attrs["scenarios"])[0])
    compared = 0
    for name in table["input"].values.tolist():
        stated = scenario.priors[name].arguments if name in scenario.priors else {}
        for share in ("p05", "p50", "p95"):
            if share in stated:
                found = float(table.sel(input=name)[f"prior_{share}"])
                assert found == pytest.approx(stated[share], rel=0.02), (name, share)
                compared += 1
    assert compared > 50
    assert "The 16 of" in made.caption

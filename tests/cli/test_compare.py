"""`forecast compare` on the small stored run of all tests."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from forecast import store

type Ok = Callable[..., str]


@pytest.fixture
def stored(run: xr.DataTree, tmp_path: Path) -> str:
    (tmp_path / "mine").mkdir()
    store.save(run, tmp_path / "mine" / "run.nc")
    return "mine"


def test_differences_are_of_the_same_draws(ok: Ok, stored: str, run: xr.DataTree) -> None:
    found = json.loads(ok("compare", stored, "--json", "--target", "total[2030] < 0.6 PWh"))
    rows = [
        one
        for one in found["differences"]["rows"]
        if (one["variable"], one["region"], one["year"]) == ("total", "", 2030)
    ]
    total = run["prior_predictive"]["demand"].sum("segment").sel(year=2030)
    apart = (total.sel(scenario="base+pue-cap") - total.sel(scenario="base")).values
    assert [one["scenario"] for one in rows] == ["base+pue-cap"]
    assert rows[0]["mean"] == pytest.approx(apart.mean())
    assert rows[0]["lower"] == pytest.approx((apart < 0).mean())
    met = {
        one["scenario"]: one["value"]
        for one in found["robustness"]["rows"]
        if one["criterion"] == "satisficing"
    }
    assert met["base"] == pytest.approx(float((total.sel(scenario="base") < 600).mean()))
    kept = xr.load_dataset(found["files"][0], engine="h5netcdf")
    assert float(kept["mean"].max()) >= rows[0]["mean"]
    assert all(Path(one).is_file() for one in found["files"])


def test_tables_are_read_by_people(ok: Ok, stored: str) -> None:
    asked = ("--outcome", "total[2035]", "--outcome", "unserved[2035]", "--cost", "base+pue-cap=2")
    told = ok("compare", stored, *asked)
    assert "differences from base in 2030, 256 pairs of draws" in told
    assert "where the order of total[2035] flips" in told
    assert "ranked by total[2035], TWh, small is good" in told
    assert "Pareto front" in told
    assert "for each TWh of total[2035] less" in told
    turned = ok("compare", stored, "--baseline", "base+pue-cap")
    assert "differences from base+pue-cap" in turned
    assert np.char.startswith(told.splitlines()[-1], "kept in mine/analysis/compare-differences.nc")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--baseline", "bsae"), 'no scenario "bsae" in the run, expected one of base, base+pue-'),
        (("--year", "2040"), "--year 2040: the run has 2015 to 2035"),
        (("--outcome", "totl[2030]"), 'column 1: no variable "totl"'),
        (("--outcome", "total"), "--outcome: column 6: expected"),
        (("--target", "total[2030] < "), "--target: column 15: expected a number"),
        (("--target", "total[2030] < 5 GW"), "--target: total[2030] is in TWh"),
        (("--tail", "1.5"), "the tail is a share of draws between 0 and 1, got 1.5"),
        (("--cost", "base+pue-cap"), "--cost base+pue-cap: expected SCENARIO=NUMBER"),
        (("--cost", "other=3"), '--cost: no scenario "other" in the run'),
        (("base",), "mine: is a run; base cannot be added to it"),
    ],
)
def test_faults_are_told(
    refused: Callable[..., str], stored: str, args: tuple[str, ...], told: str
) -> None:
    assert told in refused("compare", stored, *args)


def test_one_scenario_and_other_ensembles_are_refused(
    refused: Callable[..., str], run: xr.DataTree, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    alone = run.copy()
    alone.attrs = run.attrs | {"posteriors": "abc def"}
    store.save(alone, tmp_path / "two" / "run.nc")
    assert "base and base+pue-cap are of different ensembles" in refused("compare", "two")

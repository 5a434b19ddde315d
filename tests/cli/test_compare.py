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
    assert "cost over base for each TWh of total[2035] less" in told
    found = json.loads(ok("compare", stored, *asked, "--json"))
    (cost,) = found["costs"]["rows"]
    assert cost["each"] == pytest.approx(2 / cost["effect"])
    assert [one for one in found["files"] if one.endswith("compare-costs.csv")]
    turned = ok("compare", stored, "--baseline", "base+pue-cap")
    assert "differences from base+pue-cap" in turned
    assert np.char.startswith(told.splitlines()[-1], "kept in mine/analysis/compare-differences.nc")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--baseline", "bsae"), '--baseline: no scenario "bsae" (did you mean "base"?), expected'),
        (("--year", "2040"), "--year 2040: the run has 2015 to 2035"),
        (("--outcome", "totl[2030]"), '--outcome: column 1: no variable "totl"'),
        (("--outcome", "total"), "--outcome: column 6: expected"),
        (("--target", "total[2030] < "), "--target: column 15: expected a number"),
        (("--target", "totl[2030] < 5"), '--target: column 1: no variable "totl"'),
        (("--target", "total[2030] < 5 GW"), "--target: total[2030] is in TWh"),
        (("--tail", "1.5"), "--tail: the tail is a share of draws between 0 and 1, got 1.5"),
        (("--cost", "base+pue-cap"), "--cost base+pue-cap: expected SCENARIO=NUMBER"),
        (("--cost", "base+pue-cap=nan"), "expected SCENARIO=NUMBER"),
        (("--cost", "base=3"), "a cost of base alone says nothing"),
        (("--cost", "other=3"), '--cost: no scenario "other", expected one of base, base+pue-cap'),
        (("base",), "mine: is a run; base cannot be added to it"),
    ],
)
def test_faults_are_told(
    refused: Callable[..., str], stored: str, args: tuple[str, ...], told: str
) -> None:
    assert told in refused("compare", stored, *args)


def test_runs_that_hold_no_pairs_are_refused(
    refused: Callable[..., str], run: xr.DataTree, tmp_path: Path
) -> None:
    apart, bare = run.copy(), run.copy()
    apart.attrs = run.attrs | {"posteriors": "abc def"}
    del bare["prior"]
    alone = run.map_over_datasets(
        lambda one: one.isel(scenario=[0]) if "scenario" in one.dims else one
    )
    alone.attrs = run.attrs
    kept = {"one": alone, "two": apart, "none": bare}
    for name, tree in kept.items():
        (tmp_path / name).mkdir()
        store.save(tree, tmp_path / name / "run.nc")
    assert "there is one scenario, base; a comparison needs two" in refused("compare", "one")
    assert "base and base+pue-cap are of different ensembles" in refused("compare", "two")
    assert "the run keeps no draws (--summary-only)" in refused("compare", "none")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("base",), "there is one scenario, base"),
        (("base", "base+pue-cap", "--baseline", "bse"), '--baseline: no scenario "bse" (did you'),
        (("base", "base+pue-cap", "--cost", "pue=1"), '--cost: no scenario "pue"'),
    ],
)
def test_scenarios_that_cannot_be_compared_are_not_run_first(
    refused: Callable[..., str], args: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("it was run first")

    monkeypatch.setattr("forecast.cli.compare.opened", never)
    assert told in refused("compare", *args)


def test_scenarios_of_different_ensembles_are_not_calibrated_first(
    refused: Callable[..., str], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = (data / "scenarios" / "base.yaml").read_text()
    for number, name in enumerate(("one", "two")):
        (tmp_path / f"{name}.yaml").write_text(f"{world}calibration: {{seed: {number}}}\n")
    monkeypatch.setattr("forecast.cli.compare.opened", lambda *_, **__: pytest.fail("run first"))
    told = refused("compare", "one.yaml", "two.yaml")
    assert "one and two are of different ensembles" in told

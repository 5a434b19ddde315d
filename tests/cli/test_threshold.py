"""`forecast threshold` on a small stored run."""

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
    """Folder of the small run of all tests."""
    (tmp_path / "mine").mkdir()
    store.save(run, tmp_path / "mine" / "run.nc")
    return "mine"


def test_every_level_and_scenario_is_told(ok: Ok, stored: str, run: xr.DataTree) -> None:
    asked = ("--level", "total > 1000 TWh", "--level", "ai > 1 EWh")
    found = json.loads(ok("threshold", stored, *asked, "--from", "2030", "--json"))
    assert [(one["level"], one["scenario"]) for one in found["levels"]] == [
        (level, name)
        for level in ("total > 1000 TWh", "ai > 1 EWh")
        for name in ("base", "base+pue-cap")
    ]
    total = run["prior_predictive"]["demand"].sum("segment").sel(scenario="base", year=2030)
    first = found["levels"][0]["years"][0]
    assert first["year"] == 2030
    assert first["in_year"] == pytest.approx(float((total > 1000).mean()))
    none = found["levels"][2]
    assert (none["never"], none["p50"]) == (1, None)
    assert none["years"][-1]["most_by_year"] == pytest.approx(3 / 256)
    kept = xr.load_dataset(found["files"][0], engine="h5netcdf")
    assert float(kept["in_year"][0, 0, 0]) == first["in_year"]
    assert all(Path(one).is_file() for one in found["files"])


def test_tables_are_read_by_people(ok: Ok, stored: str) -> None:
    told = ok("threshold", stored, "--level", "total > 1000 TWh", "--level", "ai > 1 EWh")
    assert "total > 1000 TWh: share of draws beyond it in the year" in told
    assert "base: first passed in p10 20" in told
    assert "none (at most 0.012)" in told
    assert "base: no draw passes it" in told
    assert np.char.startswith(told.splitlines()[-1], "kept in mine/analysis/threshold.nc")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--level", "totl > 5"), 'column 1: no variable "totl"'),
        (("--level", "total > "), "--level: column 9: expected a number, got the end"),
        (("--level", "total > 5", "--from", "2040"), "--from 2040: the last year of the run is"),
        (("--level", "total > 5", "--prior"), "mine: is a run; --prior would change it"),
    ],
)
def test_what_is_wrong_is_told(refused: Ok, stored: str, args: tuple[str, ...], told: str) -> None:
    assert told in refused("threshold", stored, *args)
    assert not Path("mine/analysis").exists()

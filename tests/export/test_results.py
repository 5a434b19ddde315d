"""Results beside a run: what is written is what was found."""

import csv
from pathlib import Path

import numpy as np
import xarray as xr

from forecast.export.results import keep


def test_a_result_is_a_file_and_tables(tmp_path: Path) -> None:
    found = xr.Dataset(
        {
            "first": (("input", "outcome"), np.arange(6.0).reshape(2, 3)),
            "low": (("input", "outcome"), np.full((2, 3), np.nan)),
            "noise": ("outcome", np.arange(3.0)),
        },
        {
            "input": ["a.b", "c.d"],
            "variable": ("outcome", ["total", "total", "ai"]),
            "year": ("outcome", [2029, 2030, 2030]),
        },
        {"method": "none"},
    )
    files = keep(found, tmp_path, "one")
    assert [one.name for one in files] == ["one.nc", "one-outcome.csv", "one-input-outcome.csv"]
    with xr.open_dataset(files[0], engine="h5netcdf") as again:
        xr.testing.assert_identical(again.load(), found)
    rows = list(csv.DictReader(files[2].read_text().splitlines()))
    assert len(rows) == 6
    assert rows[4] == {
        "input": "c.d",
        "outcome": "1",
        "variable": "total",
        "year": "2030",
        "first": "4",
        "low": "",
    }
    assert not [one for one in tmp_path.rglob(".*")]  # nothing half-written


def test_a_result_is_replaced(tmp_path: Path) -> None:
    one = xr.Dataset({"value": ("row", np.arange(2.0))})
    keep(one, tmp_path, "one")
    files = keep(one + 1, tmp_path, "one")
    assert (tmp_path / "analysis" / "one.csv").read_text().splitlines()[-1] == "1,2"
    assert len(files) == 2

"""A backtest as files that say the same."""

import csv
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from forecast.analysis.backtest import LABEL
from forecast.export.backtest import read, rows, summaries, write


def test_tables_and_files_say_the_same(backtested: xr.Dataset, tmp_path: Path) -> None:
    write(backtested, tmp_path)
    xr.testing.assert_equal(read(tmp_path), backtested)
    with (tmp_path / "scores.csv").open(encoding="utf-8") as stream:
        listed = list(csv.DictReader(stream))
    assert len(listed) == int(np.isfinite(backtested["crps"]).sum())
    for row in listed:
        at = {name: row[name] for name in ("basis", "by", "forecast", "observation")}
        assert float(row["crps"]) == pytest.approx(float(backtested["crps"].sel(at)), rel=1e-8)
    text = (tmp_path / "backtest.md").read_text(encoding="utf-8")
    assert LABEL in text
    assert "| lost | to 2017 | 0 |" in text
    assert "nothing observed" in text
    assert all(one in text for one in backtested.attrs["notes"].splitlines())


def test_programs_get_the_same_numbers(backtested: xr.Dataset) -> None:
    cells = backtested.sel(basis="observed", by="model")
    for one in summaries(backtested):
        own = cells.sel(forecast=one["forecast"])
        assert one["count"] == int(np.isfinite(own["crps"]).sum())
        if one["count"]:
            assert one["mean_crps"] == pytest.approx(float(own["crps"].mean()))
        else:
            assert (one["mean_crps"], one["reason"]) == (None, "nothing observed")
    for row in rows(backtested):
        at = {name: row[name] for name in ("basis", "by", "forecast", "observation")}
        assert row["pit"] == float(backtested["pit"].sel(at))

"""The delivered table, read back without opening the Run."""

import math
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

from forecast.export.tables import summary_csv
from forecast.rows import SUMMARY_FILE, read_rows


def test_rows_are_those_of_the_summary(run: xr.DataTree, tmp_path: Path) -> None:
    table = run["summary"].to_dataset()
    summary_csv(table, tmp_path / SUMMARY_FILE)
    rows = read_rows(tmp_path)
    assert len(rows) == table.sizes["row"]
    expected = {name: table[name].values.tolist() for name in table.data_vars}
    for place, row in enumerate(rows):
        for name in ("scenario", "variable", "scope", "unit", "year"):
            assert row[name] == expected[name][place]
        assert row["region"] == (expected["region"][place] or None)
        for name in ("mean", "p05", "p95", "mcse_mean", "mcse_p95"):
            value = expected[name][place]
            if math.isnan(value):
                assert row[name] is None
            else:
                assert row[name] == pytest.approx(value, rel=1e-8)
        assert row["mcse"] == pytest.approx(expected["mcse_p50"][place], rel=1e-8, nan_ok=True) or (
            row["mcse"] is None and math.isnan(expected["mcse_p50"][place])
        )
    assert {row["region"] for row in rows} >= {None, "china"}
    # Nothing grows over four years before the fourth: some numbers are missing in every run.
    assert any(row["mean"] is None for row in rows) or "renewable_share_of_growth" in {
        row["variable"] for row in rows
    }


def test_numbers_are_numbers_and_gaps_are_none(tmp_path: Path) -> None:
    head = "scenario,variable,scope,region,year,unit,mean,p05"
    text = f'{head}\nbase,total,"a, b",,2030,TWh,1e3,\nbase,total,c,china,2031,TWh,-2.5,nan\n'
    (tmp_path / SUMMARY_FILE).write_text(text, encoding="utf-8")
    first, second = read_rows(tmp_path)
    assert first == {
        "scenario": "base",
        "variable": "total",
        "scope": "a, b",
        "region": None,
        "year": 2030,
        "unit": "TWh",
        "mean": 1000.0,
        "p05": None,
    }
    assert (second["region"], second["mean"], second["p05"]) == ("china", -2.5, None)


def test_reading_a_table_imports_nothing_heavy() -> None:
    code = "import sys, forecast.rows; sys.exit(bool({'numpy', 'xarray', 'jax'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

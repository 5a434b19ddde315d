"""`forecast value` on a small stored run."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from forecast import store

type Ok = Callable[..., str]

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "grid-reserve.yaml"


@pytest.fixture
def stored(run: xr.DataTree, tmp_path: Path) -> str:
    """Folder of the small run of all tests."""
    (tmp_path / "mine").mkdir()
    store.save(run, tmp_path / "mine" / "run.nc")
    return "mine"


def test_losses_are_those_of_the_draws(ok: Ok, stored: str, run: xr.DataTree) -> None:
    found = json.loads(ok("value", stored, "--decision", str(EXAMPLE), "--json"))
    total = run["prior_predictive"]["demand"].sum("segment").sel(scenario="base", year=2030)
    y = total.values.ravel()[:, None]
    level, cost = np.array([900, 1200, 1600]), np.array([0, 12, 30])
    losses = cost + 0.15 * np.maximum(y - level, 0) + 0.05 * np.maximum(level - y, 0)
    assert [one["option"] for one in found["options"]] == [f"reserve_{one}" for one in level]
    np.testing.assert_allclose([one["loss"] for one in found["options"]], losses.mean(axis=0))
    perfect = losses.mean(axis=0).min() - losses.min(axis=1).mean()
    assert found["evpi"] == pytest.approx(perfect)
    assert all(0 <= one["evppi"] <= found["evpi"] + 1e-9 for one in found["sets"])
    assert found["sets"][-1]["set"] == "all inputs"
    assert all(Path(one).is_file() for one in found["files"])
    assert found["files"][0] == "mine/analysis/value-grid-reserve.nc"


def test_tables_are_read_by_people(ok: Ok, stored: str) -> None:
    told = ok("value", stored, "--decision", str(EXAMPLE), "--scenario", "base+pue-cap")
    assert told.startswith("Reserve supply for 2030; base+pue-cap\n")
    best = [line for line in told.splitlines() if line.endswith(" best")]
    assert len(best) == 2  # the head of the table, and one option
    assert "GUSD (EVPI)" in told
    assert "noise in place of an input seems worth" in told


def test_what_is_wrong_is_told(refused: Ok, stored: str) -> None:
    assert "no.yaml" in refused("value", stored, "--decision", "no.yaml")
    text = EXAMPLE.read_text()
    Path("wrong.yaml").write_text(text.replace("total[2030]", "total[2090]"))
    told = refused("value", stored, "--decision", "wrong.yaml")
    assert told.startswith("wrong.yaml:10:14: loss[0].outcome: ")
    assert "the year must lie in 2015 to 2035, got 2090" in told
    told = refused("value", stored, "--decision", str(EXAMPLE), "--scenario", "bse")
    assert 'the run has no scenario "bse"' in told
    assert not Path("mine/analysis").exists()

"""`forecast claims` and `forecast perspective` on the shipped register."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from forecast import store

type Ok = Callable[..., str]
FEW = ("--prior", "--draws", "256", "--scenario", "base")


@pytest.mark.slow
def test_every_claim_stands_in_table_markdown_and_json(answer: Ok) -> None:
    told = answer("claims", *FEW, "--markdown", "claims.md")
    found = json.loads(answer("claims", *FEW, "--json"))
    text = Path("claims.md").read_text(encoding="utf-8")
    assert f"of {len(found['claims'])} claims" in told
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == len(found["claims"]) + 2
    for one in found["claims"]:
        assert one["says"].replace("|", "/") in text
        assert one["figures"]["base"]["verdict"] in told
    assert "not comparable" in text


def test_demand_is_put_beside_other_uses(answer: Ok, run: xr.DataTree, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    store.save(run, tmp_path / "mine" / "run.nc")
    told = answer("perspective", "mine", "--year", "2030")
    assert "base in 2030 (p50): total" in told
    assert "world electricity demand (2024)" in told
    assert "https://github.com/owid/energy-data" in told
    rows = json.loads(answer("perspective", "mine", "--json"))["rows"]
    assert {one["year"] for one in rows} == {2025, 2030}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--year", "2080"), "the year must lie in 2015 to 2035, got 2080"),
        (("--scenario", "bas"), 'the run has no scenario "bas"'),
    ],
)
def test_faults_are_told(
    refusal: Callable[..., str], run: xr.DataTree, tmp_path: Path, args: tuple[str, ...], told: str
) -> None:
    (tmp_path / "mine").mkdir()
    store.save(run, tmp_path / "mine" / "run.nc")
    assert told in refusal("perspective", "mine", *args)

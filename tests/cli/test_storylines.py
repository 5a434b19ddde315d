"""`forecast storylines` on a small stored run."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from forecast import store
from forecast.spec.register import Register
from forecast.spec.resolve import read_scenario

type Ok = Callable[..., str]


@pytest.fixture
def stored(run: xr.DataTree, tmp_path: Path) -> str:
    """Folder of the small run of all tests."""
    (tmp_path / "mine").mkdir()
    store.save(run, tmp_path / "mine" / "run.nc")
    return "mine"


def test_storylines_are_told_and_written(ok: Ok, stored: str, register: Register) -> None:
    told = ok("storylines", stored, "-k", "3")
    assert told.count("set apart by") == 3
    assert "storyline 1 of 3 of base: " in told
    assert "draw the noise of single years anew" in told
    for number in (1, 2, 3):
        file = f"mine/analysis/base-storyline-{number}.yaml"
        assert file in told
        found = read_scenario(file, register=register)
        assert found.title == f"Storyline {number} of 3 of base"
        assert {one.family for one in found.priors.values()} == {"fixed"}
    assert Path("mine/analysis/storylines.nc").is_file()


def test_one_object_for_programs(ok: Ok, stored: str) -> None:
    Path("there").mkdir()
    args = ("--scenario", "base+pue-cap", "--to", "there", "--from", "2030", "--no-noise")
    found = json.loads(ok("storylines", stored, *args, "--json"))
    assert (found["scenario"], len(found["storylines"])) == ("base+pue-cap", 4)
    assert sum(one["weight"] for one in found["storylines"]) == pytest.approx(1)
    totals = [one["paths"]["total"][-1] for one in found["storylines"]]
    assert totals == sorted(totals)
    text = Path(found["storylines"][0]["file"]).read_text()
    assert "  noise.ai: {family: fixed, value: 0.0," in text
    assert "noise of single years is left out" in text


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("-k", "1"), "1 storylines: expected at least 2"),
        (("-k", "257"), "257 storylines of 256 draws"),
        (("--scenario", "bse"), 'the run has no scenario "bse", expected one of base'),
        (("--from", "2040"), "no total from 2040 on; the last year of the run is 2035"),
        (("--to", "nowhere"), "nowhere: there is no such folder; nothing was written"),
    ],
)
def test_what_is_wrong_is_told(refused: Ok, stored: str, args: tuple[str, ...], told: str) -> None:
    assert told in refused("storylines", stored, *args)
    assert not Path("mine/analysis").exists()


def test_files_are_replaced_only_where_told(ok: Ok, refused: Ok, stored: str) -> None:
    Path("base-storyline-1.yaml").write_text("mine")
    told = refused("storylines", stored, "--to", ".")
    assert "base-storyline-1.yaml: is there already; nothing was written" in told
    assert Path("base-storyline-1.yaml").read_text() == "mine"
    ok("storylines", stored, "--to", ".", "--force")
    assert Path("base-storyline-1.yaml").read_text() != "mine"

"""`forecast audit` on a small stored run."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from forecast import shipped, store

type Ok = Callable[..., str]

PRIORS, SCENARIOS = shipped.priors, shipped.scenarios


@pytest.fixture(autouse=True)
def _shipped(_here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shipped in full: the errors are told in a folder of the priors. No cache on disk."""
    monkeypatch.setattr("forecast.cli.cache.use_cache", lambda: None)
    monkeypatch.setattr("forecast.shipped.priors", PRIORS)
    monkeypatch.setattr("forecast.shipped.scenarios", SCENARIOS)


@pytest.fixture(scope="module")
def file(run: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small run of all tests, written once."""
    path = tmp_path_factory.mktemp("audited") / "run.nc"
    store.save(run, path)
    return path


@pytest.fixture
def stored(file: Path, tmp_path: Path) -> str:
    """Folder of that run."""
    (tmp_path / "mine").mkdir()
    shutil.copy(file, tmp_path / "mine")
    return "mine"


@pytest.mark.slow
def test_numbers_for_programs(ok: Ok, stored: str, run: xr.DataTree) -> None:
    asked = ("--scenario", "base+pue-cap", "--year", "2032")
    found = json.loads(ok("audit", stored, *asked, "--json"))
    assert (found["scenario"], found["year"], found["draws"]) == ("base+pue-cap", 2032, 256)
    demand = run["prior_predictive"]["demand"].sel(scenario="base+pue-cap", year=2032)
    total = demand.sum("segment").values.reshape(-1)
    assert found["whole"]["reference_total"]["p50"] == pytest.approx(np.median(total))
    errors = {one["error"]: one for one in found["errors"]}
    doubled = errors["wrong_level"]
    assert doubled["factor_no_limits"]["p10"] == pytest.approx(2)
    assert errors["no_limits"]["factor_no_limits"]["p50"] is None
    free = errors["no_limits"]["extra"]["mean"]
    unserved = run["prior_predictive"]["unserved"].sel(scenario="base+pue-cap", year=2032)
    # Beside AI, mining is let free of its revenue, a little.
    assert free >= float(unserved.mean())
    assert [one["step"] for one in found["waterfall"]][0] == "reference"
    assert found["words"][0]["title"] == found["waterfall"][1]["step_title"]
    assert all(Path(one).is_file() for one in found["files"])
    kept = xr.load_dataset(found["files"][0], engine="h5netcdf")
    told = kept["factor"].sel(error="old_pue", statistic="p90")
    assert float(told) == pytest.approx(errors["old_pue"]["factor"]["p90"])
    names = {Path(one).name for one in found["files"]}
    assert "audit-base+pue-cap-2032-error-statistic.csv" in names
    assert "audit-base+pue-cap-2032.png" in names


@pytest.mark.slow
def test_people_read_tables_and_paragraphs(ok_aloud: Ok, stored: str) -> None:
    told = ok_aloud("audit", stored, "--year", "2024")
    words = " ".join(told.split())
    for said in (
        "base, 2024: ",
        "what becomes of it where an error is made",
        "Efficiency frozen at 2023",
        "All of these, with physical limits",
        "one after the other",
        "Interaction, all errors less each alone",
        "of the run, by contract over a year (market)",
        "of the world's electricity (Ember)",
        "as made in 2015",
        "the outturn is 350 TWh (460 with crypto, less 110), 324 TWh in later editions",
        "Not then: nobody uses a base model again; frontier models only",
        "A compound growth rate run on. It cannot be made in 2024.",
        "Where it is seen: 2.9 Wh for a ChatGPT query",
        "grade A]",
        "kept in mine/analysis/audit-base-2024.nc and the tables beside it",
        "figure: mine/analysis/audit-base-2024.png",
    ):
        assert said in words
    assert "nan" not in words.split()


@pytest.fixture
def ok_aloud(call: Callable[..., object]) -> Ok:
    """What a command prints where it also tells of its progress."""

    def invoke(*args: str) -> str:
        result = call(*args)
        assert result.exit_code == 0  # type: ignore[attr-defined]
        return str(result.stdout)  # type: ignore[attr-defined]

    return invoke


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("mine", "--year", "2040"), "year 2040 is not in the run, which has 2015 to 2035"),
        (("mine", "--year", "2023"), "year 2023: one error is to freeze efficiency at 2023"),
        (("mine", "--scenario", "bse"), 'no scenario "bse", expected one of base, base+pue-cap'),
        (("mine", "--prior"), "mine: is a run; --prior would change it"),
        (("no-such",), "no-such: no such scenario"),
        (("pue-cap",), "pue-cap is a policy (it sets levers only) and needs a world under it"),
    ],
)
def test_what_is_wrong_is_told(refused: Ok, stored: str, args: tuple[str, ...], told: str) -> None:
    assert told in refused("audit", *args, *(["--json"] if "--year" in args else []))
    assert not Path("mine/analysis").exists()

"""`forecast report` on a small stored run."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr
from click.testing import Result

from forecast import store
from forecast.analysis.ensemble import LEAST_DRAWS
from forecast.cli.report import LEAST

type Ok = Callable[..., str]


@pytest.fixture
def stored(run: xr.DataTree, tmp_path: Path) -> str:
    """Folder of the small run of all tests."""
    (tmp_path / "mine").mkdir()
    store.save(run, tmp_path / "mine" / "run.nc")
    return "mine"


def _told(file: Path) -> list[dict[str, object]]:
    """What the page holds, of each run."""
    text = file.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="told">(.*?)</script>', text, re.S)
    assert found is not None
    return list(json.loads(found[1]))


def test_a_run_becomes_one_file_beside_it(ok: Ok, stored: str) -> None:
    told = ok("report", stored)
    file = Path("mine/analysis/report.html")
    assert told.splitlines()[-1].startswith("mine/analysis/report.html (")
    assert "mine: 256 of 256 draws" in told
    assert "not audited: forecast audit RUN" in told
    assert file.stat().st_size < 3_000_000
    assert _told(file)[0]["scenarios"] == ["base", "base+pue-cap"]


def test_several_runs_share_a_page_under_names_of_their_own(ok: Ok, stored: str) -> None:
    told = json.loads(ok("report", stored, stored, "-o", "both.html", "--draws", "128", "--json"))
    assert told["bytes"] == Path("both.html").stat().st_size < 3_000_000
    assert [one["name"] for one in _told(Path("both.html"))] == ["mine (1)", "mine (2)"]
    assert told["draws"] == {"mine (1)": 128, "mine (2)": 128}


def test_a_page_that_is_there_is_kept(refused: Ok, ok: Ok, stored: str) -> None:
    Path("mine.html").write_text("mine", encoding="utf-8")
    told = refused("report", stored, "-o", "mine.html")
    assert "mine.html: is there already; nothing was written (--force replaces it)" in told
    assert Path("mine.html").read_text(encoding="utf-8") == "mine"
    ok("report", stored, "-o", "mine.html", "--force", "--title", "A <b>title</b>")
    assert "<h1>A &lt;b&gt;title&lt;/b&gt;</h1>" in Path("mine.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("mine", "-o", "mine.pdf"), "mine.pdf: expected a file that ends in .html"),
        (("mine", "-o", "no/mine.html"), "no/mine.html: there is no folder no"),
        (("mine", "--variable", "totl"), 'mine: no variable "totl" (did you mean "total"?)'),
        (("yours",), "yours"),
    ],
)
def test_what_is_wrong_is_told(refused: Ok, stored: str, args: tuple[str, ...], told: str) -> None:
    assert told in refused("report", *args)
    assert not list(Path().glob("**/*.html"))


def test_a_run_without_draws_is_refused(
    call: Callable[..., Result], run: xr.DataTree, tmp_path: Path
) -> None:
    less = xr.DataTree(children={name: run[name] for name in ("summary", "observed_data")})
    less.attrs = dict(run.attrs)
    (tmp_path / "mine").mkdir()
    store.save(less, tmp_path / "mine" / "run.nc")
    result = call("report", "mine")
    assert result.exit_code == 2
    assert "mine: the run keeps no draws (--summary-only)" in result.stderr


def test_the_least_draws_are_those_of_an_ensemble() -> None:
    assert LEAST == LEAST_DRAWS

"""`forecast plot` on a small stored run."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr
from click.testing import Result

from forecast import store
from forecast.cli.plot import FORMATS, STYLES
from forecast.figures.paper import STYLES as LOOKS
from forecast.plots.making import FORMATS as MADE
from forecast.plots.table import FIGURES

type Ok = Callable[..., str]


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache of the tests stays that of the session."""
    monkeypatch.setattr("forecast.cli.cache.use_cache", lambda: None)


@pytest.fixture
def stored(run: xr.DataTree, tmp_path: Path) -> str:
    """Folder of the small run of all tests."""
    (tmp_path / "mine").mkdir()
    store.save(run, tmp_path / "mine" / "run.nc")
    return "mine"


def test_words_of_the_help_are_those_of_the_tables() -> None:
    assert tuple(LOOKS) == STYLES
    assert MADE == FORMATS


def test_a_figure_its_numbers_and_its_caption(ok: Ok, stored: str) -> None:
    told = ok("plot", stored, "--figure", "fan", "--format", "svg", "--format", "pdf")
    names = ["fan.svg", "fan.pdf", "fan.csv", "fan-published.csv", "fan.txt"]
    assert told.split() == [f"mine/plots/{one}" for one in names]
    assert (Path("mine/plots/fan.pdf")).read_bytes().startswith(b"%PDF")
    found = json.loads(ok("plot", stored, "--figure", "growth", "--to", "paper", "--json"))
    assert [one["files"][0] for one in found] == ["paper/growth.pdf"]
    assert sorted(one.name for one in Path("paper").iterdir()) == [
        "growth.csv",
        "growth.pdf",
        "growth.txt",
    ]


PROGRAM = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("jax", "jaxlib"):
            raise ImportError(f"{name} was imported")

sys.meta_path.insert(0, Refuse())
from forecast.cli.main import called

sys.exit(called(sys.argv[1:]))
"""


@pytest.mark.slow
def test_what_is_stored_is_drawn_without_jax(stored: str) -> None:
    words = ["plot", stored, "--figure", "growth", "--format", "svg"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert Path("mine/plots/growth.svg").is_file()


def test_the_table_of_figures_is_told(ok: Ok) -> None:
    lines = ok("plot", "--figures").splitlines()
    assert [one.split()[0] for one in lines] == list(FIGURES)


def test_of_all_what_cannot_be_drawn_is_said_and_left(
    call: Callable[..., Result], run: xr.DataTree, tmp_path: Path
) -> None:
    """A streamed summary keeps no draws, and is drawn as far as its summary goes."""
    less = xr.DataTree(
        children={name: run[name] for name in ("summary", "observed_data", "constant_data")}
    )
    less.attrs = dict(run.attrs)
    (tmp_path / "mine").mkdir()
    store.save(less, tmp_path / "mine" / "run.nc")
    result = call("plot", "mine", "--figure", "all", "--format", "svg")
    assert result.exit_code == 0
    drawn = {one.stem for one in Path("mine/plots").glob("*.svg")}
    assert drawn == {"fan", "segments", "regions", "growth"}
    left = [one.partition(":")[0] for one in result.stderr.splitlines()]
    assert set(left) == {name for name, one in FIGURES.items() if one.result == "run"} - drawn
    assert "tornado: left out; the run keeps no draws" in result.stderr


def test_a_figure_higher_than_its_page_is_told(ok: Ok, stored: str) -> None:
    told = ok("plot", stored, "--figure", "regions", "--style", "nature", "--columns", "1")
    assert "regions is 1" in told
    assert "and nature has 170 at most: show fewer scenarios" in told


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "--figure: name one of fan, segments, differences, tornado"),
        (("--figure", "fann"), '--figure: no figure "fann" (did you mean "fan"?)'),
        (("--figure", "backtest"), "backtest is a figure of a backtest, and this is a run"),
        (("--figure", "update"), "update: base: its draws are those of the prior"),
        (("--figure", "fan", "--scenario", "bse"), 'no scenario "bse" (did you mean "base"?)'),
        (("--figure", "tornado", "--outcome", "totl[2030]"), 'no variable "totl"'),
        (("--figure", "tornado", "--outcome", "total"), '--outcome: column 6: expected "["'),
        (("--figure", "discovery", "--where", "total[2030]"), "--where: column 12"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    refused: Callable[..., str], stored: str, args: tuple[str, ...], told: str
) -> None:
    assert told in refused("plot", stored, *args)
    assert not Path("mine/plots").exists()

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from forecast import store
from forecast.analysis.summary import summary
from forecast.axes import SEGMENTS

WHERE = "total[2016] > 1200 TWh"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run by hand: demand is high where chips are above 7 GW, in 3 draws of 10."""
    rng = np.random.default_rng(1)
    chains, draws, years = 4, 250, 6
    chips, noise = 10 * rng.random((chains, draws)), rng.random((chains, draws))
    demand = np.ones((chains, draws, 2, years, len(SEGMENTS)))
    demand[..., 0] = (1000 + 500 * (chips > 7) + 50 * noise)[:, :, None, None]
    dims = ("chain", "draw", "scenario", "year")
    coords = {"scenario": ["base", "other"], "year": list(range(2015, 2021))}
    part = {"units": "1", "scope": "part"}
    outputs = {
        "demand": ((*dims, "segment"), demand, {"units": "TWh", "scope": "meter"}),
        "renewable_share": (dims, demand[..., 1] / 2, part),
        "renewable_share_market": (dims, demand[..., 1] / 2, part),
    }
    status = np.zeros((chains, draws, 2), np.int8)
    inputs = {
        "limits.chips": (dims[:2], chips, {"units": "GW", "long_name": "chips added in 2024"}),
        "noise.level": (dims[:2], noise, {"units": "1"}),
    }
    groups = {
        "/prior": xr.Dataset(inputs),
        "/prior_predictive": xr.Dataset(outputs, coords | {"segment": list(SEGMENTS)}),
        "/sample_stats_prior": xr.Dataset(
            {"status": (dims[:3], status)}, {"scenario": coords["scenario"]}
        ),
    }
    tree = xr.DataTree.from_dict(groups)
    tree["summary"] = xr.DataTree(summary(tree))
    tree.attrs = {"scenarios": "", "posteriors": ""}
    folder = tmp_path_factory.mktemp("stored")
    store.save(tree, folder / "run.nc")
    return folder


@pytest.fixture
def run(stored: Path) -> str:
    """The same in the working directory."""
    shutil.copytree(stored, "mine")
    return "mine"


def test_the_box_is_said_and_shown(ok: Callable[..., str], run: str) -> None:
    said = ok("discover", run, "--where", WHERE)
    assert "base: total above 1,200 TWh in 2016 (" in said
    assert "most often where limits.chips (chips added in 2024) is at least " in said
    assert "describes draws and not causes" in said
    (row,) = [line for line in said.splitlines() if line.startswith("limits.chips  ")]
    assert row.split()[1:4] == [">=", row.split()[2], "GW"]
    assert float(row.split()[2]) == pytest.approx(7, abs=0.1)
    assert row.split()[5:7] == ["<0.001", "<0.001"]
    tree = said.partition("all draws):\n")[2].splitlines()
    assert tree[0].startswith("limits.chips <= ")
    assert tree[1].startswith("limits.chips > ")
    assert "density 100 %, coverage 100 %" in tree[1]
    assert "results: mine/analysis/discovery.nc, 5 tables" in said
    assert {one.name for one in Path(run, "analysis").iterdir()} >= {
        "discovery.nc",
        "discovery-box.csv",
        "discovery-input-side.csv",
    }


def test_json_has_all_of_it(ok: Callable[..., str], run: str) -> None:
    words = ("discover", run, "--where", WHERE, "--scenario", "other", "--json")
    told = json.loads(ok(*words))
    assert (told["run"], told["scenario"], told["condition"]) == ("mine", "other", WHERE)
    (limit,) = told["limits"]
    assert (limit["input"], limit["side"], limit["unit"]) == ("limits.chips", "low", "GW")
    assert limit["limit"] == pytest.approx(7, abs=0.1)
    assert limit["stability"] == 1
    assert told["sentence"].startswith("other: ")
    assert set(told["judged"]) == {"found_on", "held_out"}
    assert told["judged"]["held_out"]["draws"] == 500
    chosen = told["trajectory"][told["chosen"]]
    assert chosen["coverage"] * chosen["density"] == max(
        one["coverage"] * one["density"] for one in told["trajectory"]
    )
    assert sum(one["coverage"] for one in told["leaves"]) == pytest.approx(1)
    assert ok(*words) == ok(*words, "--seed", "1")


def test_a_box_is_chosen_by_density_or_number(ok: Callable[..., str], run: str) -> None:
    words = ("discover", run, "--where", WHERE, "--json")
    dense = json.loads(ok(*words, "--density", "0.5"))
    first = [one["density"] >= 0.5 for one in dense["trajectory"]].index(True)
    assert dense["chosen"] == first
    assert json.loads(ok(*words, "--box", "2"))["chosen"] == 2
    few = json.loads(ok(*words, "--max-inputs", "1"))
    assert max(one["inputs"] for one in few["trajectory"]) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--where", ""), "--where: column 1: expected a variable, got the end"),
        (("--where", "total[2016"), '--where: column 11: expected "]", got the end'),
        (("--where", "total[2016] > 1200 and"), "--where: column 23: expected a variable"),
        (("--where", "totl[2016] > 3"), 'column 1: no variable "totl", expected one of total, '),
        (("--where", "totl[2016] > 3"), '(did you mean "total"?)'),
        (("--where", "total[2030] > 3"), "column 7: the year must lie in 2015 to 2020, got 2030"),
        (("--where", "total[china, 2016] > 3"), "column 7: total is not given by region"),
        (("--where", "total[2016] > 3 GW"), 'column 1: total[2016] is in TWh, got "GW"'),
        (("--where", "total[2016] > 9e9"), "holds in none of 1,000 draws"),
        (("--where", "total[2016] > 9e9"), "\ntotal[2016] reaches: min 1,0"),
        (("--where", "total[2016] > 1"), "holds in all of 1,000 draws"),
        (("--where", "total[2016] > p99"), "holds in 10 of 1,000 draws; a box needs at least 25"),
        (("--where", WHERE, "--scenario", "bas"), 'no scenario "bas", expected one of base, other'),
        (("--where", WHERE, "--density", "0.1"), "all draws together have a density of 0.32"),
        (("--where", WHERE, "--density", "2"), "2.0 is not in the range 0<x<=1"),
        (("--where", WHERE, "--box", "900"), "no box 900, expected one of 0 to "),
        (("--where", WHERE, "--box", "1", "--density", "1"), "--density and --box each choose"),
        (("--where", WHERE, "--max-inputs", "0"), "0 is not in the range x>=1"),
        ((), "Missing option '--where'"),
    ],
)
def test_what_is_wrong_is_told(
    refused: Callable[..., str], run: str, words: tuple[str, ...], told: str
) -> None:
    assert told in refused("discover", run, *words)
    assert not Path(run, "analysis").exists()


def test_a_fault_of_the_text_comes_before_the_run(refused: Callable[..., str]) -> None:
    assert "column 1" in refused("discover", "no-such-run", "--where", "> 3")


@pytest.mark.slow
def test_a_run_that_is_stored_needs_no_jax(run: str) -> None:
    program = (
        "import sys; sys.modules['jax'] = None; from forecast.cli.main import called;"
        " sys.exit(called(sys.argv[1:]))"
    )
    words = ("discover", run, "--where", WHERE)
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "limits.chips" in done.stdout

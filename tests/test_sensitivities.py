"""`forecast sensitivity`: what it prints and keeps, and how it refuses."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr
from click.testing import CliRunner

from forecast import store
from forecast.cli.main import group
from forecast.cli.sensitivity import METHODS

FEW = ("--from", "2034", "--bootstraps", "10", "--year", "2035")

type Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forecast.cli.cache.use_cache", lambda: None)


@pytest.fixture
def call() -> Call:
    """Call a command inside this process; a traceback is never an answer."""

    def invoke(*args: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(group, args, prog_name="forecast")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    return invoke


@pytest.fixture(scope="module")
def written(whole: xr.DataTree, run: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """File of a run of 2,816 draws with a summary."""
    groups = ("prior", "constant_data", "sample_stats_prior")
    tree = xr.DataTree.from_dict({f"/{one}": whole[one].to_dataset() for one in groups})
    kept = list(run["prior_predictive"].data_vars)
    outputs = whole["prior_predictive"].to_dataset()
    tree["prior_predictive"] = xr.DataTree(outputs[kept])
    tree["summary"] = xr.DataTree(run["summary"].to_dataset())
    tree.attrs = whole.attrs
    file = tmp_path_factory.mktemp("run") / "run.nc"
    store.save(tree, file)
    return file


@pytest.fixture
def stored(written: Path, tmp_path: Path) -> Path:
    """Folder of that run, of each test's own."""
    (tmp_path / "run.nc").hardlink_to(written)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("method", ["given", "tornado", "shapley", "gradient", "split"])
def test_each_method_names_inputs_and_keeps_what_it_found(
    method: str, stored: Path, call: Call
) -> None:
    code, out, err = call("sensitivity", str(stored), "--method", method, *FEW)
    assert code == 0, err
    assert f"total[2035]: {method}" in out
    assert (stored / "analysis" / f"sensitivity-{method}.nc").exists()
    assert ("Monte Carlo error of the median" in out) == (method == "split")
    assert list((stored / "analysis").glob(f"sensitivity-{method}*.csv"))


@pytest.mark.slow
def test_json_holds_every_input_of_the_outcome(stored: Path, call: Call) -> None:
    code, out, _ = call("sensitivity", str(stored), "--method", "tornado", "--json")
    assert code == 0
    (outcome,) = json.loads(out)["outcomes"]
    assert outcome["outcome"] == "total[2030]"
    assert {"limits.additions_2024", "crypto.drift"} <= {one["input"] for one in outcome["rows"]}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--variable", "totl"], 'no variable "totl"'),
        (["--year", "2080"], "the year must lie in 2022 to 2035, got 2080"),
        (["--method", "sobl"], 'did you mean "sobol"'),
        (["--method", "sobol"], "lays a design of its own"),
        (["--scenario", "bse"], 'no scenario "bse"'),
        (["--prior"], "is a run; --prior would change it"),
    ],
)
def test_what_cannot_be_is_told(stored: Path, call: Call, more: list[str], told: str) -> None:
    chosen = ["--method", "tornado"] if "--method" not in more else []
    code, out, err = call("sensitivity", str(stored), *chosen, *more)
    assert (code, out) == (2, "")
    assert told in err
    assert not (stored / "analysis").exists()


def test_a_calibrated_scenario_has_no_design_of_its_own(call: Call, tmp_path: Path) -> None:
    code, _, err = call("sensitivity", "base.yaml", "--method", "sobol", "--output", str(tmp_path))
    assert code == 2
    assert "inputs of a posterior depend on each other" in err


def test_every_method_is_told() -> None:
    assert all(METHODS.values())

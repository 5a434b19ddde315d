"""`forecast backtest` on all that is shipped, with few particles."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner, Result

from forecast.cli.main import group

FEW = ("--set", "calibration.particles=256", "--set", "sampling.draws=64")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory; all that is shipped; no compile cache in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("forecast.cli.cache.use_cache", lambda: None)


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Result, Path]:
    """What the command prints twice, and where it wrote."""
    output = tmp_path_factory.mktemp("outputs")
    words = ["backtest", "--as-of", "2018", "--as-of", "2016", *FEW, "--output", str(output)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("forecast.cli.cache.use_cache", lambda: None)
        first = CliRunner().invoke(group, words)
        second = CliRunner().invoke(group, [*words, "--json"])
    return first, second, output


@pytest.mark.slow
def test_tables_statements_and_places_are_printed(called: tuple[Result, Result, Path]) -> None:
    first, _, output = called
    assert first.exit_code == 0, first.output
    for text in (
        "pseudo-out-of-sample: the model's structure was chosen in 2026",
        "history as of 2018",
        "nothing observed",
        "priors of January 2024, observations up to that year",
        "485 TWh of 2025 (data centres)",
        "result: ",
    ):
        assert text in first.stdout
    (folder,) = output.glob("backtest-*")
    assert str(folder) in first.stdout
    assert {"backtest.nc", "scores.csv", "backtest.md"} <= {one.name for one in folder.iterdir()}
    (kept,) = output.glob("posterior-*")
    assert kept.name.startswith("posterior-history-as-of-2018-")


@pytest.mark.slow
def test_it_is_found_again_and_told_as_json(called: tuple[Result, Result, Path]) -> None:
    _, second, output = called
    assert (second.exit_code, second.stderr) == (0, "")
    told = json.loads(second.stdout)
    (folder,) = output.glob("backtest-*")
    assert told["backtest"] == str(folder)
    none, one = told["forecasts"]
    assert (none["forecast"], none["reason"]) == ("history as of 2016", "nothing observed")
    assert none["mean_crps"] is None
    assert (one["forecast"], one["count"]) == ("history as of 2018", 7)
    with xr.open_dataset(folder / "backtest.nc", engine="h5netcdf") as stored:
        cells = stored["crps"].sel(basis="observed", by="model", forecast="history as of 2018")
        assert one["mean_crps"] == pytest.approx(float(cells.mean()))
        assert len(told["rows"]) == int(np.isfinite(stored["crps"]).sum())


@pytest.mark.slow
def test_where_nothing_can_be_forecast_the_reason_is_given(call: Callable[..., Result]) -> None:
    done = call("backtest", "--as-of", "2016")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "history as of 2016: nothing observed" in done.stderr
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("histroy",), 'did you mean "history"?'),
        (("--as-of", "1999"), "1999 is not in the range"),
        (("history", "--set", "calibration.particles=3"), "expected a number of at least 64"),
    ],
    ids=lambda words: words[-1] if isinstance(words, tuple) else "",
)
def test_what_a_user_can_mend_is_said(
    refused: Callable[..., str], words: tuple[str, ...], problem: str
) -> None:
    assert problem in refused("backtest", *words)
    assert list(Path().iterdir()) == []

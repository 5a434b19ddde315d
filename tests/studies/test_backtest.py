"""Scoring what was forecast as of an earlier date, on draws made by hand."""

from pathlib import Path

import numpy as np
import xarray as xr

from forecast.analysis.backtest import LABEL
from forecast.analysis.scoring import scores
from forecast.export.backtest import BACKTEST_FILE, read, tables
from forecast.figures.backtest import backtest as drawn
from forecast.files import complete
from forecast.spec.observation import Observation
from forecast.studies import backtest as study
from forecast.studies.forecasts import Forecast


def test_scores_are_those_of_the_analysis(backtested: xr.Dataset, grown: xr.Dataset) -> None:
    draws = {
        "iea25_data_centres_2024": grown["data_centres"].sel(year=2024),
        "iea26_ai_focused_2025": grown["ai"].sel(year=2025),
    }
    values = {"iea25_data_centres_2024": 416.0, "iea26_ai_focused_2025": 155 / 1.35}
    wanted = scores({name: one.values for name, one in draws.items()}, values)
    own = backtested.sel(basis="bare", by="model", forecast="grown", observation=list(values))
    for name in wanted.data_vars:
        np.testing.assert_allclose(own[name].values, wanted[name].values.astype(float), rtol=1e-12)
    one = own.sel(observation="iea25_data_centres_2024")
    assert float(one["p75"]) == np.quantile(draws["iea25_data_centres_2024"], 0.75)


def test_forecasts_with_the_same_draws_say_so(
    observations: tuple[Observation, ...], grown: xr.Dataset
) -> None:
    both = [Forecast(f"to {year}", "2024-01-31", year, grown) for year in (2018, 2020)]
    found = study.backtest(both, observations)
    assert found["same_as"].values.tolist() == ["", "to 2018"]
    assert "to 2020: the same draws as to 2018" in found.attrs["notes"]


def test_a_forecast_that_nothing_scores_is_told(
    observations: tuple[Observation, ...], grown: xr.Dataset
) -> None:
    found = study.backtest([Forecast("new", "2026-11-25", None, grown)], observations)
    assert found.sizes["observation"] == 0
    assert "new: nothing was observed since" in found.attrs["notes"]
    assert tables(found)[0].rows[0][2] == "0"
    drawn(found)


def test_a_delivered_backtest_is_complete_and_read_again(
    backtested: xr.Dataset, tmp_path: Path
) -> None:
    study.deliver(backtested, tmp_path / "one", "key", {"command": "a test"})
    folder = tmp_path / "one"
    assert complete(folder, "key", BACKTEST_FILE)
    xr.testing.assert_equal(read(folder), backtested)
    assert read(folder).attrs["label"] == LABEL
    for ending in ("png", "svg"):
        assert (folder / "figures" / f"backtest.{ending}").stat().st_size > 10_000


def test_each_part_belongs_to_the_key() -> None:
    assert study.key_of(["a", "b"]) == study.key_of(["a", "b"])
    assert len({study.key_of(one) for one in (["a"], ["b"], ["a", "b"], ["ab"])}) == 4


def test_what_decides_its_bytes_is_there() -> None:
    package = Path(study.__file__).parents[1]
    assert all((package / one).is_file() for one in study.BESIDE)

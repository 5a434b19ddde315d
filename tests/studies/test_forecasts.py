"""History as of a year: cut, calibrated, kept and read, with few particles."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from forecast import calibrating, posteriors
from forecast.analysis.backtest import OUTPUTS
from forecast.errors import Refusal
from forecast.spec.observation import Observation
from forecast.spec.register import Register
from forecast.spec.scenario import Scenario
from forecast.studies.backtest import backtest
from forecast.studies.forecasts import Forecast, cut, read_paths


@pytest.fixture(scope="module")
def cut_at(register: Register, scenario: Callable[..., Scenario]) -> Callable[[int], Scenario]:
    """History as of a year, of few particles."""
    history = scenario("history", "calibration.particles=256")
    return lambda year: cut(history, year)


def test_a_cut_history_keeps_all_but_its_observations(
    register: Register, scenario: Callable[..., Scenario], cut_at: Callable[[int], Scenario]
) -> None:
    history, one = scenario("history", "calibration.particles=256"), cut_at(2018)
    assert one.calibration is not None
    assert one.calibration.until == 2018
    assert one.priors == history.priors
    assert one.vintage == "iea-2024"
    again = replace(
        one,
        name=history.name,
        title=history.title,
        calibration=replace(one.calibration, until=None),
    )
    assert again == history
    keys = {posteriors.key_of(each, register) for each in (history, one, cut_at(2020))}
    assert len(keys) == 3


@pytest.mark.slow
def test_history_as_of_2018_is_calibrated_kept_and_scored(
    register: Register,
    cut_at: Callable[[int], Scenario],
    observations: tuple[Observation, ...],
    tmp_path: Path,
) -> None:
    folder = calibrating.make(cut_at(2018), register, tmp_path)
    assert folder.name.startswith("posterior-history-as-of-2018-")
    paths, used = read_paths(folder / posteriors.POSTERIOR_FILE)
    assert used == ("masanet_data_centres_2018",)
    assert set(paths) == set(OUTPUTS)
    assert (paths.sizes["chain"], paths.sizes["draw"]) == (8, 256)
    found = backtest([Forecast("as of 2018", "2024-01-31", 2018, paths, used)], observations)
    row = found.sel(basis="observed", by="model", forecast="as of 2018")
    assert int(row["count"]) == 7
    # Above the middle: the years to 2018 say less of growth than came.
    assert 0.6 < float(row["pit"].sel(observation="iea26_data_centres_2025")) < 1


def test_before_the_first_observation_there_is_no_posterior(
    register: Register, cut_at: Callable[[int], Scenario]
) -> None:
    with pytest.raises(Refusal, match="nothing was observed up to 2017"):
        calibrating.posterior_in_memory(cut_at(2017), register)

"""Which outturns score a forecast, and their errors."""

from datetime import date, timedelta

import numpy as np
import pytest
import scipy.stats
import xarray as xr
from ruamel.yaml import YAML

from forecast import shipped
from forecast.spec.observation import Observation
from forecast.studies.forecasts import Forecast
from forecast.studies.outturns import outturns, with_error


@pytest.fixture(scope="module")
def raw() -> dict[str, dict[str, object]]:
    """Observations as the files have them, read by ruamel.yaml alone, their dates filled in."""
    yaml = YAML(typ="safe", pure=True)
    found = {}
    for file in shipped.observations().glob("*.yaml"):
        head = yaml.load(file)
        for one in head["observations"]:
            found[one["id"]] = {"as_of": str(head["published"]), "region": "world"} | one
    return found


def _end(as_of: object) -> date:
    """Last day of a date that may be a month or a year."""
    parts = [int(one) for one in str(as_of).split("-")]
    if len(parts) == 3:
        return date(*parts)
    following = date(parts[0] + 1, 1, 1) if len(parts) == 1 or parts[1] == 12 else None
    return (following or date(parts[0], parts[1] + 1, 1)) - timedelta(days=1)


def test_nothing_known_at_the_date_is_scored(
    backtested: xr.Dataset, raw: dict[str, dict[str, object]]
) -> None:
    one = backtested.sel(basis="observed", by="model")
    for name in one["observation"].values.astype(str):
        entry = raw[name]
        cells = one["crps"].sel(observation=name)
        assert (entry["kind"], entry["region"]) == ("outturn", "world")
        later = _end(entry["as_of"]) > date(2024, 1, 31)
        assert np.isfinite(cells.sel(forecast="grown")) == later
        assert np.isfinite(cells.sel(forecast="flat")) == (int(str(entry["year"])) > 2018)
        assert np.isnan(cells.sel(forecast="lost"))
    assert np.isfinite(one["crps"]).sum() == 5 + 7


def test_every_later_outturn_of_the_outputs_is_scored(
    backtested: xr.Dataset, raw: dict[str, dict[str, object]]
) -> None:
    wanted = {
        name
        for name, one in raw.items()
        if one["kind"] == "outturn"
        and one["region"] == "world"
        and one["output"] in ("total", "data_centres", "ai", "crypto")
        and int(str(one["year"])) > 2018
    }
    cells = backtested["crps"].sel(basis="bare", by="model", forecast="flat")
    assert set(cells["observation"].values[np.isfinite(cells)]) == wanted


def test_what_a_calibration_used_is_never_scored(
    observations: tuple[Observation, ...], grown: xr.Dataset
) -> None:
    names = {one.id for one in outturns(observations, Forecast("one", "2024-01-31", None, grown))}
    assert "iea25_data_centres_2024" in names
    used = Forecast("one", "2024-01-31", None, grown, used=("iea25_data_centres_2024",))
    assert {one.id for one in outturns(observations, used)} == names - {"iea25_data_centres_2024"}


def test_the_error_of_an_observation_is_lognormal_and_independent_of_the_draws() -> None:
    rng = np.random.default_rng(0)
    draws = np.exp(5 + 0.1 * rng.standard_normal(20_000))
    blurred = with_error(draws, 0.2, "id")
    factor = np.log(blurred / draws)
    assert scipy.stats.kstest(factor / 0.2, "norm").pvalue > 0.99  # quantiles, not draws
    assert abs(np.corrcoef(factor, draws)[0, 1]) < 0.02
    np.testing.assert_array_equal(blurred, with_error(draws, 0.2, "id"))
    assert (with_error(draws, 0.2, "other") != blurred).any()
    np.testing.assert_array_equal(with_error(draws, 0.0, "id"), draws)


def test_errors_of_publisher_and_edition_belong_to_an_observation(backtested: xr.Dataset) -> None:
    one = backtested.sel(observation="iea25_data_centres_2023")
    assert float(one["sd"]) == pytest.approx(np.sqrt(0.02**2 + 2 * 0.05**2))
    wide = np.log(backtested["p95"] / backtested["p05"]).sel(by="model", forecast="grown")
    wide = wide.sel(observation="iea25_data_centres_2023")
    ratio = float(wide.sel(basis="observed") / wide.sel(basis="bare"))
    assert ratio == pytest.approx(np.hypot(0.1, float(one["sd"])) / 0.1, rel=0.15)

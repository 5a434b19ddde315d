"""Sentences from the numbers of a backtest."""

import pytest
import xarray as xr

from forecast.analysis.verdicts import month_of, percentile


def test_a_flat_history_has_the_last_outturn_high(backtested: xr.Dataset) -> None:
    row = backtested.sel(basis="observed", by="model", forecast="flat")
    assert float(row["pit"].sel(observation="iea26_data_centres_2025")) > 0.98
    said = [one for one in backtested.attrs["notes"].splitlines() if "485 TWh of 2025" in one]
    assert "flat: the 485 TWh of 2025 (data centres) lie" in said[1]
    assert "what was observed up to 2018, with the priors of January 2024," in said[1]
    assert "above the 90 % interval" in said[1]
    assert "foresee" not in said[0]


@pytest.mark.parametrize(
    ("pit", "said"),
    [
        (0.5, "at the 50th percentile"),
        (0.111, "at the 11th percentile"),
        (0.012, "at the 1st percentile"),
        (0.92, "at the 92nd percentile"),
        (0.998, "above all but 0.2 % of draws"),
        (0.0, "below every draw"),
    ],
)
def test_percentiles_in_words(pit: float, said: str) -> None:
    assert percentile(pit) == said


def test_months_in_words() -> None:
    assert month_of("2024-01-31") == "January 2024"

"""Means, coverage and skill over outturns, on draws made by hand."""

import numpy as np
import pytest
import xarray as xr

from forecast.analysis.scoring import skill, summarised


def test_means_coverage_and_skill_are_those_of_the_scores(backtested: xr.Dataset) -> None:
    ids = [f"iea25_data_centres_{year}" for year in (2023, 2024)] + ["iea26_data_centres_2025"]
    row = backtested.sel(basis="observed", forecast="grown")
    model, base = (row.sel(by=name, observation=ids) for name in ("model", "IEA cases"))
    gained = skill(summarised(model), summarised(base))
    assert int(row["matched"].sel(by="IEA cases")) == 3
    np.testing.assert_allclose(row["skill_crps"].sel(by="IEA cases"), gained["crps"], rtol=1e-12)
    whole = row.sel(by="model")
    assert float(whole["mean_crps_log"]) == pytest.approx(float(whole["crps_log"].mean()))
    assert float(whole["coverage_80"]) == pytest.approx(float(whole["inside_80"].mean()))
    assert float(whole["mean_pit"]) == pytest.approx(float(whole["pit"].mean()))
    assert int(whole["count"]) == 5

"""Draws of every prior against what its file says, with scipy where the file names no quantiles."""

from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats

SHARES = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
NEAR = 0.01
"""Largest distance in probability that 4,096 balanced draws may have. (1)"""


def _reached(draws: np.ndarray, values: list[float]) -> np.ndarray:
    """Share of draws below each value."""
    return np.array([np.mean(draws < value) for value in values])


def _law(family: str, entry: dict[str, Any]) -> Any:
    if family == "normal":
        return stats.norm(entry["mean"], entry["sd"])
    if family == "uniform":
        return stats.uniform(entry["low"], entry["high"] - entry["low"])
    if family == "loguniform":
        return stats.loguniform(entry["low"], entry["high"])
    raise AssertionError(f"{family} is not known here: add it with its law from scipy")


@pytest.mark.slow
def test_draws_have_the_distribution_that_the_file_says(
    base: xr.DataTree, entries: dict[str, dict[str, Any]]
) -> None:
    prior = base["prior"].to_dataset()
    seen = set()
    for name, entry in entries.items():
        family = entry["family"]
        seen.add(family)
        if family == "fixed":
            assert name not in prior
            continue
        draws = prior[name].values.reshape(4096, -1)
        if family == "quantiles":
            given = {key: entry[key] for key in SHARES if key in entry}
            assert len(given) >= 2, name
            found, wanted = _reached(draws, [*given.values()]), [SHARES[key] for key in given]
            assert draws.min() > entry.get("lower", -np.inf), name
            assert draws.max() < entry.get("upper", np.inf), name
        elif family == "discrete":
            found = [np.mean(draws == value) for value in entry["values"]]
            wanted = entry["weights"]
        elif family == "logistic_normal":
            # Ratios to the last share are independent, with the medians and log-sd of the file.
            medians = np.array([*entry["median"].values()])
            np.testing.assert_allclose(draws.sum(1), 1, rtol=1e-12)
            ratios = np.log(draws[:, :-1] / draws[:, -1:]) - np.log(medians[:-1] / medians[-1])
            found = [_reached(one, [-entry["log_sd"], 0, entry["log_sd"]]) for one in ratios.T]
            wanted = np.broadcast_to(stats.norm.cdf([-1, 0, 1]), np.shape(found))
        else:
            wanted = np.linspace(0.05, 0.95, 10)
            found = _reached(draws, list(_law(family, entry).ppf(wanted)))
        np.testing.assert_allclose(found, wanted, atol=NEAR, err_msg=name)
    assert {"quantiles", "fixed", "normal", "logistic_normal"} <= seen


@pytest.mark.slow
def test_fixed_values_are_those_of_the_file(
    base: xr.DataTree, entries: dict[str, dict[str, Any]]
) -> None:
    constants = base["constant_data"].to_dataset()
    for name, entry in entries.items():
        if entry["family"] == "fixed":
            value = entry["value"]
            said = [*value.values()] if isinstance(value, dict) else value
            np.testing.assert_array_equal(constants[name].values, said, err_msg=name)

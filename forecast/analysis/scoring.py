"""Scores of forecasts, given as draws, against what came true.

References
----------
Gneiting and Raftery (2007), https://doi.org/10.1198/016214506000001437; the log scale: Bosse et al.
(2023), https://doi.org/10.1371/journal.pcbi.1011393
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import scoringrules
import xarray as xr

LEVELS: Final = (50, 80, 90)
"""Central intervals that are scored. (%; definition)"""

SCORES: Final = ("crps", "crps_log", *(f"interval_score_{level}" for level in LEVELS))
"""Scores, the smaller the better."""

BINS: Final = 10
"""Bins of the histogram of PIT values. (1; definition)"""

# Numba, if somebody has it installed, would be the default and rounds otherwise.
BACKEND: Final = "numpy"


def scores(forecast: Mapping[str, np.ndarray], outturns: Mapping[str, float]) -> xr.Dataset:
    """Scores of one forecast per outturn.

    The CRPS is that of the empirical distribution of the draws, `E|X - y| - E|X - X'| / 2`. A
    demand is positive and its errors are relative, so `crps_log` takes the logarithms of draws and
    outturn; it has no unit and may be averaged over outturns of different units and sizes.

    Parameters
    ----------
    forecast : unit of the outturn
        Id → draws, of any shape; those that are NaN are left out.
    outturns
        Id → value; each needs a forecast, forecasts of anything else are ignored.

    Returns
    -------
    Dataset
        Dim `observation`, with the ids. `value`, `p05`, `p50`, `p95`, `crps` and `interval_score_…`
        in the unit of the outturn; `crps_log`; `inside_…`: whether the central interval of so many
        percent holds the value, its ends included; `pit`: share of draws below it, ties half.

    Raises
    ------
    ValueError
        If an outturn has no forecast, or a draw or outturn is not a positive number.
    """
    rows = [_scored(name, forecast, value) for name, value in outturns.items()]
    names = rows[0] if rows else ()
    columns = {
        name: ("observation", np.array([one[name] for one in rows]), _told(name)) for name in names
    }
    return xr.Dataset(columns, {"observation": np.array(list(outturns), dtype=str)})


def _told(name: str) -> dict[str, str]:
    if name == "crps_log" or name == "pit" or name.startswith("inside"):
        return {"units": "1"}
    return {"units": "of the observation"}


def _scored(name: str, forecast: Mapping[str, np.ndarray], value: float) -> dict[str, float]:
    if name not in forecast:
        raise ValueError(f"no forecast of {name}")
    draws = np.asarray(forecast[name], float).reshape(-1)
    draws = draws[~np.isnan(draws)]
    if not (draws.size and np.isfinite(draws).all() and (draws > 0).all() and 0 < value < np.inf):
        raise ValueError(f"{name}: draws and outturn must be positive numbers")
    p05, p50, p95 = np.quantile(draws, (0.05, 0.5, 0.95)).tolist()
    row = {
        "value": float(value),
        "p05": p05,
        "p50": p50,
        "p95": p95,
        "crps": _crps(draws, value),
        "crps_log": _crps(np.log(draws), np.log(value)),
        "pit": float((draws < value).mean() + 0.5 * (draws == value).mean()),
    }
    for level in LEVELS:
        miss = 1 - level / 100
        low, high = np.quantile(draws, (miss / 2, 1 - miss / 2))
        found = scoringrules.interval_score(value, low, high, miss, backend=BACKEND)
        row[f"interval_score_{level}"] = float(found)
        row[f"inside_{level}"] = bool(low <= value <= high)
    return row


def _crps(draws: np.ndarray, value: float) -> float:
    return float(scoringrules.crps_ensemble(value, draws, estimator="qd", backend=BACKEND))


def summarised(found: xr.Dataset) -> xr.Dataset:
    """Scores of all outturns together.

    Parameters
    ----------
    found
        From `scores`; of one unit, else only `crps_log`, coverage and PIT mean anything.

    Returns
    -------
    Dataset
        Means of `SCORES`; `count` of outturns; `inside_…`: how many outturns the interval holds,
        and `coverage_…`, their share; `pit` in rising order (dim `rank`); `pit_count`, a histogram
        of it (dim `bin`; the coordinate is the lower end of the bin).
    """
    count = found.sizes["observation"]
    pit = np.sort(found["pit"].values)
    columns: dict[str, object] = {"count": count}
    columns |= {name: found[name].mean("observation") for name in SCORES}
    for level in LEVELS:
        inside = int(found[f"inside_{level}"].sum())
        columns[f"inside_{level}"] = inside
        columns[f"coverage_{level}"] = inside / count if count else np.nan
    columns["pit"] = ("rank", pit)
    columns["pit_count"] = ("bin", np.histogram(pit, BINS, (0, 1))[0])
    return xr.Dataset(columns, {"bin": np.arange(BINS) / BINS})


def skill(found: xr.Dataset, baseline: xr.Dataset) -> xr.Dataset:
    """What a forecast gains over a baseline: `1 - score / score of the baseline`.

    Parameters
    ----------
    found, baseline
        Both from `scores`, or both from `summarised`, of the same outturns.

    Returns
    -------
    Dataset
        A variable for each of `SCORES`: 1 is perfect, 0 as good as the baseline.

    Raises
    ------
    ValueError
        If the outturns are not the same.
    """
    by_outturn = "observation" in found.dims
    key = "observation" if by_outturn else "count"
    if key not in baseline or not np.array_equal(found[key].values, baseline[key].values):
        raise ValueError("skill needs a forecast and a baseline of the same outturns")
    gained = {name: (1 - found[name] / baseline[name]).assign_attrs(units="1") for name in SCORES}
    return xr.Dataset(gained)

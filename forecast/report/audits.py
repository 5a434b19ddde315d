"""What of the audits of a run goes into its page."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

DIGITS: Final = 6
"""Significant digits of a number in the page. (definition)"""

STATISTICS: Final = ("p10", "p50", "p90")
"""Of the draws, for every subset of the errors."""


def audit_data(found: xr.Dataset) -> dict[str, Any]:
    """Take what a page needs to switch the errors of an audit on and off.

    Parameters
    ----------
    found
        From `studies.audit`.

    Returns
    -------
    dict
        For JSON: `scenario`, `year`, `draws`, `world` (median, TWh), `errors` (name and title) and
        `totals`: a triple of p10, p50 and p90 a subset, TWh; subset number b has error k where bit
        k of b is set.
    """
    names = [str(one) for one in found["step"].values[1:]]
    titles = [str(one) for one in found["step_title"].values[1:]]
    laid = found["subset_total"].sel(statistic=list(STATISTICS)).values
    return {
        "scenario": str(found.attrs["scenario"]),
        "year": int(found.attrs["year"]),
        "draws": int(found.attrs["draws"]),
        "world": _short(float(found["world"].sel(statistic="p50"))),
        "errors": [
            {"name": name, "title": title} for name, title in zip(names, titles, strict=True)
        ],
        "totals": [[_short(one) for one in row] for row in laid.tolist()],
    }


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def audits_of(folder: Path, scenarios: list[str]) -> list[dict[str, Any]]:
    """Read the audits that are kept beside a run.

    Parameters
    ----------
    folder
        Of results beside the run.
    scenarios
        Of the run.

    Returns
    -------
    list of dict
        From `audit_data`, in the order of the scenarios; of several years the latest made. One
        that an older version kept has no subsets, and is left.
    """
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(folder.glob("audit-*.nc"), key=lambda one: one.stat().st_mtime_ns):
        with xr.open_dataset(file, engine="h5netcdf") as stored:
            if "subset_total" in stored and np.isfinite(stored["subset_total"]).all():
                told = audit_data(stored.load())
                found[told["scenario"]] = told
    return [found[one] for one in scenarios if one in found]

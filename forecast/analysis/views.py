"""What a run of an earlier vintage says of itself: when it was known, and what came later."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import xarray as xr

from forecast.store import outputs_group

CURRENT: Final = "outlook.yaml"
"""The scenario that is the current view. (definition)"""

SCORED: Final = ("total", "data_centres")
"""Outputs whose later outturns are told, the first that has one."""


def views(run: xr.DataTree, known: Mapping[str, str], observed: xr.Dataset) -> list[str]:
    """Say of each scenario what its draws rest on, and where a later outturn lies in them.

    Parameters
    ----------
    run
    known
        Scenario → date of its vintage, of the scenarios that have one.
    observed
        Published numbers, as the group `observed_data` holds them, with `as_of`.

    Returns
    -------
    list of str
        One a scenario with a vintage.
    """
    demand = run[outputs_group(run)].to_dataset()["demand"]
    basis = dict(zip(demand["scenario"].values, run.attrs["posteriors"].split(), strict=True))
    found = []
    for name in demand["scenario"].values:
        if name not in known:
            continue
        how = "uncalibrated priors" if basis[name] == "prior" else "calibrated"
        line = f"{name}: {how}, as known in {month(known[name])}"
        later = _outturn(observed, known[name], demand["year"].values)
        if later is not None:
            output, year, value = later
            values = demand.sel(scenario=name, year=year)
            if output == "data_centres":
                values = values.drop_sel(segment="crypto")
            draws = values.sum("segment", skipna=False).values
            below = float((draws[np.isfinite(draws)] < value).mean())
            what = output.replace("_", " ")
            line += (
                f"; the {year} outturn of {value:g} TWh ({what}) lies at its"
                f" {ordinal(100 * below)} percentile; current view: {CURRENT}"
            )
        found.append(line)
    return found


def _outturn(observed: xr.Dataset, known: str, years: np.ndarray) -> tuple[str, int, float] | None:
    """Latest published outturn that was not known yet."""
    rows = zip(
        *(observed[one].values for one in ("kind", "region", "output", "year", "value", "as_of")),
        strict=True,
    )
    later = [
        (int(year), -SCORED.index(str(output)), str(output), float(value))
        for kind, region, output, year, value, as_of in rows
        if kind == "outturn" and region == "world" and output in SCORED
        if str(as_of) > known and int(year) in years
    ]
    if not later:
        return None
    year, _, output, value = max(later)
    return output, year, value


def month(date: str) -> str:
    """Month and year of a date YYYY-MM-DD, in words."""
    names = (
        "January February March April May June July August September October November December"
    ).split()
    return f"{names[int(date[5:7]) - 1]} {date[:4]}"


def ordinal(number: float) -> str:
    """Whole number with its ending, 1 to 99 for what lies inside."""
    whole = min(max(round(number), 0), 100)
    ending = "th" if 10 <= whole % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"{whole}{ending}"

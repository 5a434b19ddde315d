"""Series of a summary side by side: what a figure over time shows."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr

NUMBERS: Final = ("mean", "p05", "p10", "p50", "p90", "p95")
"""Statistics of a row, each with its Monte Carlo error beside it."""

TOLD: Final = ("variable", "region", "unit", "scope")
"""What says which quantity a series is."""

type Series = tuple[str, str]
"""Variable and region; the region is empty for the world."""


def by_year(summary: xr.Dataset, scenarios: Sequence[str], series: Sequence[Series]) -> xr.Dataset:
    """Lay some series of a summary out by scenario and year.

    Parameters
    ----------
    summary
        From `analysis.summary`.
    scenarios
        Of it.
    series
        Which quantities.

    Returns
    -------
    Dataset
        Dims scenario, series, year: `mean`, `p05` … `p95` and `mcse_mean` … in the unit of the
        series, NaN in a year that it lacks; coordinates `variable`, `region`, `unit` and `scope`
        along series.

    Raises
    ------
    ValueError
        If a scenario has no such series.
    """
    columns = {name: summary[name].values for name in ("scenario", "year", *TOLD)}
    rows = {
        (scenario, *one): _rows(columns, scenario, one) for scenario in scenarios for one in series
    }
    years = np.unique(np.concatenate([columns["year"][one] for one in rows.values()]))
    names = (*NUMBERS, *(f"mcse_{name}" for name in NUMBERS))
    shape = (len(scenarios), len(series), len(years))
    data = {name: np.full(shape, np.nan) for name in names}
    for place, found in enumerate(rows.values()):
        at = np.searchsorted(years, columns["year"][found])
        for name, laid in data.items():
            laid[place // len(series), place % len(series), at] = summary[name].values[found]
    first = [rows[scenarios[0], *one][0] for one in series]
    coords = {name: ("series", columns[name][first].astype(str)) for name in TOLD}
    dims = ("scenario", "series", "year")
    return xr.Dataset(
        {name: (dims, laid) for name, laid in data.items()},
        {"scenario": list(scenarios), "year": years} | coords,
    )


def _rows(columns: dict[str, np.ndarray], scenario: str, series: Series) -> np.ndarray:
    variable, region = series
    chosen = (columns["scenario"] == scenario) & (columns["variable"] == variable)
    found = np.flatnonzero(chosen & (columns["region"] == region))
    if not found.size:
        place = f"{variable}[{region}]" if region else variable
        raise ValueError(f"the summary has no {place} of {scenario}")
    return found

"""The series of a figure, taken from a summary."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr

QUANTILES: Final = ("p05", "p10", "p50", "p90", "p95")

type Paths = dict[str, np.ndarray]
"""`year`, quantiles and their errors `mcse_p05` …, each `[year]`, years rising."""


def scenarios_of(summary: xr.Dataset) -> list[str]:
    """Scenarios of a summary in their order."""
    return list(dict.fromkeys(summary["scenario"].values.astype(str).tolist()))


def paths(summary: xr.Dataset, variable: str, scenarios: Sequence[str]) -> dict[str, Paths]:
    """Series of a variable for the world.

    Parameters
    ----------
    summary
        From `analysis.summary`.
    variable
    scenarios

    Returns
    -------
    dict of str to Paths
        By scenario.

    Raises
    ------
    ValueError
        If a scenario has no such series.
    """
    names, places = summary["variable"].values, summary["region"].values
    chosen = (names == variable) & (places == "")
    wanted = ("year", *QUANTILES, *(f"mcse_{name}" for name in QUANTILES))
    found = {}
    for scenario in scenarios:
        rows = np.flatnonzero(chosen & (summary["scenario"].values == scenario))
        if not rows.size:
            raise ValueError(f"the summary has no {variable} of {scenario}")
        rows = rows[np.argsort(summary["year"].values[rows], kind="stable")]
        found[scenario] = {name: np.asarray(summary[name].values[rows]) for name in wanted}
    return found


def significant(value: float, digits: int = 2) -> str:
    """Write a number with so many digits that mean something, never as a power of ten.

    Parameters
    ----------
    value : any unit
    digits

    Returns
    -------
    str
    """
    if not np.isfinite(value) or value == 0:
        return f"{value:g}"
    places = digits - 1 - int(np.floor(np.log10(abs(value))))
    return f"{round(value, places):,.{max(places, 0)}f}"


def signed(text: str) -> str:
    """A number with a minus sign in place of a hyphen."""
    return text.replace("-", "\N{MINUS SIGN}")


def compact(value: float, digits: int = 2) -> str:
    """Write a number with so many digits, from a million on as a power of ten.

    Parameters
    ----------
    value : any unit
    digits

    Returns
    -------
    str
    """
    if not np.isfinite(value) or 1e-3 <= abs(value) < 1e6 or value == 0:
        return signed(significant(value, digits))
    head, _, power = f"{value:.{digits - 1}e}".partition("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return signed(f"{head}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10{raised}")


def rounded(value: float, error: float) -> str:
    """Write a number down to the digit that its Monte Carlo error leaves.

    Parameters
    ----------
    value : any unit
    error : same unit
        Standard error; where it is not known, three digits are shown.

    Returns
    -------
    str
    """
    if not np.isfinite(value):
        return "–"
    if not np.isfinite(error) or error <= 0:
        return significant(value, 3)
    places = -int(np.floor(np.log10(error)))
    return f"{round(value, places):,.{max(places, 0)}f}"

"""How often, and when, the conditions of adaptive policies held."""

from typing import Final

import numpy as np
import xarray as xr

from forecast.store import stats_group

YEAR: Final = "rule_year"
CONDITION: Final = "rule_condition"
"""Names in a Run: when each condition first held, draw by draw, and what it is."""


def rule_notes(run: xr.DataTree) -> list[str]:
    """Say in words how often and when the condition of each rule held.

    Parameters
    ----------
    run
        With draws.

    Returns
    -------
    list of str
        One for each rule of each scenario; none for a run without rules, or without draws.
    """
    group = stats_group(run)
    if group not in run.children or YEAR not in run[group].data_vars:
        return []
    stats = run[group].to_dataset()
    years, valid = stats[YEAR], stats["status"] == 0
    conditions = run["constant_data"].to_dataset()[CONDITION]
    notes = []
    for scenario in years["scenario"].values:
        for rule in range(years.sizes["rule"]):
            told = str(conditions.sel(scenario=scenario).values[rule])
            if not told:
                continue
            kept = valid.sel(scenario=scenario).values
            found = years.sel(scenario=scenario).isel(rule=rule).values[kept]
            notes.append(f"{scenario}: {told} {_how_often(found)}")
    return notes


def _how_often(years: np.ndarray) -> str:
    held = np.isfinite(years)
    share = float(held.mean()) if held.size else 0.0
    if not share:
        return "held in no draw, so the policy did nothing"
    low, middle, high = np.quantile(years[held], [0.1, 0.5, 0.9], method="inverted_cdf")
    when = f"first in {middle:.0f} at the median of these ({low:.0f} to {high:.0f}, p10 to p90)"
    return f"held in {100 * share:.3g} % of draws, {when}"

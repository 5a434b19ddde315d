"""What a backtest holds: its scores by name, and their means over outturns."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast.analysis.scoring import LEVELS, SCORES, skill, summarised

LABEL: Final = "pseudo-out-of-sample: the model's structure was chosen in 2026"

OUTPUTS: Final[Mapping[str, str]] = {
    "total": "data centres, AI and crypto",
    "data_centres": "data centres",
    "ai": "AI",
    "crypto": "crypto",
}
"""Outputs whose outturns are scored, as they are called in words."""

BASES: Final = ("observed", "bare")
"""What a draw is of: of the observation, its own error drawn as well, or of the model alone."""

MODEL: Final = "model"
CONSTANT, LAST, COMPOUND, CASES = "constant", "last growth", "compound 2015-2022", "IEA cases"
METHODS: Final = (MODEL, CONSTANT, LAST, COMPOUND, CASES)
"""The model, then the baselines, which are of data centres alone."""

COLUMNS: Final = (
    *("p05", "p25", "p50", "p75", "p95"),
    *SCORES,
    *(f"inside_{level}" for level in LEVELS),
    "pit",
)
"""Numbers of each forecast of each observation; `inside_…` is 0 or 1."""


def together(found: xr.Dataset) -> dict[str, Any]:
    """Scores of all outturns of a forecast, and what the model gains over the baselines.

    Parameters
    ----------
    found
        `COLUMNS` by basis, `by`, forecast and observation, NaN where nothing is scored.

    Returns
    -------
    dict
        Variables for the same Dataset: `mean_…`, `coverage_…`, `count`; `skill_…` over the
        outturns that model and baseline both forecast, and their number, `matched`.
    """
    dims = ("basis", "by", "forecast")
    shape = tuple(found.sizes[one] for one in dims)
    names = [f"mean_{one}" for one in (*SCORES, "pit")] + [f"coverage_{one}" for one in LEVELS]
    columns = {name: np.full(shape, np.nan) for name in [*names, *(f"skill_{n}" for n in SCORES)]}
    counts = {"count": np.zeros(shape, int), "matched": np.zeros(shape, int)}
    for at in np.ndindex(shape):
        row = found.isel(dict(zip(dims, at, strict=True)))
        row = row.isel(observation=row["crps"].notnull().values)
        counts["count"][at] = row.sizes["observation"]
        if not row.sizes["observation"]:
            continue
        whole = summarised(row)
        for name in SCORES:
            columns[f"mean_{name}"][at] = whole[name]
        columns["mean_pit"][at] = whole["pit"].mean()
        for level in LEVELS:
            columns[f"coverage_{level}"][at] = whole[f"coverage_{level}"]
        if at[1] > 0:
            own = found.isel(basis=at[0], by=0, forecast=at[2])
            gained = skill(summarised(own.sel(observation=row["observation"])), whole)
            counts["matched"][at] = row.sizes["observation"]
            for name in SCORES:
                columns[f"skill_{name}"][at] = gained[name]
    return {name: (dims, values) for name, values in (columns | counts).items()}

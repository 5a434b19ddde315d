"""What stands beside the draws in a page: labels, published numbers, quantiles of the whole run."""

from dataclasses import asdict
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast.axes import SEGMENTS
from forecast.figures.names import named
from forecast.figures.points import COVERED, points

SCOPES: Final = ("total", "data_centres", "ai")
"""Variables that cover several segments, from the widest."""


def labelled(variable: str) -> dict[str, str]:
    """What a reader calls a variable, and what it stands among."""
    group = "Other outcomes"
    if variable in SCOPES:
        group = "Scope"
    elif variable in SEGMENTS:
        group = "Segment"
    return {"label": named(variable), "group": group}


def observed_of(
    run: xr.DataTree, series: list[np.ndarray], rows: dict[str, np.ndarray]
) -> list[dict[str, Any]]:
    """Published numbers of what the page shows, those that cover just that."""
    observed = run["observed_data"].to_dataset()
    found = []
    for one in series:
        variable, region, unit = (
            str(rows[name][one[0]]) for name in ("variable", "region", "unit")
        )
        if region or variable not in COVERED:
            continue
        last = int(rows["year"][one[-1]])
        covered = COVERED[variable]
        for point in points(observed, output=variable, segments=covered, unit=unit, last=last):
            found.append({"variable": variable, "region": region} | asdict(point))
    return found


def whole_of(run: xr.DataTree) -> list[dict[str, Any]]:
    """Quantiles of all draws of the run, from its summary: those of regions among them."""
    table = run["summary"].to_dataset()
    names = ("scenario", "variable", "region", "unit", "scope", "year")
    shares = ("mean", "p05", "p50", "p95")
    columns = {name: table[name].values.tolist() for name in (*names, *shares)}
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for at in range(table.sizes["row"]):
        key = tuple(columns[name][at] for name in names[:3])
        start = {name: columns[name][at] for name in names[:5]} | {
            name: [] for name in ("year", *shares)
        }
        start |= labelled(str(columns["variable"][at]))
        one = found.setdefault(key, start)
        one["year"].append(columns["year"][at])
        for share in shares:
            value = float(columns[share][at])
            one[share].append(float(f"{value:.5g}") if np.isfinite(value) else None)
    return list(found.values())

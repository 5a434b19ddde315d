"""Every quantity of the model in numbers, and published numbers beside it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast.analysis.decomposition import decomposition
from forecast.analysis.summary import SUMMED, valid_outputs
from forecast.axes import SEGMENTS
from forecast.store import outputs_group

SHARES: Final = (0.05, 0.5, 0.95)

BESIDE: Final = {
    "total": ("total", {}),
    "data_centres": ("data_centres", {}),
    "ai": ("ai", {}),
    "crypto": ("demand", {"segment": "crypto"}),
    "workloads": ("workloads", {}),
    "pue": ("pue", {}),
    "installed_capacity": ("installed_capacity", {}),
}
"""Output of a published number → output of a Run, and what to select of it."""

WHOLE: Final = ("demand", "regional", "noise")
"""Outputs of the model as a whole; others without a block's name repeat an output of a block."""


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """p05, p50 and p95 of the draws that are there."""
    low, middle, high = np.nanquantile(values, SHARES)
    return float(low), float(middle), float(high)


def quantities_of(
    run: xr.DataTree, years: Sequence[int], scenario: int = 0
) -> list[dict[str, Any]]:
    """Every intermediate quantity, by block.

    Parameters
    ----------
    run
        With ``keep=("all",)``.
    years
        For which years.
    scenario
        Its number.

    Returns
    -------
    list of dict
        `block`, `name` (with its label), `unit`, `long_name`, `formula`, and `values`: one triple
        of p05, p50 and p95 a year.
    """
    outputs = valid_outputs(run).isel(scenario=scenario)
    rows = []
    for name, values in outputs.data_vars.items():
        block, _, short = str(name).partition(".")
        if not short and name not in WHOLE:
            continue
        at = values.sel(year=list(years))
        told = {
            "block": block_of(str(name)),
            "unit": values.attrs["units"],
            "long_name": values.attrs["long_name"],
            "formula": values.attrs.get("formula", ""),
        }
        for label, one in _flat(at, short or block):
            numbers = [interval(one.isel(year=place).values) for place in range(len(years))]
            rows.append(told | {"name": label, "values": numbers})
    return rows


def block_of(output: str) -> str:
    """Block of a dotted output; those without one are demand itself."""
    block, _, short = output.partition(".")
    return block if short else "demand"


def _flat(values: xr.DataArray, name: str) -> list[tuple[str, xr.DataArray]]:
    rest = [str(dim) for dim in values.dims if dim not in ("chain", "draw", "year")]
    found = [(name, values)]
    for dim in rest:
        found = [
            (f"{label}[{which}]", one.sel({dim: which}))
            for label, one in found
            for which in values[dim].values
        ]
    return found


def _same(one: Mapping[Any, Any]) -> bool:
    """Whether a published number covers what the output covers, not a class told in words."""
    covered = {part.strip() for part in str(one["segments"]).split(",")}
    return one["output"] == "workloads" or covered <= set(SEGMENTS)


def beside_published(run: xr.DataTree, scenario: int = 0) -> list[dict[str, Any]]:
    """Published numbers of the world beside the draws of the same output and scope.

    Parameters
    ----------
    run
        With `observed_data`.
    scenario
        Its number.

    Returns
    -------
    list of dict
        `id`, `output`, `year`, `published`, `unit`, `edition`, `interval` and `percentile`: the
        share of draws below the published value.
    """
    outputs = valid_outputs(run).isel(scenario=scenario)
    observed = run["observed_data"].to_dataset()
    rows = []
    for place in range(observed.sizes["observation"]):
        one = {name: observed[name].values[place] for name in observed.data_vars}
        known = one["output"] in BESIDE and one["region"] == "world" and one["kind"] == "outturn"
        if not known or not _same(one) or one["year"] not in outputs["year"].values:
            continue
        draws = _output(outputs, str(one["output"])).sel(year=one["year"]).values
        rows.append(
            {
                "id": str(one["id"]),
                "output": str(one["output"]),
                "year": int(one["year"]),
                "published": float(one["value"]),
                "unit": str(one["unit"]),
                "edition": str(one["edition"]),
                "interval": interval(draws),
                "percentile": float(np.nanmean(draws < one["value"])),
            }
        )
    return rows


def _output(outputs: xr.Dataset, name: str) -> xr.DataArray:
    source, chosen = BESIDE[name]
    if source in SUMMED:
        return outputs["demand"].sel(segment=SUMMED[source]).sum("segment", skipna=False)
    found = outputs[source].sel(chosen)
    return found.sum("facility", skipna=False) if "facility" in found.dims else found


def drivers(run: xr.DataTree, first: int, last: int, scenario: int = 0) -> dict[str, Any]:
    """What drove the change of the total, largest first.

    Parameters
    ----------
    run
        With ``keep=("all",)``.
    first, last
        Between which years.
    scenario
        Its number.

    Returns
    -------
    dict
        `first`, `last`, `total` (p05, p50, p95 of the change), `drivers` (name, interval, mean)
        and `residue`: the largest difference, over draws, between the sum of the drivers and the
        change, relative to the demand of that draw.
    """
    change = decomposition(run, first, last)["change"].isel(scenario=scenario)
    demand = run[outputs_group(run)].to_dataset()["demand"].isel(scenario=scenario).sum("segment")
    total = demand.sel(year=last) - demand.sel(year=first)
    residue = np.abs(change.sum("driver") - total) / demand.sel(year=last)
    found: list[dict[str, Any]] = [
        {
            "name": str(name),
            "interval": interval(change.sel(driver=name).values),
            "mean": float(change.sel(driver=name).mean()),
        }
        for name in change["driver"].values
    ]
    found.sort(key=lambda one: -abs(one["interval"][1]))
    return {
        "first": first,
        "last": last,
        "total": interval(total.values),
        "drivers": found,
        "residue": float(residue.max()),
    }

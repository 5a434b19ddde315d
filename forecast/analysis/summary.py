"""A Run in numbers: means and quantiles by year, each with its Monte Carlo standard error."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast.store import outputs_group, stats_group

QUANTILES: Final = {"p05": 0.05, "p10": 0.10, "p50": 0.50, "p90": 0.90, "p95": 0.95}
STATISTICS: Final = ("mean", *QUANTILES)

GROWTH_YEARS: Final = 4
"""Years over which the renewable share of growth is taken. (yr; definition, docs/model.md)"""

GROWTH_LEAST: Final = 0.05
"""Growth over the start below which that share is missing. (1; definition, docs/model.md)"""

SUMMED: Final[dict[str, slice | list[str]]] = {
    "total": slice(None),
    "data_centres": ["conventional", "ai_inference", "ai_training", "ai_customisation"],
    "ai": ["ai_inference", "ai_training", "ai_customisation"],
}
"""Sums of segments."""


def estimates(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and quantiles of draws, with their Monte Carlo standard errors.

    The error is the spread of the estimate over the independent randomisations of the design,
    over the root of their number: it holds for plain and for quasi Monte Carlo alike.

    Parameters
    ----------
    values : any unit
        `[chain, draw, …]`; draws that are NaN are left out.

    Returns
    -------
    value, error : same unit
        `[statistic, …]` in the order of `STATISTICS`.

    References
    ----------
    Owen (2013), Monte Carlo theory, methods and examples, chapter 17, https://artowen.su.domains/mc
    """
    chains = values.shape[0]
    laid = np.moveaxis(values, (0, 1), (-2, -1))
    by_chain = _one_sample(np.ascontiguousarray(laid))
    pooled = _one_sample(laid.reshape(*laid.shape[:-2], -1))
    with np.errstate(invalid="ignore"):
        spread = by_chain.std(axis=-1, ddof=1) if chains > 1 else np.full_like(pooled, np.nan)
    return pooled, spread / np.sqrt(chains)


def _one_sample(values: np.ndarray) -> np.ndarray:
    # NaN sorts to the end, so the first `count` of each row are the draws that are there.
    ordered = np.sort(values, axis=-1)
    count = (ordered == ordered).sum(axis=-1, keepdims=True)
    total = np.nansum(values, axis=-1) if (count < values.shape[-1]).any() else values.sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = [np.where(count[..., 0] > 0, total / count[..., 0], np.nan)]
    for share in QUANTILES.values():
        place = share * np.maximum(count - 1, 0)
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, np.maximum(count - 1, 0))
        below = np.take_along_axis(ordered, low, -1)[..., 0]
        above = np.take_along_axis(ordered, high, -1)[..., 0]
        found.append(below + (place - low)[..., 0] * (above - below))
    return np.stack(found)


def valid_outputs(run: xr.DataTree) -> xr.Dataset:
    """Take the outputs of a Run, with failed draws set to NaN.

    Parameters
    ----------
    run

    Returns
    -------
    Dataset
        The group `prior_predictive`.
    """
    outputs = run[outputs_group(run)].to_dataset()
    status = run[stats_group(run)]["status"]
    return outputs if not bool((status != 0).any()) else outputs.where(status == 0)


def _share_of_growth(share: xr.DataArray, total: xr.DataArray) -> xr.DataArray:
    """Renewable share of the growth over four years; missing where there was hardly any or none."""
    years = dict(year=slice(GROWTH_YEARS, None)), dict(year=slice(None, -GROWTH_YEARS))
    energy = share * total
    later, before = total.isel(years[0]), total.isel(years[1])
    grown = later - before.values
    green = energy.isel(years[0]) - energy.isel(years[1]).values
    found: xr.DataArray = (green / grown).where(grown >= GROWTH_LEAST * before.values)
    return found


def series(outputs: xr.Dataset) -> Iterator[tuple[dict[str, Any], xr.DataArray]]:
    """Every quantity of a summary, as one series over years.

    Parameters
    ----------
    outputs
        From `valid_outputs`.

    Yields
    ------
    dict, DataArray
        Name, scope, region and unit; values with dims chain, draw, scenario, year.
    """
    demand = outputs["demand"]
    meter, unit = demand.attrs["scope"], demand.attrs["units"]
    sums = {
        name: demand.sel(segment=parts).sum("segment", skipna=False)
        for name, parts in SUMMED.items()
    }
    for name, values in sums.items():
        yield {"variable": name, "scope": f"{name}; {meter}", "unit": unit}, values
    for name in demand["segment"].values:
        told = {"variable": str(name), "scope": f"{name}; {meter}", "unit": unit}
        yield told, demand.sel(segment=name)
    for output, values in outputs.data_vars.items():
        if output != "demand" and values.attrs.get("scope") != "see docs/model.md":
            yield from _series_of(str(output), values)
    for suffix in ("", "_market"):
        values = _share_of_growth(outputs[f"renewable_share{suffix}"], sums["total"])
        how = "by contract" if suffix else "by location"
        scope = f"total; growth over {GROWTH_YEARS} years, {how}"
        yield (
            {"variable": f"renewable_share_of_growth{suffix}", "scope": scope, "unit": "1"},
            values,
        )


def _series_of(name: str, values: xr.DataArray) -> Iterator[tuple[dict[str, Any], xr.DataArray]]:
    told = {"variable": name, "scope": values.attrs["scope"], "unit": values.attrs["units"]}
    rest = [str(dim) for dim in values.dims[3:] if dim != "year"]
    if not rest:
        yield told, values
    elif rest == ["region"]:
        short = name.removesuffix("_by_region")
        for region in values["region"].values:
            yield told | {"variable": short, "region": str(region)}, values.sel(region=region)
    else:
        (dim,) = rest
        for label in values[dim].values:
            yield told | {"variable": f"{name}_{label}"}, values.sel({dim: label})


def keys_of(outputs: xr.Dataset) -> dict[str, np.ndarray]:
    """Columns that say what each row of a summary is.

    Parameters
    ----------
    outputs
        From `valid_outputs`; only its names and labels matter.

    Returns
    -------
    dict
        The columns `KEYS`; rows run over series, then scenarios, then years.
    """
    keys: dict[str, list[Any]] = {name: [] for name in KEYS}
    for told, values in series(outputs.isel(chain=slice(1), draw=slice(1))):
        names, years = values["scenario"].values, values["year"].values
        keys["scenario"] += np.repeat(names, len(years)).tolist()
        keys["year"] += np.tile(years, len(names)).tolist()
        for name in ("variable", "scope", "region", "unit"):
            keys[name] += [told.get(name, "")] * (len(names) * len(years))
    return {name: np.array(column) for name, column in keys.items()}


def table(keys: dict[str, np.ndarray], value: np.ndarray, error: np.ndarray) -> xr.Dataset:
    """Rows of a summary: what each is, its estimates and their errors.

    Parameters
    ----------
    keys
        From `keys_of`.
    value, error : units of the rows
        `[statistic, row]` in the order of `STATISTICS`.

    Returns
    -------
    Dataset
        One dim, `row`.
    """
    found = {name: ("row", column) for name, column in keys.items()}
    for place, name in enumerate(STATISTICS):
        found[name] = ("row", value[place])
    for place, name in enumerate(STATISTICS):
        found[f"mcse_{name}"] = ("row", error[place])
    return xr.Dataset(found)


def summary(run: xr.DataTree) -> xr.Dataset:
    """Means and quantiles of every quantity, scenario, region and year.

    Parameters
    ----------
    run

    Returns
    -------
    Dataset
        One dim, `row`; `scenario`, `variable`, `scope`, `region` (empty for the world), `year`
        and `unit` beside `mean`, `p05` … and `mcse_mean`, `mcse_p05` …, in the row's unit.
    """
    with xr.set_options(**EXACT):  # type: ignore[no-untyped-call]
        outputs = valid_outputs(run)
        laid = [
            values.transpose("chain", "draw", "scenario", "year").values
            for _, values in series(outputs)
        ]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = pool.map(lambda one: np.stack(estimates(one)), laid)
            parts = [one.reshape(2, len(STATISTICS), -1) for one in found]
        value, error = np.concatenate(parts, axis=-1)
        return table(keys_of(outputs), value, error)


KEYS: Final = ("scenario", "variable", "scope", "region", "year", "unit")
"""Columns that say what a row is."""

EXACT: Final[Any] = {"arithmetic_join": "exact", "keep_attrs": False}
"""Options of xarray under which `series` is to be used: labels that differ are an error."""

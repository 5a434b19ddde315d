"""The summary of a Run as an IAMC wide table, with its metadata and codelists beside it.

`Model, Scenario, Region, Variable, Unit` and a column per year: the format that `pyam` and the
databases of the integrated-assessment community read. A statistic is the last part of a variable's
name, as in the IPCC's AR6 database ("…|50.0th Percentile").
"""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from math import isnan, nan
from pathlib import Path
from typing import Any, Final

import xarray as xr

from forecast.export.tables import STATISTICS, number, recorded, summary_of, write_rows
from forecast.store import written

_CENTRES: Final = "Final Energy|Data Centres"

VARIABLES: Final[dict[str, str]] = {
    "total": "Final Energy|Data Centres and Crypto|Electricity",
    "data_centres": f"{_CENTRES}|Electricity",
    "conventional": f"{_CENTRES}|Conventional|Electricity",
    "ai": f"{_CENTRES}|AI|Electricity",
    "ai_inference": f"{_CENTRES}|AI|Inference|Electricity",
    "ai_training": f"{_CENTRES}|AI|Training|Electricity",
    "ai_customisation": f"{_CENTRES}|AI|Customisation|Electricity",
    "crypto": "Final Energy|Crypto|Electricity",
    "ai_demand": f"{_CENTRES}|AI|Electricity|Before Limits",
    "unserved": f"{_CENTRES}|AI|Electricity|Unserved",
    "share_of_world_demand": "Final Energy|Data Centres and Crypto|Electricity|Share of World",
    "emissions_location": "Emissions|Kyoto Gases|Data Centres and Crypto|Location-Based",
    "emissions_market": "Emissions|Kyoto Gases|Data Centres and Crypto|Market-Based",
    "emissions_hourly": "Emissions|Kyoto Gases|Data Centres and Crypto|Hourly Matched",
    "emissions_co2": "Emissions|CO2|Data Centres and Crypto|Location-Based",
    "renewable_share": "Renewable Share|Data Centres and Crypto|Location-Based",
    "renewable_share_market": "Renewable Share|Data Centres and Crypto|Market-Based",
    "renewable_share_of_growth": "Renewable Share|Data Centres and Crypto|Growth|Location-Based",
    "renewable_share_of_growth_market": (
        "Renewable Share|Data Centres and Crypto|Growth|Market-Based"
    ),
    "workloads": "Activity|Data Centres|Conventional|Workloads",
    "pue": "Power Usage Effectiveness|Data Centres",
    "load_factor": "Load Factor|Data Centres",
    "installed_capacity_hyperscale": "Capacity|Data Centres|Hyperscale",
    "installed_capacity_colocation": "Capacity|Data Centres|Colocation",
    "installed_capacity_enterprise": "Capacity|Data Centres|Enterprise",
}
"""Variable of the summary → IAMC variable, before the statistic."""

SUFFIXES: Final[dict[str, str]] = {
    "mean": "Mean",
    "p05": "5th Percentile",
    "p10": "10th Percentile",
    "p50": "Median",
    "p90": "90th Percentile",
    "p95": "95th Percentile",
}
"""Statistic → last part of an IAMC variable; its Monte Carlo standard error stands behind it."""

ERROR: Final = "Monte Carlo Standard Error"
"""Part of the name behind the statistic that it is the error of."""

REGIONS: Final[dict[str, str]] = {
    "": "World",
    "united_states": "United States",
    "china": "China",
    "europe": "Europe",
    "asia_pacific": "Other Asia Pacific",
    "rest_of_world": "Rest of World",
}
"""Region of the summary → IAMC region."""

UNITS: Final[dict[str, str]] = {
    "TWh": "TWh/yr",
    "MtCO2": "Mt CO2/yr",
    "MtCO2e": "Mt CO2-equiv/yr",
    "GW": "GW",
    "1": "",
}
"""Unit of the summary → IAMC unit; a bare number has none."""

type Row = tuple[str, ...]


def iamc(run: xr.DataTree, path: Path) -> list[Path]:
    """Write the summary of a Run as an IAMC table, its metadata and its codelists.

    Parameters
    ----------
    run
    path
        Of the table, `x.csv`; beside it come `x.meta.csv`, which `pyam` takes with `load_meta`,
        and `x.definitions/`, which `nomenclature` validates against.

    Returns
    -------
    list of Path
        The table, the metadata, the codelists of variables and of regions.

    Raises
    ------
    ValueError
        If a variable, unit or region has no name in the format.
    """
    summary = summary_of(run)
    model = f"forecast {run.attrs['forecast_version']}"
    lists = path.with_name(f"{path.stem}.definitions")
    meta = path.with_name(f"{path.stem}.meta.csv")
    variables, regions = lists / "variable/variables.yaml", lists / "region/regions.yaml"
    # All is made before anything is written, so that a name that is missing leaves nothing behind.
    table = tuple(wide_rows(summary, model))
    codes = variable_codelist(summary)
    written(path, partial(write_rows, rows=table))
    written(meta, partial(write_rows, rows=meta_rows(run.attrs, summary, model)))
    for file, text in ((variables, codes), (regions, region_codelist(summary))):
        file.parent.mkdir(parents=True, exist_ok=True)
        written(file, partial(Path.write_text, data=text, encoding="utf-8"))
    return [path, meta, variables, regions]


def _named(table: Mapping[str, str], word: str, what: str) -> str:
    if word not in table:
        raise ValueError(f"the {what} {word!r} has no name in the IAMC format; {list(table)} have")
    return table[word]


def _statistics() -> Iterator[tuple[str, str]]:
    """Column of the summary and its part of the name, values first."""
    for name in STATISTICS:
        yield name, SUFFIXES[name]
    for name in STATISTICS:
        yield f"mcse_{name}", f"{SUFFIXES[name]}|{ERROR}"


def wide_rows(summary: xr.Dataset, model: str) -> Iterator[Row]:
    """Rows of the table, heads first; a series without any value has no row.

    Parameters
    ----------
    summary
        From `analysis.summary`.
    model
        Name of the model.

    Yields
    ------
    tuple of str

    Raises
    ------
    ValueError
        If a variable, unit or region has no name in the format.
    """
    years = sorted(set(summary["year"].values.tolist()))
    yield ("Model", "Scenario", "Region", "Variable", "Unit", *map(str, years))
    keys = ("scenario", "variable", "region", "unit")
    texts = [summary[name].values.astype(str).tolist() for name in keys]
    series: dict[Row, list[int]] = {}
    for row, key in enumerate(zip(*texts, strict=True)):
        series.setdefault(key, []).append(row)
    values = {name: summary[name].values.tolist() for name, _ in _statistics()}
    for (scenario, variable, region, unit), rows in series.items():
        place = _named(REGIONS, region, "region")
        said, measured = _named(VARIABLES, variable, "variable"), _named(UNITS, unit, "unit")
        by_year = dict(zip(summary["year"].values[rows].tolist(), rows, strict=True))
        for name, suffix in _statistics():
            found = [values[name][by_year[year]] if year in by_year else nan for year in years]
            if not all(map(isnan, found)):
                head = (model, scenario, place, f"{said}|{suffix}", measured)
                yield (*head, *map(number, found))


def meta_rows(attributes: Mapping[Any, Any], summary: xr.Dataset, model: str) -> tuple[Row, ...]:
    """Rows of the metadata: what identifies the Run, by model and scenario.

    Parameters
    ----------
    attributes
        Of the root of the Run.
    summary
    model

    Returns
    -------
    tuple of tuple of str
        Heads first.
    """
    told = recorded(attributes)
    scenarios = list(dict.fromkeys(summary["scenario"].values.astype(str).tolist()))
    whole = told.pop("title", "")
    # A Run joins the titles of its scenarios; a title with a semicolon leaves them joined.
    apart = whole.split("; ")
    titles = apart if len(apart) == len(scenarios) else [whole] * len(scenarios)
    rows = zip(scenarios, titles, strict=True)
    heads = ("model", "scenario", "title", *told)
    return (heads, *((model, scenario, title, *told.values()) for scenario, title in rows))


def variable_codelist(summary: xr.Dataset) -> str:
    """Codelist of the variables, as `nomenclature` reads it.

    Parameters
    ----------
    summary

    Returns
    -------
    str
        YAML.

    Raises
    ------
    ValueError
        If a variable or unit has no name in the format.
    """
    lines: list[str] = []
    keys = [summary[name].values.astype(str).tolist() for name in ("variable", "unit", "scope")]
    seen: dict[str, tuple[str, list[str]]] = {}
    for variable, unit, scope in zip(*keys, strict=True):
        scopes = seen.setdefault(variable, (unit, []))[1]
        if scope not in scopes:
            scopes.append(scope)
    for variable, (unit, scopes) in seen.items():
        said, measured = _named(VARIABLES, variable, "variable"), _named(UNITS, unit, "unit")
        for _, suffix in _statistics():
            lines += [
                f"- {json.dumps(f'{said}|{suffix}')}:",
                f"    description: {json.dumps(_description(suffix, variable, scopes))}",
                f"    unit: {json.dumps(measured)}",
            ]
    return "\n".join(lines) + "\n"


def _description(suffix: str, variable: str, scopes: list[str]) -> str:
    # nomenclature refuses colons and semicolons in a description.
    told = f"{suffix} over draws of {variable}. {', or by region '.join(scopes)}"
    return told.replace(": ", ", ").replace(":", "").replace(";", ",")


def region_codelist(summary: xr.Dataset) -> str:
    """Codelist of the regions, as `nomenclature` reads it.

    Parameters
    ----------
    summary

    Returns
    -------
    str
        YAML.
    """
    found = dict.fromkeys(summary["region"].values.astype(str).tolist())
    return "\n".join(["- common:", *(f"    - {REGIONS[region]}" for region in found)]) + "\n"

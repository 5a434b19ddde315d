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
from typing import Any

import xarray as xr

from forecast.export.names import ERROR, REGIONS, SUFFIXES, UNITS, VARIABLES
from forecast.export.tables import STATISTICS, number, recorded, summary_of, write_rows
from forecast.files import written

META, DEFINITIONS = ".meta.csv", ".definitions"
"""Endings, after the table's stem, of its metadata and of the folder of its codelists."""

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
    lists = path.with_name(f"{path.stem}{DEFINITIONS}")
    meta = path.with_name(f"{path.stem}{META}")
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

"""What an analysis found, kept in the folder of its run: a netCDF file and CSV tables."""

import csv
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np
import xarray as xr

from forecast.files import written

FOLDER: Final = "analysis"
"""Folder of a run in which results lie; no digest of the run covers it."""


def keep(found: xr.Dataset, folder: Path, name: str) -> list[Path]:
    """Write a result into the folder of its run.

    Parameters
    ----------
    found
        Any Dataset; variables of the same dims become one table, a row per combination.
    folder
        Of the run.
    name
        Of the files.

    Returns
    -------
    list of Path
        The netCDF file, then the tables.
    """
    home = folder / FOLDER
    home.mkdir(exist_ok=True)
    file = home / f"{name}.nc"
    written(file, lambda there: found.to_netcdf(there, engine="h5netcdf"))
    return [file, *write_tables(found, home, name)]


def write_tables(found: xr.Dataset, home: Path, name: str) -> list[Path]:
    """Write a Dataset as CSV: variables of the same dims are one table.

    Parameters
    ----------
    found
        Any Dataset.
    home
        Folder, which is there.
    name
        Of the files; where there are several, each with its dims behind it.

    Returns
    -------
    list of Path
    """
    ordered = sorted(found.data_vars, key=lambda one: (len(found[one].dims), found[one].dims))
    groups = [list(one) for _, one in groupby(ordered, key=lambda one: found[one].dims)]
    groups = [one for one in groups if found[one[0]].dims]
    files = []
    for variables in groups:
        dims = "-".join(str(dim) for dim in found[variables[0]].dims)
        table = home / (f"{name}.csv" if len(groups) == 1 else f"{name}-{dims}.csv")
        written(table, partial(_table, found[[str(one) for one in variables]]))
        files.append(table)
    return files


def _table(found: xr.Dataset, file: Path) -> None:
    first = next(iter(found.data_vars.values()))
    shape = first.shape
    grid = np.indices(shape).reshape(len(shape), -1)
    columns = {}
    for axis, dim in enumerate(first.dims):
        labels = found[dim].values if dim in found.coords else np.arange(shape[axis])
        columns[str(dim)] = labels[grid[axis]]
        for name, coordinate in found.coords.items():
            if coordinate.dims == (dim,) and name != dim:
                columns[str(name)] = coordinate.values[grid[axis]]
    columns |= {str(name): values.values.reshape(-1) for name, values in found.data_vars.items()}
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(map(_cell, one) for one in columns.values()), strict=True))


def _cell(value: object) -> object:
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.7g}"
    return value

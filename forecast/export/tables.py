"""The summary of a Run as a long table, one row per scenario, variable, region and year."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import xarray as xr

from forecast.files import written

if TYPE_CHECKING:
    import pyarrow as pa

KEYS: Final = ("scenario", "variable", "scope", "region", "year", "unit")
"""Columns that say what a row is; `region` is empty for the world."""

STATISTICS: Final = ("mean", "p05", "p10", "p50", "p90", "p95")
"""Columns of estimates."""

ERRORS: Final = {"mcse": "mcse_p50"} | {
    f"mcse_{name}": f"mcse_{name}" for name in STATISTICS if name != "p50"
}
"""Column → variable of the summary, for the Monte Carlo standard errors; `mcse` is the median's."""

DESCRIPTIONS: Final = {
    "scope": "what the number covers",
    "region": "empty for the world",
    "year": "calendar year",
    "unit": "of the estimates and errors in the row",
    "mean": "mean over valid draws",
    "mcse": "Monte Carlo standard error of p50",
}
"""Column → what it holds, where its name does not say it."""

RECORDED: Final = (
    "title",
    "forecast_version",
    "code_digest",
    "key",
    "method",
    "seed",
    "chains",
    "draws_per_chain",
    "draws",
    "failed",
    "precision",
)
"""Attributes of a Run that go along with a table."""


def columns(summary: xr.Dataset) -> dict[str, np.ndarray]:
    """Columns of the table in their order.

    Parameters
    ----------
    summary
        From `analysis.summary`.

    Returns
    -------
    dict of str to array
        All of one length; whatever else the summary holds by row comes last.
    """
    source = {name: name for name in (*KEYS, *STATISTICS)} | ERRORS
    used = set(source.values())
    rest = {str(name): str(name) for name in summary.data_vars if str(name) not in used}
    return {name: summary[one].values for name, one in (source | rest).items()}


def number(value: float) -> str:
    """Write a number with nine digits, and nothing where there is none.

    Parameters
    ----------
    value : any unit

    Returns
    -------
    str
    """
    return "" if np.isnan(value) else f"{value:.9g}"


def _texts(column: np.ndarray) -> list[str]:
    if column.dtype.kind == "f":
        return [number(value) for value in column.tolist()]
    return [str(value) for value in column.tolist()]


def summary_csv(summary: xr.Dataset, path: Path) -> None:
    """Write the summary of a Run as a long table.

    Parameters
    ----------
    summary
        From `analysis.summary`.
    path
        Replaced if it is there.
    """
    found = columns(summary)
    rows = zip(*(_texts(column) for column in found.values()), strict=True)
    written(path, lambda partial: write_rows(partial, (tuple(found), *rows)))


def write_rows(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    """Write rows of text as CSV in UTF-8 with bare line feeds.

    Parameters
    ----------
    path
    rows
        The heads among them.
    """
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def recorded(attributes: Mapping[Any, Any]) -> dict[str, str]:
    """Pick what identifies a Run from its attributes, as text.

    Parameters
    ----------
    attributes
        Of the root of a Run.

    Returns
    -------
    dict of str to str
    """
    return {name: str(attributes[name]) for name in RECORDED if name in attributes}


def table_csv(run: xr.DataTree, path: Path) -> list[Path]:
    """Write the summary of a Run as CSV.

    Parameters
    ----------
    run
    path

    Returns
    -------
    list of Path
        The file.
    """
    summary_csv(summary_of(run), path)
    return [path]


def table_parquet(run: xr.DataTree, path: Path) -> list[Path]:
    """Write the summary of a Run as Parquet; the schema says what each column holds.

    Parameters
    ----------
    run
    path

    Returns
    -------
    list of Path
        The file.
    """
    # Half a second that a start of the command line does not pay.
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = columns(summary_of(run))
    arrays = [pa.array(column, from_pandas=True) for column in found.values()]
    fields = [_field(name, one.type) for name, one in zip(found, arrays, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, recorded(run.attrs)))
    written(path, lambda partial: pq.write_table(table, partial))
    return [path]


def _field(name: str, kind: "pa.DataType") -> "pa.Field":
    import pyarrow as pa

    told = {"description": DESCRIPTIONS[name]} if name in DESCRIPTIONS else {}
    if name == "year":
        told["units"] = "yr"
    elif name not in KEYS:
        told |= {"units": "in the column unit", "scope": "in the column scope"}
    return pa.field(name, kind, metadata=told or None)


def summary_of(run: xr.DataTree) -> xr.Dataset:
    """Take the summary that a delivered Run carries.

    Parameters
    ----------
    run

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If it has none.
    """
    if "summary" not in run.children:
        raise ValueError("this run carries no summary; run it again with this version of forecast")
    return run["summary"].to_dataset()

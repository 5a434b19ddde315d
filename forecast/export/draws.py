"""The outputs of a Run draw by draw: wide, a column per output, or long, a row per number."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import xarray as xr

from forecast.export.tables import recorded, write_rows
from forecast.files import written
from forecast.store import outputs_group, stats_group

if TYPE_CHECKING:
    import pyarrow as pa

type Form = Literal["wide", "long"]

BEFORE: Final = ("chain", "draw", "scenario", "year")
"""Dimensions of the rows; every other dimension of an output becomes part of a column's name."""

SPLIT: Final = "demand"
"""Output whose columns bear the names of its segments alone, as in the summary."""

REGIONAL: Final = "_by_region"
"""Ending that a column's name does without, as in the summary."""

COLUMNS: Final = ".columns.csv"
"""Ending, after the table's stem, of what says what the columns of a wide CSV are."""

type Column = tuple[str, np.ndarray, dict[str, str]]
"""Name; values `[chain, draw, year]`; unit, scope and meaning."""


@dataclass(frozen=True)
class Words:
    """A column of words that repeat: each kept once, with a number a row.

    Attributes
    ----------
    codes : array
        Places in `words`, `[row]`.
    words : list of str
    """

    codes: np.ndarray
    words: list[str]


type Values = np.ndarray | Words
"""A column of a table."""


def columns(outputs: xr.Dataset, scenario: int) -> Iterator[Column]:
    """Lay out the outputs of a scenario, one column per label of their further dimensions.

    Parameters
    ----------
    outputs
        The group `prior_predictive` of a Run.
    scenario
        Its number.

    Yields
    ------
    Column
    """
    for name, values in outputs.data_vars.items():
        rest = [dim for dim in values.dims if dim not in BEFORE]
        laid = values.isel(scenario=scenario).transpose("chain", "draw", "year", *rest)
        keys = {"units": "units", "scope": "scope", "description": "long_name"}
        told = {key: str(values.attrs[had]) for key, had in keys.items() if had in values.attrs}
        stem = [] if name == SPLIT else [str(name).removesuffix(REGIONAL)]
        labels = [[str(label) for label in values[dim].values] for dim in rest]
        for place, names in zip(np.ndindex(*laid.shape[3:]), product(*labels), strict=True):
            yield "_".join([*stem, *names]), laid.values[:, :, :, *place], told


def draws(run: xr.DataTree, path: Path, *, form: Form) -> list[Path]:
    """Write the outputs of a Run draw by draw.

    Parameters
    ----------
    run
    path
        Ends in ``.csv`` or ``.parquet``.
    form
        ``wide``: a row per chain, draw, scenario and year; ``long``: a row per number. Either has
        the status of the draw: those that are not valid are left out of every summary.

    Returns
    -------
    list of Path
        The file, and for a wide CSV the unit and scope of its columns in one beside it.

    Raises
    ------
    ValueError
        If the Run keeps no draws, or the file has another ending.
    """
    if outputs_group(run) not in run.children:
        raise ValueError("this run is a summary of streamed draws; it keeps none to export")
    if path.suffix not in WRITERS:
        raise ValueError(f"{path.name}: draws go to a file that ends in {', '.join(WRITERS)}")
    batches = _wide(run) if form == "wide" else _long(run)
    first = next(batches)
    schema = first.schema.with_metadata(recorded(run.attrs))

    def all_batches() -> Iterator["pa.RecordBatch"]:
        yield first
        yield from batches

    written(path, partial(WRITERS[path.suffix], batches=all_batches(), schema=schema))
    if path.suffix != ".csv" or form != "wide":
        return [path]
    beside = path.with_name(f"{path.stem}{COLUMNS}")
    written(beside, partial(write_rows, rows=_described(run)))
    return [path, beside]


def _described(run: xr.DataTree) -> list[tuple[str, ...]]:
    """Rows that say what each column of outputs holds."""
    heads = ("column", "units", "scope", "description")
    outputs = run[outputs_group(run)].to_dataset()
    found = columns(outputs, 0)
    return [heads, *((name, *(told.get(key, "") for key in heads[1:])) for name, _, told in found)]


def _rows(run: xr.DataTree, scenario: int) -> dict[str, Values]:
    """Columns that say what a row is, `[chain · draw · year]`."""
    outputs = run[outputs_group(run)].to_dataset()
    chain, draw, year = np.indices([outputs.sizes[name] for name in ("chain", "draw", "year")])
    status = run[stats_group(run)]["status"].isel(scenario=scenario)
    codes = status.transpose("chain", "draw").values[chain, draw].reshape(-1)
    return {
        "chain": chain.reshape(-1).astype(np.int32),
        "draw": draw.reshape(-1).astype(np.int32),
        "scenario": _same(str(outputs["scenario"].values[scenario]), chain.size),
        "year": outputs["year"].values[year].reshape(-1).astype(np.int32),
        "status": Words(codes, str(status.attrs["flag_meanings"]).split()),
    }


def _same(word: str, count: int) -> Words:
    return Words(np.zeros(count, np.int8), [word])


def _wide(run: xr.DataTree) -> Iterator["pa.RecordBatch"]:
    outputs = run[outputs_group(run)].to_dataset()
    for scenario in range(outputs.sizes["scenario"]):
        told: dict[str, dict[str, str]] = {"year": {"units": "yr"}}
        found = _rows(run, scenario)
        for name, values, attributes in columns(outputs, scenario):
            found[name], told[name] = values.reshape(-1), attributes
        yield _batch(found, told)


def _long(run: xr.DataTree) -> Iterator["pa.RecordBatch"]:
    outputs = run[outputs_group(run)].to_dataset()
    told = {
        "year": {"units": "yr"},
        "value": {"units": "in the column unit", "scope": "in the column scope"},
    }
    for scenario in range(outputs.sizes["scenario"]):
        rows = _rows(run, scenario)
        for name, values, attributes in columns(outputs, scenario):
            said = {
                "variable": _same(name, values.size),
                "unit": _same(attributes.get("units", ""), values.size),
                "scope": _same(attributes.get("scope", ""), values.size),
            }
            yield _batch(rows | said | {"value": values.reshape(-1)}, told)


def _batch(found: dict[str, Values], told: dict[str, dict[str, str]]) -> "pa.RecordBatch":
    # A fifth of a second that a start of the command line does not pay.
    import pyarrow as pa

    arrays = [
        pa.DictionaryArray.from_arrays(pa.array(values.codes), pa.array(values.words))
        if isinstance(values, Words)
        else pa.array(values, from_pandas=True)
        for values in found.values()
    ]
    fields = [
        pa.field(name, one.type, metadata=told.get(name))
        for name, one in zip(found, arrays, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def _write_parquet(path: Path, *, batches: Iterator["pa.RecordBatch"], schema: Any) -> None:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, schema) as writer:
        for one in batches:
            writer.write_batch(one)


def _write_csv(path: Path, *, batches: Iterator["pa.RecordBatch"], schema: Any) -> None:
    import pyarrow.csv as pv

    options = pv.WriteOptions(quoting_style="needed")
    with pv.CSVWriter(path, schema, write_options=options) as writer:
        for one in batches:
            writer.write_batch(one)


WRITERS: Final[dict[str, Callable[..., None]]] = {".csv": _write_csv, ".parquet": _write_parquet}
"""Ending of the file → what writes it."""

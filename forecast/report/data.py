"""Which draws and numbers of a Run go into its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast.analysis.discovery import meanings_of
from forecast.analysis.discovery_words import meaning_of
from forecast.analysis.summary import SUMMED
from forecast.axes import REGIONS, SEGMENTS
from forecast.figures.names import named
from forecast.figures.notes import basis_of
from forecast.report.beside import labelled, observed_of, whole_of
from forecast.report.draws import Draws, draws_of, drivers
from forecast.report.pack import Grid, embedded, grid, packed, quantised

FIRST: Final = (
    *SEGMENTS,
    *SUMMED,
    "emissions_location",
    "share_of_world_demand",
    "unserved",
    "renewable_share",
    "emissions_market",
    "ai_demand",
    "pue",
)
"""Variables in the order in which they are given room; others follow as the run has them."""

FEWEST: Final = 250
"""Draws below which room is not sought. (definition)"""


@dataclass(frozen=True)
class Packed:
    """A Run as the page holds it.

    Attributes
    ----------
    told : dict
        For JSON: names, units, scopes and scales.
    text : str
        From `packed`: inputs, then each scenario's series year by year. Scenarios after the first
        hold what is to be added to the first.
    """

    told: dict[str, Any]
    text: str


def report_data(
    run: xr.DataTree,
    name: str,
    draws: int,
    room: int,
    variables: Sequence[str] = (),
    audits: Sequence[dict[str, Any]] = (),
) -> Packed:
    """Choose and pack what the page shows of a Run.

    Parameters
    ----------
    run
    name
        What the page calls it.
    draws
        At most; half of them, and half again, where the segments find no room.
    room : byte
        For the packed numbers; variables that find none are left out, and named.
    variables
        In the order in which they are given room; `FIRST` if none is given.
    audits
        From `audit_data`, of scenarios of the run.

    Returns
    -------
    Packed

    Raises
    ------
    ValueError
        If the run keeps no draws, too few, or has no such variable.
    """
    while True:
        found = _packed_run(run, name, draws_of(run, draws), room, (variables, audits))
        held = {one["variable"] for one in found.told["series"]}
        # Fewer draws of all that a reader looks for first, before many draws of a part of it.
        if variables or held.issuperset(SEGMENTS) or draws <= 2 * FEWEST:
            return found
        draws //= 2


def _packed_run(
    run: xr.DataTree,
    name: str,
    held: Draws,
    room: int,
    asked: tuple[Sequence[str], Sequence[dict[str, Any]]],
) -> Packed:
    """Pack these draws; `asked` are the variables, and the audits."""
    series = _series(held.rows, asked[0])
    order = drivers(held, series)
    x = held.x[:, order]
    grids = [grid(column) for column in x.T]
    columns = [quantised(column, one) for column, one in zip(x.T, grids, strict=True)]
    told: dict[str, Any] = {
        "name": name,
        "title": str(run.attrs.get("title", "")),
        "basis": basis_of(run.attrs, held.scenarios),
        "attrs": _attrs(run),
        "labels": {one: named(one) for one in REGIONS},
        "segments": list(SEGMENTS),
        "observed": observed_of(run, series, held.rows),
        "audits": list(asked[1]),
        "scenarios": list(held.scenarios),
        "draws": len(x),
        "of": int(run.attrs.get("draws", len(x))),
        "inputs": _inputs(run, held, order, grids),
        "inputs_of": len(held.inputs),
        "whole": whole_of(run),
    }
    first = np.array(columns, np.uint16).reshape(len(columns), len(x))
    free = room - len(packed(first)) - len(embedded(told))
    kept, left, blocks = _fitted(held, series, free, len(columns))
    shown = sorted(kept, key=lambda one: _place(one["variable"]))
    return Packed(told | {"series": shown, "left": left}, packed(np.vstack([first, *blocks])))


def _inputs(
    run: xr.DataTree, held: Draws, order: list[int], grids: list[Grid]
) -> list[dict[str, Any]]:
    """What is said of the inputs that the page holds."""
    meanings = meanings_of(run)
    return [
        {
            "name": held.inputs[at],
            "unit": held.units[at],
            "label": meaning_of(held.inputs[at], meanings),
            "grid": list(one),
        }
        for at, one in zip(order, grids, strict=True)
    ]


def _fitted(
    held: Draws, series: list[np.ndarray], free: int, at: int
) -> tuple[list[dict[str, Any]], list[dict[str, str]], list[np.ndarray]]:
    """Series that find room, from column `at` on; those that find none; and their columns.

    A sum of segments that are there takes no room: the page adds them up.
    """
    kept: list[dict[str, Any]] = []
    left: list[dict[str, str]] = []
    blocks: list[np.ndarray] = []
    for outcomes in series:
        ours, block = _packed_series(held, outcomes)
        there = {one["variable"] for one in kept if not one["region"]}
        parts = _parts(ours["variable"]) if not ours["region"] else ()
        if parts and there.issuperset(parts):
            del ours["grids"]
            kept.append(ours | {"sum": list(parts)})
            continue
        size = len(packed(block)) + len(embedded(ours))
        if kept and size > free:
            left.append({key: ours[key] for key in ("variable", "region")})
            continue
        free -= size
        kept.append(ours | {"at": at})
        blocks.append(block)
        at += len(block)
    return kept, left, blocks


def _parts(variable: str) -> tuple[str, ...]:
    """Segments that a variable is the sum of, if it is one."""
    found = SUMMED.get(variable, ())
    return SEGMENTS if isinstance(found, slice) else tuple(found)


def _place(variable: str) -> int:
    """Where a variable stands among those that the page offers."""
    order = (*SUMMED, *FIRST)
    return order.index(variable) if variable in order else len(order)


def _attrs(run: xr.DataTree) -> dict[str, str]:
    names = ("key", "method", "seed", "draws", "failed", "forecast_version")
    return {name: str(run.attrs[name]) for name in names if name in run.attrs}


def _series(rows: dict[str, np.ndarray], variables: Sequence[str]) -> list[np.ndarray]:
    """Numbers of the outcomes of each variable and region, in the order they are given room."""
    columns = (rows[name].tolist() for name in ("variable", "region"))
    pairs = list(dict.fromkeys(zip(*columns, strict=True)))
    known = list(dict.fromkeys(one for one, _ in pairs))
    if missing := [one for one in variables if one not in known]:
        from difflib import get_close_matches

        near = get_close_matches(missing[0], known, n=1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        raise ValueError(f'no variable "{missing[0]}"{hint}, expected one of {", ".join(known)}')
    wanted = list(variables) or [*FIRST, *(one for one in known if one not in FIRST)]
    chosen = sorted(
        (one for one in pairs if one[0] in wanted), key=lambda one: wanted.index(one[0])
    )
    return [
        np.flatnonzero((rows["variable"] == variable) & (rows["region"] == region))
        for variable, region in chosen
    ]


def _packed_series(held: Draws, outcomes: np.ndarray) -> tuple[dict[str, Any], np.ndarray]:
    """What JSON says of a series, and its steps: `[scenario × year, draw]`.

    Scenarios after the first are held as differences from it, which are exact where they are zero
    and fine where they are small.
    """
    first, others = held.y[:1, :, outcomes], held.y[1:, :, outcomes]
    columns = np.concatenate([first, others - first]).transpose(0, 2, 1)
    columns = columns.reshape(-1, columns.shape[-1])
    grids = [grid(one) for one in columns]
    steps = [quantised(one, on) for one, on in zip(columns, grids, strict=True)]
    told = {
        key: str(held.rows[key][outcomes[0]]) for key in ("variable", "region", "unit", "scope")
    }
    told |= labelled(told["variable"])
    numbers = {"years": held.rows["year"][outcomes].tolist(), "grids": [list(one) for one in grids]}
    return told | numbers, np.stack(steps)

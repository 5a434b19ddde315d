"""Which draws and numbers of a Run go into its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast.analysis.ensemble import LEAST_DRAWS, ensemble_rows, inputs_of
from forecast.analysis.summary import EXACT
from forecast.report.pack import embedded, packed, quantised, scale
from forecast.store import inputs_group, stats_group

SEED: Final = 1
"""Of the choice of draws of a posterior. (definition)"""

INPUTS: Final = 40
"""Inputs of the page: those whose ranks follow the outcomes most closely. (definition)"""

FIRST: Final = (
    "total",
    "data_centres",
    "ai",
    "conventional",
    "crypto",
    "emissions_location",
    "share_of_world_demand",
    "unserved",
    "ai_inference",
    "ai_training",
    "ai_customisation",
)
"""Variables in the order in which they are given room; others follow as the run has them."""


@dataclass(frozen=True)
class Packed:
    """A Run as the page holds it.

    Attributes
    ----------
    told : dict
        For JSON: names, units, scopes and scales.
    text : str
        From `packed`: inputs, then each scenario's series year by year. Scenarios after the first
        hold what is to be added to the first, in steps.
    """

    told: dict[str, Any]
    text: str


@dataclass(frozen=True)
class Draws:
    """Draws that are valid in all scenarios of a Run.

    Attributes
    ----------
    scenarios : tuple of str
    rows : dict
        `variable`, `region`, `year`, `unit` and `scope` of each outcome.
    y : array
        `[scenario, draw, outcome]`.
    inputs, units : tuple of str
    x : array
        `[draw, input]`, of the first scenario.
    """

    scenarios: tuple[str, ...]
    rows: dict[str, np.ndarray]
    y: np.ndarray
    inputs: tuple[str, ...]
    units: tuple[str, ...]
    x: np.ndarray


def draws_of(run: xr.DataTree, most: int) -> Draws:
    """Take the draws that the page holds.

    Of a design the first of each chain, which are a design themselves; of a posterior, whose order
    means nothing, some by chance.

    Parameters
    ----------
    run
    most
        Draws at most.

    Returns
    -------
    Draws

    Raises
    ------
    ValueError
        If the run keeps no draws, or too few of them are valid in all scenarios.
    """
    if inputs_group(run) not in run.children:
        raise ValueError("the run keeps no draws (--summary-only); run it without that")
    stats, group = run[stats_group(run)].to_dataset(), run[inputs_group(run)].to_dataset()
    names = tuple(str(one) for one in stats["scenario"].values)
    valid = (stats["status"].values == 0).all(axis=-1)
    chosen = _chosen(valid, most, by_chance=inputs_group(run) == "posterior")
    if chosen.size < LEAST_DRAWS:
        raise ValueError(
            f"{chosen.size} draws are too few for a report, at least {LEAST_DRAWS} that are valid"
            " in every scenario"
        )
    with xr.set_options(**EXACT):  # type: ignore[no-untyped-call]
        found = [ensemble_rows(run, name, (), 0) for name in names]
    inputs, units, x = inputs_of(group, 0)
    y = np.stack([one[chosen] for _, one in found])
    return Draws(names, found[0][0], y, inputs, units, x[chosen])


def _chosen(valid: np.ndarray, most: int, *, by_chance: bool) -> np.ndarray:
    """Number the draws to keep, `[chain, draw]` laid flat."""
    places = np.arange(valid.size).reshape(valid.shape)
    if by_chance:
        all_ = places[valid]
        rng = np.random.default_rng(SEED)
        return np.sort(rng.choice(all_, min(most, all_.size), replace=False))
    each = max(1, most // valid.shape[0])
    return np.concatenate(
        [row[ours][:each] for row, ours in zip(places, valid, strict=True)]
    )[:most]


def report_data(
    run: xr.DataTree, name: str, draws: int, room: int, variables: Sequence[str] = ()
) -> Packed:
    """Choose and pack what the page shows of a Run.

    Parameters
    ----------
    run
    name
        What the page calls it.
    draws
        At most.
    room : byte
        For the packed numbers; variables that find none are left out, and named.
    variables
        In the order in which they are given room; `FIRST` if none is given.

    Returns
    -------
    Packed

    Raises
    ------
    ValueError
        If the run keeps no draws, too few, or has no such variable.
    """
    held = draws_of(run, draws)
    series = _series(held.rows, variables)
    order = _drivers(held, series)
    x = held.x[:, order]
    scales = [scale(column) for column in x.T]
    columns = [quantised(column, *one) for column, one in zip(x.T, scales, strict=True)]
    told_inputs = [
        {"name": held.inputs[at], "unit": held.units[at], "least": least, "step": step}
        for at, (least, step) in zip(order, scales, strict=True)
    ]
    told: dict[str, Any] = {
        "name": name,
        "title": str(run.attrs.get("title", "")),
        "attrs": _attrs(run),
        "scenarios": list(held.scenarios),
        "draws": len(x),
        "of": int(run.attrs.get("draws", len(x))),
        "inputs": told_inputs,
        "whole": _whole(run),
    }
    blocks = [np.array(columns, np.uint16).reshape(len(columns), len(x))]
    used = len(packed(blocks[0])) + len(embedded(told))
    kept, left = [], []
    for outcomes in series:
        ours, block = _packed_series(held, outcomes)
        size = len(packed(block)) + len(embedded(ours))
        if kept and used + size > room:
            left.append({key: ours[key] for key in ("variable", "region")})
            continue
        used += size
        kept.append(ours)
        blocks.append(block)
    return Packed(told | {"series": kept, "left": left}, packed(np.vstack(blocks)))


def _attrs(run: xr.DataTree) -> dict[str, str]:
    names = ("basis", "notes", "key", "method", "seed", "draws", "failed", "forecast_version")
    return {name: str(run.attrs[name]) for name in names if name in run.attrs}


def _series(rows: dict[str, np.ndarray], variables: Sequence[str]) -> list[np.ndarray]:
    """Numbers of the outcomes of each variable and region, in the order they are given room."""
    pairs = list(dict.fromkeys(zip(rows["variable"].tolist(), rows["region"].tolist())))
    known = list(dict.fromkeys(one for one, _ in pairs))
    if missing := [one for one in variables if one not in known]:
        from difflib import get_close_matches

        near = get_close_matches(missing[0], known, n=1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        raise ValueError(
            f'no variable "{missing[0]}"{hint}, expected one of {", ".join(known)}'
        )
    wanted = list(variables) or [*FIRST, *(one for one in known if one not in FIRST)]
    chosen = sorted(
        (one for one in pairs if one[0] in wanted), key=lambda one: wanted.index(one[0])
    )
    return [
        np.flatnonzero((rows["variable"] == variable) & (rows["region"] == region))
        for variable, region in chosen
    ]


def _packed_series(held: Draws, outcomes: np.ndarray) -> tuple[dict[str, Any], np.ndarray]:
    """What JSON says of a series, and its steps: `[scenario × year, draw]`."""
    scales = [scale(held.y[:, :, one]) for one in outcomes]
    steps = np.stack(
        [
            quantised(held.y[:, :, at], *one)
            for at, one in zip(outcomes, scales, strict=True)
        ],
        axis=1,
    )
    steps[1:] -= steps[0]  # whole steps wrap round, as the page undoes
    first = outcomes[0]
    told = {key: str(held.rows[key][first]) for key in ("variable", "region", "unit", "scope")}
    numbers = {
        "years": held.rows["year"][outcomes].tolist(),
        "least": [least for least, _ in scales],
        "step": [step for _, step in scales],
    }
    return told | numbers, steps.reshape(-1, steps.shape[-1])


def _drivers(held: Draws, series: list[np.ndarray]) -> list[int]:
    """Inputs whose ranks follow any series most closely in its last year, in any scenario."""
    from scipy.stats import rankdata

    last = held.y[:, :, [one[-1] for one in series]]
    outcomes = np.concatenate(list(last), axis=1)
    # A column with a gap tells nothing here; its ranks would be of other draws.
    outcomes = outcomes[:, np.isfinite(outcomes).all(axis=0)]
    if not outcomes.shape[1] or not held.inputs:
        return list(range(len(held.inputs)))[:INPUTS]
    tied = np.abs(_standard(rankdata(held.x, axis=0)).T @ _standard(rankdata(outcomes, axis=0)))
    return [int(one) for one in np.argsort(-tied.max(axis=1), kind="stable")[:INPUTS]]


def _standard(ranks: np.ndarray) -> np.ndarray:
    """Ranks with mean zero and length one; zeros where all are the same."""
    apart = ranks - ranks.mean(axis=0)
    length = np.sqrt((apart**2).sum(axis=0))
    return np.asarray(np.divide(apart, length, out=np.zeros_like(apart), where=length > 0))


def _whole(run: xr.DataTree) -> list[dict[str, Any]]:
    """Quantiles of all draws of the run, from its summary: those of regions among them."""
    table = run["summary"].to_dataset()
    names = ("scenario", "variable", "region", "unit", "scope", "year")
    shares = ("mean", "p05", "p10", "p50", "p90", "p95")
    columns = {name: table[name].values.tolist() for name in (*names, *shares)}
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for at in range(table.sizes["row"]):
        key = tuple(columns[name][at] for name in names[:3])
        start = {name: columns[name][at] for name in names[:5]} | {
            name: [] for name in ("year", *shares)
        }
        one = found.setdefault(key, start)
        one["year"].append(columns["year"][at])
        for share in shares:
            value = float(columns[share][at])
            one[share].append(float(f"{value:.6g}") if np.isfinite(value) else None)
    return list(found.values())

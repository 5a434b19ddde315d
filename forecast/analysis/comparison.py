"""Paired differences between scenarios, with errors of their own."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.paired import Paired
from forecast.grammar import Place

QUANTILES: Final = {"p05": 0.05, "p10": 0.10, "p50": 0.50, "p90": 0.90, "p95": 0.95}
SHOWN_INPUTS: Final = 3
"""Inputs told of draws whose order flips. (definition)"""


def comparison(found: Paired, baseline: str) -> xr.Dataset:
    """Differences of every scenario from a baseline, draw by draw.

    What both share (inputs, noise, the points of the design) falls out of a paired difference, so
    its Monte Carlo error is far below that of either level.

    Parameters
    ----------
    found
    baseline
        Name of the scenario that the others are compared with.

    Returns
    -------
    Dataset
        Dims scenario (all but the baseline), outcome; coordinates `variable`, `region`, `year`,
        `unit`. `mean`, quantiles of the difference, `mcse` of the mean, `mcse_p50` of the median
        and `mcse_unpaired` that two unpaired runs would have, `base_mean`, `relative` (mean over
        that of the baseline), `lower` and `higher` (shares of draws), `mcse_lower`.

    Raises
    ------
    ValueError
        If there is no such scenario.

    References
    ----------
    Common random numbers: Owen (2013), Monte Carlo theory, methods and examples, section 8.6.
    """
    place = scenario_place(found.scenarios, baseline)
    others = [number for number in range(len(found.scenarios)) if number != place]
    base = found.y[place]
    columns: dict[str, list[np.ndarray]] = {}
    for number in others:
        apart = found.y[number] - base
        told = _difference(apart, found.chain)
        level = mean(base)
        with np.errstate(divide="ignore", invalid="ignore"):
            told["relative"] = np.where(level != 0, mean(apart) / level, np.nan)
        told["base_mean"] = level
        both = (chain_error(found.y[number], found.chain), chain_error(base, found.chain))
        told["mcse_unpaired"] = np.hypot(*both)
        for name, values in told.items():
            columns.setdefault(name, []).append(values)
    coords = {
        name: ("outcome", found.rows[name]) for name in ("variable", "region", "year", "unit")
    }
    names = [found.scenarios[number] for number in others]
    data = {name: (("scenario", "outcome"), np.stack(rows)) for name, rows in columns.items()}
    told_of = {"baseline": baseline, "draws": found.y.shape[1]}
    return xr.Dataset(data, {"scenario": names, **coords}, told_of)


def scenario_place(scenarios: Sequence[str], name: str) -> int:
    """Number of a scenario among the names of all.

    Raises
    ------
    ValueError
        If there is none of that name, with the nearest.
    """
    if name in scenarios:
        return scenarios.index(name)
    from difflib import get_close_matches

    near = get_close_matches(name, scenarios, n=1)
    hint = f' (did you mean "{near[0]}"?)' if near else ""
    raise ValueError(f'no scenario "{name}"{hint}, expected one of {", ".join(scenarios)}')


def mean(values: np.ndarray) -> np.ndarray:
    """Mean over the draws that there are, `[…]` of `[draw, …]`; NaN where there is none."""
    there = np.isfinite(values)
    count = there.sum(0)
    total = np.where(there, values, 0.0).sum(0)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def chain_error(values: np.ndarray, chain: np.ndarray) -> np.ndarray:
    """Monte Carlo error of the mean over draws: the spread of the means of independent chains.

    Parameters
    ----------
    values : any unit
        `[draw, …]`.
    chain
        `[draw]`.

    Returns
    -------
    Same unit, `[…]`; NaN where there is one chain.
    """
    each = np.stack([mean(values[chain == one]) for one in np.unique(chain)])
    if len(each) < 2:
        return np.full(each.shape[1:], np.nan)
    return np.asarray(each.std(0, ddof=1) / np.sqrt(len(each)))


def _median_error(values: np.ndarray, chain: np.ndarray) -> np.ndarray:
    """The same of the median, from the spread of the chains' own medians."""
    each = np.stack([np.nanmedian(values[chain == one], axis=0) for one in np.unique(chain)])
    if len(each) < 2:
        return np.full(each.shape[1:], np.nan)
    return np.asarray(each.std(0, ddof=1) / np.sqrt(len(each)))


def _difference(apart: np.ndarray, chain: np.ndarray) -> dict[str, np.ndarray]:
    # A quantity may be missing in a draw, as a share of growth is where there was none.
    there = np.isfinite(apart)
    kept = np.where(there.any(0), apart, 0.0)
    shares = np.nanquantile(kept, list(QUANTILES.values()), axis=0)
    shares[:, ~there.any(0)] = np.nan
    lower, higher = (np.where(there, one, np.nan) for one in (apart < 0, apart > 0))
    return {
        "mean": mean(apart),
        **dict(zip(QUANTILES, shares, strict=True)),
        "mcse": chain_error(apart, chain),
        "mcse_p50": _median_error(kept, chain),
        "lower": mean(lower),
        "higher": mean(higher),
        "mcse_lower": chain_error(lower, chain),
    }


def flips(found: Paired, baseline: str, place: Place) -> xr.Dataset:
    """Draws in which a scenario lies on the other side of the baseline than in most.

    Parameters
    ----------
    found
    baseline
    place
        Of the outcome.

    Returns
    -------
    Dataset
        By scenario: `usual` (the side of the baseline that it is on in more draws, -1 below and 1
        above; 0 where all are equal), `on_usual_side` and `flipped` (shares of draws on that side
        and on the other; in the rest both are equal), and by rank `input` with `shift`: the mean
        rank of the input among flipped draws less that among the others, in standard deviations of
        a uniform rank. Empty and NaN where no draw flips. By pair of draws, with their `chain` and
        `draw` in the run, `other_side`: 1 where it flips.

    Raises
    ------
    ValueError
        If there is no such scenario or outcome.
    """
    base = scenario_place(found.scenarios, baseline)
    found = found.having([place])
    levels = found.at(place)
    ranks = (found.x.argsort(0).argsort(0) + 0.5) / len(found.x) if found.x.size else found.x
    names, rows, others = [], [], []
    for number, name in enumerate(found.scenarios):
        if number == base:
            continue
        sign = np.sign(levels[number] - levels[base])
        usual = 1.0 if (sign > 0).sum() > (sign < 0).sum() else -1.0
        other = sign == -usual
        on_usual, on_other = float((sign == usual).mean()), float(other.mean())
        usual = usual if sign.any() else 0.0
        rows.append((on_usual, on_other, usual, *_told_apart(ranks, other)))
        names.append(name)
        others.append(other)
    count = min(SHOWN_INPUTS, len(found.inputs))
    inputs = [[found.inputs[one] for one in row[3][:count]] or [""] * count for row in rows]
    inputs = [[*row, *[""] * (count - len(row))] for row in inputs]
    shifts = [[*row[4][:count], *[np.nan] * (count - len(row[4][:count]))] for row in rows]
    return xr.Dataset(
        {
            "on_usual_side": ("scenario", [row[0] for row in rows]),
            "flipped": ("scenario", [row[1] for row in rows]),
            "usual": ("scenario", [row[2] for row in rows]),
            "input": (("scenario", "rank"), np.array(inputs, dtype=str).reshape(len(rows), count)),
            "shift": (("scenario", "rank"), np.array(shifts, float).reshape(len(rows), count)),
            "other_side": (("scenario", "pair"), np.array(others, np.int8)),
        },
        {"scenario": names, "chain": ("pair", found.chain), "draw": ("pair", found.draw)},
        {"outcome": str(place), "baseline": baseline, "draws": levels.shape[1]},
    )


def _told_apart(ranks: np.ndarray, flipped: np.ndarray) -> tuple[list[int], list[float]]:
    if not flipped.any() or flipped.all() or not ranks.size:
        return [], []
    shift = (ranks[flipped].mean(0) - ranks[~flipped].mean(0)) * np.sqrt(12.0)
    order = np.argsort(-np.abs(shift), kind="stable")
    return order.tolist(), shift[order].tolist()

"""A box, a condition and a tree in plain words."""

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import xarray as xr

from forecast.grammar import Condition

RELATED: Final = {">": "above", ">=": "at or above", "<": "below", "<=": "at or below"}

UNSTABLE: Final = 0.5
"""Share of resamples below which a limit is called unstable. (1; definition)"""

PERCENT: Final = 100.0
"""Percent in one. (%; definition)"""


def number(value: float) -> str:
    """Write a number with three digits, or whole and in groups of three where it is larger."""
    size = abs(value)
    return f"{value:,.0f}" if 1000 <= size < 1e9 else f"{value:.3g}"


def with_unit(value: float, unit: str) -> str:
    """Write a number and its unit, of which a share or ratio has none: "5 GW", "0.3/yr"."""
    return said_with(number(value), unit)


def said_with(text: str, unit: str) -> str:
    """Join a number that is written and its unit, of which a share or ratio has none."""
    if unit in ("", "1"):
        return text
    return f"{text}{unit[1:] if unit.startswith('1/') else f' {unit}'}"


def percent(share: float) -> str:
    """Write a share in percent: whole, with a decimal below ten, with no false 0 or 100."""
    value = PERCENT * share
    if not math.isfinite(value):
        return "no"
    if 0 < value < 0.1:
        return "under 0.1 %"
    if value > 99.5:
        return "100 %" if share == 1 else "over 99 %"
    return f"{value:.1f} %" if 0 < value < 9.95 else f"{value:.0f} %"


def condition_words(condition: Condition, unit: str, values: np.ndarray) -> str:
    """Say a condition: "total above 1,200 TWh in 2030".

    Parameters
    ----------
    condition
    unit
        Of its variable.
    values : unit of the variable
        `[draw]`, in which a percentile is looked up.

    Returns
    -------
    str
    """
    place = condition.place
    level = float(np.nanquantile(values, condition.value)) if condition.percentile else None
    told = with_unit(condition.value if level is None else level, unit)
    if level is not None:
        told = f"its p{PERCENT * condition.value:g} of {told}"
    where = f" of {place.region}" if place.region else ""
    name = place.variable.replace("_", " ")
    return f"{name}{where.replace('_', ' ')} {RELATED[condition.relation]} {told} in {place.year}"


def meaning_of(name: str, meanings: Mapping[str, str]) -> str:
    """Meaning of an input or of the input that it is a part of; empty if none is known."""
    return meanings.get(name) or meanings.get(name.partition("[")[0], "")


def restriction(low: float, high: float, unit: str) -> str:
    """Say limits of an input: at least the one, at most the other, or between both."""
    if np.isfinite(low) and np.isfinite(high):
        return f"between {number(low)} and {with_unit(high, unit)}"
    if np.isfinite(low):
        return f"at least {with_unit(low, unit)}"
    return f"at most {with_unit(high, unit)}"


def box_sentence(found: xr.Dataset) -> str:
    """Say a box in plain words, how often the outcome is in it, and what that does not mean.

    Parameters
    ----------
    found
        From `discover`.

    Returns
    -------
    str
        Density and coverage are of the draws that the box was not found on.
    """
    rows = found.isel(input=np.flatnonzero(found["restricted"].values))
    share = percent(float(found.attrs["share"]))
    scenario, count = found.attrs["scenario"], int(found.attrs["draws"])
    start = f"{scenario}: {found.attrs['words']} ({share} of {count:,} draws): "
    if not rows.sizes["input"]:
        return f"{start}no limit of any input tells these draws from the others."
    parts = []
    for name in rows["input"].values:
        one = rows.sel(input=name)
        low, high = (float(one["limit"].sel(side=side)) for side in ("low", "high"))
        meaning, unit = str(one["meaning"].values), str(one["unit"].values)
        told = f"{name} ({meaning})" if meaning else str(name)
        parts.append(f"{told} is {restriction(low, high, unit)}")
    held = found.sel(sample="held_out")
    return (
        f"{start}most often where {_joined(parts)}. Of the draws inside this box"
        f" {percent(float(held['density']))} have it (density), and"
        f" {percent(float(held['coverage']))} of all that have it lie inside (coverage); both are"
        f" of {int(held['draws']):,} draws that the box was not found on. {caution(found)}"
    )


def caution(found: xr.Dataset) -> str:
    """What a box does not say, and which of its limits are unstable."""
    weak = found["restricted"].values & (found["either_stability"].values < UNSTABLE)
    told = ""
    if weak.any():
        names = [str(name) for name in found["input"].values[weak]]
        told = f"Fewer than half of the resamples limit {_joined(names)}: do not rely on that. "
    tied = found.attrs["dependent"]
    why = f": {tied}, so a limit may stand for another input that goes with it" if tied else ""
    return f"{told}The box describes draws and not causes{why}."


def _joined(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def split_words(
    names: tuple[str, ...], units: tuple[str, ...]
) -> Callable[[int, float, bool], str]:
    """Make what tells a side of a split of the tree.

    Parameters
    ----------
    names, units
        Of the inputs.

    Returns
    -------
    function of input, threshold, whether above
    """

    def told(column: int, threshold: float, above: bool) -> str:
        relation = ">" if above else "<="
        return f"{names[column]} {relation} {with_unit(threshold, units[column])}"

    return told

"""Panels of the same size in rows and columns."""

from typing import Any, Final

import xarray as xr

from forecast.figures.edge import LABEL, Box
from forecast.figures.notes import NOTE
from forecast.figures.paths import QUANTILES, Paths
from forecast.figures.sheet import EDGE, SAMPLE, Sheet
from forecast.figures.style import COLOURS, DASHES, FAINT, INK, plain
from forecast.figures.text import shortened, text_width

TICKS, LAST, GUTTER, HEAD, FOOT = 9.5, 2.5, 2.0, 9.5, 6.0
"""Room left of a panel for numbers; right of it for half of its last year; distance to the next
panel; room above a panel for its title and unit, and below for its years. (mm; definition)"""

LIFT: Final = 1.1
"""Of the line of the unit over its panel. (mm; definition)"""

LEAST: Final = 28.0
"""Least width of a panel. (mm; definition)"""


def columns_of(width: float, count: int, *, most: int = 3, least: float = LEAST) -> int:
    """How many panels stand beside each other.

    Parameters
    ----------
    width : mm
        Of the figure.
    count
        Panels in all.
    most
        In one row.
    least : mm
        Width of a panel at least.

    Returns
    -------
    int
    """
    room = width - 2 * EDGE + GUTTER
    return max(1, min(count, most, int(room / (TICKS + least + LAST + GUTTER))))


def tall_of(count: int, columns: int, tall: float) -> float:
    """Height of a grid of panels, in mm, with what stands above and below each."""
    return -(-count // columns) * (HEAD + tall + FOOT)


def boxes(width: float, low: float, count: int, columns: int, tall: float) -> list[Box]:
    """Rectangles of the panels, row by row from the top.

    Parameters
    ----------
    width : mm
        Of the figure.
    low : mm
        Lower edge of the grid.
    count, columns
    tall : mm
        Height of a panel.

    Returns
    -------
    list of Box
    """
    rows = -(-count // columns)
    wide = (width - 2 * EDGE - (columns - 1) * GUTTER) / columns - TICKS - LAST
    found = []
    for place in range(count):
        row, column = divmod(place, columns)
        left = EDGE + column * (TICKS + wide + LAST + GUTTER) + TICKS
        bottom = low + FOOT + (rows - 1 - row) * (HEAD + tall + FOOT)
        found.append(Box(left, bottom, wide, tall))
    return found


def series_of(found: xr.Dataset, number: int) -> dict[str, Paths]:
    """One series of several scenarios, as a panel takes it.

    Parameters
    ----------
    found
        From `analysis.by_year`.
    number
        Of the series.

    Returns
    -------
    dict of str to Paths
        By scenario.
    """
    one = found.isel(series=number)
    return {
        str(name): {"year": one["year"].values} | {key: one[key].values[place] for key in QUANTILES}
        for place, name in enumerate(one["scenario"].values)
    }


def tell(made: Sheet, box: Box, value: str, rest: str, unit: str) -> str:
    """Write numbers above a panel, at the right of its unit or in place of it.

    Parameters
    ----------
    made
    box
        Of the panel.
    value, rest
        A number in the unit, and what is said behind it.
    unit
        As the panel would say it.

    Returns
    -------
    str
        What room is left for of the unit: all or nothing.
    """
    there = box.width >= text_width(f"{value}{rest}   {unit}", size=LABEL)
    how: dict[str, Any] = {"fontsize": LABEL, "color": INK}
    y = box.bottom + box.height + LIFT
    if there:
        made.write(box.left + box.width, y, f"{value}{rest}", ha="right", **how)
        return unit
    told = f"{value} {unit.removesuffix(' a year')}".rstrip() + rest
    made.write(box.left, y, shortened(told, room=box.width + LAST, size=LABEL), **how)
    return ""


def name_scenarios(made: Sheet, found: xr.Dataset, middle: float) -> None:
    """Draw the key of the scenarios on one line.

    Parameters
    ----------
    made
    found
        With the dim scenario, in the order of their lines.
    middle : mm
        Of the line.
    """
    left = EDGE
    for place, name in enumerate(plain(str(one)) for one in found["scenario"].values):
        made.line(left, middle, color=COLOURS[place], linestyle=DASHES[place], lw=1.3)
        left += SAMPLE + 1.0
        made.write(left, middle, name, va="center_baseline", fontsize=NOTE, color=FAINT)
        left += text_width(name, size=NOTE) + 4.0

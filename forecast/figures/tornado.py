"""The tornado: how far an outcome goes as one input goes from its p10 to its p90."""

from typing import Any, Final

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from forecast.analysis.discovery_words import said_with
from forecast.figures.edge import LABEL, Box
from forecast.figures.inputs import input_names, names_width, write_name
from forecast.figures.names import named, unit_named
from forecast.figures.notes import draws_said
from forecast.figures.panel import dress_rows
from forecast.figures.paths import compact, significant
from forecast.figures.sheet import EDGE, NARROW, basis_said, headline, sheet
from forecast.figures.style import FAINT, INK, plain, styled
from forecast.figures.text import text_width

SHOWN: Final = 10
"""Inputs that are drawn. (definition)"""

ROW, TICKS, ABOVE = 6.6, 9.0, 5.0
"""Height of a row; room below the rows and above them. (mm; definition)"""

SIDE: Final = 0.36
"""Part of the width that names take at most. (1; definition)"""

NARROW_SIDE: Final = 0.48
"""The same on one column, where the values of the inputs stand in the table alone."""

LOW, HIGH = "#9fd0ea", "#0b3c5d"
"""Of the end where the input is low, and of the one where it is high; apart in grey as well."""

TICK: Final = 13.0
"""Room for a number below the panel. (mm; definition)"""

BAR: Final = 0.62
"""Height of a bar over that of its row. (1; definition)"""


def tornado(found: xr.Dataset, *, width: float = 180.0) -> Figure:
    """Draw the swings of an outcome, the largest on top.

    Parameters
    ----------
    found
        From `analysis.tornado`, of one outcome, with `meaning` along input. Attributes are those
        of the Run beside its own.
    width : mm

    Returns
    -------
    Figure
        Of ten inputs at most.
    """
    shown = found.isel(input=slice(0, SHOWN))
    names = input_names(shown, (SIDE if width >= NARROW else NARROW_SIDE) * width)
    wide_enough = width >= NARROW
    values = _values(shown) if wide_enough else [""] * shown.sizes["input"]
    left = 2.0 + names_width(names)
    right = 2.0 + max(text_width(one, size=LABEL) for one in values)
    tall = ROW * shown.sizes["input"]
    with styled():
        made = sheet(
            width, ABOVE + tall + TICKS, title=headline(found.attrs, title(found)), said=said(found)
        )
        wide = width - 2 * EDGE - left - right
        axes = made.axes(Box(EDGE + left, made.low + TICKS, wide, tall))
        _draw(axes, shown)
        unit = unit_named(str(found["swing"].attrs["units"]))
        dress_rows(axes, shown.sizes["input"], unit=unit, most=_ticks(wide))
        for row, (name, value) in enumerate(zip(names, values, strict=True)):
            y = made.low + TICKS + tall - ROW * (row + 0.5)
            write_name(made, EDGE, y, name)
            how: dict[str, Any] = {"va": "center", "fontsize": LABEL, "color": FAINT}
            made.write(width - EDGE, y, value, ha="right", **how)
        y = made.low + TICKS + tall + 1.2
        text = "input at p10 and at p90" if wide_enough else ""
        made.write(width - EDGE, y, text, ha="right", fontsize=LABEL, color=FAINT)
    return made.figure


def title(found: xr.Dataset) -> str:
    """Headline of the figure."""
    where = f", {named(str(found['region'].values))}" if str(found["region"].values) else ""
    what = f"{named(str(found['variable'].values))}{where}"
    return f"What moves {found.attrs['scenario']}: {what} in {int(found['year'])}"


def said(found: xr.Dataset) -> list[str]:
    """Sentences of the notes, and of the caption."""
    unit = str(found["swing"].attrs["units"])
    level = round(100 * float(found.attrs["level"]))
    inputs = found.sizes["input"]
    shown = min(SHOWN, inputs)
    each = round(100 * float(found.attrs["window"]))
    warned = str(found.attrs.get("warning") or "")
    note = str(found.attrs.get("note") or "")
    middle = said_with(significant(float(found["median"]), 3), unit)
    return [
        f"Bars: from the median of draws whose input lies near its p10 (light end) to that of draws"
        f" near its p90 (dark end); each end is of {each} % of draws. Vertical line: median of all"
        f" draws, {middle}. Black lines: {level} % interval of the dark end's distance from"
        " the light one, from resamples, drawn at the dark end; it is the Monte Carlo error.",
        f"The {shown} of {inputs} inputs with the largest swing.",
        f"{_sentence(warned)} {_sentence(note)}".strip(),
        basis_said(found.attrs, [str(found.attrs["scenario"])]),
        draws_said(found.attrs),
    ]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def _values(shown: xr.Dataset) -> list[str]:
    found = []
    for place in range(shown.sizes["input"]):
        one = shown.isel(input=place)
        ends = [compact(float(one[name])) for name in ("input_low", "input_high")]
        found.append(said_with(" to ".join(ends), plain(str(one["input_unit"].values))))
    return found


def _ticks(wide: float) -> int:
    """How many numbers have room below a panel so many mm wide."""
    return max(2, min(6, int(wide / TICK)))


def _draw(axes: Axes, shown: xr.Dataset) -> None:
    middle = float(shown["median"])
    for row in range(shown.sizes["input"]):
        one = {name: float(shown[name][row]) for name in ("median_low", "median_high")}
        low, high = one["median_low"], one["median_high"]
        for value, colour in ((low, LOW), (high, HIGH)):
            axes.barh(row, value - middle, BAR, middle, color=colour, lw=0, zorder=2)
        ends = [low + float(shown[name][row]) for name in ("swing_low", "swing_high")]
        axes.plot(ends, [row, row], color="white", lw=1.8, zorder=3.5)
        axes.plot(ends, [row, row], color=INK, lw=0.8, zorder=4)
    axes.axvline(middle, color=INK, lw=0.7, zorder=3)
    axes.margins(x=0.03)

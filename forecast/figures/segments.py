"""Demand by segment: stacked medians, with the interval of their sum around them."""

from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from forecast.figures.edge import LABEL, Box
from forecast.figures.names import named, unit_named
from forecast.figures.notes import draws_said
from forecast.figures.panel import dress
from forecast.figures.paths import rounded, significant
from forecast.figures.sheet import EDGE, SQUARE, Sheet, basis_said, error_said, headline, sheet
from forecast.figures.style import FAINT, INK, styled
from forecast.figures.text import line_height, spread, text_width

FILLS: Final = ("#0b3c5d", "#328cc1", "#9fd0ea", "#b8860b", "#f2e2a0")
"""One a segment from below, each step told by its lightness alone in grey."""

HEAD, FOOT, TICKS, TALL, GAP = 5.5, 6.0, 9.5, 62.0, 1.5
"""Room above the panel for its unit, below for the years, left for numbers; height of the panel;
distance of the labels. (mm; definition)"""


def segments(found: xr.Dataset, *, width: float = 180.0) -> Figure:
    """Draw the medians of segments on top of each other, and the total with its interval.

    Parameters
    ----------
    found
        From `analysis.by_year`, of one scenario: the total, then its segments. Attributes are
        those of the Run.
    width : mm

    Returns
    -------
    Figure
        Medians do not add up: the line of the total's own median stands apart from the stack, and
        the notes say by how much.
    """
    one = found.isel(scenario=0)
    labels = _labels(one)
    side = GAP + max(
        text_width(text, size=LABEL, weight="bold" if not fill else "normal")
        + (SQUARE + 1.0 if fill else 0.0)
        for text, _, fill in labels
    )
    with styled():
        made = sheet(
            width, HEAD + TALL + FOOT, title=headline(found.attrs, title(found)), said=said(found)
        )
        wide = width - 2 * EDGE - TICKS - side
        box = Box(EDGE + TICKS, made.low + FOOT, wide, TALL)
        axes = made.axes(box)
        years = one["year"].values
        top = 1.04 * float(np.nanmax(one["p95"].isel(series=0)))
        unit = unit_named(str(one["unit"].values[0]))
        dress(axes, title="", unit=unit, years=(int(years[0]), int(years[-1])), top=top)
        _draw(axes, one)
        _name(made, box, labels, top)
    return made.figure


def title(found: xr.Dataset) -> str:
    """Headline of the figure."""
    return f"Electricity demand by segment: {found['scenario'].values[0]}"


def said(found: xr.Dataset) -> list[str]:
    """Sentences of the notes, and of the caption."""
    one = found.isel(scenario=0, year=-1)
    year, middle = int(one["year"]), one["p50"].values
    unit = str(one["unit"].values[0])
    parts, whole = significant(float(middle[1:].sum()), 3), significant(float(middle[0]), 3)
    return [
        "Areas: medians of the segments, stacked. Bold line: median of the total; thin dashed"
        " lines: 5 and 95 % of draws of the total (input uncertainty and year-to-year noise).",
        f"Medians do not add up: in {year} those of the segments make {parts} {unit}, and the"
        f" median of the total is {whole} {unit}, since the upper tails meet in the sum.",
        basis_said(found.attrs, [str(one["scenario"].values)]),
        draws_said(found.attrs),
        error_said(found["mcse_p50"].values, unit),
    ]


def _draw(axes: Axes, one: xr.Dataset) -> None:
    years = one["year"].values
    middle = one["p50"].values
    edges = np.vstack([np.zeros(len(years)), np.cumsum(middle[1:], axis=0)])
    for place, (low, high) in enumerate(zip(edges, edges[1:], strict=False)):
        how: dict[str, Any] = {"facecolor": FILLS[place % len(FILLS)], "edgecolor": "white"}
        axes.fill_between(years, low, high, lw=0.5, zorder=1, **how)
    for name in ("p05", "p95"):
        axes.plot(years, one[name].values[0], color=INK, lw=0.8, ls=(0, (3, 1.5)), zorder=3)
    # A white rim keeps the line apart from a dark area below it.
    axes.plot(years, middle[0], color="white", lw=2.8, zorder=3.5)
    axes.plot(years, middle[0], color=INK, lw=1.5, zorder=4)


def _labels(one: xr.Dataset) -> list[tuple[str, float, str]]:
    """Text at the right edge, the height where it belongs, and its colour's sample."""
    last = one.isel(year=-1)
    middle, error = last["p50"].values, last["mcse_p50"].values
    found = []
    low = 0.0
    for place, variable in enumerate(last["variable"].values[1:]):
        height = low + float(middle[place + 1]) / 2
        text = (
            f"{named(str(variable))}: {rounded(float(middle[place + 1]), float(error[place + 1]))}"
        )
        found.append((text, height, FILLS[place % len(FILLS)]))
        low += float(middle[place + 1])
    for name, word in (("p05", "total, 5 %"), ("p50", "total, median"), ("p95", "total, 95 %")):
        value = float(last[name].values[0])
        text = f"{word}: {rounded(value, float(last[f'mcse_{name}'].values[0]))}"
        found.append((text, value, ""))
    return found


def _name(made: Sheet, box: Box, labels: list[tuple[str, float, str]], top: float) -> None:
    middles = spread(
        [value * box.height / top for _, value, _ in labels],
        [line_height(LABEL)] * len(labels),
        low=0,
        high=box.height,
    )
    left = box.left + box.width + GAP
    for (text, _, fill), middle in zip(labels, middles, strict=True):
        y = box.bottom + middle
        total = not fill
        bold = "median" in text and total
        if fill:
            made.square(left, y, fill)
        made.write(
            left + (SQUARE + 1.0 if fill else 0.0),
            y,
            text,
            va="center",
            fontsize=LABEL,
            color=INK if not total or bold else FAINT,
            fontweight="bold" if bold else "normal",
        )

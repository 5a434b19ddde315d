"""What policies change: paired differences from the baseline, with their intervals."""

from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from forecast.analysis.discovery_words import percent
from forecast.figures.edge import LABEL, Box
from forecast.figures.grid import boxes, columns_of, tall_of, tell
from forecast.figures.names import named, unit_named
from forecast.figures.notes import draws_said
from forecast.figures.panel import BANDS, dress, dress_rows
from forecast.figures.paths import signed, significant
from forecast.figures.sheet import EDGE, basis_said, error_said, headline, sheet
from forecast.figures.style import COLOURS, INK, plain, styled
from forecast.figures.text import text_width, words, wrapped

GRID: Final = 4
"""Policies up to which each has a panel over time; more are rows of one year. (definition)"""

TALL, ROW, TICKS, ABOVE = 40.0, 6.5, 9.0, 4.5
"""Height of a panel; of a row; room below the rows, and above them. (mm; definition)"""

WIDE: Final = 38.0
"""Least width of a panel. (mm; definition)"""

WIDEST: Final = 50.0
"""Room for the name of a policy beside its row. (mm; definition)"""


def differences(found: xr.Dataset, *, width: float = 180.0) -> Figure:
    """Draw how policies change an outcome, draw by draw.

    Parameters
    ----------
    found
        From `analysis.comparison`, of one variable and region: outcomes are its years. Attributes
        are those of the Run, with `year`, that of the rows.
    width : mm

    Returns
    -------
    Figure
        Up to four policies over time, a panel each; more as rows of one year, by their median.
    """
    with styled():
        if found.sizes["scenario"] <= GRID:
            return _panels(found, width)
        return _rows(found, width)


def title(found: xr.Dataset) -> str:
    """Headline of the figure."""
    variable, region = (str(found[name].values[0]) for name in ("variable", "region"))
    where = f", {named(region)}" if region else ""
    return f"{named(variable)}{where}: change from {found.attrs['baseline']}"


def said(found: xr.Dataset) -> list[str]:
    """Sentences of the notes, and of the caption."""
    unit = str(found["unit"].values[0])
    year, base = int(found.attrs["year"]), found.attrs["baseline"]
    rows = found.sizes["scenario"] > GRID
    marks = (
        f"Thin and thick lines: 5–95 % and 10–90 % of draws of the difference in {year}, bar: its"
        " median; at the right the median and the share of draws that lie lower."
        if rows
        else "Bands: 5–95 % and 10–90 % of draws of the difference, line: its median. At the right"
        f" above each: the median in {year} and the share of draws that lie lower."
    )
    error = found["mcse"].values
    there = np.isfinite(error) & (error > 0)
    gain = found["mcse_unpaired"].values[there] / error[there]
    paired = (
        f" Means of unpaired runs would have errors {np.median(gain):.0f} times as large."
        if gain.size and np.median(gain) >= 2
        else ""
    )
    return [
        f"Each difference is within a draw: the same inputs, in a scenario and in {base}. {marks}",
        basis_said(found.attrs, [str(found.attrs["baseline"])]),
        draws_said(found.attrs),
        error_said(found["mcse_p50"].values, unit, "medians shown") + paired,
    ]


def _policy(found: xr.Dataset, name: str) -> str:
    """Name of a policy without the world it lies over, which the title has."""
    return plain(name).removeprefix(f"{found.attrs['baseline']}+")


def _panels(found: xr.Dataset, width: float) -> Figure:
    count = found.sizes["scenario"]
    columns = columns_of(width, count, most=2 if count == 4 else 3, least=WIDE)
    made = sheet(
        width,
        tall_of(count, columns, TALL),
        title=headline(found.attrs, title(found)),
        said=said(found),
    )
    years = found["year"].values
    low, high = (float(one) for one in (found["p05"].min(), found["p95"].max()))
    # Two scenarios that are the same have a scale as well.
    reach = (high - low) or 1.0
    unit = unit_named(str(found["unit"].values[0]))
    for number, box in enumerate(boxes(width, made.low, count, columns, TALL)):
        one = found.isel(scenario=number)
        axes = made.axes(box)
        text = wrapped(
            words(_policy(found, str(one["scenario"].values))),
            room=box.width,
            size=LABEL,
            weight="bold",
            most=1,
        )[0]
        told = tell(made, box, *_told(one.isel(outcome=_year(found))), unit)
        dress(axes, title=text, unit=told, years=(int(years[0]), int(years[-1])), top=1.0)
        axes.set_ylim(min(low, 0) - 0.05 * reach, max(high, 0) + 0.05 * reach)
        _draw_panel(axes, one, years)
    return made.figure


def _draw_panel(axes: Axes, one: xr.Dataset, years: np.ndarray) -> None:
    for low, high, dense in BANDS:
        axes.fill_between(
            years, one[low].values, one[high].values, color=COLOURS[0], alpha=dense, lw=0, zorder=1
        )
    axes.plot(years, one["p50"].values, color=COLOURS[0], lw=1.3, zorder=3)
    axes.axhline(0, color=INK, lw=0.7, zorder=2)


def _year(found: xr.Dataset) -> int:
    return int(np.flatnonzero(found["year"].values == found.attrs["year"])[0])


def _told(one: xr.Dataset) -> tuple[str, str]:
    """Median of a difference and the share of draws below zero."""
    middle = signed(significant(float(one["p50"])))
    return middle, f"; lower in {percent(float(one['lower']))}"


def _rows(found: xr.Dataset, width: float) -> Figure:
    now = found.isel(outcome=_year(found))
    now = now.isel(scenario=np.argsort(now["p50"].values, kind="stable"))
    names = [_policy(found, str(one)) for one in now["scenario"].values]
    labels = ["\n".join(wrapped(words(one), room=WIDEST, size=LABEL, most=2)) for one in names]
    told = ["".join(_told(now.isel(scenario=number))) for number in range(len(names))]
    left = 2.0 + max(text_width(line, size=LABEL) for one in labels for line in one.split("\n"))
    right = 2.0 + max(text_width(one, size=LABEL) for one in told)
    tall = ROW * len(names)
    made = sheet(
        width, ABOVE + tall + TICKS, title=headline(found.attrs, title(found)), said=said(found)
    )
    wide = width - 2 * EDGE - left - right
    axes = made.axes(Box(EDGE + left, made.low + TICKS, wide, tall))
    _draw_rows(axes, now)
    unit = unit_named(str(found["unit"].values[0]))
    dress_rows(axes, len(names), unit=f"{unit}, change in {found.attrs['year']}")
    for row, (label, text) in enumerate(zip(labels, told, strict=True)):
        y = made.low + TICKS + tall - ROW * (row + 0.5)
        how: dict[str, Any] = {"va": "center", "fontsize": LABEL, "color": INK}
        made.write(EDGE, y, label, linespacing=1.05, **how)
        made.write(width - EDGE, y, text, ha="right", **how)
    return made.figure


def _draw_rows(axes: Axes, now: xr.Dataset) -> None:
    for row in range(now.sizes["scenario"]):
        one = {name: float(now[name][row]) for name in ("p05", "p10", "p50", "p90", "p95")}
        axes.plot([one["p05"], one["p95"]], [row, row], color=COLOURS[0], lw=0.9, zorder=2)
        thick: dict[str, Any] = {"lw": 3.2, "solid_capstyle": "butt", "zorder": 3}
        axes.plot([one["p10"], one["p90"]], [row, row], color="#7fb4da", **thick)
        axes.plot([one["p50"]] * 2, [row - 0.28, row + 0.28], color=COLOURS[0], lw=1.4, zorder=4)
    axes.axvline(0, color=INK, lw=0.7, zorder=1)

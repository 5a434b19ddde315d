"""The backtest: intervals of what was forecast, and what was observed later."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from forecast.figures.edge import LABEL
from forecast.figures.fan import EDGE
from forecast.figures.notes import NOTE, TITLE, heading
from forecast.figures.sheet import headline, joined
from forecast.figures.style import COLOURS, FAINT, INK, MM, plain, styled
from forecast.figures.text import line_height, shortened, text_width, words, wrapped

SAID: Final = {
    "total": "total",
    "data_centres": "data centres",
    "ai": "AI",
    "crypto": "crypto",
}
"""Output → what its rows are called."""

ROW: Final = 4.2
"""From row to row. (mm; definition)"""

APART: Final = 0.35
"""Further distance of the head of a forecast from the row above. (rows; definition)"""

TICKS, ABOVE, GAP = 9.5, 4.0, 2.0
"""Room below and above the panel, between its parts. (mm; definition)"""

WIDEST: Final = 45.0
"""Room for the name of an outturn. (mm; definition)"""

AT: Final = (20, 50, 100, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000)
"""Ticks. (TWh; definition)"""

INSIDE, OUTSIDE = INK, COLOURS[1]
"""Colours of an outturn that the 90 % interval holds, and of one that it does not."""


@dataclass(frozen=True)
class Row:
    """A line of the figure.

    Attributes
    ----------
    label : str
    numbers : dict, optional
        Value, quantiles and PIT; None for the head of a forecast.
    """

    label: str
    numbers: dict[str, float] | None


def backtest(found: xr.Dataset, *, width: float = 150.0) -> Figure:
    """Intervals of each observation as forecast, its published value, and where it lies.

    Parameters
    ----------
    found
        From `studies.backtest`: the draws of observations by the model are shown.
    width : mm

    Returns
    -------
    Figure
        A group of rows a forecast, a row an outturn, on a logarithmic scale.
    """
    shown = found.sel(basis="observed", by="model")
    listed = _rows(shown)
    room = width - 2 * EDGE
    titles = heading(headline(found.attrs, title(found)), 1, room=room)
    told = wrapped(words(joined(said(found))), room=room, size=NOTE)
    with styled():
        return _drawn(listed, titles, told, width)


def _rows(shown: xr.Dataset) -> list[Row]:
    """Heads of forecasts, and their outturns by year."""
    listed = []
    for place, name in enumerate(shown["forecast"].values.astype(str)):
        one = shown.isel(forecast=place)
        one = one.isel(observation=np.flatnonzero(np.isfinite(one["crps"].values)))
        reason = str(one["reason"].values).partition(":")[0]
        nothing = reason or ("" if one.sizes["observation"] else "nothing observed since")
        listed.append(Row(f"{plain(name)}{f': {nothing}' if nothing else ''}", None))
        for at in np.argsort(one["year"].values, kind="stable"):
            each = one.isel(observation=int(at))
            names = ("value", "p05", "p25", "p50", "p75", "p95", "pit", "inside_90")
            label = f"{SAID[str(each['output'].values)]} {int(each['year'])}"
            listed.append(Row(label, {key: float(each[key]) for key in names}))
    return listed


def title(found: xr.Dataset) -> str:
    """Headline of the figure."""
    return "What was forecast, and what was observed later"


def said(found: xr.Dataset) -> list[str]:
    """Sentences of the notes, and of the caption."""
    shown = found.sel(basis="observed", by="model")
    dates = ", ".join(dict.fromkeys(shown["known"].values.astype(str)))
    return [
        "Thick and thin lines: 25–75 % and 5–95 % of draws of the observation (input uncertainty,"
        " year-to-year noise, error of the published number); bar: median; point: published later,"
        " orange and open where the 5–95 % interval misses it; at the right: its percentile.",
        f"{plain(str(found.attrs.get('label', ''))).capitalize()}.",
        f"{_drawn_of(shown)} Priors of {dates}; as of a year: observations up to that year alone.",
    ]


def _drawn_of(shown: xr.Dataset) -> str:
    counts = sorted({int(one) for one in shown["draws"].values if one})
    if not counts:
        return "No draws."
    several = f"{counts[0]:,} to {counts[-1]:,}" if len(counts) > 1 else f"{counts[0]:,}"
    return f"{several} draws of each posterior."


def _drawn(listed: list[Row], titles: list[str], told: list[str], width: float) -> Figure:
    texts = [_shortened(one, width - 2 * EDGE) for one in listed]
    inner = [
        text_width(text, size=LABEL)
        for text, one in zip(texts, listed, strict=True)
        if one.numbers is not None
    ]
    side = max(inner, default=20.0) + 2 * GAP
    right = text_width("percentile", size=LABEL) + GAP
    places = _places(listed)
    tall = ROW * (0.8 - places[-1] + 0.8)
    foot = EDGE + line_height(NOTE) * len(told) + TICKS
    height = EDGE + line_height(TITLE) * len(titles) + ABOVE + tall + foot
    figure = Figure(figsize=(width * MM, height * MM))
    how: dict[str, Any] = {"va": "top", "linespacing": 1.1}
    bold: dict[str, Any] = {"fontsize": TITLE, "fontweight": "bold", "color": INK}
    figure.text(EDGE / width, 1 - EDGE / height, "\n".join(titles), **bold, **how)
    base = (EDGE + line_height(NOTE) * len(told)) / height
    figure.text(EDGE / width, base, "\n".join(told), fontsize=NOTE, color=FAINT, **how)
    wide = width - 2 * EDGE - side - right
    axes = figure.add_axes(((EDGE + side) / width, foot / height, wide / width, tall / height))
    _dress(axes, listed, low=places[-1] - 0.8)
    for y, text, one in zip(places, texts, listed, strict=True):
        left = -side / wide
        if one.numbers is None:
            _name(axes, left, y, text, color=INK, fontweight="bold")
            continue
        _name(axes, left + GAP / wide, y, text, color=INK)
        _draw(axes, y, one.numbers)
        colour = INSIDE if one.numbers["inside_90"] else OUTSIDE
        _name(axes, 1 + right / wide, y, _percentile(one.numbers["pit"]), color=colour, ha="right")
    _name(axes, 1 + right / wide, 1.0, "percentile", color=FAINT, ha="right")
    return figure


def _places(listed: list[Row]) -> list[float]:
    """Heights of rows, falling from zero; a head stands a little off the rows above it."""
    found: list[float] = []
    for one in listed:
        step = 1.0 if one.numbers is not None else 1.0 + APART
        found.append(found[-1] - step if found else 0.0)
    return found


def _shortened(one: Row, room: float) -> str:
    if one.numbers is None:
        return shortened(one.label, room=room, size=LABEL, weight="bold")
    return shortened(one.label, room=WIDEST, size=LABEL)


def _percentile(pit: float) -> str:
    if 0.005 <= pit <= 0.995:
        return f"{100 * pit:.0f}"
    return ">99" if pit > 0.5 else "<1"


def _name(axes: Axes, x: float, y: float, text: str, **how: Any) -> None:
    place = axes.get_yaxis_transform()
    axes.text(x, y, text, transform=place, va="center", fontsize=LABEL, clip_on=False, **how)


def _dress(axes: Axes, listed: list[Row], *, low: float) -> None:
    numbers = [one.numbers for one in listed if one.numbers is not None]
    least = min((min(one["p05"], one["value"]) for one in numbers), default=100.0) / 1.1
    most = max((max(one["p95"], one["value"]) for one in numbers), default=1000.0) * 1.1
    axes.set_xscale("log")
    axes.set_xlim(least, most)
    axes.set_ylim(low, 0.8)
    axes.xaxis.set_major_locator(FixedLocator([one for one in AT if least <= one <= most]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_major_locator(NullLocator())
    axes.set_xlabel("TWh a year", color=FAINT, labelpad=1)
    axes.tick_params(colors=FAINT, labelcolor=INK)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.grid(axis="x", color="#dddddd", lw=0.5, zorder=0)
    axes.set_axisbelow(True)


def _draw(axes: Axes, y: float, one: dict[str, float]) -> None:
    """Draw the intervals of a row and its outturn."""
    blue = COLOURS[0]
    axes.plot([one["p05"], one["p95"]], [y, y], color=blue, lw=0.9, zorder=2)
    ends: dict[str, Any] = {"color": "#7fb4da", "lw": 3.2, "solid_capstyle": "butt", "zorder": 3}
    axes.plot([one["p25"], one["p75"]], [y, y], **ends)
    axes.plot([one["p50"]] * 2, [y - 0.28, y + 0.28], color=blue, lw=1.3, zorder=4)
    inside = bool(one["inside_90"])
    axes.plot(
        [one["value"]],
        [y],
        linestyle="none",
        marker="o",
        markersize=3.6,
        markerfacecolor=INSIDE if inside else "white",
        markeredgecolor=INSIDE if inside else OUTSIDE,
        markeredgewidth=0.4 if inside else 1.1,
        zorder=5,
    )

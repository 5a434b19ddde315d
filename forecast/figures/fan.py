"""The fan chart: demand by year with its intervals, beside what others published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from forecast.figures.edge import Box, draw_edge, margin
from forecast.figures.notes import (
    NOTE,
    TITLE,
    basis_of,
    draw_key,
    heading,
    key,
    key_lines,
    notes,
    said_once,
    sentences,
)
from forecast.figures.panel import draw_panel, dress
from forecast.figures.paths import Paths, paths, scenarios_of
from forecast.figures.points import COVERED, Point, draw_points, points
from forecast.figures.sheet import headline
from forecast.figures.style import COLOURS, FAINT, INK, MM, styled
from forecast.figures.text import line_height

NARROW: Final = 130.0
"""Width below which the panels stand one above the other. (mm; definition)"""

EDGE, TICKS, HEAD, FOOT, GUTTER, TALL = 2.0, 9.5, 9.5, 6.0, 5.0, 50.0
"""Rim of the figure; room for ticks, for a panel's title and for its years; distance between
panels; height of a panel. (mm; definition)"""


@dataclass(frozen=True)
class Panel:
    """What a panel shows.

    Attributes
    ----------
    variable : str
        Of the summary, and output that published numbers are values of.
    title : str
    segments : tuple of str
        What it covers: only numbers that cover the same may stand in it.
    """

    variable: str
    title: str
    segments: tuple[str, ...]


PANELS: Final = (
    Panel("total", "Data centres, AI and crypto", COVERED["total"]),
    Panel("data_centres", "Data centres and AI, without crypto", COVERED["data_centres"]),
)
"""From left to right."""

UNIT: Final = "TWh"
"""Of both panels; an energy stands for energy a year."""


@dataclass(frozen=True)
class Content:
    """What a fan chart shows.

    Attributes
    ----------
    series : tuple of dict
        A panel each: scenario → series.
    published : tuple of list
        A panel each.
    years : tuple of int
        First and last.
    top : float
        Upper end of the scale.
    """

    series: tuple[dict[str, Paths], ...]
    published: tuple[list[Point], ...]
    years: tuple[int, int]
    top: float


def fan(
    summary: xr.Dataset,
    observed: xr.Dataset,
    *,
    attributes: Mapping[Any, Any],
    width: float = 180.0,
    basis: str = "uncalibrated prior",
) -> Figure:
    """Demand by year: intervals and median of each scenario, and published numbers.

    Parameters
    ----------
    summary
        From `analysis.summary`.
    observed
        The group `observed_data` of a Run; a number stands in a panel only if it covers exactly
        the same segments.
    attributes
        Of the root of the Run: its title, draws and seed are told on the figure.
    width : mm
        Below 130 the panels stand one above the other.
    basis
        What the draws come from, as the figure says it.

    Returns
    -------
    Figure
        Of the first six scenarios; the first of them with bands.

    Raises
    ------
    ValueError
        If the summary lacks a series.
    """
    scenarios = scenarios_of(summary)
    shown = scenarios[: len(COLOURS)]
    content = _content(summary, observed, shown)
    room = width - 2 * EDGE
    told = notes(
        content.series, attributes, basis=basis, left_out=len(scenarios) - len(shown), room=room
    )
    titles = heading(str(attributes.get("title", "")), len(scenarios), room=room)
    with styled():
        return _drawn(content, titles, told, width)


def picture(found: xr.Dataset, observed: xr.Dataset, *, width: float = 180.0) -> Figure:
    """Draw the fan chart of some scenarios of a stored Run.

    Parameters
    ----------
    found
        Rows of its summary. Attributes are those of the Run.
    observed
        Its group `observed_data`.
    width : mm

    Returns
    -------
    Figure
    """
    told = headline(found.attrs, _titles(found))
    attributes = {**found.attrs, "title": told}
    basis = basis_of(found.attrs, scenarios_of(found))
    return fan(found, observed, attributes=attributes, width=width, basis=basis)


def title(found: xr.Dataset) -> str:
    """Headline of the figure."""
    return said_once(_titles(found), len(_titles(found).split("; ")))


def _titles(found: xr.Dataset) -> str:
    """Titles of the scenarios that are drawn, where the Run has one for each."""
    titles = str(found.attrs.get("title", "")).split("; ")
    count = len(scenarios_of(found))
    return "; ".join(titles[: len(COLOURS)] if len(titles) == count else titles)


def said(found: xr.Dataset) -> list[str]:
    """Sentences of the notes, and of the caption."""
    scenarios = scenarios_of(found)
    shown = scenarios[: len(COLOURS)]
    series = [paths(found, one.variable, shown) for one in PANELS]
    basis = basis_of(found.attrs, scenarios)
    return sentences(series, found.attrs, basis=basis, left_out=len(scenarios) - len(shown))


def _content(summary: xr.Dataset, observed: xr.Dataset, shown: Sequence[str]) -> Content:
    series = tuple(paths(summary, one.variable, shown) for one in PANELS)
    years = next(iter(series[0].values()))["year"]
    last = int(years[-1])
    published = tuple(
        points(observed, output=one.variable, segments=one.segments, unit=UNIT, last=last)
        for one in PANELS
    )
    highest = [float(np.nanmax(one["p95"], initial=0)) for each in series for one in each.values()]
    highest += [one.value for each in published for one in each]
    top = 1.04 * max(highest) or 1.0
    return Content(series, published, (int(years[0]), last), top)


def _drawn(content: Content, titles: list[str], told: list[str], width: float) -> Figure:
    """Lay everything out from the top, and draw it."""
    entries = key([one for each in content.published for one in each])
    lines = key_lines(entries, room=width - 2 * EDGE)
    publications = list(dict.fromkeys(one.publication for one in entries))
    stacked = width < NARROW
    head = EDGE + line_height(TITLE) * len(titles)
    foot = EDGE + line_height(NOTE) * (len(told) + len(lines)) + 2 * len(lines[:1])
    rows = len(PANELS) if stacked else 1
    height = head + foot + rows * (HEAD + TALL + FOOT)
    figure = Figure(figsize=(width * MM, height * MM))
    figure.text(
        EDGE / width,
        1 - EDGE / height,
        "\n".join(titles),
        va="top",
        fontsize=TITLE,
        fontweight="bold",
        color=INK,
        linespacing=1.1,
    )
    for place, (panel, box) in enumerate(zip(PANELS, _boxes(content, width, foot), strict=True)):
        axes = figure.add_axes(
            (box.left / width, box.bottom / height, box.width / width, box.height / height)
        )
        dress(axes, title=panel.title, unit=f"{UNIT} a year", years=content.years, top=content.top)
        draw_panel(axes, content.series[place])
        draw_points(axes, content.published[place], publications)
        draw_edge(figure, box, content.series[place], content.top)
    base = EDGE + line_height(NOTE) * len(told)
    figure.text(
        EDGE / width,
        base / height,
        "\n".join(told),
        va="top",
        fontsize=NOTE,
        color=FAINT,
        linespacing=1.1,
    )
    draw_key(figure, lines, publications, left=EDGE, bottom=base + 1.5)
    return figure


def _boxes(content: Content, width: float, foot: float) -> list[Box]:
    """Rectangles of the panels, side by side or one above the other."""
    margins = [margin(each) for each in content.series]
    if width < NARROW:
        wide = width - 2 * EDGE - TICKS - max(margins)
        step = HEAD + TALL + FOOT
        count = len(PANELS)
        bottoms = [foot + FOOT + step * (count - 1 - place) for place in range(count)]
        return [Box(EDGE + TICKS, bottom, wide, TALL) for bottom in bottoms]
    count = len(PANELS)
    free = width - 2 * EDGE - GUTTER * (count - 1) - sum(margins) - TICKS * count
    boxes, left = [], EDGE
    for each in margins:
        boxes.append(Box(left + TICKS, foot + FOOT, free / count, TALL))
        left += TICKS + free / count + each + GUTTER
    return boxes

"""The right edge of a panel: the last year's intervals as bars, and labels that stay apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from forecast.figures.panel import BANDS
from forecast.figures.paths import Paths, rounded
from forecast.figures.style import COLOURS, DASHES, FAINT, INK, plain
from forecast.figures.text import line_height, spread, text_width, wrapped

LABEL: Final = 7.0
"""Size of the labels. (pt; definition)"""

WIDEST: Final = 24.0
"""Room for the label of a scenario. (mm; definition)"""

PITCH, BAR, GAP, SWATCH = 1.8, 1.2, 1.2, 6.0
"""From bar to bar, width of a bar, to the next thing, sample of a line. (mm; definition)"""

EDGE: Final = {"p95": "95 %", "p90": "90 %", "p50": "median", "p10": "10 %", "p05": "5 %"}
"""Statistic → its label where one scenario stands alone."""


@dataclass(frozen=True)
class Box:
    """Where a panel lies, from the lower left corner of the figure.

    Attributes
    ----------
    left, bottom, width, height : mm
        Of the rectangle of the axes.
    """

    left: float
    bottom: float
    width: float
    height: float


@dataclass(frozen=True)
class Label:
    """Text at the right edge.

    Attributes
    ----------
    lines : tuple of str
    value : float
        Where it belongs, in the unit of the axis.
    scenario : int
        Number of the scenario whose colour it bears.
    bold : bool
    """

    lines: tuple[str, ...]
    value: float
    scenario: int
    bold: bool

    @property
    def width(self) -> float:
        """Width in mm."""
        weight = "bold" if self.bold else "normal"
        return max(text_width(one, size=LABEL, weight=weight) for one in self.lines)

    @property
    def height(self) -> float:
        """Height in mm."""
        return line_height(LABEL) * len(self.lines)


def labels(series: Mapping[str, Paths]) -> list[Label]:
    """Text at the right edge: the quantiles of a scenario alone, else the scenarios' names.

    Parameters
    ----------
    series
        By scenario.

    Returns
    -------
    list of Label
        Those of scenarios by falling median: the order of their bars.
    """
    if len(series) == 1:
        (one,) = series.values()
        return [
            Label((f"{said}: {_last(one, name)}",), float(one[name][-1]), 0, name == "p50")
            for name, said in EDGE.items()
            if np.isfinite(one[name][-1])
        ]
    found = []
    for place, (name, one) in enumerate(series.items()):
        parts = plain(name).replace("+", "\0+").split("\0")
        lines = wrapped(parts, room=WIDEST, size=LABEL, most=3)
        value = float(one["p50"][-1])
        found.append(Label((*lines, _last(one, "p50")), value, place, place == 0))
    return sorted(found, key=lambda one: -np.nan_to_num(one.value))


def _last(one: Paths, name: str) -> str:
    return rounded(float(one[name][-1]), float(one[f"mcse_{name}"][-1]))


def margin(series: Mapping[str, Paths]) -> float:
    """Room that bars and labels take to the right of a panel.

    Parameters
    ----------
    series
        By scenario.

    Returns
    -------
    mm
    """
    widest = max((one.width for one in labels(series)), default=0.0)
    return _bars_width(series) + GAP + (SWATCH if len(series) > 1 else 0.0) + widest


def _bars_width(series: Mapping[str, Paths]) -> float:
    return GAP + PITCH * len(series) if len(series) > 1 else 0.0


def draw_edge(figure: Figure, box: Box, series: Mapping[str, Paths], top: float) -> None:
    """Draw bars and labels to the right of a panel.

    Parameters
    ----------
    figure
    box
        Of the panel.
    series
        By scenario.
    top : unit
        Upper end of the panel's scale.
    """
    wide, high = (size * 25.4 for size in figure.get_size_inches())
    found = labels(series)
    room = margin(series)
    edge = figure.add_axes(
        ((box.left + box.width) / wide, box.bottom / high, room / wide, box.height / high)
    )
    edge.set_xlim(0, room)
    edge.set_ylim(0, top)
    edge.set_axis_off()
    if len(series) > 1:
        _draw_bars(edge, [list(series.values())[one.scenario] for one in found], found)
    scale = box.height / top
    middles = spread(
        [one.value * scale for one in found],
        [one.height for one in found],
        low=0,
        high=box.height,
    )
    left = _bars_width(series) + GAP
    for one, middle in zip(found, middles, strict=True):
        _draw_label(edge, one, left, middle / scale, sample=len(series) > 1)


def _draw_bars(edge: Axes, series: Sequence[Paths], found: Sequence[Label]) -> None:
    for place, (one, label) in enumerate(zip(series, found, strict=True)):
        x, colour = GAP + PITCH * place + BAR / 2, COLOURS[label.scenario]
        for low, high, dense in BANDS:
            tall = one[high][-1] - one[low][-1]
            edge.bar(x, tall, BAR, one[low][-1], color=colour, alpha=dense + 0.15, lw=0)
        median = one["p50"][-1]
        edge.plot([x - BAR / 2, x + BAR / 2], [median, median], color=colour, lw=1.3)


def _draw_label(edge: Axes, one: Label, left: float, middle: float, *, sample: bool) -> None:
    if sample:
        ends = [left, left + SWATCH - GAP / 2]
        colour, dash = COLOURS[one.scenario], DASHES[one.scenario]
        edge.plot(ends, [middle, middle], color=colour, linestyle=dash, lw=1.3, clip_on=False)
        left += SWATCH
    edge.text(
        left,
        middle,
        "\n".join(one.lines),
        va="center",
        ha="left",
        color=INK if one.bold or sample else FAINT,
        fontweight="bold" if one.bold else "normal",
        fontsize=LABEL,
        linespacing=1.05,
    )

"""One panel of a fan chart: its scales, bands and medians."""

from collections.abc import Mapping
from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from forecast.figures.paths import Paths, signed
from forecast.figures.style import COLOURS, DASHES, FAINT, INK

FEW: Final = 3
"""Scenarios up to which the outer quantiles of all are drawn as lines."""

BANDS: Final = (("p05", "p95", 0.18), ("p10", "p90", 0.28))
"""Lower and upper edge, and how dense the colour is; the inner band lies on the outer."""


def draw_panel(axes: Axes, series: Mapping[str, Paths]) -> None:
    """Draw bands and medians.

    Parameters
    ----------
    axes
    series
        By scenario; the first has bands.
    """
    first = next(iter(series.values()))
    for low, high, dense in BANDS:
        axes.fill_between(
            first["year"], first[low], first[high], color=COLOURS[0], alpha=dense, lw=0, zorder=1
        )
    for place, one in reversed(list(enumerate(series.values()))):
        colour, dash = COLOURS[place], DASHES[place]
        axes.plot(one["year"], one["p50"], color=colour, linestyle=dash, lw=1.3, zorder=3)
        if 0 < place and len(series) <= FEW:
            for name in ("p05", "p95"):
                axes.plot(one["year"], one[name], color=colour, linestyle=dash, lw=0.6, zorder=3)


def dress(axes: Axes, *, title: str, unit: str, years: tuple[int, int], top: float) -> None:
    """Set scales, ticks and names of a panel.

    Parameters
    ----------
    axes
    title
    unit
    years : yr
        First and last.
    top : unit
        Upper end of the scale.
    """
    _head(axes, unit, lift=3, colour=FAINT, weight="normal")
    _head(axes, title, lift=13, colour=INK, weight="bold")
    axes.set_xlim(*years)
    axes.set_ylim(0, top)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(f"{value:,.10g}")))
    axes.tick_params(colors=FAINT, labelcolor=INK)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.grid(axis="y", color="#dddddd", lw=0.5, zorder=0)
    axes.set_axisbelow(True)


def dress_rows(axes: Axes, count: int, *, unit: str, most: int = 6) -> None:
    """Set scale, ticks and names of a panel of rows, the first on top.

    Parameters
    ----------
    axes
    count
        Rows.
    unit
        Of the scale below them.
    most
        Numbers that have room below them.
    """
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(f"{value:,.10g}")))
    axes.set_xlabel(unit, color=FAINT, labelpad=1)
    axes.tick_params(colors=FAINT, labelcolor=INK)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.grid(axis="x", color="#dddddd", lw=0.5, zorder=0)
    axes.set_axisbelow(True)


def _head(axes: Axes, text: str, *, lift: float, colour: str, weight: str) -> None:
    """Write a line above the panel, `lift` points over it."""
    axes.annotate(
        text,
        (0, 1),
        (0, lift),
        xycoords="axes fraction",
        textcoords="offset points",
        color=colour,
        fontweight=weight,
    )

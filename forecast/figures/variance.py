"""Where the spread comes from, year by year: shares of variance on top of each other."""

from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from forecast.analysis.variance import NOISE, REST, SCENARIO
from forecast.figures.edge import LABEL, Box
from forecast.figures.names import named
from forecast.figures.notes import draws_said
from forecast.figures.sheet import EDGE, SQUARE, Sheet, basis_said, headline, sheet
from forecast.figures.style import FAINT, INK, styled
from forecast.figures.text import line_height, spread, text_width

BLOCKS: Final = 6
"""Blocks of inputs that have an area of their own; the others share one. (definition)"""

FILLS: Final = ("#0b3c5d", "#328cc1", "#9fd0ea", "#7a5195", "#d3a4d6", "#b8860b", "#f2e2a0")
"""Of the blocks by their share, then of the others together."""

PLAIN: Final = {SCENARIO: "#d55e00", NOISE: "#555555", REST: "#e4e4e4"}
"""Of what is no block of inputs."""

LEAST: Final = 0.01
"""Share of the scenarios below which they have no area. (1; definition)"""

OTHERS: Final = "other blocks"

TALL, TICKS, HEAD, FOOT, GAP = 60.0, 11.0, 2.5, 6.0, 1.5
"""Height of the panel; room around it; distance of the labels. (mm; definition)"""


def variance(found: xr.Dataset, *, width: float = 150.0) -> Figure:
    """Draw the shares of the variance of a variable over years.

    Parameters
    ----------
    found
        From `sensitivities.over_time`, of one variable: outcomes are its years. Attributes are
        those of the Run beside its own.
    width : mm

    Returns
    -------
    Figure
        The blocks with the largest shares from below, then the other blocks, what scenarios,
        noise and interactions make.
    """
    shares = laid(found)
    labels = _labels(shares)
    side = GAP + SQUARE + 1.0 + max(text_width(one, size=LABEL) for one, _, _ in labels)
    with styled():
        made = sheet(
            width, HEAD + TALL + FOOT, title=headline(found.attrs, title(found)), said=said(found)
        )
        box = Box(EDGE + TICKS, made.low + FOOT, width - 2 * EDGE - TICKS - side, TALL)
        axes = made.axes(box)
        _draw(axes, found["year"].values, shares)
        _name(made, box, labels)
    return made.figure


def title(found: xr.Dataset) -> str:
    """Headline of the figure."""
    names = str(found.attrs["scenarios"]).replace(" ", ", ")
    return f"Where the spread comes from: {named(str(found['variable'].values[0]))}, {names}"


def said(found: xr.Dataset) -> list[str]:
    """Sentences of the notes, and of the caption."""
    names = str(found.attrs["scenarios"]).split(" ")
    ratio = found["monte_carlo"].values
    several = float(found["share"].sel(source=SCENARIO).max()) > LEAST
    return [
        f"Shares of the variance over draws; at the right those of {int(found['year'][-1])}."
        " Blocks of inputs: Shapley effects of a regression with squares and products;"
        " interactions: what neither blocks nor noise explain alone."
        + (f" Scenario: variance of the means of {len(names)} scenarios." if several else ""),
        basis_said(found.attrs, names),
        draws_said(found.attrs),
        f"Monte Carlo error of a median: at most {100 * float(np.nanmax(ratio)):.1g} % of the"
        " spread (one standard deviation).",
    ]


def laid(found: xr.Dataset) -> dict[str, np.ndarray]:
    """Shares by source, `[year]`, in the order in which they are stacked.

    Parameters
    ----------
    found
        As for `variance`.

    Returns
    -------
    dict
        They add up to one; a negative share, which is an error of estimation, counts as none.
    """
    share = {str(name): row for name, row in zip(found["source"].values, found["share"].values,
                                                 strict=True)}  # fmt: skip
    share = {name: np.maximum(row, 0.0) for name, row in share.items()}
    whole = np.sum(list(share.values()), axis=0)
    share = {name: row / whole for name, row in share.items()}
    blocks = sorted((one for one in share if one not in PLAIN), key=lambda one: -share[one].mean())
    stacked = {one: share[one] for one in blocks[:BLOCKS]}
    if len(blocks) > BLOCKS:
        stacked[OTHERS] = np.sum([share[one] for one in blocks[BLOCKS:]], axis=0)
    scenario = {SCENARIO: share[SCENARIO]} if share[SCENARIO].max() > LEAST else {}
    return stacked | scenario | {one: share[one] for one in (NOISE, REST)}


def _fill(name: str, place: int) -> str:
    return FILLS[-1] if name == OTHERS else PLAIN.get(name) or FILLS[place]


def _labels(shares: dict[str, np.ndarray]) -> list[tuple[str, float, str]]:
    found, low = [], 0.0
    for place, (name, row) in enumerate(shares.items()):
        last = float(row[-1])
        percent = f"{100 * last:.0f} %" if last >= 0.01 else "<1 %"
        found.append((f"{named(name)} {percent}", low + last / 2, _fill(name, place)))
        low += last
    return found


def _draw(axes: Axes, years: np.ndarray, shares: dict[str, np.ndarray]) -> None:
    low = np.zeros(len(years))
    for place, (name, row) in enumerate(shares.items()):
        how: dict[str, Any] = {"facecolor": _fill(name, place), "edgecolor": "white", "lw": 0.5}
        axes.fill_between(years, low, low + row, zorder=1, **how)
        low = low + row
    axes.set_xlim(int(years[0]), int(years[-1]))
    axes.set_ylim(0, 1)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axes.tick_params(colors=FAINT, labelcolor=INK)
    axes.spines[["left", "bottom"]].set_color(FAINT)


def _name(made: Sheet, box: Box, labels: list[tuple[str, float, str]]) -> None:
    middles = spread(
        [share * box.height for _, share, _ in labels],
        [line_height(LABEL)] * len(labels),
        low=0,
        high=box.height,
    )
    left = box.left + box.width + GAP
    for (text, _, fill), middle in zip(labels, middles, strict=True):
        made.square(left, box.bottom + middle, fill)
        how: dict[str, Any] = {"va": "center", "fontsize": LABEL, "color": INK}
        made.write(left + SQUARE + 1.0, box.bottom + middle, text, **how)

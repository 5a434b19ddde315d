"""The fan chart: demand by year with its intervals, beside what others published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from forecast.axes import SEGMENTS
from forecast.figures.points import Point, draw_points, face, marker, points
from forecast.figures.style import COLOURS, DASHES, FAINT, INK, MM, STYLE, plain
from forecast.figures.text import line_height, shortened, spread, text_width, words, wrapped

MOST: Final = len(COLOURS)
"""Scenarios that one figure can tell apart."""

NARROW: Final = 130.0
"""Width below which the panels stand one above the other. (mm; definition)"""

TITLE, LABEL, NOTE = 9.0, 7.0, 6.5
"""Sizes of letters. (pt; definition)"""


@dataclass(frozen=True)
class Panel:
    """What a panel shows.

    Attributes
    ----------
    variable : str
        Of the summary.
    title : str
    segments : tuple of str
        What it covers: only numbers that cover the same may stand in it.
    """

    variable: str
    title: str
    segments: tuple[str, ...]


PANELS: Final = (
    Panel("total", "Data centres, AI and crypto", SEGMENTS),
    Panel(
        "data_centres",
        "Data centres and AI, without crypto",
        tuple(one for one in SEGMENTS if one != "crypto"),
    ),
)
"""From left to right."""

type Paths = dict[str, np.ndarray]
"""Statistic → value by year."""


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
        The first six scenarios; the first with bands.
    """
    with mpl.rc_context(STYLE):
        return _drawn(_Content.of(summary, observed, attributes, basis), width)

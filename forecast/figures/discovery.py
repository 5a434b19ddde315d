"""The box of a discovery: between which limits of a few inputs an outcome is frequent."""

from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from forecast.analysis.discovery_words import UNSTABLE, box_sentence, percent, with_unit
from forecast.figures.edge import LABEL, Box
from forecast.figures.inputs import input_names, names_width, write_name
from forecast.figures.notes import draws_said
from forecast.figures.panel import dress_rows
from forecast.figures.sheet import EDGE, NARROW, basis_said, headline, sheet
from forecast.figures.style import COLOURS, FAINT, INK, plain, styled
from forecast.figures.text import text_width

ROW, TICKS, ABOVE = 9.0, 9.0, 5.0
"""Height of a row; room below the rows and above them. (mm; definition)"""

SIDE: Final = 0.34
"""Part of the width that names take at most. (1; definition)"""

NARROW_SIDE: Final = 0.48
"""The same on one column. (1; definition)"""

BAR: Final = 0.36
"""Height of a bar over that of its row. (1; definition)"""


def discovery(found: xr.Dataset, *, width: float = 150.0) -> Figure:
    """Draw the limits of a box on the percentiles of its inputs.

    Parameters
    ----------
    found
        From `analysis.discover`. Attributes are those of the Run beside its own.
    width : mm

    Returns
    -------
    Figure
        A row an input that the box limits, in the order in which it limits them.

    Raises
    ------
    ValueError
        If the box limits none.
    """
    shown = found.isel(input=np.flatnonzero(found["restricted"].values))
    if not shown.sizes["input"]:
        raise ValueError(box_sentence(found))
    names = input_names(shown, (SIDE if width >= NARROW else NARROW_SIDE) * width)
    stable = [percent(float(one)) for one in shown["either_stability"].values]
    left = 2.0 + names_width(names)
    right = 2.0 + text_width("resamples", size=LABEL)
    tall = ROW * shown.sizes["input"]
    with styled():
        text = headline(found.attrs, title(found))
        made = sheet(width, ABOVE + tall + TICKS, text, said(found))
        axes = made.axes(Box(EDGE + left, made.low + TICKS, width - 2 * EDGE - left - right, tall))
        _draw(axes, shown)
        top = made.low + TICKS + tall
        how: dict[str, Any] = {"va": "center", "fontsize": LABEL}
        made.write(width - EDGE, top + 1.8, "resamples", ha="right", color=FAINT, **how)
        for row, (name, share) in enumerate(zip(names, stable, strict=True)):
            y = top - ROW * (row + 0.5)
            write_name(made, EDGE, y, name)
            made.write(width - EDGE, y, share, ha="right", color=INK, **how)
    return made.figure


def title(found: xr.Dataset) -> str:
    """Headline of the figure."""
    held = found.sel(sample="held_out")
    share = percent(float(found.attrs["share"]))
    inside = percent(float(held["density"]))
    text = str(found.attrs["words"])
    return f"{text[:1].upper()}{text[1:]}: {inside} of draws inside the box, {share} of all"


def said(found: xr.Dataset) -> list[str]:
    """Sentences of the notes, and of the caption."""
    weak = found["restricted"].values & (found["either_stability"].values < UNSTABLE)
    hatched = f"; hatched: fewer than {100 * UNSTABLE:.0f} %" if weak.any() else ""
    return [
        box_sentence(found),
        "Bars: between the limits of the box, on the percentiles of each input's draws, with the"
        f" limits in its unit; at the right the share of {found.attrs['resamples']} resamples of"
        f" the draws that limit it{hatched}.",
        basis_said(found.attrs, [str(found.attrs["scenario"])]),
        draws_said(found.attrs),
    ]


def _draw(axes: Axes, shown: xr.Dataset) -> None:
    for row in range(shown.sizes["input"]):
        one = shown.isel(input=row)
        ends = [float(one["quantile"].sel(side=side)) for side in ("low", "high")]
        limits = [float(one["limit"].sel(side=side)) for side in ("low", "high")]
        low, high = (
            bound if np.isfinite(limit) else rest
            for bound, limit, rest in zip(ends, limits, (0.0, 1.0), strict=True)
        )
        weak = float(one["either_stability"]) < UNSTABLE
        axes.barh(row, 1.0, BAR, 0.0, color="#e4e4e4", lw=0, zorder=1)
        how: dict[str, Any] = {"hatch": "////", "edgecolor": "white"} if weak else {}
        axes.barh(row, high - low, BAR, low, color=COLOURS[0], lw=0, zorder=2, **how)
        for side, (at, limit) in enumerate(zip((low, high), limits, strict=True)):
            if np.isfinite(limit):
                _tell(axes, at, row, ("≥ ", "≤ ")[side], limit, str(one["unit"].values))
    axes.set_xlim(0, 1)
    dress_rows(axes, shown.sizes["input"], unit="percentile of the input among all draws")
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))


def _tell(axes: Axes, at: float, row: int, relation: str, limit: float, unit: str) -> None:
    """Write a limit above its end of the bar, turned inwards near the edge of the panel."""
    align = "left" if at < 0.2 else "right" if at > 0.8 else "center"
    axes.annotate(
        f"{relation}{with_unit(limit, plain(unit))}",
        (at, row - BAR / 2),
        (0, 1.5),
        textcoords="offset points",
        ha=align,
        va="bottom",
        fontsize=LABEL,
        color=INK,
    )

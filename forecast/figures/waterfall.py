"""The waterfall of modelling errors: what a total grows to as one after the other is made."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from forecast.figures.notes import NOTE, TITLE, heading
from forecast.figures.sheet import NARROW, basis_said, headline, joined
from forecast.figures.style import COLOURS, FAINT, INK, MM, plain, styled
from forecast.figures.text import line_height, words, wrapped

EDGE, ROW, HEAD, TICKS = 2.0, 7.0, 9.0, 9.0
"""Rim of the figure; height of a row; room above the rows and below them. (mm; definition)"""

LABEL: Final = 7.0
"""Size of the names of the steps. (pt; definition)"""

WIDEST: Final = 52.0
"""Room for the name of a step; a longer one takes two lines. (mm; definition)"""

NARROW_WIDEST: Final = 36.0
"""The same on one column, where the factors stand in the tables alone. (mm; definition)"""

COLUMNS: Final = (("alone", 26.0), ("mean order", 18.0))
"""Columns of factors beside the bars, and their room. (mm; definition)"""

TICK: Final = 13.0
"""Room for a number below the bars. (mm; definition)"""

COLUMNS_SAID: Final = (
    "Alone: factor of that error by itself, median and 10–90 %; chips and sites then still limit"
    " what is served. Mean order: median of the geometric mean over all orders; in a draw these"
    " multiply to the factor of all."
)
"""What the columns are, where there is room for them."""

BAR: Final = 0.56
"""Height of a bar over that of its row. (1; definition)"""

DOWN: Final = 1
"""Number of the colour of a step that lowers the total."""


def waterfall(found: xr.Dataset, *, width: float = 180.0) -> Figure:
    """Draw an audit as a waterfall on a logarithmic scale.

    Parameters
    ----------
    found
        From `studies.audit`: `level`, `factor`, `shapley_factor` with their statistics, titles.
    width : mm

    Returns
    -------
    Figure
        A bar leads from the median before a step to the median after it; a line shows 10 to 90 %
        of draws after it. Beside the bars the factor of each error alone, and its geometric mean
        over all orders in which the errors can be made.

    Raises
    ------
    ValueError
        If it has no steps.
    """
    if "step" not in found.dims or found.sizes["step"] < 2:
        raise ValueError("a waterfall needs a reference and one step or more")
    with styled():
        return _drawn(found, width)


def title(found: xr.Dataset) -> str:
    """Headline of the figure."""
    return f"Modelling errors in the total of {found.attrs['year']}: {found.attrs['scenario']}"


def _drawn(found: xr.Dataset, width: float) -> Figure:
    room = width - 2 * EDGE
    titles = heading(headline(found.attrs, title(found)), 1, room=room)
    told = wrapped(words(joined(said(found))), room=room, size=NOTE)
    steps = found.sizes["step"]
    foot = EDGE + line_height(NOTE) * len(told) + TICKS
    tall = ROW * steps
    height = EDGE + line_height(TITLE) * len(titles) + HEAD + tall + foot
    figure = Figure(figsize=(width * MM, height * MM))
    place: dict[str, Any] = {"va": "top", "linespacing": 1.1}
    head: dict[str, Any] = {"fontsize": TITLE, "fontweight": "bold", "color": INK}
    figure.text(EDGE / width, 1 - EDGE / height, "\n".join(titles), **head, **place)
    bottom = EDGE + line_height(NOTE) * len(told)
    figure.text(EDGE / width, bottom / height, "\n".join(told), fontsize=NOTE, color=FAINT, **place)
    columns = COLUMNS if width >= NARROW else ()
    widest = WIDEST if width >= NARROW else NARROW_WIDEST
    wide = room - widest - sum(one for _, one in columns) - 2.0
    left = EDGE + widest + 2.0
    axes = figure.add_axes((left / width, foot / height, wide / width, tall / height))
    _draw_bars(axes, found)
    _dress(axes, found, wide)
    names = [plain(str(one)) for one in found["step_title"].values]
    _write(axes, [_lines(one, widest) for one in names], -(widest + 2.0) / wide, "left")
    beside = 1.0
    for (name, space), column in zip(columns, _columns(found)[: len(columns)], strict=True):
        beside += space / wide
        _write(axes, column, beside, "right")
        axes.annotate(
            name,
            (beside, 1),
            (0, 3),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="right",
            color=FAINT,
        )
    return figure


def _lines(name: str, room: float) -> str:
    return "\n".join(wrapped(words(name), room=room, size=LABEL, most=2))


def _draw_bars(axes: Axes, found: xr.Dataset) -> None:
    low, middle, high = (found["level"].sel(statistic=f"p{one}").values for one in (10, 50, 90))
    for row, (here, before) in enumerate(zip(middle, [np.nan, *middle[:-1]], strict=True)):
        if row == 0:
            axes.plot([here], [row], "D", color=INK, ms=4, zorder=4)
        else:
            colour = COLOURS[DOWN] if here < before else COLOURS[0]
            ends = sorted((here, before))
            # A step that moves nothing still shows as a mark.
            axes.barh(row, ends[1] - ends[0], BAR, ends[0], color=colour, alpha=0.75, zorder=2)
            axes.plot([here, here], [row - BAR / 2, row + BAR / 2], color=colour, lw=1.6, zorder=3)
        if row + 1 < len(middle):
            axes.plot([here, here], [row, row + 1], color=FAINT, lw=0.5, zorder=1)
        axes.plot([low[row], high[row]], [row, row], color=INK, lw=0.8, zorder=4)


def _dress(axes: Axes, found: xr.Dataset, wide: float) -> None:
    level = found["level"]
    low = float(level.sel(statistic="p10").min())
    high = max(float(level.sel(statistic="p90").max()), 0.0)
    world = float(found["world"].sel(statistic="p50"))
    axes.set_xscale("log")
    axes.set_xlim(low / 1.5, max(high, world) * 1.5)
    axes.set_ylim(found.sizes["step"] - 0.5, -0.5)
    axes.axvline(world, color=FAINT, lw=0.8, ls=(0, (4, 2)), zorder=1)
    axes.annotate(
        "the world's electricity",
        (world, 1),
        (0, 3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="center",
        color=FAINT,
    )
    axes.xaxis.set_major_locator(LogLocator(base=10, numticks=max(3, int(wide / TICK))))
    axes.xaxis.set_major_formatter(FuncFormatter(_power))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("TWh a year, logarithmic", color=FAINT)
    axes.set_yticks([])
    axes.tick_params(colors=FAINT, labelcolor=INK)
    axes.spines[["left"]].set_visible(False)
    axes.spines[["bottom"]].set_color(FAINT)
    axes.grid(axis="x", color="#dddddd", lw=0.5, zorder=0)
    axes.set_axisbelow(True)


def _power(value: float, _: int) -> str:
    """A power of ten in words that a reader of a newspaper knows."""
    for scale, name in ((1e9, "bn"), (1e6, "mn")):
        if value >= scale:
            return f"{value / scale:,.10g} {name}"
    return f"{value:,.10g}"


def _columns(found: xr.Dataset) -> tuple[list[str], list[str]]:
    alone = [
        _interval(found["factor"].sel(error=one)) if one in found["error"].values else ""
        for one in found["step"].values.tolist()
    ]
    order = [f"× {_three(one)}" for one in found["shapley_factor"].sel(statistic="p50").values]
    return alone, ["", *order[1:]]


def _interval(factor: xr.DataArray) -> str:
    low, middle, high = (_three(float(factor.sel(statistic=f"p{one}"))) for one in (10, 50, 90))
    return f"× {middle} ({low}–{high})"


def _three(value: float) -> str:
    """Three significant digits, but two places at the most."""
    if value >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _write(axes: Axes, texts: Sequence[str], x: float, align: str) -> None:
    for row, text in enumerate(texts):
        axes.text(
            x,
            row,
            text,
            transform=axes.get_yaxis_transform(),
            ha=align,
            va="center",
            fontsize=LABEL,
            color=INK,
            linespacing=1.05,
        )


def said(found: xr.Dataset) -> list[str]:
    """Sentences of the notes, and of the caption."""
    draws = int(found.attrs["draws"])
    error = found["mcse_level"].sel(statistic="p50") / found["level"].sel(statistic="p50")
    largest = float(error.max())
    known = (
        f"Monte Carlo standard error of the medians: at most {100 * largest:.1g} % of them."
        if np.isfinite(largest)
        else "Monte Carlo error not known."
    )
    wide = float(found.attrs.get("width", NARROW)) >= NARROW
    return [
        "Bars: from the median before a step to that after it, errors made one after the other"
        " from top to bottom, orange where one lowers it; lines: 10–90 % of draws after it.",
        COLUMNS_SAID if wide else "",
        "Service volumes are those of the run, but where the error is one of volume;"
        f" {draws:,} draws, the same in every row.",
        known,
        basis_said(found.attrs, [str(found.attrs["scenario"])])
        if "basis" in found.attrs
        else " ".join(str(found.attrs.get("notes", "")).splitlines()),
    ]

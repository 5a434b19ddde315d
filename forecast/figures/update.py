"""What history taught: the inputs that moved or narrowed most, on the scale of their prior."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from forecast.analysis.ledger import ledger
from forecast.figures.calibrated_fan import AFTER, BEFORE, NINETY, counted
from forecast.figures.fan import EDGE
from forecast.figures.notes import NOTE, TITLE, heading
from forecast.figures.paths import compact
from forecast.figures.sheet import NARROW, headline, joined
from forecast.figures.style import FAINT, INK, MM, plain, styled
from forecast.figures.text import line_height, text_width, words, wrapped

COUNT: Final = 16
"""Inputs shown unless told otherwise. (1; definition)"""

FEWER: Final = 9
"""The same where the figure is one column wide. (1; definition)"""

APART, TICKS, GAP, ABOVE = 1.2, 9.5, 2.5, 4.0
"""Distance of the names of two rows; room for the axis below; distance between names, panel and
values; room above the panel. (mm; definition)"""

OFF: Final = 1.0
"""Distance of prior and posterior from the middle of their row. (mm; definition)"""

TICK: Final = 8.0
"""Room for a tick's number. (mm; definition)"""

SIDE: Final = 0.38
"""Share of the width that names take at most. (1; definition)"""

NAME: Final = 7.0
"""Size of the names. (pt; definition)"""

LEAST: Final = 2.4
"""Scores that the axis shows at least on either side. (1; definition)"""


def update(
    tree: xr.DataTree, *, count: int = COUNT, rows: xr.Dataset | None = None, width: float = 180.0
) -> Figure:
    """Prior and posterior of the inputs with the largest shift or contraction, a row each.

    Parameters
    ----------
    tree
        Calibrated: what `analysis.ledger` takes.
    count
        Inputs shown.
    rows
        The ledger of the tree, where it is known.
    width : mm

    Returns
    -------
    Figure
        Rows by the larger of shift (its size) and contraction, the largest on top. The axis is the
        normal score of the prior: its standard deviations.
    """
    whole = ledger(tree) if rows is None else rows
    shown = most_moved(whole, count)
    told = wrapped(words(joined(said(whole, count))), room=width - 2 * EDGE, size=NOTE)
    text = headline(whole.attrs, title(whole))
    titles = heading(text, 1, room=width - 2 * EDGE)
    with styled():
        return _drawn(shown, titles, told, width)


def most_moved(found: xr.Dataset, count: int) -> xr.Dataset:
    """Rows of a ledger with the largest shift or contraction.

    Parameters
    ----------
    found
        From `analysis.ledger`.
    count
        At most so many.

    Returns
    -------
    Dataset
        By falling `max(|shift|, contraction)`; inputs that do not vary are left out.
    """
    moved = np.fmax(np.abs(found["shift"].values), found["contraction"].values)
    order = [int(place) for place in np.argsort(-moved, kind="stable") if np.isfinite(moved[place])]
    return found.isel(input=order[:count])


def moved(found: xr.Dataset, *, width: float = 180.0) -> Figure:
    """Draw a ledger that is known; see `update`."""
    return update(
        xr.DataTree(), rows=found.assign_attrs(width=width), count=_count(width), width=width
    )


def title(found: xr.Dataset) -> str:
    """Headline of the figure."""
    told = str(found.attrs.get("title", ""))
    return f"Prior to posterior: {told}" if told else ""


def _count(width: float) -> int:
    return COUNT if width >= NARROW else FEWER


def said(found: xr.Dataset, count: int = 0) -> list[str]:
    """Sentences of the notes, and of the caption."""
    count = count or _count(float(found.attrs.get("width", NARROW)))
    shown, whole = most_moved(found, count).sizes["input"], found.sizes["input"]
    return [
        counted(found.attrs),
        "Grey and dashed: prior; coloured: posterior; lines: 90 % intervals (5–95 % of draws),"
        " marks: medians. Axis: each draw's rank among the prior's draws, as a standard normal. At"
        " the right, the posterior's median with its 90 % interval."
        f" {found.attrs['posterior_draws']:,} draws of the posterior,"
        f" {found.attrs['prior_draws']:,} of the prior. The {shown} of {whole} inputs that moved"
        " or narrowed most.",
    ]


def _drawn(shown: xr.Dataset, titles: list[str], told: list[str], width: float) -> Figure:
    """Lay everything out from the top, and draw it."""
    count = shown.sizes["input"]
    names, values = _names(shown, room=SIDE * width), _values(shown)
    tall = [APART + line_height(NAME) * max(2, len(one[0]) + len(one[1])) for one in names]
    ends = np.cumsum(tall)
    whole = float(ends[-1]) if count else APART
    head = EDGE + line_height(TITLE) * len(titles) + ABOVE
    foot = EDGE + line_height(NOTE) * len(told) + TICKS
    height = head + foot + whole
    left, right = (EDGE + GAP + _widest(one) for one in (names, values))
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
    wide = width - left - right
    axes = figure.add_axes((left / width, foot / height, wide / width, whole / height))
    middles = ends - np.array(tall) / 2
    _draw_rows(axes, shown, middles)
    axes.set_ylim(whole, 0)
    for edge in ends[:-1]:
        axes.axhline(edge, color="#eeeeee", lw=0.5, zorder=0)
    axes.xaxis.set_major_locator(MaxNLocator(max(2, int(wide / TICK)), integer=True))
    for place in range(count):
        middle = foot + whole - float(middles[place])
        _draw_pair(figure, EDGE, middle, names[place], weight="normal")
        _draw_pair(figure, width - right + GAP, middle, values[place], weight="bold")
    figure.text(
        EDGE / width,
        (EDGE + line_height(NOTE) * len(told)) / height,
        "\n".join(told),
        va="top",
        fontsize=NOTE,
        color=FAINT,
        linespacing=1.1,
    )
    return figure


type Pair = tuple[list[str], list[str]]
"""Lines of a name or value, and fainter lines below."""


def _widest(pairs: Sequence[Pair]) -> float:
    """Width of the widest line in mm, all taken for bold."""
    lines = [line for pair in pairs for part in pair for line in part]
    return max((text_width(one, size=NAME, weight="bold") for one in lines), default=0.0)


def _names(shown: xr.Dataset, *, room: float) -> list[Pair]:
    """Per row: the long name, and the input's own name with its unit."""
    found = []
    for place in range(shown.sizes["input"]):
        row = shown.isel(input=place)
        name, unit = (plain(str(row[key].values)) for key in ("input", "unit"))
        first = plain(str(row["long_name"].values)) or name
        # An input's name may break behind its block and between its words.
        second = f"{name}, {unit}" if unit not in ("", "1") else name
        parts = re.findall(r"[^._ ]+[._ ]?", second)
        found.append(
            (
                wrapped(words(first), room=room, size=NAME, weight="bold", most=2),
                wrapped(parts, room=room, size=NAME, weight="bold", most=2),
            )
        )
    return found


def _values(shown: xr.Dataset) -> list[Pair]:
    """Per row: the posterior's median with its unit, and its interval."""
    found = []
    for place in range(shown.sizes["input"]):
        row = shown.isel(input=place)
        low, middle, high = (
            _short(float(row[f"posterior_{name}"])) for name in ("p05", "p50", "p95")
        )
        unit = plain(str(row["unit"].values))
        shown_unit = "" if unit in ("", "1") else f" {unit}"
        found.append(([f"{middle}{shown_unit}"], [f"{low} to {high}"]))
    return found


def _short(value: float) -> str:
    """Three digits; what would fill the margin as a power of ten."""
    return compact(value, 3)


def _draw_pair(figure: Figure, left: float, middle: float, pair: Pair, *, weight: str) -> None:
    """Write lines and fainter lines below, around the middle of a row. Lengths in mm."""
    wide, high = (size * 25.4 for size in figure.get_size_inches())
    strong, faint = pair
    tall = line_height(NAME)
    y = middle + tall * (len(strong) + len(faint) - 1) / 2
    for step, text in enumerate([*strong, *faint]):
        first = step < len(strong)
        figure.text(
            left / wide,
            (y - tall * step) / high,
            text,
            va="center_baseline",
            fontsize=NAME if first else NOTE,
            fontweight=weight if first else "normal",
            color=INK if first else FAINT,
        )


def _draw_rows(axes: Axes, shown: xr.Dataset, middles: np.ndarray) -> None:
    """Draw the lines of every row, its middle given in mm from the top."""
    scores = {name: shown[f"posterior_score_{name}"].values for name in ("p05", "p50", "p95")}
    reach = max(LEAST, *(float(np.nanmax(np.abs(one), initial=0)) + 0.2 for one in scores.values()))
    before, after = middles - OFF, middles + OFF
    axes.hlines(before, -NINETY, NINETY, color=BEFORE, lw=1.2, ls=(0, (3, 1)))
    axes.plot(np.zeros(len(before)), before, "|", color=BEFORE, markersize=5, markeredgewidth=1.2)
    axes.hlines(after, scores["p05"], scores["p95"], color=AFTER, lw=2.2)
    axes.plot(
        scores["p50"],
        after,
        "o",
        markersize=4,
        markerfacecolor="white",
        markeredgecolor=AFTER,
        markeredgewidth=1.2,
        zorder=4,
    )
    axes.set_xlim(-reach, reach)
    axes.axvline(0, color="#dddddd", lw=0.6, zorder=0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(colors=FAINT, labelcolor=INK)
    axes.set_xlabel("standard deviations of the prior (normal score)", color=FAINT)

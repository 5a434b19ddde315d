"""The chance that an outcome is above a level, for every level."""

from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from forecast.analysis.discovery_words import said_with
from forecast.figures.edge import LABEL, Box
from forecast.figures.names import named, unit_named
from forecast.figures.notes import NOTE, draw_key, draws_said, key, key_lines
from forecast.figures.paths import compact, signed, significant
from forecast.figures.points import COVERED, Point, draw_marks, marker, points
from forecast.figures.sheet import EDGE, NARROW, SAMPLE, Sheet, basis_said, headline, sheet
from forecast.figures.style import COLOURS, DASHES, FAINT, INK, plain, styled
from forecast.figures.text import line_height, shortened, text_width

TALL, TICKS, FOOT, HEAD, GAP, LAST = 56.0, 11.0, 9.0, 4.0, 2.0, 3.0
"""Height of the panel; room left of it and below it; above it for points; distance of the labels;
right of the panel for half of a number.
(mm; definition)"""

ABOVE: Final = 1.04
"""Where published numbers stand, over the height of the panel. (1; definition)"""

WIDEST: Final = 40.0
"""Room for the name of a scenario. (mm; definition)"""

ERRORS: Final = 2
"""Standard errors that the band of a curve spans on either side. (definition)"""


def exceedance(found: xr.Dataset, observed: xr.Dataset, *, width: float = 120.0) -> Figure:
    """Draw exceedance curves, a line a scenario.

    Parameters
    ----------
    found
        From `analysis.exceedance`. Attributes are those of the Run beside its own.
    observed
        The group `observed_data` of a Run: numbers published for the year stand above the panel.
    width : mm

    Returns
    -------
    Figure
        Of six scenarios at most.
    """
    shown = found.isel(scenario=slice(0, len(COLOURS)))
    published = _published(shown, observed)
    entries = key(published)
    lines = key_lines(entries, room=width - 2 * EDGE)
    below = (1.0 + line_height(NOTE) * len(lines)) if lines else 0.0
    names = _names(shown)
    label = GAP + SAMPLE + 1.0 + max(text_width(one, size=LABEL) for pair in names for one in pair)
    with styled():
        tall = HEAD + TALL + FOOT + below
        made = sheet(width, tall, headline(found.attrs, title(found)), said(found))
        # A curve falls, so that its upper right is free for the names where there is no margin.
        side = label if width >= NARROW else LAST
        wide = width - 2 * EDGE - TICKS - side
        box = Box(EDGE + TICKS, made.low + below + FOOT, wide, TALL)
        axes = made.axes(box)
        _dress(axes, shown)
        _draw(axes, shown)
        publications = list(dict.fromkeys(one.publication for one in entries))
        _draw_published(axes, published, publications)
        draw_key(made.figure, lines, publications, left=EDGE, bottom=made.low)
        _name(made, box.left + box.width + (GAP if side == label else -label), box, names)
    return made.figure


def title(found: xr.Dataset) -> str:
    """Headline of the figure."""
    where = f", {named(found.attrs['region'])}" if found.attrs["region"] else ""
    return (
        f"Chance to pass a level in {found.attrs['year']}: {named(found.attrs['variable'])}{where}"
    )


def said(found: xr.Dataset) -> list[str]:
    """Sentences of the notes, and of the caption."""
    error = found["mcse_share"].values
    known = error[np.isfinite(error)]
    largest = (
        f"Monte Carlo standard error of the shares: at most {100 * float(known.max()):.1g}"
        f" percentage points; the band of a curve is {ERRORS} of them either side."
        if known.size
        else "Monte Carlo error not known."
    )
    one = found.isel(scenario=0)
    high = said_with(significant(float(one["p95"]), 3), str(found.attrs["unit"]))
    more = found.sizes["scenario"] - len(COLOURS)
    name = str(one["scenario"].values)
    return [
        f"Share of draws above each level in {found.attrs['year']}; {name} passes {high} in"
        " 5 % of its draws. The scale ends at the outermost thousandths, or before where a tail is"
        " very long."
        + (" Published numbers of the year stand above." if found.attrs.get("published") else ""),
        basis_said(found.attrs, [str(one) for one in found["scenario"].values[: len(COLOURS)]]),
        draws_said(found.attrs),
        largest,
        f"{more} further scenario{'s' * (more > 1)} of the run not shown." if more > 0 else "",
    ]


def _published(shown: xr.Dataset, observed: xr.Dataset) -> list[Point]:
    variable, region, year = (shown.attrs[name] for name in ("variable", "region", "year"))
    covered = COVERED.get(variable, (variable,))
    if region or not observed.sizes.get("observation"):
        return []
    unit = str(shown.attrs["unit"])
    low, high = (float(shown["level"].values[end]) for end in (0, -1))
    found = points(observed, output=variable, segments=covered, unit=unit, last=int(year))
    return [one for one in found if one.year == int(year) and low <= one.value <= high]


def _dress(axes: Axes, shown: xr.Dataset) -> None:
    levels = shown["level"].values
    axes.set_xlim(float(levels[0]), float(levels[-1]))
    axes.set_ylim(0, 1)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(f"{value:,.10g}")))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axes.set_xlabel(unit_named(str(shown.attrs["unit"])), color=FAINT, labelpad=1)
    axes.tick_params(colors=FAINT, labelcolor=INK)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.grid(color="#dddddd", lw=0.5, zorder=0)
    axes.set_axisbelow(True)


def _draw(axes: Axes, shown: xr.Dataset) -> None:
    levels = shown["level"].values
    for place in range(shown.sizes["scenario"]):
        one = shown.isel(scenario=place)
        share, error = one["share"].values, ERRORS * np.nan_to_num(one["mcse_share"].values)
        edges = np.clip([share - error, share + error], 0, 1)
        axes.fill_between(levels, *edges, color=COLOURS[place], alpha=0.25, lw=0, zorder=1)
        how: dict[str, Any] = {"color": COLOURS[place], "linestyle": DASHES[place]}
        axes.plot(levels, share, lw=1.3, zorder=3, **how)


def _draw_published(axes: Axes, published: list[Point], publications: list[str]) -> None:
    place = axes.get_xaxis_transform()
    for one in published:
        axes.plot([one.value] * 2, [0, 1.02], color=FAINT, lw=0.5, ls=(0, (1, 2)), transform=place,
                  clip_on=False, zorder=0.5)  # fmt: skip
        shape = marker(publications, one.publication)
        draw_marks(axes, [one.value], [ABOVE], shape, one.kind, transform=place)


def _names(shown: xr.Dataset) -> list[tuple[str, str]]:
    found = []
    for place, name in enumerate(shown["scenario"].values):
        one = shown.isel(scenario=place)
        low, middle, high = (compact(float(one[key]), 3) for key in ("p05", "p50", "p95"))
        head = shortened(plain(str(name)), room=WIDEST, size=LABEL)
        found.append((head, said_with(f"{middle} ({low}–{high})", str(shown.attrs["unit"]))))
    return found


def _name(made: Sheet, left: float, box: Box, names: list[tuple[str, str]]) -> None:
    """Name the scenarios from a left edge on, with median and 5–95 % interval."""
    step = line_height(LABEL)
    for place, pair in enumerate(names):
        y = box.bottom + box.height - step * (2.6 * place + 0.5)
        made.line(left, y, color=COLOURS[place], linestyle=DASHES[place], lw=1.3)
        for row, (text, colour) in enumerate(zip(pair, (INK, FAINT), strict=True)):
            how: dict[str, Any] = {"va": "center", "fontsize": LABEL, "color": colour}
            made.write(left + SAMPLE + 1.0, y - row * step, text, **how)

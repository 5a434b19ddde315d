"""The calibrated fan: demand by year before and after history was taken in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from forecast.figures.edge import LABEL, Box
from forecast.figures.fan import (
    EDGE,
    FOOT,
    GUTTER,
    HEAD,
    NARROW,
    PANELS,
    TALL,
    TICKS,
    UNIT,
    Panel,
)
from forecast.figures.notes import (
    BETWEEN,
    NOTE,
    TITLE,
    Entry,
    draw_key,
    heading,
    key,
    key_lines,
)
from forecast.figures.panel import dress
from forecast.figures.paths import significant
from forecast.figures.points import Point, draw_points, points
from forecast.figures.sheet import headline
from forecast.figures.style import COLOURS, FAINT, INK, MM, plain, styled
from forecast.figures.text import line_height, spread, text_width, words, wrapped

QUANTILES: Final = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}

EDGES: Final = {"p95": "95 %", "p75": "75 %", "p50": "median", "p25": "25 %", "p05": "5 %"}
"""Statistic of the posterior → its label at the right edge."""

NINETY: Final = 1.6449
"""Half the width of a 90 % interval of a normal, in standard deviations. (1; definition)"""

OVER: Final = 1.5
"""How far the prior may stretch the scale beyond all else; then it is cut. (1; definition)"""

BESIDE: Final = 0.35
"""Distance of several observations of one year. (yr; definition)"""

SWATCH: Final = 6.0
"""Sample in the key. (mm; definition)"""

AFTER, USED, BEFORE = COLOURS[0], COLOURS[1], "#8a8a8a"
"""Colours of the posterior, of observations used and of the prior."""

type Bands = dict[str, np.ndarray]
"""`year` and `QUANTILES`, each `[year]`."""


@dataclass(frozen=True)
class Used:
    """An observation that the calibration took in.

    Attributes
    ----------
    x : yr
        Where it stands.
    value, low, high : TWh
        With its 90 % interval.
    """

    x: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Content:
    """What a panel shows.

    Attributes
    ----------
    prior, posterior : Bands
    used : tuple of Used
    published : tuple of Point
        Not used.
    """

    prior: Bands
    posterior: Bands
    used: tuple[Used, ...]
    published: tuple[Point, ...]


def calibrated_fan(
    tree: xr.DataTree, *, published: xr.Dataset | None = None, width: float = 180.0
) -> Figure:
    """Demand by year: the prior's 90 % interval, the posterior's 50 and 90 %, what was observed.

    Parameters
    ----------
    tree
        With `prior_predictive`, `posterior_predictive` (`total` and `data_centres` in TWh, dims
        chain, draw and year) and `observed_data`.
    published
        Published numbers as in the group `observed_data` of a Run; those that the calibration did
        not use are drawn as outturns and cases of others.
    width : mm
        Below 130 the panels stand one above the other.

    Returns
    -------
    Figure
    """
    panels = [_content(tree, panel, published) for panel in PANELS]
    room = width - 2 * EDGE
    top, cut = _top(panels)
    told = wrapped(words(_said(tree, panels, cut)), room=room, size=NOTE)
    titles = heading(str(tree.attrs.get("title", "")), 1, room=room)
    with styled():
        return _drawn(panels, titles, told, width, top)


def picture(tree: xr.DataTree, *beside: xr.Dataset, width: float = 180.0) -> Figure:
    """Draw a posterior; what lies beside it is its table, and published numbers last.

    Parameters
    ----------
    tree
        As for `calibrated_fan`.
    beside
        Of them the last is a group `observed_data` of all published numbers.
    width : mm

    Returns
    -------
    Figure
    """
    drawn = tree.copy(deep=False)
    drawn.attrs["title"] = headline(tree.attrs, title(tree))
    return calibrated_fan(drawn, published=beside[-1] if beside else None, width=width)


def title(tree: xr.DataTree) -> str:
    """Headline of the figure."""
    return str(tree.attrs.get("title", ""))


def said(tree: xr.DataTree) -> list[str]:
    """Sentences of the notes, and of the caption."""
    panels = [_content(tree, panel, None) for panel in PANELS]
    return [_said(tree, panels, _top(panels)[1])]


def counted(attributes: Mapping[Any, Any]) -> str:
    """What is known when, as a figure says it.

    Parameters
    ----------
    attributes
        `scenario`, `vintage` and `known` of a calibrated tree, each if it has it.

    Returns
    -------
    str
    """
    had = {name: plain(str(attributes.get(name) or "")) for name in ("scenario", "vintage")}
    named = [f"{name} {value}" for name, value in had.items() if value]
    joined = ", ".join(named)
    said = [f"{joined[0].upper()}{joined[1:]}."] if named else []
    known = plain(str(attributes.get("known") or ""))
    if known:
        said.append(f"Known at {known}: nothing later was taken in.")
    return " ".join(said)


def bands(values: xr.DataArray) -> Bands:
    """Quantiles of draws by year.

    Parameters
    ----------
    values : any unit
        Dims chain, draw and year; draws that are NaN are left out.

    Returns
    -------
    Bands
    """
    laid = values.transpose("chain", "draw", "year").values
    found = np.nanquantile(laid.reshape(-1, laid.shape[-1]), list(QUANTILES.values()), axis=0)
    return {"year": values["year"].values} | dict(zip(QUANTILES, found, strict=True))


def _content(tree: xr.DataTree, panel: Panel, published: xr.Dataset | None) -> Content:
    prior, posterior = (
        bands(tree[f"{when}_predictive"].to_dataset()[panel.variable])
        for when in ("prior", "posterior")
    )
    observed = tree["observed_data"].to_dataset()
    years = posterior["year"]
    others: list[Point] = []
    if published is not None and published.sizes.get("observation"):
        new = ~np.isin(published["id"].values.astype(str), observed["id"].values.astype(str))
        others = points(
            published.isel(observation=new),
            output=panel.variable,
            segments=panel.segments,
            unit=UNIT,
            last=int(years[-1]),
        )
    first, last = int(years[0]), int(years[-1])
    used = _used(observed, panel.variable, first, last)
    shown = tuple(one for one in others if one.year >= first)
    return Content(prior, posterior, used, shown)


def _used(observed: xr.Dataset, output: str, first: int, last: int) -> tuple[Used, ...]:
    """Observations of an output; those of one year stand side by side."""
    years = observed["year"].values
    fits = (observed["output"].values.astype(str) == output) & (years >= first) & (years <= last)
    if "region" in observed:
        fits &= np.isin(observed["region"].values.astype(str), ("world", ""))
    fits &= (observed["unit"].values.astype(str) == UNIT) & np.isfinite(observed["value"].values)
    found = []
    for year in sorted(set(years[fits].tolist())):
        places = np.flatnonzero(fits & (years == year))
        for step, place in enumerate(places):
            value, sd = (float(observed[name].values[place]) for name in ("value", "sd"))
            half = float(np.exp(NINETY * sd)) if np.isfinite(sd) else 1.0
            x = year + BESIDE * (step - (len(places) - 1) / 2)
            found.append(Used(x, value, value / half, value * half))
    return tuple(found)


def _top(panels: Sequence[Content]) -> tuple[float, bool]:
    """Upper end of the scale, and whether it cuts the prior."""
    highest = [float(np.nanmax(one.posterior["p95"], initial=0)) for one in panels]
    highest += [each.high for one in panels for each in one.used]
    highest += [each.value for one in panels for each in one.published]
    wanted = max(float(np.nanmax(one.prior["p95"], initial=0)) for one in panels)
    allowed = OVER * max(highest)
    return 1.04 * max(min(wanted, allowed), *highest) or 1.0, wanted > allowed


def _said(tree: xr.DataTree, panels: Sequence[Content], cut: bool) -> str:
    """Notes below the panels."""
    draws = {
        group: tree[f"{group}_predictive"].sizes["chain"]
        * tree[f"{group}_predictive"].sizes["draw"]
        for group in ("posterior", "prior")
    }
    observed = tree["observed_data"].sizes.get("observation", 0)
    elsewhere = observed - len({id(each) for each in panels[0].used + panels[1].used})
    said = [
        counted(tree.attrs),
        "Intervals are shares of draws: 5–95\N{NO-BREAK SPACE}% and 25–75\N{NO-BREAK SPACE}% of the"
        " posterior, 5–95\N{NO-BREAK SPACE}% of the prior; input uncertainty and year-to-year"
        f" noise. {draws['posterior']:,} draws of the posterior, {draws['prior']:,} of the prior.",
    ]
    if elsewhere:
        verb = "observation is" if elsewhere == 1 else "observations are"
        said.append(f"{elsewhere} further {verb} of other outputs, and not shown.")
    if cut:
        highs = [f"{significant(float(one.prior['p95'][-1]), 3)}" for one in panels]
        year = int(panels[0].prior["year"][-1])
        said.append(
            f"The prior leaves the scale: its 95\N{NO-BREAK SPACE}% in {year} is"
            f" {' and '.join(highs)} {UNIT}."
        )
    return " ".join(one for one in said if one)


def _drawn(
    panels: Sequence[Content], titles: list[str], told: list[str], width: float, top: float
) -> Figure:
    """Lay everything out from the top, and draw it."""
    entries = key([one for each in panels for one in each.published])
    lines = key_lines(entries, room=width - 2 * EDGE)
    publications = list(dict.fromkeys(one.publication for one in entries))
    samples = _sample_lines(panels, room=width - 2 * EDGE)
    deep = len(told) + len(lines) + len(samples)
    foot = EDGE + line_height(NOTE) * deep + 4
    head = EDGE + line_height(TITLE) * len(titles)
    rows = len(PANELS) if width < NARROW else 1
    height = head + foot + rows * (HEAD + TALL + FOOT)
    figure = Figure(figsize=(width * MM, height * MM))
    title = {"fontsize": TITLE, "fontweight": "bold", "color": INK}
    _text(figure, EDGE, height - EDGE, "\n".join(titles), **title)
    for panel, content, box in zip(PANELS, panels, _boxes(panels, width, foot), strict=True):
        axes = figure.add_axes(
            (box.left / width, box.bottom / height, box.width / width, box.height / height)
        )
        years = int(content.posterior["year"][0]), int(content.posterior["year"][-1])
        dress(axes, title=panel.title, unit=f"{UNIT} a year", years=years, top=top)
        _draw_bands(axes, content)
        draw_points(axes, content.published, publications)
        _draw_used(axes, content.used)
        _draw_edge(figure, box, content.posterior, top)
    base = EDGE + line_height(NOTE) * len(told)
    _text(figure, EDGE, base, "\n".join(told), fontsize=NOTE, color=FAINT)
    draw_key(figure, lines, publications, left=EDGE, bottom=base + 1.5)
    _draw_samples(figure, samples, base + 2 + line_height(NOTE) * len(lines))
    return figure


def _text(figure: Figure, left: float, top: float, text: str, **how: Any) -> None:
    wide, high = (size * 25.4 for size in figure.get_size_inches())
    figure.text(left / wide, top / high, text, va="top", linespacing=1.1, **how)


def _boxes(panels: Sequence[Content], width: float, foot: float) -> list[Box]:
    """Rectangles of the panels, side by side or one above the other."""
    margins = [
        1.5 + max(text_width(text, size=LABEL, weight="bold") for text, _, _ in _labels(one))
        for one in (each.posterior for each in panels)
    ]
    count = len(panels)
    if width < NARROW:
        wide, step = width - 2 * EDGE - TICKS - max(margins), HEAD + TALL + FOOT
        bottoms = [foot + FOOT + step * (count - 1 - place) for place in range(count)]
        return [Box(EDGE + TICKS, bottom, wide, TALL) for bottom in bottoms]
    free = (width - 2 * EDGE - GUTTER * (count - 1) - sum(margins) - TICKS * count) / count
    boxes, left = [], EDGE
    for margin in margins:
        boxes.append(Box(left + TICKS, foot + FOOT, free, TALL))
        left += TICKS + free + margin + GUTTER
    return boxes


def _draw_bands(axes: Axes, content: Content) -> None:
    before, after = content.prior, content.posterior
    # A hatch and an edge: the prior stays visible in grey, and under the posterior.
    axes.fill_between(
        before["year"],
        before["p05"],
        before["p95"],
        facecolor="#f0f0f0",
        edgecolor="#c4c4c4",
        hatch="//////",
        lw=0,
        zorder=0.5,
        label="prior 90",
    )
    for name in ("p05", "p95"):
        axes.plot(before["year"], before[name], color=BEFORE, lw=0.7, ls=(0, (4, 1.5)), zorder=2)
    for low, high, shade in (("p05", "p95", "#a9cbe6"), ("p25", "p75", "#5f9fd0")):
        axes.fill_between(after["year"], after[low], after[high], color=shade, lw=0, zorder=1)
    axes.plot(after["year"], after["p50"], color=AFTER, lw=1.4, zorder=3)


def _draw_used(axes: Axes, used: Sequence[Used]) -> None:
    for one in used:
        axes.plot([one.x, one.x], [one.low, one.high], color=USED, lw=0.9, zorder=6)
    axes.plot(
        [one.x for one in used],
        [one.value for one in used],
        linestyle="none",
        marker="o",
        markersize=3.2,
        markerfacecolor=USED,
        markeredgecolor="white",
        markeredgewidth=0.4,
        zorder=7,
        label="used",
    )


def _labels(after: Bands) -> list[tuple[str, float, bool]]:
    """Text at the right edge, its value, and whether it is bold."""
    last = {name: float(after[name][-1]) for name in EDGES}
    return [
        (f"{said}: {significant(last[name], 3)}", last[name], name == "p50")
        for name, said in EDGES.items()
        if np.isfinite(last[name])
    ]


def _draw_edge(figure: Figure, box: Box, after: Bands, top: float) -> None:
    wide, high = (size * 25.4 for size in figure.get_size_inches())
    found = _labels(after)
    middles = spread(
        [value * box.height / top for _, value, _ in found],
        [line_height(LABEL)] * len(found),
        low=0,
        high=box.height,
    )
    for (text, _, bold), middle in zip(found, middles, strict=True):
        figure.text(
            (box.left + box.width + 1.2) / wide,
            (box.bottom + middle) / high,
            text,
            va="center",
            color=INK if bold else FAINT,
            fontweight="bold" if bold else "normal",
            fontsize=LABEL,
        )


def _sample_lines(panels: Sequence[Content], *, room: float) -> list[list[Entry]]:
    """Lines of the key of bands and of observations used."""
    found = [
        Entry("prior", "band", "prior, 90 % interval"),
        Entry("outer", "band", "posterior, 90 % interval"),
        Entry("inner", "band", "posterior, 50 % interval"),
        Entry("median", "line", "posterior, median"),
    ]
    if any(one.used for one in panels):
        found.append(Entry("used", "point", "observation used, with its 90 % error"))
    lines: list[list[Entry]] = [[]]
    for one in found:
        taken = sum(_sample_width(each) for each in lines[-1])
        if lines[-1] and taken + _sample_width(one) - BETWEEN > room:
            lines.append([])
        lines[-1].append(one)
    return lines


def _sample_width(one: Entry) -> float:
    return SWATCH + text_width(one.text, size=NOTE) + BETWEEN


def _draw_samples(figure: Figure, lines: Sequence[Sequence[Entry]], bottom: float) -> None:
    wide, high = (size * 25.4 for size in figure.get_size_inches())
    for row, line in enumerate(reversed(lines)):
        x, y = EDGE, bottom + line_height(NOTE) * (row + 0.5)
        for one in line:
            _draw_sample(figure, one.publication, x, y)
            figure.text(
                (x + SWATCH) / wide,
                y / high,
                one.text,
                va="center_baseline",
                fontsize=NOTE,
                color=FAINT,
            )
            x += _sample_width(one)


def _draw_sample(figure: Figure, name: str, x: float, y: float) -> None:
    """Draw one sample, its left end and its middle given in mm."""
    wide, high = (size * 25.4 for size in figure.get_size_inches())
    shades = {"prior": "#f0f0f0", "outer": "#a9cbe6", "inner": "#5f9fd0"}
    if name in shades:
        how: dict[str, Any] = {"facecolor": shades[name], "lw": 0}
        if name == "prior":
            how |= {"edgecolor": "#c4c4c4", "hatch": "//////"}
        place = (x / wide, (y - 0.9) / high)
        figure.add_artist(Rectangle(place, 4.6 / wide, 1.8 / high, **how))
    elif name == "median":
        ends = [x / wide, (x + 4.6) / wide]
        figure.add_artist(Line2D(ends, [y / high] * 2, color=AFTER, lw=1.4))
    else:
        middle = (x + 2.3) / wide
        ends = [(y - 1.1) / high, (y + 1.1) / high]
        figure.add_artist(Line2D([middle] * 2, ends, color=USED, lw=0.9))
        dot = Line2D([middle], [y / high], marker="o", markersize=3.2, color=USED)
        figure.add_artist(dot)

"""Published numbers on a figure: only those that cover what the panel shows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from forecast.axes import SEGMENTS
from forecast.figures.style import FAINT, INK, plain

MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
"""One a publication; after the last they begin again."""

SHOWN: Final = ("outturn", "case")
"""Kinds that are drawn: an outturn is filled, a case hollow."""

COVERED: Final = {
    "total": SEGMENTS,
    "data_centres": tuple(one for one in SEGMENTS if one != "crypto"),
    "ai": tuple(one for one in SEGMENTS if one.startswith("ai_")),
    "crypto": ("crypto",),
}
"""Variable → segments that a published number must cover to be one of it."""

APART: Final = 0.5
"""Distance of the cases of two publications for one year. (yr; definition)"""


@dataclass(frozen=True)
class Point:
    """A published number.

    Attributes
    ----------
    publication : str
    kind : str
        One of `SHOWN`.
    case : str
        Its name, where it is a case.
    year : int
    value : float
        In the unit of the panel.
    """

    publication: str
    kind: str
    case: str
    year: int
    value: float


def points(
    observed: xr.Dataset, *, output: str, segments: Collection[str], unit: str, last: int
) -> list[Point]:
    """Pick published numbers of the world that cover exactly these segments.

    Parameters
    ----------
    observed
        The group `observed_data` of a Run.
    output
        Name of the output that they are values of.
    segments
        All that the number must cover, and nothing else.
    unit
        They must be in it.
    last : yr
        Later ones are left out.

    Returns
    -------
    list of Point
        By publication as in the group.
    """
    if not observed.sizes.get("observation"):
        return []
    found = []
    for place in range(observed.sizes["observation"]):
        row = {str(name): values.values[place] for name, values in observed.variables.items()}
        covered = {one.strip() for one in str(row["segments"]).split(",")}
        fits = row["output"] == output and row["region"] in ("world", "") and row["unit"] == unit
        value, year = float(row["value"]), int(row["year"])
        if fits and covered == set(segments) and row["kind"] in SHOWN and year <= last:
            if np.isfinite(value):
                kind, case = str(row["kind"]), plain(str(row["case"]))
                found.append(Point(_publication(row), kind, case, year, value))
    return found


def _publication(row: dict[str, object]) -> str:
    """Name of a publication; a collection of several is named by the entry's own source."""
    if row["publisher"] == "several" and row.get("source"):
        return plain(str(row["source"]).split(", doi:")[0].split(", http")[0])
    return plain(f"{row['publisher']}, {row['edition']}")


def marker(publications: Sequence[str], publication: str) -> str:
    """Marker of a publication, given all of a figure."""
    return MARKERS[publications.index(publication) % len(MARKERS)]


def face(kind: str) -> str:
    """Colour inside the marker of a kind."""
    return INK if kind == "outturn" else "white"


def draw_points(axes: Axes, found: Sequence[Point], publications: Sequence[str]) -> None:
    """Draw published numbers; the cases of a publication for a year hang on one line.

    Parameters
    ----------
    axes
    found
        From `points`.
    publications
        All of the figure, in the order of their markers.
    """
    for year in sorted({one.year for one in found if one.kind == "case"}):
        cases = [one for one in found if one.kind == "case" and one.year == year]
        several = list(dict.fromkeys(one.publication for one in cases))
        for place, publication in enumerate(several):
            values = [one.value for one in cases if one.publication == publication]
            x = year + (place - (len(several) - 1) / 2) * APART
            axes.plot(
                [x, x], [min(values), max(values)], color=FAINT, lw=0.6, zorder=4, clip_on=False
            )
            draw_marks(axes, [x] * len(values), values, marker(publications, publication), "case")
    for one in found:
        if one.kind == "outturn":
            shape = marker(publications, one.publication)
            draw_marks(axes, [one.year], [one.value], shape, one.kind)


def draw_marks(
    axes: Axes, x: Sequence[float], y: Sequence[float], shape: str, kind: str, **how: Any
) -> None:
    """Draw markers of one publication and kind; `how` as for a line of matplotlib."""
    axes.plot(
        x,
        y,
        linestyle="none",
        marker=shape,
        markersize=3,
        markeredgewidth=0.7,
        markeredgecolor=INK,
        markerfacecolor=face(kind),
        zorder=5,
        # A point of the last year stands on the edge.
        clip_on=False,
        **how,
    )

"""Demand by region: a fan chart each, on one scale, with what was published of it."""

from typing import Final

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from forecast.figures.edge import LABEL
from forecast.figures.grid import boxes, columns_of, name_scenarios, series_of, tall_of, tell
from forecast.figures.names import named, unit_named
from forecast.figures.notes import NOTE, draw_key, draws_said, key, key_lines
from forecast.figures.panel import draw_panel, dress
from forecast.figures.paths import rounded, significant
from forecast.figures.points import COVERED, Point, draw_points, points
from forecast.figures.sheet import EDGE, basis_said, error_said, headline, sheet
from forecast.figures.style import styled
from forecast.figures.text import line_height, shortened

TALL: Final = 38.0
"""Height of a panel. (mm; definition)"""

FEW: Final = 3
"""Scenarios that are drawn. (definition)"""


def regions(found: xr.Dataset, observed: xr.Dataset, *, width: float = 180.0) -> Figure:
    """Draw a variable by region.

    Parameters
    ----------
    found
        From `analysis.by_year`: a series a region. Attributes are those of the Run.
    observed
        The group `observed_data` of a Run.
    width : mm

    Returns
    -------
    Figure
        Of three scenarios at most: bands of the first, lines of the others. All panels have one
        scale.
    """
    shown = found.isel(scenario=slice(0, FEW))
    last = int(shown["year"][-1])
    published = [_points(shown, observed, number, last) for number in range(shown.sizes["series"])]
    entries = key([one for each in published for one in each])
    lines = key_lines(entries, room=width - 2 * EDGE)
    count = shown.sizes["series"]
    columns = columns_of(width, count)
    below = 1.0 + line_height(NOTE) * (len(lines) + (1 if shown.sizes["scenario"] > 1 else 0))
    tall = tall_of(count, columns, TALL) + below
    with styled():
        made = sheet(width, tall, headline(found.attrs, title(found)), said(found))
        top = 1.04 * max(
            float(np.nanmax(shown["p95"].values)),
            *(one.value for each in published for one in each),
            0,
        )
        publications = list(dict.fromkeys(one.publication for one in entries))
        for number, box in enumerate(boxes(width, made.low + below, count, columns, TALL)):
            axes = made.axes(box)
            head = shortened(
                named(str(shown["region"].values[number])),
                room=box.width,
                size=LABEL,
                weight="bold",
            )
            unit = unit_named(str(shown["unit"].values[number]))
            unit = tell(made, box, *_told(shown, number), unit)
            years = int(shown["year"][0]), last
            dress(axes, title=head, unit=unit, years=years, top=top)
            draw_panel(axes, series_of(shown, number))
            draw_points(axes, published[number], publications)
        draw_key(made.figure, lines, publications, left=EDGE, bottom=made.low)
        if shown.sizes["scenario"] > 1:
            name_scenarios(made, shown, made.low + line_height(NOTE) * (len(lines) + 0.5))
    return made.figure


def title(found: xr.Dataset) -> str:
    """Headline of the figure."""
    return f"{named(str(found['variable'].values[0]))}, by region"


def said(found: xr.Dataset) -> list[str]:
    """Sentences of the notes, and of the caption."""
    shown = [str(one) for one in found["scenario"].values[:FEW]]
    year, unit = int(found["year"][-1]), str(found["unit"].values[0])
    first = f" of {shown[0]}" if len(shown) > 1 else ""
    others = "; thin lines: 5 and 95 % of draws of the others" if len(shown) > 1 else ""
    more = found.sizes["scenario"] - len(shown)
    return [
        f"Bands: 5–95 % and 10–90 % of draws{first}, line: median{others}; at the right above each"
        f" panel the median in {year} with its 5–95 % interval{first}. Medians of regions do not"
        " add up to that of the world.",
        basis_said(found.attrs, shown),
        draws_said(found.attrs),
        error_said(found["mcse_p50"].values, unit),
        f"{more} further scenario{'s' * (more > 1)} of the run not shown." if more > 0 else "",
    ]


def _points(shown: xr.Dataset, observed: xr.Dataset, number: int, last: int) -> list[Point]:
    """Published numbers of a region, of what the series covers."""
    variable, region = (str(shown[name].values[number]) for name in ("variable", "region"))
    if not observed.sizes.get("observation"):
        return []
    covered = COVERED.get(variable, (variable,))
    ours = observed.isel(observation=np.flatnonzero(observed["region"].values == region))
    if not ours.sizes["observation"]:
        return []
    world = ours.assign(region=("observation", np.full(ours.sizes["observation"], "world")))
    unit = str(shown["unit"].values[number])
    return points(world, output=variable, segments=covered, unit=unit, last=last)


def _told(shown: xr.Dataset, number: int) -> tuple[str, str]:
    last = shown.isel(scenario=0, series=number, year=-1)
    middle = rounded(float(last["p50"]), float(last["mcse_p50"]))
    low, high = (significant(float(last[name]), 2) for name in ("p05", "p95"))
    return middle, f" ({low}–{high})"

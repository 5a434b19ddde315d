"""Which part of the growth of demand renewables meet, by location and by contract."""

from typing import Final

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from forecast.figures.edge import LABEL
from forecast.figures.grid import boxes, columns_of, name_scenarios, series_of, tall_of
from forecast.figures.notes import NOTE, draws_said
from forecast.figures.panel import draw_panel, dress
from forecast.figures.sheet import basis_said, error_said, headline, sheet
from forecast.figures.style import FAINT, INK, styled
from forecast.figures.text import line_height

TALL: Final = 46.0
"""Height of a panel. (mm; definition)"""

FEW: Final = 3
"""Scenarios that are drawn. (definition)"""


def growth(found: xr.Dataset, *, width: float = 180.0) -> Figure:
    """Draw the renewable share of growth.

    Parameters
    ----------
    found
        From `analysis.by_year`: the share by location, then by contract. Attributes are those of
        the Run.
    width : mm

    Returns
    -------
    Figure
        Of three scenarios at most: bands of the first, lines of the others.
    """
    shown = found.isel(scenario=slice(0, FEW))
    count, several = shown.sizes["series"], shown.sizes["scenario"] > 1
    columns = columns_of(width, count)
    below = 1.0 + line_height(NOTE) if several else 0.0
    years = int(shown["year"][0]), int(shown["year"][-1])
    top = 1.04 * max(1.0, float(shown["p95"].max()))
    with styled():
        tall = tall_of(count, columns, TALL) + below
        made = sheet(width, tall, headline(found.attrs, title(found)), said(found))
        for number, box in enumerate(boxes(width, made.low + below, count, columns, TALL)):
            axes = made.axes(box)
            variable = str(shown["variable"].values[number])
            head = "By contract" if variable.endswith("_market") else "By location"
            dress(axes, title=head, unit="", years=years, top=top)
            draw_panel(axes, series_of(shown, number))
            _share(axes, min(0.0, float(shown["p05"].min())), top)
            last = shown.isel(scenario=0, series=number, year=-1)
            middle, low, high = (f"{100 * float(last[one]):.0f}" for one in ("p50", "p05", "p95"))
            made.write(
                box.left + box.width,
                box.bottom + box.height + 1.1,
                f"{middle} % ({low}–{high})",
                ha="right",
                fontsize=LABEL,
                color=INK,
            )
        if several:
            name_scenarios(made, shown, made.low + line_height(NOTE) / 2)
    return made.figure


def title(found: xr.Dataset) -> str:
    """Headline of the figure."""
    return "Renewable electricity over the growth of demand, four years before to the year"


def said(found: xr.Dataset) -> list[str]:
    """Sentences of the notes, and of the caption."""
    shown = [str(one) for one in found["scenario"].values[:FEW]]
    first = f" of {shown[0]}" if len(shown) > 1 else ""
    others = "; thin lines: 5 and 95 % of draws of the others" if len(shown) > 1 else ""
    more = found.sizes["scenario"] - len(shown)
    return [
        f"Bands: 5–95 % and 10–90 % of draws{first}, line: median{others}; at the right above each"
        f" panel the median in {int(found['year'][-1])} with its 5–95 % interval{first}.",
        "Growth of renewable electricity used over growth of demand; above 100 % renewables grow"
        " by more than demand does. By location: the mix of the region's grid. By contract: with"
        " what was bought on top. Draws in which demand hardly grows have no share.",
        basis_said(found.attrs, shown),
        draws_said(found.attrs),
        error_said(100 * found["mcse_p50"].values, "percentage points"),
        f"{more} further scenario{'s' * (more > 1)} of the run not shown." if more > 0 else "",
    ]


def _share(axes: Axes, low: float, top: float) -> None:
    axes.set_ylim(1.04 * low, top)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axes.axhline(1.0, color=FAINT, lw=0.8, ls=(0, (4, 2)), zorder=2)

"""Figures of the session's run, made once."""

from collections.abc import Callable
from functools import cache

import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from forecast.figures.style import styled
from forecast.grammar import Place
from forecast.plots.choice import Choice
from forecast.plots.making import Made, make
from forecast.plots.table import FIGURES

STORED = tuple(
    name
    for name, one in FIGURES.items()
    if one.result == "run" and one.data.startswith("forecast.plots.data:")
)
"""Figures for which no model is asked."""

# So few draws hold no tenth that a box could be found in.
CHOICE = Choice(place=Place("total", "", 2030), where="crypto[2030] > p60")


@pytest.fixture(scope="session")
def made(run: xr.DataTree) -> Callable[..., Made]:
    """Make a figure of the session's run; not to be changed."""

    @cache
    def draw(name: str, style: str = "report", columns: int = 2, **choice: object) -> Made:
        chosen = Choice(**{"place": CHOICE.place, "where": CHOICE.where} | choice)  # type: ignore[arg-type]
        return make(run, name, chosen, style=style, columns=columns)

    return draw


def _beyond(axes: Axes) -> list[Text]:
    """Labels of ticks outside the view, which matplotlib keeps and does not draw."""
    found = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            if not low <= tick.get_loc() <= high:
                found += [tick.label1, tick.label2]
    return found


@pytest.fixture(scope="session")
def texts() -> Callable[[Figure], list[Text]]:
    """Text that is drawn on a figure, laid out."""

    def drawn(figure: Figure) -> list[Text]:
        with styled():
            figure.draw_without_rendering()
        hidden = {id(one) for axes in figure.axes for one in _beyond(axes)}
        return [
            one
            for one in figure.findobj(Text)
            if one.get_visible() and one.get_text().strip() and id(one) not in hidden
        ]

    return drawn

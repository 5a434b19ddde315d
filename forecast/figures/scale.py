"""A drawn figure made larger: letters, lines and marks grow as the figure does."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Annotation, Text


def enlarge(figure: Figure, factor: float) -> None:
    """Make a figure larger as a magnifying glass would.

    Parameters
    ----------
    figure
        Drawn; it is changed.
    factor : 1
        Of every length on it.
    """
    if factor == 1:
        return
    figure.set_size_inches(*(side * factor for side in figure.get_size_inches()))
    for axes in figure.axes:
        _ticks(axes, factor)
    owned = {id(one) for axes in figure.axes for axis in _axis(axes) for one in _parts(axis)}
    for artist in figure.findobj():
        if id(artist) not in owned:
            _artist(artist, factor)


def _axis(axes: Axes) -> tuple[Axis, Axis]:
    return axes.xaxis, axes.yaxis


def _parts(axis: Axis) -> list[Any]:
    """What a tick is made of: made anew from the axis's own settings whenever it is drawn."""
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    return [part for tick in ticks for part in (tick, *tick.get_children())]


def _ticks(axes: Axes, factor: float) -> None:
    axis: Any  # the stubs say of get_pad that it returns nothing
    for axis in _axis(axes):
        for which in ("major", "minor"):
            ticks = axis.get_major_ticks() if which == "major" else axis.get_minor_ticks()
            for tick in ticks[:1]:
                lengths: dict[str, Any] = {
                    "size": tick.tick1line.get_markersize(),
                    "width": tick.tick1line.get_markeredgewidth(),
                    "pad": tick.get_pad(),
                    "labelsize": tick.label1.get_fontsize(),
                    "grid_linewidth": tick.gridline.get_linewidth(),
                }
                larger = {name: factor * length for name, length in lengths.items()}
                axis.set_tick_params(which=which, **larger)
        axis.labelpad = factor * axis.labelpad


def _artist(artist: Any, factor: float) -> None:
    if isinstance(artist, Text):
        size: Any = artist.get_fontsize()
        artist.set_fontsize(size * factor)
        if isinstance(artist, Annotation) and artist.anncoords == "offset points":
            right, up = artist.xyann
            artist.xyann = (right * factor, up * factor)
    elif isinstance(artist, Line2D):
        artist.set_linewidth(artist.get_linewidth() * factor)
        artist.set_markersize(artist.get_markersize() * factor)
        artist.set_markeredgewidth(artist.get_markeredgewidth() * factor)
    elif isinstance(artist, Collection):
        artist.set_linewidth([one * factor for one in np.atleast_1d(artist.get_linewidth())])
    elif isinstance(artist, Patch):
        artist.set_linewidth(artist.get_linewidth() * factor)

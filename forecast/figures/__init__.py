"""From a Dataset to a figure."""

from collections.abc import Callable
from typing import Final

from matplotlib.figure import Figure

from forecast.figures.fan import fan

FIGURES: Final[dict[str, Callable[..., Figure]]] = {
    "fan": fan,
}
"""Figures by name."""

"""From a Dataset to a figure."""

from collections.abc import Callable
from typing import Final

from matplotlib.figure import Figure

from forecast.figures.calibrated_fan import calibrated_fan
from forecast.figures.fan import fan
from forecast.figures.update import update

FIGURES: Final[dict[str, Callable[..., Figure]]] = {
    "fan": fan,
}
"""Figures of a summary by name."""

CALIBRATED: Final[dict[str, Callable[..., Figure]]] = {
    "calibrated_fan": calibrated_fan,
    "update": update,
}
"""Figures of a calibrated tree by name."""

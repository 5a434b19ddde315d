"""A figure as a sheet of paper: title on top, notes at the foot, panels between, all in mm."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from forecast.figures.edge import Box
from forecast.figures.notes import NOTE, TITLE, basis_of
from forecast.figures.paths import significant
from forecast.figures.style import FAINT, INK, MM, plain
from forecast.figures.text import line_height, words, wrapped

EDGE: Final = 2.0
"""Rim of every figure. (mm; definition)"""

APART: Final = 1.0
"""Distance of title and notes from the panels. (mm; definition)"""

NARROW: Final = 130.0
"""Width below which there is room for one panel beside another no more. (mm; definition)"""

SQUARE, SAMPLE = 2.0, 5.0
"""Samples of a colour and of a line. (mm; definition)"""

SPACE: Final = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Sheet:
    """A figure with its title and notes, and the room between them.

    Attributes
    ----------
    figure : Figure
    width, height : mm
        Of the whole figure.
    low, high : mm
        Lower and upper end of the room for panels, from the lower edge of the figure.
    """

    figure: Figure
    width: float
    height: float
    low: float
    high: float

    def axes(self, box: Box) -> Axes:
        """Axes in a rectangle of the sheet."""
        return self.figure.add_axes(
            (
                box.left / self.width,
                box.bottom / self.height,
                box.width / self.width,
                box.height / self.height,
            )
        )

    def write(self, left: float, bottom: float, text: str, **how: Any) -> None:
        """Write at a place in mm."""
        self.figure.text(left / self.width, bottom / self.height, text, **how)

    def square(self, left: float, middle: float, fill: str) -> None:
        """Draw the sample of a colour, its left edge and its middle at a place in mm."""
        self.figure.add_artist(
            Rectangle(
                (left / self.width, (middle - SQUARE / 2) / self.height),
                SQUARE / self.width,
                SQUARE / self.height,
                transform=self.figure.transFigure,
                facecolor=fill,
                edgecolor=INK,
                lw=0.3,
            )
        )

    def line(self, left: float, middle: float, **how: Any) -> None:
        """Draw the sample of a line, from its left end at a place in mm."""
        ends = [left / self.width, (left + SAMPLE) / self.width]
        self.figure.add_artist(Line2D(ends, [middle / self.height] * 2, **how))


def sheet(width: float, tall: float, title: str, said: Sequence[str]) -> Sheet:
    """Lay out title and notes.

    Parameters
    ----------
    width : mm
    tall : mm
        Room for the panels.
    title
        Empty for none.
    said
        Sentences of the notes.

    Returns
    -------
    Sheet
        As high as all that needs.
    """
    room = width - 2 * EDGE
    heads = wrapped(words(joined([title])), room=room, size=TITLE, weight="bold", most=2)
    told = wrapped(words(joined(said)), room=room, size=NOTE)
    head = EDGE + (line_height(TITLE) * len(heads) + APART if heads else 0.0)
    foot = EDGE + (line_height(NOTE) * len(told) + APART if told else 0.0)
    height = head + tall + foot
    made = Sheet(Figure(figsize=(width * MM, height * MM)), width, height, foot, foot + tall)
    how: dict[str, Any] = {"va": "top", "linespacing": 1.1}
    bold: dict[str, Any] = {"fontsize": TITLE, "fontweight": "bold", "color": INK}
    made.write(EDGE, height - EDGE, "\n".join(heads), **bold, **how)
    low = EDGE + line_height(NOTE) * len(told)
    made.write(EDGE, low, "\n".join(told), fontsize=NOTE, color=FAINT, **how)
    return made


def headline(attributes: Mapping[Any, Any], text: str) -> str:
    """Title of a figure, empty where its style has none.

    Parameters
    ----------
    attributes
        Of what is drawn; `untitled` where the title stands in the caption alone.
    text

    Returns
    -------
    str
    """
    return "" if attributes.get("untitled") else text


def joined(said: Sequence[str]) -> str:
    """Sentences in one text, those that are empty left out.

    A sign stays on the line of its number.

    Parameters
    ----------
    said

    Returns
    -------
    str
    """
    text = re.sub(r"(\d)%", r"\1 %", plain(" ".join(one for one in said if one)))
    return text.replace(" %", f"{SPACE}%").replace(" × ", f"{SPACE}×{SPACE}")


def basis_said(attributes: Mapping[Any, Any], scenarios: Sequence[str]) -> str:
    """What the draws of some scenarios come from, as a sentence; see `basis_of`."""
    return f"Draws: {basis_of(attributes, scenarios)}."


def error_said(errors: np.ndarray, unit: str, what: str = "medians shown") -> str:
    """Largest Monte Carlo error on a figure.

    Parameters
    ----------
    errors : unit
        Standard errors; those that are not known are NaN.
    unit
    what
        Whose errors they are.

    Returns
    -------
    str
        A sentence.
    """
    known = errors[np.isfinite(errors)]
    if not known.size:
        return "Monte Carlo error not known."
    said = f"{significant(float(known.max()))}{SPACE}{unit}".rstrip()
    return f"Monte Carlo standard error of the {what}: at most {said}."

"""The names of inputs beside their rows: what each means, and fainter its own name."""

from typing import Any

import xarray as xr

from forecast.figures.edge import LABEL
from forecast.figures.notes import NOTE
from forecast.figures.sheet import Sheet
from forecast.figures.style import FAINT, INK, plain
from forecast.figures.text import line_height, shortened, text_width, words, wrapped

NARROWEST = 50.0
"""Room below which a long meaning takes the line of the name. (mm; definition)"""

type Name = tuple[str, str, bool]
"""Two lines, and whether the second is the input's own name, in fainter letters."""


def input_names(found: xr.Dataset, room: float) -> list[Name]:
    """Names of inputs, cut where they are wider than their room.

    Parameters
    ----------
    found
        With `input`, and `meaning` along it.
    room : mm

    Returns
    -------
    list of Name
    """
    pairs = zip(found["input"].values, found["meaning"].values, strict=True)
    return [_name(plain(str(name)), plain(str(meaning)), room) for name, meaning in pairs]


def _name(name: str, meaning: str, room: float) -> Name:
    """Two lines: what it means and its own name, or what it means alone where that needs both."""
    lines = wrapped(words(meaning or name), room=room, size=LABEL, most=2)
    if len(lines) == 2 and room < NARROWEST:
        return lines[0], lines[1], False
    told = shortened(meaning or name, room=room, size=LABEL)
    return told, shortened(name, room=room, size=NOTE), True


def names_width(names: list[Name]) -> float:
    """Width of the widest name, in mm."""
    return max(
        max(text_width(first, size=LABEL), text_width(second, size=NOTE if own else LABEL))
        for first, second, own in names
    )


def write_name(made: Sheet, left: float, middle: float, name: Name) -> None:
    """Write a name in two lines around the middle of its row, at a place in mm."""
    half = line_height(LABEL) / 2
    first, second, own = name
    made.write(left, middle + half, first, va="center", fontsize=LABEL, color=INK)
    how: dict[str, Any] = {"fontsize": NOTE, "color": FAINT} if own else {}
    made.write(left, middle - half, second, va="center", **{"fontsize": LABEL, "color": INK} | how)

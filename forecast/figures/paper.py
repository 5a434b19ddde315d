"""The widths and letters that publishers ask for."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Final

LETTERS: Final = 7.0
"""Size at which the names on every figure are drawn. (pt; definition)"""


@dataclass(frozen=True)
class Style:
    """What a figure is drawn for.

    Attributes
    ----------
    widths : tuple of float
        Of one column, then of two. (mm)
    letters : float
        Size of the names on the figure when it is done; everything on it grows alike. (pt)
    titled : bool
        Whether the title stands on the figure; publishers have it in the caption.
    tallest : float
        Height that the publisher prints at most. (mm)
    source : str
        Where the widths are from.
    """

    widths: tuple[float, ...]
    letters: float
    titled: bool
    tallest: float
    source: str

    @property
    def factor(self) -> float:
        """How much larger a figure is made than it is laid out."""
        return self.letters / LETTERS


TABLE: Final = "styles.csv"
"""Widths in mm, letters in pt, and where each line is from, graded; what is judged is grade D."""


def _read() -> dict[str, Style]:
    text = files("forecast.figures").joinpath(TABLE).read_text(encoding="utf-8")
    return {
        row["name"]: Style(
            (float(row["one_column_mm"]), float(row["two_columns_mm"])),
            float(row["letters_pt"]),
            row["titled"] == "1",
            float(row["tallest_mm"]),
            row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    }


STYLES: Final[Mapping[str, Style]] = MappingProxyType(_read())
"""Name → what a figure of that style keeps to."""

"""The widths and letters that publishers ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
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


STYLES: Final[Mapping[str, Style]] = MappingProxyType(
    {
        "report": Style((88.0, 180.0), 7.0, True, 250.0, "this project: A4 with margins of 15 mm"),
        "nature": Style(
            (89.0, 183.0),
            7.0,
            False,
            170.0,
            "Nature research figure guide, building and exporting figure panels: 89 and 183 mm,"
            " 170 mm at most, letters of 5 to 7 pt, fonts embedded as type 42;"
            " https://research-figure-guide.nature.com (read 2026-11-27)",
        ),
        "ieee": Style(
            (88.9, 181.864),
            8.0,
            False,
            228.6,
            "IEEE Author Center, size requirements for graphics: 3.5 and 7.16 inches; letters of"
            " 8 pt and 9 inches at most: IEEE author guidelines for graphics;"
            " https://ieeeauthorcenter.ieee.org (read 2026-11-27)",
        ),
        "elsevier": Style(
            (90.0, 190.0),
            7.0,
            False,
            240.0,
            "Elsevier, artwork sizing: 90 and 190 mm, 240 mm at most, letters of 7 pt;"
            " https://www.elsevier.com/about/policies-and-standards/author/"
            "artwork-and-media-instructions/artwork-sizing (read 2026-11-27)",
        ),
        "slides": Style(
            (160.0, 320.0),
            12.0,
            True,
            190.5,
            "this project: half of a slide of 338.7 by 190.5 mm (16:9), and the whole of it",
        ),
    }
)
"""Name → what a figure of that style keeps to."""

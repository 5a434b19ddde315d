"""How every figure looks, what text may stand on it, and how it is written to a file."""

from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.style import context

from forecast.files import written

MM: Final = 1 / 25.4
"""Inches in a millimetre. (in/mm; definition)"""

FONT: Final = "DejaVu Sans"
"""Comes with matplotlib, so a figure is the same on every machine."""

STYLE: Final[dict[Any, Any]] = {
    "font.family": [FONT],
    "font.size": 7,
    "axes.titlesize": 7.5,
    "axes.labelsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 6.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "lines.linewidth": 1.2,
    # Titles and names come from users: a dollar sign is a dollar sign.
    "text.parse_math": False,
    "text.usetex": False,
    # Letters as wide at every resolution as they were measured.
    "text.hinting": "no_hinting",
    "axes.formatter.use_mathtext": False,
    "pdf.fonttype": 42,
    # Letters as outlines: an SVG that looks the same where the font is missing.
    "svg.fonttype": "path",
    "svg.hashsalt": "forecast",
    "path.simplify": True,
}
"""What differs from matplotlib's own defaults."""

INK: Final = "#222222"
"""Text and published points."""

FAINT: Final = "#6b6b6b"
"""Notes and axes; at least 4.5:1 on white."""

COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#332288", "#661100")
"""One a scenario: Okabe and Ito's that are not faint on white, then two dark ones of Tol's.

Okabe and Ito (2008), https://jfly.uni-koeln.de/color; Tol (2021), https://sronpersonalpages.nl/~pault
"""

DASHES: Final[tuple[Any, ...]] = (
    "solid",
    (0, (5, 1.5)),
    (0, (1.2, 1.2)),
    (0, (6, 1.5, 1.2, 1.5)),
    (0, (9, 2)),
    (0, (3, 1.2, 1.2, 1.2, 1.2, 1.2)),
)
"""One a scenario, so that they are told apart without colour."""

METADATA: Final[dict[str, dict[str, Any]]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": "forecast"},
    ".pdf": {"CreationDate": None, "Creator": "forecast", "Producer": None},
}
"""Ending → metadata without times and versions, so that a figure is the same bytes."""

DPI: Final = 300
"""Resolution of a PNG. (1/in; definition)"""


def styled() -> AbstractContextManager[None]:
    """Hold the style while a figure is made or written, whatever the user's settings are.

    Returns
    -------
    context manager
        Restores all settings at its end.
    """
    return context(["default", STYLE])


def plain(text: str) -> str:
    """Make text from a file fit to be drawn: one line, and only letters that the font has.

    Parameters
    ----------
    text
        Anything.

    Returns
    -------
    str
        What the font lacks is a question mark.
    """
    font = get_font(findfont(FONT))
    line = " ".join(text.split())
    shown = (one if one.isprintable() and font.get_char_index(ord(one)) else "?" for one in line)
    return "".join(shown)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure: the same figure is the same bytes.

    Parameters
    ----------
    figure
    path
        Ends in ``.png``, ``.svg`` or ``.pdf``; replaced if it is there.

    Raises
    ------
    ValueError
        If it has another ending.
    """
    if path.suffix not in METADATA:
        raise ValueError(f"{path.name}: a figure ends in {', '.join(METADATA)}")
    write = partial(figure.savefig, format=path.suffix[1:], dpi=DPI, metadata=METADATA[path.suffix])
    with styled():
        written(path, write)

"""Text on a figure: how wide it is, where its lines break, and how labels stay apart."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from forecast.figures.style import FONT

POINT: Final = 25.4 / 72
"""Millimetres in a typographic point. (mm/pt; definition)"""

LINE: Final = 1.25
"""Height of a line over the size of its letters. (1; definition)"""


def text_width(text: str, *, size: float, weight: str = "normal") -> float:
    """Width of a line of text.

    Parameters
    ----------
    text
    size : pt
    weight

    Returns
    -------
    mm
    """
    font = FontProperties(family=[FONT], size=size, weight=weight)
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]) * POINT


def line_height(size: float) -> float:
    """Height of a line of text.

    Parameters
    ----------
    size : pt

    Returns
    -------
    mm
    """
    return size * POINT * LINE


def shortened(text: str, *, room: float, size: float, weight: str = "normal") -> str:
    """Cut a line where it is too wide, and say so by an ellipsis.

    Parameters
    ----------
    text
    room : mm
    size : pt
    weight

    Returns
    -------
    str
    """
    if text_width(text, size=size, weight=weight) <= room:
        return text
    too_long = bisect_left(
        range(len(text)),
        room,
        lo=1,
        key=lambda count: text_width(f"{text[:count]}…", size=size, weight=weight),
    )
    return f"{text[: too_long - 1].rstrip()}…"


def wrapped(
    words: Sequence[str], *, room: float, size: float, weight: str = "normal", most: int = 99
) -> list[str]:
    """Break words into lines.

    Parameters
    ----------
    words
        Each with the blank behind it, if there is one: lines break between them alone.
    room : mm
        For each line; a word that is wider is cut.
    size : pt
    weight
    most
        Lines; what does not fit them is cut with an ellipsis.

    Returns
    -------
    list of str
    """
    lines: list[str] = []
    for word in words:
        longer = lines[-1] + word if lines else word
        fits = bool(lines) and text_width(longer.rstrip(), size=size, weight=weight) <= room
        if fits or len(lines) == most:
            lines[-1] = longer
        else:
            lines.append(word)
    return [shortened(one.rstrip(), room=room, size=size, weight=weight) for one in lines]


def words(text: str) -> list[str]:
    """Split text into words with the blanks behind them; a no-break space stays in its word."""
    return [f"{word} " for word in text.split(" ") if word]


def spread(
    wanted: Sequence[float], heights: Sequence[float], *, low: float, high: float
) -> list[float]:
    """Move labels apart as little as possible.

    Parameters
    ----------
    wanted : mm
        Where the middle of each label would best be, from below.
    heights : mm
        Of the labels.
    low, high : mm
        Between which they stay, as far as they fit.

    Returns
    -------
    list of float
        Middles, in mm and in the order given: those closest to the wanted ones in least squares
        at which no label overlaps another.

    References
    ----------
    Least squares under an order is pool-adjacent-violators: Barlow et al. (1972), Statistical
    inference under order restrictions, section 1.2, ISBN 0-471-04970-0.
    """
    order = np.argsort(wanted, kind="stable")
    tall = np.asarray(heights, float)[order]
    # Measured from the labels below it, every label may lie anywhere above the one before.
    below = np.concatenate([[0.0], np.cumsum((tall[1:] + tall[:-1]) / 2)])[: len(tall)]
    pools: list[tuple[float, int]] = []
    for target in (np.asarray(wanted, float)[order] - below).tolist():
        pools.append((target, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (upper, many), (lower, more) = pools.pop(), pools.pop()
            pools.append(((upper * many + lower * more) / (many + more), many + more))
    free = np.repeat([mean for mean, _ in pools], [count for _, count in pools])
    if len(tall):
        last = high - tall[-1] / 2 - below[-1]
        free = np.maximum(np.minimum(free, last), low + tall[0] / 2)
    found = np.empty(len(tall))
    found[order] = free + below
    placed: list[float] = found.tolist()
    return placed

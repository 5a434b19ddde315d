"""Columns of numbers in few bytes of text: what the page unpacks again."""

import base64
import json
import zlib
from typing import Any, Final, NamedTuple

import numpy as np

STEPS: Final = 65_534
"""Steps between the least and the greatest number of a column, at most. (1; definition)"""

MISSING: Final = 65_535
"""What stands for a number that is missing. (definition)"""

QUARTER: Final = 0.25
"""Quantile of the sizes of a column at which its steps become proportional. (1; definition)"""


class Grid(NamedTuple):
    """How the numbers of a column are told in whole steps: `size · sinh((steps + first) · step)`.

    Steps are even near zero and in proportion far from it, so that a column with a few enormous
    numbers still tells the others; zero is on the grid.

    Attributes
    ----------
    size : unit of the column
        Where even steps become proportional ones.
    first : int
        Steps of the least number.
    step : 1
    """

    size: float
    first: int
    step: float


def grid(values: np.ndarray) -> Grid:
    """Find the finest grid that holds all numbers of a column.

    Parameters
    ----------
    values : any unit
        NaN where there is none.

    Returns
    -------
    Grid
    """
    there = values[np.isfinite(values)]
    large = np.abs(there[there != 0])
    if not large.size:
        return Grid(1.0, 0, 1.0)
    size = _short(float(np.quantile(large, QUARTER)))
    laid = np.arcsinh(np.array([there.min(), there.max()]) / size)
    # Both ends may be rounded away from the middle.
    step = _short(float(laid[1] - laid[0]) / (STEPS - 2)) or _short(float(abs(laid[0])))
    return Grid(size, int(np.rint(laid[0] / step)), step)


def _short(value: float) -> float:
    """A number as JSON has it, so that both sides compute with the same."""
    return float(f"{value:.9g}")


def quantised(values: np.ndarray, on: Grid) -> np.ndarray:
    """Write numbers as whole steps above the least.

    Parameters
    ----------
    values : any unit
    on
        From `grid`.

    Returns
    -------
    array of uint16
    """
    there = np.isfinite(values)
    steps = np.rint(np.arcsinh(np.where(there, values, 0.0) / on.size) / on.step) - on.first
    return np.where(there, np.clip(steps, 0, STEPS), MISSING).astype(np.uint16)


def restored(steps: np.ndarray, on: Grid) -> np.ndarray:
    """Read numbers back, as the page does.

    Parameters
    ----------
    steps
        From `quantised`.
    on
        From `grid`.

    Returns
    -------
    array
    """
    found = on.size * np.sinh((steps.astype(float) + on.first) * on.step)
    return np.where(steps == MISSING, np.nan, found)


def packed(columns: np.ndarray) -> str:
    """Compress columns into text.

    Low bytes come first, then high bytes: where a policy changes little its high bytes are all
    zero, and compress to nothing.

    Parameters
    ----------
    columns
        Of uint16, `[column, draw]`.

    Returns
    -------
    str
        Base64 of a zlib stream.
    """
    low, high = (columns & 255).astype(np.uint8), (columns >> 8).astype(np.uint8)
    return base64.b64encode(zlib.compress(low.tobytes() + high.tobytes(), 9)).decode("ascii")


def unpacked(text: str, draws: int) -> np.ndarray:
    """Undo `packed`.

    Parameters
    ----------
    text
    draws
        Length of a column.

    Returns
    -------
    array of uint16
        `[column, draw]`.
    """
    both = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8).astype(np.uint16)
    low, high = both.reshape(2, -1, draws)
    return np.asarray(low | (high << 8))


def embedded(told: Any) -> str:
    """Write JSON that cannot end the script element it stands in.

    Parameters
    ----------
    told

    Returns
    -------
    str
    """
    text = json.dumps(told, allow_nan=False, separators=(",", ":"), ensure_ascii=True)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text

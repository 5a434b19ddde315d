"""Columns of numbers in few bytes of text: what the page unpacks again."""

import base64
import json
import zlib
from typing import Any, Final

import numpy as np

STEPS: Final = 65_534
"""Steps between the least and the greatest number of a column. (1; definition)"""

MISSING: Final = 65_535
"""What stands for a number that is missing. (definition)"""


def scale(values: np.ndarray) -> tuple[float, float]:
    """Find the least number of a column and the step that takes it to its greatest.

    Parameters
    ----------
    values : any unit
        NaN where there is none.

    Returns
    -------
    float, float
        The step is zero where all numbers are the same or missing.
    """
    there = values[np.isfinite(values)]
    if not there.size:
        return 0.0, 0.0
    least = float(there.min())
    return least, (float(there.max()) - least) / STEPS


def quantised(values: np.ndarray, least: float, step: float) -> np.ndarray:
    """Write numbers as whole steps above the least.

    Parameters
    ----------
    values : any unit
    least, step
        From `scale`.

    Returns
    -------
    array of uint16
    """
    there = np.isfinite(values)
    steps = np.zeros(values.shape)
    if step > 0:
        np.divide(values - least, step, out=steps, where=there)
    return np.where(there, np.rint(steps), MISSING).astype(np.uint16)


def restored(steps: np.ndarray, least: float, step: float) -> np.ndarray:
    """Read numbers back, as the page does.

    Parameters
    ----------
    steps
        From `quantised`.
    least, step
        From `scale`.

    Returns
    -------
    array
    """
    return np.where(steps == MISSING, np.nan, least + step * steps.astype(float))


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

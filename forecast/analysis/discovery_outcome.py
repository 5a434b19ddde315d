"""Which draws have an outcome, and whether there are enough of them to learn from."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from forecast.analysis.discovery_words import number, with_unit
from forecast.analysis.ensemble import Ensemble
from forecast.grammar import Condition

LEAST_EITHER: Final = 25
"""Draws with the outcome, and without, that each half needs. (1; definition)"""

REACH: Final = {"min": 0.0, "p05": 0.05, "p50": 0.5, "p95": 0.95, "max": 1.0}
"""Quantiles that tell how far an outcome reaches. (1; definition)"""


def outcome(ensemble: Ensemble, conditions: Sequence[Condition]) -> tuple[np.ndarray, np.ndarray]:
    """Which draws have the outcome, and in which it is known.

    Returns
    -------
    happens, known : bool
        `[draw]`.

    Raises
    ------
    ValueError
        If a condition names no outcome, with its column, or has another unit.
    """
    if not conditions:
        raise ValueError("there is no condition, expected one such as total[2030] > 1200 TWh")
    happens, known = np.ones((2, len(ensemble.x)), bool)
    for one in conditions:
        values, unit = ensemble.values(one.place), ensemble.unit(one.place)
        if one.unit not in ("", unit):
            column = one.place.columns.get("variable", 1)
            told = "is a share or ratio without unit" if unit == "1" else f"is in {unit}"
            raise ValueError(
                f'column {column}: {one.place} {told}, got "{one.unit}"; write the number in the'
                " unit of the variable, or leave the unit out"
            )
        happens &= one.holds(values)
        known &= ~np.isnan(values)
    return happens & known, known


def halves(chain: np.ndarray, seed: int) -> tuple[np.ndarray, str]:
    """Draws that a box is found on; the others are held out.

    Every other chain, since chains are independent of each other; of one chain, a random half.

    Returns
    -------
    bool
        `[draw]`.
    str
        The same in words.
    """
    names = np.unique(chain)
    if len(names) == 1:
        mixed = np.random.default_rng(seed).permutation(len(chain))
        return mixed < (len(chain) + 1) // 2, "a random half of the draws"
    return np.isin(chain, names[::2]), f"{len(names[1::2])} of {len(names)} chains"


def check_count(
    ensemble: Ensemble, conditions: Sequence[Condition], y: np.ndarray, first: np.ndarray
) -> None:
    """Hold the numbers of draws with and without an outcome against what a box needs.

    Parameters
    ----------
    ensemble
    conditions
    y, first : bool
        Draws with the outcome, and those that a box is found on, among those where it is known.

    Raises
    ------
    ValueError
        If one half has too few; with how far each outcome reaches.
    """
    found, size = int(y.sum()), len(y)
    with_it = int(y[first].sum()), int(y[~first].sum())
    without = int((~y[first]).sum()), int((~y[~first]).sum())
    if min(*with_it, *without) >= LEAST_EITHER:
        return
    few, word = (with_it, "with") if min(with_it) < LEAST_EITHER else (without, "without")
    held = f"holds in {found:,} of {size:,} draws"
    if found in (0, size):
        held = f"holds in {'all' if found else 'none'} of {size:,} draws"
    told = [
        f"{' and '.join(map(str, conditions))} {held}; a box needs at least {LEAST_EITHER} draws"
        f" {word} it in each half of them, and there are {few[0]:,} and {few[1]:,}"
    ]
    for place in dict.fromkeys(one.place for one in conditions):
        told.append(f"{place} {_reach(ensemble.values(place), ensemble.unit(place))}")
    raise ValueError("\n".join(told))


def _reach(values: np.ndarray, unit: str) -> str:
    if np.isnan(values).all():
        return "is missing in every draw"
    levels = np.nanquantile(values, list(REACH.values()))
    told = [f"{name} {number(level)}" for name, level in zip(REACH, levels[:-1], strict=False)]
    return f"reaches: {', '.join(told)}, max {with_unit(levels[-1], unit)}"

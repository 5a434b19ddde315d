"""What mixes of levers cost, and those that a budget allows."""

from collections.abc import Sequence

import numpy as np

from forecast.spec.optimisation import Range


def cost(ranges: Sequence[Range], mix: np.ndarray) -> float:
    """Cost of a mix of levers, each from 0 (free) to 1 (strongest)."""
    return float(sum(spent(one, part) for one, part in zip(ranges, mix, strict=True)))


def spent(one: Range, part: float) -> float:
    """Cost of one lever."""
    width = abs(one.strongest - one.free) * part
    return float(one.cost * width + one.rising * width**2)


def cost_slope(ranges: Sequence[Range], mix: np.ndarray) -> np.ndarray:
    """Slope of the cost in the mix, `[lever]`."""
    widths = np.array([abs(one.strongest - one.free) for one in ranges])
    cost, rising = (np.array([getattr(one, key) for one in ranges]) for key in ("cost", "rising"))
    return np.asarray(widths * (cost + 2 * rising * widths * mix))


def affordable(ranges: Sequence[Range], budget: float, mix: np.ndarray) -> np.ndarray:
    """Mix scaled down until it costs no more than the budget."""
    if cost(ranges, mix) <= budget:
        return mix
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if cost(ranges, middle * mix) <= budget else (low, middle)
    return low * mix


def alone(ranges: Sequence[Range], budget: float, place: int) -> np.ndarray:
    """All of the budget on one lever, as far as it goes."""
    mix = np.zeros(len(ranges))
    mix[place] = 1.0
    return affordable(ranges, budget, mix)


def starts(ranges: Sequence[Range], budget: float) -> list[np.ndarray]:
    """Nothing; the same share of every lever, as much as the budget has; and each lever alone."""
    even = affordable(ranges, budget, np.ones(len(ranges)))
    each = [alone(ranges, budget, place) for place in range(len(ranges))]
    return [np.zeros(len(ranges)), even, *each]

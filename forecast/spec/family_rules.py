"""What the arguments of a family must satisfy together, and where the distribution can reach."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

type Arguments = Mapping[str, Any]
type Complaint = tuple[tuple[str, ...], str]
"""Arguments that contradict each other, and the problem."""

INFINITY: Final = math.inf


def ordered(given: Arguments, *names: str, tied: bool = False) -> Iterator[Complaint]:
    """Complain about arguments that do not rise; with `tied`, inner ones may equal neighbours."""
    present = [name for name in names if given.get(name) is not None]
    for first, second in zip(present, present[1:], strict=False):
        low, high = given[first], given[second]
        if low > high or (low == high and not tied):
            yield (first, second), f"{first} ({low:g}) must lie below {second} ({high:g})"
    if tied and present and given[present[0]] == given[present[-1]]:
        yield (present[0], present[-1]), f"{present[0]} and {present[-1]} must differ"


def check_quantiles(given: Arguments) -> Iterator[Complaint]:
    """Check that quantiles rise strictly inside their bounds."""
    yield from ordered(given, "lower", "p05", "p50", "p95", "upper")
    if given["lower"] is None and given["upper"] is None and given["p05"] > 0:
        return
    lower, upper = given["lower"], given["upper"]
    spread = given["p95"] - given["p05"]
    if not math.isfinite(spread) or (lower is not None and not math.isfinite(given["p95"] - lower)):
        yield ("p05", "p95"), "the quantiles lie too far apart for a number"
    elif upper is not None and not math.isfinite(upper - given["p05"]):
        yield ("upper", "p05"), "the upper bound lies too far away for a number"


def check_truncated(given: Arguments) -> Iterator[Complaint]:
    """Check that a truncated normal has an end, and mass between its ends."""
    low, high, mean, sd = given["low"], given["high"], given["mean"], given["sd"]
    if low is None and high is None:
        yield ("mean",), "a truncated_normal needs low, high or both; without them it is a normal"
        return
    yield from ordered(given, "low", "high")
    # Past 37 standard deviations a double holds nothing of the normal's mass.
    if low is not None and (low - mean) / sd > 37:
        yield ("low", "mean"), f"low ({low:g}) leaves nothing of the normal"
    if high is not None and (mean - high) / sd > 37:
        yield ("high", "mean"), f"high ({high:g}) leaves nothing of the normal"


def weights_problem(weights: list[float], what: str) -> str:
    """Tell what is wrong with weights; empty where they sum to one within 1e-9."""
    total = math.fsum(weights)
    return "" if abs(total - 1) <= 1e-9 else f"{what} must sum to 1, got {total:.10g}"


def normalised(weights: list[float]) -> list[float]:
    """Divide weights by their sum, unless that is one but for rounding (so that twice is once)."""
    total = math.fsum(weights)
    return weights if abs(total - 1) <= 1e-15 else [weight / total for weight in weights]


def check_discrete(given: Arguments) -> Iterator[Complaint]:
    """Check that each value has its weight, and stands once."""
    values, weights = given["values"], given["weights"]
    if len(values) != len(weights):
        yield ("weights", "values"), f"{len(weights)} weights for {len(values)} values"
    elif len(set(values)) < len(values):
        yield ("values",), "a value is given twice"
    if problem := weights_problem(weights, "weights"):
        yield ("weights",), problem


def check_mixture(given: Arguments) -> Iterator[Complaint]:
    """Check that the weights of the views sum to one."""
    weights = [view["weight"] for view in given["views"].values()]
    if problem := weights_problem(weights, "the weights of the views"):
        yield ("views",), problem


def check_shares(given: Arguments) -> Iterator[Complaint]:
    """Check that shares sum to one within 1e-6, and that all labels but the last have a spread."""
    median, log_sd = given["median"], given["log_sd"]
    total = math.fsum(median.values())
    if abs(total - 1) > 1e-6:
        yield ("median",), f"the shares must sum to 1, got {total:.10g}"
    if isinstance(log_sd, dict) and set(log_sd) != set(list(median)[:-1]):
        wanted = ", ".join(list(median)[:-1])
        yield ("log_sd",), f"expected one for each label but the last: {wanted}"


def reach_quantiles(given: Arguments) -> tuple[float, float]:
    """Return the bounds of quantiles, zero where a logarithm ends."""
    lower, upper = given["lower"], given["upper"]
    if lower is None and upper is None:
        return (0.0 if given["p05"] > 0 else -INFINITY), INFINITY
    return (-INFINITY if lower is None else lower), (INFINITY if upper is None else upper)


def reach_fixed(given: Arguments) -> tuple[float, float]:
    """Return the smallest and largest value of a constant or a constant vector."""
    value = given["value"]
    values = list(value.values()) if isinstance(value, dict) else [value]
    return min(values), max(values)


def reach_truncated(given: Arguments) -> tuple[float, float]:
    """Return the ends of a truncated normal."""
    low, high = given["low"], given["high"]
    return (-INFINITY if low is None else low), (INFINITY if high is None else high)


def nothing(given: Arguments) -> Iterator[Complaint]:
    """Check nothing: arguments of the right types are right."""
    yield from ()


def low_high(given: Arguments) -> tuple[float, float]:
    """Return the ends of a family that runs from low to high."""
    return given["low"], given["high"]


def above_zero(given: Arguments) -> tuple[float, float]:
    """Return the ends of a family of positive numbers."""
    return 0.0, INFINITY

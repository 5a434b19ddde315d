"""The families of distributions that a file may name: their arguments and what these must satisfy.

What the arguments mean is written once, in `forecast/sampling/families.py`; here stands which
there are, which combinations are refused, and where the distribution can reach.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from forecast.spec.family_rules import (
    INFINITY,
    Arguments,
    Complaint,
    above_zero,
    check_discrete,
    check_mixture,
    check_quantiles,
    check_shares,
    check_truncated,
    low_high,
    nothing,
    ordered,
    reach_fixed,
    reach_quantiles,
    reach_truncated,
)

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]

Text = Annotated[str, Field(min_length=1)]


class Closed(BaseModel):
    """Base of every shape read from a file: frozen, no unknown keys, no conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Fixed(Closed):
    """A number, or a number for each label of a vector."""

    value: Number | dict[str, Number]


class Quantiles(Closed):
    """Asked quantiles, met exactly; a normal or two-piece normal after a transform."""

    p05: Number
    p50: Number | None = None
    p95: Number
    lower: Number | None = None
    upper: Number | None = None


class Normal(Closed):
    """Mean and standard deviation."""

    mean: Number
    sd: Positive


class Lognormal(Closed):
    """Median, and standard deviation of the logarithm."""

    median: Positive
    log_sd: Positive


class Uniform(Closed):
    """Equally likely between low and high."""

    low: Number
    high: Number


class Loguniform(Closed):
    """Equally likely in the logarithm between low and high."""

    low: Positive
    high: Positive


class Triangular(Closed):
    """Straight lines from low up to mode and down to high."""

    low: Number
    mode: Number
    high: Number


class TruncatedNormal(Closed):
    """Mean and standard deviation of the normal before it is cut at low, high or both."""

    mean: Number
    sd: Positive
    low: Number | None = None
    high: Number | None = None


class Beta(Closed):
    """Beta distribution, stretched from low to high."""

    alpha: Positive
    beta: Positive
    low: Number = 0.0
    high: Number = 1.0


class Pert(Closed):
    """Beta distribution with the given mode and weight four on it."""

    low: Number
    mode: Number
    high: Number


class Gamma(Closed):
    """Shape and scale; starts at zero."""

    shape: Positive
    scale: Positive


class StudentT(Closed):
    """Student's t with its centre and scale."""

    df: Positive
    centre: Number
    scale: Positive


class Mixture(Closed):
    """Named views, each a simple family with its weight."""

    views: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]


class Discrete(Closed):
    """Some values with their weights."""

    values: Annotated[list[Number], Field(min_length=1)]
    weights: Annotated[list[Positive], Field(min_length=1)]


class LogisticNormal(Closed):
    """Shares by label: log ratios to the last label are normal."""

    median: Annotated[dict[str, Positive], Field(min_length=2)]
    log_sd: Positive | dict[str, Positive]


@dataclass(frozen=True, slots=True)
class Family:
    """What the reader knows of a family.

    Attributes
    ----------
    shape : type
        Its arguments.
    check : function
        Complaints about arguments of the right types.
    reach : function
        Ends of the support.
    unitless : frozenset of str
        Arguments that do not carry the input's unit.
    """

    shape: type[Closed]
    check: Callable[[Arguments], Iterator[Complaint]] = nothing
    reach: Callable[[Arguments], tuple[float, float]] = lambda given: (-INFINITY, INFINITY)
    unitless: frozenset[str] = frozenset()


def _reach_mixture(given: Arguments) -> tuple[float, float]:
    ends = [FAMILIES[view["family"]].reach(view) for view in given["views"].values()]
    return min(low for low, _ in ends), max(high for _, high in ends)


FAMILIES: Final[dict[str, Family]] = {
    "fixed": Family(Fixed, reach=reach_fixed),
    "quantiles": Family(Quantiles, check_quantiles, reach_quantiles),
    "normal": Family(Normal),
    "lognormal": Family(Lognormal, reach=above_zero, unitless=frozenset({"log_sd"})),
    "uniform": Family(Uniform, lambda g: ordered(g, "low", "high"), low_high),
    "loguniform": Family(Loguniform, lambda g: ordered(g, "low", "high"), low_high),
    "triangular": Family(
        Triangular, lambda g: ordered(g, "low", "mode", "high", tied=True), low_high
    ),
    "truncated_normal": Family(TruncatedNormal, check_truncated, reach_truncated),
    "beta": Family(
        Beta, lambda g: ordered(g, "low", "high"), low_high, frozenset({"alpha", "beta"})
    ),
    "pert": Family(Pert, lambda g: ordered(g, "low", "mode", "high", tied=True), low_high),
    "gamma": Family(Gamma, reach=above_zero, unitless=frozenset({"shape"})),
    "student_t": Family(StudentT, unitless=frozenset({"df"})),
    "mixture": Family(Mixture, check_mixture, _reach_mixture),
    "discrete": Family(
        Discrete,
        check_discrete,
        lambda g: (min(g["values"]), max(g["values"])),
        frozenset({"weights"}),
    ),
    "logistic_normal": Family(
        LogisticNormal, check_shares, lambda g: (0.0, 1.0), frozenset({"median", "log_sd"})
    ),
}
"""Name of the family in a file → what the reader knows of it."""

SIMPLE: Final = tuple(
    name for name in FAMILIES if name not in ("fixed", "mixture", "discrete", "logistic_normal")
)
"""Families of scalar, continuous inputs without views: what a mixture may hold."""

CONTINUOUS: Final = (*SIMPLE, "mixture")
"""Families of inputs that a dependence group may hold."""

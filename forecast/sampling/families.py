"""The families that a prior may name, and the form each of them takes.

A family turns the arguments of the file into a form (see `forms`): a record of float64 numbers with
quantile function, distribution function and log-density in JAX. To add one, write its function and
its line in `FAMILIES`.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from jaxtyping import Array

from forecast.sampling.forms import Discrete, Fixed, Form, held
from forecast.sampling.mixture import Mixture
from forecast.sampling.normal import (
    Identity,
    LogAbove,
    LogBelow,
    Logit,
    Transform,
    TruncatedNormal,
    TwoPiece,
)
from forecast.sampling.shares import LogisticNormal
from forecast.sampling.straight import LogUniform, Triangular, Uniform
from forecast.sampling.tabulated import beta, gamma, student_t

type Arguments = Mapping[str, Any]

Z95: Final = 1.6448536269514722
"""Standard normal score of the 95 % quantile."""

_VALUES = 8
"""Lengths of discrete distributions are padded to a multiple of this, for few programs."""


def fixed(given: Arguments) -> Form:
    """`value`: a number, or one for each label of a vector."""
    value = given["value"]
    return Fixed(held(list(value.values()) if isinstance(value, Mapping) else value))


def quantiles(given: Arguments) -> Form:
    """`p05`, `p95`, perhaps `p50`, perhaps `lower`, `upper`: a normal on the line that they span.

    The line is the logit between two bounds, the logarithm of the distance to one bound, the
    logarithm for positive quantiles without bounds, and else the input itself. With `p50` the
    spread differs on the two sides of it.
    """
    lower, upper = given.get("lower"), given.get("upper")
    if lower is None and upper is None and given["p05"] > 0:
        lower = 0.0
    transform, to_line = _line(lower, upper)
    first, last = to_line(given["p05"]), to_line(given["p95"])
    middle = (first + last) / 2 if given.get("p50") is None else to_line(given["p50"])
    return TwoPiece(transform, *_floats(middle, (middle - first) / Z95, (last - middle) / Z95))


def normal(given: Arguments) -> Form:
    """`mean`, `sd`."""
    return TwoPiece(Identity(), *_floats(given["mean"], given["sd"], given["sd"]))


def lognormal(given: Arguments) -> Form:
    """`median`, `log_sd`."""
    spread = given["log_sd"]
    return TwoPiece(LogAbove(held(0)), *_floats(math.log(given["median"]), spread, spread))


def uniform(given: Arguments) -> Form:
    """`low`, `high`."""
    return Uniform(*_floats(given["low"], given["high"]))


def loguniform(given: Arguments) -> Form:
    """`low`, `high`, both positive."""
    return LogUniform(*_floats(given["low"], given["high"]))


def triangular(given: Arguments) -> Form:
    """`low`, `mode`, `high`."""
    return Triangular(*_floats(given["low"], given["mode"], given["high"]))


def truncated_normal(given: Arguments) -> Form:
    """`mean`, `sd` before it is cut at `low`, at `high` or at both.

    Raises
    ------
    ValueError
        If the ends lie so far out that what is left has no mass in float64.
    """
    low = -math.inf if given.get("low") is None else given["low"]
    high = math.inf if given.get("high") is None else given["high"]
    mean, sd = given["mean"], given["sd"]
    if low > mean + 37 * sd or high < mean - 37 * sd:
        raise ValueError("the truncated normal lies more than 37 sd from its mean")
    return TruncatedNormal(*_floats(mean, sd, low, high))


def beta_family(given: Arguments) -> Form:
    """`alpha`, `beta`, stretched from `low` (0) to `high` (1)."""
    low, high = given.get("low", 0.0), given.get("high", 1.0)
    return beta(given["alpha"], given["beta"], low=low, high=high)


def pert(given: Arguments) -> Form:
    """`low`, `mode`, `high`: a beta distribution with weight four on the mode.

    References
    ----------
    Malcolm et al. (1959), doi:10.1287/opre.7.5.646
    """
    low, mode, high = given["low"], given["mode"], given["high"]
    rise, fall = (mode - low) / (high - low), (high - mode) / (high - low)
    return beta(1 + 4 * rise, 1 + 4 * fall, low=low, high=high)


def gamma_family(given: Arguments) -> Form:
    """`shape`, `scale`."""
    return gamma(given["shape"], given["scale"])


def student_t_family(given: Arguments) -> Form:
    """`df`, `centre`, `scale`."""
    return student_t(given["df"], centre=given["centre"], scale=given["scale"])


def mixture(given: Arguments) -> Form:
    """By name of the view in `views` a `weight`, a `family` and its arguments.

    Raises
    ------
    ValueError
        If a view is not a continuous family of one number.
    """
    views = list(given["views"].values())
    for view in views:
        if view["family"] in ("fixed", "mixture", "discrete", "logistic_normal"):
            raise ValueError(f"a view of a mixture must be continuous, not {view['family']}")
    forms = [FAMILIES[view["family"]](view) for view in views]
    if len(forms) == 1:
        return forms[0]
    weights = np.array([view["weight"] for view in views], float)
    return Mixture(held(weights / weights.sum()), tuple(forms))


def discrete(given: Arguments) -> Form:
    """`values`, `weights`."""
    order = np.argsort(given["values"], kind="stable")
    values = np.array(given["values"], float)[order]
    weights = np.array(given["weights"], float)[order]
    cumulative = np.cumsum(weights) / weights.sum()
    cumulative[-1] = 1.0
    padding = (0, -len(values) % _VALUES)
    return Discrete(
        held(np.pad(values, padding, mode="edge")), held(np.pad(cumulative, padding, mode="edge"))
    )


def logistic_normal(given: Arguments) -> Form:
    """`median`: share by label; `log_sd`: of the log ratios to the last label, one or by label."""
    labels, medians = list(given["median"]), np.array(list(given["median"].values()), float)
    spread = given["log_sd"]
    spreads = [spread[label] if isinstance(spread, Mapping) else spread for label in labels[:-1]]
    return LogisticNormal(held(np.log(medians[:-1] / medians[-1])), held(spreads))


FAMILIES: Final[dict[str, Callable[[Arguments], Form]]] = {
    "fixed": fixed,
    "quantiles": quantiles,
    "normal": normal,
    "lognormal": lognormal,
    "uniform": uniform,
    "loguniform": loguniform,
    "triangular": triangular,
    "truncated_normal": truncated_normal,
    "beta": beta_family,
    "pert": pert,
    "gamma": gamma_family,
    "student_t": student_t_family,
    "mixture": mixture,
    "discrete": discrete,
    "logistic_normal": logistic_normal,
}
"""Name in the files → from the arguments to the form."""


def _line(lower: float | None, upper: float | None) -> tuple[Transform, Callable[[float], float]]:
    # The transform in JAX, and the same on the host for the asked quantiles.
    if lower is not None and upper is not None:
        transform = Logit(held(lower), held(upper))
        return transform, lambda x: math.log(x - lower) - math.log(upper - x)
    if lower is not None:
        return LogAbove(held(lower)), lambda x: math.log(x - lower)
    if upper is not None:
        return LogBelow(held(upper)), lambda x: -math.log(upper - x)
    return Identity(), float


def _floats(*values: float) -> tuple[Array, ...]:
    return tuple(held(value) for value in values)

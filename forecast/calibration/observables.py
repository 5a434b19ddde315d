"""What the model says about each published number: operators from outputs to logarithms."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from forecast.axes import FIRST_YEAR
from forecast.model.demand import Outputs
from forecast.spec.observation import Observation

Z95: Final = 1.6448536269514722
"""Normal quantile of .95. (1; definition)"""


def _share(part: Array, other: Array) -> Array:
    return part / (part + other)


OPERATORS: Final[Mapping[str, Callable[[Outputs], Float[Array, " year"]]]] = {
    "total": lambda out: out.totals.total,
    "data_centres": lambda out: out.totals.data_centres,
    "data_centres_growth": lambda out: out.totals.data_centres / out.totals.data_centres[0],
    "ai": lambda out: out.totals.ai,
    "crypto": lambda out: out.crypto.demand,
    "conventional": lambda out: out.conventional.demand,
    "pue": lambda out: out.facilities.pue,
    "installed_capacity": lambda out: jnp.sum(out.facilities.installed, axis=-1),
    "workloads": lambda out: out.conventional.workloads,
    "inference_share": lambda out: _share(out.inference.inference, out.training.training),
}
"""Output or operator of `spec.scope.COVERED` → its path over the years."""


@dataclass(frozen=True)
class Quantity:
    """An output in a year."""

    output: str
    year: int

    def __str__(self) -> str:
        """As in `total[2026]`."""
        return f"{self.output}[{self.year}]"


def log_values(outputs: Outputs, asked: Sequence[Quantity]) -> Float[Array, " quantity"]:
    """Logarithms of quantities of one draw.

    Parameters
    ----------
    outputs
        Of all years.
    asked

    Returns
    -------
    1
    """
    return jnp.stack(
        [jnp.log(OPERATORS[one.output](outputs)[one.year - FIRST_YEAR]) for one in asked]
    )


@dataclass(frozen=True)
class Evidence:
    """Observations as a normal distribution of logarithms.

    Attributes
    ----------
    observations : tuple of Observation
    value : array
        `[observation]`, log of the published number, less the log of its factor.
    covariance : array
        `[observation, observation]`: own errors, and errors shared within publisher and edition.
    """

    observations: tuple[Observation, ...]
    value: np.ndarray
    covariance: np.ndarray

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What each observation is a value of."""
        return tuple(Quantity(one.output, one.year) for one in self.observations)

    @property
    def sd(self) -> np.ndarray:
        """Log standard deviation of each, shared errors included."""
        return np.sqrt(np.diag(self.covariance))


def evidence(observations: Sequence[Observation]) -> Evidence:
    """Read observations as data: ``log obs = log model + b_publisher + b_edition + e``.

    The shared errors b are normal and integrated out: they appear as covariance. A published
    interval (p05, p95) is a normal on the logarithm through both.

    Parameters
    ----------
    observations

    Returns
    -------
    Evidence

    References
    ----------
    docs/model.md, Calibration.
    """
    centre, own = zip(*(_centre(one) for one in observations), strict=True)
    publishers = np.array([one.publisher for one in observations])
    editions = np.array([f"{one.publisher}\0{one.edition}" for one in observations])
    biases = np.array([one.biases for one in observations])
    covariance = np.diag(np.square(own))
    for groups, sd in ((publishers, biases[:, 0]), (editions, biases[:, 1])):
        covariance += np.outer(sd, sd) * (groups[:, None] == groups[None, :])
    return Evidence(tuple(observations), np.array(centre), covariance)


def _centre(one: Observation) -> tuple[float, float]:
    """Log value and log standard deviation of its own error."""
    if one.quantiles is not None:
        low, high = (np.log(one.quantiles[share]) for share in (0.05, 0.95))
        return float((low + high) / 2), float((high - low) / (2 * Z95))
    assert one.value is not None
    own = one.error or 0.0
    if one.factor is None:
        return float(np.log(one.value)), own
    spread = np.log(one.factor["p95"] / one.factor["p05"]) / (2 * Z95)
    return float(np.log(one.value / one.factor["p50"])), float(np.hypot(own, spread))


def log_likelihood(
    predicted: Float[Array, "*axes observation"], data: Evidence
) -> Float[Array, "*axes"]:
    """Log density of the observations, given logarithms of what the model says.

    Parameters
    ----------
    predicted : 1
        As from `log_values`.
    data

    Returns
    -------
    1
    """
    root = np.linalg.inv(np.linalg.cholesky(data.covariance))
    apart = predicted - data.value
    # As sums, not as a matrix product, whose order of adding depends on the shape of the batch.
    scores = jnp.stack([jnp.sum(row * apart, axis=-1) for row in root], axis=-1)
    constant = float(np.log(np.diag(root)).sum() - 0.5 * len(root) * np.log(2 * np.pi))
    return constant - 0.5 * jnp.sum(jnp.square(scores), axis=-1)

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from forecast.calibration import calibrate, moves, nuts, problem
from forecast.calibration.latent import Latent
from forecast.calibration.observables import Evidence, Quantity
from forecast.calibration.problem import Problem

EXTRA = (Quantity("total", 2026), Quantity("crypto", 2026))


@dataclass(frozen=True)
class Toy:
    """A linear model with normal errors, whose posterior is known in closed form."""

    problem: Problem
    slopes: np.ndarray
    """`[quantity, latent]`: what is observed is linear in the latent point."""

    @property
    def observed(self) -> np.ndarray:
        return self.slopes[: len(self.problem.data.value)]

    @property
    def mean(self) -> np.ndarray:
        inside = self.observed @ self.observed.T + self.problem.data.covariance
        return self.observed.T @ np.linalg.solve(inside, self.problem.data.value)

    @property
    def covariance(self) -> np.ndarray:
        inside = self.observed @ self.observed.T + self.problem.data.covariance
        return np.eye(self.slopes.shape[1]) - self.observed.T @ np.linalg.solve(
            inside, self.observed
        )


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Toy]:
    """Make a toy: the model is replaced by a linear one, all else is the real code."""

    def make(value: Any, slopes: Any, covariance: Any, *, extra: int = 0, years: int = 4) -> Toy:
        space = Latent({}, {}, (), SimpleNamespace(fixed={}, stacks=()), years, 3 * years)
        laid = np.zeros((len(slopes), 3 * years))
        laid[:, : np.shape(slopes)[1]] = slopes
        ones = tuple(SimpleNamespace(id=f"o{n}", unit="TWh") for n in range(len(value)))
        data = Evidence(ones, np.array(value, float), np.array(covariance, float))
        monkeypatch.setattr(Evidence, "quantities", property(lambda one: tuple(one.observations)))
        made = Problem(space, data, EXTRA[:extra], np.ones(1))

        def observe(_: Problem) -> Callable[[Any], Any]:
            return lambda z: jnp.sum(jnp.asarray(laid) * z, axis=1)

        for module in (moves, nuts, problem):
            monkeypatch.setattr(module, "observe", observe)
        assert calibrate.mover is moves.mover
        return Toy(made, laid)

    return make

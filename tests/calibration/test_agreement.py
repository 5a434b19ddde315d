"""Populations that did not find the same posterior are refused, and chance is not."""

import numpy as np
import pytest

from forecast.calibration.calibrate import check_agreement
from forecast.calibration.smc import Population
from forecast.errors import Refusal


def _populations(particles: int, shift: float, seed: int) -> list[Population]:
    rng = np.random.default_rng(seed)
    found = []
    for number in range(8):
        z = rng.standard_normal((particles, 4))
        seen = z[:, :2] + shift * (number % 2)
        found.append(Population(z, seen, 0.0, (1.0,), 1.0, 1.0))
    return found


@pytest.mark.parametrize("particles", [64, 128, 256, 2048])
def test_independent_draws_agree_however_few(particles: int) -> None:
    for seed in range(20):
        check_agreement(_populations(particles, 0.0, seed))


def test_populations_apart_are_refused_with_a_way_out() -> None:
    with pytest.raises(Refusal, match=r"disagree: their means spread by 0\.\d\d .*particles"):
        check_agreement(_populations(2048, 0.5, 1))

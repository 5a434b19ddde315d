"""Baselines from what was known at a date."""

import numpy as np
import pytest

from forecast.analysis.backtest import METHODS
from forecast.spec.observation import Observation
from forecast.studies.naive import baselines_at

JANUARY_2024 = "2024-01-31"


def test_baselines_are_of_what_was_known(observations: tuple[Observation, ...]) -> None:
    known = baselines_at(observations, JANUARY_2024, None)
    assert list(known) == list(METHODS[1:])
    middle = {name: float(np.median(one.draws(2024))) for name, one in known.items()}
    assert middle["constant"] == pytest.approx(350)
    assert middle["last growth"] == pytest.approx(350 * (350 / 205) ** 0.5)
    growth = np.sqrt(1.2 * 1.7)
    assert middle["compound 2015-2022"] == pytest.approx(350 * growth ** (2 / 7))
    halfway = np.sqrt(460 * 800) - np.sqrt(110 * 160)
    assert middle["IEA cases"] == pytest.approx(halfway, rel=1e-3)
    assert (known["IEA cases"].first, known["IEA cases"].last) == (2023, 2026)
    assert "less crypto 110" in known["constant"].said
    assert "no level of 2015 is an observation" in known["compound 2015-2022"].said


@pytest.mark.parametrize("year", [2018, 2020, 2021])
def test_of_a_single_point_only_the_constant_is_left(
    observations: tuple[Observation, ...], year: int
) -> None:
    (one,) = baselines_at(observations, JANUARY_2024, year).items()
    assert one[0] == "constant"
    for ahead in (2020, 2025):
        logs = np.log(one[1].draws(ahead))
        assert np.exp(np.median(logs)) == pytest.approx(205)
        assert logs.std() == pytest.approx(np.hypot(0.25, 0.02), rel=0.01)


@pytest.mark.parametrize("until", [2014, 2017])
def test_before_the_first_observation_there_is_no_baseline(
    observations: tuple[Observation, ...], until: int
) -> None:
    assert baselines_at(observations, JANUARY_2024, until) == {}

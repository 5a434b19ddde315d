from functools import partial

import numpy as np
import pytest
from scipy.stats import lognorm, norm

from forecast.analysis.baselines import (
    compound,
    constant,
    last_growth,
    normal_points,
    triple,
    yearly_spread,
)

HISTORY = [(2015, 200.0), (2018, 205.0), (2020, 269.0), (2022, 340.0)]
SHARES = (0.05, 0.1, 0.5, 0.9, 0.95)


def _spread() -> float:
    changes = np.log([205 / 200, 269 / 205, 340 / 269])
    return float(np.sqrt(np.mean(changes**2 / np.array([3, 2, 2]))))


def test_the_spread_is_the_most_likely_one() -> None:
    logs = np.log([value for _, value in HISTORY])

    def likelihood(spread: float) -> float:
        return float(norm.logpdf(np.diff(logs), 0, spread * np.sqrt([3, 2, 2])).sum())

    best = yearly_spread(HISTORY)
    assert best == pytest.approx(_spread())
    assert likelihood(best) > max(likelihood(best * 1.01), likelihood(best / 1.01))


@pytest.mark.parametrize(
    ("forecast", "growth"),
    [
        (constant, 0.0),
        (last_growth, np.log(340 / 269) / 2),
        (partial(compound, first=2015, last=2022), np.log(340 / 200) / 7),
    ],
)
@pytest.mark.parametrize("year", [2023, 2026, 2035])
def test_quantiles_are_those_of_a_lognormal(forecast, growth: float, year: int) -> None:
    draws = forecast(HISTORY, year, draws=20_001)
    ahead = year - 2022
    law = lognorm(_spread() * np.sqrt(ahead), scale=340 * np.exp(growth * ahead))
    np.testing.assert_allclose(np.quantile(draws, SHARES), law.ppf(SHARES), rtol=2e-3)


def test_points_are_quantiles_of_the_normal() -> None:
    np.testing.assert_allclose(normal_points(4), norm.ppf([0.125, 0.375, 0.625, 0.875]))
    assert abs(normal_points(999).mean()) < 1e-12


def test_a_triple_gives_its_quantiles_back() -> None:
    draws = triple((620, 800, 1050), 2026, start=(2022, 460), year=2026, draws=20_001)
    np.testing.assert_allclose(np.quantile(draws, (0.1, 0.5, 0.9)), (620, 800, 1050), rtol=1e-3)
    # Each side is a lognormal of its own.
    upper, lower = (np.log(1050 / 800), np.log(800 / 620)) / norm.ppf(0.9)
    found = np.quantile(draws, (0.05, 0.95))
    sides = [lognorm(one, scale=800).ppf(at) for one, at in ((lower, 0.05), (upper, 0.95))]
    np.testing.assert_allclose(found, sides, rtol=2e-3)


def test_a_triple_is_straight_in_logs_between_start_and_year() -> None:
    at = partial(triple, (620, 800, 1050), 2026, start=(2022, 460))
    np.testing.assert_allclose(at(year=2022), 460)
    half = np.log(at(year=2024))
    np.testing.assert_allclose(half, (np.log(460) + np.log(at(year=2026))) / 2)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: constant(HISTORY[:1], 2026), "two points"),
        (lambda: constant(HISTORY[::-1], 2026), "order of their years"),
        (lambda: constant([(2015, 1.0), (2016, 0.0)], 2026), "positive"),
        (lambda: last_growth(HISTORY, 2022), "2022 is not after"),
        (lambda: compound(HISTORY, 2026, first=2016, last=2022), "2016 to 2022 is not in"),
        (lambda: triple((3, 2, 1), 2026, start=(2022, 1), year=2024), "quantiles must rise"),
        (lambda: triple((1, 2, 3), 2026, start=(2022, 1), year=2027), "not between"),
    ],
)
def test_refusals(call, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()

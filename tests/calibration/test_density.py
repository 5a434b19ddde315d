import numpy as np
import pytest
from scipy import integrate, stats
from scipy.optimize import brentq

from forecast.calibration.density import (
    STEP,
    bandwidth,
    metalog,
    nodes_around,
    smoothed,
    split_lognormal,
    widened,
)

CASES = {0.1: 620.0, 0.5: 800.0, 0.9: 1050.0}


def _mass_below(x: float) -> float:
    one = split_lognormal(CASES)
    return integrate.quad(
        lambda y: float(np.exp(one.log_density(np.array(y)))), 3.0, x, points=[one.mode]
    )[0]


def test_the_split_lognormal_goes_through_the_stated_quantiles() -> None:
    for share, value in CASES.items():
        assert _mass_below(np.log(value)) == pytest.approx(share, abs=1e-8)
    assert _mass_below(12.0) == pytest.approx(1.0, abs=1e-8)


def test_its_density_does_not_jump_anywhere_and_least_of_all_at_the_quantiles() -> None:
    one = split_lognormal(CASES)
    for at in (one.mode, *np.log(list(CASES.values()))):
        low, high = one.log_density(np.array([at - 1e-7, at + 1e-7]))
        assert abs(high - low) < 1e-5


def test_without_skew_it_is_a_lognormal() -> None:
    one = split_lognormal({0.1: 500.0, 0.5: 800.0, 0.9: 1280.0})
    sd = np.log(1.6) / stats.norm.ppf(0.9)
    x = np.log(np.array([300.0, 800.0, 2000.0]))
    assert one.log_density(x) == pytest.approx(stats.norm.logpdf(x, np.log(800), sd), abs=1e-9)


def test_quantiles_that_no_two_halves_reach_are_refused() -> None:
    with pytest.raises(ValueError, match="p10 100, p50 101, p90 1000"):
        split_lognormal({0.1: 100.0, 0.5: 101.0, 0.9: 1000.0})


def test_the_metalog_has_the_stated_quantiles_and_a_density_that_integrates_to_one() -> None:
    nodes = np.linspace(np.log(100), np.log(6000), 40_001)
    height = np.exp(metalog(CASES, nodes))
    mass = integrate.cumulative_trapezoid(height, nodes, initial=0)
    assert mass[-1] == pytest.approx(1.0, abs=2e-3)
    for share, value in CASES.items():
        found = brentq(
            lambda x, share=share: np.interp(x, nodes, mass) - share, nodes[0], nodes[-1]
        )
        assert np.exp(found) == pytest.approx(value, rel=2e-3)


def test_smoothed_draws_are_a_normal_kernel_estimate() -> None:
    random = np.random.default_rng(1)
    values = random.normal(6.6, 0.2, 4000)
    weights = random.random(4000)
    weights /= weights.sum()
    nodes = nodes_around(6.6)
    width = bandwidth(values, weights)
    oracle = stats.gaussian_kde(values, bw_method=1.0, weights=weights)
    oracle.set_bandwidth(width / np.sqrt(oracle.covariance[0, 0]))
    found = smoothed(values, nodes, weights, width)
    known = np.isfinite(found)
    assert 200 < known.sum() < len(nodes)
    assert found[known] == pytest.approx(np.log(oracle(nodes[known])), abs=0.01)


def test_widening_adds_variances() -> None:
    nodes = nodes_around(0.0)
    found = widened(stats.norm.logpdf(nodes, 0, 0.2), 0.1)
    middle = np.abs(nodes) < 0.6
    oracle = stats.norm.logpdf(nodes, 0, np.hypot(0.2, 0.1))
    assert found[middle] == pytest.approx(oracle[middle], abs=1e-3)
    assert np.diff(nodes) == pytest.approx(STEP)

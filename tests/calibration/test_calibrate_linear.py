"""The whole of a calibration on a linear model, whose posterior and evidence are known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from forecast.calibration.calibrate import calibrate
from forecast.calibration.density import nodes_around, split_lognormal
from forecast.calibration.entropy import Beliefs
from forecast.calibration.setup import Aim
from forecast.errors import Refusal

SLOPES = [[0.3, 0.1, 0.0, 0.05], [0.0, 0.2, 0.2, 0.0], [0.2, 0.1, 0.1, 0.3]]
COVARIANCE = [[0.0054, 0.005, 0.0], [0.005, 0.0275, 0.0], [0.0, 0.0, 0.02]]
VALUE = [0.35, -0.2, 0.3]
PARTICLES = 512
"""Of each of eight populations."""

pytestmark = pytest.mark.slow


def _toy(toy: Callable[..., Any], extra: int = 0) -> Any:
    more = [[0.1, 0.0, 0.1, 0.2], [0.0, 0.3, 0.0, 0.1]][:extra]
    return toy(VALUE, [*SLOPES, *more], COVARIANCE, extra=extra)


def test_history_has_the_mean_the_covariance_and_the_evidence(toy: Callable[..., Any]) -> None:
    linear = _toy(toy)
    found = calibrate(linear.problem, None, seed=3, particles=PARTICLES)
    z = found.z.reshape(-1, found.z.shape[-1])
    sd = np.sqrt(np.diag(linear.covariance))
    error = 1 / np.sqrt(len(z))
    # Eight standard errors of independent draws: moves leave some dependence, and none is weighted.
    assert np.abs(z.mean(0) - linear.mean).max() < 8 * error
    assert np.abs(np.cov(z.T) - linear.covariance).max() < 12 * error
    assert z.std(0) == pytest.approx(sd, rel=0.08)
    inside = linear.observed @ linear.observed.T + linear.problem.data.covariance
    evidence = stats.multivariate_normal(np.zeros(3), inside).logpdf(linear.problem.data.value)
    assert found.report["log_evidence"] == pytest.approx(evidence, abs=0.1)
    assert found.report["distinct"] == 1.0


def _aim(shares: dict[float, float], beliefs: Beliefs | None = None) -> Aim:
    density = split_lognormal(shares)
    nodes = nodes_around(float(np.log(shares[0.5])))
    none = Beliefs(np.zeros(0), np.zeros(0, bool))
    cuts = tuple(np.log(list(shares.values())).tolist())
    return Aim(nodes, density.log_density(nodes), beliefs or none, cuts, tuple(shares), case=False)


def test_a_target_has_its_quantiles_its_price_and_leaves_the_conditional_alone(
    toy: Callable[..., Any],
) -> None:
    linear = _toy(toy, extra=1)
    slope = linear.slopes[3]
    mean, variance = slope @ linear.mean, slope @ linear.covariance @ slope
    centre, sd = mean + 0.8 * np.sqrt(variance), 1.2 * np.sqrt(variance)
    stated = {q: float(np.exp(centre + sd * stats.norm.ppf(q))) for q in (0.1, 0.5, 0.9)}
    found = calibrate(linear.problem, _aim(stated), seed=5, particles=PARTICLES)
    values = found.seen[..., 3].ravel()
    assert np.exp(np.quantile(values, list(stated))) == pytest.approx(
        list(stated.values()), rel=5e-3
    )
    price = stats.norm(centre, sd), stats.norm(mean, np.sqrt(variance))
    nats = price[0].expect(lambda x: price[0].logpdf(x) - price[1].logpdf(x))
    assert found.report["divergence"] == pytest.approx(nats, abs=0.12)
    assert found.report["divergence_target_alone"] == pytest.approx(nats, abs=0.12)
    # Given the quantity, every latent is as in history: its regression on it is the same line.
    z = found.z.reshape(-1, found.z.shape[-1])
    gain = linear.covariance @ slope / variance
    rest = z - linear.mean - np.outer(values - mean, gain)
    assert np.abs(rest.mean(0)).max() < 0.12
    assert np.abs([np.corrcoef(one, values)[0, 1] for one in rest.T]).max() < 0.08
    inside = linear.covariance - np.outer(gain, gain) * variance
    assert np.abs(np.cov(rest.T) - inside).max() < 0.2


def test_a_belief_moves_its_median_and_a_bound_that_holds_moves_nothing(
    toy: Callable[..., Any],
) -> None:
    linear = _toy(toy, extra=2)
    slope = linear.slopes[3]
    mean, sd = slope @ linear.mean, np.sqrt(slope @ linear.covariance @ slope)
    stated = {q: float(np.exp(mean + sd * stats.norm.ppf(q))) for q in (0.1, 0.5, 0.9)}
    believed = linear.slopes[4]
    where = believed @ linear.mean + 0.1
    for least, median in ((False, where), (True, where)):
        beliefs = Beliefs(np.array([where]), np.array([least]))
        found = calibrate(linear.problem, _aim(stated, beliefs), seed=7, particles=PARTICLES)
        assert np.median(found.seen[..., 4]) == pytest.approx(median, abs=0.02)
    low = Beliefs(np.array([where - 0.5]), np.array([True]))
    found = calibrate(linear.problem, _aim(stated, low), seed=7, particles=PARTICLES)
    assert float(found.tilt.strengths[0]) == 0.0
    assert found.report["divergence"] < 0.05


def test_a_case_is_history_under_its_kernel_and_costs_what_it_costs(
    toy: Callable[..., Any],
) -> None:
    linear = _toy(toy, extra=1)
    slope = linear.slopes[3]
    mean, variance = slope @ linear.mean, slope @ linear.covariance @ slope
    centre, width = mean + 2 * np.sqrt(variance), 0.02
    nodes = nodes_around(float(centre))
    kernel = -0.5 * np.square((nodes - centre) / width)
    none = Beliefs(np.zeros(0), np.zeros(0, bool))
    aim = Aim(nodes, kernel, none, (), (), case=True)
    found = calibrate(linear.problem, aim, seed=9, particles=PARTICLES)
    after = 1 / (1 / variance + 1 / width**2)
    place = after * (mean / variance + centre / width**2)
    values = found.seen[..., 3].ravel()
    assert values.mean() == pytest.approx(place, abs=2e-3)
    assert values.std() == pytest.approx(np.sqrt(after), rel=0.1)
    nats = 0.5 * (np.log(variance / after) + (after + (place - mean) ** 2) / variance - 1)
    assert found.report["divergence"] == pytest.approx(nats, abs=0.25)
    surprise = -stats.norm(mean, np.sqrt(variance)).logsf(centre)
    assert found.report["surprise"] == pytest.approx(surprise, abs=0.5)


def test_the_first_eight_of_more_populations_are_the_same_bits(toy: Callable[..., Any]) -> None:
    linear = _toy(toy, extra=1)
    slope = linear.slopes[3]
    mean, sd = slope @ linear.mean, np.sqrt(slope @ linear.covariance @ slope)
    stated = {q: float(np.exp(mean + 0.1 + sd * stats.norm.ppf(q))) for q in (0.1, 0.5, 0.9)}
    few = calibrate(linear.problem, _aim(stated), seed=11, particles=128)
    many = calibrate(linear.problem, _aim(stated), seed=11, particles=128, populations=10)
    assert few.z.tobytes() == many.z[:8].tobytes()
    assert many.z.shape[0] == 10


def test_what_cannot_be_delivered_is_refused_with_the_reason(toy: Callable[..., Any]) -> None:
    linear = _toy(toy, extra=1)
    far = {0.1: 100.0, 0.5: 120.0, 0.9: 150.0}
    with pytest.raises(Refusal, match="history cannot be tilted so far: total"):
        calibrate(linear.problem, _aim(far), seed=3, particles=128)
    away = toy([9.0, 0.0, 0.0], SLOPES, COVARIANCE)
    with pytest.raises(Refusal, match="o0: .* out of the prior's reach"):
        calibrate(away.problem, None, seed=3, particles=128)

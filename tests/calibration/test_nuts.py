from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from arviz_stats.base.array import array_stats
from scipy import stats

from forecast.calibration.nuts import marginal_density, sample, with_discrete

pytestmark = pytest.mark.slow


def test_it_draws_from_the_known_posterior(toy: Callable[..., Any]) -> None:
    linear = toy([0.9, -0.4], [[1.0, 0.5], [0.0, 1.0]], [[0.3, 0.1], [0.1, 0.2]], years=1)
    found = sample(marginal_density(linear.problem, {}), 3, seed=1, chains=8, draws=500)
    z = found.z.reshape(-1, 3)
    ess = min(float(array_stats.ess(found.z[..., row], method="mean")) for row in range(3))
    sd = np.sqrt(np.diag(linear.covariance))
    assert ess > 1000
    assert np.abs((z.mean(0) - linear.mean) / sd).max() < 4 / np.sqrt(ess)
    assert np.cov(z.T) == pytest.approx(linear.covariance, abs=0.1)
    assert found.divergences == 0


def test_an_input_of_a_few_values_is_summed_out_and_drawn_again(toy: Callable[..., Any]) -> None:
    # One observation of the first row alone, which stands for two values of unlike weight.
    linear = toy([0.5], [[1.0]], [[0.25]], years=1)
    weights, middles = np.array([0.7, 0.3]), np.array([0.35, 0.85])
    discrete = {"one": (0, middles, weights)}
    scores = stats.norm.ppf(middles)
    likelihood = stats.norm(scores, 0.5).pdf(0.5) * weights
    density = marginal_density(linear.problem, discrete)
    with jax.enable_x64(True):
        there, aside = (float(density(jnp.array([first, 0.0, 0.0]))) for first in (0.0, 1.0))
    # The row itself keeps its standard normal; the likelihood is the sum over both values.
    assert there == pytest.approx(np.log(likelihood.sum()), abs=1e-6)
    assert aside == pytest.approx(there - 0.5, abs=1e-6)
    drawn = with_discrete(linear.problem, discrete, np.zeros((4000, 3)), seed=2)
    second = (drawn[:, 0] > stats.norm.ppf(0.7)).mean()
    share = likelihood[1] / likelihood.sum()
    assert second == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 4000))

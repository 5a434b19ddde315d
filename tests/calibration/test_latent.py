from dataclasses import replace

import jax
import numpy as np
import pytest
from scipy import stats

from forecast.axes import STREAMS
from forecast.calibration.latent import (
    discrete_rows,
    innovations_of,
    inputs_of,
    latent,
    names_of,
    points_of,
    prior_points,
)
from forecast.calibration.posterior import innovation_values, input_values
from forecast.request import request
from forecast.sampling.draws import prepare_quantiles, quantiles
from forecast.simulate.binding import canonical_units
from forecast.spec.conversion import in_canonical_units
from forecast.spec.dependence import Dependence
from forecast.spec.scenario import Scenario

COUNT = 256


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return in_canonical_units(request("outlook.yaml").scenarios[0], canonical_units())


def _points(scenario: Scenario, count: int = COUNT, chain: int = 0) -> np.ndarray:
    space = latent(scenario, 2025)
    return prior_points(space, 7, chain=np.full(count, chain), index=np.arange(count))


def test_inputs_are_the_quantile_functions_of_the_normals(scenario: Scenario) -> None:
    space = latent(replace(scenario, dependence=()), 2025)
    z = _points(replace(scenario, dependence=()))
    halves = {
        name: stats.norm.cdf(z[:, rows] if rows.stop - rows.start > 1 else z[:, rows.start])
        for name, rows in space.rows.items()
    }
    moving = {name: scenario.priors[name] for name in space.rows}
    oracle = quantiles(prepare_quantiles(moving), halves, count=COUNT)
    with jax.enable_x64(True):
        found = jax.jit(jax.vmap(lambda one: inputs_of(space, one)))(z)
    for name, values in oracle.items():
        assert np.asarray(found[name]) == pytest.approx(values, rel=1e-9, abs=1e-12), name
    kept = input_values(space, z[np.newaxis])
    for name, values in oracle.items():
        assert kept[name][0] == pytest.approx(values, rel=1e-9, abs=1e-12), name


def test_the_normals_are_standard_and_a_prefix_of_more(scenario: Scenario) -> None:
    z = _points(scenario, 2048)
    assert len(names_of(latent(scenario, 2025))) == z.shape[1]
    assert np.abs(z.mean(0)).max() < 0.12
    assert z.std(0) == pytest.approx(1, abs=0.08)
    assert z[:64].tobytes() == _points(scenario, 64).tobytes()
    other = _points(scenario, 2048, chain=1)
    assert (z != other).all()


@pytest.mark.parametrize("copula", ["gaussian", "t"])
def test_dependence_is_that_of_the_copula(scenario: Scenario, copula: str) -> None:
    (one, *_) = scenario.dependence
    kind = {"copula": copula, "df": 5.0 if copula == "t" else None}
    changed: Dependence = replace(one, **kind)
    space = latent(replace(scenario, dependence=(changed,)), 2025)
    z = prior_points(space, 3, chain=np.zeros(65_536, int), index=np.arange(65_536))
    with jax.enable_x64(True):
        found = jax.jit(jax.vmap(lambda one: points_of(space, one)))(z)
    pair = changed.pairs[0]
    first, second = (np.asarray(found[name]) for name in (pair.first, pair.second))
    assert stats.kendalltau(first, second).statistic == pytest.approx(0.4, abs=0.03)
    for each in (first, second):
        assert stats.kstest(each, "uniform").pvalue > 1e-3
    far = (first > 0.95) & (second > 0.95)
    both = stats.multivariate_normal([0, 0], [[1, 0.5878], [0.5878, 1]])
    joint = 1 - 2 * 0.95 + both.cdf([stats.norm.ppf(0.95)] * 2)
    if copula == "gaussian":
        assert far.mean() == pytest.approx(joint, rel=0.3)
    else:
        assert far.mean() > 1.15 * joint


def test_noise_comes_last_stream_by_stream(scenario: Scenario) -> None:
    space = latent(scenario, 2025)
    z = _points(scenario, 3)
    laid = innovation_values(space, z[np.newaxis])[0]
    for number, name in enumerate(STREAMS):
        own = np.asarray(innovations_of(space, z[1])[name])
        assert laid[1, number] == pytest.approx(own)
        assert len(own) == 11


def test_discrete_inputs_are_found_with_their_weights(scenario: Scenario) -> None:
    space = latent(scenario, 2025)
    (name,) = discrete_rows(space, scenario)
    row, middles, weights = discrete_rows(space, scenario)[name]
    assert names_of(space)[row] == name == "limits.lead_time"
    assert weights.sum() == pytest.approx(1)
    assert len(middles) == len(weights) == 3

from dataclasses import replace

import jax
import numpy as np
import pytest
from scipy import stats

from forecast.calibration.observables import OPERATORS, evidence, log_likelihood
from forecast.shipped import observations
from forecast.spec.observation import Observation, read_observations
from forecast.spec.scope import COVERED


@pytest.fixture(scope="module")
def found() -> dict[str, Observation]:
    return {one.id: one for one in read_observations(observations())}


def test_every_output_that_a_number_may_be_of_has_an_operator() -> None:
    assert set(OPERATORS) == set(COVERED)


def test_shared_errors_are_covariance(found: dict[str, Observation]) -> None:
    names = ("iea25_data_centres_2023", "iea25_data_centres_2024", "iea26_data_centres_2025")
    data = evidence([found[one] for one in names])
    edition, publisher, own = 0.05**2, 0.05**2, 0.02**2
    assert np.diag(data.covariance) == pytest.approx(edition + publisher + own)
    assert data.covariance[0, 1] == pytest.approx(edition + publisher)
    assert data.covariance[0, 2] == pytest.approx(publisher)
    assert data.value == pytest.approx(np.log([361, 416, 485]))


def test_a_published_interval_is_a_normal_through_both_ends(found: dict[str, Observation]) -> None:
    data = evidence([found["iea_tracking_growth_2022"]])
    spread = stats.norm(data.value[0], np.sqrt(data.covariance[0, 0]))
    assert np.exp(spread.ppf([0.05, 0.95])) == pytest.approx([1.2, 1.7])


def test_a_factor_divides_and_widens(found: dict[str, Observation]) -> None:
    one = found["iea26_ai_focused_2025"]
    data = evidence([one])
    bare = evidence([replace(one, factor=None)])
    assert np.exp(data.value) == pytest.approx(155 / 1.35)
    spread = np.log(1.6 / 1.15) / (2 * stats.norm.ppf(0.95))
    assert data.covariance[0, 0] == pytest.approx(bare.covariance[0, 0] + spread**2)


def test_the_likelihood_is_a_multivariate_normal(found: dict[str, Observation]) -> None:
    data = evidence([one for one in found.values() if one.kind == "outturn" and one.value])
    random = np.random.default_rng(2)
    predicted = data.value + random.normal(0, 0.1, (5, len(data.value)))
    oracle = stats.multivariate_normal(data.value, data.covariance).logpdf(predicted)
    with jax.enable_x64(True):
        assert np.asarray(log_likelihood(predicted, data)) == pytest.approx(oracle, rel=1e-9)

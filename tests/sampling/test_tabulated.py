import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from forecast.sampling.tabulated import beta, gamma, student_t

pytestmark = pytest.mark.usefixtures("double")

SMALL = np.logspace(np.log10(2.0**-52), np.log10(0.5), 3001)
LARGE = 1 - SMALL
REST = 1 - LARGE
"""Distance of LARGE from one, without the rounding of LARGE itself."""


@jax.jit
def quantile(form, u):
    return form.quantile(u)


@pytest.mark.parametrize("shape", [0.1, 0.3, 1.0, 2.5, 40.0, 1e4])
def test_gamma_is_exact_to_1e_8_of_itself(shape):
    form, law = gamma(shape, 3.0), stats.gamma(shape, scale=3)
    np.testing.assert_allclose(quantile(form, SMALL), law.ppf(SMALL), rtol=1e-8)
    np.testing.assert_allclose(quantile(form, LARGE), law.isf(REST), rtol=1e-8)


@pytest.mark.parametrize("shapes", [(0.1, 0.1), (0.5, 0.5), (1.0, 1.0), (2.0, 7.0), (300.0, 20.0)])
def test_beta_is_exact_to_1e_8_of_the_distance_to_its_nearer_end(shapes):
    form, law = beta(*shapes, low=0.0, high=1.0), stats.beta(*shapes)
    mirrored = stats.beta(*shapes[::-1])
    exact = law.ppf(SMALL)
    nearer = np.minimum(exact, mirrored.isf(SMALL))
    assert np.all(np.abs(quantile(form, SMALL) - exact) <= 1e-8 * nearer + 1e-300 + 2e-16 * exact)
    exact = law.isf(REST)
    nearer = np.minimum(exact, mirrored.ppf(REST))
    assert np.all(np.abs(quantile(form, LARGE) - exact) <= 1e-8 * nearer + 2e-16)


@pytest.mark.parametrize("df", [1.0, 2.5, 4.0, 30.0, 1e4])
def test_student_t_is_exact_to_1e_8_of_itself_or_the_scale(df):
    form, law = student_t(df, centre=0.0, scale=2.0), stats.t(df, scale=2)
    for u, exact in ((SMALL, law.ppf(SMALL)), (LARGE, law.isf(REST))):
        limit = 1e-8 * np.maximum(np.abs(exact), 2)
        assert np.all(np.abs(quantile(form, u) - exact) <= limit)


def test_beyond_the_table_the_quantile_goes_on_rising():
    form = gamma(2.0, 1.0)
    u = jnp.array([1e-200, 1e-100, 1e-30, 1e-20, 1e-15])
    assert np.all(np.diff(np.asarray(quantile(form, u))) > 0)
    assert np.all(np.isfinite(jax.jit(jax.vmap(jax.grad(form.quantile)))(u)))


def test_a_shape_that_no_table_can_hold_is_refused():
    with pytest.raises(ValueError, match="too extreme a shape"):
        gamma(0.01, 1.0)
    with pytest.raises(ValueError, match="too extreme a shape"):
        beta(1e-3, 5.0, low=0.0, high=1.0)


def test_a_value_does_not_depend_on_its_neighbours():
    # Iterations inside a distribution function must not go on for those that have converged.
    form = student_t(2.5, centre=0.0, scale=1.0)
    x = np.linspace(-30, 30, 64)
    together = np.asarray(jax.jit(form.distribution)(x))
    alone = np.resize(x[20], 64)
    assert np.asarray(jax.jit(form.distribution)(alone))[0] == together[20]

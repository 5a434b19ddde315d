import jax
import numpy as np
import pytest
from scipy import special

from forecast.sampling.score import normal_score

pytestmark = pytest.mark.usefixtures("double")


def test_equals_scipy_over_all_of_the_open_interval():
    small = np.concatenate([np.logspace(-300, np.log10(0.5), 20_000), np.arange(1, 500) / 1000])
    u = np.concatenate([small, 1 - small[small > 2.0**-53]])
    z, exact = np.asarray(jax.jit(normal_score)(u)), special.ndtri(u)
    # Near one half ndtri itself rounds u - 1/2: compare in absolute terms there.
    np.testing.assert_allclose(z, exact, rtol=4e-15, atol=1e-16)


def test_slope_is_one_over_the_density():
    u = np.array([2.0**-53, 2.0**-33, 0.05, 0.5, 0.9, 1 - 2.0**-33, 1 - 2.0**-53])
    slope = np.asarray(jax.vmap(jax.grad(normal_score))(u))
    density = np.exp(-0.5 * special.ndtri(u) ** 2) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(slope * density, 1, rtol=1e-12)

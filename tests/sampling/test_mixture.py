import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize, stats

from forecast.sampling.families import FAMILIES

pytestmark = pytest.mark.usefixtures("double")

U = np.concatenate([2.0 ** -np.arange(33, 1, -1.0), np.arange(1, 32) / 32])
U = np.unique(np.concatenate([U, 1 - U]))


def normals(*pieces: tuple[float, float, float]) -> dict:
    views = {
        str(number): {"weight": weight, "family": "normal", "mean": mean, "sd": sd}
        for number, (weight, mean, sd) in enumerate(pieces)
    }
    return {"views": views}


@jax.jit
def quantile(form, u):
    return form.quantile(u)


@pytest.mark.parametrize(
    "pieces",
    [
        ((0.5, 0.0, 1.0), (0.5, 0.0, 1.0)),
        ((0.3, 0.0, 1.0), (0.7, 0.5, 3.0)),
        ((0.3, 0.0, 1.0), (0.7, 20.0, 1.0)),
        ((0.999, 0.0, 1e-3), (0.001, 1e3, 50.0)),
        ((0.25, 5.0, 0.1), (0.75, -5.0, 2.0)),
    ],
)
def test_quantile_equals_brents(pieces):
    def tails(x):
        below = sum(weight * stats.norm.cdf(x, mean, sd) for weight, mean, sd in pieces)
        return below, sum(weight * stats.norm.sf(x, mean, sd) for weight, mean, sd in pieces)

    def root(u):
        ends = [stats.norm.ppf(u, mean, sd) for _, mean, sd in pieces]
        low, high = min(ends) - 1e-6, max(ends) + 1e-6
        goal = (lambda x: tails(x)[0] - u) if u < 0.5 else (lambda x: 1 - u - tails(x)[1])
        return optimize.brentq(goal, low, high, xtol=1e-15, rtol=1e-14)

    x = np.asarray(quantile(FAMILIES["mixture"](normals(*pieces)), U))
    exact = np.array([root(u) for u in U])
    density = sum(weight * stats.norm.pdf(exact, mean, sd) for weight, mean, sd in pieces)
    # Both stop at the noise of the distribution function, which a flat one turns into a length.
    limit = 1e-12 * (1 + np.abs(exact)) + 1e-13 * np.minimum(U, 1 - U) / density
    assert np.all(np.abs(x - exact) <= limit)


def test_between_two_views_that_do_not_touch_lies_nothing():
    views = {
        "a": {"weight": 0.25, "family": "uniform", "low": 0.0, "high": 1.0},
        "b": {"weight": 0.75, "family": "uniform", "low": 3.0, "high": 6.0},
    }
    x = np.asarray(quantile(FAMILIES["mixture"]({"views": views}), U))
    exact = np.where(U <= 0.25, U * 4, 3 + (U - 0.25) * 4)
    inner = U != 0.25
    np.testing.assert_allclose(x[inner], exact[inner], rtol=1e-13)
    assert 1 - 1e-12 <= x[~inner][0] <= 3 + 1e-12


def test_one_view_is_that_view():
    view = {"weight": 1.0, "family": "normal", "mean": 2.0, "sd": 3.0}
    form = FAMILIES["mixture"]({"views": {"only": view}})
    assert form == FAMILIES["normal"]({"mean": 2.0, "sd": 3.0})


def test_derivatives_follow_the_implicit_function_theorem():
    pieces = ((0.3, 0.0, 1.0), (0.7, 2.0, 3.0))
    form = FAMILIES["mixture"](normals(*pieces))
    form = jax.tree.map(jnp.asarray, form)
    u, step = jnp.array(0.37), 1e-5
    x, slope = jax.jit(jax.value_and_grad(form.quantile))(u)
    x = float(x)
    density = sum(weight * stats.norm.pdf(x, mean, sd) for weight, mean, sd in pieces)
    assert float(slope) == pytest.approx(1 / density, rel=1e-10)

    def moved(centre):
        view = form.views[0]._replace(centre=centre)
        return form._replace(views=(view, form.views[1])).quantile(u)

    both = jax.jit(jax.value_and_grad(moved))
    difference = (both(step)[0] - both(-step)[0]) / (2 * step)
    assert float(both(0.0)[1]) == pytest.approx(float(difference), rel=1e-7)


def test_a_value_does_not_depend_on_its_neighbours():
    form = FAMILIES["mixture"](normals((0.3, 0.0, 1.0), (0.7, 4.0, 0.1)))
    together = np.asarray(quantile(form, U))
    for place in (3, 40, len(U) - 1):
        assert np.asarray(quantile(form, np.full_like(U, U[place])))[0] == together[place]

"""One contract over all families: SciPy is the judge wherever it has the distribution."""

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, special, stats

from forecast.sampling.families import FAMILIES

pytestmark = pytest.mark.usefixtures("double")

SMALL = np.concatenate([np.logspace(np.log10(2.0**-33), np.log10(0.4), 99), [0.05, 0.45, 0.499]])
U = np.concatenate([np.sort(SMALL), [0.5], 1 - np.sort(SMALL)[::-1]])
"""Points of the unit interval out to the ends of a Sobol design."""


@dataclasses.dataclass(frozen=True)
class Transformed:
    """A two-piece normal on a transformed line, from scipy.stats.norm and the asked quantiles."""

    p05: float
    p50: float | None
    p95: float
    forth: Callable[[Any], Any]
    back: Callable[[Any], Any]
    slope: Callable[[Any], Any]
    support: tuple[float, float] = (-np.inf, np.inf)

    def _pieces(self) -> tuple[float, float, float]:
        first, last = self.forth(self.p05), self.forth(self.p95)
        middle = (first + last) / 2 if self.p50 is None else self.forth(self.p50)
        z = stats.norm.ppf(0.95)
        return middle, (middle - first) / z, (last - middle) / z

    def _score(self, x: np.ndarray) -> np.ndarray:
        middle, below, above = self._pieces()
        with np.errstate(all="ignore"):
            y = self.forth(np.asarray(x, float)) - middle
        score = np.where(y < 0, y / below, y / above)
        score = np.where(x <= self.support[0], -np.inf, score)
        return np.where(x >= self.support[1], np.inf, score)

    def cdf(self, x: np.ndarray) -> np.ndarray:
        return stats.norm.cdf(self._score(x))

    def sf(self, x: np.ndarray) -> np.ndarray:
        return stats.norm.sf(self._score(x))

    def ppf(self, u: np.ndarray) -> np.ndarray:
        return self._at(stats.norm.ppf(u))

    def isf(self, u: np.ndarray) -> np.ndarray:
        return self._at(stats.norm.isf(u))

    def _at(self, z: np.ndarray) -> np.ndarray:
        middle, below, above = self._pieces()
        return self.back(middle + z * np.where(z < 0, below, above))

    def logpdf(self, x: np.ndarray) -> np.ndarray:
        z = self._score(x)
        _, below, above = self._pieces()
        with np.errstate(all="ignore"):
            height = stats.norm.logpdf(z) - np.log(np.where(z < 0, below, above))
            return np.where(np.isfinite(z), height + np.log(self.slope(x)), -np.inf)


@dataclasses.dataclass(frozen=True)
class Blend:
    """A mixture of laws of scipy.stats; its quantiles by Brent's method."""

    weights: tuple[float, ...]
    laws: tuple[Any, ...]

    def cdf(self, x: np.ndarray) -> np.ndarray:
        return sum(w * law.cdf(x) for w, law in zip(self.weights, self.laws, strict=True))

    def sf(self, x: np.ndarray) -> np.ndarray:
        return sum(w * law.sf(x) for w, law in zip(self.weights, self.laws, strict=True))

    def logpdf(self, x: np.ndarray) -> np.ndarray:
        parts = zip(self.weights, self.laws, strict=True)
        return special.logsumexp([np.log(w) + law.logpdf(x) for w, law in parts], axis=0)

    ppf = isf = None


@dataclasses.dataclass(frozen=True)
class BeyondEight:
    """The standard normal above 8: SciPy's own truncnorm is right to seven digits there."""

    def cdf(self, x: np.ndarray) -> np.ndarray:
        return np.where(x > 8, -np.expm1(stats.norm.logsf(x) - stats.norm.logsf(8)), 0)

    def sf(self, x: np.ndarray) -> np.ndarray:
        return np.where(x > 8, stats.norm.sf(x) / stats.norm.sf(8), 1)

    def ppf(self, u: np.ndarray) -> np.ndarray:
        return self.isf(1 - np.asarray(u))

    def isf(self, u: np.ndarray) -> np.ndarray:
        return stats.norm.isf(stats.norm.sf(8) * np.asarray(u))

    def logpdf(self, x: np.ndarray) -> np.ndarray:
        return np.where(x >= 8, stats.norm.logpdf(x) - stats.norm.logsf(8), -np.inf)

    def support(self) -> tuple[float, float]:
        return 8, np.inf


NEAR = {"a": {"weight": 0.3, "family": "normal", "mean": 0.0, "sd": 1.0}}
FAR = {"b": {"weight": 0.7, "family": "lognormal", "median": 20.0, "log_sd": 0.2}}
LOW = {"a": {"weight": 0.75, "family": "gamma", "shape": 2.0, "scale": 1.0}}
HIGH = {"b": {"weight": 0.25, "family": "triangular", "low": 1.0, "mode": 2.0, "high": 3.0}}

CASES = [
    pytest.param(
        "quantiles",
        {"p05": 0.5, "p95": 1.0},
        Transformed(0.5, None, 1.0, np.log, np.exp, lambda x: 1 / x, (0, np.inf)),
        id="quantiles-positive",
    ),
    pytest.param(
        "quantiles",
        {"p05": 0.5, "p50": 0.75, "p95": 1.0},
        Transformed(0.5, 0.75, 1.0, np.log, np.exp, lambda x: 1 / x, (0, np.inf)),
        id="quantiles-positive-three",
    ),
    pytest.param(
        "quantiles",
        {"p05": -0.04, "p50": 0.06, "p95": 0.14},
        Transformed(-0.04, 0.06, 0.14, lambda x: x, lambda y: y, np.ones_like),
        id="quantiles-signed-three",
    ),
    pytest.param(
        "quantiles",
        {"p05": 0.0, "p95": 0.12},
        Transformed(0.0, None, 0.12, lambda x: x, lambda y: y, np.ones_like),
        id="quantiles-from-zero",
    ),
    pytest.param(
        "quantiles",
        {"p05": 1.1, "p50": 1.15, "p95": 1.5, "lower": 1.0},
        Transformed(
            1.1,
            1.15,
            1.5,
            lambda x: np.log(x - 1),
            lambda y: 1 + np.exp(y),
            lambda x: 1 / (x - 1),
            (1, np.inf),
        ),
        id="quantiles-above",
    ),
    pytest.param(
        "quantiles",
        {"p05": -3.0, "p50": 0.5, "p95": 0.9, "upper": 2.0},
        Transformed(
            -3.0,
            0.5,
            0.9,
            lambda x: -np.log(2 - x),
            lambda y: 2 - np.exp(-y),
            lambda x: 1 / (2 - x),
            (-np.inf, 2),
        ),
        id="quantiles-below",
    ),
    pytest.param(
        "quantiles",
        {"p05": 0.2, "p50": 0.5, "p95": 0.6, "lower": 0.0, "upper": 0.8},
        Transformed(
            0.2,
            0.5,
            0.6,
            lambda x: np.log(x / (0.8 - x)),
            lambda y: 0.8 / (1 + np.exp(-y)),
            lambda x: 0.8 / (x * (0.8 - x)),
            (0, 0.8),
        ),
        id="quantiles-between",
    ),
    pytest.param("normal", {"mean": -1.0, "sd": 2.0}, stats.norm(-1, 2), id="normal"),
    pytest.param(
        "lognormal", {"median": 3.0, "log_sd": 0.7}, stats.lognorm(0.7, scale=3), id="lognormal"
    ),
    pytest.param("uniform", {"low": -1.0, "high": 3.0}, stats.uniform(-1, 4), id="uniform"),
    pytest.param(
        "loguniform", {"low": 0.01, "high": 30.0}, stats.loguniform(0.01, 30), id="loguniform"
    ),
    pytest.param(
        "triangular",
        {"low": 1.0, "mode": 1.5, "high": 4.0},
        stats.triang(1 / 6, 1, 3),
        id="triangular",
    ),
    pytest.param(
        "triangular", {"low": 0.0, "mode": 0.0, "high": 4.0}, stats.triang(0, 0, 4), id="falling"
    ),
    pytest.param(
        "triangular", {"low": 0.0, "mode": 4.0, "high": 4.0}, stats.triang(1, 0, 4), id="rising"
    ),
    pytest.param(
        "truncated_normal",
        {"mean": 1.0, "sd": 2.0, "low": 0.0, "high": 2.5},
        stats.truncnorm(-0.5, 0.75, 1, 2),
        id="truncated_normal",
    ),
    pytest.param(
        "truncated_normal",
        {"mean": 0.0, "sd": 1.0, "low": 8.0},
        BeyondEight(),
        id="truncated_normal-upper-tail",
    ),
    pytest.param(
        "truncated_normal",
        {"mean": 0.0, "sd": 1.0, "high": -10.0},
        stats.truncnorm(-np.inf, -10),
        id="truncated_normal-lower-tail",
    ),
    pytest.param("beta", {"alpha": 2.0, "beta": 5.0}, stats.beta(2, 5), id="beta"),
    pytest.param(
        "beta",
        {"alpha": 0.5, "beta": 0.5, "low": -1.0, "high": 2.0},
        stats.beta(0.5, 0.5, -1, 3),
        id="beta-arcsine",
    ),
    pytest.param("pert", {"low": 1.0, "mode": 2.0, "high": 5.0}, stats.beta(2, 4, 1, 4), id="pert"),
    pytest.param("gamma", {"shape": 0.3, "scale": 2.0}, stats.gamma(0.3, scale=2), id="gamma-0.3"),
    pytest.param("gamma", {"shape": 50.0, "scale": 0.1}, stats.gamma(50, scale=0.1), id="gamma-50"),
    pytest.param(
        "student_t",
        {"df": 2.5, "centre": 1.0, "scale": 0.5},
        stats.t(2.5, 1, 0.5),
        id="student_t-2.5",
    ),
    pytest.param(
        "student_t", {"df": 40.0, "centre": 0.0, "scale": 3.0}, stats.t(40, 0, 3), id="student_t-40"
    ),
    pytest.param(
        "mixture",
        {"views": NEAR | FAR},
        Blend((0.3, 0.7), (stats.norm(), stats.lognorm(0.2, scale=20))),
        id="mixture-apart",
    ),
    pytest.param(
        "mixture",
        {"views": LOW | HIGH},
        Blend((0.75, 0.25), (stats.gamma(2), stats.triang(0.5, 1, 2))),
        id="mixture-overlapping",
    ),
]
every_case = pytest.mark.parametrize(("family", "arguments", "law"), CASES)


# The time goes into compiling; that all passes of the compiler agree, test_draws sees.
@partial(jax.jit, compiler_options={"xla_llvm_disable_expensive_passes": True})
def evaluate(form, u, x):
    """All functions at once, so that forms compile once for the whole contract."""
    quantile, slope = jax.jvp(form.quantile, (u,), (jnp.ones_like(u),))
    height, steepness = jax.jvp(form.log_density, (x,), (jnp.ones_like(x),))
    return quantile, slope, form.distribution(x), form.survival(x), height, steepness


def in_other_unit(arguments: dict[str, Any], factor: float) -> dict[str, Any]:
    """Arguments with all that carries the unit multiplied."""

    def scaled(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return in_other_unit(value, factor)
        pure = {"log_sd", "alpha", "beta", "shape", "df", "weight", "family"}
        return value if key in pure else value * factor

    given = {"low": 0.0, "high": 1.0} | arguments if "alpha" in arguments else arguments
    return {key: scaled(key, value) for key, value in given.items()}


def functions(family: str, arguments: dict[str, Any], x: np.ndarray = U) -> list[np.ndarray]:
    form = FAMILIES[family](arguments)
    return [np.asarray(values) for values in evaluate(form, U, np.resize(x, U.shape))]


def places(law: Any) -> np.ndarray:
    """Values all over the support, and some outside it."""
    centre = [0.001, 0.01, 0.05, 0.1, 0.3, 0.4999, 0.5, 0.5001, 0.7, 0.9, 0.95, 0.99, 0.9999]
    if isinstance(law, Blend):
        return np.concatenate([part.ppf(centre) for part in law.laws] + [[-50.0, 0.0, 900.0]])
    x = law.ppf(centre)
    return np.concatenate([x, x[0] - 3 * np.ptp(x) * np.arange(1, 3), [x[-1] + 3 * np.ptp(x)]])


def test_every_family_has_a_case():
    held = {case.values[0] for case in CASES}
    assert held | {"fixed", "discrete", "logistic_normal"} == set(FAMILIES)


@every_case
def test_quantile_increases(family, arguments, law):
    x = functions(family, arguments)[0]
    assert np.all(np.isfinite(x))
    assert np.all(np.diff(x) >= 0)
    middle = (U > 1e-6) & (U < 1 - 1e-6)
    assert np.all(np.diff(x[middle]) > 0)


@every_case
def test_quantile_equals_scipy(family, arguments, law):
    if law.ppf is None:
        pytest.skip("scipy has no quantile of a mixture: distribution and its inverse are tested")
    x = functions(family, arguments)[0]
    exact = np.where(U < 0.5, law.ppf(U), law.isf(1 - U))
    scale = law.isf(0.25) - law.ppf(0.25)
    np.testing.assert_allclose(x, exact, rtol=2e-9, atol=2e-9 * scale)


@every_case
def test_distribution_inverts_quantile_in_both_tails(family, arguments, law):
    x, slope, *_ = functions(family, arguments)
    below, above = functions(family, arguments, x)[2:4]
    # What a rounding of x moves, in units of probability, beside the error of a table.
    rounding = 1e-15 * (np.abs(x) + np.ptp(x[np.abs(U - 0.5) < 0.25])) / slope
    assert np.all(np.abs(below - U) <= 1e-8 * U + rounding)
    assert np.all(np.abs(above - (1 - U)) <= 1e-8 * (1 - U) + rounding)


@every_case
def test_distribution_equals_scipy(family, arguments, law):
    x = places(law)
    *_, below, above, _, _ = functions(family, arguments, x)
    np.testing.assert_allclose(below[: len(x)], law.cdf(x), rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(above[: len(x)], law.sf(x), rtol=1e-9, atol=1e-300)


@every_case
def test_log_density_equals_scipy(family, arguments, law):
    x = places(law)
    height = functions(family, arguments, x)[4][: len(x)]
    np.testing.assert_allclose(height, law.logpdf(x), rtol=1e-9, atol=1e-9)


@every_case
def test_slope_of_quantile_is_finite_and_one_over_the_density(family, arguments, law):
    x, slope, *_ = functions(family, arguments)
    assert np.all(np.isfinite(slope))
    assert np.all(slope >= 0)
    inner = (U > 1e-3) & (U < 1 - 1e-3) & (np.abs(U - 0.5) > 1e-9)
    height = functions(family, arguments, x)[4]
    np.testing.assert_allclose((slope * np.exp(height))[inner], 1, rtol=1e-6)


@every_case
def test_ends_lie_in_the_support(family, arguments, law):
    x = functions(family, arguments)[0]
    if isinstance(law, Blend):
        return
    low, high = law.support if isinstance(law, Transformed) else law.support()
    assert x.min() >= low
    assert x.max() <= high


@every_case
def test_unit_scales_linearly(family, arguments, law):
    x = functions(family, arguments)[0]
    scaled = functions(family, in_other_unit(arguments, 1000.0))[0]
    np.testing.assert_allclose(
        scaled, 1000 * x, rtol=1e-9, atol=1e-10 * np.ptp(x[np.abs(U - 0.5) < 0.25])
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {"p05": 0.5, "p95": 1.0},
        {"p05": -2.0, "p50": 7.0, "p95": 7.5},
        {"p05": 1e-9, "p50": 1.0, "p95": 1e9},
        {"p05": 1.01, "p50": 1.1, "p95": 1.2, "lower": 1.0},
        {"p05": -5.0, "p50": 0.5, "p95": 0.99, "upper": 1.0},
        {"p05": 0.01, "p50": 0.98, "p95": 0.99, "lower": 0.0, "upper": 1.0},
    ],
)
def test_asked_quantiles_are_met(arguments):
    asked = {0.05: "p05", 0.5: "p50", 0.95: "p95"}
    form = FAMILIES["quantiles"](arguments)
    for u, key in asked.items():
        if key in arguments:
            met = float(form.quantile(jnp.array(u)))
            assert met == pytest.approx(arguments[key], rel=1e-13)


def test_log_density_integrates_to_one_where_scipy_has_no_such_family():
    form = FAMILIES["quantiles"]({"p05": 0.2, "p50": 0.5, "p95": 0.6, "lower": 0, "upper": 0.8})
    height = jax.jit(form.log_density)
    mass, _ = integrate.quad(lambda x: np.exp(float(height(x))), 0, 0.8, points=[0.5])
    assert mass == pytest.approx(1, abs=1e-8)


@every_case
def test_slope_of_log_density_is_finite_even_outside_the_support(family, arguments, law):
    x = np.array([-1e3, -0.4999, 0.3, 1e3])
    assert np.all(np.isfinite(functions(family, arguments, x)[5]))


def test_fixed_is_one_value():
    form = FAMILIES["fixed"]({"value": 3.0})
    assert np.all(np.asarray(form.quantile(jnp.asarray(U))) == 3.0)
    assert np.asarray(form.distribution(jnp.array([2.9, 3.0, 3.1]))).tolist() == [0, 1, 1]
    assert np.asarray(form.survival(jnp.array([2.9, 3.0, 3.1]))).tolist() == [1, 0, 0]
    assert np.asarray(form.log_density(jnp.array([2.9, 3.0]))).tolist() == [-np.inf, 0]


def test_discrete_inverts_from_the_left_and_equals_scipy():
    values, weights = [30.0, 10.0, 20.0], [0.5, 0.125, 0.375]
    form = FAMILIES["discrete"]({"values": values, "weights": weights})
    law = stats.rv_discrete(values=(values, weights))
    u = np.array([1e-9, 0.1, 0.125, np.nextafter(0.125, 1), 0.3, 0.5, np.nextafter(0.5, 1), 0.99])
    at = np.array([5.0, 10.0, 15.0, 20.0, 30.0, 31.0, 9.0, 29.0])
    x, slope, below, above, height, _ = (np.asarray(part) for part in evaluate(form, u, at))
    assert x.tolist() == [10, 10, 10, 20, 20, 20, 30, 30]
    assert slope.tolist() == [0] * 8
    np.testing.assert_allclose(below, law.cdf(at), atol=1e-15)
    np.testing.assert_allclose(above, law.sf(at), atol=1e-15)
    np.testing.assert_allclose(height, law.logpmf(at), atol=1e-15)


@jax.jit
def evaluate_shares(form, u):
    x = form.quantile(u)
    return x, form.distribution(x), form.survival(x), form.log_density(x)


@pytest.mark.parametrize("log_sd", [0.4, {"a": 0.3, "b": 0.8}])
def test_shares_are_logistic_normal(log_sd):
    median = {"a": 0.2, "b": 0.5, "c": 0.3}
    form = FAMILIES["logistic_normal"]({"median": median, "log_sd": log_sd})
    spread = np.array([0.4, 0.4] if log_sd == 0.4 else [0.3, 0.8])
    u = np.random.default_rng(1).uniform(size=(2, 500))
    u[:, 0] = 0.5
    x, below, above, height = (np.asarray(values) for values in evaluate_shares(form, u))
    np.testing.assert_allclose(x.sum(0), 1, rtol=1e-15)
    ratios = np.log(x[:2] / x[2])
    centre = np.log([0.2 / 0.3, 0.5 / 0.3])
    exact = stats.norm.ppf(u, centre[:, np.newaxis], spread[:, np.newaxis])
    np.testing.assert_allclose(ratios, exact, atol=1e-13)
    np.testing.assert_allclose(below, u, rtol=1e-11)
    np.testing.assert_allclose(above, 1 - u, rtol=1e-11)
    np.testing.assert_allclose(x[:, 0], list(median.values()), rtol=1e-14)
    # Density by the change of variables from the normals, with JAX's own determinant.
    first = jax.jit(lambda p: form.quantile(p)[:2])
    jacobian = jax.jit(jax.vmap(jax.jacfwd(first), in_axes=1))(u)
    volume = np.linalg.slogdet(np.asarray(jacobian))[1]
    np.testing.assert_allclose(height, -volume, rtol=1e-9, atol=1e-9)
    assert float(form.log_density(jnp.array([0.5, 0.6, -0.1]))) == -np.inf


def test_views_of_a_mixture_are_continuous():
    view = {"weight": 1.0, "family": "fixed", "value": 1.0}
    with pytest.raises(ValueError, match="must be continuous, not fixed"):
        FAMILIES["mixture"]({"views": {"a": view}})


def test_a_truncated_normal_without_mass_is_refused():
    with pytest.raises(ValueError, match="37 sd"):
        FAMILIES["truncated_normal"]({"mean": 0.0, "sd": 1.0, "low": 38.0})

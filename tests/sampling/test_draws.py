import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np
import pytest
from scipy import stats

from forecast.sampling import draws as module
from forecast.sampling.design import DESIGNS, Design
from forecast.sampling.draws import (
    draw,
    points,
    prepare_points,
    prepare_quantiles,
    quantiles,
    varying,
)

DESIGN = Design("sobol", 3, 8, 2048)
every_method = pytest.mark.parametrize("method", list(DESIGNS))


@pytest.fixture(scope="module")
def register(prior):
    """An input of every form, several of some."""
    view = {"weight": 0.5, "family": "normal", "mean": 0.0, "sd": 1.0}
    views = {"a": view, "b": view | {"mean": 5.0}}
    median = {"x": 0.2, "y": 0.3, "z": 0.5}
    inputs = [
        prior("a.fixed", "fixed", 1, value=3.0),
        prior("a.vector", "fixed", 2, value={"x": 1.0, "y": 2.0}),
        prior("a.shares", "logistic_normal", (3, 4), median=median, log_sd=0.5),
        prior("a.mixture", "mixture", 5, views=views),
        prior("a.discrete", "discrete", 6, values=[1.0, 2.0], weights=[0.25, 0.75]),
        prior("a.uniform", "uniform", 7, low=1.0, high=3.0),
        prior("a.loguniform", "loguniform", 8, low=1.0, high=3.0),
        prior("a.triangular", "triangular", 9, low=0.0, mode=1.0, high=3.0),
        prior("a.truncated", "truncated_normal", 10, mean=0.0, sd=1.0, low=0.5),
        prior("a.normal", "normal", 11, mean=1.0, sd=2.0),
        prior("a.above", "quantiles", 12, p05=1.1, p50=1.2, p95=1.5, lower=1.0),
        prior("a.below", "quantiles", 13, p05=0.1, p95=0.5, upper=1.0),
        prior("a.between", "quantiles", 14, p05=0.1, p95=0.5, lower=0.0, upper=1.0),
        prior("a.gamma", "gamma", 15, shape=2.0, scale=1.0),
        prior("a.beta", "beta", 16, alpha=2.0, beta=3.0, low=0.0, high=1.0),
        prior("a.student_t", "student_t", 17, df=4.0, centre=0.0, scale=1.0),
    ]
    inputs += [
        prior(f"b.field_{n}", "quantiles", 20 + n, p05=0.5 + n, p50=0.8 + n, p95=2.0 + n)
        for n in range(20)
    ]
    return {one.name: one for one in inputs}


@pytest.fixture(scope="module")
def whole(register, pairs):
    return draw(register, DESIGN, **pairs(2, 2048))


def test_draws_have_the_draw_axis_first_in_double_precision(whole, register):
    assert list(sorted(whole)) == sorted(register)
    assert all(values.dtype == np.float64 for values in whole.values())
    shapes = {name: values.shape for name, values in whole.items()}
    assert shapes.pop("a.vector") == (4096, 2)
    assert shapes.pop("a.shares") == (4096, 3)
    assert set(shapes.values()) == {(4096,)}
    assert not jax.config.jax_enable_x64


def test_draws_follow_their_priors(whole, register):
    laws = {
        "a.uniform": stats.uniform(1, 2),
        "a.loguniform": stats.loguniform(1, 3),
        "a.triangular": stats.triang(1 / 3, 0, 3),
        "a.truncated": stats.truncnorm(0.5, np.inf),
        "a.normal": stats.norm(1, 2),
        "a.gamma": stats.gamma(2),
        "a.beta": stats.beta(2, 3),
        "a.student_t": stats.t(4),
    }
    for name, law in laws.items():
        # Two randomised nets of 2,048 points: far closer than chance, and off by a shift if wrong.
        assert stats.kstest(whole[name], law.cdf).statistic < 2 / 2048, name
    for n in range(20):
        found = np.quantile(whole[f"b.field_{n}"], [0.05, 0.5, 0.95])
        np.testing.assert_allclose(found, [0.5 + n, 0.8 + n, 2.0 + n], rtol=3e-3)
    assert np.all(whole["a.fixed"] == 3)
    assert np.all(whole["a.vector"] == [1, 2])
    assert np.mean(whole["a.discrete"] == 1) == pytest.approx(0.25, abs=1e-3)
    np.testing.assert_allclose(whole["a.shares"].sum(1), 1, rtol=1e-15)
    np.testing.assert_allclose(
        np.median(np.log(whole["a.shares"][:, :2] / whole["a.shares"][:, 2:]), axis=0),
        np.log([0.4, 0.6]),
        atol=2e-3,
    )


def test_shares_take_their_columns_one_each(register, pairs):
    laid = points(prepare_points(register, DESIGN), **pairs(1, 2048))
    assert laid["a.shares"].shape == (2048, 2)
    assert abs(np.corrcoef(laid["a.shares"].T)[0, 1]) < 0.02
    assert "a.fixed" not in laid


@every_method
def test_other_inputs_move_nothing(method, register, pairs):
    design, some = Design(method, 3, 2, 700), pairs(2, 700)
    all_of_them = draw(register, design, **some)
    names = [name for name in register if not name.startswith("b") or int(name[8:]) % 3]
    fewer = draw({name: register[name] for name in reversed(names)}, design, **some)
    assert set(fewer) == set(names)
    for name in names:
        assert np.array_equal(fewer[name], all_of_them[name]), name


@every_method
def test_no_bit_hangs_on_block_or_padding(method, register, pairs):
    design, some = Design(method, 3, 2, 1500), pairs(2, 1500)
    all_of_them = draw(register, design, **some)
    order = np.random.default_rng(0).permutation(3000)
    for rows in (order, order[:2049], order[:7]):
        cut = {key: values[rows] for key, values in some.items()}
        for name, values in draw(register, design, **cut).items():
            assert np.array_equal(values, all_of_them[name][rows]), name


def test_first_draws_of_a_longer_run_are_the_same_bits(whole, register, pairs):
    short = draw(register, Design("sobol", 3, 8, 1000), **pairs(1, 1000))
    for name, values in short.items():
        assert np.array_equal(values, whole[name][:1000]), name


def test_scenarios_share_points_and_draw_what_differs(whole, register, prior, pairs):
    laid = points(prepare_points(register, DESIGN), **pairs(2, 2048))
    changed = {"a.normal": prior("a.normal", "normal", 11, mean=1.0, sd=4.0)}
    other = quantiles(prepare_quantiles(changed), laid, count=4096)
    assert list(other) == ["a.normal"]
    np.testing.assert_allclose(other["a.normal"] - 1, 2 * (whole["a.normal"] - 1), atol=1e-14)


def test_inputs_fixed_in_one_scenario_alone_have_points(register, prior):
    freed = {**register, "a.fixed": prior("a.fixed", "normal", 1, mean=3.0, sd=1.0)}
    found = varying([register, freed])
    assert set(register) - set(found) == {"a.vector"}
    assert found["a.fixed"].family == "normal"


def test_a_register_of_fixed_inputs_needs_no_points(prior, pairs):
    only = {"a.x": prior("a.x", "fixed", 1, value=2.0)}
    assert draw(only, DESIGN, **pairs(1, 5))["a.x"].tolist() == [2.0] * 5


def test_programs_are_as_many_as_forms(prior, pairs):
    def compiled(count: int) -> int:
        inputs = [prior(f"c.f{n}", "normal", n + 1, mean=n, sd=1.0) for n in range(count)]
        draw({one.name: one for one in inputs}, DESIGN, **pairs(1, count * 150))
        return module._through._cache_size()

    assert compiled(3) == compiled(30)


def test_threads_change_no_bit(whole, register, pairs):
    layout, stacks = prepare_points(register, DESIGN), prepare_quantiles(register)

    def block(chain: int) -> module.Draws:
        some = {"chain": np.full(2048, chain), "index": np.arange(2048)}
        return quantiles(stacks, points(layout, **some), count=2048)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(block, [0, 1, 0, 1]))
    for chain, values in zip([0, 1, 0, 1], found, strict=True):
        for name in register:
            assert np.array_equal(values[name], whole[name][chain * 2048 :][:2048]), name


def test_a_prior_that_numbers_cannot_hold_is_named(prior):
    wrong = {"a.x": prior("a.x", "gamma", 1, shape=0.001, scale=1.0)}
    with pytest.raises(ValueError, match=r"a\.x: too extreme a shape"):
        prepare_quantiles(wrong)


def test_importing_makes_no_array_and_a_run_loads_no_scipy():
    code = """
import sys
import jax
import numpy as np
from types import SimpleNamespace
import forecast.sampling.draws as d
assert not jax.live_arrays()
arguments = {"p05": 1.0, "p95": 2.0}
one = SimpleNamespace(name="a.x", family="quantiles", arguments=arguments, columns=(1,))
index = np.arange(3)
d.draw({"a.x": one}, d.Design("sobol", 1), chain=index, index=index)
assert not jax.config.jax_enable_x64
print(sorted(name for name in ("scipy", "pandas", "xarray") if name in sys.modules))
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

"""Swings against a linear model in closed form, and the additive share against Ishigami."""

import math

import numpy as np
import pytest
from scipy import stats

from forecast.analysis.ensemble import Ensemble
from forecast.analysis.tornado import LEAST, swings, tornado
from forecast.analysis.tornado_additive import additive_share, least_for_share
from forecast.grammar import parse_place

COEFFICIENTS = np.array([3.0, -2.0, 0.5, 0.0])


def linear(draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Uniform inputs and their weighted sum."""
    x = np.random.default_rng(seed).uniform(size=(draws, 4))
    return x, x @ COEFFICIENTS


def ishigami(u: np.ndarray) -> np.ndarray:
    x = math.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def ensemble(x: np.ndarray, y: np.ndarray, dependent: str = "") -> Ensemble:
    outcomes = y.shape[1]
    rows = {
        "variable": np.full(outcomes, "total"),
        "region": np.full(outcomes, ""),
        "year": 2030 + np.arange(outcomes),
        "unit": np.full(outcomes, "TWh"),
        "scope": np.full(outcomes, ""),
    }
    names = tuple(f"block.x{number}" for number in range(x.shape[1]))
    chain = np.zeros(len(x), int)
    return Ensemble("base", names, ("1/yr",) * len(names), x, rows, y, chain, dependent)


def test_the_swing_of_a_linear_model_is_coefficient_times_quantiles() -> None:
    x, y = linear(16_384, 1)
    found = swings(x, y[:, None], seed=1)
    assert found.ends == pytest.approx(np.quantile(x, [0.1, 0.9], axis=0))
    scatter = 4 * 1.25 * y.std() * math.sqrt(2 / 1638)
    assert found.swing[:, 0] == pytest.approx(COEFFICIENTS * 0.8, abs=scatter)
    moved = (found.means[1] - found.means[0])[:, 0]
    assert moved == pytest.approx(COEFFICIENTS * 0.8, abs=scatter)


def test_an_outcome_that_is_the_input_swings_as_its_quantiles() -> None:
    """Medians follow a monotone transformation, means do not."""
    x = np.random.default_rng(2).standard_normal((8_001, 1))
    found = swings(x, np.exp(x), seed=1)
    assert found.medians[:, 0, 0] == pytest.approx(np.exp(np.quantile(x, [0.1, 0.9])))
    assert found.means[1, 0, 0] > found.medians[1, 0, 0]


def test_the_interval_covers() -> None:
    """In 200 samples of the linear model, and of an input that does nothing; 90 % is told."""
    inside = []
    for seed in range(200):
        x, y = linear(800, seed)
        found = swings(x, y[:, None], bootstraps=200, seed=1)
        inside.append(
            (found.low[:, 0] <= 0.8 * COEFFICIENTS) & (0.8 * COEFFICIENTS <= found.high[:, 0])
        )
    assert np.mean(inside, axis=0) == pytest.approx(np.full(4, 0.9), abs=0.06)


def test_the_interval_is_that_of_a_bootstrap() -> None:
    """Of the two windows, with resamples that are drawn."""
    x, y = linear(4_000, 3)
    found = swings(x, y[:, None], bootstraps=20_000, seed=1)
    order = np.argsort(x[:, 1])
    near = [y[order[middle - 200 : middle + 201]] for middle in (400, 3_599)]
    rng = np.random.default_rng(1)
    low, high = (np.median(rng.choice(one, (4_000, 401)), axis=1) for one in near)
    expected = np.quantile(high - low, [0.05, 0.95])
    width = expected[1] - expected[0]
    assert [found.low[1, 0], found.high[1, 0]] == pytest.approx(expected, abs=0.06 * width)


def test_the_additive_share_of_ishigami() -> None:
    """The sum of its first-order indices, 0.3139 + 0.4424 (Saltelli and others 2008)."""
    u = np.random.default_rng(4).uniform(size=(16_384, 4))
    assert additive_share(u, ishigami(u)[:, None])[0] == pytest.approx(0.7563, abs=0.015)


@pytest.mark.parametrize("draws", [1_000, 8_000])
def test_the_additive_share_does_not_hang_on_idle_inputs(draws: int) -> None:
    """A linear model with normal noise that makes up a quarter of the variance."""
    rng = np.random.default_rng(5)
    x, y = linear(draws, 5)
    noise = rng.standard_normal((draws, 20)) * math.sqrt((COEFFICIENTS**2).sum() / 12 / 3)
    idle = rng.standard_normal((draws, 40))
    share = additive_share(np.hstack([x, idle]), y[:, None] + noise)
    assert share.mean() == pytest.approx(0.75, abs=0.02)


def test_what_is_additive_is_told_to_be() -> None:
    """Tails, waves, ties and inputs that repeat each other included."""
    rng = np.random.default_rng(6)
    x = np.column_stack(
        [
            np.exp(1.5 * rng.standard_normal(8_000)),
            rng.uniform(-1, 1, 8_000),
            rng.integers(3, size=8_000),
        ]
    )
    y = x[:, 0] + 3 * np.sin(math.pi * x[:, 1]) + (x[:, 2] == 1)
    for inputs in (x, np.hstack([x, x])):
        assert additive_share(inputs, y[:, None])[0] == pytest.approx(1, abs=1e-3)


def test_a_product_is_not_additive() -> None:
    """Of two centred inputs nothing is; of (1 + x)(1 + y), two sevenths of a seventh is not."""
    x = np.random.default_rng(7).uniform(-1, 1, size=(16_384, 2))
    y = np.stack([x.prod(axis=1), (1 + x).prod(axis=1)], axis=1)
    assert additive_share(x, y) == pytest.approx([0, 6 / 7], abs=0.02)


def test_the_additive_share_leaves_out_draws_without_the_outcome() -> None:
    u = np.random.default_rng(8).uniform(size=(4_000, 3))
    whole = ishigami(u)
    for share in (0.1, 0.7):
        gone = u[:, 2] < share
        y = np.stack([whole, np.where(gone, np.nan, whole), np.ones(len(u))], axis=1)
        found = additive_share(u, y)
        assert found[1] == pytest.approx(additive_share(u[~gone], whole[~gone, None])[0], abs=0.01)
        assert math.isnan(found[2])


def test_inputs_are_sorted_by_size_and_a_warning_is_told() -> None:
    u = np.random.default_rng(9).uniform(size=(4_000, 4))
    y = np.stack([u @ COEFFICIENTS, ishigami(u)], axis=1)
    ours = ensemble(u, y, "they are tied")
    plain = tornado(ours, parse_place("total[2030]"), seed=1)
    assert plain["input"].values.tolist()[:2] == ["block.x0", "block.x1"]
    assert plain["rank"].values.tolist() == [1, 2, 3, 4]
    assert (np.diff(np.abs(plain["swing"])) <= 0).all()
    assert plain.attrs["warning"] == ""
    assert "they are tied" in plain.attrs["note"]
    assert plain["swing"].attrs["units"] == "TWh"
    assert float(plain["median"]) == pytest.approx(np.median(y[:, 0]))
    mixed = tornado(ours, parse_place("total[2031]"), seed=1)
    share = f"{float(mixed['interaction']):.0%}"
    assert mixed.attrs["warning"].startswith(f"{share} of the variance of total[2031] is of inputs")
    assert 0.2 < float(mixed["interaction"]) < 0.28


def test_all_outcomes_at_once_are_what_each_is_alone() -> None:
    x, y = linear(1_000, 10)
    ours = ensemble(x, np.stack([y, np.where(x[:, 0] < 0.1, np.nan, y**2)], axis=1))
    whole = tornado(ours, seed=1)
    for number, text in enumerate(("total[2030]", "total[2031]")):
        alone = tornado(ours, parse_place(text), seed=1)
        same = whole.isel(outcome=number).sel(input=alone["input"].values)
        for name in alone.data_vars:
            assert same[name].values == pytest.approx(alone[name].values), name


def test_the_order_of_inputs_does_not_matter() -> None:
    x, y = linear(1_000, 11)
    place = parse_place("total[2030]")
    one = tornado(ensemble(x, y[:, None]), place, seed=1)
    turned = swings(x[:, ::-1], y[:, None], seed=1)
    expected = one["swing"].sel(input=[f"block.x{number}" for number in (3, 2, 1, 0)])
    assert turned.swing[:, 0] == pytest.approx(expected.values)


def test_the_median_input_of_a_window_is_the_quantile() -> None:
    x = np.random.default_rng(12).standard_gamma(0.5, size=(10_001, 1))
    found = swings(x, x, seed=1)
    assert found.medians[:, :, 0] == pytest.approx(found.ends)
    assert found.ends[:, 0] == pytest.approx(stats.gamma(0.5).ppf([0.1, 0.9]), rel=0.15)


def test_what_is_wrong_is_told() -> None:
    x, y = linear(LEAST - 1, 13)
    with pytest.raises(ValueError, match="199 draws are too few, at least 200"):
        swings(x, y[:, None], seed=1)
    few = np.random.default_rng(14).uniform(size=(LEAST, 20))
    ours = ensemble(few, few[:, :1])
    with pytest.raises(ValueError, match=r'column 1: no variable "totl".*did you mean "total"'):
        tornado(ours, parse_place("totl[2030]"), seed=1)
    told = tornado(ours, parse_place("total[2030]"), seed=1)
    assert f"at least {least_for_share(20):,} are needed" in told.attrs["warning"]
    assert math.isnan(float(told["interaction"]))

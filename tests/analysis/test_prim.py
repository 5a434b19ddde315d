"""PRIM against the EMA Workbench, closed cases and properties."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from forecast.analysis.box import LEVEL, Box, drop, gains, measures, paste, quasi_p
from forecast.analysis.prim import Rule, choose, find, peel, resampled

REFERENCE = Path(__file__).with_name("discovery_reference.json")
"""What EMA Workbench 3.0.0 and scikit-learn 1.9.1 found in `planted`; its entry `made` says how."""

NAMES = "abcde"


def planted() -> tuple[np.ndarray, np.ndarray]:
    """Draws without a generator of random numbers: multiples of square roots, less whole parts."""
    number = np.arange(1, 1001.0)[:, None]
    x = number * np.sqrt([2, 3, 5, 7, 11]) % 1
    x[:, 2] = np.floor(4 * x[:, 2])
    inside = (x[:, 0] > 0.6) & (x[:, 1] < 0.5) & (x[:, 2] >= 1)
    return x, number[:, 0] ** 2 * np.sqrt(17) % 1 < np.where(inside, 0.9, 0.08)


def uniform(
    seed: int, draws: int = 4000, inputs: int = 10, noise: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """A box in two of several uniform inputs; some labels are wrong."""
    rng = np.random.default_rng(seed)
    x = rng.random((draws, inputs))
    inside = (x[:, 3] > 0.7) & (x[:, 6] > 0.2) & (x[:, 6] < 0.5)
    return x, inside ^ (rng.random(draws) < noise)


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(REFERENCE.read_text())
    return found


def their_box(limits: dict[str, dict[str, Any]]) -> Box:
    low, high = np.full(5, -math.inf), np.full(5, math.inf)
    for name, one in limits.items():
        place = NAMES.index(name)
        low[place] = -math.inf if one["low"] is None else one["low"]
        high[place] = math.inf if one["high"] is None else one["high"]
    return Box(low, high)


def test_peeling_is_that_of_the_workbench(reference: dict[str, Any]) -> None:
    x, y = planted()
    assert y.sum() == reference["with_outcome"]
    found = peel(x, y, Rule(most=5, least=50))
    assert (1000 * found.mass).round().astype(int).tolist() == reference["draws"]
    assert (y.sum() * found.coverage).round().astype(int).tolist() == reference["hits"]
    assert found.inputs.tolist() == reference["inputs"]
    for number, limits in reference["boxes"].items():
        ours, theirs = found.boxes[int(number)], their_box(limits)
        assert ours.limits() == theirs.limits()
        # Theirs lie halfway between the last draw inside and the next one of the box before.
        assert (ours.low >= theirs.low).all()
        assert (ours.high <= theirs.high).all()
        assert (ours.holds(x) == theirs.holds(x)).all()


def test_quasi_p_values_are_those_of_the_workbench(reference: dict[str, Any]) -> None:
    x, y = planted()
    for limits in reference["boxes"].values():
        found = quasi_p(x, y, their_box(limits))
        wanted = np.full((5, 2), -1.0)
        for name, one in limits.items():
            wanted[NAMES.index(name)] = one["p"]
        np.testing.assert_allclose(np.nan_to_num(found, nan=-1.0), wanted, rtol=1e-9)


def test_quasi_p_values_are_of_a_binomial_test() -> None:
    x, y = uniform(1, noise=0.1)
    box = Box(np.array([-math.inf] * 3 + [0.6] + [-math.inf] * 6), np.full(10, math.inf))
    inside = x[:, 3] >= 0.6
    test = stats.binomtest(int(y[inside].sum()), int(inside.sum()), y.mean(), alternative="greater")
    assert quasi_p(x, y, box)[3, 0] == pytest.approx(test.pvalue, rel=1e-9)
    assert np.isfinite(quasi_p(x, y, box)).sum() == 1


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_box_is_recovered_with_its_limits(seed: int) -> None:
    x, y = uniform(seed)
    box, _, _ = find(x, y)
    assert box.limits() == [(3, 0), (6, 0), (6, 1)]
    # The last peel takes a twentieth of a box about 0.3 wide.
    assert box.low[3] == pytest.approx(0.7, abs=0.02)
    assert (box.low[6], box.high[6]) == pytest.approx((0.2, 0.5), abs=0.02)
    other, truth = uniform(seed + 100)
    coverage, density, _ = measures(box.holds(other), truth)
    assert min(coverage, density) > 0.9


def test_noise_is_dropped() -> None:
    kept = [find(*uniform(seed, noise=0.1), Rule(most=10))[0].restricted for seed in range(10)]
    assert all(one[[3, 6]].all() for one in kept)
    assert np.sum(kept) <= 2 * len(kept) + 2
    peeled = peel(*uniform(0, noise=0.1), Rule(most=10))
    assert peeled.inputs[-1] > 3


def test_every_limit_that_is_left_is_significant() -> None:
    x, y = uniform(7, noise=0.2)
    raw = peel(x, y, Rule(most=10)).boxes[-1]
    box = drop(x, y, raw)
    assert len(box.limits()) < len(raw.limits())
    assert np.nanmax(quasi_p(x, y, box)) <= LEVEL
    assert all(
        math.isinf(high) or high == old for high, old in zip(box.high, raw.high, strict=True)
    )


def test_measures_belong_together() -> None:
    x, y = uniform(3, noise=0.1)
    found = peel(x, y, Rule(most=10))
    np.testing.assert_allclose(found.coverage, found.density * found.mass / y.mean(), rtol=1e-12)
    assert (found.coverage[0], found.mass[0], found.inputs[0]) == (1, 1, 0)
    assert (np.diff(found.density) > 0).all()
    assert (np.diff(found.mass) < 0).all()
    assert measures(np.zeros(len(y), bool), y) == pytest.approx((0, math.nan, 0), nan_ok=True)


@pytest.mark.parametrize("change", [np.exp, lambda x: x**3, lambda x: np.log(x) - 5])
def test_a_monotone_change_of_inputs_changes_no_membership(change: Any) -> None:
    x, y = uniform(4, noise=0.1)
    fresh = uniform(5)[0]
    one, other = find(x, y)[0], find(change(x), y)[0]
    assert one.limits() == other.limits()
    assert (one.holds(fresh) == other.holds(change(fresh))).all()


def test_weights_are_repeated_draws() -> None:
    x, y = planted()
    weights = np.random.default_rng(1).integers(0, 4, len(y))
    repeated = np.repeat(np.arange(len(y)), weights)
    for rule in (Rule(), Rule(density=0.8), Rule(most=1, least=100)):
        one = find(x, y, rule, weights=weights)
        other = find(x[repeated], y[repeated], rule)
        np.testing.assert_array_equal(one[0].low, other[0].low)
        np.testing.assert_array_equal(one[0].high, other[0].high)
        np.testing.assert_allclose(one[1].density, other[1].density)
        assert one[2] == other[2]


def test_limits_of_the_rule_are_kept() -> None:
    x, y = uniform(6, noise=0.3)
    for most in (1, 2, 3):
        found = peel(x, y, Rule(most=most))
        assert found.inputs.max() == most
        assert find(x, y, Rule(most=most))[0].restricted.sum() <= most
    assert round(peel(x, y, Rule(least=400)).mass[-1] * len(y)) >= 400


def test_few_inputs_are_the_ones_that_matter() -> None:
    rng = np.random.default_rng(8)
    x = rng.random((3000, 30))
    y = x[:, :3].sum(axis=1) + 0.2 * x[:, 3:].sum(axis=1) / 5 > 2.4
    assert np.flatnonzero(find(x, y, Rule(most=3))[0].restricted).tolist() == [0, 1, 2]


def test_a_box_is_chosen_by_a_stated_rule() -> None:
    found = peel(*uniform(9, noise=0.1))
    product = found.coverage * found.density
    assert product[choose(found, Rule())] == product.max()
    dense = choose(found, Rule(density=0.6))
    assert found.density[dense] >= 0.6 > found.density[dense - 1]
    assert choose(found, Rule(number=4)) == 4


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (Rule(density=0.05), "all draws together have a density of 0.1.*got 0.05"),
        (Rule(density=0.999), "no box with at most 4 inputs is as dense as 0.999; the densest"),
        (Rule(number=999), "no box 999, expected one of 0 to"),
        (Rule(number=-1), "no box -1, expected one of 0 to"),
    ],
)
def test_a_box_that_is_not_there_is_told(rule: Rule, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        find(*uniform(9, noise=0.1), rule)


def test_pasting_takes_back_what_was_cut_too_much() -> None:
    x, y = uniform(10)
    tight = Box(np.array([-math.inf] * 3 + [0.8, -math.inf, -math.inf, 0.3] + [-math.inf] * 3),
                np.array([math.inf] * 6 + [0.4] + [math.inf] * 3))  # fmt: skip
    # A box that is all cases already cannot get denser.
    assert paste(x, y, tight) is tight
    rng = np.random.default_rng(1)
    some = y & (rng.random(len(y)) < np.where(x[:, 3] < 0.8, 1.0, 0.7))
    wide = paste(x, some, tight)
    assert 0.68 < wide.low[3] < 0.75
    assert measures(wide.holds(x), some)[1] > measures(tight.holds(x), some)[1]
    assert (wide.holds(x) >= tight.holds(x)).all()


def test_gains_are_differences_of_density() -> None:
    x, y = uniform(11)
    box = find(x, y)[0]
    found = gains(x, y, box)
    without = (x[:, 6] >= box.low[6]) & (x[:, 6] <= box.high[6])
    assert found[3] == pytest.approx(y[box.holds(x)].mean() - y[without].mean())
    assert np.flatnonzero(np.isfinite(found)).tolist() == [3, 6]


def test_levels_are_peeled_whole() -> None:
    level = np.repeat([0.0, 1.0, 2.0, 3.0], 100)[:, None]
    y = level[:, 0] >= 2
    box, found, _ = find(level, y)
    assert found.mass.tolist() == [1, 0.75, 0.5]
    assert box.low.tolist() == [2]
    assert math.isinf(box.high[0])


def test_resamples_find_the_same_box() -> None:
    x, y = uniform(12, noise=0.05)
    low, high = resampled(x, y, resamples=15, seed=3)
    often = (np.isfinite(low) | np.isfinite(high)).mean(axis=0)
    assert (often[[3, 6]] == 1).all()
    assert np.delete(often, [3, 6]).max() <= 0.2
    assert np.quantile(low[:, 3], [0.05, 0.95]) == pytest.approx([0.7, 0.7], abs=0.03)
    assert np.array_equal(resampled(x, y, resamples=15, seed=3)[0], low)
    assert not np.array_equal(resampled(x, y, resamples=15, seed=4)[0], low)

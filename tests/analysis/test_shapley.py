"""Shapley effects against closed forms of Gaussian linear models, and their axioms."""

from itertools import permutations

import numpy as np
import pytest

from forecast.analysis.ensemble import Ensemble
from forecast.analysis.shapley import MOST_GROUPS, UNEXPLAINED, shapley, shapley_effects

DRAWS = 8_192


def normal(covariance: np.ndarray, draws: int = DRAWS, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((draws, len(covariance))) @ np.linalg.cholesky(covariance).T


def linear(covariance: np.ndarray, slopes: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Shapley effects of a Gaussian linear model, order by order from conditional variances."""
    whole = slopes @ covariance @ slopes
    found = np.zeros(groups.max() + 1)
    every = list(permutations(range(len(found))))

    def explained(chosen: tuple[int, ...]) -> float:
        ours = np.isin(groups, chosen)
        if not ours.any():
            return 0.0
        with_y = covariance[ours] @ slopes
        return float(with_y @ np.linalg.solve(covariance[np.ix_(ours, ours)], with_y))

    for order in every:
        for place, one in enumerate(order):
            found[one] += explained(order[: place + 1]) - explained(order[:place])
    return found / len(every) / whole


@pytest.mark.parametrize("rho", [0.0, 0.5, -0.8, 0.999])
@pytest.mark.parametrize("products", [0, 4])
def test_two_correlated_inputs(rho: float, products: int) -> None:
    """Owen and Prieur (2017), with two inputs: what they have in common is halved."""
    covariance = np.array([[1.0, rho * 2], [rho * 2, 4.0]])
    slopes = np.array([3.0, 1.0])
    whole = 9 + 4 + 2 * rho * 6
    common = rho**2 * (9 - 4) / 2
    expected = np.array([9 + rho * 6 - common, 4 + rho * 6 + common]) / whole
    x = normal(covariance)
    effect, error = shapley_effects(x, x @ slopes[:, None], np.arange(2), products=products)
    np.testing.assert_allclose(effect[:, 0], [*expected, 0], atol=0.02)
    assert (error < 0.02).all()
    np.testing.assert_allclose(expected, linear(covariance, slopes, np.arange(2)))


def test_groups_of_correlated_inputs() -> None:
    rng = np.random.default_rng(3)
    root = rng.normal(size=(7, 7))
    covariance = root @ root.T + np.eye(7)
    slopes, groups = rng.normal(size=7), np.array([0, 1, 0, 2, 3, 3, 1])
    x = normal(covariance, 32_768)
    noise = np.sqrt(0.25 * (slopes @ covariance @ slopes))
    clean = x @ slopes
    y = np.stack([clean, clean + noise * rng.standard_normal(len(x))], 1)
    effect, error = shapley_effects(x, y, groups)
    expected = linear(covariance, slopes, groups)
    np.testing.assert_allclose(effect[:, 0], [*expected, 0], atol=0.02)
    np.testing.assert_allclose(effect[:, 1], [*(expected / 1.25), 0.2], atol=0.02)
    np.testing.assert_allclose(effect.sum(0), 1, atol=1e-12)
    assert (np.abs(effect[:-1, 0] - expected) < 4 * error[:-1, 0] + 0.003).all()


def test_a_copy_shares_equally() -> None:
    """As rho reaches one, two inputs have half of what each explains, however they enter."""
    x = normal(np.eye(2))
    copies = np.concatenate([x[:, :1], x[:, :1] + 1e-7 * x[:, 1:], x[:, 1:]], axis=1)
    y = (2 * x[:, 0] + x[:, 1])[:, None]
    effect, _ = shapley_effects(copies, y, np.arange(3))
    np.testing.assert_allclose(effect[:, 0], [0.4, 0.4, 0.2, 0], atol=0.02)
    exact, _ = shapley_effects(np.concatenate([x[:, :1], x], axis=1), y, np.arange(3))
    np.testing.assert_allclose(exact[0], exact[1], atol=1e-9)


def test_squares_and_products_are_explained() -> None:
    """x₁² + x₂x₃, with variances 2 and 1, the latter shared."""
    x = normal(np.eye(4))
    y = (x[:, 0] ** 2 + x[:, 1] * x[:, 2])[:, None]
    effect, _ = shapley_effects(x, y, np.arange(4))
    np.testing.assert_allclose(effect[:, 0], [2 / 3, 1 / 6, 1 / 6, 0, 0], atol=0.03)
    straight, _ = shapley_effects(x, y, np.arange(4), products=0)
    np.testing.assert_allclose(straight[-1], 1, atol=0.02)


def test_a_group_of_nothing_has_nothing() -> None:
    """However many inputs it has: what terms explain by chance is taken off."""
    group, found = np.minimum(np.arange(30), 1), []
    for seed in range(40):
        x = normal(np.eye(30), 512, seed)
        y = (x[:, 0] + np.random.default_rng(100 + seed).standard_normal(len(x)))[:, None]
        found.append(shapley_effects(x, y, group, products=0)[0][:, 0])
    # Not corrected, the second would have 29 terms / 512 draws / 2 = 0.028.
    error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(np.mean(found, axis=0) - [0.5, 0, 0.5]) < 4 * error).all()
    assert error[1] < 0.003


def test_names_and_order_do_not_matter() -> None:
    x = normal(np.array([[1, 0.6, 0], [0.6, 1, 0.3], [0, 0.3, 1]]))
    y = np.stack([x.sum(1), x[:, 0] * x[:, 1]], 1)
    effect, _ = shapley_effects(x, y, np.arange(3))
    turned, _ = shapley_effects(x[:, ::-1], 5 - 3 * y, np.arange(3))
    np.testing.assert_allclose(turned[[2, 1, 0, 3]], effect, atol=1e-9)
    curved, _ = shapley_effects(np.exp(x), y, np.arange(3))
    np.testing.assert_allclose(curved, effect, atol=1e-12)


def test_the_error_is_that_of_repeated_draws() -> None:
    covariance, slopes = np.array([[1.0, 0.5], [0.5, 1.0]]), np.array([[1.0], [2.0]])
    found = []
    for seed in range(40):
        x = normal(covariance, 1_024, seed)
        noise = np.random.default_rng(1000 + seed).standard_normal((len(x), 1))
        found.append(shapley_effects(x, x @ slopes + noise, np.arange(2), products=0))
    effects, errors = (np.stack(one) for one in zip(*found, strict=True))
    ratio = np.sqrt((errors**2).mean(0)) / effects.std(0, ddof=1)
    assert ((ratio > 0.7) & (ratio < 1.4)).all()


def ensemble(x: np.ndarray, y: np.ndarray, inputs: tuple[str, ...]) -> Ensemble:
    count = y.shape[1]
    rows = {name: np.full(count, "") for name in ("variable", "region", "unit", "scope")}
    return Ensemble(
        scenario="base",
        inputs=inputs,
        units=("1",) * len(inputs),
        x=x,
        rows=rows | {"year": np.arange(2020, 2020 + count)},
        y=y,
        chain=np.repeat(np.arange(8), len(x) // 8),
        dependent="its draws are of a posterior, which ties inputs to each other",
    )


NAMES = ("ai.growth", "ai.level", "crypto.level")


def test_blocks_are_the_groups() -> None:
    x = normal(np.eye(3))
    y = np.stack([x @ np.array([1.0, 1.0, 2.0]), np.zeros(len(x))], 1)
    found = shapley(ensemble(x, y, NAMES))
    assert found["group"].values.tolist() == ["ai", "crypto", UNEXPLAINED]
    np.testing.assert_allclose(found["effect"][:, 0], [1 / 3, 2 / 3, 0], atol=0.02)
    assert np.isnan(found["effect"][:, 1]).all()
    assert found.attrs["notes"] == "1 outcomes never vary or are missing in a draw"
    assert found["year"].values.tolist() == [2020, 2021]
    own = shapley(ensemble(x, y, NAMES), {"rest": ["crypto.level"], "one": ["ai.growth"]})
    np.testing.assert_allclose(own["effect"][:, 0], [2 / 3, 1 / 6, 1 / 6], atol=0.02)


def test_what_is_wrong_is_told() -> None:
    x = normal(np.eye(3))
    ours = ensemble(x, x[:, :1], NAMES)
    with pytest.raises(ValueError, match='no uncertain input "ai.grwth", did you mean "ai.growth"'):
        shapley(ours, {"one": ["ai.grwth"]})
    with pytest.raises(ValueError, match='"ai.level" is of "one" and of "two"'):
        shapley(ours, {"one": ["ai.level"], "two": ["ai.level"]})
    with pytest.raises(ValueError, match='group "one" has no input'):
        shapley(ours, {"one": []})
    with pytest.raises(ValueError, match="20 draws are too few for 9 terms, at least 36"):
        shapley_effects(x[:20], x[:20, :1], np.arange(3))
    wide = np.zeros((4, MOST_GROUPS + 1))
    with pytest.raises(ValueError, match=f"1 to {MOST_GROUPS} groups, got {MOST_GROUPS + 1}"):
        shapley_effects(wide, wide, np.arange(MOST_GROUPS + 1))

"""Elementary effects against models whose effects are known."""

import numpy as np
import pytest

from forecast.analysis.morris import (
    STEP,
    elementary_effects,
    moved,
    on_levels,
    orders,
    screening,
)


def walked(model, start: np.ndarray, place: np.ndarray) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Outcomes of a model along trajectories, `[point, trajectory, outcome]`."""
    end = moved(start)
    points = [np.where(place < done, end, start) for done in range(len(place) + 1)]
    return np.stack([model(one) for one in points])


def laid(inputs: int, trajectories: int, seed: int = 1) -> tuple[np.ndarray, ...]:
    start = on_levels(np.random.default_rng(seed).random((inputs, trajectories)))
    return start, orders(inputs, trajectories, seed), np.where(start < STEP, STEP, -STEP)


def test_a_linear_model_is_exact() -> None:
    slopes = np.array([[1.0, -2.0], [0.0, 0.5], [-3.0, 0.0], [4.0, 1.0]])
    start, place, step = laid(4, 16)
    effects = elementary_effects(walked(lambda u: u.T @ slopes, start, place), place, step)
    found = screening(effects)
    np.testing.assert_allclose(found.mu, slopes, atol=1e-12)
    np.testing.assert_allclose(found.mu_star, np.abs(slopes), atol=1e-12)
    np.testing.assert_allclose(found.sigma, 0, atol=1e-12)
    np.testing.assert_allclose(found.mu_star_high - found.mu_star_low, 0, atol=1e-12)


def test_what_moves_nothing_is_exactly_zero() -> None:
    start, place, step = laid(3, 8)
    y = walked(lambda u: (np.exp(u[0]) * u[1])[:, None], start, place)
    found = screening(elementary_effects(y, place, step))
    assert (found.mu_star[2], found.mu[2], found.sigma[2]) == (0, 0, 0)
    assert (found.mu_star[:2] > 0.1).all()


def test_a_product() -> None:
    """Effects of u v are the other factor: its mean and deviation over four levels."""
    start, place, step = laid(2, 4000)
    y = walked(lambda u: (u[0] * u[1])[:, None], start, place)
    found = screening(elementary_effects(y, place, step))
    levels = np.array([1, 3, 5, 7]) / 8
    np.testing.assert_allclose(found.mu, levels.mean(), atol=0.02)
    np.testing.assert_allclose(found.sigma, levels.std(), atol=0.02)


def test_size_and_mean_differ_where_the_sign_does() -> None:
    """(u - 1/2)² from a level to the one half a unit on: effects of both signs, mean zero."""
    start, place, step = laid(1, 4000)
    y = walked(lambda u: (np.sin(2 * np.pi * u[0]))[:, None], start, place)
    found = screening(elementary_effects(y, place, step))
    size = 4 * np.sin(np.pi / 4)
    np.testing.assert_allclose(found.mu_star, size, atol=1e-12)
    np.testing.assert_allclose(found.mu, -size, atol=1e-12)
    y = walked(lambda u: (np.cos(2 * np.pi * u[0]))[:, None], start, place)
    found = screening(elementary_effects(y, place, step))
    np.testing.assert_allclose(found.mu_star, size, atol=1e-12)
    np.testing.assert_allclose(found.mu, 0, atol=0.15)
    np.testing.assert_allclose(found.sigma, size, atol=0.05)


def test_salib_finds_the_same() -> None:
    pytest.importorskip("SALib")
    from SALib.analyze import morris

    start, place, step = laid(4, 50)

    def model(u: np.ndarray) -> np.ndarray:
        return (np.exp(u[0]) * u[1] + u[2] ** 2)[:, None]

    end = moved(start)
    points = np.stack([np.where(place < done, end, start) for done in range(5)])
    y = np.stack([model(one) for one in points])
    found = screening(elementary_effects(y, place, step), bootstraps=1000)
    problem = {"num_vars": 4, "names": list("abcd"), "bounds": [[0, 1]] * 4}
    # SALib takes a trajectory after the other, and a step of levels on [0, 1]: two of three.
    x = points.transpose(2, 0, 1).reshape(-1, 4)
    other = morris.analyze(problem, x, y[..., 0].T.reshape(-1), num_levels=4, seed=1)
    ratio = (2 / 3) / STEP
    for ours, theirs in ((found.mu, "mu"), (found.mu_star, "mu_star"), (found.sigma, "sigma")):
        np.testing.assert_allclose(ours[:, 0], ratio * np.asarray(other[theirs]), atol=1e-12)
    half = (found.mu_star_high - found.mu_star_low)[:, 0] / 2
    np.testing.assert_allclose(half, ratio * np.asarray(other["mu_star_conf"]), rtol=0.15)


def test_failed_draws_are_left_out() -> None:
    start, place, step = laid(2, 20)
    y = walked(lambda u: (3 * u[0] - u[1])[:, None], start, place)
    y[1, 4] = np.nan
    found = screening(elementary_effects(y, place, step))
    np.testing.assert_allclose(found.mu[:, 0], [3, -1])


def test_levels_are_equally_probable_and_within() -> None:
    u = (np.arange(1000) + 0.5) / 1000
    values, counts = np.unique(on_levels(u, 4), return_counts=True)
    np.testing.assert_array_equal(values, np.array([1, 3, 5, 7]) / 8)
    np.testing.assert_array_equal(counts, 250)
    np.testing.assert_array_equal(np.unique(moved(values)), values)
    np.testing.assert_array_equal(moved(moved(values)), values)


def test_every_trajectory_moves_each_input_once() -> None:
    found = orders(7, 50, 3)
    np.testing.assert_array_equal(np.sort(found, axis=0), np.tile(np.arange(7)[:, None], 50))
    assert len(np.unique(found, axis=1).T) > 40


def test_what_is_wrong_is_told() -> None:
    with pytest.raises(ValueError, match="levels must be even and at least 2, got 5"):
        on_levels(np.array([0.5]), 5)
    with pytest.raises(ValueError, match="2 inputs take 3 points of 4 trajectories, got 2 points"):
        elementary_effects(np.zeros((2, 4, 1)), np.zeros((2, 4), int), np.ones((2, 1)))
    with pytest.raises(ValueError, match="bootstraps must be at least 2"):
        screening(np.zeros((2, 4, 1)), bootstraps=0)

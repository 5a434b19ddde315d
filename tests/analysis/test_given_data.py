"""Sensitivity indices from given draws against closed forms, scipy and SALib."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import integrate, stats

from forecast.analysis.ensemble import Ensemble
from forecast.analysis.given_data import NOISE, given_data
from forecast.analysis.given_data_distances import (
    LEAST,
    Distances,
    critical_distance,
    distance_noise,
    distances,
)
from forecast.analysis.given_data_ranks import Estimate, first_order, first_order_noise
from forecast.analysis.given_data_tables import tables

DRAWS = 4096

ISHIGAMI = (0.3139, 0.4424, 0.0, 0.0)
"""First-order indices with a = 7, b = 0.1 (Saltelli and others 2008), and of a dummy."""

A = np.array([0.0, 1.0, 4.5, 9.0, 99.0])
"""Constants of Sobol's g function."""


def uniform(inputs: int, draws: int = DRAWS, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(size=(draws, inputs))


def ishigami(u: np.ndarray) -> np.ndarray:
    x = math.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def gaussian(rho: float, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """An input and an outcome that correlate."""
    x, noise = np.random.default_rng(seed).standard_normal((2, draws, 1))
    return x, rho * x + math.sqrt(1 - rho**2) * noise


def gaussian_delta(rho: float) -> float:
    """Half the mean distance between the densities N(rho x, 1 - rho²) and N(0, 1), over x."""
    x, y = np.linspace(-7, 7, 281)[:, None], np.linspace(-7, 7, 2001)
    gap = np.abs(stats.norm.pdf(y, rho * x, math.sqrt(1 - rho**2)) - stats.norm.pdf(y))
    apart = integrate.trapezoid(gap, y, axis=1) / 2
    return float(integrate.trapezoid(apart * stats.norm.pdf(x[:, 0]), x[:, 0]))


def ensemble(x: np.ndarray, y: np.ndarray, dependent: str = "") -> Ensemble:
    inputs, outcomes = x.shape[1], y.shape[1]
    rows = {
        "variable": np.full(outcomes, "total"),
        "region": np.full(outcomes, ""),
        "year": 2030 + np.arange(outcomes),
        "unit": np.full(outcomes, "TWh"),
        "scope": np.full(outcomes, ""),
    }
    names = tuple(f"block.x{number}" for number in range(inputs))
    chain = np.zeros(len(x), int)
    return Ensemble("base", names, ("1",) * inputs, x, rows, y, chain, dependent)


def test_first_order_of_ishigami() -> None:
    u = uniform(4, 16_384)
    value = first_order(u, ishigami(u)[:, None], bootstraps=20, seed=1).value[:, 0]
    assert value == pytest.approx(ISHIGAMI, abs=4 / math.sqrt(len(u)))


def test_first_order_of_the_g_function() -> None:
    u = uniform(len(A), 16_384, seed=2)
    y = np.prod((np.abs(4 * u - 2) + A) / (1 + A), axis=1)
    partial = 1 / (3 * (1 + A) ** 2)
    exact = partial / (np.prod(1 + partial) - 1)
    value = first_order(u, y[:, None], bootstraps=20, seed=1).value[:, 0]
    assert value == pytest.approx(exact, abs=4 / math.sqrt(len(u)))


def test_first_order_is_one_less_the_ratio_of_von_neumann() -> None:
    u = uniform(3, 512)
    y = np.stack([ishigami(u), np.exp(u[:, 0]) + 1e6], axis=1)
    found = first_order(u, y, bootstraps=5, seed=1).value
    for number in range(3):
        steps = np.diff(y[np.argsort(u[:, number])], axis=0)
        expected = 1 - (steps**2).sum(axis=0) / (2 * len(u) * y.var(axis=0))
        assert found[number] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("rho", [0.0, 0.6, 0.9])
def test_the_interval_of_first_order_covers(rho: float) -> None:
    """In 300 samples; 90 % is told, and too wide is no fault where the input does nothing."""
    samples = [gaussian(rho, 400, seed) for seed in range(300)]
    found = [first_order(x, y, bootstraps=60, seed=1) for x, y in samples]
    inside = np.mean([one.low <= rho**2 <= one.high for one in found])
    assert 0.85 <= inside <= 0.97


def test_an_input_that_does_nothing_stays_below_its_noise() -> None:
    """95 % of 400 of them, for a normal and for a heavy-tailed outcome."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal((2048, 400))
    y = np.stack([rng.standard_normal(2048), rng.standard_t(3, 2048)], axis=1)
    first = first_order(x, y, bootstraps=2, seed=1).value
    apart = distances(x, y, bootstraps=2, seed=1)
    limits = [float(first_order_noise(np.array(2048))), *distance_noise(2048)]
    for value, limit in zip([first, *(one.value for one in apart)], limits, strict=True):
        share = (value <= limit).mean(axis=0)
        assert share == pytest.approx([0.95, 0.95], abs=0.04)


@pytest.mark.parametrize("rho", [0.1, 0.5, 0.9])
def test_delta_of_a_correlation(rho: float) -> None:
    x, y = gaussian(rho, 16_384, seed=4)
    value = distances(x, y, bootstraps=20, seed=1).delta.value[0, 0]
    assert value == pytest.approx(gaussian_delta(rho), abs=0.015)


def test_delta_and_pawn_of_a_switch() -> None:
    """Two normals two deviations apart; half their total variation is both."""
    rng = np.random.default_rng(5)
    x = rng.integers(2, size=(16_384, 1)).astype(float)
    y = 2 * x + rng.standard_normal(x.shape)
    exact = stats.norm.cdf(1) - 0.5
    found = distances(x, y, bootstraps=20, seed=1)
    for one in found:
        assert one.value[0, 0] == pytest.approx(exact, abs=0.012)
    value = first_order(x, y, bootstraps=20, seed=1).value[0, 0]
    assert value == pytest.approx(0.5, abs=0.03)


def test_the_interval_of_delta_covers() -> None:
    """Of a switch, which classes and bins do not blur."""
    exact, inside = stats.norm.cdf(1) - 0.5, []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x = rng.integers(2, size=(1000, 1)).astype(float)
        y = 2 * x + rng.standard_normal(x.shape)
        found = distances(x, y, bootstraps=60, seed=1)
        inside.append([(one.low <= exact <= one.high).item() for one in found[:1]])
    assert 0.8 <= np.mean(inside) <= 0.99


def test_pawn_is_the_distance_that_scipy_finds() -> None:
    """Up to the width of a bin at the place where the distance is largest."""
    u = uniform(3)
    y = ishigami(u)
    found = distances(u, y[:, None], bootstraps=2, seed=1)
    for number in range(3):
        slices = np.array_split(y[np.argsort(u[:, number])], 16)
        apart = [stats.ks_2samp(one, y).statistic for one in slices]
        assert found.pawn.value[number, 0] == pytest.approx(np.median(apart), abs=0.02)
        assert found.pawn_max.value[number, 0] == pytest.approx(max(apart), abs=0.04)


def test_the_critical_distance_is_that_of_scipy() -> None:
    n, m = DRAWS, DRAWS // 16
    assert stats.kstwobign.sf(critical_distance(n) / math.sqrt((n + m) / (n * m))) == (
        pytest.approx(0.05)
    )


def problem(inputs: int) -> dict[str, object]:
    names = [f"x{number}" for number in range(inputs)]
    return {"num_vars": inputs, "names": names, "bounds": [[0, 1]] * inputs}


def test_pawn_of_salib_agrees() -> None:
    """It takes Kolmogorov-Smirnov distances between draws, not between bins."""
    pawn = pytest.importorskip("SALib.analyze.pawn")
    u = uniform(4)
    y = ishigami(u)
    theirs = pawn.analyze(problem(4), u, y, S=16, seed=1)
    found = distances(u, y[:, None], bootstraps=5, seed=1)
    assert found.pawn.value[:, 0] == pytest.approx(theirs["median"], abs=0.015)
    assert found.pawn_max.value[:, 0] == pytest.approx(theirs["maximum"], abs=0.015)


@pytest.mark.slow
def test_delta_of_salib_agrees() -> None:
    """Of a smooth linear model: it smooths densities, which blurs the spikes of Ishigami's."""
    delta = pytest.importorskip("SALib.analyze.delta")
    u = uniform(3)
    x = stats.norm.ppf(u)
    y = x @ np.array([2.0, 1.0, 0.5])
    theirs = delta.analyze(problem(3), u, y, num_resamples=2, seed=1)
    found = distances(u, y[:, None], bootstraps=5, seed=1)
    assert found.delta.value[:, 0] == pytest.approx(theirs["delta_raw"], abs=0.03)
    first = first_order(u, y[:, None], bootstraps=5, seed=1).value[:, 0]
    assert first == pytest.approx(theirs["S1"], abs=0.06)


def test_delta_of_ishigami() -> None:
    """Against densities of 300 bins on a grid; classes and bins blur ours by a tenth."""
    grid = (np.arange(200) + 0.5) / 200
    fixed = (np.arange(24) + 0.5) / 24
    rest = np.stack([one.reshape(-1) for one in np.meshgrid(grid, grid)], axis=1)
    u = uniform(3, 16_384)
    found = distances(u, ishigami(u)[:, None], bootstraps=2, seed=1).delta.value[:, 0]
    for number in range(3):
        values = [ishigami(np.insert(rest, number, one, axis=1)) for one in fixed]
        density = np.array([np.histogram(one, 300, (-11, 18))[0] for one in values]) / len(rest)
        exact = np.abs(density - density.mean(axis=0)).sum(axis=1).mean() / 2
        assert 0.85 * exact < found[number] < 1.02 * exact


@pytest.mark.parametrize("transform", [np.exp, np.cbrt, lambda y: 3 * y - 7])
def test_a_monotone_transformation_changes_no_distance(
    transform: Callable[[np.ndarray], np.ndarray],
) -> None:
    u = uniform(3, LEAST)
    y = ishigami(u)[:, None]
    before = distances(u, y, bootstraps=5, seed=1)
    for after in (
        distances(u, transform(y), bootstraps=5, seed=1),
        distances(transform(u), y, bootstraps=5, seed=1),
    ):
        for one, other in zip(before, after, strict=True):
            assert np.array_equal(one, other)


def test_tables_count_every_draw_that_has_the_outcome() -> None:
    u = uniform(2, 1000)
    y = np.stack([u.sum(axis=1), np.where(u[:, 1] < 0.2, np.nan, u[:, 0])], axis=1)
    found = tables(u, y)
    expected = np.isfinite(y).sum(axis=0)
    assert np.array_equal(found.sum(axis=(2, 3)), np.tile(expected, (2, 1)))
    assert np.ptp(found[:, 0].sum(axis=-1)) <= 1
    assert np.ptp(found.sum(axis=2)) <= 1 + 1000 // 24 - expected[1] // 24


def flat(found: tuple[Estimate, Distances]) -> np.ndarray:
    return np.stack([*found[0], *(part for one in found[1] for part in one)])


def both(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    options = {"bootstraps": 5, "seed": 1}
    return flat((first_order(x, y, **options), distances(x, y, **options)))


def test_the_order_of_inputs_and_outcomes_does_not_matter() -> None:
    u = uniform(4, 2 * LEAST)
    y = np.stack([ishigami(u), u[:, 3], np.where(u[:, 0] < 0.01, np.nan, u[:, 1])], axis=1)
    expected = both(u, y)[:, [2, 0, 3, 1]][:, :, [1, 2, 0]]
    assert both(u[:, [2, 0, 3, 1]], y[:, [1, 2, 0]]) == pytest.approx(expected, abs=1e-5)


def test_draws_without_the_outcome_are_left_out() -> None:
    u = uniform(3, 2 * LEAST)
    whole = ishigami(u)
    gone = np.arange(len(u)) % 4 == 0
    y = np.stack([whole, np.where(gone, np.nan, whole)], axis=1)
    first = first_order(u, y, bootstraps=5, seed=1).value[:, 1]
    alone = first_order(u[~gone], whole[~gone, None], bootstraps=5, seed=1).value[:, 0]
    assert first == pytest.approx(alone, abs=1e-6)
    apart = distances(u, y, bootstraps=5, seed=1).delta.value[:, 1]
    expected = distances(u[~gone], whole[~gone, None], bootstraps=5, seed=1).delta.value[:, 0]
    assert apart == pytest.approx(expected, abs=0.03)


def test_ties_lie_in_an_order_of_chance() -> None:
    """An input of three values whose draws come sorted by an outcome that it does not move."""
    rng = np.random.default_rng(6)
    x = np.tile([0.0, 1.0, 2.0], 1000)[:, None]
    y = np.sort(rng.standard_normal(3000))[:, None]
    value = first_order(x, y, bootstraps=5, seed=1).value[0, 0]
    assert abs(value) < 4 / math.sqrt(3000)


def test_the_dataset_is_labelled() -> None:
    u = uniform(4, 2 * LEAST)
    y = np.stack([ishigami(u), np.full(len(u), 3.0), np.where(u[:, 0] < 0.9, np.nan, 1.0)], axis=1)
    found = given_data(ensemble(u, y, "they are tied"), bootstraps=10, seed=1)
    assert found["input"].values.tolist() == [f"block.x{number}" for number in range(4)]
    assert found["year"].values.tolist() == [2030, 2031, 2032]
    assert found.attrs["draws"] == len(u)
    assert found.attrs["level"] == 0.9
    assert "they are tied" in found.attrs["note"]
    for name in ("first", "delta", "pawn", "pawn_max"):
        assert found[name].dims == ("input", "outcome")
        assert np.isnan(found[name].values[:, 1:]).all()
        low, value, high = (
            found[one].values[:, 0] for one in (f"{name}_low", name, f"{name}_high")
        )
        assert (low <= value + 1e-9).all()
        assert (value <= high + 1e-9).all()
    for name in NOISE:
        assert found[name].dims == ("outcome",)
        assert np.isfinite(found[name].values).tolist() == [True, False, False]
    assert all(one.attrs["units"] and one.attrs["long_name"] for one in found.data_vars.values())
    assert given_data(ensemble(u, y), bootstraps=2, seed=1).attrs["note"] == ""


def test_the_same_seed_gives_the_same_numbers() -> None:
    u = uniform(3, LEAST)
    ours = ensemble(u, ishigami(u)[:, None])
    first, again, other = (given_data(ours, bootstraps=5, seed=seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first["first_low"].equals(other["first_low"])


def test_what_is_wrong_is_told() -> None:
    u = uniform(2, LEAST - 1)
    with pytest.raises(ValueError, match=r"^799 valid draws are too few .* at least 800"):
        given_data(ensemble(u, u), seed=1)
    with pytest.raises(ValueError, match=r"do not fit, expected \[draw, input\]"):
        first_order(u, u[1:], seed=1)
    with pytest.raises(ValueError, match="799 draws are too few, at least 800"):
        distances(u, u, seed=1)
    with pytest.raises(ValueError, match="1 bootstraps are too few"):
        first_order(u, u, bootstraps=1, seed=1)
    with pytest.raises(ValueError, match="an input is NaN or infinite"):
        first_order(np.where(u < 0.1, np.nan, u), u, seed=1)

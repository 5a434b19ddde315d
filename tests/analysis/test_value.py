"""The value of information against closed forms of normal outcomes and linear losses."""

import itertools

import numpy as np
import pytest
from scipy import stats

from forecast.analysis.ensemble import Ensemble
from forecast.analysis.value import (
    Worth,
    blocks_of,
    chance_best,
    evpi,
    evppi,
    losses_of,
    value,
)

DRAWS = 8192
CHAIN = np.repeat(np.arange(8), DRAWS // 8)
SLOPES = np.array([1.0, 0.7, 0.4, 0.0])
MEAN, NOISE = 0.3, 0.5
SETS = [[0], [1], [2], [3], [0, 1], [0, 1, 2], [0, 1, 2, 3]]


def unit_normal_loss(mean: float, sd: float) -> float:
    """E max(0, -Y) of a normal Y (Raiffa and Schlaifer, 1961)."""
    return float(sd * stats.norm.pdf(mean / sd) - mean * stats.norm.sf(mean / sd))


@pytest.fixture(scope="module")
def linear() -> tuple[np.ndarray, np.ndarray, Worth]:
    """Two options, one of which loses a normal outcome that is linear in inputs."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((DRAWS, 4))
    y = MEAN + x @ SLOPES + NOISE * rng.standard_normal(DRAWS)
    losses = np.stack([np.zeros(DRAWS), y], axis=1)
    # Monotone transforms of inputs change nothing.
    return losses, x, evppi(losses, CHAIN, np.exp(x), SETS)


def test_perfect_information_is_the_unit_normal_loss(
    linear: tuple[np.ndarray, np.ndarray, Worth],
) -> None:
    found, error = evpi(linear[0], CHAIN)
    truth = unit_normal_loss(MEAN, float(np.sqrt((SLOPES**2).sum() + NOISE**2)))
    assert found == pytest.approx(truth, abs=4 * error)
    assert error < 0.03 * truth


def test_partial_information_is_that_of_a_linear_gaussian_case(
    linear: tuple[np.ndarray, np.ndarray, Worth],
) -> None:
    worth = linear[2]
    for place, members in enumerate(SETS):
        sd = float(np.sqrt((SLOPES[members] ** 2).sum()))
        truth = unit_normal_loss(MEAN, sd) if sd else 0.0
        assert worth.value[place] == pytest.approx(truth, abs=4 * worth.value_error[place] + 0.004)


def test_partial_information_is_bounded_and_rises_with_the_set() -> None:
    """On few draws, where estimates are poor, as on many."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x, losses = rng.standard_normal((128, 4)), rng.standard_normal((128, 3))
        chain = np.repeat(np.arange(4), 32)
        worth = evppi(losses, chain, x, SETS)
        assert (worth.value >= 0).all()
        assert (worth.value <= evpi(losses, chain)[0] + 1e-12).all()
        for one, other in itertools.permutations(range(len(SETS)), 2):
            if set(SETS[one]) <= set(SETS[other]):
                assert worth.value[one] <= worth.value[other]


def test_what_tells_nothing_is_worth_nothing() -> None:
    """The mean over repeats of a rule learnt from noise is not above 0."""
    held_out = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((512, 3))
        losses = np.stack([np.zeros(512), rng.standard_normal(512)], axis=1)
        worth = evppi(losses, np.repeat(np.arange(8), 64), x, [[0], [0, 1, 2]])
        held_out.append(worth.held_out)
    mean, error = np.mean(held_out, axis=0), np.std(held_out, axis=0) / np.sqrt(40)
    assert (mean <= 3 * error).all()


def test_inputs_that_act_only_together_are_worth_something_only_together() -> None:
    rng = np.random.default_rng(5)
    x = rng.standard_normal((DRAWS, 2))
    losses = np.stack([np.zeros(DRAWS), x[:, 0] * x[:, 1]], axis=1)
    worth = evppi(losses, CHAIN, x, [[0], [1], [0, 1]])
    # Knowing both is knowing all: E max(0, -xy) is half of E|x| E|y|.
    assert worth.value[2] == pytest.approx(1 / np.pi, abs=0.02)
    assert worth.value[:2].max() < 0.02


def test_fits_of_outcomes_carry_bent_losses() -> None:
    rng = np.random.default_rng(6)
    x = rng.standard_normal((DRAWS, 3))
    y = 1000 * np.exp(0.3 * x.sum(axis=1))
    level = np.array([[800.0], [1000.0], [1300.0]])
    losses = losses_of(y[:, None], level, np.full((3, 1), 0.3), np.full((3, 1), 0.1), np.zeros(3))
    perfect = evpi(losses, CHAIN)[0]
    worth = evppi(losses, CHAIN, x, [[0, 1, 2]], y[:, None])
    assert worth.value[0] > 0.97 * perfect


def test_losses_are_those_of_the_newsvendor() -> None:
    """The best level lies at the quantile shortfall / (shortfall + excess) of the outcome."""
    y = np.random.default_rng(7).lognormal(7, 0.3, (DRAWS, 1))
    levels = np.linspace(600, 2500, 191)
    full = np.ones((len(levels), 1))
    losses = losses_of(y, levels[:, None], 0.3 * full, 0.1 * full, np.zeros(len(levels)))
    best = levels[losses.mean(axis=0).argmin()]
    assert best == pytest.approx(np.quantile(y, 0.75), abs=10)
    low, high = losses_of(
        np.array([[5.0, 1.0], [20.0, 1.0]]),
        np.array([[10.0, 0], [15.0, 0]]),
        np.array([[2.0, 1], [2.0, 1]]),
        np.array([[1.0, 0], [1.0, 0]]),
        np.array([100.0, 200.0]),
    )
    assert low.tolist() == [5 + 1 + 100, 10 + 1 + 200]
    assert high.tolist() == [20 + 1 + 100, 10 + 1 + 200]


def test_ties_are_shared() -> None:
    found = chance_best(np.array([[1.0, 1, 2], [3, 2, 4], [0, 0, 0]]))
    np.testing.assert_allclose(found, [[0.5, 0.5, 0], [0, 1, 0], [1 / 3] * 3])


def test_a_dataset_tells_options_sets_and_noise(
    linear: tuple[np.ndarray, np.ndarray, Worth],
) -> None:
    losses, x, worth = linear
    names = ("a.one", "a.two", "b.one", "b.two")
    ensemble = Ensemble("base", names, ("1",) * 4, x, {}, losses, CHAIN, "")
    found = value(ensemble, losses, losses[:, 1:], ("wait", "act"), "GUSD")
    assert blocks_of(names) == {"a": [0, 1], "b": [2, 3]}
    assert found["set"].values.tolist() == [*names, "a", "b", "all inputs"]
    np.testing.assert_allclose(found["evppi"][:4], worth.value[:4], atol=0.01)
    np.testing.assert_allclose(found["loss"], losses.mean(axis=0))
    assert found["best_chance"].values.sum() == pytest.approx(1)
    assert found["evppi"].attrs["units"] == found["loss"].attrs["units"] == "GUSD"
    assert float(found["dummy_single"]) < 0.01 < float(found["evppi"].sel(set="a.one"))


def test_what_cannot_be_done_is_told() -> None:
    x, losses = np.ones((64, 1)), np.ones((64, 2))
    with pytest.raises(ValueError, match="^one chain: nothing can be held out"):
        evppi(losses, np.zeros(64), x, [[0]])
    with pytest.raises(ValueError, match="^a set without inputs"):
        evppi(losses, np.repeat([0, 1], 32), x, [[]])
    losses[3, 0] = np.nan
    ensemble = Ensemble("base", ("a.one",), ("1",), x, {}, losses, np.repeat([0, 1], 32), "")
    with pytest.raises(ValueError, match="^1 of 64 draws have no loss"):
        value(ensemble, losses, losses, ("one", "two"))

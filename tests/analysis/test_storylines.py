"""Draws that stand for all, against planted clusters and the best choice by trying all."""

import itertools

import numpy as np
import pytest
from scipy import stats

from forecast.analysis.ensemble import Ensemble
from forecast.analysis.storylines import (
    VARIABLES,
    medoids,
    name_of,
    normal_scores,
    story,
    storylines,
)

YEARS = [2025, 2030, 2035]


def test_scores_are_those_of_scipy() -> None:
    values = np.random.default_rng(0).integers(0, 20, (100, 3)).astype(float)
    ranks = np.apply_along_axis(stats.rankdata, 0, values)
    np.testing.assert_allclose(normal_scores(values), stats.norm.ppf((ranks - 0.5) / 100))


@pytest.mark.parametrize("seed", range(5))
def test_planted_clusters_are_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = np.array([[0.0, 0], [10, 0], [0, 10], [10, 10]])
    group = np.repeat(np.arange(4), [10, 20, 30, 40])
    points = centres[group] + 0.5 * rng.standard_normal((100, 2))
    found = medoids(points, 4, seed)
    assert sorted(group[found.draws]) == [0, 1, 2, 3]
    np.testing.assert_array_equal(group[found.draws][found.nearest], group)
    assert found.explained > 0.97


def test_the_choice_is_near_the_best_of_all() -> None:
    ratios = []
    for seed in range(10):
        points = np.random.default_rng(seed).standard_normal((30, 2))
        square = ((points[:, None] - points) ** 2).sum(axis=-1)
        best = min(
            square[:, list(one)].min(axis=1).sum() for one in itertools.combinations(range(30), 3)
        )
        found = medoids(points, 3, seed)
        cost = square[:, found.draws].min(axis=1).sum()
        assert cost >= best - 1e-9
        assert (square[:, found.draws].argmin(axis=1) == found.nearest).all()
        ratios.append(cost / best)
    assert np.mean(ratios) < 1.05


def test_a_seed_gives_one_choice_and_a_draw_stands_for_itself() -> None:
    points = np.random.default_rng(1).standard_normal((500, 6))
    one, other = medoids(points, 5, 3), medoids(points, 5, 3)
    np.testing.assert_array_equal(one.draws, other.draws)
    np.testing.assert_array_equal(one.nearest[one.draws], np.arange(5))


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (1, "1 storylines: expected at least 2"),
        (0, "0 storylines: expected at least 2"),
        (11, "11 storylines of 10 draws: expected fewer than draws"),
        (6, "6 storylines: only 5 of the draws differ"),
    ],
)
def test_how_many_is_checked(count: int, told: str) -> None:
    points = np.repeat(np.arange(5.0), 2)[:, None]
    with pytest.raises(ValueError, match=f"^{told}"):
        medoids(points, count)


@pytest.fixture(scope="module")
def ensemble() -> Ensemble:
    """512 draws: one input moves AI and with it the total, forty move nothing."""
    rng = np.random.default_rng(4)
    x = rng.standard_normal((512, 41))
    growth = np.exp(0.6 * x[:, :1] + 0.02 * rng.standard_normal((512, 3)))
    paths = {"ai": 100 * growth, "crypto": rng.lognormal(5, 0.1, (512, 1)) * np.ones(3)}
    paths["total"] = 400 + paths["ai"] + paths["crypto"]
    paths["unserved"] = 0.01 * paths["ai"]
    rows = {
        "variable": np.repeat(list(paths), 3),
        "region": np.full(12, ""),
        "year": np.tile(YEARS, 4),
        "unit": np.full(12, "TWh"),
        "scope": np.full(12, ""),
    }
    names = tuple(f"block.input_{number}" for number in range(41))
    chain = np.repeat(np.arange(8), 64)
    y = np.hstack(list(paths.values()))
    return Ensemble("base", names, ("1/yr",) * 41, x, rows, y, chain, "")


def test_storylines_are_in_order_and_weigh_one(ensemble: Ensemble) -> None:
    found = storylines(ensemble, 4, first=2030)
    assert found["year"].values.tolist() == [2030, 2035]
    assert float(found["weight"].sum()) == pytest.approx(1)
    last = found["path"].sel(variable="total", year=2035).values
    assert (np.diff(last) > 0).all()
    number = int(found["draw"][1])
    np.testing.assert_array_equal(found["value"][1], ensemble.x[number])
    total = ensemble.y[:, (ensemble.rows["variable"] == "total")][:, 2]
    share = found["percentile"].sel(variable="total", year=2035).values[1]
    assert share == pytest.approx((total < total[number]).mean(), abs=2 / 512)


def test_only_what_matters_sets_a_storyline_apart(ensemble: Ensemble) -> None:
    """Of forty idle inputs some lie far out in any draw."""
    found = storylines(ensemble, 3)
    extreme = found.sel(storyline=3)["score"].values
    assert (abs(extreme[1:]) > 1.5).any()
    outcomes, apart = story(found, 3, named=1)
    assert apart.startswith("block.input_0 ")
    assert "1/yr (p" in apart
    assert outcomes.startswith("in 2035: total ")
    assert all(f"{one} " in outcomes for one in VARIABLES)
    assert name_of(found, 3) == "storyline 3 of 3 of base"


def test_years_and_missing_outcomes_are_checked(ensemble: Ensemble) -> None:
    with pytest.raises(ValueError, match="no total from 2040 on; the last year of the run is 2035"):
        storylines(ensemble, 4, first=2040)

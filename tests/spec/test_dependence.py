"""Correlations against scipy's rank correlations of draws, the repair against optimality."""

import math

import numpy as np
import pytest
from scipy import stats

from forecast.spec.dependence import (
    MIN_EIGENVALUE,
    Dependence,
    Pair,
    correlation,
    nearest_correlation,
    without,
)


def group(*pairs: Pair, copula: str = "gaussian", df: float | None = None) -> Dependence:
    return Dependence(name="g", copula=copula, df=df, pairs=pairs)  # type: ignore[arg-type]


@pytest.mark.parametrize("asked", [-0.8, -0.1, 0.3, 0.9])
@pytest.mark.parametrize("measure", ["kendall", "spearman"])
def test_normals_so_correlated_have_the_rank_correlation_asked_for(
    measure: str, asked: float
) -> None:
    found = correlation(group(Pair("a", "b", measure, asked)))  # type: ignore[arg-type]
    draws = stats.multivariate_normal([0, 0], found.matrix, seed=1).rvs(40_000)
    ranked = {"kendall": stats.kendalltau, "spearman": stats.spearmanr}[measure]
    assert ranked(draws[:, 0], draws[:, 1]).statistic == pytest.approx(asked, abs=0.015)
    assert found.moved == {}


@pytest.mark.parametrize("asked", [-0.5, 0.4])
def test_kendall_means_the_same_under_a_t_copula(asked: float) -> None:
    found = correlation(group(Pair("a", "b", "kendall", asked), copula="t", df=3))
    draws = stats.multivariate_t([0, 0], found.matrix, df=3, seed=1).rvs(40_000)
    assert stats.kendalltau(draws[:, 0], draws[:, 1]).statistic == pytest.approx(asked, abs=0.015)


def test_spearman_under_a_t_copula_is_refused() -> None:
    with pytest.raises(ValueError, match="takes kendall, got spearman"):
        correlation(group(Pair("a", "b", "spearman", 0.5), copula="t", df=3))


def test_names_follow_the_pairs_and_pairs_not_named_are_independent() -> None:
    found = correlation(group(Pair("b", "a", "kendall", 0.5), Pair("c", "d", "kendall", -0.5)))
    assert found.names == ("b", "a", "c", "d")
    half = math.sin(math.pi / 4)
    expected = np.eye(4)
    expected[0, 1] = expected[1, 0] = half
    expected[2, 3] = expected[3, 2] = -half
    np.testing.assert_allclose(found.matrix, expected, atol=1e-15)


IMPOSSIBLE = group(
    Pair("a", "b", "kendall", 0.8), Pair("b", "c", "kendall", 0.8), Pair("a", "c", "kendall", -0.8)
)


def test_what_is_impossible_is_repaired_and_every_change_reported() -> None:
    found = correlation(IMPOSSIBLE)
    assert np.linalg.eigvalsh(found.matrix)[0] >= MIN_EIGENVALUE * (1 - 1e-9)
    np.testing.assert_array_equal(np.diag(found.matrix), 1)
    np.testing.assert_array_equal(found.matrix, found.matrix.T)
    assert set(found.moved) == {("a", "b"), ("a", "c"), ("b", "c")}
    for pair, (asked, given) in found.moved.items():
        assert asked == pytest.approx(-0.8 if pair == ("a", "c") else 0.8)
        i, j = (found.names.index(name) for name in pair)
        assert given == pytest.approx(2 / math.pi * math.asin(found.matrix[i, j]))
        assert abs(given) < abs(asked)


def test_a_pair_that_was_not_named_is_reported_where_the_repair_moves_it() -> None:
    found = correlation(group(Pair("a", "b", "spearman", 0.9), Pair("b", "c", "spearman", 0.9)))
    asked, given = found.moved["a", "c"]
    assert asked == 0
    assert given > 0.1


def test_higham_s_own_example() -> None:
    # Higham (2002), section 4: the nearest correlation matrix of tridiagonal ones, four digits.
    found = nearest_correlation(np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]]))
    expected = [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_no_other_correlation_matrix_lies_nearer() -> None:
    # The set is convex, so the nearest point is a minimum along every segment into the set.
    rng = np.random.default_rng(1)
    asked = rng.uniform(-1, 1, (5, 5))
    asked = (asked + asked.T) / 2
    np.fill_diagonal(asked, 1)
    found = nearest_correlation(asked)
    distance = np.linalg.norm(found - asked)
    for seed in range(50):
        eigenvalues = np.random.default_rng(seed).dirichlet(np.ones(5)) * 5
        other = stats.random_correlation(eigenvalues, seed=seed).rvs()
        for share in (1e-3, 0.1, 1):
            nearer = np.linalg.norm(found + share * (other - found) - asked)
            assert nearer >= distance - 1e-5


def test_fixed_inputs_leave_their_groups() -> None:
    first, second = group(Pair("a", "b", "kendall", 0.1)), group(Pair("c", "d", "kendall", 0.1))
    third = group(Pair("e", "f", "kendall", 0.1), Pair("f", "g", "kendall", 0.2))
    left = without([first, second, third], ["c", "e"])
    assert left == (first, group(Pair("f", "g", "kendall", 0.2)))

"""Passing a level, against the first passage of a random walk and counts by hand."""

import numpy as np
import pytest
from scipy import stats

from forecast.analysis.ensemble import Ensemble
from forecast.analysis.threshold import Level, check_level, parse_level, passages, threshold

YEARS = np.arange(2025, 2036)


def test_levels_are_read() -> None:
    assert parse_level("total > 1000 TWh") == Level("total", "", ">", 1000, "TWh")
    assert parse_level("unserved[china]<=-2e1") == Level("unserved", "china", "<=", -20)
    assert str(parse_level(" unserved [ china ] > 20 ")) == "unserved[china] > 20"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "column 1: expected a variable, got the end"),
        ("total", "column 6: expected one of <=, >=, <, >, got the end"),
        ("total[2030] > 1", r'column 7: expected a region \(a level is .*every year\), got "2030"'),
        ("total > p90", 'column 9: expected a number, got "p90"'),
        ("total > 1e999", "column 9: expected a finite number, got 1e999"),
        ("total > 5 and ai > 3", "column 11: a level stands alone"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}"):
        parse_level(text)


ROWS = {
    "variable": np.array(["total", "total", "unserved", "unserved", "shed"]),
    "region": np.array(["", "", "china", "europe", ""]),
    "unit": np.array(["TWh"] * 5),
}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("totl > 1", 'column 1: no variable "totl", .*did you mean "total"'),
        ("total[china] > 1", "column 7: total is not given by region"),
        ("unserved > 1", r"column 10: unserved is given by region alone, as in unserved\[china\]"),
        ("unserved[chna] > 1", 'column 10: no region "chna", .*did you mean "china"'),
        ("total > 1 GW", "column 11: .*load factor.*total is in TWh"),
        ("total > 1 foo", "column 11: unknown unit 'foo'; total is in TWh"),
    ],
)
def test_what_names_nothing_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}"):
        check_level(parse_level(text), ROWS)


def test_a_level_is_turned_into_the_unit_of_the_variable() -> None:
    chosen, value = check_level(parse_level("total > 1.5 PWh"), ROWS)
    assert chosen.tolist() == [True, True, False, False, False]
    assert value == pytest.approx(1500)


def test_first_passage_of_a_walk_is_that_of_the_reflection_principle() -> None:
    """Simple symmetric walk: P(max by n >= a) = P(S_n >= a) + P(S_n > a)."""
    rng, draws = np.random.default_rng(2), 40_000
    walk = np.cumsum(rng.choice([-1.0, 1.0], (draws, 11)), axis=1)
    chain = np.repeat(np.arange(8), draws // 8)
    found = passages(walk, YEARS, chain, ">=", [3.0])
    for number in range(1, 12):
        sum_of = stats.binom(number, 0.5)
        up = np.arange(number + 1)
        at, over = (
            sum_of.pmf(up[2 * up - number >= 3]).sum(),
            sum_of.pmf(up[2 * up - number > 3]).sum(),
        )
        for name, truth in (("in_year", at), ("by_year", at + over)):
            error = np.sqrt(truth * (1 - truth) / draws)
            assert found[name][0, number - 1] == pytest.approx(truth, abs=4.5 * error)
    assert found["never"][0] == pytest.approx(1 - found["by_year"][0, -1])


def test_the_error_is_that_of_a_share() -> None:
    rng, chains, runs = np.random.default_rng(3), 8, 400
    errors = []
    for _ in range(runs):
        values = rng.random((512, 1))
        found = passages(values, YEARS[:1], np.repeat(np.arange(chains), 64), ">", [0.7])
        errors.append(found["mcse_in_year"][0, 0] ** 2)
    assert np.mean(errors) == pytest.approx(0.21 / 512, rel=0.1)


def test_counts_by_hand() -> None:
    nan = np.nan
    values = np.array([[1.0, 3, 1], [3, 1, 1], [1, 1, 1], [nan, nan, 3]])
    found = passages(values, YEARS[:3], np.array([0, 0, 1, 1]), ">", [2.0, 9.0, 0.0])
    np.testing.assert_allclose(found["in_year"][0], [1 / 3, 1 / 3, 1 / 4])
    np.testing.assert_allclose(found["by_year"][0], [1 / 3, 2 / 3, 3 / 4])
    assert (found["p10"][0], found["p50"][0], found["p90"][0]) == (2025, 2026, 2027)
    np.testing.assert_allclose(found["never"], [1 / 4, 1, 0])
    assert np.isnan(found["p50"][1])


def test_where_all_draws_agree_the_bound_is_three_over_n() -> None:
    values = np.linspace(0, 1, 1000)[:, None] + np.zeros(2)
    found = passages(values, YEARS[:2], np.repeat(np.arange(4), 250), ">=", [2.0, 0.0, 0.5])
    np.testing.assert_allclose(found["most_in_year"][:, 0], [0.003, np.nan, np.nan])
    np.testing.assert_allclose(found["least_by_year"][:, 1], [np.nan, 0.997, np.nan])
    # The exact 95 % bound of none in n is 1 - 0.05^(1/n).
    assert found["most_in_year"][0, 0] == pytest.approx(1 - 0.05 ** (1 / 1000), rel=0.01)


def test_relations_are_complements() -> None:
    values = np.random.default_rng(4).integers(0, 5, (64, 11)).astype(float)
    chain = np.repeat(np.arange(2), 32)
    for one, other in ((">", "<="), (">=", "<")):
        both = [passages(values, YEARS, chain, each, [2.0])["in_year"] for each in (one, other)]
        np.testing.assert_allclose(both[0] + both[1], 1)
    with pytest.raises(ValueError, match='no relation "=", expected one of <=, >=, <, >'):
        passages(values, YEARS, chain, "=", [2.0])


def test_scenarios_and_levels_are_labelled() -> None:
    rows = {name: np.array(["total"] * 11 + ["ai"] * 5) for name in ("variable",)}
    rows |= {"region": np.full(16, ""), "unit": np.full(16, "TWh"), "scope": np.full(16, "")}
    rows["year"] = np.concatenate([YEARS, YEARS[6:]])
    y = np.arange(64 * 16, dtype=float).reshape(64, 16)
    chain = np.repeat(np.arange(2), 32)
    both = [
        Ensemble(name, (), (), y[:, :0], rows, y + shift, chain, "")
        for name, shift in (("low", 0), ("high", 600))
    ]
    found = threshold(both, [parse_level("total > 500 TWh"), parse_level("ai > 0.5 PWh")])
    assert found["by_year"].dims == ("scenario", "level", "year")
    high = found["in_year"].sel(scenario="high")
    assert (high.sel(level="total > 500 TWh") == 1).all()
    assert high.sel(level="ai > 0.5 PWh", year=2030).isnull()
    assert found["in_year"].sel(scenario="low", level="ai > 0.5 PWh", year=2031) == np.mean(
        y[:, 11] > 500
    )
    assert {one.attrs["units"] for one in found.data_vars.values()} == {"1", "yr"}

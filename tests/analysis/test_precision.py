"""The stopping rule against closed forms."""

import math

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from forecast.analysis.precision import (
    CONFIDENCE,
    Rule,
    assess,
    check_rules,
    parse_rules,
    upper_error,
)
from forecast.analysis.summary import STATISTICS, estimates, table
from forecast.grammar import Place

TEXT = "p95(total[2030]) rel 1% and mean(unserved[china, 2035]) abs 2.5"


def rows(value: float = 100.0, error: float = 1.0) -> xr.Dataset:
    """Summary of two scenarios, two variables, one of them by region, and two years."""
    keys = [
        (scenario, variable, region, year)
        for variable, region in [("total", ""), ("unserved", ""), ("unserved", "china")]
        for scenario in ("base", "high")
        for year in (2030, 2035)
    ]
    names = ("scenario", "variable", "region", "year")
    columns = {
        name: np.array(one) for name, one in zip(names, zip(*keys, strict=True), strict=True)
    }
    columns["unit"] = columns["scope"] = np.full(len(keys), "TWh")
    size = (len(STATISTICS), len(keys))
    return table(columns, np.full(size, value), np.full(size, error))


def test_rules_are_read() -> None:
    first, second = parse_rules(TEXT)
    assert first == Rule("p95", Place("total", "", 2030), "rel", 0.01)
    assert second == Rule("mean", Place("unserved", "china", 2035), "abs", 2.5)
    assert f"{first} and {second}" == TEXT


def test_spaces_do_not_matter() -> None:
    tight, wide = "p95(total[china,2030])rel 1e-1%", " p95 ( total [ china , 2030 ] ) rel 1e-1 % "
    assert parse_rules(tight) == parse_rules(wide)
    assert parse_rules(tight)[0].target == pytest.approx(0.001)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "column 1: expected a statistic, got the end"),
        ("p59(total[2030]) rel 1%", 'column 1: no statistic "p59", .*did you mean "p95"'),
        ("p95 total[2030] rel 1%", r'column 5: expected "\(", got "total"'),
        ("p95(total) rel 1%", r'column 10: expected "\["'),
        ("p95(total[]) rel 1%", "column 11: expected a year or a region"),
        ("p95(total[china]) rel 1%", 'column 16: expected ","'),
        ("p95(total[china, x]) rel 1%", 'column 18: expected a year, got "x"'),
        ("p95(total[203]) rel 1%", 'column 11: expected a year or a region, got "203"'),
        ("p95(total[2030] rel 1%", r'column 17: expected "\)", got "rel"'),
        ("p95(total[2030]) 1%", 'column 18: expected "rel" or "abs", got "1"'),
        ("p95(total[2030]) rel 1", 'column 23: expected "%", got the end'),
        ("p95(total[2030]) rel %", "column 22: expected a percentage such as 1%"),
        ("p95(total[2030]) rel -1%", "column 22: expected a percentage such as 1%"),
        ("p95(total[2030]) abs 1%", 'column 23: expected "and" or the end, got "%"'),
        ("p95(total[2030]) rel 0%", "column 22: must be above 0 and finite, got 0"),
        ("p95(total[2030]) abs 1e999", "column 22: must be above 0 and finite"),
        ("p95(total[2030]) rel 1% and", "column 28: expected a statistic"),
        ("p95(total[2030]) rel 1%, p05(total[2030]) rel 1%", 'column 24: expected "and"'),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}"):
        parse_rules(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("p95(totl[2030]) rel 1%", 'column 5: no variable "totl", .*did you mean "total"'),
        ("p95(unserved[chna, 2030]) rel 1%", 'column 14: no region "chna", .* "china"'),
        ("p95(total[china, 2030]) rel 1%", "column 11: total is not given by region"),
        ("p95(total[2036]) rel 1%", "column 11: the year must lie in 2030 to 2035, got 2036"),
        (
            "p95(total[2030]) rel 1% and p95(unserved[china, 2029]) abs 1",
            "column 49: the year must lie in 2030 to 2035, got 2029",
        ),
    ],
)
def test_what_names_nothing_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}"):
        check_rules(parse_rules(text), rows())


def test_each_scenario_is_assessed() -> None:
    found = assess(parse_rules(TEXT), rows(), chains=8, draws=1024)
    assert [one.scenario for one in found] == ["base", "high"] * 2
    factor = math.sqrt(7 / stats.chi2(7).ppf(1 - CONFIDENCE))
    for one in found:
        assert (one.estimate, one.error, one.unit) == (100, 1, "TWh")
        assert one.bound == pytest.approx(factor)
        assert one.allowed == (1.0 if one.rule.kind == "rel" else 2.5)
        assert one.met == (factor <= one.allowed)
        assert one.needed == math.ceil(1024 * (factor / one.allowed) ** 2)
    assert "not met, about" in str(found[0])
    assert ": met;" in str(found[2])


def test_the_bound_decides_and_not_the_error() -> None:
    factor = upper_error(1.0, 8)
    rule = parse_rules("p50(total[2030]) rel 1%")
    for share, met in ((0.999, True), (1.001, False)):
        found = assess(rule, rows(100.0, share / factor), chains=8, draws=64)
        assert all(one.met is met for one in found)


@pytest.mark.parametrize(("value", "error"), [(math.nan, 1.0), (1.0, math.nan), (0.0, 1.0)])
def test_a_missing_number_never_meets_a_rule(value: float, error: float) -> None:
    found = assess(parse_rules("p50(total[2030]) rel 1%"), rows(value, error), chains=8, draws=64)
    assert not any(one.met or one.needed for one in found)


@pytest.mark.parametrize("chains", [2, 8, 30])
def test_the_bound_covers(chains: int) -> None:
    """In runs of normal draws, whose standard error of the mean is known."""
    draws, runs = 16, 4000
    rng = np.random.default_rng(chains)
    values = rng.normal(0, 3, (chains, draws, runs))
    _, error = estimates(values)
    true = 3 / math.sqrt(chains * draws)
    covered = np.mean([upper_error(one, chains) >= true for one in error[0]])
    assert covered == pytest.approx(CONFIDENCE, abs=4 * math.sqrt(0.16 / runs))

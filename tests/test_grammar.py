"""Places and conditions: what is read, and how a fault is told."""

import re

import numpy as np
import pytest

from forecast.grammar import Condition, Place, check_place, parse_conditions, parse_place

ROWS = {
    "variable": np.array(["total", "total", "unserved", "unserved"]),
    "region": np.array(["", "", "china", "europe"]),
    "year": np.array([2029, 2030, 2030, 2030]),
}


def test_places_are_read() -> None:
    assert parse_place("total[2030]") == Place("total", "", 2030)
    assert parse_place(" unserved [ china , 2031 ] ") == Place("unserved", "china", 2031)
    assert str(parse_place("unserved[china,2031]")) == "unserved[china, 2031]"


def test_conditions_are_read() -> None:
    first, second, third = parse_conditions(
        "total[2030] > 1200 TWh and unserved[china, 2030] <= p90 and total[2029] >= -1.5e2"
    )
    assert first == Condition(Place("total", "", 2030), ">", 1200, unit="TWh")
    assert second == Condition(Place("unserved", "china", 2030), "<=", 0.9, percentile=True)
    assert third.value == -150
    assert third.relation == ">="
    assert str(second) == "unserved[china, 2030] <= p90"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "column 1: expected a variable, got the end"),
        ("total", 'column 6: expected "[", got the end'),
        ("total[30]", 'column 7: expected a year or a region, got "30"'),
        ("total[china 2030]", 'column 13: expected ",", got "2030"'),
        ("total[2030] = 5", 'column 13: expected one of <=, >=, <, >, got "="'),
        (
            "total[2030] > much",
            'column 15: expected a number, or a percentile such as p90, got "mu',
        ),
        ("total[2030] > 1.2.3", 'column 18: expected "and" or the end, got ".3"'),
        ("total[2030] > 5 !", 'column 17: expected "and" or the end, got "!"'),
        ("total[2030] > 5 and", "column 20: expected a variable, got the end"),
    ],
)
def test_a_fault_is_told_by_its_column(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(told)}"):
        parse_conditions(text)


def test_conditions_hold_as_they_say() -> None:
    values = np.array([1.0, 2.0, 3.0, np.nan])
    above = parse_conditions("total[2030] > 2")[0].holds(values)
    assert above.tolist() == [False, False, True, False]
    middle = parse_conditions("total[2030] <= p50")[0].holds(values)
    assert middle.tolist() == [True, True, False, False]


def test_a_place_is_found_or_told() -> None:
    assert check_place(parse_place("total[2030]"), ROWS).tolist() == [False, True, False, False]
    for text, told in {
        "totl[2030]": 'column 1: no variable "totl", expected one of total, unserved (did you mean',
        "total[2050]": "column 7: the year must lie in 2029 to 2030, got 2050",
        "unserved[2030]": "column 10: unserved is given by region alone, expected one of china, eu",
        "unserved[chna, 2030]": 'column 10: no region "chna"',
        "total[china, 2030]": "column 7: total is not given by region, expected a year alone",
    }.items():
        with pytest.raises(ValueError, match=f"^{re.escape(told)}"):
            check_place(parse_place(text), ROWS)

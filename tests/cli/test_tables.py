"""Digits of the terminal's tables follow from the Monte Carlo error."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.cli.tables import digits, summary_tables


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1061.37, 31.0, "1,060"),
        (1061.37, 3.1, "1,061"),
        (1061.37, 0.31, "1,061.4"),
        (1061.37, 250.0, "1,100"),
        (0.01563, 0.0002, "0.0156"),
        (-12.34, 0.5, "-12.3"),
        (0.0, 0.1, "0.0"),
        (12.3456, None, "12.3"),
        (12.3456, 0.0, "12.3"),
        (12.3456, math.nan, "12.3"),
        (1234.56, None, "1,235"),
        (None, None, "-"),
    ],
)
def test_digits_end_where_the_error_begins(
    value: float | None, error: float | None, text: str
) -> None:
    assert digits(value, error) == text


@given(st.floats(1e-3, 1e5), st.floats(1e-5, 1e4))
def test_no_digit_stands_beyond_the_error_and_none_is_lost(value: float, error: float) -> None:
    written = Decimal(digits(value, error).replace(",", ""))
    place = Decimal(10) ** math.floor(math.log10(error))
    assert written % place == 0, "a digit below the place of the error's first"
    assert abs(float(written) - value) <= 0.5 * float(place) * (1 + 1e-9)


def _row(variable: str, year: int, region: str | None = None) -> dict[str, object]:
    numbers = {"p05": 90.0, "p50": 100.0, "p95": 120.0}
    errors = {"mcse": 1.0, "mcse_p05": 2.0, "mcse_p95": 3.0}
    share = {"p05": 0.0101, "p50": 0.0202, "p95": 0.0303}
    small = {"mcse": 1e-4, "mcse_p05": 1e-4, "mcse_p95": 1e-4}
    told = share | small if variable == "share_of_world_demand" else numbers | errors
    return {"scenario": "base", "variable": variable, "region": region, "year": year} | told


def test_a_scenario_has_its_totals_and_segments(capsys: pytest.CaptureFixture[str]) -> None:
    segments = ("conventional", "ai_inference", "ai_training", "ai_customisation", "crypto")
    variables = ("total", "share_of_world_demand", *segments)
    rows = [_row(variable, year) for variable in variables for year in (2021, 2022, 2023)]
    summary_tables([*rows, _row("total", 2022, "china") | {"p50": 7.0}], ["base"])
    lines = capsys.readouterr().out.splitlines()
    # A title is one line, however narrow its table is.
    assert lines[0] == "base: data centres, AI and crypto, TWh a year; ± is the Monte Carlo error"
    years = [line.split() for line in lines if line.strip().startswith("20")]
    assert [line[0] for line in years] == ["2022", "2023"] * 2
    assert years[0][1:7] == ["90", "2", "100", "1", "120", "3"]
    assert years[0][7:] == ["2.02", "(1.01–3.03)"]
    assert years[2][1:3] == ["100", "(90–120)"]

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from forecast import shipped
from forecast.cli.columns import in_short, place_in_short, print_columns, value_in_short
from forecast.spec.prior import Prior


def _prior(family: str, **arguments: object) -> Prior:
    return Prior(name="a.b", family=family, arguments=arguments, unit="1", column=1)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_to_the_same_bits(value: float) -> None:
    text = value_in_short(value)
    assert float(text) == value
    assert math.copysign(1, float(text)) == math.copysign(1, value)
    assert float(YAML(typ="safe", pure=True).load(text)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.75, "0.75"), (2026.0, "2026"), (1.5e15, "1.5e15"), (1e-7, "1e-7"), (None, "-"), (7, "7")],
)
def test_numbers_are_short(value: float | None, text: str) -> None:
    assert value_in_short(value) == text


@pytest.mark.parametrize(
    ("prior", "text"),
    [
        (_prior("fixed", value=9.0), "9"),
        (_prior("fixed", value={"east": 1.0, "west": 2.5}), "east 1, west 2.5"),
        (_prior("quantiles", p05=0.5, p95=1.0, lower=0.0), "p05 0.5, p95 1, lower 0"),
        (_prior("normal", mean=0.0, sd=0.1), "normal: mean 0, sd 0.1"),
        (
            _prior("discrete", values=[1.0, 2.0], weights=[0.25, 0.75]),
            "discrete: 1 (weight 0.25), 2 (weight 0.75)",
        ),
        (
            _prior("logistic_normal", median={"east": 0.4, "west": 0.6}, log_sd=0.2),
            "logistic_normal: median (east 0.4, west 0.6), log_sd 0.2",
        ),
        (
            _prior(
                "mixture",
                views={
                    "calm": {"weight": 0.25, "family": "uniform", "low": 0.0, "high": 1.0},
                    "wild": {"weight": 0.75, "family": "quantiles", "p05": 1.0, "p95": 9.0},
                },
            ),
            "mixture: calm 0.25 × (uniform: low 0, high 1); wild 0.75 × (p05 1, p95 9)",
        ),
    ],
)
def test_priors_in_a_line(prior: Prior, text: str) -> None:
    assert in_short(prior) == text


def test_shipped_places_are_short_and_others_stay() -> None:
    assert place_in_short(f"{shipped.priors()}/adoption.yaml:12") == "priors/adoption.yaml:12"
    assert place_in_short("mine.yaml:3") == "mine.yaml:3"
    assert place_in_short("--set") == "--set"


@pytest.mark.parametrize("long", [30, 100, 300])
def test_no_letter_is_cut_off(long: int, capsys: pytest.CaptureFixture[str]) -> None:
    print_columns(("one", "two", "three"), [("x" * long, "y" * long, "z" * long)], whole=("one",))
    said = capsys.readouterr().out
    assert [said.count(letter) for letter in "xyz"] == [long] * 3
    assert max(map(len, said.splitlines())) <= 120


def test_a_whole_column_does_not_wrap_where_there_is_room(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_columns(("one", "two"), [("a b " * 15 + "end", "word " * 100)], whole=("one",))
    assert capsys.readouterr().out.splitlines()[1].startswith("a b " * 15 + "end")


def test_brackets_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_columns(("one",), [("[bold]:smile:[/bold]",)])
    assert "[bold]:smile:[/bold]" in capsys.readouterr().out

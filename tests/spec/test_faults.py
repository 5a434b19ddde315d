import pytest

from forecast.errors import InputErrors
from forecast.spec.faults import Faults, described, nearest
from forecast.spec.node import BROKEN, Node


def node(file: str, line: int) -> Node:
    return Node(1, file, line, 5, line, 1, "a.b")


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("famly", ["family", "unit"], "family"),
        ("p5", ["p05", "p50", "p95"], "p05"),
        ("PUE-Cap", ["pue_cap", "pue"], "pue_cap"),
        ("zebra", ["p05", "p95"], ""),
        ("", ["p05"], ""),
        ("x" * 10**6, ["p05"], ""),
    ],
)
def test_nearest(word: str, known: list[str], found: str) -> None:
    assert nearest(word, known) == found


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "true"),
        (3, "3"),
        (0.5, "0.5"),
        ("x" * 99, "text '" + "x" * 37 + "...'"),
        ([1], "a list of 1"),
        ({}, "a mapping"),
        (BROKEN, "an unreadable value"),
    ],
)
def test_described(value: object, words: str) -> None:
    assert described(value) == words


def test_a_value_is_blamed_where_it_starts_and_a_key_where_it_starts() -> None:
    faults = Faults()
    faults.value(node("x", 3), "wrong")
    faults.key(node("x", 4), "unknown")
    with pytest.raises(InputErrors) as caught:
        faults.raise_any()
    assert str(caught.value) == "x:3:5: a.b: wrong\nx:4:1: a.b: unknown"


def test_of_two_values_that_clash_the_one_laid_last_is_blamed() -> None:
    faults = Faults()
    for file in ("base", "world"):
        faults.lay(file)
    faults.clash([node("base", 1), node("world", 2), node("register", 3)], "clash")
    faults.clash([node("register", 1), node("other", 2)], "tie")
    with pytest.raises(InputErrors) as caught:
        faults.raise_any()
    assert [(e.file, e.problem) for e in caught.value.errors] == [
        ("register", "tie"),
        ("world", "clash"),
    ]


def test_no_fault_raises_nothing() -> None:
    Faults().raise_any()

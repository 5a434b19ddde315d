"""Files of decisions: what they may say, and every fault with its place."""

from pathlib import Path

import numpy as np
import pytest

from forecast.errors import InputErrors
from forecast.grammar import Place
from forecast.spec.decision import bind, read_decision

GOOD = """\
title: Reserve
unit: GUSD
options:
  small: {capacity: 900, cost: 5}
  large: {capacity: 1200}
loss:
  - {outcome: "total[2030]", unit: PWh, level: capacity, shortfall: 0.3, excess: 0.05}
  - outcome: unserved[china, 2031]
    level: 10
    shortfall: 2
"""
ROWS = {
    "variable": np.array(["total", "total", "unserved"]),
    "region": np.array(["", "", "china"]),
    "year": np.array([2030, 2031, 2031]),
    "unit": np.array(["TWh", "TWh", "TWh"]),
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def faults(text: str) -> list[str]:
    file = Path("grid.yaml")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputErrors) as caught:
        bind(read_decision(file), ROWS)
    return str(caught.value).splitlines()


def test_a_decision_is_read_and_bound() -> None:
    Path("grid.yaml").write_text(GOOD, encoding="utf-8")
    found = read_decision(Path("grid.yaml"))
    assert (found.title, found.unit, found.options) == ("Reserve", "GUSD", ("small", "large"))
    assert found.cost == (5.0, 0.0)
    first, second = found.terms
    assert (first.level, first.shortfall, first.excess) == ((900, 1200), (0.3, 0.3), (0.05, 0.05))
    assert (second.level, second.shortfall, second.excess) == ((10, 10), (2, 2), (0, 0))
    places, factors = bind(found, ROWS)
    assert places == [Place("total", "", 2030), Place("unserved", "china", 2031)]
    assert factors == pytest.approx([1e-3, 1.0])


def test_the_example_of_the_documentation_is_read() -> None:
    file = Path(__file__).parents[2] / "docs" / "examples" / "grid-reserve.yaml"
    assert len(read_decision(file).options) == 3


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("title: Reserve\n", "", "grid.yaml:1:1: title: missing"),
        ("unit: GUSD", "unti: GUSD", 'grid.yaml:2:1: unti: unknown key (did you mean "unit"?)'),
        (
            "  large: {capacity: 1200}\n",
            "",
            "grid.yaml:3:1: options: expected 2 options or more, got small",
        ),
        ("capacity: 1200", "cost: 1200", "grid.yaml:5:3: options.large.capacity: missing"),
        (
            "capacity: 1200",
            "capacity: lots",
            "grid.yaml:5:21: options.large.capacity: expected a number, got text 'lots'",
        ),
        (
            "capacity: 1200",
            "capacity: 1200, price: 3",
            "grid.yaml:5:27: options.large.price: no loss uses it; cost, capacity are used",
        ),
        (
            "shortfall: 0.3",
            "shortfall: -0.3",
            "grid.yaml:7:69: loss[0].shortfall: expected a number of at least 0, or the name of a"
            " number that each option has, got -0.3",
        ),
        (
            "level: capacity",
            "level: capcity",
            "grid.yaml:7:48: loss[0].level: no option has a number named capcity; they have"
            ' capacity, cost (did you mean "capacity"?)',
        ),
        (
            "    shortfall: 2\n",
            "",
            "grid.yaml:8:5: loss[1]: costs nothing: expected shortfall, excess or both",
        ),
        (
            "unserved[china, 2031]",
            "unserved[china 2031]",
            'grid.yaml:8:14: loss[1].outcome: in "unserved[china 2031]", column 16: expected ",",'
            " got \"2031\" (as in 'total[2030]')",
        ),
        (
            "unserved[china, 2031]",
            "unsrved[china, 2031]",
            'grid.yaml:8:14: loss[1].outcome: in "unsrved[china, 2031]", column 1: no variable'
            ' "unsrved", expected one of total, unserved (did you mean "unserved"?)',
        ),
        (
            "total[2030]",
            "total[2040]",
            'grid.yaml:7:15: loss[0].outcome: in "total[2040]", column 7: the year must lie in'
            " 2030 to 2031, got 2040",
        ),
        (
            "unit: PWh",
            "unit: kg",
            "grid.yaml:7:36: loss[0].unit: total[2030] is in TWh: TWh does not measure the same as"
            " kg",
        ),
    ],
)
def test_each_fault_has_its_place(before: str, after: str, told: str) -> None:
    assert before in GOOD
    assert told in faults(GOOD.replace(before, after, 1))


def test_a_price_that_an_option_names_is_at_least_zero() -> None:
    text = GOOD.replace("shortfall: 2", "shortfall: fee").replace("cost: 5", "fee: -5")
    text = text.replace("capacity: 1200", "capacity: 1200, fee: 1")
    told = "grid.yaml:4:31: options.small.fee: a price is at least 0, got -5"
    assert faults(text) == [told]


def test_empty_parts_are_told() -> None:
    assert faults("title: A\noptions: {}\nloss: []\n") == [
        "grid.yaml:2:1: options: expected 2 options or more, got none",
        "grid.yaml:3:7: loss: expected one term or more, got none",
    ]
    assert faults("title: A\n") == [
        "grid.yaml:1:1: loss: missing",
        "grid.yaml:1:1: options: missing",
    ]


def test_all_faults_are_told_at_once() -> None:
    text = GOOD.replace("title: Reserve", "titel: Reserve").replace("level: 10", "level: [1]")
    assert [one.split(" ")[0] for one in faults(text.replace("capacity: 900", "capacity: x"))] == [
        "grid.yaml:1:1:",
        "grid.yaml:1:1:",
        "grid.yaml:4:21:",
        "grid.yaml:9:12:",
    ]


@pytest.mark.parametrize("wrong", ["[1]", "{a: 1}", "true", "", '""'])
def test_a_level_is_a_number_or_a_name(wrong: str) -> None:
    (told,) = faults(GOOD.replace("level: 10", f"level: {wrong}"))
    assert "loss[1].level: expected a number, or the name of a number that each option" in told


def test_a_folder_is_no_file() -> None:
    with pytest.raises(InputErrors, match="is a folder, expected the file of a decision"):
        read_decision(Path())

"""The file of an optimisation: what is read, and how each fault is told."""

from pathlib import Path

import pytest

from forecast.errors import InputErrors
from forecast.spec.optimisation import Range, read_optimisation
from forecast.spec.register import Register

TEXT = """title: Where it does most
outcome: total[2030]
measure: cvar
unit: GUSD
budget: 10
levers:
  facility.cap: {from: 10, to: 2, cost: 3, rising: 1}
source: judgement
"""


def read(register: Register, **changes: str) -> object:
    """Read the file with some lines replaced."""
    lines = [
        next((new for old, new in changes.items() if line.startswith(f"{old}:")), line)
        for line in TEXT.splitlines()
    ]
    Path("spend.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_optimisation(Path("spend.yaml"), register.priors, 2035)


def test_it_is_read_with_its_defaults(register: Register) -> None:
    found = read(register)
    assert (found.outcome, found.measure, found.tail, found.goal) == (
        "total[2030]",
        "cvar",
        0.1,
        "least",
    )
    assert found.levers == {"facility.cap": Range(10.0, 2.0, 3.0, 1.0)}
    assert read(register, outcome="outcome: unserved[china, 2031]").region == "china"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"outcome": "outcome: totl[2030]"}, 'spend.yaml:2:10: outcome: in "totl[2030]", column 1'),
        ({"outcome": "outcome: total[2040]"}, "column 7: the year must lie in 2015 to 2035"),
        ({"outcome": "outcome: ai[china, 2030]"}, "by region there are total, data_centres"),
        ({"outcome": "outcome: total[chna, 2030]"}, 'no region "chna"'),
        ({"outcome": "outcome: total[2030"}, 'expected "]", got the end'),
        ({"measure": "measure: median"}, "spend.yaml:3:10: measure: expected one of mean or cvar"),
        ({"budget": "budget: -1"}, "spend.yaml:5:9: budget: expected a number of at least 0"),
        ({"budget": "budgt: 1"}, 'spend.yaml:5:1: budgt: unknown key (did you mean "budget"?)'),
        ({"  facility.cap": "  facility.cup: {from: 10, to: 2, cost: 3}"}, "no such lever"),
        ({"  facility.cap": "  facility.pue: {from: 2, to: 1, cost: 3}"}, "nobody decides it"),
        (
            {"  facility.cap": "  facility.cap: {from: 10, to: -2, cost: 3}"},
            "at least 0, got -2",
        ),
        ({"  facility.cap": "  facility.cap: {from: 2, to: 2, cost: 3}"}, "goes nowhere"),
        ({"  facility.cap": "  facility.cap: {from: 10, to: 2}"}, "cost: missing"),
        ({"  facility.cap": "  facility.cap: 3"}, "expected a mapping with from, to and cost"),
    ],
)
def test_faults_are_told_at_their_place(
    register: Register, changes: dict[str, str], told: str
) -> None:
    with pytest.raises(InputErrors) as caught:
        read(register, **changes)
    assert told in str(caught.value)

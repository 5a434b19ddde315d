"""Rules of adaptive policies: what is read, and how each fault is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from forecast.spec.rules import Watch, parse_watches
from forecast.spec.scenario import Scenario
from forecast.spec.text import differences, from_yaml, to_yaml

RULE = """title: Relief
when: "{when}"
watched_from: 2028
delay: 2
phase_in: 3
then:
  facility.cap: {{value: 500, unit: MW}}
source: judgement
"""
WHEN = "unserved[united_states] > 20 TWh"


def laid(condition: str = WHEN, **changes: str) -> str:
    """Write a policy of one rule, some lines replaced; returns base with it laid over."""
    text = RULE.format(when=condition)
    for old, new in changes.items():
        text = "\n".join(new if line.startswith(f"{old}:") else line for line in text.splitlines())
    Path("relief.yaml").write_text(text + "\n", encoding="utf-8")
    return "base+relief.yaml"


@pytest.mark.parametrize(
    ("text", "watches"),
    [
        ("total > 1200", (Watch("total", "", ">", 1200.0),)),
        ("unserved[china]>=2e4 GWh", (Watch("unserved", "china", ">=", 20.0),)),
        ("share_of_world_demand < 3 %", (Watch("share_of_world_demand", "", "<", 0.03),)),
        (
            "ai > 100 TWh and total[europe] <= 90",
            (Watch("ai", "", ">", 100.0), Watch("total", "europe", "<=", 90.0)),
        ),
    ],
)
def test_conditions_are_read_in_the_units_of_what_they_watch(
    text: str, watches: tuple[Watch, ...]
) -> None:
    found = parse_watches(text)
    assert [(w.variable, w.region, w.relation) for w in found] == [
        (w.variable, w.region, w.relation) for w in watches
    ]
    assert [w.level for w in found] == pytest.approx([w.level for w in watches], rel=1e-15)
    assert parse_watches(" and ".join(map(str, found))) == found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("unservd > 20", 'column 1: no variable "unservd"'),
        ("unservd > 20", 'did you mean "unserved"'),
        ("unserved[2030] > 20", "column 10: a rule looks at every year: leave the year out"),
        ("unserved[chine] > 20", 'column 10: no region "chine"'),
        ("ai[china] > 20", "column 3: ai is watched in the world alone"),
        ("total == 20", "column 7: expected one of <=, >=, <, >"),
        ("total > lots", 'column 9: expected a number, got "lots"'),
        ("total > 20 GW", "column 12:"),
        ("total > 20 TWh or ai > 3", 'column 22: expected "and" or the end'),
        ("total > 20 and", "column 15: expected a variable, got the end"),
        ("__import__('os')", 'column 1: no variable "__import__"'),
    ],
)
def test_a_condition_that_does_not_parse_is_told_by_its_column(text: str, told: str) -> None:
    with pytest.raises(ValueError, match="column") as caught:
        parse_watches(text)
    assert told in str(caught.value)


def test_a_rule_is_resolved_beside_the_levers(resolve: Callable[..., Scenario]) -> None:
    scenario = resolve(laid())
    (rule,) = scenario.rules
    assert (rule.policy, rule.when) == ("relief", "unserved[united_states] > 20 TWh")
    assert (rule.watched_from, rule.delay, rule.phase_in) == (2028, 2, 3)
    assert rule.then["facility.cap"].arguments == {"value": 0.5}
    assert scenario.priors["facility.cap"].arguments == {"value": 10.0}
    plain = resolve("base")
    told = {path for path, *_ in differences(plain, scenario)}
    assert "rules.relief.when" in told


def test_text_and_back_is_the_same_rule(resolve: Callable[..., Scenario]) -> None:
    scenario = resolve(laid("total >= 1.5 PWh and unserved[china] < 0.1 TWh"))
    assert from_yaml(to_yaml(scenario)) == scenario
    assert from_yaml(to_yaml(scenario)).rules == scenario.rules


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"when": 'when: "total >"'}, 'relief.yaml:2:7: when: in "total >", column 8'),
        ({"when": "when: 3"}, "relief.yaml:2:7: when: expected text, got 3"),
        ({"when": ""}, "a rule has when and then; when is missing"),
        ({"watched_from": "watched_from: 2034"}, "in force from 2036 on, after the horizon 2035"),
        (
            {"watched_from": "watched_from: soon"},
            "relief.yaml:3:15: watched_from: expected",
        ),
        ({"delay": "delay: 0"}, "relief.yaml:4:8: delay: expected a number of at least 1"),
        ({"  facility.cap": "  facility.cup: 3"}, "no such lever"),
        ({"  facility.cap": "  facility.pue: 1.1"}, "facility.pue is an uncertain input"),
        ({"  facility.cap": "  facility.cap: -1"}, "relief.yaml:7:17: then.facility.cap"),
    ],
)
def test_faults_are_told_at_their_place(
    refused: Callable[..., str], changes: dict[str, str], told: str
) -> None:
    assert told in refused(laid(**changes))


def test_what_is_set_already_is_not_phased_in_from_nothing(refused: Callable[..., str]) -> None:
    laid(then="levers: {facility.cap: 3}\nthen:")
    assert "relief.yaml:5:11: phase_in: facility.cap is set already" in refused("base+relief.yaml")


def test_a_rule_is_no_setting(refused: Callable[..., str]) -> None:
    told = refused("base", "when=total > 3", "delay=2")
    assert "when cannot be set; write the rule into the file of a policy" in told
    assert "delay cannot be set" in told


def test_policies_that_set_a_lever_otherwise_are_refused(
    refused: Callable[..., str], resolve: Callable[..., Scenario]
) -> None:
    Path("loose.yaml").write_text("title: Loose\nlevers:\n  facility.cap: 4\n", encoding="utf-8")
    Path("same.yaml").write_text("title: Same\nlevers:\n  facility.cap: 2\n", encoding="utf-8")
    told = refused("base+power-cap+loose.yaml")
    assert "loose.yaml:3:3" in told
    assert "power-cap sets facility.cap otherwise" in told
    assert resolve("base+power-cap+same.yaml").priors["facility.cap"].arguments == {"value": 2.0}
    # What is set on the command line is laid over policies knowingly.
    over = resolve("base+power-cap", "facility.cap=4")
    assert over.priors["facility.cap"].arguments == {"value": 4.0}

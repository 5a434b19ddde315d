"""The one merge rule: mappings merge, anything else replaces, a new family starts afresh."""

from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from forecast.spec.faults import Faults
from forecast.spec.merge import merged, overridden
from forecast.spec.node import Node
from forecast.spec.yaml import parse


def node(text: str, file: str = "x.yaml") -> Node:
    faults = Faults()
    found = parse(text, file, faults)
    faults.raise_any()
    assert found is not None
    return found


def both(base: str, over: str) -> Any:
    return merged(node(base), node(over)).plain()


def test_mappings_merge_key_by_key_and_anything_else_replaces() -> None:
    assert both("{a: 1, b: {c: 1, d: 2}}", "{b: {d: 3, e: 4}}") == {
        "a": 1,
        "b": {"c": 1, "d": 3, "e": 4},
    }
    assert both("{a: [1, 2]}", "{a: [3]}") == {"a": [3]}
    assert both("{a: {b: 1}}", "{a: 2}") == {"a": 2}
    assert both("{a: 2}", "{a: {b: 1}}") == {"a": {"b": 1}}


def test_another_family_drops_the_arguments_of_the_old_one() -> None:
    base = "{family: quantiles, p05: 1, p95: 2, unit: GW, source: definition, at_least: 0}"
    assert both(base, "{family: normal, mean: 1}") == {
        "family": "normal",
        "mean": 1,
        "unit": "GW",
        "source": "definition",
        "at_least": 0,
    }
    assert both(base, "{family: quantiles, p05: 0.5}")["p95"] == 2


def test_a_view_with_another_family_keeps_its_weight_alone() -> None:
    base = "{family: mixture, views: {a: {weight: 0.4, family: normal, mean: 1, sd: 1}}}"
    over = "{views: {a: {family: uniform, low: 1, high: 2}}}"
    assert both(base, over)["views"]["a"] == {
        "weight": 0.4,
        "family": "uniform",
        "low": 1,
        "high": 2,
    }


flat = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9))


def as_node(value: Any) -> Node:
    inside = {k: as_node(v) for k, v in value.items()} if isinstance(value, dict) else value
    return Node(inside, "x.yaml", 1, 1, 1, 1, "")


@settings(deadline=None)
@given(flat, flat, flat)
def test_merging_is_that_of_mappings_and_can_be_grouped(a: Any, b: Any, c: Any) -> None:
    # Two levels deep, against the merge of Python's own mappings.
    one, two, three = (as_node({"x": each, "y": 0, **each}) for each in (a, b, c))
    left = merged(merged(one, two), three).plain()
    assert left == merged(one, merged(two, three)).plain()
    assert left == {**a, **b, **c, "y": 0, "x": a | b | c}


ENTRY = "{family: quantiles, p05: 1, p95: 2, unit: GW, column: 3}"


def test_a_number_is_a_fixed_value() -> None:
    faults = Faults()
    found = overridden("a.b", node(ENTRY), node("1.5"), faults)
    assert found.plain() == {"family": "fixed", "value": 1.5, "unit": "GW", "column": 3}
    assert not len(faults)


def test_every_value_keeps_the_place_that_gave_it() -> None:
    found = overridden("a.b", node(ENTRY, "base"), node("{p95: 3}", "over"), Faults()).mapping()
    assert {key: child.file for key, child in found.items()} == {
        "family": "base",
        "p05": "base",
        "p95": "over",
        "unit": "base",
        "column": "base",
    }


def test_numbers_in_another_unit_are_turned_into_the_unit_of_the_input() -> None:
    faults = Faults()
    over = node("{unit: MW, p05: 500, p95: 1500}")
    found = overridden("a.b", node(ENTRY), over, faults)
    assert not len(faults)
    assert found.plain() == {
        "family": "quantiles", "p05": 0.5, "p95": 1.5, "unit": "GW", "column": 3
    }  # fmt: skip


def test_numbers_of_views_and_lists_are_turned_as_well() -> None:
    over = (
        "{unit: MW, family: mixture, views: {a: {weight: 1, family: gamma, shape: 2, scale: 500}}}"
    )
    found = overridden("a.b", node(ENTRY), node(over), Faults()).plain()
    assert found["views"]["a"] == {"weight": 1, "family": "gamma", "shape": 2, "scale": 0.5}
    over = "{unit: MW, family: discrete, values: [500, 1000], weights: [0.5, 0.5]}"
    found = overridden("a.b", node(ENTRY), node(over), Faults()).plain()
    assert (found["values"], found["weights"]) == ([0.5, 1.0], [0.5, 0.5])

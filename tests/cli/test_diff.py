import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from ruamel.yaml import YAML


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(f"{path}.{key}" if path else key, each)
    else:
        yield path, value


def test_it_finds_what_the_resolved_texts_differ_in(
    ok: Callable[..., str], world: Callable[[str], Path]
) -> None:
    world(
        "horizon: 2040\nsource: judgement\nsampling: {seed: 3}\n"
        "inputs:\n  adoption.rate: {family: uniform, low: 0.5, high: 1}\n"
        "levers:\n  conventional.pue_cap: {value: {enterprise: 1.5}}\n"
    )

    def flat(name: str) -> dict[str, Any]:
        text = ok("show", name, "--resolved")
        found = YAML(typ="safe", pure=True).load(text)
        head = {key: value for key, value in found.items() if key not in ("priors", "dependence")}
        return dict(_leaves("", {**found["priors"], **head}))

    left, right = flat("base"), flat("mine.yaml")
    labels = ("name", "title", "summary", "source")
    expected = {
        path: (left.get(path), right.get(path))
        for path in left | right
        if left.get(path) != right.get(path) and path not in labels
    }
    found = json.loads(ok("diff", "base", "mine.yaml", "--json"))
    assert {each["path"]: (each["a"], each["b"]) for each in found} == expected
    assert expected["conventional.pue_cap.value.enterprise"][1] == 1.5
    places = {each["path"]: each["origin_b"] for each in found}
    assert places["horizon"] == "mine.yaml:3"
    assert places["adoption.rate.low"] == "mine.yaml:7"
    assert places["conventional.pue_cap.value.enterprise"] == "mine.yaml:9"


def test_values_stand_side_by_side_with_their_unit(ok: Callable[..., str]) -> None:
    said = ok("diff", "base", "base", "--set", "crypto.restriction_start=2027")
    head, row = said.splitlines()[:2]
    assert head.split() == ["path", "base", "base", "with", "--set", "unit", "origin"]
    assert row.split()[0] == "crypto.restriction_start.value"
    assert row.split()[2:4] == ["2027", "yr"]


@pytest.mark.parametrize(
    ("value", "units"),
    [
        (
            "{family: beta, alpha: 2, beta: 3, low: 0.5, high: 1}",
            {"family": "", "alpha": "", "beta": "", "low": "1/yr", "high": "1/yr"},
        ),
        (
            "{family: mixture, views: {all: {weight: 1, family: lognormal, median: 1, log_sd: 2}}}",
            {
                "family": "",
                "views.all.weight": "",
                "views.all.family": "",
                "views.all.median": "1/yr",
                "views.all.log_sd": "",
            },
        ),
    ],
)
def test_shapes_and_texts_have_no_unit(
    ok: Callable[..., str], value: str, units: dict[str, str]
) -> None:
    setting = f"adoption.rate={value}"
    found = json.loads(ok("diff", "base", "base", "--json", "--set", setting))
    told = {each["path"].removeprefix("adoption.rate."): each["unit"] for each in found}
    asked = dict.fromkeys(("p05", "p50", "p95"), "1/yr")
    assert told == {**asked, **units}


def test_equal_scenarios_have_no_difference(ok: Callable[..., str]) -> None:
    assert ok("diff", "base", "base.yaml", "--exit-code") == (
        "no difference between base and base.yaml\n"
    )
    assert json.loads(ok("diff", "base", "base", "--json")) == []


def test_labels_are_no_difference(ok: Callable[..., str], world: Callable[[str], Path]) -> None:
    world("summary: Other words.\nsource: judgement\n")
    assert ok("diff", "base", "mine.yaml").startswith("no difference")


def test_the_exit_code_tells_only_where_asked(call: Callable[..., Result]) -> None:
    assert call("diff", "base", "pue-cap").exit_code == 0
    assert call("diff", "base", "pue-cap", "--exit-code").exit_code == 1


def test_the_installed_script_ends_with_one(installed: Callable[..., Any]) -> None:
    assert installed("diff", "base", "pue-cap", "--exit-code").returncode == 1


def test_faults_of_both_come_together(refused: Callable[..., str]) -> None:
    assert refused("diff", "bse", "pue-cup", "--set", "zzz=1").splitlines() == [
        "--set:1:1: zzz: no such input or scenario key",
        'bse: no such scenario (did you mean "base"?)',
        'pue-cup: no such scenario (did you mean "pue-cap"?)',
    ]

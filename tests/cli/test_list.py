import json
from collections.abc import Callable
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML

from forecast import shipped
from forecast.spec.scenario import Method


def test_scenarios_are_what_is_listed_unless_said(ok: Callable[..., str]) -> None:
    assert ok("list") == ok("list", "scenarios")


def test_scenarios(ok: Callable[..., str]) -> None:
    found = {each["name"]: each for each in json.loads(ok("list", "--json"))}
    yaml = YAML(typ="safe", pure=True)
    for file in shipped.scenarios().glob("*.yaml"):
        said = yaml.load(file)
        assert found[file.stem]["title"] == said["title"]
        kind = "policy" if "levers" in said and "sampling" not in said else "world"
        if "extends" not in said:
            assert found[file.stem]["kind"] == kind
            assert found[file.stem]["vintage"] == said.get("vintage")


def test_vintages(ok: Callable[..., str]) -> None:
    (found,) = json.loads(ok("list", "vintages", "--json"))
    assert (found["name"], found["as_of"], found["inputs"]) == ("iea-2026", "2026-11-30", 0)
    assert found["title"] in ok("list", "vintages")


def test_inputs(ok: Callable[..., str], raw_priors: dict[str, dict[str, Any]]) -> None:
    found = {each["name"]: each for each in json.loads(ok("list", "inputs", "--json"))}
    assert found.keys() == raw_priors.keys()
    for name, entry in raw_priors.items():
        for key in ("family", "unit", "column", "grade", "source"):
            assert found[name][key] == entry[key]


def test_every_word_of_an_input_is_in_the_table(
    ok: Callable[..., str], raw_priors: dict[str, dict[str, Any]]
) -> None:
    said = ok("list", "inputs", "--block", "crypto")
    assert max(map(len, said.splitlines())) <= 120
    letters = "".join(said.split())
    for name, entry in raw_priors.items():
        assert (name in said) == name.startswith("crypto.")
        if name.startswith("crypto."):
            assert entry["unit"] in letters
            assert all(word in letters or len(word) > 25 for word in entry["source"].split())


def test_levers_have_their_neutral_value(
    ok: Callable[..., str], raw_priors: dict[str, dict[str, Any]]
) -> None:
    found = {each["name"]: each for each in json.loads(ok("list", "levers", "--json"))}
    levers = {name: entry for name, entry in raw_priors.items() if entry.get("role") == "lever"}
    assert found.keys() == levers.keys()
    for name, entry in levers.items():
        assert found[name]["arguments"]["value"] == entry["value"]


def test_families_say_what_they_need(ok: Callable[..., str]) -> None:
    found = {each["name"]: each for each in json.loads(ok("list", "families", "--json"))}
    assert found["quantiles"]["required"] == ["p05", "p95"]
    assert found["quantiles"]["optional"] == ["p50", "lower", "upper"]
    assert "quantiles" in ok("list", "families")


def test_designs_are_those_a_file_may_name(ok: Callable[..., str]) -> None:
    found = [each["name"] for each in json.loads(ok("list", "designs", "--json"))]
    assert found == list(get_args(Method.__value__))


@pytest.mark.slow
def test_outputs_have_units(ok: Callable[..., str]) -> None:
    found = {each["name"]: each for each in json.loads(ok("list", "outputs", "--json"))}
    assert found["demand"]["unit"] == "TWh"
    assert found["demand"]["dimensions"] == ["year", "segment"]
    assert all(each["unit"] and each["meaning"] for each in found.values())


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (
            ["inputs", "--block", "cripto"],
            'no inputs in a block called cripto (did you mean "crypto"?',
        ),
        (["levers", "--block", "zzz"], "expected one of "),
        (["scenarios", "--block", "crypto"], "--block goes with inputs, levers and outputs"),
        (["inptus"], '(did you mean "inputs"?)'),
    ],
)
def test_what_is_not_there_is_refused(
    refused: Callable[..., str], args: list[str], said: str
) -> None:
    assert said in refused("list", *args)

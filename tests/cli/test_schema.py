import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from forecast import shipped


def test_the_scenario_schema_knows_inputs_levers_and_vintages(
    ok: Callable[..., str], raw_priors: dict[str, dict[str, Any]]
) -> None:
    found = json.loads(ok("schema"))["properties"]
    levers = {name for name, entry in raw_priors.items() if entry.get("role") == "lever"}
    assert set(found["levers"]["properties"]) == levers
    assert set(found["inputs"]["properties"]) == set(raw_priors) - levers
    files = (shipped.priors() / "vintages").glob("*.yaml")
    assert set(found["vintage"]["enum"]) == {file.stem for file in files}


def test_a_vintage_declares_uncertain_inputs_and_says_where_from(
    ok: Callable[..., str], raw_priors: dict[str, dict[str, Any]]
) -> None:
    found = json.loads(ok("schema", "vintage"))
    inputs = found["properties"]["inputs"]
    levers = {name for name, entry in raw_priors.items() if entry.get("role") == "lever"}
    assert set(inputs["propertyNames"]["enum"]) == set(raw_priors) - levers
    assert set(inputs["additionalProperties"]["required"]) == {"source", "as_of", "grade", "why"}
    assert set(found["required"]) == {"title", "as_of"}


@pytest.mark.parametrize("kind", ["scenario", "observations"])
def test_shipped_files_use_no_other_keys(ok: Callable[..., str], kind: str) -> None:
    schema = json.loads(ok("schema", kind))
    assert schema["additionalProperties"] is False
    folder = shipped.scenarios() if kind == "scenario" else shipped.observations()
    yaml = YAML(typ="safe", pure=True)
    for file in folder.glob("*.yaml"):
        said = yaml.load(file)
        assert set(schema["required"]) <= set(said) <= set(schema["properties"])


def test_every_entry_fits_one_family_of_the_priors_schema(
    ok: Callable[..., str], raw_priors: dict[str, dict[str, Any]]
) -> None:
    kinds = json.loads(ok("schema", "priors"))["additionalProperties"]["oneOf"]
    families = {kind["properties"]["family"]["const"]: kind for kind in kinds}
    for entry in raw_priors.values():
        kind = families[entry["family"]]
        assert set(kind["required"]) <= set(entry) <= set(kind["properties"])


def test_a_file_is_written_once(ok: Callable[..., str], refused: Callable[..., str]) -> None:
    assert ok("schema", "scenario", "-o", "s.json") == "s.json\n"
    assert json.loads(Path("s.json").read_text()) == json.loads(ok("schema", "scenario"))
    assert "is there already" in refused("schema", "-o", "s.json")
    ok("schema", "priors", "-o", "s.json", "--force")
    assert json.loads(Path("s.json").read_text())["title"] == "forecast priors file"


def test_a_missing_folder_is_refused(refused: Callable[..., str]) -> None:
    assert "there is no folder nowhere" in refused("schema", "-o", "nowhere/s.json")
    assert '(did you mean "scenario"?)' in refused("schema", "scenrio")

"""The schemas agree with the reader on every file of the tests, right and wrong."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from forecast.spec.family import FAMILIES
from forecast.spec.register import Register
from forecast.spec.schema import json_schema

HERE = Path(__file__).parent


def references(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        own = {schema["$ref"]} if "$ref" in schema else set()
        return own.union(*map(references, schema.values()))
    return set().union(*map(references, schema)) if isinstance(schema, list) else set()


@pytest.mark.parametrize("kind", ["scenario", "vintage", "priors", "dependence", "observations"])
def test_references_lead_to_definitions_at_the_root(kind: Any, register: Register) -> None:
    schema = json_schema(kind, register)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    defined = {f"#/$defs/{name}" for name in schema.get("$defs", {})}
    assert references(schema) <= defined


def test_entries_are_closed_and_one_a_family() -> None:
    entries = json_schema("priors")["additionalProperties"]["oneOf"]
    assert [entry["properties"]["family"]["const"] for entry in entries] == list(FAMILIES)
    quantiles = entries[list(FAMILIES).index("quantiles")]
    assert quantiles["additionalProperties"] is False
    assert {"p05", "p95", "unit", "column", "source", "as_of", "grade", "why"} <= set(
        quantiles["required"]
    )
    assert not {"p50", "lower", "upper", "scope", "role"} & set(quantiles["required"])
    assert "mean" not in quantiles["properties"]


def test_names_of_the_register_are_completed(register: Register) -> None:
    properties = json_schema("scenario", register)["properties"]
    assert set(properties["levers"]["properties"]) == {"facility.cap"}
    assert "adoption.rate" in properties["inputs"]["properties"]
    assert "facility.cap" not in properties["inputs"]["properties"]
    assert properties["inputs"]["additionalProperties"] is False
    assert properties["vintage"] == {"enum": ["early", "iea-2026"]}
    assert json_schema("scenario", register)["required"] == ["title"]


def test_another_kind_is_a_wrong_call() -> None:
    with pytest.raises(ValueError, match="allowed: scenario, vintage, priors"):
        json_schema("policy")  # type: ignore[arg-type]


FILES = {
    "priors": ["register/adoption.yaml", "register/facility.yaml"],
    "dependence": ["register/dependence.yaml"],
    "observations": ["register/observations/iea-2026.yaml", "register/observations/cases.yaml"],
    "vintage": ["register/vintages/early.yaml", "register/vintages/iea-2026.yaml"],
    "scenario": [f"scenarios/{n}.yaml" for n in ("base", "fast", "power-cap", "tight-cap")],
}
WRONG = {
    "priors": ["unknown-key", "number-as-text", "missing-unit", "grade", "role", "column-too-high",
               "argument-of-other-family", "unknown-family", "sd-zero", "view-argument"],
    "dependence": ["correlation-one", "three-inputs", "not-a-group"],
    "observations": ["missing-url", "url", "scope-basis", "error-negative", "empty-list",
                     "bias-negative", "factor-without-why", "relation"],
    "vintage": ["bare-number", "column", "inputs-list", "lever", "missing-as-of", "month",
                "says-too-little", "unknown-input", "unknown-key", "year"],
    "scenario": ["missing-title", "horizon-too-far", "unknown-key", "unknown-input", "method",
                 "lever-among-inputs", "vintage-missing", "sampling-key", "seed-not-whole",
                 "calibration-key", "calibration-shape", "calibration-not-a-mapping"],
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_a_validator_accepts_what_the_reader_accepts(kind: Any, register: Register) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema(kind, register)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    load = YAML(typ="safe", pure=True)
    for name in FILES[kind]:
        # A date such as 2024-01-31 is text to the reader, as it is to editors (YAML 1.2).
        data = _without_dates(load.load((HERE / name).read_text()))
        assert list(validator.iter_errors(data)) == []
    folder = f"{kind}s" if kind in ("scenario", "vintage") else kind
    for name in WRONG[kind]:
        data = _without_dates(load.load((HERE / "bad" / folder / f"{name}.yaml").read_text()))
        assert list(validator.iter_errors(data)), name


def _without_dates(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_dates(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_dates(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value

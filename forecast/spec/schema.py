"""JSON Schemas for editors, derived from the shapes that the reader itself uses."""

from collections.abc import Iterable
from typing import Any, Final, Literal

from pydantic import BaseModel

from forecast.spec.arguments import View
from forecast.spec.family import FAMILIES, SIMPLE
from forecast.spec.groups import GroupEntry
from forecast.spec.merge import LOCKED
from forecast.spec.observation import PublicationEntry
from forecast.spec.prior import Entry
from forecast.spec.register import Register
from forecast.spec.scenario import ScenarioEntry
from forecast.spec.settings import section_of
from forecast.spec.shape import DATE, NAME
from forecast.spec.vintage import SAID, VintageEntry

type Kind = Literal["scenario", "vintage", "priors", "dependence", "observations"]
type Schema = dict[str, Any]

_DAY: Final = r"^\d{4}-\d{2}-\d{2}$"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: Kind, register: Register | None = None) -> Schema:
    """JSON Schema of a kind of file.

    Parameters
    ----------
    kind : "scenario", "vintage", "priors", "dependence" or "observations"
    register : Register, optional
        Inputs and vintages there are, so that editors complete and underline their names.

    Returns
    -------
    dict
        JSON Schema 2020-12.

    Raises
    ------
    ValueError
        For another kind.
    """
    if kind == "scenario":
        body = _scenario(register)
    elif kind == "vintage":
        body = _vintage(register)
    elif kind == "priors":
        body = {
            "type": "object",
            "propertyNames": {"pattern": NAME},
            "additionalProperties": {"oneOf": [_entry(family) for family in FAMILIES]},
        }
    elif kind == "dependence":
        body = {"type": "array", "items": _shape(GroupEntry)}
    elif kind == "observations":
        body = _shape(PublicationEntry)
    else:
        allowed = "scenario, vintage, priors, dependence, observations"
        raise ValueError(f"kind: got {kind!r}, allowed: {allowed}")
    title = f"forecast {kind} file"
    return _with_definitions({"$schema": _DIALECT, **body, "title": title})


def _shape(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(ref_template="#/$defs/{model}")


def _with_definitions(schema: Schema) -> Schema:
    """Move definitions to the root, where references lead; let a date be a plain year."""
    found: Schema = {}

    def stripped(value: Any) -> Any:
        if isinstance(value, dict):
            if "$defs" in value:
                found.update(stripped(value["$defs"]))
            bare = {key: stripped(each) for key, each in value.items() if key != "$defs"}
            # A date that is a plain year is a number in YAML.
            year = bare.get("pattern") == DATE
            return {"anyOf": [bare, {"type": "integer"}]} if year else bare
        return [stripped(each) for each in value] if isinstance(value, list) else value

    body: Schema = stripped(schema)
    return {**body, "$defs": found} if found else body


def _entry(family: str) -> Schema:
    """Entry of a priors file, of one family."""
    return _joined([Entry, FAMILIES[family].shape], family)


def _view(family: str) -> Schema:
    return _joined([View, FAMILIES[family].shape], family)


def _joined(models: Iterable[type[BaseModel]], family: str) -> Schema:
    """Keys of several shapes in one mapping, its family said."""
    parts = [_shape(model) for model in models]
    properties = {key: value for part in parts for key, value in part["properties"].items()}
    properties["family"] = {"const": family}
    if family == "mixture":
        views = {"oneOf": [_view(simple) for simple in SIMPLE]}
        properties["views"] = {**properties["views"], "additionalProperties": views}
    definitions = {key: value for part in parts for key, value in part.get("$defs", {}).items()}
    return {
        "type": "object",
        "title": family,
        "description": parts[-1].get("description", ""),
        "properties": properties,
        "required": [key for part in parts for key in part.get("required", [])],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _scenario(register: Register | None) -> Schema:
    body = _shape(ScenarioEntry)
    properties = body["properties"]
    for section in ("inputs", "levers"):
        properties[section] = {"type": "object", "additionalProperties": _override()}
        if register is not None:
            names = [n for n, entry in register.entries.items() if section_of(entry) == section]
            listed = {name: {"$ref": "#/$defs/Override"} for name in names}
            properties[section] = {
                "type": "object",
                "properties": listed,
                "additionalProperties": False,
                "$defs": {"Override": _override()},
            }
    if register is not None and register.vintages:
        properties["vintage"] = {"enum": list(register.vintages)}
    properties["dependence"] = {"type": "array", "items": _shape(GroupEntry)}
    # What a file leaves out may come from one that it extends.
    body["required"] = ["title"]
    for name in ("SamplingEntry", "CalibrationEntry", "TargetEntry", "CaseEntry"):
        body["$defs"][name] = {**body["$defs"][name], "required": []}
    return body


def _vintage(register: Register | None) -> Schema:
    body = _shape(VintageEntry)
    properties = body["properties"]
    properties["as_of"] = {"description": "YYYY-MM-DD", "type": "string", "pattern": _DAY}
    _, changes = _override()["anyOf"]
    properties["inputs"] = {
        "type": "object",
        "additionalProperties": {**changes, "required": list(SAID)},
    }
    if register is not None:
        names = [n for n, entry in register.entries.items() if section_of(entry) == "inputs"]
        properties["inputs"]["propertyNames"] = {"enum": names}
    properties["dependence"] = {"type": "array", "items": _shape(GroupEntry)}
    return body


def _override() -> Schema:
    """Override of an input: a number, or any keys of an entry that a scenario may change."""
    common = _shape(Entry)["properties"]
    changes: Schema = {key: value for key, value in common.items() if key not in LOCKED}
    changes["family"] = {"enum": list(FAMILIES)}
    for kind in FAMILIES.values():
        for key in kind.shape.model_fields:
            changes.setdefault(key, {})
    return {
        "anyOf": [
            {"type": "number"},
            {"type": "object", "properties": changes, "additionalProperties": False},
        ]
    }

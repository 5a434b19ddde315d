"""A resolved scenario as YAML text and back, and what two of them differ in."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Annotated, Any, Final

from pydantic import Field

from forecast.spec.calibration import CalibrationEntry, calibration_of, plain
from forecast.spec.dependence import Dependence
from forecast.spec.family import Closed, Text
from forecast.spec.faults import Faults
from forecast.spec.groups import build_groups
from forecast.spec.node import Node
from forecast.spec.prior import Prior, build
from forecast.spec.rules import plain_rules, stored_rules
from forecast.spec.scenario import Sampling, SamplingEntry, Scenario, ScenarioEntry
from forecast.spec.shape import checked
from forecast.spec.yaml import parse

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./+-]*")
_WORD: Final = re.compile(r"(?i)null|true|false|~")
_HEAD: Final = "# A resolved scenario: everything that a run needs, written by forecast.\n"


class _Stored(Closed):
    """Keys of a resolved scenario."""

    name: Text
    title: Text
    summary: str = ""
    source: str = ""
    vintage: str | None = None
    horizon: Annotated[int, Field(ge=0)] = ScenarioEntry.model_fields["horizon"].default
    failed_share: float
    sampling: SamplingEntry
    calibration: CalibrationEntry | None = None
    priors: dict[str, Any]
    dependence: list[Any] = []
    rules: list[Any] = []


def resolved(scenario: Scenario) -> dict[str, Any]:
    """Everything a scenario says, as plain values; nothing about the files that said it.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    dict
        As written by `to_yaml`.
    """
    head: dict[str, Any] = {
        "name": scenario.name,
        "title": scenario.title,
        "summary": scenario.summary,
        "source": scenario.source,
        "vintage": scenario.vintage,
        "horizon": scenario.horizon,
        "failed_share": scenario.failed_share,
        "sampling": {
            "method": scenario.sampling.method,
            "draws": scenario.sampling.draws,
            "seed": scenario.sampling.seed,
        },
    }
    if scenario.calibration:
        head["calibration"] = plain(scenario.calibration)
    plain_rule = {"rules": plain_rules(scenario.rules, _entry)} if scenario.rules else {}
    return {
        **{key: value for key, value in head.items() if value not in ("", None)},
        "priors": {name: _entry(prior) for name, prior in scenario.priors.items()},
        "dependence": [_group(group) for group in scenario.dependence],
        **plain_rule,
    }


def to_yaml(scenario: Scenario, *, origin: bool = False) -> str:
    """YAML text of a resolved scenario.

    Parameters
    ----------
    scenario : Scenario
    origin : bool
        Whether to say beside each value, in a comment, which file and line gave it.

    Returns
    -------
    str
        Read back by `from_yaml` to an equal scenario.
    """
    origins = scenario.origins if origin else {}
    files = "".join(f"# from {file}\n" for file in scenario.files) if origin else ""
    return _HEAD + files + "\n".join(_lines(resolved(scenario), origins)) + "\n"


def from_yaml(text: str, *, file: str = "scenario.yaml") -> Scenario:
    """Scenario from the text that `to_yaml` wrote; needs no other file.

    Parameters
    ----------
    text : str
    file : str
        Name for messages.

    Returns
    -------
    Scenario

    Raises
    ------
    InputErrors
        Where the text was changed to something that does not hold together.
    """
    faults = Faults()
    root = parse(text, file, faults)
    if root is not None and not isinstance(root.value, dict):
        faults.file(file, "expected a resolved scenario", 1, 1)
    if root is None or not isinstance(root.value, dict):
        faults.raise_any()
        raise AssertionError("unreachable: a text without a root has a fault")
    head = checked(_Stored, root, faults)
    nodes = root.value["priors"].mapping() if "priors" in root.value else {}
    priors = {name: prior for name, node in nodes.items() if (prior := build(name, node, faults))}
    listed = root.value.get("dependence")
    groups = build_groups(listed, priors, nodes, faults) if listed else ()
    rules = stored_rules(
        root.value.get("rules"), lambda name, node: build(name, node, faults), faults
    )
    faults.raise_any()
    assert head is not None, "a scenario without fault has a head"
    kept = head.model_dump(exclude={"priors", "dependence", "rules", "sampling", "calibration"})
    return Scenario(
        **kept,
        sampling=Sampling(**head.sampling.model_dump()),
        calibration=calibration_of(head.calibration),
        priors=priors,
        dependence=groups,
        rules=rules,
        files=(file,),
        origins={path: f"{node.file}:{node.line}" for path, node in _places(root)},
    )


def differences(first: Scenario, second: Scenario) -> list[tuple[str, Any, Any]]:
    """Compare two resolved scenarios.

    Parameters
    ----------
    first, second : Scenario

    Returns
    -------
    list of (path, value in first, value in second)
        In the order of the first, then of the second; None where one has no such value.
    """
    left, right = dict(_flat(first)), dict(_flat(second))
    return [
        (path, left.get(path), right.get(path))
        for path in dict.fromkeys((*left, *right))
        if left.get(path) != right.get(path)
    ]


def _flat(scenario: Scenario) -> Iterator[tuple[str, Any]]:
    plain = resolved(scenario)
    for name, entry in plain.pop("priors").items():
        yield from _leaves(name, entry)
    for group in plain.pop("dependence"):
        pairs = {" ".join(p["between"]): _measure(p) for p in group.pop("pairs")}
        yield from _leaves(f"dependence.{group['name']}", {**group, "pairs": pairs})
    for rule in plain.pop("rules", []):
        yield from _leaves(f"rules.{rule['policy']}", rule)
    for key, value in plain.items():
        yield from _leaves(key, value)


def _measure(pair: Mapping[str, Any]) -> str:
    return next(f"{key} {value}" for key, value in pair.items() if key != "between")


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(f"{path}.{key}", each)
    else:
        yield path, value


def _places(root: Node) -> Iterator[tuple[str, Node]]:
    for key, node in root.mapping().items():
        if key == "priors":
            for name, entry in node.mapping().items():
                yield from entry.leaves(name)
        elif key not in ("dependence", "rules"):
            yield from node.leaves(key)


def _entry(prior: Prior) -> dict[str, Any]:
    names = [field.name for field in fields(prior) if field.name not in ("name", "arguments")]
    rest = {name: getattr(prior, name) for name in names if name != "family"}
    entry = {"family": prior.family, **prior.arguments, **rest}
    return {key: value for key, value in entry.items() if value not in ("", None)}


def _group(group: Dependence) -> dict[str, Any]:
    head = {"name": group.name, "copula": group.copula, "df": group.df}
    tail = {"source": group.source, "as_of": group.as_of, "grade": group.grade, "why": group.why}
    pairs = [{"between": [p.first, p.second], p.measure: p.value} for p in group.pairs]
    kept = {key: value for key, value in head.items() if value is not None}
    return {**kept, "pairs": pairs, **tail}


def _lines(mapping: Mapping[str, Any], origins: Mapping[str, str]) -> Iterator[str]:
    """Text of a scenario, line by line."""
    for key, value in mapping.items():
        if key == "priors":
            yield "priors:"
            for name, entry in value.items():
                yield from _block(name, entry, name, origins, 2)
        elif key == "rules":
            yield "rules:"
            yield from (f"  - {_flow(rule)}" for rule in value)
        elif key == "dependence":
            yield "dependence:" if value else "dependence: []"
            for group in value:
                note = origins.get(f"dependence.{group['name']}", "")
                yield f"  - {_flow(group)}{_note(note)}"
        else:
            yield from _block(key, value, key, origins, 0)


def _block(
    key: str, value: Any, path: str, origins: Mapping[str, str], indent: int
) -> Iterator[str]:
    start = " " * indent + f"{_text(key)}:"
    if isinstance(value, dict) and value:
        yield start
        for name, each in value.items():
            yield from _block(name, each, f"{path}.{name}", origins, indent + 2)
    else:
        yield f"{start} {_flow(value)}{_note(origins.get(path, ''))}"


def _note(origin: str) -> str:
    return f"  # {origin}" if origin else ""


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, float):
        # repr is the shortest text that reads back to the same bits.
        return repr(value).removesuffix(".0")
    return _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    """Text as a plain word where that is safe, else in double quotes."""
    if _PLAIN.fullmatch(text) and not _WORD.fullmatch(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else _escaped(sign) for sign in quoted)


def _escaped(sign: str) -> str:
    code = ord(sign)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

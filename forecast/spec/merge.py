"""The one rule by which files are laid over each other.

Mappings merge key by key, the later wins; anything else replaces. Naming another family drops the
arguments of the old one, since they mean nothing to it. A bare number is a fixed value.
"""

from collections.abc import Mapping
from typing import Final

from forecast import units
from forecast.spec.arguments import View
from forecast.spec.family import FAMILIES
from forecast.spec.faults import Faults
from forecast.spec.node import Node
from forecast.spec.prior import Entry

LOCKED: Final = ("column", "role", "at_least", "at_most")
"""Keys of an entry that no scenario may change."""


def merged(base: Node, over: Node) -> Node:
    """One value laid over another.

    Parameters
    ----------
    base, over : Node

    Returns
    -------
    Node
        At the place of `over`; everything inside keeps its own place.
    """
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    kept = base.value
    if _changes_family(kept, over.value):
        kept = {key: n for key, n in kept.items() if key in Entry.model_fields or key in _VIEW}
    both = dict(kept)
    for key, node in over.value.items():
        both[key] = merged(kept[key], node) if key in kept else node
    return over.with_value(both)


_VIEW: Final = frozenset(View.model_fields)


def _changes_family(base: Mapping[str, Node], over: Mapping[str, Node]) -> bool:
    return "family" in over and "family" in base and over["family"].value != base["family"].value


def overridden(name: str, entry: Node, over: Node, faults: Faults) -> Node:
    """Entry of an input with a scenario's override laid over it.

    Parameters
    ----------
    name : str
        Of the input, for messages.
    entry : Node
        As written in the register, or after earlier overrides.
    over : Node
        A number, or a mapping of keys to change.
    faults : Faults
        Receives keys that may not change, and units that do not fit.

    Returns
    -------
    Node
        Unchecked: what results may still be faulty.
    """
    if isinstance(over.value, int | float) and not isinstance(over.value, bool):
        over = over.with_value({"family": over.with_value("fixed"), "value": over})
    if over.is_broken():
        return entry
    if not isinstance(over.value, dict):
        faults.value(over, "expected a number, or a mapping of what changes")
        return entry
    for key in LOCKED:
        if key in over.value:
            faults.key(over.value[key], f"{key} of {name} belongs to its priors file")
    changes = {key: node for key, node in over.value.items() if key not in LOCKED}
    if "unit" in changes and isinstance(entry.value, dict):
        changes = _in_unit(entry.value, over, changes, faults)
    return merged(entry, over.with_value(changes))


def _in_unit(
    entry: Mapping[str, Node], over: Node, changes: dict[str, Node], faults: Faults
) -> dict[str, Node]:
    """Override with its numbers turned into the unit of the input."""
    unit = changes.pop("unit")
    given, wanted = unit.value, entry["unit"].value if "unit" in entry else None
    if not isinstance(given, str) or not isinstance(wanted, str):
        faults.value(unit, "expected a unit as text")
        return changes
    if given == wanted:
        return changes
    family = str(changes.get("family", entry.get("family", unit)).value)
    if family not in FAMILIES:
        return changes
    # Required keys that are missing after a change of family are told when the prior is built.
    stale = () if _changes_family(entry, changes) else entry
    needed = [
        key
        for key, field in FAMILIES[family].shape.model_fields.items()
        if key not in changes
        and (key in stale or not (field.is_required() or field.default is None))
    ]
    for key in needed:
        problem = f"missing: an override in {given} must give every number of {family}"
        path = f"{over.path}.{key}"
        faults.file(over.file, problem, over.key_line, over.key_column, path=path)
    found, refused = units.factors([(given, wanted)])
    if refused:
        faults.value(unit, refused[given, wanted])
        return changes
    return _scaled(family, changes, found[given, wanted])


def _scaled(family: str, nodes: Mapping[str, Node], factor: float) -> dict[str, Node]:
    kind = FAMILIES[family]
    carry = set(kind.shape.model_fields) - kind.unitless
    return {key: _times(node, factor) if key in carry else node for key, node in nodes.items()}


def _times(node: Node, factor: float) -> Node:
    value = node.value
    if isinstance(value, dict) and "weight" in value:
        family = str(value["family"].value) if "family" in value else ""
        return node.with_value(_scaled(family, value, factor) if family in FAMILIES else value)
    if isinstance(value, dict):
        return node.with_value({key: _times(each, factor) for key, each in value.items()})
    if isinstance(value, list):
        return node.with_value([_times(each, factor) for each in value])
    if isinstance(value, int | float) and not isinstance(value, bool):
        return node.with_value(value * factor)
    return node

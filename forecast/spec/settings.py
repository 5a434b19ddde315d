"""`--set path=value`: the grammar of the files, on the command line."""

from collections.abc import Mapping
from typing import Final

from forecast.spec.faults import Faults, nearest
from forecast.spec.node import Node, Value
from forecast.spec.prior import Entry
from forecast.spec.scenario import SCENARIO_KEYS
from forecast.spec.yaml import parse

FILE: Final = "--set"
"""What stands in place of a file in messages; the line is the number of the `--set`."""


def read_setting(text: str, count: int, entries: Mapping[str, Node], faults: Faults) -> Node | None:
    """Tree of one setting, as a scenario file that says nothing else.

    Parameters
    ----------
    text : str
        `sampling.seed=7`, `adoption.rate.p50=0.7` or `adoption.rate={family: uniform, …}`.
    count : int
        Its number among the settings, from one.
    entries : mapping
        Name of every input → entry of the register.
    faults : Faults

    Returns
    -------
    Node or None
        None where it cannot be read.
    """
    path, sign, value = text.partition("=")
    path = path.rstrip()
    if not sign:
        faults.file(FILE, f"{text}: expected path=value", count, 1)
        return None
    node = parse(value, FILE, faults, start=(count, text.index("=") + 2))
    if node is None:
        return None
    words = path.split(".")
    if "" in words or path != path.strip():
        faults.file(FILE, f"{path!r}: expected words joined by dots", count, 1)
        return None
    if words[0] in SCENARIO_KEYS:
        return _of_scenario(words, node, count, faults)
    return _of_input(words, node, count, entries, faults)


def _of_scenario(words: list[str], node: Node, count: int, faults: Faults) -> Node | None:
    """Read a setting that begins with a key of scenario files."""
    if words[0] == "extends":
        faults.file(FILE, "extends cannot be set; name the scenario instead", count, 1)
        return None
    keys = words
    if words[0] in ("inputs", "levers") and len(words) > 2:
        keys = [words[0], f"{words[1]}.{words[2]}", *words[3:]]
    return _nested(keys, node, count, ".".join(words))


def _of_input(
    words: list[str], node: Node, count: int, entries: Mapping[str, Node], faults: Faults
) -> Node | None:
    """Read a setting that begins with a block of the model."""
    name = ".".join(words[:2])
    if name not in entries:
        near = nearest(name, (*entries, *SCENARIO_KEYS))
        what = "input" if len(words) > 1 else "input or scenario key"
        faults.file(FILE, f"no such {what}", count, 1, path=name, hint=near)
        return None
    section = section_of(entries[name])
    return _nested([section, name, *words[2:]], node, count, ".".join(words), skip=1)


def section_of(entry: Node) -> str:
    """Part of a scenario that an input belongs in.

    Parameters
    ----------
    entry : Node
        Of the register.

    Returns
    -------
    str
        `inputs` or `levers`.
    """
    role = entry.mapping().get("role")
    default = Entry.model_fields["role"].default
    return "levers" if (role.value if role else default) == "lever" else "inputs"


def _nested(keys: list[str], leaf: Node, count: int, path: str, *, skip: int = 0) -> Node:
    """Nest mappings down to the value; the first `skip` keys were not written."""
    node = _under(leaf, path)
    node.key_line, node.key_column = count, 1 + path.rfind(".") + 1
    for depth in range(len(keys) - 1, -1, -1):
        above = ".".join(keys[skip:depth])
        column = above.rfind(".") + 2
        value: Value = {keys[depth]: node}
        node = Node(value, FILE, count, 1, count, column, above)
    return node


def _under(node: Node, path: str) -> Node:
    """Node with the paths inside it put under another path."""
    value = node.value
    below = f"{path}.{node.path}" if node.path and node.path[0] != "[" else path + node.path
    if isinstance(value, dict):
        value = {key: _under(each, path) for key, each in value.items()}
    elif isinstance(value, list):
        value = [_under(each, path) for each in value]
    return Node(value, node.file, node.line, node.column, node.key_line, node.key_column, below)

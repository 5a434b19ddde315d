"""A value from a file, with the place it came from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Broken:
    """Stands for a value that was refused while parsing, so that checking can go on around it."""


BROKEN: Final = Broken()

type Value = None | bool | int | float | str | Broken | dict[str, "Node"] | list["Node"]


@dataclass(slots=True)
class Node:
    """A value and its place; treated as frozen (not declared so: thousands are made at start-up).

    Attributes
    ----------
    value : Value
        Nodes again inside a mapping or a list.
    file : str
        As shown to the user.
    line, column : int
        Where the value starts, from one.
    key_line, key_column : int
        Where its key starts; the value's own place if it has none.
    path : str
        Dotted path inside the file.
    """

    value: Value
    file: str
    line: int
    column: int
    key_line: int
    key_column: int
    path: str

    def plain(self) -> Any:
        """Value without places: dicts, lists, numbers and text."""
        value = self.value
        if isinstance(value, dict):
            return {key: node.plain() for key, node in value.items()}
        if isinstance(value, list):
            return [node.plain() for node in value]
        return value

    def mapping(self) -> dict[str, "Node"]:
        """Children by key; empty where the value is no mapping."""
        return self.value if isinstance(self.value, dict) else {}

    def items(self) -> list["Node"]:
        """Children in order; empty where the value is no list."""
        return self.value if isinstance(self.value, list) else []

    def with_value(self, value: Value) -> "Node":
        """Return another value at the same place."""
        return Node(
            value, self.file, self.line, self.column, self.key_line, self.key_column, self.path
        )

    def find(self, location: tuple[Any, ...]) -> "Node":
        """Follow keys and positions down to the deepest node that exists."""
        node = self
        for step in location:
            value = node.value
            if isinstance(value, dict) and step in value:
                node = value[step]
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                node = value[step]
            # Any other step is pydantic's name for an alternative, or leads to what is not there.
        return node

    def leaves(self, prefix: str) -> Iterator[tuple[str, "Node"]]:
        """Every node that holds no mapping, with its dotted path below `prefix`."""
        if isinstance(self.value, dict) and self.value:
            for key, node in self.value.items():
                yield from node.leaves(f"{prefix}.{key}" if prefix else key)
        else:
            yield prefix, self

    def is_broken(self) -> bool:
        """Whether anything inside was refused while parsing."""
        if isinstance(self.value, dict):
            return any(node.is_broken() for node in self.value.values())
        if isinstance(self.value, list):
            return any(node.is_broken() for node in self.value)
        return self.value is BROKEN

"""YAML 1.2 files as plain values, each with its line and column; everything clever is refused.

Built on ruamel.yaml's events rather than on its loaders: half the time, both places of every
entry, no recursion, and full control over what a plain word means.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeGuard

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from forecast.errors import shown
from forecast.spec.faults import Faults
from forecast.spec.guard import MAX_DEPTH, accepted, read_text
from forecast.spec.node import BROKEN, Node, Value

_INTEGER: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: Final[dict[str, bool | None]] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_ADVICE: Final = {
    "while scanning a quoted scalar": "the quote is not closed",
    "while parsing a flow": "a bracket or brace is not closed, or a comma is missing",
    "mapping values are not allowed here": (
        'a second ": " in one value; check the indentation, or put the text in quotes'
    ),
    "could not find expected ':'": 'expected "key: value"',
    "but found": "the indentation does not fit the lines above",
    "cannot start any token": "a character that cannot start a value; put the text in quotes",
}


def read(
    path: Path, faults: Faults, *, top: type[dict[Any, Any] | list[Any]] = dict
) -> Node | None:
    """Read a YAML file.

    Parameters
    ----------
    path : Path
    faults : Faults
        Receives everything that is refused, with line and column.
    top : dict or list
        What the file must hold.

    Returns
    -------
    Node or None
        None where the file cannot be read at all. Values that were refused alone are `BROKEN`.
    """
    text = read_text(path, faults)
    if text is None:
        return None
    file = shown(path)
    node = _Builder(file, faults).build(text)
    if node is None or node.value is BROKEN:
        return None
    if node.value is None:
        faults.file(file, "empty file")
        return None
    if not isinstance(node.value, top):
        wanted = "keys with values" if top is dict else "a list of entries"
        faults.file(file, f"expected {wanted} at the top", node.line, node.column)
        return None
    return node


def parse(text: str, file: str, faults: Faults, *, start: tuple[int, int] = (1, 1)) -> Node | None:
    """Read YAML from text, such as the value of a `--set`.

    Parameters
    ----------
    text : str
    file : str
        Where the text comes from, as shown to the user.
    faults : Faults
        Receives everything that is refused.
    start : line and column
        Of the first character of the text in `file`.

    Returns
    -------
    Node or None
        None where the text cannot be read at all; the value is None where it is empty.
    """
    if not accepted(text, file, faults, start=start):
        return None
    return _Builder(file, faults, start).build(text)


class _Builder:
    """One reading of one text. Iterative, so nesting cannot exhaust Python's stack."""

    def __init__(self, file: str, faults: Faults, start: tuple[int, int] = (1, 1)) -> None:
        self._file = file
        self._faults = faults
        self._line, self._column = start
        # Open collections, each with the event of the key that is waiting for its value.
        self._open: list[tuple[Node, ScalarEvent | AliasEvent | None]] = []
        self._root: Node | None = None
        self._reached = 0

    def build(self, text: str) -> Node | None:
        """Node of the whole text; None after a syntax error."""
        try:
            for event in _events(text):
                if not self._take(event):
                    return None
        except MarkedYAMLError as error:
            self._syntax(error)
            return None
        except (YAMLError, ValueError, OverflowError, IndexError, AttributeError, TypeError):
            # What ruamel.yaml lets slip on broken escapes, directives and tags.
            self._faults.file(self._file, "not YAML", self._line + self._reached, 1)
            return None
        return self._root or Node(None, self._file, self._line, self._column, 1, 1, "")

    def _take(self, event: Event) -> bool:
        """Add one event; false where reading must stop."""
        self._reached = event.start_mark.line
        if isinstance(event, DocumentStartEvent):
            if event.version or event.tags:
                self._fault(event, "a YAML directive (%) is not allowed")
                return False
            if self._root is not None:
                self._fault(event, "a second document (---) is not allowed")
                return False
        elif isinstance(event, ScalarEvent | AliasEvent):
            self._leaf(event)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._refuse_decoration(event)
            if len(self._open) >= MAX_DEPTH:
                self._fault(event, f"nested more than {MAX_DEPTH} levels deep")
                return False
            empty: Value = {} if isinstance(event, MappingStartEvent) else []
            self._open.append((self._place(event, empty), None))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            node, _ = self._open.pop()
            self._put(node)
        return True

    def _leaf(self, event: ScalarEvent | AliasEvent) -> None:
        if isinstance(event, AliasEvent):
            self._fault(event, f"alias *{event.anchor}: not allowed; write the value out")
        else:
            self._refuse_decoration(event)
        if self._open:
            parent, key = self._open[-1]
            if isinstance(parent.value, dict) and key is None:
                self._open[-1] = (parent, event)
                return
        self._put(self._place(event, self._scalar(event)))

    def _put(self, node: Node) -> None:
        """Add a finished value to the collection it stands in."""
        if not self._open:
            self._root = node
            return
        parent, key = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif isinstance(parent.value, dict):
            if key is None:
                # A collection as a key: `? [a, b]` or `{[a]: 1}`.
                self._faults.file(self._file, "a key must be plain text", node.line, node.column)
                self._open[-1] = (parent, ScalarEvent(None, None, (True, False), "?"))
                return
            self._open[-1] = (parent, None)
            self._enter(parent.value, key, node)

    def _enter(self, mapping: dict[str, Node], key: ScalarEvent | AliasEvent, node: Node) -> None:
        if not _written(key):
            return
        name = str(key.value)
        if name == "<<" and not key.style:
            self._fault(key, "merge key <<: not allowed; write the values out")
        elif not name:
            self._fault(key, "a key without a name")
        elif name in mapping:
            first = mapping[name].key_line
            problem = f"given twice, first in line {first}"
            self._faults.file(self._file, problem, *self._position(key), path=node.path)
        else:
            mapping[name] = node
            return

    def _path(self) -> str:
        """Path of the value that is read next."""
        if not self._open:
            return ""
        parent, key = self._open[-1]
        if isinstance(parent.value, list):
            return f"{parent.path}[{len(parent.value)}]"
        if not _written(key):
            return parent.path
        return f"{parent.path}.{key.value}" if parent.path else str(key.value)

    def _place(self, event: Event, value: Value) -> Node:
        line, column = self._position(event)
        key = self._open[-1][1] if self._open else None
        key_line, key_column = self._position(key) if _written(key) else (line, column)
        return Node(value, self._file, line, column, key_line, key_column, self._path())

    def _position(self, event: Event) -> tuple[int, int]:
        mark = event.start_mark
        return self._shifted(mark.line, mark.column)

    def _shifted(self, line: int, column: int) -> tuple[int, int]:
        return self._line + line, column + (self._column if line == 0 else 1)

    def _scalar(self, event: ScalarEvent | AliasEvent) -> Value:
        """Value of a scalar by the core schema of YAML 1.2, less what is not finite."""
        if isinstance(event, AliasEvent):
            return BROKEN
        text: str = event.value
        if event.style or not event.implicit[0]:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text) and len(text) < 300:
            return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if _FLOAT.fullmatch(text):
            value = float(text)
            if value - value == 0.0:
                return value
            self._fault(event, f"{text[:40]}: too large for a number")
            return BROKEN
        if _NOT_FINITE.fullmatch(text):
            self._fault(event, f"{text}: not a finite number")
            return BROKEN
        return text

    def _refuse_decoration(
        self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent
    ) -> None:
        if event.anchor is not None:
            self._fault(event, f"anchor &{event.anchor}: not allowed; write the value out")
        if event.tag is not None:
            self._fault(event, f"tag {event.tag}: not allowed")

    def _fault(self, event: Event, problem: str) -> None:
        self._faults.file(self._file, problem, *self._position(event), path=self._path())

    def _syntax(self, error: MarkedYAMLError) -> None:
        told = f"{error.context or ''} {error.problem or ''}".strip()
        advice = next((text for sign, text in _ADVICE.items() if sign in told), told)
        # Of something left open, the place where it was opened helps; else where it went wrong.
        marks = (error.problem_mark, error.context_mark)
        mark = marks[1] or marks[0] if "not closed" in advice else marks[0] or marks[1]
        place = self._shifted(mark.line, mark.column) if mark else (0, 0)
        self._faults.file(self._file, f"not YAML: {' '.join(advice.split())}", *place)


def _events(text: str) -> Iterator[Event]:
    yield from YAML(typ="safe", pure=True).parse(text)


def _written(key: ScalarEvent | AliasEvent | None) -> TypeGuard[ScalarEvent]:
    """Whether there is a key that was written as text (not an alias, nor a collection)."""
    return isinstance(key, ScalarEvent) and key.start_mark is not None

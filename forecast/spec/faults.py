"""Collecting faults, so that all faults of all files are told in one pass."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from forecast.errors import InputError, InputErrors
from forecast.spec.node import BROKEN, Node


class Faults:
    """The faults found so far in one reading of files.

    It lives for one reading and is passed down explicitly; nothing else keeps it.

    Parameters
    ----------
    layers : mapping from shown file to rank
        Files in the order in which they are laid over each other. Where two values contradict
        each other, the one that came last is blamed.
    """

    def __init__(self, layers: Mapping[str, int] | None = None) -> None:
        self._layers = dict(layers or {})
        self._found: list[InputError] = []

    def __len__(self) -> int:
        return len(self._found)

    def lay(self, file: str) -> None:
        """Note that a file is laid over all files before it."""
        self._layers[file] = len(self._layers) + 1

    def value(self, node: Node, problem: str, *, hint: str = "") -> None:
        """Note that the value of a node is wrong."""
        self.file(node.file, problem, node.line, node.column, path=node.path, hint=hint)

    def key(self, node: Node, problem: str, *, hint: str = "") -> None:
        """Note that the key of a node is wrong, or that something is missing below it."""
        self.file(node.file, problem, node.key_line, node.key_column, path=node.path, hint=hint)

    def clash(self, nodes: Iterable[Node], problem: str) -> None:
        """Note that values contradict each other; the one laid last, else the first, is blamed."""
        self.value(max(nodes, key=lambda node: self._layers.get(node.file, 0)), problem)

    def file(
        self,
        file: str,
        problem: str,
        line: int = 0,
        column: int = 0,
        *,
        path: str = "",
        hint: str = "",
    ) -> None:
        """Note a fault at a place that is not a node."""
        self._found.append(InputError(file, line, column, path, problem, hint))

    def take(self, other: "Faults") -> None:
        """Note all that another reading found."""
        self._found.extend(other._found)

    def raise_any(self) -> None:
        """Raise what was found, if anything.

        Raises
        ------
        InputErrors
        """
        if self._found:
            raise InputErrors(self._found)


def nearest(word: str, known: Iterable[str]) -> str:
    """Nearest known word, for "did you mean".

    Parameters
    ----------
    word : str
        As the user wrote it.
    known : iterable of str

    Returns
    -------
    str
        Empty where none is near.
    """
    by_folded = {name.casefold().replace("-", "_"): name for name in known}
    # Very long words cost quadratic time and mean none of the known ones.
    folded = word[:100].casefold().replace("-", "_")
    found = difflib.get_close_matches(folded, by_folded, n=5, cutoff=0.6)
    if not found:
        return ""
    # Of those equally near, the first that is known: p5 is p05 rather than p95.
    best = max(found, key=lambda name: _likeness(name, folded))
    near = {name for name in found if _likeness(name, folded) == _likeness(best, folded)}
    return next(whole for name, whole in by_folded.items() if name in near)


def _likeness(name: str, word: str) -> float:
    return difflib.SequenceMatcher(None, name, word).ratio()


def described(value: Any) -> str:
    """Say what a value from a file is, for "expected …, got …".

    Parameters
    ----------
    value : Any
        A plain value, or the dict or list of a node.

    Returns
    -------
    str
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:.6g}" if isinstance(value, float) else _cut(str(value))
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if value is BROKEN:
        return "an unreadable value"
    return f"text {_cut(str(value))!r}"


def number(value: float) -> str:
    """Write a number in a message: short, without a trailing `.0`.

    Parameters
    ----------
    value : float

    Returns
    -------
    str
    """
    return f"{value:.10g}"


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."

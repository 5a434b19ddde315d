"""The common modelling errors in words and numbers, read from `priors/audit/`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from forecast import shipped
from forecast.spec.family import Closed, Number, Text
from forecast.spec.faults import Faults
from forecast.spec.node import Node
from forecast.spec.prior import cites, dated, is_date
from forecast.spec.shape import DATE, NAME, checked
from forecast.spec.yaml import read

FOLDER: Final = "audit"
"""Of the errors, inside the folder of the priors; none of its numbers enters a forecast."""

Id = Annotated[str, Field(pattern=NAME)]
Date = Annotated[str, Field(description="YYYY, YYYY-MM or YYYY-MM-DD", pattern=DATE)]
Grade = Literal["A", "B", "C", "D"]


class NumberEntry(Closed):
    """A number that an error puts in the place of what is known."""

    value: Number
    unit: Text
    source: Text
    as_of: Date
    grade: Grade
    scope: Text
    why: Text


class ErrorEntry(Closed):
    """An error in plain words: what is done wrong, what that ignores, where it is seen."""

    id: Id
    title: Text
    wrong: Text
    ignores: Text
    seen: Text
    source: Text
    as_of: Date
    grade: Grade


class ErrorsEntry(Closed):
    """What `errors.yaml` says; a break is two ids of observations."""

    title: Text
    numbers: dict[str, NumberEntry]
    breaks: dict[str, Annotated[list[Text], Field(min_length=2, max_length=2)]]
    errors: Annotated[list[ErrorEntry], Field(min_length=1)]


class MistakeEntry(Closed):
    """An error as it would have been made in 2015."""

    id: Id
    title: Text
    wrong: Text


class NotThenEntry(Closed):
    """Errors that could not have been made in 2015, and why."""

    errors: Annotated[list[Id], Field(min_length=1)]
    why: Text


class OutturnEntry(Closed):
    """Ids of the observations that say what 2022 turned out to be."""

    total: Text
    crypto: Text
    workloads: Text


class HindcastEntry(Closed):
    """What `hindcast.yaml` says."""

    title: Text
    outturn: OutturnEntry
    revised: NumberEntry
    mistakes: Annotated[list[MistakeEntry], Field(min_length=1)]
    not_then: list[NotThenEntry]


@dataclass(frozen=True)
class AuditTexts:
    """Errors and mistakes, as read.

    Attributes
    ----------
    errors : ErrorsEntry
    hindcast : HindcastEntry
    """

    errors: ErrorsEntry
    hindcast: HindcastEntry

    @property
    def numbers(self) -> dict[str, float]:
        """Name → value of what the errors put in place, in the unit of its entry."""
        return {name: one.value for name, one in self.errors.numbers.items()}


def read_audit(folder: Path | None = None) -> AuditTexts:
    """Read the errors.

    Parameters
    ----------
    folder
        The shipped one if none is given.

    Returns
    -------
    AuditTexts

    Raises
    ------
    InputErrors
        With all faults of both files.
    """
    home = shipped.priors() / FOLDER if folder is None else folder
    faults = Faults()
    errors = _checked(ErrorsEntry, home / "errors.yaml", faults)
    hindcast = _checked(HindcastEntry, home / "hindcast.yaml", faults)
    faults.raise_any()
    assert errors is not None, "a file without fault is read"
    assert hindcast is not None, "a file without fault is read"
    return AuditTexts(errors, hindcast)


def _checked[Shape: Closed](shape: type[Shape], file: Path, faults: Faults) -> Shape | None:
    root = read(file, faults)
    if root is None:
        return None
    nodes = _with_dates(root)
    found = checked(shape, root, faults, nodes=nodes)
    for node in _sourced(nodes):
        _check_source(node.mapping(), faults)
    return found


def _with_dates(root: Node) -> dict[str, Node]:
    """The keys of a file, where a plain year stands for a date as text."""
    nodes = dict(root.mapping())
    if "numbers" in nodes:
        each = nodes["numbers"].mapping().items()
        nodes["numbers"] = nodes["numbers"].with_value({key: _dated(one) for key, one in each})
    if "errors" in nodes:
        nodes["errors"] = nodes["errors"].with_value([_dated(o) for o in nodes["errors"].items()])
    if "revised" in nodes:
        nodes["revised"] = _dated(nodes["revised"])
    return nodes


def _dated(node: Node) -> Node:
    return node.with_value(dated(node.mapping())) if node.mapping() else node


def _sourced(nodes: Mapping[str, Node]) -> Iterable[Node]:
    if "numbers" in nodes:
        yield from nodes["numbers"].mapping().values()
    if "errors" in nodes:
        yield from nodes["errors"].items()
    if "revised" in nodes:
        yield nodes["revised"]


def _check_source(nodes: Mapping[str, Node], faults: Faults) -> None:
    source, date = nodes.get("source"), nodes.get("as_of")
    if source is not None and isinstance(source.value, str) and not cites(source.value):
        problem = 'cites nothing: give a DOI, a URL, or the word "definition" or "judgement"'
        faults.value(source, problem)
    if date is not None and isinstance(date.value, str) and not is_date(date.value):
        faults.value(date, f"no such date: {date.value}")

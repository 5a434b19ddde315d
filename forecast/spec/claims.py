"""Claims of a talk, and other uses of electricity: published words beside a forecast."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from forecast import shipped
from forecast.spec.family import Closed, Number, Text
from forecast.spec.faults import Faults
from forecast.spec.node import Node
from forecast.spec.prior import cites, dated
from forecast.spec.shape import DATE, NAME, checked
from forecast.spec.yaml import read

CLAIMS: Final = "claims"
USES: Final = "perspective"
"""Folders inside that of the priors; none of their numbers enters a forecast."""

Id = Annotated[str, Field(pattern=NAME)]
Date = Annotated[str, Field(description="YYYY, YYYY-MM or YYYY-MM-DD", pattern=DATE)]
Grade = Literal["A", "B", "C", "D"]


class NewerEntry(Closed):
    """What was published after a claim was made."""

    says: Text
    source: Text
    as_of: Date
    grade: Grade


class ClaimEntry(Closed):
    """A claim: what it says and of what, as a range that may be open on one side.

    `same_source` says that the prior of the engine's figure is of the claim itself: where nothing
    else speaks, agreement tells nothing.
    """

    id: Id
    says: Text
    section: Text
    unit: Text
    boundary: Text
    denominator: str = ""
    quantity: Text | None = None
    low: Number | None = None
    high: Number | None = None
    why_not: str = ""
    same_source: bool = False
    note: str = ""
    newer: list[NewerEntry] = []


class ClaimsEntry(Closed):
    """What a file of claims says."""

    title: Text
    author: Text
    as_of: Date
    source: Text
    claims: Annotated[list[ClaimEntry], Field(min_length=1)]


class UseEntry(Closed):
    """A use of electricity in a year."""

    id: Id
    name: Text
    kind: Literal["denominator", "use", "country"]
    value: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
    unit: Literal["TWh"]
    year: int
    scope: Text
    source: Text
    as_of: Date
    grade: Grade


class UsesEntry(Closed):
    """What the file of uses says."""

    title: Text
    uses: Annotated[list[UseEntry], Field(min_length=1)]


@dataclass(frozen=True)
class Talk:
    """Claims of one talk.

    Attributes
    ----------
    title, author, as_of, source : str
    claims : tuple of ClaimEntry
    """

    title: str
    author: str
    as_of: str
    source: str
    claims: tuple[ClaimEntry, ...]


def read_claims(folder: Path | None = None) -> tuple[Talk, ...]:
    """Read every file of claims.

    Parameters
    ----------
    folder
        The shipped one if none is given.

    Raises
    ------
    InputErrors
        With all faults.
    """
    faults, found = Faults(), []
    for file in sorted((folder or shipped.priors() / CLAIMS).glob("*.yaml")):
        entry = _read(file, ClaimsEntry, faults)
        if entry is not None:
            _check_ids([one.id for one in entry.claims], file, faults)
            found.append(
                Talk(entry.title, entry.author, entry.as_of, entry.source, tuple(entry.claims))
            )
    faults.raise_any()
    return tuple(found)


def read_uses(folder: Path | None = None) -> tuple[UseEntry, ...]:
    """Read other uses of electricity.

    Parameters
    ----------
    folder
        The shipped one if none is given.

    Raises
    ------
    InputErrors
        With all faults.
    """
    faults, found = Faults(), []
    for file in sorted((folder or shipped.priors() / USES).glob("*.yaml")):
        entry = _read(file, UsesEntry, faults)
        if entry is not None:
            _check_ids([one.id for one in entry.uses], file, faults)
            found += entry.uses
    faults.raise_any()
    return tuple(found)


def _read[Shape: BaseModel](file: Path, shape: type[Shape], faults: Faults) -> Shape | None:
    root = read(file, faults)
    if root is None:
        return None
    _dates(root)
    for node in _sources(root):
        if isinstance(node.value, str) and not cites(node.value):
            faults.value(node, 'expected an address, a DOI, "definition" or "judgement"')
    return checked(shape, root, faults)


def _dates(root: Node) -> None:
    """Turn years that YAML reads as numbers into text, in place."""
    mapping = root.mapping()
    for key, node in dated(mapping).items():
        mapping[key] = node
    for node in mapping.values():
        for one in [*node.items(), *([node] if node.mapping() else [])]:
            _dates(one)


def _sources(root: Node) -> list[Node]:
    found = [node for key, node in root.mapping().items() if key == "source"]
    for node in root.mapping().values():
        for one in node.items():
            found += _sources(one)
    return found


def _check_ids(ids: list[str], file: Path, faults: Faults) -> None:
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        faults.file(str(file), f"the id {twice[0]} is given twice", 1, 1)

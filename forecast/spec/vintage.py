"""A vintage: what was known at a date, as priors laid over those of the register."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field

from forecast.errors import shown
from forecast.spec.compose import KEBAB
from forecast.spec.dependence import Dependence
from forecast.spec.family import Closed, Text
from forecast.spec.faults import Faults, described, nearest
from forecast.spec.groups import build_groups
from forecast.spec.merge import overridden
from forecast.spec.node import Node
from forecast.spec.prior import Prior, build, dated, is_date
from forecast.spec.settings import section_of
from forecast.spec.shape import DATE, checked
from forecast.spec.yaml import read

FOLDER: Final = "vintages"
"""Of the vintages, inside the folder of the priors."""

SAID: Final = ("source", "as_of", "grade", "why")
"""What an entry of a vintage must say itself: none of it may be that of the later prior."""

NO_EVIDENCE: Final = "definition"
"""Source of what holds at any date; with more words, it may rest on a publication."""


class VintageEntry(Closed):
    """What the file of a vintage may say."""

    title: Text
    as_of: Annotated[str, Field(description="YYYY-MM-DD", pattern=DATE)]
    summary: str = ""
    inputs: dict[str, Any] = {}
    dependence: list[Any] = []


@dataclass(frozen=True, kw_only=True)
class Vintage:
    """What was known at a date.

    Attributes
    ----------
    name : str
        Of its file, without `.yaml`.
    title, summary : str
    as_of : str
        The date up to which things were known, YYYY-MM-DD.
    entries : mapping
        Name → entry as laid over that of the register, of the inputs that it declares.
    priors : mapping
        Name → prior, of those entries that have no fault.
    dependence : tuple of Dependence
    listed : Node, optional
        Its dependence groups as written; where there are none, those of the register hold.
    file : str
        As shown to the user.
    """

    name: str
    title: str
    as_of: str
    summary: str = ""
    entries: Mapping[str, Node]
    priors: Mapping[str, Prior]
    dependence: tuple[Dependence, ...] = ()
    listed: Node | None = None
    file: str = ""


def known_by(as_of: str, date: str) -> bool:
    """Whether something of a date was known at another.

    Parameters
    ----------
    as_of : str
        YYYY, YYYY-MM or YYYY-MM-DD. A month is known in that month, a year once it has ended.
    date : str
        YYYY-MM-DD.

    Returns
    -------
    bool
    """
    last = f"{as_of}-12" if len(as_of) == len("YYYY") else as_of
    return last <= date[: len(last)]


def later(priors: Iterable[Prior], date: str) -> list[Prior]:
    """Priors that were not known at a date; a lever and a definition are of no date.

    Parameters
    ----------
    priors : iterable of Prior
    date : str
        YYYY-MM-DD.

    Returns
    -------
    list of Prior
    """
    return [
        prior
        for prior in priors
        if prior.role != "lever" and prior.source != NO_EVIDENCE
        if not known_by(prior.as_of, date)
    ]


def known_priors(
    priors: Mapping[str, Prior], vintages: Mapping[str, Vintage], name: str | None
) -> dict[str, Prior]:
    """Priors of the register as a vintage knows them; all of them where none is named.

    Parameters
    ----------
    priors, vintages : mapping
        Of the register.
    name : str, optional
        Of the vintage.

    Returns
    -------
    dict of str to Prior
    """
    known = vintages[name].priors if name is not None and name in vintages else {}
    return {**priors, **known}


def named(listed: Node | None) -> dict[str, Node]:
    """Dependence groups as written, by name; those without a name are left out.

    Parameters
    ----------
    listed : Node, optional

    Returns
    -------
    dict of str to Node
    """
    groups = listed.items() if listed else []
    return {str(n.mapping()["name"].value): n for n in groups if "name" in n.mapping()}


class Vintages(Mapping[str, Vintage]):
    """The vintages of a folder of priors, each read when it is first asked for.

    They are long files of which a scenario names one, and reading takes most of the start.

    Parameters
    ----------
    folder : Path, optional
        Of the priors; no vintages where it is not given.
    entries, priors : mapping
        Of the register.
    """

    def __init__(
        self,
        folder: Path | None = None,
        entries: Mapping[str, Node] | None = None,
        priors: Mapping[str, Prior] | None = None,
    ) -> None:
        files = sorted((folder / FOLDER).glob("*.yaml")) if folder else []
        self._files = {file.stem: file for file in files}
        self._entries = entries or {}
        self._priors = priors or {}
        self._found: dict[str, tuple[Vintage | None, Faults]] = {}

    def read(self, name: str, faults: Faults) -> Vintage | None:
        """Vintage of a name, faults apart.

        Parameters
        ----------
        name : str
            Of a vintage that there is.
        faults : Faults
            Receives all faults of its file.

        Returns
        -------
        Vintage or None
            None where the file cannot be read, or its head is faulty.
        """
        if name not in self._found:
            own = Faults()
            vintage = _vintage(self._files[name], self._entries, self._priors, own)
            self._found[name] = vintage, own
        vintage, own = self._found[name]
        faults.take(own)
        return vintage

    def __getitem__(self, name: str) -> Vintage:
        faults = Faults()
        vintage = self.read(name, faults)
        faults.raise_any()
        assert vintage is not None, "a vintage without fault is read"
        return vintage

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def _vintage(
    file: Path, entries: Mapping[str, Node], priors: Mapping[str, Prior], faults: Faults
) -> Vintage | None:
    if not KEBAB.fullmatch(file.stem):
        told = f"{file.stem}: the name of a vintage is lower case with hyphens"
        faults.file(shown(file), told)
    root = read(file, faults)
    if root is None:
        return None
    faults.lay(root.file)
    head = checked(VintageEntry, root, faults, nodes=dated(root.mapping()))
    if head is None:
        return None
    if len(head.as_of) != len("YYYY-MM-DD") or not is_date(head.as_of):
        faults.value(root.mapping()["as_of"], f"expected a day YYYY-MM-DD, got {head.as_of}")
        return None
    changed = _declared(root.mapping().get("inputs"), entries, faults)
    # Of an entry that is faulty in the register, its own file is told of that already.
    made = {
        name: built
        for name, entry in changed.items()
        if name in priors and (built := build(name, entry, faults, like=priors[name]))
    }
    for name, prior in made.items():
        _check_date(name, prior.as_of, changed[name], head.as_of, faults)
    listed = root.mapping().get("dependence")
    groups = build_groups(listed, {**priors, **made}, entries, faults) if listed else ()
    for group in groups:
        _check_date(group.name, group.as_of, named(listed)[group.name], head.as_of, faults)
    return Vintage(
        name=file.stem,
        title=head.title,
        as_of=head.as_of,
        summary=head.summary,
        entries=changed,
        priors=made,
        dependence=groups,
        listed=listed,
        file=root.file,
    )


def _declared(inputs: Node | None, entries: Mapping[str, Node], faults: Faults) -> dict[str, Node]:
    """Entries of the register with what the vintage says laid over them."""
    return {
        name: overridden(name, entries[name], over, faults)
        for name, over in (inputs.mapping() if inputs else {}).items()
        if _may_stand(name, over, entries, faults)
    }


def _may_stand(name: str, over: Node, entries: Mapping[str, Node], faults: Faults) -> bool:
    """Whether an entry names an uncertain input and says what it must."""
    if name not in entries:
        faults.key(over, "no such input", hint=nearest(name, entries))
        return False
    if section_of(entries[name]) == "levers":
        faults.key(over, f"{name} is a lever: what someone decides is of no date")
        return False
    if over.is_broken():
        return False
    if not isinstance(over.value, dict):
        said = f"expected a mapping with {', '.join(SAID)} of its own, got {described(over.value)}"
        faults.value(over, said)
        return False
    for key in SAID:
        if key not in over.value:
            place = over.key_line, over.key_column
            faults.file(over.file, "missing", *place, path=f"{over.path}.{key}")
    return True


def _check_date(name: str, as_of: str, node: Node, date: str, faults: Faults) -> None:
    place = node.mapping()["as_of"]
    # One that says no date of its own has been told so.
    if not known_by(as_of, date) and place.file == node.file:
        faults.value(place, f"{name} is of {as_of}, later than {date}, the date of the vintage")

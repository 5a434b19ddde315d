"""Observations: published values, with who said them, when, and what exactly they cover."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from forecast import units
from forecast.axes import REGIONS, SEGMENTS
from forecast.errors import shown
from forecast.spec.family import Closed, Number, Text
from forecast.spec.faults import Faults, nearest, number
from forecast.spec.node import Node
from forecast.spec.prior import cites, dated, is_date
from forecast.spec.shape import ADDRESS, DATE, NAME, checked
from forecast.spec.yaml import read

PLACES: Final = ("world", *REGIONS)
"""Regions that a published number may cover."""

Date = Annotated[str, Field(description="YYYY, YYYY-MM or YYYY-MM-DD", pattern=DATE)]


class ScopeEntry(Closed):
    """What a published number covers."""

    segments: list[str] | Text
    networks: Literal["included", "excluded"] = "excluded"
    basis: Literal["consumption", "generation"] = "consumption"
    level: Literal["facility", "it"] = "facility"


class ObservationEntry(Closed):
    """One published number, or quantiles of one."""

    id: Text
    output: Annotated[str, Field(pattern=NAME)]
    region: str = "world"
    year: Annotated[int, Field(ge=1990, le=2100)]
    value: Number | None = None
    quantiles: dict[str, Number] | None = None
    unit: Text
    kind: Literal["outturn", "case", "context"]
    case: Text | None = None
    scope: ScopeEntry
    error: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)] | None = None
    source: Text | None = None
    as_of: Date | None = None
    grade: Literal["A", "B", "C", "D"]
    why: str = ""


class PublicationEntry(Closed):
    """A file of observations: one publication."""

    publisher: Text
    edition: Text | int
    published: Date
    url: Annotated[str, Field(pattern=ADDRESS)]
    title: Text
    observations: Annotated[list[ObservationEntry], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a published number covers; two numbers of different scope are never compared.

    Attributes
    ----------
    segments : tuple of str or str
        Labels of `axes.SEGMENTS`, or text where the number follows no such split.
    networks, basis, level : str
    """

    segments: tuple[str, ...] | str
    networks: Literal["included", "excluded"] = "excluded"
    basis: Literal["consumption", "generation"] = "consumption"
    level: Literal["facility", "it"] = "facility"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A published number, or quantiles of one.

    Attributes
    ----------
    vintage : str
        Name of its file.
    id : str
        Unique over all files.
    output, region, year
        What it is a value of.
    value : float, optional
        In `unit`.
    quantiles : mapping, optional
        Probability → value, rising.
    kind : str
        `outturn`, `case` of a scenario (named by `case`) or `context`.
    scope : Scope
    error : float, optional
        Relative standard deviation.
    source, as_of, grade, why, publisher, edition, published, url, title : str
    """

    vintage: str
    id: str
    output: str
    region: str
    year: int
    value: float | None
    quantiles: Mapping[float, float] | None
    unit: str
    kind: Literal["outturn", "case", "context"]
    case: str | None
    scope: Scope
    error: float | None
    source: str
    as_of: str
    grade: str
    why: str
    publisher: str
    edition: str
    published: str
    url: str
    title: str


def read_observations(folder: Path) -> tuple[Observation, ...]:
    """Observations of a folder, one file per publication.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    tuple of Observation
        By file name, then in the order of the file.

    Raises
    ------
    InputErrors
        With all faults of all files.
    """
    faults = Faults()
    observations = collect_observations(folder, faults)
    faults.raise_any()
    return observations


def collect_observations(folder: Path, faults: Faults) -> tuple[Observation, ...]:
    """Read what can be read of a folder, faults apart.

    Parameters
    ----------
    folder : Path
    faults : Faults
        Receives all faults of all files.

    Returns
    -------
    tuple of Observation
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        faults.file(shown(folder), "no observations here: expected one YAML file per publication")
    found: list[Observation] = []
    places: dict[str, Node] = {}
    for file in files:
        root = read(file, faults)
        if root is not None:
            found.extend(_publication(file.stem, root, places, faults))
    refused = units.unknown({each.unit for each in found})
    for each in found:
        if each.unit in refused:
            hint = nearest(each.unit, units.CANONICAL)
            faults.value(places[each.id].mapping()["unit"], refused[each.unit], hint=hint)
    return tuple(found)


def _publication(
    vintage: str, root: Node, places: dict[str, Node], faults: Faults
) -> list[Observation]:
    """Observations of one file."""
    before = len(faults)
    nodes = dated(root.mapping(), "published")
    listed = nodes.get("observations")
    if listed is not None and isinstance(listed.value, list):
        entries = [
            each.with_value(dated(each.mapping())) if each.mapping() else each
            for each in listed.value
        ]
        nodes = {**nodes, "observations": listed.with_value(list(entries))}
    head = checked(PublicationEntry, root, faults, nodes=nodes)
    if head is None or not isinstance(nodes["observations"].value, list):
        return []
    if not is_date(head.published):
        faults.value(nodes["published"], f"no such date: {head.published}")
    for entry, node in zip(head.observations, nodes["observations"].value, strict=True):
        _check(entry, node, faults)
        if entry.id in places:
            first = places[entry.id]
            where = f"{first.file}:{first.line}"
            faults.value(node.mapping()["id"], f"{entry.id} is taken, at {where}")
        places.setdefault(entry.id, node)
    if len(faults) > before:
        return []
    return [_observation(vintage, head, entry) for entry in head.observations]


def _check(entry: ObservationEntry, node: Node, faults: Faults) -> None:
    """Check what the types cannot say."""
    nodes = node.mapping()
    if (entry.value is None) == (entry.quantiles is None):
        faults.key(node, "give one of value and quantiles")
    if (entry.kind == "case") != (entry.case is not None):
        problem = "a case needs its name" if entry.case is None else "only kind: case has a case"
        faults.clash([nodes.get("case", nodes["kind"])], problem)
    if entry.region not in PLACES:
        hint = nearest(entry.region, PLACES)
        choice = "" if hint else f"; expected one of {', '.join(PLACES)}"
        faults.value(nodes["region"], f"no such region {entry.region}{choice}", hint=hint)
    if isinstance(entry.scope.segments, list):
        for label in nodes["scope"].mapping()["segments"].items():
            if label.value not in SEGMENTS:
                hint = nearest(str(label.value), SEGMENTS)
                faults.value(label, f"no such segment {label.value}", hint=hint)
    if entry.source is not None and not cites(entry.source):
        problem = 'cites nothing: give a DOI, a URL, or the word "definition" or "judgement"'
        faults.value(nodes["source"], problem)
    if entry.as_of is not None and not is_date(entry.as_of):
        faults.value(nodes["as_of"], f"no such date: {entry.as_of}")
    if entry.quantiles is not None:
        _check_quantiles(nodes["quantiles"], faults)


def _check_quantiles(quantiles: Node, faults: Faults) -> None:
    known = {key: node for key, node in quantiles.mapping().items() if _probability(key)}
    for key, node in quantiles.mapping().items():
        if key not in known:
            faults.key(node, "expected a quantile p01 … p99")
    if not known:
        faults.key(quantiles, "no quantiles given")
    rising = sorted(known)
    for low, high in zip(rising, rising[1:], strict=False):
        first, second = known[low].value, known[high].value
        if not first < second:  # type: ignore[operator]
            said = f"{high} ({number(float(second))}) must lie above {low}"  # type: ignore[arg-type]
            faults.value(known[high], said)


def _probability(key: str) -> float:
    """Probability of a key such as p05; zero where it is none."""
    digits = key.removeprefix("p")
    fits = key.startswith("p") and len(digits) == 2 and digits.isascii() and digits.isdigit()
    return int(digits) / 100 if fits else 0.0


def _observation(vintage: str, head: PublicationEntry, entry: ObservationEntry) -> Observation:
    published: dict[str, Any] = head.model_dump(exclude={"observations"})
    published["edition"] = str(head.edition)
    said: dict[str, Any] = entry.model_dump(exclude={"scope", "quantiles", "source", "as_of"})
    segments = entry.scope.segments
    scope = entry.scope.model_dump(exclude={"segments"})
    levels = sorted((entry.quantiles or {}).items())
    return Observation(
        vintage=vintage,
        scope=Scope(segments=tuple(segments) if isinstance(segments, list) else segments, **scope),
        quantiles={_probability(key): value for key, value in levels} if levels else None,
        source=entry.source or f"{head.publisher}, {head.title}, {head.url}",
        as_of=entry.as_of or head.published,
        **published,
        **said,
    )

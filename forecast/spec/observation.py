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
from forecast.spec.scope import COVERED, Scope, mismatches
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


Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
LogSd = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]


class FactorEntry(Closed):
    """What an output is multiplied by to be what was published."""

    p05: Positive
    p50: Positive
    p95: Positive
    why: Text


class BiasEntry(Closed):
    """Log standard deviations of errors that the numbers of a publisher or an edition share."""

    publisher: LogSd
    edition: LogSd


class ObservationEntry(Closed):
    """One published number, or quantiles of one."""

    id: Text
    output: Annotated[str, Field(pattern=NAME)]
    region: str = "world"
    year: Annotated[int, Field(ge=1990, le=2100)]
    value: Number | None = None
    quantiles: dict[str, Number] | None = None
    unit: Text
    kind: Literal["outturn", "belief", "case", "context"]
    case: Text | None = None
    relation: Literal["equal", "at_least"] = "equal"
    scope: ScopeEntry
    factor: FactorEntry | None = None
    error: Positive | None = None
    biased: bool = True
    held_by: Text | None = None
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
    bias: BiasEntry = BiasEntry(publisher=0.0, edition=0.0)
    error: Positive | None = None
    observations: Annotated[list[ObservationEntry], Field(min_length=1)]


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
        `outturn`, `belief` (soft knowledge of a past year), `case` of a scenario (named by `case`)
        or `context`, which is shown and never used.
    relation : str
        `equal`, or `at_least` for a published lower bound.
    scope : Scope
    factor : mapping, optional
        p05, p50, p95 of what the output is multiplied by to be what was published.
    error : float, optional
        Log standard deviation of this number alone.
    biases : tuple of float
        Log standard deviations of the errors shared with its publisher and with its edition.
    held_by : str, optional
        Input whose prior holds this number; then it is no observation.
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
    kind: Literal["outturn", "belief", "case", "context"]
    case: str | None
    relation: Literal["equal", "at_least"] = "equal"
    scope: Scope
    factor: Mapping[str, float] | None = None
    error: float | None
    biases: tuple[float, float] = (0.0, 0.0)
    held_by: str | None = None
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
    before = len(faults)
    if isinstance(entry.scope.segments, list):
        for label in nodes["scope"].mapping()["segments"].items():
            if label.value not in SEGMENTS:
                hint = nearest(str(label.value), SEGMENTS)
                faults.value(label, f"no such segment {label.value}", hint=hint)
    if entry.output not in COVERED:
        hint = nearest(entry.output, COVERED)
        choice = "" if hint else f"; expected one of {', '.join(COVERED)}"
        said = f"no output or operator is called {entry.output}{choice}"
        faults.value(nodes["output"], said, hint=hint)
    elif len(faults) == before:
        for part, said in mismatches(entry.output, _scope_of(entry), factor=bool(entry.factor)):
            faults.value(nodes["scope"].mapping().get(part, nodes["scope"]), said)
    if entry.source is not None and not cites(entry.source):
        problem = 'cites nothing: give a DOI, a URL, or the word "definition" or "judgement"'
        faults.value(nodes["source"], problem)
    if entry.as_of is not None and not is_date(entry.as_of):
        faults.value(nodes["as_of"], f"no such date: {entry.as_of}")
    if entry.quantiles is not None:
        _check_quantiles(nodes["quantiles"], faults)
    if entry.factor is not None:
        _check_quantiles(nodes["factor"], faults, others=("why",))
    if entry.kind != "context":
        _check_positive(entry, nodes, faults)


def _scope_of(entry: ObservationEntry) -> Scope:
    segments = entry.scope.segments
    scope = entry.scope.model_dump(exclude={"segments"})
    return Scope(segments=tuple(segments) if isinstance(segments, list) else segments, **scope)


def _check_positive(entry: ObservationEntry, nodes: Mapping[str, Node], faults: Faults) -> None:
    """Check what is compared by its logarithm."""
    if entry.value is not None and entry.value <= 0:
        faults.value(nodes["value"], f"expected a number above 0, got {number(entry.value)}")
    for key, value in (entry.quantiles or {}).items():
        if value <= 0:
            said = f"expected a number above 0, got {number(value)}"
            faults.value(nodes["quantiles"].mapping()[key], said)


def _check_quantiles(quantiles: Node, faults: Faults, *, others: tuple[str, ...] = ()) -> None:
    known = {key: node for key, node in quantiles.mapping().items() if _probability(key)}
    for key, node in quantiles.mapping().items():
        if key not in (*known, *others):
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
    bias, error = published.pop("bias"), published.pop("error")
    said: dict[str, Any] = entry.model_dump(
        exclude={"scope", "quantiles", "source", "as_of", "factor", "biased"}
    )
    said["error"] = entry.error if entry.error is not None else error
    factor = entry.factor.model_dump(exclude={"why"}) if entry.factor else None
    levels = sorted((entry.quantiles or {}).items())
    return Observation(
        vintage=vintage,
        scope=_scope_of(entry),
        quantiles={_probability(key): value for key, value in levels} if levels else None,
        factor=factor,
        biases=(bias["publisher"], bias["edition"]) if entry.biased else (0.0, 0.0),
        source=entry.source or f"{head.publisher}, {head.title}, {head.url}",
        as_of=entry.as_of or head.published,
        **published,
        **said,
    )

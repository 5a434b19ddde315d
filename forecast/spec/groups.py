"""Dependence groups, from a file."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field

from forecast.spec.dependence import Dependence, Pair
from forecast.spec.family import CONTINUOUS, Closed, Text
from forecast.spec.faults import Faults, described, nearest
from forecast.spec.node import Node
from forecast.spec.prior import Prior, cites, dated, is_date
from forecast.spec.shape import DATE, NAME, checked

Rank = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=-1, lt=1)]


class PairEntry(Closed):
    """Two inputs and one measure of their rank correlation."""

    between: Annotated[list[str], Field(min_length=2, max_length=2)]
    kendall: Rank | None = None
    spearman: Rank | None = None


class GroupEntry(Closed):
    """A dependence group as written in a file."""

    name: Annotated[str, Field(pattern=NAME)]
    copula: Literal["gaussian", "t"] = "gaussian"
    df: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)] | None = None
    pairs: Annotated[list[PairEntry], Field(min_length=1)]
    source: Text
    as_of: Annotated[str, Field(pattern=DATE)]
    grade: Literal["A", "B", "C", "D"]
    why: Text


def build_groups(
    listed: Node, priors: Mapping[str, Prior], names: Iterable[str], faults: Faults
) -> tuple[Dependence, ...]:
    """Dependence groups from a file.

    Parameters
    ----------
    listed : Node
        The list of groups.
    priors : mapping
        Priors as they will be drawn; those that are faulty are absent.
    names : iterable of str
        All inputs, the faulty ones too.
    faults : Faults
        Receives whatever is wrong.

    Returns
    -------
    tuple of Dependence
        Those without fault.
    """
    if not isinstance(listed.value, list):
        faults.value(listed, f"expected a list of groups, got {described(listed.value)}")
        return ()
    groups: list[Dependence] = []
    homes: dict[str, str] = {}
    known = tuple(names)
    for node in listed.value:
        if not isinstance(node.value, dict):
            faults.value(
                node, f"expected a mapping with name, pairs, …, got {described(node.value)}"
            )
            continue
        entry = checked(GroupEntry, node, faults, nodes=dated(node.value))
        if entry is None:
            continue
        before = len(faults)
        _check_group(entry, node, faults)
        for place in node.value["pairs"].items():
            _check_members(place.mapping()["between"], entry.name, priors, known, homes, faults)
        if entry.name in {group.name for group in groups}:
            faults.value(node.value["name"], f"a second group named {entry.name}")
        if len(faults) == before:
            groups.append(_group(entry))
    return tuple(groups)


def _group(entry: GroupEntry) -> Dependence:
    pairs = tuple(
        Pair(each.between[0], each.between[1], "kendall", each.kendall)
        if each.kendall is not None
        else Pair(each.between[0], each.between[1], "spearman", each.spearman or 0.0)
        for each in entry.pairs
    )
    return Dependence(pairs=pairs, **entry.model_dump(exclude={"pairs"}))


def _check_group(entry: GroupEntry, node: Node, faults: Faults) -> None:
    nodes = node.mapping()
    if (entry.copula == "t") != (entry.df is not None):
        need = "a t copula needs df" if entry.df is None else "df belongs to the t copula"
        faults.clash([nodes.get("df", node)], need)
    if not cites(entry.source):
        problem = 'cites nothing: give a DOI, a URL, or the word "definition" or "judgement"'
        faults.value(nodes["source"], problem)
    if not is_date(entry.as_of):
        faults.value(nodes["as_of"], f"no such date: {entry.as_of}")
    seen: set[frozenset[str]] = set()
    for pair, place in zip(entry.pairs, nodes["pairs"].items(), strict=True):
        if (pair.kendall is None) == (pair.spearman is None):
            faults.value(place, "give one of kendall and spearman")
        elif pair.spearman is not None and entry.copula == "t":
            problem = "a t copula has no closed form for spearman; give kendall"
            faults.value(place.mapping()["spearman"], problem)
        if pair.between[0] == pair.between[1]:
            faults.value(place, f"{pair.between[0]} with itself")
        if frozenset(pair.between) in seen:
            faults.value(place, f"{' and '.join(pair.between)}: given twice")
        seen.add(frozenset(pair.between))


def _check_members(
    between: Node,
    group: str,
    priors: Mapping[str, Prior],
    known: tuple[str, ...],
    homes: dict[str, str],
    faults: Faults,
) -> None:
    """Each input exists, is scalar and continuous, and stands in one group only."""
    for node in between.items():
        name = str(node.value)
        if name not in known:
            faults.value(node, f"no such input {name}", hint=nearest(name, known))
        elif name in priors and priors[name].family not in CONTINUOUS:
            family = priors[name].family
            faults.value(node, f"{name} is {family}; only scalar, continuous inputs can depend")
        elif homes.setdefault(name, group) != group:
            faults.value(node, f"{name} stands in group {homes[name]} already")

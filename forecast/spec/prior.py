"""A prior: what is believed of one input before calibration."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from forecast.spec.arguments import build_arguments, family_of, labels_of
from forecast.spec.family import FAMILIES, Closed, Number, Text
from forecast.spec.family_rules import INFINITY
from forecast.spec.faults import Faults, described, number
from forecast.spec.node import Node
from forecast.spec.shape import DATE, checked

MAX_COLUMN: Final = 1000
"""Last Sobol' column that an input may take."""

_SOURCE: Final = re.compile(r"10\.\d{4,9}/\S|https?://\S|\b(definition|judgement)\b")


class Entry(Closed):
    """What every entry of a priors file may say beside the arguments of its family."""

    family: Text
    unit: Text
    column: Annotated[int, Field(ge=1, le=MAX_COLUMN)]
    source: Text
    as_of: Annotated[str, Field(description="YYYY, YYYY-MM or YYYY-MM-DD", pattern=DATE)]
    grade: Literal["A", "B", "C", "D"]
    scope: str = ""
    why: Text
    role: Literal["uncertain", "lever"] = "uncertain"
    at_least: Number | None = None
    at_most: Number | None = None


@dataclass(frozen=True, kw_only=True)
class Prior:
    """Belief about an input before calibration.

    Attributes
    ----------
    name : str
        `block.field`.
    family : str
        A key of `FAMILIES`.
    arguments : mapping
        Of the family, defaults filled in; optional ones that were not given are absent.
    unit : str
    column : int
        First of its permanent Sobol' columns.
    role : str
        `lever` for an input that someone decides.
    source, as_of, grade, scope, why : str
        Where it comes from, when it was known, how good the evidence is (A to D).
    at_least, at_most : float, optional
        Domain of the input, in its unit.
    """

    name: str
    family: str
    arguments: Mapping[str, Any]
    unit: str
    column: int
    role: Literal["uncertain", "lever"] = "uncertain"
    source: str = ""
    as_of: str = ""
    grade: str = "D"
    scope: str = ""
    why: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def labels(self) -> tuple[str, ...] | None:
        """Labels of a vector input, in the order of the file; None for a scalar."""
        return labels_of(self.family, self.arguments)

    @property
    def columns(self) -> tuple[int, ...]:
        """All Sobol' columns that it takes."""
        count = len(self.labels or ()) - 1 if self.family == "logistic_normal" else 1
        return tuple(range(self.column, self.column + count))


def build(name: str, entry: Node, faults: Faults, *, like: Prior | None = None) -> Prior | None:
    """Prior from its entry, after all merging.

    Parameters
    ----------
    name : str
        `block.field`.
    entry : Node
    faults : Faults
        Receives whatever is wrong with it.
    like : Prior, optional
        The shipped prior it changes; a vector keeps its labels and their order.

    Returns
    -------
    Prior or None
        None where anything is wrong.
    """
    if not isinstance(entry.value, dict):
        faults.value(
            entry, f"expected a mapping with family, unit, …, got {described(entry.value)}"
        )
        return None
    before = len(faults)
    common, given = _split(entry.value)
    family = family_of(entry, faults, tuple(FAMILIES))
    head = checked(Entry, entry, faults, nodes=common)
    _check_text(common, faults)
    arguments = build_arguments(family, entry, given, faults, Entry) if family else None
    if not family or head is None or arguments is None:
        return None
    if like is not None:
        arguments = _labelled_like(like, family, arguments, entry, faults)
    fields = head.model_dump(exclude={"family"})
    prior = Prior(name=name, family=family, arguments=arguments, **fields)
    _check_domain(prior, entry.value, faults)
    return prior if len(faults) == before else None


def _split(entry: Mapping[str, Node]) -> tuple[dict[str, Node], dict[str, Node]]:
    """Keys of every entry, and the rest: arguments of the family, or mistakes."""
    common = {key: node for key, node in entry.items() if key in Entry.model_fields}
    return dated(common), {key: node for key, node in entry.items() if key not in common}


def dated(nodes: dict[str, Node], key: str = "as_of") -> dict[str, Node]:
    """Return the same keys, a date that is a plain year (a number in YAML) as text.

    Parameters
    ----------
    nodes : dict of str to Node
    key : str
        Of the date.

    Returns
    -------
    dict of str to Node
    """
    node = nodes.get(key)
    if node is not None and type(node.value) is int:
        return {**nodes, key: node.with_value(str(node.value))}
    return nodes


def _check_text(common: Mapping[str, Node], faults: Faults) -> None:
    """Check what the types cannot say: where a source leads, that a date exists."""
    source, as_of = common.get("source"), common.get("as_of")
    if source and isinstance(source.value, str) and source.value and not cites(source.value):
        problem = 'cites nothing: give a DOI, a URL, or the word "definition" or "judgement"'
        faults.value(source, problem)
    if as_of and isinstance(as_of.value, str) and re.match(DATE, as_of.value):
        if not is_date(as_of.value):
            faults.value(as_of, f"no such date: {as_of.value}")


def cites(source: str) -> bool:
    """Whether a source leads somewhere: a DOI, a URL, a definition or a judgement.

    Parameters
    ----------
    source : str

    Returns
    -------
    bool
    """
    return _SOURCE.search(source) is not None


def is_date(text: str) -> bool:
    """Whether a date of the right form exists.

    Parameters
    ----------
    text : str
        YYYY, YYYY-MM or YYYY-MM-DD.

    Returns
    -------
    bool
    """
    try:
        date.fromisoformat(text + "0000-01-01"[len(text) :])
    except ValueError:
        return False
    return True


def _labelled_like(
    like: Prior, family: str, arguments: dict[str, Any], entry: Node, faults: Faults
) -> dict[str, Any]:
    """Arguments with the labels in the order of the shipped prior."""
    asked, given = like.labels, labels_of(family, arguments)
    if asked == given:
        return arguments
    key = "median" if family == "logistic_normal" else "value"
    node = entry.mapping().get(key, entry)
    if asked is None:
        faults.value(node, "is a single number; it takes no labels")
    elif given is None or set(given) != set(asked):
        faults.value(node, f"is a vector; give a number for each of {', '.join(asked)}")
    else:
        arguments = {**arguments, key: {label: arguments[key][label] for label in asked}}
        if isinstance(arguments.get("log_sd"), dict):
            for complaint in FAMILIES[family].check(arguments):
                faults.value(entry.mapping()["log_sd"], complaint[1])
    return arguments


def _check_domain(prior: Prior, nodes: Mapping[str, Node], faults: Faults) -> None:
    """Check that the support lies inside the domain, and that shares are without unit."""
    if prior.family == "logistic_normal" and prior.unit != "1":
        faults.value(nodes["unit"], 'logistic_normal gives shares: the unit must be "1"')
    low, high = FAMILIES[prior.family].reach(_filled(prior))
    given = [nodes[key] for key in FAMILIES[prior.family].shape.model_fields if key in nodes]
    if prior.at_least is not None and low < prior.at_least:
        bound = number(prior.at_least)
        said = f"must be at least {bound}{_reaching(prior.family, low, 'down')}"
        faults.clash(given, said + _advice(prior.family, "lower", "low", bound))
    if prior.at_most is not None and high > prior.at_most:
        bound = number(prior.at_most)
        said = f"must be at most {bound}{_reaching(prior.family, high, 'up')}"
        faults.clash(given[::-1], said + _advice(prior.family, "upper", "high", bound))


def _filled(prior: Prior) -> dict[str, Any]:
    """Arguments with None for the optional ones that are absent, in views as well."""

    def filled(family: str, given: Mapping[str, Any]) -> dict[str, Any]:
        return {**dict.fromkeys(FAMILIES[family].shape.model_fields), **given}

    if prior.family != "mixture":
        return filled(prior.family, prior.arguments)
    views = prior.arguments["views"].items()
    return {"views": {name: filled(view["family"], view) for name, view in views}}


def _reaching(family: str, end: float, way: str) -> str:
    if family in ("fixed", "discrete"):
        return f", got {number(end)}"
    where = "without end" if abs(end) == INFINITY else f"to {number(end)}"
    return f": the {family} prior reaches {way} {where}"


def _advice(family: str, quantiles: str, truncated: str, bound: str) -> str:
    if family == "quantiles":
        return f"; add {quantiles}: {bound}"
    if family in ("normal", "student_t"):
        return f"; use truncated_normal with {truncated}: {bound}"
    if family in ("lognormal", "gamma", "mixture"):
        return f"; use quantiles with {quantiles}: {bound}"
    return ""

"""The arguments of a family, from a file."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from forecast.spec.family import FAMILIES, SIMPLE, Closed, Text
from forecast.spec.family_rules import normalised
from forecast.spec.faults import Faults, described, nearest
from forecast.spec.node import Node
from forecast.spec.shape import checked


def family_of(entry: Node, faults: Faults, known: tuple[str, ...]) -> str | None:
    """Find the family that an entry names.

    Parameters
    ----------
    entry : Node
        An entry, or a view of a mixture.
    faults : Faults
        Receives an unknown family.
    known : tuple of str
        Families that may stand here.

    Returns
    -------
    str or None
        None where there is none, or it may not stand here.
    """
    node = entry.mapping().get("family")
    if node is None or not isinstance(node.value, str):
        return None  # the shape of the entry tells
    if node.value in known:
        return node.value
    if node.value in FAMILIES:
        faults.value(node, f"{node.value} cannot be a view of a mixture")
        return None
    hint = nearest(node.value, known)
    choice = "" if hint else f"; expected one of {', '.join(known)}"
    faults.value(node, f"unknown family {node.value[:40]}{choice}", hint=hint)
    return None


def _elsewhere(family: str) -> dict[str, str]:
    """Keys that only other families take → what to say about them."""
    takers: dict[str, list[str]] = {}
    for name, kind in FAMILIES.items():
        for key in kind.shape.model_fields:
            takers.setdefault(key, []).append(name)
    own = ", ".join(FAMILIES[family].shape.model_fields)
    return {
        key: f"not an argument of {family} (it takes {own}); it belongs to {', '.join(names)}"
        for key, names in takers.items()
        if family not in names
    }


def build_arguments(
    family: str, owner: Node, nodes: Mapping[str, Node], faults: Faults, head: type[Closed]
) -> dict[str, Any] | None:
    """Arguments of a family, checked, with defaults filled in.

    Parameters
    ----------
    family : str
        A key of `FAMILIES`.
    owner : Node
        The entry, or the view of a mixture.
    nodes : mapping
        Arguments as given.
    faults : Faults
        Receives whatever is wrong with them.
    head : type
        What else the owner holds; an unknown key may be meant for it.

    Returns
    -------
    dict or None
        None where anything is wrong.
    """
    kind = FAMILIES[family]
    shape = checked(
        kind.shape,
        owner,
        faults,
        nodes=nodes,
        elsewhere=_elsewhere(family),
        beside=head.model_fields,
    )
    if shape is None:
        return None
    arguments: dict[str, Any] = shape.model_dump()
    if family == "mixture":
        views = {name: _view(node, faults) for name, node in nodes["views"].mapping().items()}
        if None in views.values():
            return None
        arguments = {"views": views}
    before = len(faults)
    for names, problem in kind.check(arguments):
        faults.clash([nodes[name] for name in names if name in nodes] or [owner], problem)
    return _finished(arguments) if len(faults) == before else None


def _finished(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that were given, with weights that sum to one."""
    given = {key: value for key, value in arguments.items() if value is not None}
    if "weights" in given:
        given["weights"] = normalised(given["weights"])
    if "views" in given:
        views = given["views"]
        weights = normalised([view["weight"] for view in views.values()])
        given["views"] = {
            name: {**view, "weight": weight}
            for (name, view), weight in zip(views.items(), weights, strict=True)
        }
    return given


def _view(view: Node, faults: Faults) -> dict[str, Any] | None:
    """One view of a mixture: its weight, family and arguments."""
    if not isinstance(view.value, dict):
        faults.value(
            view, f"expected a mapping with weight and family, got {described(view.value)}"
        )
        return None
    head = checked(
        View, view, faults, nodes={k: n for k, n in view.value.items() if k in View.model_fields}
    )
    family = family_of(view, faults, SIMPLE)
    given = {key: node for key, node in view.value.items() if key not in View.model_fields}
    arguments = build_arguments(family, view, given, faults, View) if family else None
    if head is None or arguments is None:
        return None
    return {"weight": head.weight, "family": family, **arguments}


class View(Closed):
    """What every view of a mixture says beside the arguments of its family."""

    weight: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
    family: Text


def labels_of(family: str, arguments: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Labels of a vector input, in order.

    Parameters
    ----------
    family : str
    arguments : mapping

    Returns
    -------
    tuple of str or None
        None for a scalar.
    """
    vector = arguments["median"] if family == "logistic_normal" else arguments.get("value")
    return tuple(vector) if isinstance(vector, dict) else None

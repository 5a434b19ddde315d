"""What policies are checked for beyond single values, and the rules of those that adapt."""

from collections.abc import Mapping, Sequence, Set
from typing import Any, Final

from forecast.spec.compose import Layer
from forecast.spec.faults import Faults, nearest, number
from forecast.spec.merge import merged, overridden
from forecast.spec.node import Node
from forecast.spec.prior import Prior, build
from forecast.spec.register import Register
from forecast.spec.rules import RULE_KEYS, Rule, read_rule, refuse_beyond
from forecast.spec.settings import section_of

START: Final = "_start"
FULL: Final = "_full"
"""Endings of the years of a measure: the last without it, the first with it in full."""


def may_stand(name: str, over: Node, section: str, register: Register, faults: Faults) -> bool:
    """Whether an input exists and belongs in a section of a scenario, faults told.

    Parameters
    ----------
    name : str
        Of the input.
    over : Node
        What is said of it.
    section : str
        `inputs` or `levers`.
    register : Register
    faults : Faults
    """
    if name not in register.entries:
        hint = nearest(name, register.entries)
        faults.key(over, f"no such {section[:-1]}", hint=hint)
        return False
    home = section_of(register.entries[name])
    if home != section:
        kind = "a lever" if home == "levers" else "an uncertain input, not a lever"
        faults.key(over, f"{name} is {kind}: it belongs under {home}")
        return False
    return True


def collect_rules(
    layers: Sequence[Layer], register: Register, changed: Set[str], horizon: int, faults: Faults
) -> tuple[Rule, ...]:
    """Read the rule of every layer that has one.

    Parameters
    ----------
    layers : sequence of Layer
    register : Register
        With all overrides of the scenario, over which a rule changes levers again.
    changed : set of str
        Inputs that the scenario overrides.
    horizon : yr
    faults : Faults
    """

    def set_lever(name: str, over: Node) -> Prior | None:
        if not may_stand(name, over, "levers", register, faults):
            return None
        entry = overridden(name, register.entries[name], over, faults)
        return build(name, entry, faults, like=register.priors[name])

    found = []
    for layer in layers:
        nodes: dict[str, Node] = {}
        for tree in layer.trees:
            for key in RULE_KEYS:
                if key in tree.mapping():
                    node = tree.mapping()[key]
                    nodes[key] = merged(nodes[key], node) if key in nodes else node
        if nodes and (rule := read_rule(nodes, layer.trees[-1], layer.name, set_lever, faults)):
            refuse_beyond(rule, nodes, horizon, faults)
            _refuse_gap(rule, nodes, changed, faults)
            found.append(rule)
    return tuple(found)


def _refuse_gap(rule: Rule, nodes: Mapping[str, Node], changed: Set[str], faults: Faults) -> None:
    """Refuse to phase in a lever from nothing that is set already: it would fall at first."""
    again = [name for name in rule.then if name in changed]
    if rule.phase_in > 1 and again:
        faults.value(
            nodes["phase_in"],
            f"{again[0]} is set already, and would be phased in from nothing: tighten it in one"
            " step (phase_in: 1)",
        )


def refuse_settings(given: Sequence[Node], faults: Faults) -> None:
    """Refuse a rule on the command line: it belongs to a policy."""
    for tree in given:
        for key in RULE_KEYS:
            if key in tree.mapping():
                at = tree.mapping()[key]
                faults.key(at, f"{key} cannot be set; write the rule into the file of a policy")


def check_policies(
    layers: Sequence[Layer],
    given: Sequence[Node],
    priors: Mapping[str, Prior],
    horizon: int,
    faults: Faults,
) -> None:
    """Check levers against each other, against the horizon and across policies.

    Parameters
    ----------
    layers : sequence of Layer
        A world and its policies.
    given : sequence of Node
        Settings, laid over them.
    priors : mapping
        As they will be drawn.
    horizon : yr
    faults : Faults
        Receives a start that comes after the horizon or after the year in full, and a lever that
        two policies set otherwise.
    """
    said: dict[str, Node] = {}
    for tree in [*(tree for layer in layers for tree in layer.trees), *given]:
        said |= _levers(tree, "levers")
    for name, node in said.items():
        _check_years(name, node, said, priors, horizon, faults)
    for section in ("levers", "then"):
        _check_contradictions(layers[1:], section, faults)


def _levers(tree: Node, section: str) -> Mapping[str, Node]:
    found = tree.mapping().get(section)
    return found.mapping() if found else {}


def _check_years(
    name: str,
    node: Node,
    said: Mapping[str, Node],
    priors: Mapping[str, Prior],
    horizon: int,
    faults: Faults,
) -> None:
    start = _year(priors.get(name + START))
    if start is not None and start >= horizon:
        at = said.get(name + START, node)
        problem = f"begins after {number(start)}, beyond the horizon {horizon}: it has no effect"
        faults.value(at, problem)
    if name.endswith(START) or name.endswith(FULL):
        stem = name.removesuffix(START).removesuffix(FULL)
        first, last = _year(priors.get(stem + START)), _year(priors.get(stem + FULL))
        told = name.endswith(FULL) or stem + FULL not in said
        if first is not None and last is not None and last <= first and told:
            problem = (
                f"{stem}{FULL} ({number(last)}) must lie after {stem}{START} ({number(first)})"
            )
            faults.value(node, problem)


def _year(prior: Prior | None) -> float | None:
    """Value of an input that is one number, else None."""
    if prior is None or prior.family != "fixed":
        return None
    value: Any = prior.arguments["value"]
    return float(value) if isinstance(value, int | float) else None


def _check_contradictions(policies: Sequence[Layer], section: str, faults: Faults) -> None:
    """Refuse a lever that two policies set otherwise: one of them would be lost unseen."""
    before: dict[str, tuple[str, Node]] = {}
    for layer in policies:
        below = {tree.file for tree in layer.trees}
        own: dict[str, Node] = {}
        for tree in layer.trees:
            own |= _levers(tree, section)
        for name, node in own.items():
            other, first = before.get(name, ("", node))
            # A file that extends another changes what that one says knowingly.
            if other and first.file not in below and first.plain() != node.plain():
                faults.key(
                    node,
                    f"{other} sets {name} otherwise ({first.file}:{first.key_line}): policies that"
                    " contradict each other cannot be laid together",
                )
            before[name] = (layer.name, node)

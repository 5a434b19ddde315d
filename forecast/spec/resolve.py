"""From a reference to a resolved scenario: layers, overrides, settings, checks, origins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path

from forecast import shipped
from forecast.axes import LAST_YEAR
from forecast.spec.calibration import SHARES, calibration_of
from forecast.spec.compose import Layer, compose
from forecast.spec.dependence import Dependence, without
from forecast.spec.faults import Faults, described, nearest, number
from forecast.spec.groups import build_groups
from forecast.spec.merge import merged, overridden
from forecast.spec.node import Node
from forecast.spec.observation import Observation, collect_observations
from forecast.spec.policies import check_policies, collect_rules, may_stand, refuse_settings
from forecast.spec.prior import Prior, build
from forecast.spec.register import Register, collect_register
from forecast.spec.rules import RULE_KEYS
from forecast.spec.scenario import (
    Sampling,
    Scenario,
    ScenarioEntry,
)
from forecast.spec.settings import FILE, read_setting
from forecast.spec.shape import checked
from forecast.spec.vintage import FOLDER, Vintage, known_by, later, named

_SECTIONS = ("inputs", "levers")
_APART = (*_SECTIONS, *RULE_KEYS)
"""Keys whose mappings go over the register, or are a rule of their own layer."""


def read_scenario(reference: str, *, register: Register, settings: Sequence[str] = ()) -> Scenario:
    """Scenario that a reference names, resolved.

    Parameters
    ----------
    reference : str
        `base`, `base.yaml`, `my/world.yaml`, `base+pue-cap`.
    register : Register
        The inputs there are.
    settings : sequence of str
        `path=value`, laid over everything else in order.

    Returns
    -------
    Scenario

    Raises
    ------
    InputErrors
        With all faults.
    """
    faults = Faults()
    scenario = _resolve(reference, register, settings, faults)
    faults.raise_any()
    assert scenario is not None, "a scenario without fault is resolved"
    return scenario


def read_scenarios(
    references: Iterable[str], *, folder: Path | None = None, settings: Sequence[str] = ()
) -> tuple[Register, tuple[Scenario, ...]]:
    """Register and scenarios in one pass, with all faults of all files together.

    Parameters
    ----------
    references : iterable of str
        As for `read_scenario`.
    folder : Path, optional
        Of the priors; the shipped ones if not given.
    settings : sequence of str
        Laid over each scenario.

    Returns
    -------
    Register
    tuple of Scenario
        In the order of the references.

    Raises
    ------
    InputErrors
        With all faults of all files.
    """
    faults = Faults()
    register = collect_register(folder or shipped.priors(), faults)
    # Each scenario is judged by its own order of files, but all are told together.
    parts = []
    for reference in references:
        own = Faults()
        parts.append(_resolve(reference, register, settings, own))
        faults.take(own)
    faults.raise_any()
    return register, tuple(part for part in parts if part is not None)


def _resolve(
    reference: str, register: Register, settings: Sequence[str], faults: Faults
) -> Scenario | None:
    """Resolve a scenario; None where anything is wrong."""
    layers = compose(reference, faults)
    trees = [tree for layer in layers or () for tree in layer.trees]
    _check_titles(trees, faults)
    given = [
        tree
        for count, text in enumerate(settings, start=1)
        if (tree := read_setting(text, count, register.entries, faults))
    ]
    vintage = _vintage((*trees, *given), register, faults)
    known = _as_known(register, vintage)
    for file in ([vintage.file] if vintage else []) + [tree.file for tree in (*trees, *given)]:
        faults.lay(file)
    entries, changed = _apply((*trees, *given), known, faults)
    if layers is None:
        return None
    head_node = reduce(merged, (_head(tree) for tree in (*trees, *given)))
    head = checked(ScenarioEntry, _with_seed(head_node, trees[0]), faults)
    priors = _build(entries, changed, known, faults)
    groups = _dependence(head_node, priors, known, faults)
    refuse_settings(given, faults)
    horizon = head.horizon if head else LAST_YEAR
    check_policies(layers, given, priors, horizon, faults)
    ruled = replace(known, entries=entries, priors=priors)
    rules = collect_rules(layers, ruled, changed, horizon, faults)
    _check_calibration(head_node, vintage, faults)
    if vintage:
        _check_dates(vintage, priors, entries, faults)
        listed = head_node.mapping().get("dependence") or known.listed
        _check_group_dates(vintage, groups, listed, faults)
    if head is None or head_node.is_broken() or len(faults):
        return None
    return Scenario(
        name="+".join(layer.name for layer in layers),
        title=_title(layers, given),
        summary=head.summary,
        source=head.source,
        vintage=head.vintage,
        horizon=head.horizon,
        sampling=Sampling(**head.sampling.model_dump()),
        calibration=calibration_of(head.calibration),
        failed_share=head.failed_share,
        priors=priors,
        dependence=groups,
        rules=rules,
        files=tuple(tree.file for tree in trees),
        origins=_origins(head_node, entries, priors, _listed(head_node, known, groups)),
    )


def _vintage(trees: Sequence[Node], register: Register, faults: Faults) -> Vintage | None:
    """Return what the last tree that names a vintage takes as known."""
    said = [tree.mapping()["vintage"] for tree in trees if "vintage" in tree.mapping()]
    if not said or not isinstance(said[-1].value, str) or not said[-1].value:
        return None  # a wrong type is told when the shape is checked
    name = said[-1].value
    if name not in register.vintages:
        hint = nearest(name, register.vintages)
        known = ", ".join(register.vintages)
        choice = f"; expected one of {known}" if known and not hint else ""
        faults.value(said[-1], f"no vintage named {name}{choice}", hint=hint)
        return None
    return register.vintages.read(name, faults)


def _as_known(register: Register, vintage: Vintage | None) -> Register:
    """Return the register with what a vintage declares in place of what came later."""
    if vintage is None:
        return register
    groups = (vintage.dependence, vintage.listed) if vintage.listed else None
    return Register(
        {**register.priors, **vintage.priors},
        {**register.entries, **vintage.entries},
        *(groups or (register.dependence, register.listed)),
        register.vintages,
    )


def _check_dates(
    vintage: Vintage, priors: Mapping[str, Prior], entries: Mapping[str, Node], faults: Faults
) -> None:
    """Check that nothing is believed that was not known at the date of the vintage."""
    for prior in later(priors.values(), vintage.as_of):
        said = f"{prior.name} is of {prior.as_of}, later than vintage {_dated(vintage)}"
        advice = f"declare it under inputs in {_home(vintage)}, or choose a later vintage"
        faults.value(entries[prior.name].mapping()["as_of"], f"{said}: {advice}")


def _check_group_dates(
    vintage: Vintage, groups: Iterable[Dependence], listed: Node | None, faults: Faults
) -> None:
    """Check the same of the rank correlations, which are beliefs too."""
    places = named(listed)
    for group in groups:
        if not known_by(group.as_of, vintage.as_of):
            said = f"{group.name} is of {group.as_of}, later than vintage {_dated(vintage)}"
            advice = f"declare dependence in {_home(vintage)}, or choose a later vintage"
            faults.value(places[group.name].mapping()["as_of"], f"{said}: {advice}")


def _check_calibration(head: Node, vintage: Vintage | None, faults: Faults) -> None:
    """Check that the published numbers that a calibration names exist and were known."""
    block = head.mapping().get("calibration")
    if block is None or not isinstance(block.value, dict):
        return
    if vintage is None:
        said = head.mapping().get("vintage")
        if said is None or said.value is None:  # of a wrong one its own place is told
            faults.key(block, "a calibration needs a vintage: the key vintage says what was known")
        return
    nodes = {key: node for key, node in block.mapping().items() if node.value is not None}
    if "target" in nodes and "case" in nodes:
        faults.clash([nodes["target"], nodes["case"]], "give a target or a case, not both")
    if "beliefs" in nodes and not nodes.keys() & {"target", "case"}:
        faults.key(nodes["beliefs"], "beliefs need a target or a case to hold together with")
    target = {key: node for key, node in _inside(nodes.get("target")).items() if key in SHARES}
    if target and len(target) != 3:
        faults.key(nodes["target"], "name three published cases, as p10, p50 and p90")
    others = [*nodes["beliefs"].items()] if "beliefs" in nodes else []
    others += [node for key, node in _inside(nodes.get("case")).items() if key == "of"]
    if not target and not others:
        return
    known = {one.id: one for one in collect_observations(shipped.observations(), faults)}
    found = {key: _published(node, known, vintage, faults) for key, node in target.items()}
    for node in others:
        _published(node, known, vintage, faults)
    if None not in found.values() and len(found) == 3:
        _check_target({key: one for key, one in found.items() if one}, nodes["target"], faults)


def _published(
    node: Node, known: Mapping[str, Observation], vintage: Vintage, faults: Faults
) -> Observation | None:
    """Published number of the world that a node names, if there is one that was known."""
    if not isinstance(node.value, str):
        return None  # told when the shape is checked
    one = known.get(node.value)
    if one is None:
        hint = nearest(node.value, known)
        faults.value(node, f"no published number with the id {node.value}", hint=hint)
        return None
    if not known_by(one.as_of, vintage.as_of):
        faults.value(node, f"{one.id} is of {one.as_of}, later than vintage {_dated(vintage)}")
        return None
    if one.region != "world" or one.value is None:
        faults.value(node, f"{one.id} is not one number of the world")
        return None
    return one


def _check_target(found: Mapping[str, Observation], node: Node, faults: Faults) -> None:
    """Check that what a target names can be the quantiles of one quantity."""
    if len({(one.output, one.year, one.unit) for one in found.values()}) != 1:
        told = ", ".join(f"{one.id} is {one.output} of {one.year}" for one in found.values())
        faults.key(node, f"the cases of a target are of one quantity: {told}")
        return
    rising = sorted(found, key=lambda key: SHARES[key])
    for low, high in zip(rising, rising[1:], strict=False):
        first, second = found[low].value, found[high].value
        assert first is not None, "what a target names is a number"
        assert second is not None, "what a target names is a number"
        if not first < second:
            told = f"{high} ({number(second)}) must lie above {low} ({number(first)})"
            faults.value(node.mapping()[high], told)


def _inside(node: Node | None) -> Mapping[str, Node]:
    return node.mapping() if node else {}


def _dated(vintage: Vintage) -> str:
    return f"{vintage.name} ({vintage.as_of})"


def _home(vintage: Vintage) -> str:
    return f"priors/{FOLDER}/{vintage.name}.yaml"


def _head(tree: Node) -> Node:
    """Return what a file says apart from its overrides, which go over the register instead."""
    return tree.with_value({k: n for k, n in tree.mapping().items() if k not in _APART})


def _with_seed(head: Node, root: Node) -> Node:
    """Head with an empty sampling block where there is none, so that the seed is missed there."""
    if "sampling" in head.mapping():
        return head
    empty = Node({}, root.file, root.line, root.column, root.line, root.column, "sampling")
    return head.with_value({**head.mapping(), "sampling": empty})


def _check_titles(trees: Iterable[Node], faults: Faults) -> None:
    for tree in trees:
        if "title" not in tree.mapping():
            faults.file(tree.file, "missing", 1, 1, path="title")


def _title(layers: Sequence[Layer], given: Sequence[Node]) -> str:
    """Titles of the layers joined, unless one was set."""
    titles = [str(layer.trees[-1].mapping()["title"].value) for layer in layers]
    for tree in given:
        if "title" in tree.mapping():
            titles = [str(tree.mapping()["title"].value)]
    return " + ".join(titles)


def _apply(
    trees: Sequence[Node], register: Register, faults: Faults
) -> tuple[dict[str, Node], set[str]]:
    """Entries of the register with all overrides, and the names of those that changed."""
    entries = dict(register.entries)
    changed: set[str] = set()
    for tree in trees:
        for section in _SECTIONS:
            node = tree.mapping().get(section)
            if node is None:
                continue
            if not isinstance(node.value, dict):
                faults.value(node, f"expected inputs by name, got {described(node.value)}")
                continue
            for name, over in node.value.items():
                if may_stand(name, over, section, register, faults):
                    entries[name] = overridden(name, entries[name], over, faults)
                    changed.add(name)
    return entries, changed


def _build(
    entries: Mapping[str, Node], changed: set[str], register: Register, faults: Faults
) -> dict[str, Prior]:
    """Priors as they will be drawn; those whose entry in the register is faulty are left out."""
    priors = dict(register.priors)
    for name in priors:
        if name in changed:
            built = build(name, entries[name], faults, like=register.priors[name])
            priors[name] = built or register.priors[name]
    return priors


def _dependence(
    head: Node, priors: Mapping[str, Prior], register: Register, faults: Faults
) -> tuple[Dependence, ...]:
    """Return the groups of the scenario, else those of the register less what it fixes."""
    listed = head.mapping().get("dependence")
    if listed is not None:
        return build_groups(listed, priors, register.entries, faults)
    fixed = [name for name, prior in priors.items() if prior.family in ("fixed", "discrete")]
    return without(register.dependence, fixed)


def _listed(head: Node, register: Register, groups: Iterable[Dependence]) -> dict[str, Node]:
    """Return the places of the dependence groups that are left."""
    places = named(head.mapping().get("dependence") or register.listed)
    return {group.name: places[group.name] for group in groups}


def _origins(
    head: Node,
    entries: Mapping[str, Node],
    priors: Mapping[str, Prior],
    groups: Mapping[str, Node],
) -> dict[str, str]:
    """Place that gave each value, by its path in the resolved scenario."""
    said = {
        path: _origin(node)
        for key, child in head.mapping().items()
        if key not in (*_APART, "extends", "dependence")
        for path, node in child.leaves(key)
    }
    for name, entry in entries.items():
        said.update((path, _origin(node)) for path, node in entry.leaves(name))
    said.update((f"dependence.{name}", _origin(node)) for name, node in groups.items())
    unsaid = ["horizon", "failed_share", "sampling.draws", "sampling.method"]
    for name, prior in priors.items():
        unsaid += [f"{name}.role", *(f"{name}.{key}" for key in prior.arguments)]
    default = {path: "default" for path in unsaid if path not in said}
    return {**said, **default}


def _origin(node: Node) -> str:
    return FILE if node.file == FILE else f"{node.file}:{node.line}"

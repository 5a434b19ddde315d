"""From `base+pue-cap` to the files that are laid over each other, in order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from forecast import shipped
from forecast.errors import shown
from forecast.spec.faults import Faults, nearest
from forecast.spec.node import Node
from forecast.spec.scenario import POLICY_KEYS, SCENARIO_KEYS
from forecast.spec.yaml import read

KEBAB: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Layer:
    """One part of a composition: a file with those it extends under it.

    Attributes
    ----------
    name : str
        Name of the file without `.yaml`.
    trees : tuple of Node
        What the files say, the one that extends nothing first.
    """

    name: str
    trees: tuple[Node, ...]

    @property
    def is_policy(self) -> bool:
        """Whether it sets levers and nothing else."""
        return all(key in POLICY_KEYS for tree in self.trees for key in tree.mapping()) and any(
            tree.mapping().keys() & {"levers", "then"} for tree in self.trees
        )


def compose(reference: str, faults: Faults) -> tuple[Layer, ...] | None:
    """Layers that a reference names: a world, then policies.

    Parameters
    ----------
    reference : str
        Names or paths, joined by `+`.
    faults : Faults
        Receives files that are missing or unreadable, cycles, and wrong compositions.

    Returns
    -------
    tuple of Layer or None
        None where anything is wrong.
    """
    before = len(faults)
    parts = [reference] if _exists(Path(reference)) else reference.split("+")
    names = [part.strip() for part in parts]
    layers = [layer for name in names if (layer := read_layer(name, faults))]
    if len(faults) == before:
        _check_order(names, layers, faults)
    return tuple(layers) if len(faults) == before else None


def locate(reference: str, *, beside: Path | None = None) -> Path | str:
    """File that a reference names.

    Parameters
    ----------
    reference : str
        A path (with a slash, or ending in `.yaml` and existing), else the name of a shipped
        scenario, with or without `.yaml`.
    beside : Path, optional
        Folder that paths are relative to; the working directory if not given.

    Returns
    -------
    Path or str
        Where there is no such file, the nearest name that there is, or nothing.
    """
    here = beside or Path()
    path = here / reference
    if "/" in reference or "\\" in reference:
        if _exists(path):
            return path
        siblings = [file.name for file in _files(path.parent)]
        near = nearest(path.name, siblings)
        return str(Path(reference).with_name(near)) if near else ""
    if reference.endswith(".yaml") and _exists(path):
        return path
    name = reference.removesuffix(".yaml")
    known = {file.stem: file for file in _files(shipped.scenarios())}
    if name in known:
        return known[name]
    local = [file.name for file in _files(here)]
    return nearest(name, known) or nearest(reference, local)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        # Names that no file can have: too long, or with a NUL.
        return False


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob("*.yaml"))
    except (OSError, ValueError):
        return []


def read_layer(reference: str, faults: Faults) -> Layer | None:
    """Layer of one part of a reference.

    Parameters
    ----------
    reference : str
        A name or a path, without "+".
    faults : Faults
        Receives files that are missing or unreadable, and cycles.

    Returns
    -------
    Layer or None
        None where a file cannot be read.
    """
    if not reference:
        faults.file("+", "a name is missing beside +")
        return None
    found = locate(reference)
    if isinstance(found, str):
        faults.file(reference, _missing(reference), hint=found)
        return None
    if not KEBAB.fullmatch(found.stem):
        bare = re.sub(r"[^a-z0-9]+", "-", found.stem.lower()).strip("-")
        problem = f"{found.stem}: the name of a scenario is lower case with hyphens"
        faults.file(shown(found), problem, hint=bare)
    trees = _chain(found, faults)
    return Layer(found.stem, tuple(trees)) if trees else None


def _missing(reference: str) -> str:
    return "no such file" if "/" in reference else "no such scenario"


def _chain(path: Path, faults: Faults) -> list[Node]:
    """Read a file and those it extends, the last first; empty where one is missing."""
    trees: list[Node] = []
    visited: list[Path] = []
    while True:
        visited.append(path.resolve())
        tree = read(path, faults)
        if tree is None:
            return []
        trees.insert(0, tree)
        node = tree.mapping().get("extends")
        if node is None or not isinstance(node.value, str) or not node.value:
            return trees  # a wrong type is told when the shape is checked
        found = _extended(node, path, faults)
        if found is None:
            return []
        if found.resolve() in visited:
            cycle = visited[visited.index(found.resolve()) :] + [found.resolve()]
            names = " -> ".join(file.name for file in cycle)
            faults.value(node, f"extends itself: {names}")
            return []
        path = found


def _extended(node: Node, path: Path, faults: Faults) -> Path | None:
    reference = str(node.value)
    if "+" in reference:
        faults.value(node, "extends one scenario; lay policies over it with + when running")
        return None
    found = locate(reference, beside=path.parent)
    if isinstance(found, str):
        faults.value(node, f"{_missing(reference)} {reference}", hint=found)
        return None
    return found


def _check_order(names: Sequence[str], layers: Sequence[Layer], faults: Faults) -> None:
    """Check that a world comes first, and then policies alone."""
    reference = "+".join(names)
    world, *policies = layers
    if world.is_policy:
        policy_names = [n for n, layer in zip(names, layers, strict=True) if layer.is_policy]
        world_names = [name for name in names if name not in policy_names] or ["base"]
        faults.file(
            reference,
            f"{world.name} is a policy (it sets levers only) and needs a world under it",
            hint="+".join(world_names + policy_names),
        )
    for policy in policies:
        if policy.is_policy:
            continue
        others = {
            key: node
            for tree in policy.trees
            for key, node in tree.mapping().items()
            if key in SCENARIO_KEYS and key not in POLICY_KEYS
        }
        keys = f": it has {', '.join(others)}" if others else ": it sets no levers"
        faults.file(
            reference, f"{policy.name} is a world, not a policy{keys}; only policies follow a +"
        )

"""The register of inputs that the priors folder is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from forecast import shipped, units
from forecast.errors import shown
from forecast.spec.dependence import Dependence
from forecast.spec.faults import Faults, nearest
from forecast.spec.groups import build_groups
from forecast.spec.node import Node
from forecast.spec.prior import MAX_COLUMN, Prior, build
from forecast.spec.scenario import SCENARIO_KEYS
from forecast.spec.shape import NAME
from forecast.spec.vintage import Vintages
from forecast.spec.yaml import read

_SNAKE: Final = re.compile(NAME)


@dataclass(frozen=True)
class Register:
    """All inputs, with the places they were read from.

    Attributes
    ----------
    priors : mapping
        Name → prior, of all entries without fault.
    entries : mapping
        Name → entry as written, of all entries.
    dependence : tuple of Dependence
    listed : Node, optional
        The list of dependence groups as written.
    vintages : mapping
        Name → what was known at a date, read when it is asked for.
    """

    priors: Mapping[str, Prior]
    entries: Mapping[str, Node]
    dependence: tuple[Dependence, ...] = ()
    listed: Node | None = None
    vintages: Vintages = field(default_factory=Vintages)


def read_priors(folder: Path) -> dict[str, Prior]:
    """Priors of a folder, one file per block.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict of str to Prior
        In the order of file names and of entries.

    Raises
    ------
    InputErrors
        With all faults of all files.
    """
    return dict(read_register(folder).priors)


def read_register(folder: Path | None = None) -> Register:
    """Priors and dependence groups of a folder; its vintages are read when asked for.

    Parameters
    ----------
    folder : Path, optional
        The shipped priors if not given.

    Returns
    -------
    Register

    Raises
    ------
    InputErrors
        With all faults of all files.
    """
    faults = Faults()
    register = collect_register(folder or shipped.priors(), faults)
    faults.raise_any()
    return register


def collect_register(folder: Path, faults: Faults) -> Register:
    """Read what can be read of a folder, faults apart.

    Parameters
    ----------
    folder : Path
    faults : Faults
        Receives all faults of all files.

    Returns
    -------
    Register
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        faults.file(shown(folder), "no priors here: expected one YAML file per block")
    entries: dict[str, Node] = {}
    listed = None
    for file in files:
        if file.stem == "dependence":
            listed = read(file, faults, top=list)
        else:
            entries.update(_entries(file, faults))
    priors = {name: prior for name, node in entries.items() if (prior := build(name, node, faults))}
    _check_units(priors, entries, faults)
    _check_columns(priors, entries, faults)
    groups = build_groups(listed, priors, entries, faults) if listed else ()
    return Register(priors, entries, groups, listed, Vintages(folder, entries, priors))


def next_free_column(priors: Mapping[str, Prior]) -> int:
    """Lowest Sobol' column above all that are taken, for a new input.

    A gap, left by an input that was removed, is offered only where nothing else is left.

    Parameters
    ----------
    priors : mapping

    Returns
    -------
    int
    """
    taken = {column for prior in priors.values() for column in prior.columns}
    above = 1 + max(taken, default=0)
    if above <= MAX_COLUMN:
        return above
    return next((column for column in range(1, MAX_COLUMN) if column not in taken), above)


def _entries(file: Path, faults: Faults) -> dict[str, Node]:
    """Entries of one block by dotted name."""
    block, told = file.stem, shown(file)
    if not _SNAKE.match(block):
        faults.file(told, f"{block}: the name of a block is snake_case")
    if block in SCENARIO_KEYS:
        faults.file(told, f"{block}: no block may bear the name of a key of scenario files")
    root = read(file, faults)
    for key, node in (root.mapping() if root else {}).items():
        if not _SNAKE.match(key):
            faults.key(node, "the name of an input is snake_case", hint=_snake(key))
    return {f"{block}.{key}": node for key, node in (root.mapping() if root else {}).items()}


def _snake(key: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()
    bare = re.sub(r"[^a-z0-9]+", "_", words).strip("_")
    return bare if _SNAKE.match(bare) else ""


def _check_units(priors: Mapping[str, Prior], entries: Mapping[str, Node], faults: Faults) -> None:
    refused = units.unknown({prior.unit for prior in priors.values()})
    for name, prior in priors.items():
        if prior.unit in refused:
            hint = nearest(prior.unit, units.CANONICAL)
            faults.value(entries[name].mapping()["unit"], refused[prior.unit], hint=hint)


def _check_columns(
    priors: Mapping[str, Prior], entries: Mapping[str, Node], faults: Faults
) -> None:
    free = next_free_column(priors)
    taken: dict[int, str] = {}
    for name, prior in priors.items():
        node = entries[name].mapping()["column"]
        if prior.columns[-1] > MAX_COLUMN:
            faults.value(node, f"takes columns up to {prior.columns[-1]}; the last is {MAX_COLUMN}")
        shared = [column for column in prior.columns if column in taken]
        if shared:
            what = f"column {shared[0]} belongs to {taken[shared[0]]}"
            faults.value(node, f"{what}; the next free column is {free}")
            free += len(prior.columns)
        for column in prior.columns:
            taken.setdefault(column, name)


def block_names(names: Iterable[str]) -> tuple[str, ...]:
    """Blocks that inputs belong to, each once.

    Parameters
    ----------
    names : iterable of str
        `block.field`.

    Returns
    -------
    tuple of str
    """
    return tuple(dict.fromkeys(name.partition(".")[0] for name in names))

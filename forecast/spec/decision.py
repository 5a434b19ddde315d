"""A decision: options, and what each loses by how outcomes come to lie. Read from a file.

```yaml
title: Reserve grid capacity for 2030
unit: GUSD                                # of every loss; a word of the user's
options:                                  # two or more, with numbers of the user's
  build_900: {capacity: 900, cost: 45}    # cost falls due in any case; 0 if left out
  build_1200: {capacity: 1200, cost: 60}
loss:                                     # terms that add up
  - outcome: total[2030]                  # VARIABLE[YEAR] or VARIABLE[REGION, YEAR]
    unit: TWh                             # of the level; that of the variable if left out
    level: capacity                       # a number of the options by name, or one number
    shortfall: 0.3                        # per unit of outcome above the level
    excess: 0.05                          # per unit below it
source: "judgement"
```
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from forecast import units
from forecast.errors import shown
from forecast.grammar import Place, check_place, parse_place
from forecast.spec.family import Closed, Number, Text
from forecast.spec.faults import Faults, described, nearest, number
from forecast.spec.node import Node
from forecast.spec.shape import checked
from forecast.spec.yaml import read

COST: Final = "cost"
"""Number of an option that falls due whatever comes."""

LEAST_OPTIONS: Final = 2
"""Options below which there is nothing to decide. (definition)"""


class TermEntry(Closed):
    """A loss that is piecewise linear in one outcome."""

    outcome: Text
    unit: Text | None = None
    level: Any  # a number, or the name of one that each option has: checked by `_by_option`
    shortfall: Any = 0.0
    excess: Any = 0.0


class DecisionEntry(Closed):
    """What the file of a decision may say."""

    title: Text
    summary: str = ""
    source: str = ""
    unit: Text = "1"
    options: dict[str, dict[str, Number]]
    loss: list[TermEntry]


@dataclass(frozen=True)
class Term:
    """A loss that is piecewise linear in one outcome; numbers option by option.

    Attributes
    ----------
    place : Place
    unit : str
        Of the level; empty for that of the variable.
    level, shortfall, excess : tuple of float
        In that unit; in the unit of the loss over that unit, at least 0.
    node : Node
        Where it is written.
    """

    place: Place
    unit: str
    level: tuple[float, ...]
    shortfall: tuple[float, ...]
    excess: tuple[float, ...]
    node: Node = field(compare=False, repr=False)


@dataclass(frozen=True)
class Decision:
    """Options and what each loses.

    Attributes
    ----------
    title, summary, source : str
    unit : str
        Of the losses.
    options : tuple of str
    cost : tuple of float
        Of each option.
    terms : tuple of Term
    """

    title: str
    summary: str
    source: str
    unit: str
    options: tuple[str, ...]
    cost: tuple[float, ...]
    terms: tuple[Term, ...]


def read_decision(path: Path) -> Decision:
    """Read the file of a decision.

    Parameters
    ----------
    path

    Returns
    -------
    Decision

    Raises
    ------
    InputErrors
        With all faults.
    """
    faults = Faults()
    found = None
    if path.is_dir():
        faults.file(shown(path), "is a folder, expected the file of a decision")
    else:
        root = read(path, faults)
        found = _decision(root, faults) if root else None
    faults.raise_any()
    assert found is not None, "a decision without fault is read"
    return found


def _decision(root: Node, faults: Faults) -> Decision | None:
    entry = checked(DecisionEntry, root, faults)
    options = root.mapping().get("options")
    loss = root.mapping().get("loss")
    if options is None or loss is None:
        return None
    _check_options(options, faults)
    terms = [one for node in loss.items() if (one := _term(node, options, faults))]
    if isinstance(loss.value, list) and not loss.value:
        faults.value(loss, "expected one term or more, got none")
    _check_used(options, loss, faults)
    if entry is None or len(faults):
        return None
    return Decision(
        title=entry.title,
        summary=entry.summary,
        source=entry.source,
        unit=entry.unit,
        options=tuple(entry.options),
        cost=tuple(one.get(COST, 0.0) for one in entry.options.values()),
        terms=tuple(terms),
    )


def _check_options(options: Node, faults: Faults) -> None:
    if isinstance(options.value, dict) and len(options.value) < LEAST_OPTIONS:
        got = ", ".join(options.value) or "none"
        faults.key(options, f"expected {LEAST_OPTIONS} options or more, got {got}")


def _check_used(options: Node, loss: Node, faults: Faults) -> None:
    """Check that no number of an option is left unused: it is likely misspelt."""
    used = [COST]
    for term in loss.items():
        asked = (term.mapping().get(key) for key in ("level", "shortfall", "excess"))
        used += [node.value for node in asked if node and isinstance(node.value, str)]
    for option in options.mapping().values():
        for name, node in option.mapping().items():
            if name not in used:
                known = ", ".join(dict.fromkeys(used))
                problem = f"no loss uses it; {known} are used"
                faults.key(node, problem, hint=nearest(name, used))


def _term(node: Node, options: Node, faults: Faults) -> Term | None:
    """Term of a loss; None where anything in it is wrong."""
    before = len(faults)
    given = node.mapping()
    place = _place(given.get("outcome"), faults)
    if not given.keys() & {"shortfall", "excess"} and isinstance(node.value, dict):
        faults.key(node, "costs nothing: expected shortfall, excess or both")
    parts = {
        key: _by_option(given.get(key), options, faults, price=key != "level")
        for key in ("level", "shortfall", "excess")
    }
    if len(faults) > before or place is None:
        return None
    unit = given["unit"].value if "unit" in given else ""
    return Term(place, str(unit or ""), **parts, node=node)


def _place(node: Node | None, faults: Faults) -> Place | None:
    if node is None or not isinstance(node.value, str) or not node.value:
        return None  # told when the shape is checked
    try:
        return parse_place(node.value)
    except ValueError as error:
        faults.value(node, f'in "{node.value}", {error}')
        return None


def _by_option(
    node: Node | None, options: Node, faults: Faults, *, price: bool
) -> tuple[float, ...]:
    """Return a number for each option: the same, or that which each option has by a name."""
    count = len(options.mapping())
    if node is None or node.is_broken():
        return (0.0,) * count
    value = node.value
    if not isinstance(value, str) or not value:
        if isinstance(value, bool) or not isinstance(value, int | float) or (price and value < 0):
            least = " of at least 0" if price else ""
            wanted = f"a number{least}, or the name of a number that each option has"
            faults.value(node, f"expected {wanted}, got {described(value)}")
        return (_number(value),) * count
    known = dict.fromkeys(key for one in options.mapping().values() for key in one.mapping())
    if value not in known:
        choice = f"; they have {', '.join(known)}" if known else ""
        problem = f"no option has a number named {value}{choice}"
        faults.value(node, problem, hint=nearest(value, known))
        return ()
    found: list[float] = []
    for option in options.mapping().values():
        one = option.mapping().get(value)
        if one is None:
            path = f"{option.path}.{value}"
            faults.file(option.file, "missing", option.key_line, option.key_column, path=path)
            continue
        found.append(_number(one.value))
        if price and found[-1] < 0:
            faults.value(one, f"a price is at least 0, got {number(found[-1])}")
    return tuple(found)


def _number(value: Any) -> float:
    """Return a number; 0 in place of what is refused where the shape is checked."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def bind(decision: Decision, rows: Mapping[str, Any]) -> tuple[list[Place], list[float]]:
    """Hold a decision against the outcomes that there are.

    Parameters
    ----------
    decision
    rows
        Columns `variable`, `region`, `year` and `unit` of the outcomes.

    Returns
    -------
    list of Place, list of float
        The outcome of each term, and what turns it into the unit of the term.

    Raises
    ------
    InputErrors
        With every outcome that there is not, and every unit that does not fit.
    """
    faults = Faults()
    factors = []
    for term in decision.terms:
        given = term.node.mapping()
        try:
            chosen = check_place(term.place, rows)
        except ValueError as error:
            faults.value(given["outcome"], f'in "{given["outcome"].value}", {error}')
            continue
        own = str(np.asarray(rows["unit"])[chosen][0])
        try:
            factors.append(units.factor(own, term.unit) if term.unit not in ("", own) else 1.0)
        except units.UnitError as error:
            faults.value(given["unit"], f"{term.place} is in {own}: {error}")
    faults.raise_any()
    return [term.place for term in decision.terms], factors

"""What `forecast optimise` is asked: levers with costs, a budget, and the outcome to be made small.

```yaml
title: Where 10 GUSD a year do most against demand in 2030
outcome: total[2030]        # of what a rule may watch too; VARIABLE[REGION, YEAR] in a region
measure: cvar               # mean if left out; cvar is the mean of the worst draws
tail: 0.1                   # share of draws that are the worst; 0.1 if left out
unit: GUSD                  # of costs and budget; a word of the user's
budget: 10
levers:
  measures.right_sizing: {from: 0, to: 0.6, cost: 12, rising: 20}
source: "judgement"
```

A lever costs ``cost · |x - from| + rising · (x - from)²`` and may go from `from`, which is free, to
`to`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import pydantic

from forecast.axes import FIRST_YEAR, REGIONS, WATCHED, WATCHED_BY_REGION
from forecast.errors import shown
from forecast.spec.family import Closed, Number, Text
from forecast.spec.faults import Faults, nearest, number
from forecast.spec.node import Node
from forecast.spec.prior import Prior
from forecast.spec.shape import checked
from forecast.spec.yaml import read
from forecast.words import NAME, Words, unknown

type Measure = Literal["mean", "cvar"]

Cost = Annotated[float, pydantic.Field(strict=True, allow_inf_nan=False, ge=0)]
EXAMPLE: Final = "total[2030]"


class LeverEntry(Closed):
    """How far a lever may go, and what that costs."""

    model_config = Closed.model_config | {"populate_by_name": True}

    from_: Number = pydantic.Field(alias="from")
    to: Number
    cost: Cost
    rising: Cost = 0.0


class OptimisationEntry(Closed):
    """What the file may say."""

    title: Text
    summary: str = ""
    source: str = ""
    outcome: Text
    measure: Literal["mean", "cvar"] = "mean"
    tail: Annotated[float, pydantic.Field(strict=True, allow_inf_nan=False, gt=0, lt=1)] = 0.1
    goal: Literal["least", "most"] = "least"
    unit: Text = "1"
    budget: Cost
    levers: dict[str, Any]


@dataclass(frozen=True)
class Range:
    """How far a lever may go, and what that costs.

    Attributes
    ----------
    free, strongest : float
        Values between which it may lie, the first without cost; in the unit of the lever.
    cost, rising : float
        Per unit of the lever off the free value, and per square of it.
    """

    free: float
    strongest: float
    cost: float
    rising: float

    @property
    def whole(self) -> float:
        """Cost of the strongest value."""
        width = abs(self.strongest - self.free)
        return self.cost * width + self.rising * width**2


@dataclass(frozen=True)
class Optimisation:
    """An optimisation, as read.

    Attributes
    ----------
    title, summary, source : str
    variable, region : str
        Of `axes.WATCHED`; the region is empty for the world.
    year : int
    measure : str
        `mean` or `cvar`.
    tail : float
        Share of draws that are the worst.
    goal : str
        `least` or `most`: whether a small outcome is good.
    unit : str
        Of cost and budget.
    budget : float
    levers : mapping
        Lever → Range.
    """

    title: str
    summary: str
    source: str
    variable: str
    region: str
    year: int
    measure: Measure
    tail: float
    goal: Literal["least", "most"]
    unit: str
    budget: float
    levers: Mapping[str, Range]

    @property
    def outcome(self) -> str:
        """Its place, as in the file."""
        place = f"{self.region}, {self.year}" if self.region else str(self.year)
        return f"{self.variable}[{place}]"


def read_optimisation(path: Path, priors: Mapping[str, Prior], horizon: int) -> Optimisation:
    """Read the file of an optimisation.

    Parameters
    ----------
    path
    priors
        Of the scenario, whose levers it names.
    horizon : yr
        Of the scenario.

    Returns
    -------
    Optimisation

    Raises
    ------
    InputErrors
        With all faults.
    """
    faults = Faults()
    found = None
    if path.is_dir():
        faults.file(shown(path), "is a folder, expected the file of an optimisation")
    else:
        root = read(path, faults)
        found = _optimisation(root, priors, horizon, faults) if root else None
    faults.raise_any()
    assert found is not None, "an optimisation without fault is read"
    return found


def _optimisation(
    root: Node, priors: Mapping[str, Prior], horizon: int, faults: Faults
) -> Optimisation | None:
    entry = checked(OptimisationEntry, root, faults)
    place = _place(root.mapping().get("outcome"), horizon, faults)
    levers: dict[str, Range] = {}
    listed = root.mapping().get("levers")
    if listed is not None and isinstance(listed.value, dict):
        if not listed.value:
            faults.value(listed, "expected one lever or more, got none")
        for name, node in listed.value.items():
            if one := _range(name, node, priors, faults):
                levers[name] = one
    if entry is None or place is None or len(faults):
        return None
    variable, region, year = place
    return Optimisation(
        entry.title,
        entry.summary,
        entry.source,
        variable,
        region,
        year,
        entry.measure,
        entry.tail,
        entry.goal,
        entry.unit,
        entry.budget,
        levers,
    )


def _place(node: Node | None, horizon: int, faults: Faults) -> tuple[str, str, int] | None:
    if node is None or not isinstance(node.value, str) or not node.value:
        return None  # told when the shape is checked
    words = Words(node.value, EXAMPLE)
    try:
        variable, column = words.take(NAME, "a variable")
        if variable not in WATCHED:
            raise ValueError(unknown(column, "variable", variable, WATCHED))
        words.take(r"\[", '"["')
        region = ""
        if words.next_is(NAME):
            region, column = words.take(NAME, "a region")
            if region not in REGIONS:
                raise ValueError(unknown(column, "region", region, REGIONS))
            if variable not in WATCHED_BY_REGION:
                by_region = ", ".join(WATCHED_BY_REGION)
                raise ValueError(
                    f"column {column}: by region there are {by_region}, not {variable}"
                )
            words.take(",", '","')
        year, column = words.take(r"\d{4}", "a year")
        if not FIRST_YEAR <= int(year) <= horizon:
            raise ValueError(
                f"column {column}: the year must lie in {FIRST_YEAR} to {horizon}, got {year}"
            )
        words.take(r"\]", '"]"')
        words.end_here()
    except ValueError as error:
        faults.value(node, f'in "{node.value}", {error}')
        return None
    return variable, region, int(year)


def _range(name: str, node: Node, priors: Mapping[str, Prior], faults: Faults) -> Range | None:
    if name not in priors:
        levers = [key for key, one in priors.items() if one.role == "lever"]
        faults.key(node, "no such lever", hint=nearest(name, levers))
        return None
    prior = priors[name]
    if prior.role != "lever":
        faults.key(node, f"{name} is an uncertain input, not a lever: nobody decides it")
        return None
    if prior.unit == "yr":
        faults.key(node, f"{name} is a year, which moves in steps; expected a strength")
        return None
    before = len(faults)
    if not isinstance(node.value, dict):
        faults.value(node, "expected a mapping with from, to and cost")
        return None
    # The shape calls it by a name that Python allows.
    nodes = {("from_" if key == "from" else key): each for key, each in node.mapping().items()}
    entry = checked(LeverEntry, node, faults, nodes=nodes)
    for key in ("from", "to"):
        at = node.mapping().get(key)
        if entry and at:
            _in_domain(entry.from_ if key == "from" else entry.to, prior, at, faults)
    if entry and entry.from_ == entry.to:
        faults.key(node, f"goes nowhere: from and to are both {number(entry.to)}")
    if entry is None or len(faults) > before:
        return None
    return Range(entry.from_, entry.to, entry.cost, entry.rising)


def _in_domain(value: float, prior: Prior, node: Node, faults: Faults) -> None:
    low, high = prior.at_least, prior.at_most
    if low is not None and value < low:
        faults.value(node, f"{prior.name} is at least {number(low)}, got {number(value)}")
    if high is not None and value > high:
        faults.value(node, f"{prior.name} is at most {number(high)}, got {number(value)}")

"""A rule of an adaptive policy: what is watched, and the levers that are set once it has held.

```yaml
when: "unserved[united_states] > 20 TWh"   # all that `and` joins, in one year
watched_from: 2027                         # first year that is looked at
delay: 2                                   # years from that year to the first in force
phase_in: 3                                # years until it is in force in full
then:
  measures.flexible_load: 0.15
```
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import Field

from forecast import units
from forecast.axes import FIRST_YEAR, LAST_YEAR, REGIONS, WATCHED, WATCHED_BY_REGION
from forecast.spec.family import Closed, Text
from forecast.spec.faults import Faults, described, nearest
from forecast.spec.node import Node
from forecast.spec.prior import Prior
from forecast.spec.shape import checked
from forecast.words import NAME, NUMBER, RELATIONS, Words, trailing_unit, unknown

EXAMPLE: Final = "unserved[united_states] > 20 TWh"
DEFAULT_WATCHED_FROM: Final = 2026
"""First year after the last whose total is published. (definition)"""


class RuleEntry(Closed):
    """What a file may say of its rule."""

    when: Text
    then: dict[str, Any]
    watched_from: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)] = DEFAULT_WATCHED_FROM
    delay: Annotated[int, Field(ge=1, le=LAST_YEAR - FIRST_YEAR)] = 1
    phase_in: Annotated[int, Field(ge=1, le=LAST_YEAR - FIRST_YEAR)] = 1


RULE_KEYS: Final = tuple(RuleEntry.model_fields)
"""Keys of a file that make its rule."""


@dataclass(frozen=True)
class Watch:
    """What is asked of one quantity, year by year.

    Attributes
    ----------
    variable, region : str
        Of `axes.WATCHED`; the region is empty for the world.
    relation : str
        One of `words.RELATIONS`.
    level : float
        In the unit of the variable.
    """

    variable: str
    region: str
    relation: str
    level: float

    def __str__(self) -> str:
        place = f"[{self.region}]" if self.region else ""
        unit = WATCHED[self.variable].removeprefix("1")
        return f"{self.variable}{place} {self.relation} {self.level:.17g} {unit}".rstrip()


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Levers that are set once a condition has held, for good.

    Attributes
    ----------
    watches : tuple of Watch
        All must hold in one year.
    then : mapping
        Lever → its prior from then on.
    watched_from : yr
    delay, phase_in : yr
        From the year in which the condition held to the first in force; until in force in full.
    policy : str
        Name of the file that sets it.
    """

    watches: tuple[Watch, ...]
    then: Mapping[str, Prior] = field(hash=False)
    watched_from: int
    delay: int
    phase_in: int
    policy: str

    @property
    def when(self) -> str:
        """The condition as text, in canonical units."""
        return " and ".join(map(str, self.watches))


def parse_watches(text: str) -> tuple[Watch, ...]:
    """Read ``VARIABLE > LEVEL UNIT`` and ``VARIABLE[REGION] > LEVEL UNIT``, joined by ``and``.

    Raises
    ------
    ValueError
        With the column and what was expected there.
    """
    words = Words(text, EXAMPLE)
    found = [_watch(words)]
    while words.separated():
        found.append(_watch(words))
    return tuple(found)


def _watch(words: Words) -> Watch:
    variable, column = words.take(NAME, "a variable")
    if variable not in WATCHED:
        raise ValueError(unknown(column, "variable", variable, WATCHED))
    region = _region(words, variable) if words.next_is(r"\[") else ""
    relation = words.take("|".join(RELATIONS), f"one of {', '.join(RELATIONS)}")[0]
    sign = -1.0 if words.next_is("-") and words.take("-", "a sign") else 1.0
    word, at_number = words.take(NUMBER, "a number")
    try:
        level = sign * float(word)
    except ValueError as error:
        raise ValueError(f'column {at_number}: expected a number, got "{word}"') from error
    at_unit = words.peek()[1]
    unit, wanted = trailing_unit(words), WATCHED[variable]
    try:
        return Watch(variable, region, relation, level * units.factor(unit or wanted, wanted))
    except units.UnitError as error:
        raise ValueError(f"column {at_unit}: {error}; {variable} is in {wanted}") from error


def _region(words: Words, variable: str) -> str:
    at_bracket = words.take(r"\[", '"["')[1]
    if words.next_is(r"\d+"):
        at_year = words.peek()[1]
        raise ValueError(
            f"column {at_year}: a rule looks at every year: leave the year out, and say"
            " watched_from for the first"
        )
    region, at_region = words.take(NAME, "a region")
    words.take(r"\]", '"]"')
    if variable not in WATCHED_BY_REGION:
        by_region = ", ".join(WATCHED_BY_REGION)
        raise ValueError(
            f"column {at_bracket}: {variable} is watched in the world alone; by region there are"
            f" {by_region}"
        )
    if region not in REGIONS:
        raise ValueError(unknown(at_region, "region", region, REGIONS))
    return region


type Set = Callable[[str, Node], Prior | None]
"""Prior of a lever from what a rule says of it, faults told; None where it is wrong."""


def read_rule(
    nodes: Mapping[str, Node], owner: Node, policy: str, set_lever: Set, faults: Faults
) -> Rule | None:
    """Rule of one layer.

    Parameters
    ----------
    nodes : mapping
        Those keys of the layer that are `RULE_KEYS`; at least one.
    owner : Node
        The file, where a missing key is told.
    policy : str
    set_lever
        From a lever's name and what the rule says of it to its prior.
    faults : Faults

    Returns
    -------
    Rule or None
        None where anything is wrong.
    """
    before = len(faults)
    if missing := [key for key in ("when", "then") if key not in nodes]:
        at = next(iter(nodes.values()))
        faults.key(at, f"a rule has when and then; {missing[0]} is missing")
    head = checked(RuleEntry, owner, faults, nodes=nodes) if not missing else None
    watches: tuple[Watch, ...] = ()
    when = nodes.get("when")
    if when is not None and isinstance(when.value, str) and when.value:
        try:
            watches = parse_watches(when.value)
        except ValueError as error:
            faults.value(when, f'in "{when.value}", {error}')
    priors: dict[str, Prior] = {}
    then = nodes.get("then")
    if then is not None and isinstance(then.value, dict):
        if not then.value:
            faults.value(then, "expected levers by name, got an empty mapping")
        for name, over in then.value.items():
            if prior := set_lever(name, over):
                priors[name] = prior
    if head is None or len(faults) > before:
        return None
    timing = {"watched_from": head.watched_from, "delay": head.delay, "phase_in": head.phase_in}
    return Rule(watches=watches, then=priors, policy=policy, **timing)


def refuse_beyond(rule: Rule, nodes: Mapping[str, Node], horizon: int, faults: Faults) -> None:
    """Refuse a rule that cannot come into force before the horizon."""
    first = rule.watched_from + rule.delay
    if first > horizon:
        at = nodes.get("watched_from") or nodes.get("delay") or nodes["when"]
        faults.value(at, f"the rule can be in force from {first} on, after the horizon {horizon}")


def stored_rules(listed: Node | None, build: Set, faults: Faults) -> tuple[Rule, ...]:
    """Rules of a resolved scenario, from its text.

    Parameters
    ----------
    listed : Node or None
        The list under the key `rules`.
    build
        From a lever's name and its whole entry to its prior.
    faults : Faults
    """
    found = []
    for node in listed.items() if listed else []:
        nodes = node.mapping()
        policy = nodes.get("policy")
        if policy is None or not isinstance(policy.value, str):
            faults.key(node, f"expected a rule with its policy, got {described(node.value)}")
            continue
        rest = {key: each for key, each in nodes.items() if key != "policy"}
        for key in rest:
            if key not in RULE_KEYS:
                faults.key(rest[key], "unknown key", hint=nearest(key, RULE_KEYS))
        kept = {key: each for key, each in rest.items() if key in RULE_KEYS}
        if kept and (rule := read_rule(kept, node, policy.value, build, faults)):
            found.append(rule)
    return tuple(found)


def plain_rules(rules: Sequence[Rule], entry: Callable[[Prior], Any]) -> list[dict[str, Any]]:
    """Rules as plain values, for the text of a resolved scenario."""
    return [
        {
            "policy": one.policy,
            "when": one.when,
            "watched_from": one.watched_from,
            "delay": one.delay,
            "phase_in": one.phase_in,
            "then": {name: entry(prior) for name, prior in one.then.items()},
        }
        for one in rules
    ]

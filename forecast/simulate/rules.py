"""The rules of adaptive policies, made ready for the compiled model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from forecast.axes import REGIONS, WATCHED, WATCHED_BY_REGION
from forecast.sampling.draws import Draws, Quantiles, prepare_quantiles, quantiles
from forecast.spec.prior import Prior
from forecast.spec.rules import Rule, Watch
from forecast.spec.scenario import Scenario

START: Final = "_start"
FULL: Final = "_full"
"""Endings of the years of a measure, which a rule counts from when it comes into force."""


CONDITIONS: Final = 4
"""Conditions that every rule has room for, so that one program serves all up to that number."""


@dataclass(frozen=True)
class Ready:
    """Rules of one scenario, made ready.

    Attributes
    ----------
    rules : mapping
        Field of `model.adaptive.Rules` → array; rules that are padding never hold.
    levers : tuple of str
        In the order of `model.adaptive.Rules.chosen`, by name.
    values : tuple of Quantiles
        By rule, those levers that it sets.
    """

    rules: Mapping[str, np.ndarray]
    levers: tuple[str, ...]
    values: tuple[Quantiles, ...]


@dataclass(frozen=True)
class Adaptive:
    """Rules of one scenario for some draws, as the engine takes them.

    Attributes
    ----------
    rules : mapping
        As in `Ready`.
    then : tuple of mapping
        By rule, lever → `[draw]` or `[draw, label]`.
    """

    rules: Mapping[str, np.ndarray]
    then: tuple[Mapping[str, np.ndarray], ...]


def prepare_rules(scenarios: Sequence[Scenario]) -> tuple[Ready | None, ...]:
    """Make the rules of scenarios of one run ready, in one shape for all of them.

    Parameters
    ----------
    scenarios
        In canonical units.

    Returns
    -------
    tuple of Ready or None
        None for all where no scenario has a rule: the plain model serves them.
    """
    count = max(len(one.rules) for one in scenarios)
    if count == 0:
        return (None,) * len(scenarios)
    most = max(CONDITIONS, *(len(rule.watches) for one in scenarios for rule in one.rules))
    return tuple(_ready(one, count, most) for one in scenarios)


def refuse_rules(scenario: Scenario, what: str) -> None:
    """Refuse a study of inputs that has no levers that change on the way.

    Raises
    ------
    ValueError
    """
    if scenario.rules:
        policies = ", ".join(one.policy for one in scenario.rules)
        raise ValueError(
            f"{scenario.name}: {what} are not offered for adaptive policies ({policies}); study its"
            " draws (--method given), or the world without them"
        )


def rule_priors(scenarios: Iterable[Scenario]) -> list[Mapping[str, Prior]]:
    """Priors of the levers of every rule, which take points of the design as others do."""
    return [rule.then for one in scenarios for rule in one.rules]


def adaptive(ready: Ready, draws: Draws, laid: Draws, count: int) -> Adaptive:
    """Rules with the values of their levers in some draws.

    Parameters
    ----------
    ready
    draws : units of the levers
        Of the scenario without its rules.
    laid : 1
        Points of the unit cube; a lever has the same point before and after.
    count
        Draws.
    """
    # A rule in one form of levers for all: those that it leaves alone keep the scenario's values.
    own = {name: draws[name] for name in ready.levers}
    return Adaptive(
        ready.rules,
        tuple(own | quantiles(one, laid, count=count) for one in ready.values),
    )


def _ready(scenario: Scenario, count: int, most: int) -> Ready:
    # Sorted, as JAX lays out a mapping that goes into a compiled function.
    levers = tuple(sorted(k for k, one in scenario.priors.items() if one.role == "lever"))
    watched = len(WATCHED) + len(WATCHED_BY_REGION) * len(REGIONS)
    weight, level = np.zeros((count, most, watched)), np.full((count, most), -1.0)
    sign, inclusive = np.ones((count, most)), np.zeros((count, most))
    # A rule that is padding looks at no year.
    timing = np.tile([[np.inf], [1.0]], (1, count))
    chosen, values = np.zeros((2, count, len(levers))), []
    for number, rule in enumerate(scenario.rules):
        for place, watch in enumerate(rule.watches):
            weight[number, place, _index(watch)] = 1.0
            level[number, place] = watch.level
            sign[number, place] = 1.0 if watch.relation.startswith(">") else -1.0
            inclusive[number, place] = float(watch.relation.endswith("="))
        timing[:, number] = rule.watched_from, rule.delay
        years = _years(rule, scenario)
        set_here = {**rule.then, **years}
        chosen[0, number] = [name in set_here for name in levers]
        chosen[1, number] = [name in years for name in levers]
        values.append(prepare_quantiles(set_here))
    values += [prepare_quantiles({})] * (count - len(values))
    found = {"weight": weight, "level": level, "sign": sign, "inclusive": inclusive}
    found |= dict(zip(("watched_from", "delay"), timing, strict=True))
    found |= dict(zip(("chosen", "counted"), chosen, strict=True))
    return Ready(found, levers, tuple(values))


def _years(rule: Rule, scenario: Scenario) -> dict[str, Prior]:
    """Years of the measures of a rule, counted from the last year without it.

    Those that the rule sets itself are calendar years, as everywhere.
    """
    found = {}
    for name in rule.then:
        for ending, year in ((START, 0.0), (FULL, float(rule.phase_in))):
            years = scenario.priors.get(_stem(name, scenario) + ending)
            if years is not None and years.name not in rule.then:
                found[years.name] = replace(years, family="fixed", arguments={"value": year})
    return found


def _stem(name: str, scenario: Scenario) -> str:
    """Name of the measure that a lever belongs to: its own, or the longest that begins it."""
    levers = [one.name for one in scenario.priors.values() if one.role == "lever"]
    stems = [one.removesuffix(START) for one in levers if one.endswith(START)]
    alike = [one for one in stems if name == one or name.startswith(f"{one}_")]
    return max(alike, key=len, default=name)


def _index(watch: Watch) -> int:
    if not watch.region:
        return list(WATCHED).index(watch.variable)
    block = WATCHED_BY_REGION.index(watch.variable)
    return len(WATCHED) + block * len(REGIONS) + REGIONS.index(watch.region)

"""The rule of `--until`: how precise an estimate must be, and whether a summary is."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, Literal

import numpy as np
import xarray as xr

from forecast.analysis.summary import STATISTICS

CONFIDENCE: Final = 0.8
"""Confidence that the true Monte Carlo error lies below the bound a rule is held against.
(1; definition, docs/sampling.md)"""

EXAMPLE: Final = "p95(total[2030]) rel 1%"

_TOKEN: Final = re.compile(r"[A-Za-z_]\w*|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\S")


@dataclass(frozen=True)
class Rule:
    """How precise one estimate must be.

    Attributes
    ----------
    statistic : str
        One of `STATISTICS`.
    variable, region : str
        Of a row of the summary; the region is empty for the world.
    year : int
    kind : str
        `rel`: the target is a share of the estimate; `abs`: it is in the unit of the variable.
    target : float
        Largest Monte Carlo standard error.
    places : dict
        Word of the rule → its column in the text, from one.
    """

    statistic: str
    variable: str
    region: str
    year: int
    kind: Literal["rel", "abs"]
    target: float
    places: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    def __str__(self) -> str:
        place = f"{self.region}, {self.year}" if self.region else str(self.year)
        target = f"{100 * self.target:g}%" if self.kind == "rel" else f"{self.target:g}"
        return f"{self.statistic}({self.variable}[{place}]) {self.kind} {target}"


@dataclass(frozen=True)
class Assessment:
    """How an estimate stands to a rule, in one scenario.

    Attributes
    ----------
    rule : Rule
    scenario, unit : str
    estimate, error, bound, allowed : float
        In that unit: the estimate, its Monte Carlo standard error, the upper confidence bound of
        that error, and the largest that the rule allows.
    met : bool
        Whether the bound is allowed.
    needed : int, optional
        Draws in all that are likely to meet the rule, if the error falls with the root of their
        number; None where nothing can be said.
    """

    rule: Rule
    scenario: str
    unit: str
    estimate: float
    error: float
    bound: float
    allowed: float
    met: bool
    needed: int | None

    def __str__(self) -> str:
        verdict = "met" if self.met else "not met"
        if not self.met and self.needed is not None:
            verdict += f", about {self.needed:,} draws are needed"
        return (
            f"{self.scenario}: {self.rule}: {verdict}; {self.estimate:.4g} {self.unit}, its error"
            f" at most {self.bound:.2g} at {CONFIDENCE:.0%} confidence, allowed {self.allowed:.2g}"
        )


class _Words:
    # The words of a text, taken one by one; lives for one parse.
    def __init__(self, text: str) -> None:
        self.found = [(one.group(), one.start() + 1) for one in _TOKEN.finditer(text)]
        self.end = len(text) + 1

    def peek(self) -> tuple[str, int]:
        return self.found[0] if self.found else ("", self.end)

    def take(self, pattern: str, expected: str) -> tuple[str, int]:
        word, column = self.peek()
        if not re.fullmatch(pattern, word):
            got = f'"{word}"' if word else "the end"
            raise ValueError(f"column {column}: expected {expected}, got {got} (as in {EXAMPLE!r})")
        return self.found.pop(0)


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Read ``p95(total[2030]) rel 1% and mean(unserved[china, 2030]) abs 5``.

    Parameters
    ----------
    text
        ``STATISTIC(VARIABLE[YEAR])`` or ``STATISTIC(VARIABLE[REGION, YEAR])``, then ``rel X%`` or
        ``abs X`` in the unit of the variable; several rules are joined by ``and``.

    Returns
    -------
    tuple of Rule

    Raises
    ------
    ValueError
        With the column and what was expected there.
    """
    words = _Words(text)
    rules = [_rule(words)]
    while words.found:
        words.take("and", '"and" or the end')
        rules.append(_rule(words))
    return tuple(rules)


def _rule(words: _Words) -> Rule:
    name, number = r"[A-Za-z_]\w*", r"[\d.].*"
    statistic, at_statistic = words.take(name, "a statistic")
    if statistic not in STATISTICS:
        raise ValueError(_unknown(at_statistic, "statistic", statistic, STATISTICS))
    words.take(r"\(", '"("')
    variable, at_variable = words.take(name, "a variable")
    words.take(r"\[", '"["')
    region, at_region = "", words.peek()[1]
    if re.fullmatch(name, words.peek()[0]):
        region = words.take(name, "a region")[0]
        words.take(",", '","')
    year, at_year = words.take(r"\d{4}", "a year" if region else "a year or a region")
    words.take(r"\]", '"]"')
    words.take(r"\)", '")"')
    kind = words.take("rel|abs", '"rel" or "abs"')[0]
    what = "a percentage such as 1%" if kind == "rel" else "a number in the unit of the variable"
    value, at_value = words.take(number, what)
    target = float(value)
    if kind == "rel":
        words.take("%", '"%"')
        target /= 100
    if not (math.isfinite(target) and target > 0):
        raise ValueError(f"column {at_value}: must be above 0 and finite, got {value}")
    places = dict(variable=at_variable, region=at_region, year=at_year)
    found: Literal["rel", "abs"] = "rel" if kind == "rel" else "abs"
    return Rule(statistic, variable, region, int(year), found, target, places)


def _unknown(column: int, what: str, got: str, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(got, names, n=1)
    hint = f' (did you mean "{near[0]}"?)' if near else ""
    return f'column {column}: no {what} "{got}", expected one of {", ".join(names)}{hint}'


def check_rules(rules: Sequence[Rule], rows: xr.Dataset) -> None:
    """Hold rules against the rows that a summary will have.

    Parameters
    ----------
    rules
        From `parse_rules`.
    rows
        A summary, or its `variable`, `region` and `year` alone.

    Raises
    ------
    ValueError
        With the column of the first word that names nothing.
    """
    variables, regions, years = (rows[name].values for name in ("variable", "region", "year"))
    for rule in rules:
        named = variables == rule.variable
        if not named.any():
            known = dict.fromkeys(variables.tolist())
            raise ValueError(
                _unknown(rule.places.get("variable", 1), "variable", rule.variable, known)
            )
        there = dict.fromkeys(regions[named].tolist())
        if rule.region not in there:
            column = rule.places.get("region", 1)
            if not rule.region:
                known_regions = ", ".join(there)
                raise ValueError(
                    f"column {column}: {rule.variable} is given by region alone, expected one of"
                    f" {known_regions} before the year"
                )
            by_region = [one for one in there if one]
            if not by_region:
                text = f"{rule.variable} is not given by region, expected a year alone"
                raise ValueError(f"column {column}: {text}")
            raise ValueError(_unknown(column, "region", rule.region, by_region))
        known_years = years[named & (regions == rule.region)]
        if rule.year not in known_years:
            span = f"{known_years.min()} to {known_years.max()}"
            column = rule.places.get("year", 1)
            raise ValueError(f"column {column}: the year must lie in {span}, got {rule.year}")


def upper_error(error: float, chains: int) -> float:
    """Upper confidence bound of a standard error that was estimated from a few chains.

    Parameters
    ----------
    error : any unit
        Spread of the chains' estimates over the root of their number.
    chains
        At least 2.

    Returns
    -------
    Same unit
        ``error sqrt((c - 1) / x)`` with x the lower 20 % point of chi-square with c - 1 degrees
        of freedom: it lies above the true error in 80 % of runs whose chains are normal.

    References
    ----------
    Casella and Berger (2002), Statistical Inference, section 9.2.
    """
    from scipy.special import chdtri

    return error * math.sqrt((chains - 1) / float(chdtri(chains - 1, CONFIDENCE)))


def assess(
    rules: Sequence[Rule], summary: xr.Dataset, *, chains: int, draws: int
) -> tuple[Assessment, ...]:
    """Hold the rules against a summary: one assessment for each rule and scenario.

    Parameters
    ----------
    rules
        From `parse_rules`.
    summary
        From `analysis.summary.summary` or a streamed one.
    chains
        Independent randomisations behind its errors, at least 2.
    draws
        Draws in all.

    Returns
    -------
    tuple of Assessment
        Rule by rule, scenarios in the order of the summary.

    Raises
    ------
    ValueError
        If a rule names nothing in the summary.
    """
    check_rules(rules, summary)
    found = []
    for rule in rules:
        here = (summary["variable"] == rule.variable) & (summary["region"] == rule.region)
        for row in np.flatnonzero((here & (summary["year"] == rule.year)).values):
            found.append(_assessment(rule, summary.isel(row=int(row)), chains, draws))
    return tuple(found)


def _assessment(rule: Rule, row: xr.Dataset, chains: int, draws: int) -> Assessment:
    estimate = float(row[rule.statistic])
    error = float(row[f"mcse_{rule.statistic}"])
    bound = upper_error(error, chains)
    allowed = rule.target * abs(estimate) if rule.kind == "rel" else rule.target
    # A missing estimate or error compares false: it never meets a rule.
    met = bool(bound <= allowed)
    needed = None
    if math.isfinite(bound) and allowed > 0:
        needed = max(chains, math.ceil(draws * (bound / allowed) ** 2))
    return Assessment(
        rule,
        str(row["scenario"].item()),
        str(row["unit"].item()),
        estimate,
        error,
        bound,
        allowed,
        met,
        needed,
    )

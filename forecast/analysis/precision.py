"""The rule of `--until`: how precise an estimate must be, and whether a summary is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import xarray as xr

from forecast.analysis.summary import STATISTICS
from forecast.grammar import Place, check_place, place
from forecast.words import NAME, Words, unknown

CONFIDENCE: Final = 0.8
"""Confidence that the true Monte Carlo error lies below the bound a rule is held against.
(1; definition, docs/sampling.md)"""

EXAMPLE: Final = "p95(total[2030]) rel 1%"


@dataclass(frozen=True)
class Rule:
    """How precise one estimate must be.

    Attributes
    ----------
    statistic : str
        One of `STATISTICS`.
    place : Place
    kind : str
        `rel`: the target is a share of the estimate; `abs`: it is in the unit of the variable.
    target : float
        Largest Monte Carlo standard error.
    """

    statistic: str
    place: Place
    kind: Literal["rel", "abs"]
    target: float

    def __str__(self) -> str:
        target = f"{100 * self.target:g}%" if self.kind == "rel" else f"{self.target:g}"
        return f"{self.statistic}({self.place}) {self.kind} {target}"


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
    words = Words(text, EXAMPLE)
    rules = [_rule(words)]
    while words.separated():
        rules.append(_rule(words))
    return tuple(rules)


def _rule(words: Words) -> Rule:
    statistic, at_statistic = words.take(NAME, "a statistic")
    if statistic not in STATISTICS:
        raise ValueError(unknown(at_statistic, "statistic", statistic, STATISTICS))
    words.take(r"\(", '"("')
    where = place(words)
    words.take(r"\)", '")"')
    kind = words.take("rel|abs", '"rel" or "abs"')[0]
    what = "a percentage such as 1%" if kind == "rel" else "a number in the unit of the variable"
    value, at_value = words.take(r"[\d.].*", what)
    target = float(value)
    if kind == "rel":
        words.take("%", '"%"')
        target /= 100
    if not (math.isfinite(target) and target > 0):
        raise ValueError(f"column {at_value}: must be above 0 and finite, got {value}")
    found: Literal["rel", "abs"] = "rel" if kind == "rel" else "abs"
    return Rule(statistic, where, found, target)


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
    columns = {name: rows[name].values for name in ("variable", "region", "year")}
    for rule in rules:
        check_place(rule.place, columns)


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
    found = []
    for rule in rules:
        columns = {name: summary[name].values for name in ("variable", "region", "year")}
        for row in np.flatnonzero(check_place(rule.place, columns)):
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

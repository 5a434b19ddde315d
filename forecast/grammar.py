"""Small grammars for quantities and conditions, each fault told by its column.

``total[2030]``, ``unserved[china, 2030]`` name one number per draw; ``total[2030] > 1200 TWh`` and
``total[2030] > p90 and ai[2030] < 300`` choose draws.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from forecast.words import NAME, NUMBER, RELATIONS, Words, trailing_unit, unknown

PERCENTILE: Final = r"p\d{1,2}(?:\.\d+)?"


@dataclass(frozen=True)
class Place:
    """One number per draw: a variable in a region and a year.

    Attributes
    ----------
    variable, region : str
        Of a row of the summary; the region is empty for the world.
    year : int
    columns : dict
        Word → its column in the text, from one.
    """

    variable: str
    region: str
    year: int
    columns: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    def __str__(self) -> str:
        place = f"{self.region}, {self.year}" if self.region else str(self.year)
        return f"{self.variable}[{place}]"


@dataclass(frozen=True)
class Condition:
    """What is asked of one number of each draw.

    Attributes
    ----------
    place : Place
    relation : str
        One of `RELATIONS`.
    value : float
        In the unit of the variable, or the share of draws below, if `percentile`.
    percentile : bool
    unit : str
        As it was written, empty if it was not.
    """

    place: Place
    relation: str
    value: float
    percentile: bool = False
    unit: str = ""

    def __str__(self) -> str:
        value = f"p{100 * self.value:g}" if self.percentile else f"{self.value:g}"
        return f"{self.place} {self.relation} {value} {self.unit}".rstrip()

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Whether it holds in each draw; a draw that is NaN never does.

        Parameters
        ----------
        values : unit of the variable
            `[draw]`.

        Returns
        -------
        bool
        """
        level = np.nanquantile(values, self.value) if self.percentile else self.value
        compare = {"<": np.less, ">": np.greater, "<=": np.less_equal, ">=": np.greater_equal}
        with np.errstate(invalid="ignore"):
            return np.asarray(compare[self.relation](values, level))


def parse_place(text: str, *, example: str = "total[2030]") -> Place:
    """Read ``VARIABLE[YEAR]`` or ``VARIABLE[REGION, YEAR]``.

    Raises
    ------
    ValueError
        With the column and what was expected there.
    """
    words = Words(text, example)
    found = place(words)
    words.end_here()
    return found


def place(words: Words) -> Place:
    """Take a place from words.

    Raises
    ------
    ValueError
    """
    variable, at_variable = words.take(NAME, "a variable")
    words.take(r"\[", '"["')
    region, at_region = "", words.peek()[1]
    if words.next_is(NAME):
        region = words.take(NAME, "a region")[0]
        words.take(",", '","')
    year, at_year = words.take(r"\d{4}", "a year" if region else "a year or a region")
    words.take(r"\]", '"]"')
    columns = dict(variable=at_variable, region=at_region, year=at_year)
    return Place(variable, region, int(year), columns)


def parse_conditions(text: str) -> tuple[Condition, ...]:
    """Read ``total[2030] > 1200 TWh and unserved[china, 2030] > p90``; all must hold.

    Parameters
    ----------
    text
        A place, a relation and a number or a percentile of the draws, with or without the unit;
        several are joined by ``and``.

    Returns
    -------
    tuple of Condition

    Raises
    ------
    ValueError
        With the column and what was expected there.
    """
    words = Words(text, "total[2030] > 1200 TWh")
    found = [_condition(words)]
    while words.separated():
        found.append(_condition(words))
    return tuple(found)


def _condition(words: Words) -> Condition:
    where = place(words)
    relation = words.take("|".join(RELATIONS), f"one of {', '.join(RELATIONS)}")[0]
    if words.next_is(PERCENTILE):
        share = float(words.take(PERCENTILE, "a percentile")[0][1:]) / 100
        return Condition(where, relation, share, percentile=True)
    sign = -1.0 if words.next_is("-") and words.take("-", "a sign") else 1.0
    word, column = words.take(NUMBER, "a number, or a percentile such as p90")
    try:
        value = sign * float(word)
    except ValueError as error:
        raise ValueError(f'column {column}: expected a number, got "{word}"') from error
    if not math.isfinite(value):
        raise ValueError(f"column {column}: expected a finite number, got {word}")
    return Condition(where, relation, value, unit=trailing_unit(words))


def check_place(where: Place, rows: Mapping[str, Any]) -> np.ndarray:
    """Find the rows of a place, whatever their scenario.

    Parameters
    ----------
    where
    rows
        Columns `variable`, `region` and `year` of the rows there are.

    Returns
    -------
    bool
        Which rows they are; at least one.

    Raises
    ------
    ValueError
        With the column of the first word that names nothing.
    """
    variables, regions, years = (np.asarray(rows[name]) for name in ("variable", "region", "year"))
    named = variables == where.variable
    if not named.any():
        known, column = dict.fromkeys(variables.tolist()), where.columns.get("variable", 1)
        raise ValueError(unknown(column, "variable", where.variable, known))
    there = dict.fromkeys(regions[named].tolist())
    if where.region not in there:
        raise ValueError(_no_region(where, list(there)))
    known_years = years[named & (regions == where.region)]
    if where.year not in known_years:
        span = f"{known_years.min()} to {known_years.max()}"
        column = where.columns.get("year", 1)
        raise ValueError(f"column {column}: the year must lie in {span}, got {where.year}")
    return np.asarray(named & (regions == where.region) & (years == where.year))


def _no_region(where: Place, there: list[str]) -> str:
    column = where.columns.get("region", 1)
    if not where.region:
        return (
            f"column {column}: {where.variable} is given by region alone, expected one of"
            f" {', '.join(there)} before the year"
        )
    by_region = [one for one in there if one]
    if not by_region:
        return f"column {column}: {where.variable} is not given by region, expected a year alone"
    return unknown(column, "region", where.region, by_region)

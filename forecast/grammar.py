"""Small grammars for quantities and conditions, each fault told by its column.

``total[2030]``, ``unserved[china, 2030]`` name one number per draw; ``total[2030] > 1200 TWh`` and
``total[2030] > p90 and ai[2030] < 300`` choose draws.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

import numpy as np

RELATIONS: Final = ("<=", ">=", "<", ">")
NAME: Final = r"[A-Za-z_]\w*"
NUMBER: Final = r"\d[\d.]*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?"
UNIT: Final = r"[A-Za-z%][\w%]*|[/*]|1"
PERCENTILE: Final = r"p\d{1,2}(?:\.\d+)?"

_TOKEN: Final = re.compile(
    r"[A-Za-z_][\w.]*|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|<=|>=|\S"
)


class Words:
    """The words of a text, taken one by one; lives for one parse."""

    def __init__(self, text: str, example: str) -> None:
        self.found = [(one.group(), one.start() + 1) for one in _TOKEN.finditer(text)]
        self.end = len(text) + 1
        self.example = example

    def peek(self) -> tuple[str, int]:
        """Word that comes next, and its column; an empty one at the end."""
        return self.found[0] if self.found else ("", self.end)

    def next_is(self, pattern: str) -> bool:
        """Whether the next word is of a pattern."""
        return bool(re.fullmatch(pattern, self.peek()[0]))

    def take(self, pattern: str, expected: str) -> tuple[str, int]:
        """Take the next word.

        Parameters
        ----------
        pattern
            That it must match.
        expected
            The same in words, for the message.

        Returns
        -------
        str, int
            The word and its column.

        Raises
        ------
        ValueError
            With the column, what was expected and what was there.
        """
        word, column = self.peek()
        if not re.fullmatch(pattern, word):
            got = f'"{word}"' if word else "the end"
            raise ValueError(
                f"column {column}: expected {expected}, got {got} (as in {self.example!r})"
            )
        return self.found.pop(0)

    def end_here(self) -> None:
        """Refuse anything that follows.

        Raises
        ------
        ValueError
        """
        if self.found:
            self.take("", "the end")

    def separated(self, by: str = "and") -> bool:
        """Whether another part follows, behind a word that parts them.

        Raises
        ------
        ValueError
            If something else follows.
        """
        if not self.found:
            return False
        self.take(by, f'"{by}" or the end')
        return True


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
    return Condition(where, relation, value, unit=_unit(words))


def _unit(words: Words) -> str:
    parts = []
    while words.found and not words.next_is("and"):
        parts.append(words.take(UNIT, '"and" or the end')[0])
    return "".join(parts)


def unknown(column: int, what: str, got: str, known: Iterable[str]) -> str:
    """Say that a word names nothing, and what it may have meant."""
    names = list(known)
    near = get_close_matches(got, names, n=1)
    hint = f' (did you mean "{near[0]}"?)' if near else ""
    return f'column {column}: no {what} "{got}", expected one of {", ".join(names)}{hint}'


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

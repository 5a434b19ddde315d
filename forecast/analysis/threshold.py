"""When a quantity passes a level: in each year, by each year, and for the first time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast import units
from forecast.analysis.ensemble import Ensemble
from forecast.words import NAME, NUMBER, RELATIONS, Words, unknown

EXAMPLE: Final = "total > 1000 TWh"

SHARES: Final = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
"""Quantiles told of the year of the first passage."""

THREE: Final = 3.0
"""Draws that an event which happened in none of n may stand for, over n, at 95 % confidence.
(1; Hanley and Lippman-Hand 1983, doi:10.1001/jama.1983.03330370053031)"""

COMPARE: Final = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}


@dataclass(frozen=True)
class Level:
    """A level that a variable may pass in any year.

    Attributes
    ----------
    variable, region : str
        Of a row of the summary; the region is empty for the world.
    relation : str
        One of `RELATIONS`: on which side of the level it has been passed.
    value : float
        In `unit`.
    unit : str
        As it was written; that of the variable if it is empty.
    columns : dict
        Word → its column in the text, from one.
    """

    variable: str
    region: str
    relation: str
    value: float
    unit: str = ""
    columns: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    def __str__(self) -> str:
        place = f"{self.variable}[{self.region}]" if self.region else self.variable
        return f"{place} {self.relation} {self.value:g} {self.unit}".rstrip()


def parse_level(text: str) -> Level:
    """Read ``total > 1000 TWh`` or ``unserved[china] > 20``.

    Parameters
    ----------
    text
        A variable, with or without a region, a relation and a number, with or without its unit.

    Returns
    -------
    Level

    Raises
    ------
    ValueError
        With the column and what was expected there.
    """
    words = Words(text, EXAMPLE)
    variable, at_variable = words.take(NAME, "a variable")
    region, at_region = "", words.peek()[1]
    if words.next_is(r"\["):
        words.take(r"\[", '"["')
        region, at_region = words.take(NAME, "a region (a level is held against every year)")
        words.take(r"\]", '"]"')
    relation = words.take("|".join(RELATIONS), f"one of {', '.join(RELATIONS)}")[0]
    sign = -1.0 if words.next_is("-") and words.take("-", "a sign") else 1.0
    word, column = words.take(NUMBER, "a number")
    try:
        value = sign * float(word)
    except ValueError as error:
        raise ValueError(f'column {column}: expected a number, got "{word}"') from error
    if not math.isfinite(value):
        raise ValueError(f"column {column}: expected a finite number, got {word}")
    at_unit = words.peek()[1]
    if words.next_is("and"):
        raise ValueError(f"column {at_unit}: a level stands alone; give each of several by itself")
    unit = "".join(word for word, _ in words.found)
    columns = dict(variable=at_variable, region=at_region, unit=at_unit)
    return Level(variable, region, relation, value, unit, columns)


def check_level(level: Level, rows: Mapping[str, Any]) -> tuple[np.ndarray, float]:
    """Find the rows of a level, and its value in their unit.

    Parameters
    ----------
    level
    rows
        Columns `variable`, `region` and `unit` of the rows there are.

    Returns
    -------
    bool, float
        Which rows they are, all years of them; the value in the unit of the variable.

    Raises
    ------
    ValueError
        With the column of the first word that names nothing or does not fit.
    """
    variables, regions = np.asarray(rows["variable"]), np.asarray(rows["region"])
    named = variables == level.variable
    if not named.any():
        known = dict.fromkeys(variables.tolist())
        raise ValueError(
            unknown(level.columns.get("variable", 1), "variable", level.variable, known)
        )
    there = list(dict.fromkeys(regions[named].tolist()))
    column = level.columns.get("region", 1)
    if level.region not in there:
        known_regions = [one for one in there if one]
        if not level.region:
            told = f"{level.variable} is given by region alone, as in {level.variable}[{there[0]}]"
            raise ValueError(f"column {column}: {told}; regions are {', '.join(there)}")
        if not known_regions:
            raise ValueError(f"column {column}: {level.variable} is not given by region")
        raise ValueError(unknown(column, "region", level.region, known_regions))
    chosen = named & (regions == level.region)
    own = str(np.asarray(rows["unit"])[chosen][0])
    if not level.unit or level.unit == own:
        return chosen, level.value
    try:
        return chosen, level.value * units.factor(level.unit, own)
    except units.UnitError as error:
        at = level.columns.get("unit", 1)
        raise ValueError(f"column {at}: {error}; {level.variable} is in {own}") from error


def passages(
    values: np.ndarray, years: np.ndarray, chain: np.ndarray, relation: str, levels: Sequence[float]
) -> dict[str, np.ndarray]:
    """Probability that levels are passed, and the year in which they first are.

    Parameters
    ----------
    values : any unit
        `[draw, year]`; a year that is NaN in a draw passes nothing.
    years : yr
        `[year]`, rising.
    chain
        `[draw]`: the independent randomisation that each draw is of.
    relation
        One of `RELATIONS`.
    levels : same unit
        `[level]`.

    Returns
    -------
    dict
        `in_year` and `by_year`, `[level, year]`: shares of draws beyond the level in a year, and
        in that year or an earlier one. `never`, `[level]`: share beyond it in no year. `p10`,
        `p50`, `p90`, `[level]`: year of the first passage among draws that pass. Each with its
        Monte Carlo standard error over chains as `mcse_…`; NaN where a chain has no value. For
        the shares `least_…` and `most_…`: bounds at 95 % where all draws agree, else NaN.

    Raises
    ------
    ValueError
        If the relation is none.

    References
    ----------
    Hanley and Lippman-Hand (1983), doi:10.1001/jama.1983.03330370053031 (three over n).
    """
    if relation not in COMPARE:
        raise ValueError(f'no relation "{relation}", expected one of {", ".join(RELATIONS)}')
    bar = np.asarray(levels, float)[:, None, None]
    with np.errstate(invalid="ignore"):
        beyond = COMPARE[relation](values, bar)
    there = np.isfinite(values)
    passed = np.logical_or.accumulate(beyond, axis=-1)
    known = np.logical_or.accumulate(there, axis=-1)
    found: dict[str, np.ndarray] = {}
    _told(found, "in_year", _shares(beyond, there, chain))
    _told(found, "by_year", _shares(passed, known, chain))
    _told(found, "never", _shares(~passed[..., -1:] & known[..., -1:], known[..., -1:], chain))
    for name in list(found):
        if name.endswith("never"):
            found[name] = found[name][:, 0]
    first = np.where(passed[..., -1], np.asarray(years, float)[beyond.argmax(-1)], np.nan)
    return found | _first_years(first, chain)


def _first_years(first: np.ndarray, chain: np.ndarray) -> dict[str, np.ndarray]:
    pooled = _quantiles(first)
    by_chain = np.stack([_quantiles(first[:, chain == one]) for one in np.unique(chain)])
    error, found = _spread(by_chain), {}
    for place, name in enumerate(SHARES):
        found[name], found[f"mcse_{name}"] = pooled[place], error[place]
    return found


def _shares(
    hit: np.ndarray, there: np.ndarray, chain: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share of the draws that are there, its error and the number of these draws."""
    count = there.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = hit.sum(axis=1) / count
        by_chain = np.stack(
            [
                hit[:, chain == one].sum(axis=1) / there[chain == one].sum(axis=0)
                for one in np.unique(chain)
            ]
        )
    return pooled, _spread(by_chain), np.broadcast_to(count, pooled.shape)


def _told(
    found: dict[str, np.ndarray], name: str, parts: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    share, error, count = parts
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = np.minimum(THREE / count, 1.0)
    found[name], found[f"mcse_{name}"] = share, error
    found[f"least_{name}"] = np.where(share == 1, 1 - bound, np.nan)
    found[f"most_{name}"] = np.where(share == 0, bound, np.nan)


def _spread(by_chain: np.ndarray) -> np.ndarray:
    """Standard error of a mean over chains, `[chain, …]`; NaN for one chain."""
    if len(by_chain) < 2:
        return np.full(by_chain.shape[1:], np.nan)
    return np.asarray(by_chain.std(axis=0, ddof=1) / math.sqrt(len(by_chain)))


def _quantiles(first: np.ndarray) -> np.ndarray:
    """Smallest year by which a share of those that pass has passed, `[share, level]`."""
    ordered = np.sort(first, axis=-1)
    count = np.isfinite(ordered).sum(axis=-1)
    places = [np.maximum(np.ceil(share * count).astype(int) - 1, 0) for share in SHARES.values()]
    return np.stack([np.take_along_axis(ordered, one[:, None], -1)[:, 0] for one in places])


def threshold(ensembles: Sequence[Ensemble], levels: Sequence[Level]) -> xr.Dataset:
    """Probability that levels are passed, scenario by scenario.

    Parameters
    ----------
    ensembles
        Of scenarios, with the variables of the levels.
    levels
        From `parse_level`.

    Returns
    -------
    Dataset
        What `passages` gives, over scenario, level and year; a year that a variable lacks is NaN.

    Raises
    ------
    ValueError
        If a level names nothing, with the column.
    """
    parts = []
    for one in ensembles:
        told = [_labelled(one, level) for level in levels]
        joined = xr.concat(told, "level", join="outer", coords="minimal", compat="override")
        parts.append(joined)
    found = xr.concat(parts, "scenario", join="outer", coords="minimal", compat="override")
    found = found.assign_coords(
        level=[str(one) for one in levels], scenario=[one.scenario for one in ensembles]
    )
    for name, values in found.data_vars.items():
        year = str(name).removeprefix("mcse_") in SHARES
        values.attrs = {"units": "yr" if year else "1", "long_name": _meaning(str(name))}
    return found


def _labelled(ensemble: Ensemble, level: Level) -> xr.Dataset:
    chosen, value = check_level(level, ensemble.rows)
    years = ensemble.rows["year"][chosen]
    found = passages(ensemble.y[:, chosen], years, ensemble.chain, level.relation, [value])
    variables = {
        name: ("year", one[0]) if one.ndim == 2 else ((), one[0]) for name, one in found.items()
    }
    return xr.Dataset(variables, {"year": years})


_MEANING: Final = {
    "in_year": "share of draws beyond the level in the year",
    "by_year": "share of draws beyond the level in the year or before",
    "never": "share of draws beyond the level in no year",
}


def _meaning(name: str) -> str:
    for start, words in (
        ("mcse_", "Monte Carlo standard error of the "),
        ("least_", "lower bound at 95 % (all draws agree) of the "),
        ("most_", "upper bound at 95 % (no draw in n, three over n) of the "),
    ):
        if name.startswith(start):
            return words + _meaning(name.removeprefix(start))
    return _MEANING.get(name, f"{name} of the first year beyond the level, among draws that pass")

"""Baselines of a backtest: naive forecasts of data centres from what was known at a date."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from forecast.analysis import baselines
from forecast.analysis.backtest import CASES, COMPOUND, CONSTANT, LAST
from forecast.axes import FIRST_YEAR
from forecast.spec.observation import Observation
from forecast.spec.vintage import known_by
from forecast.studies.outturns import value_and_error

TRIPLE: Final = ("iea24_total_2026_low", "iea24_total_2026_base", "iea24_total_2026_high")
START: Final = "iea24_total_2022"
CRYPTO: Final = ("iea24_crypto_2022", "iea24_crypto_2026")
"""Ids of the IEA's cases of January 2024, of the level that they start from, of its crypto path."""

EVER: Final = 9999
"""After every year. (yr; definition)"""


@dataclass(frozen=True)
class Baseline:
    """A naive forecast of data centres.

    Attributes
    ----------
    draws : callable
        Year → TWh.
    first, last : int
        Years that it covers.
    said : str
        What it is made of.
    """

    draws: Callable[[int], np.ndarray]
    first: int
    last: int
    said: str


def baselines_at(
    observations: Sequence[Observation], known: str, until: int | None
) -> dict[str, Baseline]:
    """Baselines that what was known allows.

    Parameters
    ----------
    observations
        All there are.
    known
        Date, YYYY-MM-DD.
    until : yr, optional
        Last year of what is used.

    Returns
    -------
    dict of str to Baseline
        Of `METHODS` but the model. Of a single point only the constant is left, with the point's
        own published error: it has no growth, and no spread from year to year.
    """
    history = known_history(observations, known, until)
    found: dict[str, Baseline] = {}
    if history:
        last = max(history)
        told = " and ".join(said for _, _, said in history.values())
        points = [(year, value) for year, (value, _, _) in history.items()]
        if len(points) == 1:
            value, sd, _ = history[last]
            fixed = value * np.exp(sd * baselines.normal_points())
            one = f"{told} alone, with its own error of {sd:.2g} on the logarithm"
            found[CONSTANT] = Baseline(lambda _: fixed, last + 1, EVER, one)
        else:
            for name, draw in ((CONSTANT, baselines.constant), (LAST, baselines.last_growth)):
                found[name] = Baseline(partial(draw, points), last + 1, EVER, told)
    compound = _compound(observations, known, until, history)
    cases = _cases(observations, known, until)
    return found | ({COMPOUND: compound} if compound else {}) | ({CASES: cases} if cases else {})


def known_history(
    observations: Sequence[Observation], known: str, until: int | None
) -> dict[int, tuple[float, float, str]]:
    """Data centres by year as known at a date.

    Parameters
    ----------
    observations
        All there are.
    known
        Date, YYYY-MM-DD.
    until : yr, optional
        Last year.

    Returns
    -------
    dict
        Year, rising → TWh, its log standard deviation, and how it was found. Where no outturn of
        data centres is known, the total less crypto; of several numbers, the latest.
    """
    seen: dict[tuple[str, int], Observation] = {}
    for one in sorted(observations, key=lambda one: one.as_of):
        fits = one.kind == "outturn" and one.region == "world" and one.value is not None
        if fits and known_by(one.as_of, known) and one.year <= (until or EVER):
            seen[one.output, one.year] = one
    found = {}
    for year in sorted({year for _, year in seen}):
        own, total, crypto = (seen.get((n, year)) for n in ("data_centres", "total", "crypto"))
        if own:
            value, sd = value_and_error(own)
            found[year] = value, sd, f"{value:g} TWh in {year}"
        elif total and crypto:
            (whole, sd), (part, _) = value_and_error(total), value_and_error(crypto)
            said = f"{whole - part:g} TWh in {year} (total {whole:g} less crypto {part:g})"
            found[year] = whole - part, sd, said
    return found


def _compound(
    observations: Sequence[Observation],
    known: str,
    until: int | None,
    history: Mapping[int, tuple[float, float, str]],
) -> Baseline | None:
    """Growth since 2015 as published, to the last known level."""
    for one in observations:
        usable = one.output == "data_centres_growth" and one.quantiles is not None
        if not (usable and known_by(one.as_of, known) and one.year <= (until or EVER)):
            continue
        if one.year in history:
            level, _, told = history[one.year]
            factor, _ = value_and_error(one)
            points = [(FIRST_YEAR, level / factor), (one.year, level)]
            draws = partial(baselines.compound, points, first=FIRST_YEAR, last=one.year)
            said = (
                f"{told}, over {factor:.3g}, the middle of the published growth since {FIRST_YEAR}"
                f" ({one.id}); no level of {FIRST_YEAR} is an observation"
            )
            return Baseline(draws, one.year + 1, EVER, said)
    return None


def _cases(observations: Sequence[Observation], known: str, until: int | None) -> Baseline | None:
    """The IEA's cases of 2026 as a distribution, less its path of crypto."""
    by_id = {one.id: one for one in observations if known_by(one.as_of, known)}
    if not {*TRIPLE, START, *CRYPTO} <= by_id.keys() or by_id[START].year > (until or EVER):
        return None
    low, middle, high = (value_and_error(by_id[one])[0] for one in TRIPLE)
    begin, end = by_id[START].year, by_id[TRIPLE[1]].year
    start, (before, after) = (
        value_and_error(by_id[START])[0],
        (value_and_error(by_id[one])[0] for one in CRYPTO),
    )

    def draws(year: int) -> np.ndarray:
        total = baselines.triple((low, middle, high), end, start=(begin, start), year=year)
        share = (year - begin) / (end - begin)
        return np.asarray(total - before * (after / before) ** share)

    said = (
        f"total of {low:g}, {middle:g} and {high:g} TWh in {end} read as p10, p50 and p90,"
        f" straight in the logarithm from {start:g} in {begin}, less crypto, {before:g} in {begin}"
        f" to {after:g} in {end} in the same way"
    )
    return Baseline(draws, begin + 1, end, said)

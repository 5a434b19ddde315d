"""The audit of a stored Run: its draws computed again with what the accounts need."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast import shipped
from forecast.analysis.audit import REFERENCE, audit
from forecast.analysis.audit_apart import PERSPECTIVE_FROM
from forecast.analysis.audit_hindcast import OUTTURN_YEAR, hindcast
from forecast.analysis.audit_terms import OUTPUTS, check_year, terms_of
from forecast.simulate.again import plan_again
from forecast.simulate.ensemble import Progress, simulate
from forecast.spec.audit import AuditTexts, read_audit
from forecast.spec.observation import Observation, read_observations
from forecast.store import outputs_group, stats_group

SAME: Final = 1e-9
"""Largest relative difference between the stored draws and the same computed again. (1)"""

ENDS: Final = ("from", "to")
"""Of the years whose growth is compounded."""

ROWS: Final = {
    "all_together": "All of these together",
    "all_but_no_limits": "All of these, with physical limits",
    REFERENCE: "The run itself",
}
"""Titles of rows that are no error."""


def audit_run(
    stored: xr.DataTree, scenario: str = "", year: int = 2030, *, progress: Progress | None = None
) -> xr.Dataset:
    """Audit one year of a stored Run.

    Parameters
    ----------
    stored
    scenario
        Its name; the first of the run if none is given.
    year : yr
        After 2023.
    progress
        Told after each block of draws.

    Returns
    -------
    Dataset
        As from `analysis.audit`, with the dims of `analysis.audit_hindcast` beside; `title` along
        `error` and `step`, `mistake_title` along `mistake`. `attrs` has the scenario, the title
        of the run, its notes and its draws.

    Raises
    ------
    ValueError
        If the run has no such scenario or year, keeps no draws, or is not computed again alike.
    """
    texts = read_audit()
    observed = {one.id: one for one in read_observations(shipped.observations())}
    names = [str(one) for one in stored[stats_group(stored)].to_dataset()["scenario"].values]
    if scenario and scenario not in names:
        known = ", ".join(names)
        raise ValueError(f'the run has no scenario "{scenario}", expected one of {known}')
    years = np.unique(stored["summary"].to_dataset()["year"].values)
    check_year(years.tolist(), year)
    again = simulate(plan_again(stored), keep=OUTPUTS, progress=progress)
    _check_same(stored, again)
    numbers = numbers_of(texts, observed)
    beside = (PERSPECTIVE_FROM, OUTTURN_YEAR, *(int(numbers[f"compound_{e}"]) for e in ENDS))
    horizon = int(again[outputs_group(again)].to_dataset()["year"].values[-1])
    beside = tuple(one for one in beside if one <= horizon)
    name = scenario or names[0]
    terms = terms_of(again, name, year, extreme=numbers["extreme_share"], beside=beside)
    breaks = breaks_of(texts, observed)
    told = texts.hindcast.outturn
    whole, crypto = (_value(observed, one) for one in (told.total, told.crypto))
    found = xr.merge(
        [audit(terms, numbers, breaks), hindcast(terms, numbers, whole - crypto)],
        join="exact",
        combine_attrs="no_conflicts",
    )
    found = with_titles(found, texts)
    kept: dict[str, Any] = {
        key: stored.attrs[key] for key in ("title", "notes") if key in stored.attrs
    }
    kept |= {"outturn_total": whole, "outturn_crypto": crypto}
    return found.assign_attrs(scenario=name, outturn_revised=texts.hindcast.revised.value, **kept)


def numbers_of(texts: AuditTexts, observed: Mapping[str, Observation]) -> dict[str, float]:
    """What the errors put in place, with the growth of workloads that was observed."""
    workloads = _value(observed, texts.hindcast.outturn.workloads)
    return {**texts.numbers, f"workloads_{OUTTURN_YEAR}": workloads}


def breaks_of(
    texts: AuditTexts, observed: Mapping[str, Observation]
) -> dict[str, list[tuple[int, float]]]:
    """Year and TWh of the two points through which each trend over a scope break is laid."""
    return {
        error: [(observed[one].year, _value(observed, one)) for one in pair]
        for error, pair in texts.errors.breaks.items()
    }


def with_titles(found: xr.Dataset, texts: AuditTexts) -> xr.Dataset:
    """The same with the titles of errors, steps and mistakes as coordinates."""
    titles = ROWS | {one.id: one.title for one in texts.errors.errors}
    mistakes = {one.id: one.title for one in texts.hindcast.mistakes}
    return found.assign_coords(
        title=("error", [titles[one] for one in found["error"].values.tolist()]),
        step_title=("step", [titles[one] for one in found["step"].values.tolist()]),
        mistake_title=("mistake", [mistakes[one] for one in found["mistake"].values.tolist()]),
    )


def _value(observed: Mapping[str, Observation], name: str) -> float:
    value = observed[name].value
    assert value is not None, "the observations of the audit are single values"
    return value


def _check_same(stored: xr.DataTree, again: xr.DataTree) -> None:
    before, after = (
        one[outputs_group(one)].to_dataset()["demand"].values for one in (stored, again)
    )
    with np.errstate(invalid="ignore"):
        largest = float(np.nanmax(np.abs(after - before) / np.maximum(np.abs(before), SAME)))
    if not largest <= SAME:
        raise ValueError(
            f"computed again, a demand differs by {largest:.1e} of it: the run is of another"
            " version of forecast; run the scenario again"
        )

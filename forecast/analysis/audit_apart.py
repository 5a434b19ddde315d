"""Modelling errors that stand apart: accounts of another kind, carbon, and a number alone."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from forecast.analysis.audit_account import electricity, site_pue
from forecast.analysis.audit_terms import Terms
from forecast.analysis.audit_told import Told

TWH_PER_GW: Final = 8.76
"""Energy of one GW over a year of 8,760 hours. (TWh/GW; definition)"""

MEGATONNES: Final = 1e-3
"""TWh times gCO2e/kWh in MtCO2e. (definition)"""

APART: Final = (
    "training_only",
    "training_only_no_reuse",
    "chip_power",
    "nameplate",
    "compound_growth",
    "scope_break_up",
    "scope_break_down",
)
"""Errors that are accounts of their own, so that no other can be made beside them."""

ACCOUNTS: Final = ("location", "market", "hourly", "grid_average", "old_pue", "all_together")
"""Emissions of the run in its three accounts, then at the world's mean grid intensity: of the run's
electricity, of that with an old PUE, and of that with all errors made."""

PERSPECTIVE_FROM: Final = 2022
"""Year from which growth is told, where published totals begin. (yr; definition)"""


def apart(
    terms: Terms, numbers: Mapping[str, float], breaks: Mapping[str, Sequence[tuple[int, float]]]
) -> dict[str, np.ndarray]:
    """Electricity under each error of `APART`.

    Parameters
    ----------
    terms
    numbers
        What the errors put in place.
    breaks
        Name → two points of a trend, year and TWh.

    Returns
    -------
    dict
        Name → TWh, `[draw]`; NaN where an error cannot be made in that year.
    """
    now = terms.now
    total, served = now["totals.total"], now["limits.served"].sum(-1)
    at_it = (now["limits.served"] / site_pue(terms)).sum(-1)
    mined = total - now["conventional.demand"] - served
    at_nameplate = now["facilities.installed"].sum(-1) * TWH_PER_GW * numbers["nameplate"]
    only = frozenset({"training_only"})
    found = {
        "training_only": electricity(terms, only, numbers),
        "training_only_no_reuse": electricity(terms, only | {"no_reuse"}, numbers),
        "chip_power": total - served + at_it / terms.given["limits.host_factor"],
        "nameplate": at_nameplate + mined,
        "compound_growth": total - served + compounded(terms, numbers),
    }
    for name, ((before, low), (after, high)) in breaks.items():
        grown = (high / low) ** ((terms.year - after) / (after - before)) * high
        found[name] = np.where(np.isfinite(total), grown, np.nan)
    return {name: found[name] for name in APART}


def unlimited(terms: Terms, numbers: Mapping[str, float]) -> np.ndarray:
    """Factor of each error of `APART` where nothing limits it nor the reference.

    Returns
    -------
    1
        `[error, draw]`; NaN for those that are no account of services.
    """
    free = frozenset({"no_limits"})
    reference = electricity(terms, free, numbers)
    only = free | {"training_only"}
    made = {"training_only": only, "training_only_no_reuse": only | {"no_reuse"}}
    none = np.full_like(reference, np.nan)
    return np.stack(
        [
            electricity(terms, made[name], numbers) / reference if name in made else none
            for name in APART
        ]
    )


def compounded(terms: Terms, numbers: Mapping[str, float]) -> np.ndarray:
    """AI electricity at the growth rate of two earlier years, TWh; NaN up to the later one."""
    first, last = (int(numbers[f"compound_{one}"]) for one in ("from", "to"))
    if terms.year <= last:
        return np.full_like(terms.extreme, np.nan)
    start, end = (terms.outputs[year]["totals.ai"] for year in (first, last))
    return np.asarray(end * (end / start) ** ((terms.year - last) / (last - first)))


def carbon(terms: Terms, together: np.ndarray, numbers: Mapping[str, float]) -> Told:
    """Emissions of the year: of the run, at the world's mean, and of all errors at that mean.

    Parameters
    ----------
    terms
    together : TWh
        Electricity with all errors made.
    numbers
        What the errors put in place.

    Returns
    -------
    dict
        `carbon`, MtCO2e, and `carbon_factor` over the market account, by `account`.
    """
    now = terms.now
    mean = now["electricity.intensity_world"] * MEGATONNES
    own = np.moveaxis(now["emissions"], -1, 0)
    old = electricity(terms, frozenset({"old_pue"}), numbers)
    values = np.stack([*own, now["totals.total"] * mean, old * mean, together * mean])
    return {
        "carbon": (("account",), values, "MtCO2e", "emissions of all segments"),
        "carbon_factor": (("account",), values / own[1], "1", "the same over the market account"),
    }


def perspective(terms: Terms) -> Told:
    """What a number alone does not say: shares of the world's electricity and of its growth.

    Returns
    -------
    dict
        `share_of_world`, `share_of_growth` since `PERSPECTIVE_FROM`; unit 1.
    """
    now, before = terms.now, terms.outputs[PERSPECTIVE_FROM]
    share = now["totals.total"] / now["electricity.world"]
    grown = now["electricity.world"] - before["electricity.world"]
    growth = (now["totals.total"] - before["totals.total"]) / grown
    named = f"share of the growth of the world's electricity since {PERSPECTIVE_FROM}"
    return {
        "share_of_world": ((), share, "1", "share of the world's electricity (Ember)"),
        "share_of_growth": ((), growth, "1", named),
    }

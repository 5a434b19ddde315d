"""The same errors made in 2015, against what 2022 turned out to be."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.audit_account import fading_growth
from forecast.analysis.audit_apart import TWH_PER_GW
from forecast.analysis.audit_terms import Terms
from forecast.analysis.audit_told import TOLD, Told, summarised
from forecast.axes import FIRST_YEAR

OUTTURN_YEAR: Final = 2022
"""Year that is forecast from 2015. (yr; definition)"""

KNOWN_YEAR: Final = 2010
"""Year of the last estimate of the world's data centres that was out in 2015. (yr; Koomey 2011)"""

PERIOD: Final = 5.0
"""Years over which the growth that was known in 2015 is told. (yr; Koomey 2011)"""

DRAWN: Final = (
    "as_it_was",
    "frozen_efficiency",
    "frozen_pue",
    "nothing_improves",
    "growth_kept",
    "gains_kept",
    "wrong_level",
    "extreme_use",
    "nameplate",
)
"""Mistakes on the draws of the run; the first is none."""

PUBLISHED: Final = ("workloads_alone", "traffic_alone", "doubling_kept", "later_growth_kept")
"""Mistakes on published numbers alone, with no model in them."""


def drawn(terms: Terms, numbers: Mapping[str, float]) -> dict[str, np.ndarray]:
    """Electricity of data centres in 2022 under each mistake of `DRAWN`.

    Workloads are held at what they became, so that a mistake is one of energy alone, but where it
    is one of use.

    Parameters
    ----------
    terms
        With outputs of 2015 and 2022.
    numbers
        What the mistakes put in place: `level_factor`, `nameplate`, `extreme_share`, unit 1.

    Returns
    -------
    dict
        Name → TWh, `[draw]`.
    """
    start, end = terms.outputs[FIRST_YEAR], terms.outputs[OUTTURN_YEAR]
    ordinary, special = end["conventional.demand"], end["totals.ai"]
    intensity = start["conventional.intensity"] / end["conventional.intensity"]
    pue = start["conventional.pue"] / end["conventional.pue"]
    work = end["conventional.workloads"]
    extreme = np.nanquantile(work, numbers["extreme_share"])
    kept = {
        one: _first_rate_kept(terms.given, one) for one in ("workload_growth", "intensity_decline")
    }
    installed = end["facilities.installed"].sum(-1) * TWH_PER_GW
    found = {
        "as_it_was": ordinary + special,
        "frozen_efficiency": ordinary * intensity + special,
        "frozen_pue": ordinary * pue + special,
        "nothing_improves": ordinary * intensity * pue + special,
        "growth_kept": ordinary * kept["workload_growth"] + special,
        "gains_kept": ordinary / kept["intensity_decline"] + special,
        "wrong_level": numbers["level_factor"] * (ordinary + special),
        "extreme_use": ordinary * extreme / work + special,
        "nameplate": installed * numbers["nameplate"],
    }
    return {name: found[name] for name in DRAWN}


def _first_rate_kept(given: Mapping[str, np.ndarray], rate: str) -> np.ndarray:
    """Factor between the rate of 2015 run on to 2022 and the rate as it faded, 1."""
    fade = given[f"conventional.{rate.partition('_')[0]}_fade"]
    first, last = (given[f"conventional.{rate}_{one}"] for one in ("first", "last"))
    elapsed = float(OUTTURN_YEAR - FIRST_YEAR)
    return np.asarray(np.exp(first * elapsed - fading_growth(elapsed, first, last, fade)))


def published(numbers: Mapping[str, float]) -> dict[str, tuple[float, float, float]]:
    """Electricity of data centres in 2022 under each mistake of `PUBLISHED`.

    Parameters
    ----------
    numbers
        `level_2015` and `world_2010`, TWh; `workloads_2022` and `traffic_2022`, 2015 = 1;
        `share_2010_low`, `share_2010_high`, `growth_2000_2005`, `growth_2005_2010`, unit 1.

    Returns
    -------
    dict
        Name → lower, middle and upper end of what was published, TWh.
    """
    ends = [numbers["share_2010_low"], numbers["share_2010_high"]]
    low, high = (numbers["world_2010"] * one for one in ends)
    known = (low, (low + high) / 2.0, high)
    periods = (OUTTURN_YEAR - KNOWN_YEAR) / PERIOD
    by_work, by_traffic = (
        numbers["level_2015"] * numbers[f"{one}_2022"] for one in ("workloads", "traffic")
    )
    doubled, slower = (
        tuple(one * numbers[f"growth_{years}"] ** periods for one in known)
        for years in ("2000_2005", "2005_2010")
    )
    rows = ((by_work,) * 3, (by_traffic,) * 3, doubled, slower)
    return {name: (row[0], row[1], row[2]) for name, row in zip(PUBLISHED, rows, strict=True)}


def hindcast(terms: Terms, numbers: Mapping[str, float], outturn: float) -> xr.Dataset:
    """Forecast 2022 from 2015 with each mistake.

    Parameters
    ----------
    terms
        With outputs of 2015 and 2022.
    numbers
        What the mistakes put in place.
    outturn : TWh
        Electricity of data centres, crypto excluded, in 2022, as published.

    Returns
    -------
    Dataset
        Over `mistake` and `statistic`: `estimate` in TWh; `over_outturn`, unit 1;
        `over_hindcast`, the same over what the run itself has for 2022, draw by draw. `below`,
        the share of draws that lie below the outturn. For `PUBLISHED` the quantiles are the ends
        and the middle of what was published.
    """
    by_draw = drawn(terms, numbers)
    values, own = np.stack(list(by_draw.values())), by_draw["as_it_was"]
    told: Told = {
        "estimate": (("mistake",), values, "TWh", "data centres in 2022, as forecast from 2015"),
        "over_outturn": (("mistake",), values / outturn, "1", "the same over the outturn"),
        "over_hindcast": (("mistake",), values / own, "1", "the same over the run's own 2022"),
    }
    ours = summarised(told, terms.shape).assign_coords(mistake=list(DRAWN))
    there = np.isfinite(values)
    below = (np.where(there, values, np.inf) < outturn).sum(-1) / there.sum(-1)
    attributes = {"units": "1", "long_name": "share of draws below the outturn"}
    ours["below"] = ("mistake", below, attributes)
    middle = float(np.nanmedian(own))
    others = [
        _as_published(name, *row, outturn, middle) for name, row in published(numbers).items()
    ]
    found = xr.concat([ours, *others], "mistake", coords="minimal", compat="override")
    basis = [*["draws"] * len(DRAWN), *["published"] * len(PUBLISHED)]
    return found.assign_coords(basis=("mistake", basis)).assign_attrs(outturn=outturn)


def _as_published(
    name: str, low: float, middle: float, high: float, outturn: float, own: float
) -> xr.Dataset:
    """One row of what has no draws: its ends stand as p10 and p90."""
    row = np.array([[middle, low, middle, high]])
    over = ("mistake", "statistic")
    values = {"estimate": row, "over_outturn": row / outturn, "over_hindcast": row / own}
    found = {key: (over, one) for key, one in values.items()}
    found |= {f"mcse_{key}": (over, np.full_like(row, np.nan)) for key in values}
    whole = xr.Dataset(found, {"mistake": [name], "statistic": list(TOLD)})
    return whole.assign(below=("mistake", [np.nan]))

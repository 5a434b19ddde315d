"""Common modelling errors: each alone, all together, and one after the other, in every draw."""

from collections.abc import Iterator, Mapping, Sequence
from math import factorial
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.audit_account import ai, asked, conventional, crypto
from forecast.analysis.audit_apart import (
    ACCOUNTS,
    APART,
    apart,
    carbon,
    perspective,
    unlimited,
)
from forecast.analysis.audit_terms import Terms
from forecast.analysis.audit_told import Told, summarised

TOGETHER: Final = (
    "no_reuse",
    "wrong_level",
    "frozen_efficiency",
    "no_closed_loop",
    "no_limits",
    "frontier_only",
    "extreme_use",
    "old_pue",
    "from_scratch",
)
"""Errors that can be made at one time, in the order in which the waterfall makes them."""

LIMITS: Final = "no_limits"
"""The error without which the others are held down by chips and sites."""

OUTER: Final = frozenset({"wrong_level", "no_limits", "old_pue"})
"""Errors that do not touch the IT energy which AI asks for, but what is made of it."""

ALL, WITHIN, REFERENCE = "all_together", "all_but_no_limits", "reference"
"""Rows beside the errors."""

BLOCK: Final = 4096
"""Draws that are worked on at a time. (1; definition)"""

IDENTITY: Final = 1e-9
"""Largest relative difference, in any draw, between the account and the total of the run. (1)"""


def shapley_of(totals: np.ndarray) -> np.ndarray:
    """Mean contribution of each error over all orders in which they can be made.

    Parameters
    ----------
    totals : any unit
        `[subset, draw]`; subset number b has error k where bit k of b is set.

    Returns
    -------
    Same unit
        `[error, draw]`; the sum over errors is the last subset less the first.

    References
    ----------
    Shapley (1953), doi:10.1515/9781400881970-018
    """
    count = len(totals).bit_length() - 1
    numbers = np.arange(len(totals))
    sizes = np.array([one.bit_count() for one in range(len(totals))])
    weights = np.array(
        [factorial(one) * factorial(count - one - 1) / factorial(count) for one in range(count)]
    )
    found = []
    for error in range(count):
        without = numbers[numbers >> error & 1 == 0]
        moved = totals[without | 1 << error] - totals[without]
        found.append(weights[sizes[without]] @ moved)
    return np.stack(found)


def subsets() -> list[tuple[str, ...]]:
    """Names of the errors of each subset of `TOGETHER`; number b has error k where bit k is set."""
    return [
        tuple(name for k, name in enumerate(TOGETHER) if subset >> k & 1)
        for subset in range(2 ** len(TOGETHER))
    ]


def every_subset(terms: Terms, numbers: Mapping[str, float]) -> np.ndarray:
    """Electricity under every subset of `TOGETHER`.

    Parameters
    ----------
    terms
    numbers
        What the errors put in place.

    Returns
    -------
    TWh
        `[subset, draw]`; subset number b has error k where bit k of b is set.
    """
    wanted: dict[frozenset[str], np.ndarray] = {}
    found = []
    for made in map(frozenset, subsets()):
        # Most errors change what AI asks for, and three alone what becomes of it.
        inner = made - OUTER
        if inner not in wanted:
            wanted[inner] = asked(terms, inner)
        rest = conventional(terms, made, numbers) + crypto(terms, made, numbers)
        found.append(rest + ai(terms, made, numbers, wanted[inner]))
    return np.stack(found)


def accounts(terms: Terms, numbers: Mapping[str, float]) -> dict[str, np.ndarray]:
    """All that is told of the errors which can be made at one time, draw by draw.

    Parameters
    ----------
    terms
    numbers
        What the errors put in place.

    Returns
    -------
    dict
        `total` and `unlimited` (total with that error alone, with limits and with none in both)
        `[error, draw]`; `level` (after each step, the reference first) `[step, draw]`;
        `contribution`, `shapley` `[error, draw]`, TWh; `shapley_log`, unit 1; `within` `[draw]`;
        `subset` `[subset, draw]`, as from `every_subset`.
    """
    parts = [_accounts(one, numbers) for one in _blocks(terms)]
    return {name: np.concatenate([one[name] for one in parts], axis=-1) for name in parts[0]}


def _blocks(terms: Terms) -> Iterator[Terms]:
    for first in range(0, len(terms.extreme), BLOCK):
        yield terms.part(slice(first, first + BLOCK))


def _accounts(terms: Terms, numbers: Mapping[str, float]) -> dict[str, np.ndarray]:
    totals = every_subset(terms, numbers)
    bits = 1 << np.arange(len(TOGETHER))
    limits = bits[TOGETHER.index(LIMITS)]
    level = totals[np.concatenate([[0], np.cumsum(bits)])]
    return {
        "subset": totals,
        "total": totals[bits],
        "unlimited": totals[bits | limits] / totals[limits],
        "level": level,
        "contribution": np.diff(level, axis=0),
        "shapley": shapley_of(totals),
        "shapley_log": shapley_of(np.log(totals)),
        "within": totals[bits.sum() - limits],
    }


def audit(
    terms: Terms, numbers: Mapping[str, float], breaks: Mapping[str, Sequence[tuple[int, float]]]
) -> xr.Dataset:
    """Audit the total of a year.

    Parameters
    ----------
    terms
        From `terms_of`.
    numbers
        What the errors put in place: `level_factor`, `pue_2018`, `nameplate`, `compound_from`,
        `compound_to`.
    breaks
        Name of an error of `APART` that runs a trend through a scope break → its two points,
        year and TWh.

    Returns
    -------
    Dataset
        Over `error`, `step`, `subset`, `account` and `statistic`; every variable beside its Monte
        Carlo standard error, `mcse_…`. `subset_total`, with every subset of the errors that can
        be made at one time, whose names the coordinate joins by "+". `total` and `extra` in TWh,
        `factor` over the reference, `factor_no_limits` the same where neither has limits. The
        waterfall: `level` after each step, `contribution` in that order, `alone`, `shapley` (mean
        over all orders), which sum to the extra TWh of all errors in every draw, `alone` with
        `interaction`.
        `shapley_factor` multiplies to the factor of all.

    Raises
    ------
    ValueError
        If the account does not come to the total of the run.
    """
    made = accounts(terms, numbers)
    reference = made["level"][0]
    identity = float(np.nanmax(np.abs(made["level"][0] / terms.now["totals.total"] - 1.0)))
    if not identity <= IDENTITY:
        raise ValueError(
            f"the account of {terms.year} misses the total of the run by {identity:.1e} of it in"
            " one draw; it covers no policy that changes what it takes as given"
        )
    beside = apart(terms, numbers, breaks)
    names = [*TOGETHER, ALL, WITHIN, *beside]
    told = _of_errors(terms, numbers, made, beside) | _of_steps(made)
    world = terms.now["electricity.world"]
    told |= {
        "reference_total": ((), reference, "TWh", "electricity of the run"),
        "subset_total": (("subset",), made["subset"], "TWh", "electricity with the errors made"),
        "world": ((), world, "TWh", "the world's electricity (Ember)"),
    }
    told |= carbon(terms, made["level"][-1], numbers) | perspective(terms)
    found = summarised(told, terms.shape)
    where = {"error": names, "step": [REFERENCE, *TOGETHER], "account": list(ACCOUNTS)}
    where["subset"] = ["+".join(one) or REFERENCE for one in subsets()]
    sides = [*["together"] * len(TOGETHER), "all", "all", *["apart"] * len(APART)]
    found = found.assign_coords({**where, "group": ("error", sides)})
    draws = int(np.isfinite(reference).sum())
    return found.assign_attrs(year=terms.year, draws=draws, identity=identity)


def _of_errors(
    terms: Terms,
    numbers: Mapping[str, float],
    made: Mapping[str, np.ndarray],
    beside: Mapping[str, np.ndarray],
) -> Told:
    """Quantities over the dim `error`."""
    reference, whole = made["level"][0], made["level"][-1]
    totals = [*made["total"], whole, made["within"], *beside.values()]
    none = np.full_like(reference, np.nan)
    free = [*made["unlimited"], none, none, *unlimited(terms, numbers)]
    # Without limits it is no error any more.
    free[TOGETHER.index(LIMITS)] = none
    total, over = np.stack(totals), ("error",)
    without = "electricity with the error over that without, where nothing limits either"
    return {
        "total": (over, total, "TWh", "electricity with the error made"),
        "extra": (over, total - reference, "TWh", "the same less the reference"),
        "factor": (over, total / reference, "1", "the same over the reference"),
        "factor_no_limits": (over, np.stack(free), "1", without),
        "times_world": (
            over,
            total / terms.now["electricity.world"],
            "1",
            "the same over the world's electricity",
        ),
    }


def _of_steps(made: Mapping[str, np.ndarray]) -> Told:
    """Quantities over the dim `step`, and what errors do to each other."""
    level, over = made["level"], ("step",)
    alone = made["total"] - level[0]
    interaction = level[-1] - level[0] - alone.sum(0)
    mean = np.exp(_led(made["shapley_log"]))
    return {
        "level": (over, level, "TWh", "electricity after the step"),
        "contribution": (over, _led(made["contribution"]), "TWh", "added by the step"),
        "alone": (over, _led(alone), "TWh", "added by that error alone"),
        "shapley": (over, _led(made["shapley"]), "TWh", "added, mean over all orders"),
        "shapley_factor": (over, mean, "1", "factor, geometric mean over all orders"),
        "interaction": ((), interaction, "TWh", "all errors less each alone, summed"),
    }


def _led(values: np.ndarray) -> np.ndarray:
    """The same with a first row for the reference, which adds nothing."""
    return np.concatenate([np.zeros_like(values[:1]), values])

"""Draws that failed: how many, why, and where in the space of inputs they lie."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from forecast.store import inputs_group, stats_group

NAMED: Final = 3
"""Inputs named for each scenario, those that set the failed draws apart most."""


def failures(run: xr.DataTree) -> xr.Dataset:
    """Count failed draws by reason.

    Parameters
    ----------
    run

    Returns
    -------
    Dataset
        `count` over scenario and reason; `draws` in all; `where` in words, by scenario.
    """
    status = run[stats_group(run)].to_dataset()["status"]
    reasons = str(status.attrs["flag_meanings"]).split()[1:]
    counts = [
        [int((status.isel(scenario=number) == code).sum()) for code in range(1, len(reasons) + 1)]
        for number in range(status.sizes["scenario"])
    ]
    words = [whereabouts(run, number) for number in range(status.sizes["scenario"])]
    draws = status.sizes["chain"] * status.sizes["draw"]
    return counted(status["scenario"].values.tolist(), reasons, counts, words, draws)


def counted(
    scenarios: Sequence[str],
    reasons: Sequence[str],
    counts: Sequence[Sequence[int]],
    where: Sequence[str],
    draws: int,
) -> xr.Dataset:
    """Counts of failed draws as `failures` gives them."""
    return xr.Dataset(
        {
            "count": (("scenario", "reason"), np.array(counts)),
            "where": ("scenario", np.array(where)),
            "draws": draws,
        },
        {"scenario": pd.Index(np.array(scenarios)), "reason": pd.Index(np.array(reasons))},
    )


def failure_notes(found: xr.Dataset) -> list[str]:
    """Say in words which draws failed.

    Parameters
    ----------
    found
        From `failures`.

    Returns
    -------
    list of str
        One for each scenario with a failed draw.
    """
    notes = []
    for number, name in enumerate(found["scenario"].values):
        count = found["count"].values[number]
        if count.sum():
            reasons = zip(found["reason"].values, count, strict=True)
            told = ", ".join(f"{many} {reason}" for reason, many in reasons if many)
            where = str(found["where"].values[number])
            lie = f"; they lie at {where}" if where else ""
            notes.append(
                f"{name}: {count.sum()} of {int(found['draws'])} draws failed ({told}) and are left"
                f" out{lie}"
            )
    return notes


def whereabouts(run: xr.DataTree, scenario: int) -> str:
    """Say which inputs set failed draws apart, by their mean rank among all draws.

    Parameters
    ----------
    run
    scenario
        Its number.

    Returns
    -------
    str
        Empty where no draw failed or every draw did.
    """
    status = run[stats_group(run)].to_dataset()["status"]
    failed = (status.isel(scenario=scenario) != 0).values.ravel()
    if not failed.any() or failed.all():
        return ""
    found = []
    for name, values in run[inputs_group(run)].data_vars.items():
        one = values.isel(scenario=scenario) if "scenario" in values.dims else values
        flat = one.values.reshape(failed.size, -1)
        for place in range(flat.shape[1]):
            rank = mean_rank(flat[:, place], failed)
            label = "" if flat.shape[1] == 1 else f"[{one[one.dims[-1]].values[place]}]"
            low, high = flat[failed, place].min(), flat[failed, place].max()
            unit = values.attrs["units"]
            text = f"{name}{label} {low:.4g} to {high:.4g} {unit} (mean rank {rank:.2f})"
            found.append((abs(rank - 0.5), text))
    found.sort(key=lambda one: -one[0])
    return "; ".join(text for _, text in found[:NAMED])


def mean_rank(values: np.ndarray, chosen: np.ndarray) -> float:
    """Mean rank of chosen draws among all, from 0 to 1.

    Parameters
    ----------
    values : any unit
        `[draw]`, at least two.
    chosen
        `[draw]`, true for at least one.

    Returns
    -------
    1
        Equal values share the middle of their ranks, so one that never varies gives a half.
    """
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values[chosen], "left")
    upto = np.searchsorted(ordered, values[chosen], "right")
    return float((below + upto - 1).mean() / 2 / (values.size - 1))

"""What an effect of a policy costs, by costs that the user gives."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.comparison import chain_error, scenario_place
from forecast.analysis.paired import Paired
from forecast.grammar import Place

ERRORS: Final = 2.0
"""Monte Carlo errors that an effect must exceed for a cost to be divided by it. (definition)"""


def costs_of_effect(
    found: Paired,
    baseline: str,
    place: Place,
    costs: Mapping[str, float],
    *,
    larger: bool = False,
) -> xr.Dataset:
    """Cost of each scenario over the baseline, for each unit by which it betters an outcome.

    Parameters
    ----------
    found
    baseline
        Its cost is 0 if `costs` has none.
    place
        The outcome, less of which is the effect.
    costs
        Scenario → cost, in a unit of the user's.
    larger
        Whether more of the outcome is the effect.

    Returns
    -------
    Dataset
        By scenario: `cost` over the baseline, `effect` (mean of the paired difference, at least 0
        where it betters the outcome) with `mcse`, and `each`, the cost per unit of effect, with
        `mcse_each` by the delta method; NaN where the effect is not above its own error.

    Raises
    ------
    ValueError
        If there is no such scenario or outcome, too few draws have it, or no scenario but the
        baseline has a cost.
    """
    base = scenario_place(found.scenarios, baseline)
    places = {name: scenario_place(found.scenarios, name) for name in costs if name != baseline}
    if not places:
        raise ValueError(f"a cost of {baseline} alone says nothing: it is what others cost over it")
    found = found.having([place])
    levels = found.at(place) * (1.0 if larger else -1.0)
    apart = np.stack([levels[one] - levels[base] for one in places.values()], axis=-1)
    effect, error = apart.mean(0), chain_error(apart, found.chain)
    cost = np.array([costs[name] for name in places]) - costs.get(baseline, 0.0)
    # One chain tells no error; then any effect is taken as it is.
    known = effect > ERRORS * np.nan_to_num(error)
    each = np.divide(cost, effect, out=np.full(len(cost), np.nan), where=known)
    spread = np.abs(each) * error / np.where(known, effect, 1.0)
    columns = dict(cost=cost, effect=effect, mcse=error, each=each, mcse_each=spread)
    return xr.Dataset(
        {name: ("scenario", values) for name, values in columns.items()},
        {"scenario": list(places)},
        {
            "outcome": str(place),
            "unit": found.unit(place),
            "baseline": baseline,
            "larger": int(larger),
        },
    )

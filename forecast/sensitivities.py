"""What drives a stored Run, where the model itself is asked: slopes, and noise on its own."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from forecast.analysis.derivatives import derivatives
from forecast.analysis.ensemble import ensemble_of
from forecast.analysis.shapley import shapley
from forecast.analysis.summary import SUMMED
from forecast.analysis.variance import monte_carlo, variance_split
from forecast.axes import SEGMENTS
from forecast.simulate.again import plan_again
from forecast.simulate.ensemble import Progress
from forecast.store import stats_group
from forecast.studies.gradients import gradients
from forecast.studies.noise import noise_variance


def by_gradient(
    stored: xr.DataTree, scenario: str = "", *, progress: Progress | None = None
) -> xr.Dataset:
    """Derivative-based measures and elasticities at draws of a stored Run.

    Parameters
    ----------
    stored
    scenario
        Its name; the first if none is given.
    progress
        Told after each input.

    Returns
    -------
    Dataset
        As from `analysis.derivatives`.

    Raises
    ------
    ValueError
        If the run has no such scenario or keeps no draws.
    """
    ensemble = ensemble_of(stored, scenario, ("total",))
    names = [str(one) for one in stored[stats_group(stored)].to_dataset()["scenario"].values]
    number = names.index(ensemble.scenario)
    found = gradients(plan_again(stored), number, progress=progress)
    return derivatives(found, ensemble.dependent)


def over_time(
    stored: xr.DataTree,
    *,
    first: int = 0,
    variables: Sequence[str] = (),
    progress: Progress | None = None,
) -> xr.Dataset:
    """Split the variance of demand by year: scenario, blocks of inputs, noise, interactions.

    Parameters
    ----------
    stored
    first : yr
        First year.
    variables
        Those that are wanted; all sums and segments of demand if none is given.
    progress
        Told after each block.

    Returns
    -------
    Dataset
        As from `analysis.variance`.

    Raises
    ------
    ValueError
        If the run keeps no draws or has too few.
    """
    names = [str(one) for one in stored[stats_group(stored)].to_dataset()["scenario"].values]
    wanted = tuple(variables) or (*SUMMED, *SEGMENTS)
    ensembles = [ensemble_of(stored, name, wanted, first) for name in names]
    ready = plan_again(stored)
    noises = [noise_variance(ready, number, progress=progress) for number in range(len(names))]
    found = variance_split(ensembles, [shapley(one) for one in ensembles], noises)
    summary = stored["summary"].to_dataset()
    errors = [monte_carlo(one, summary)["ratio"].values for one in ensembles]
    told = {"units": "1", "long_name": "largest Monte Carlo error of a median over the spread"}
    return found.assign(monte_carlo=("outcome", np.max(errors, axis=0), told))

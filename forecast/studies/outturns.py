"""Outturns that a forecast is scored by, and the error that each of them has."""

from collections.abc import Sequence
from typing import Final
from zlib import crc32

import numpy as np

from forecast.analysis.baselines import normal_points
from forecast.calibration.observables import evidence
from forecast.spec.observation import Observation
from forecast.spec.vintage import known_by
from forecast.studies.forecasts import Forecast

SEED: Final = 2018
"""Of the order in which errors of observations meet draws. (definition)"""


def outturns(observations: Sequence[Observation], forecast: Forecast) -> list[Observation]:
    """Outturns of the world that a forecast is scored by.

    Parameters
    ----------
    observations
        All there are.
    forecast

    Returns
    -------
    list of Observation
        Published after its date or, where history is cut, of later years; never one that it was
        calibrated to. One that a prior of a later date holds counts.
    """
    paths = forecast.paths
    if paths is None:
        return []
    return [
        one
        for one in observations
        if one.kind == "outturn"
        and one.region == "world"
        and one.value is not None
        and one.id not in forecast.used
        and one.output in paths
        and one.year in paths["year"].values
        and (
            one.year > forecast.until
            if forecast.until is not None
            else not known_by(one.as_of, forecast.known)
        )
    ]


def value_and_error(one: Observation) -> tuple[float, float]:
    """Value of an observation, over its factor, and its error.

    Parameters
    ----------
    one

    Returns
    -------
    float : unit of the observation
    float : 1
        Log standard deviation, the errors of its publisher and edition included.
    """
    data = evidence([one])
    return float(np.exp(data.value[0])), float(data.sd[0])


def with_error(draws: np.ndarray, sd: float, name: str) -> np.ndarray:
    """Draws of an observation: its own error over the draws of what it is an observation of.

    The errors are quantiles of their distribution, at `(k - 1/2) / n`, in an order that the id
    decides: the same for every forecast.

    Parameters
    ----------
    draws : unit of the observation
    sd : 1
        Log standard deviation.
    name
        Id of the observation.

    Returns
    -------
    array : unit of the observation
        As many.
    """
    flat = np.asarray(draws, float).reshape(-1)
    order = np.random.default_rng([SEED, crc32(name.encode())])
    return np.asarray(flat * np.exp(sd * order.permutation(normal_points(flat.size))))

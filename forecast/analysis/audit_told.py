"""Quantities of an audit over draws, told by a few statistics with their Monte Carlo errors."""

from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.summary import STATISTICS, estimates

TOLD: Final = ("mean", "p10", "p50", "p90")
"""Statistics over draws that are told, in the order of the dim `statistic`."""

type Told = dict[str, tuple[tuple[str, ...], np.ndarray, str, str]]
"""Name → dims before the draws, values `[…, draw]`, unit, meaning."""


def summarised(told: Told, shape: tuple[int, int]) -> xr.Dataset:
    """Statistics over draws of some quantities, with their Monte Carlo standard errors.

    Parameters
    ----------
    told
        Name → dims before the draws, values `[…, draw]`, unit, meaning.
    shape
        Chains, and draws of a chain.

    Returns
    -------
    Dataset
        Last dim `statistic`, as `TOLD`; `mcse_…` beside each.
    """
    chosen = [STATISTICS.index(one) for one in TOLD]
    found = {}
    for name, (dims, values, unit, meaning) in told.items():
        laid = np.moveaxis(values, -1, 0).reshape(*shape, *values.shape[:-1])
        with np.errstate(invalid="ignore"):
            value, error = (np.moveaxis(one[chosen], 0, -1) for one in estimates(laid))
        over = (*dims, "statistic")
        found[name] = (over, value, {"units": unit, "long_name": meaning})
        error_meaning = f"Monte Carlo standard error: {meaning}"
        found[f"mcse_{name}"] = (over, error, {"units": unit, "long_name": error_meaning})
    return xr.Dataset(found, {"statistic": list(TOLD)})

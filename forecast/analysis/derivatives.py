"""Slopes in numbers: derivative-based measures over the whole range, and local elasticities.

The slopes come from the model (`studies.gradients`) and are kept beside the run; what is made of
them needs the model no more.
"""

from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.summary import SUMMED

SHARES: Final = (0.05, 0.5, 0.95)
"""Quantiles of elasticities over draws. (1; definition)"""

BOUND: Final = "upper bound of the total index"
MEASURE: Final = "derivative-based measure over variance; no bound where inputs are dependent"


def derivatives(found: xr.Dataset, dependent: str = "") -> xr.Dataset:
    """Derivative-based measures and elasticities of every input and outcome.

    Parameters
    ----------
    found
        From `studies.gradients`.
    dependent
        Why inputs are dependent, empty if they are not.

    Returns
    -------
    Dataset
        Dims input, variable, year. `dgsm`: mean squared slope in the standard normal that the
        prior makes the input of, over the variance of the outcome; for independent inputs the
        total index is at most that. `dgsm_error`: its standard error over draws. `elasticity`,
        `elasticity_low`, `elasticity_high`: p50, p05 and p95 over draws of the relative change of
        the outcome over that of the input.

    References
    ----------
    Sobol' and Kucherenko (2009), doi:10.1016/j.matcom.2009.01.023; Lamboni et al. (2013),
    doi:10.1016/j.matcom.2013.02.002, for the bound, whose constant is 1 for a standard normal.
    """
    names = [*SUMMED, *found["segment"].values.tolist()]
    level = summed(found["demand"])
    slope = summed(found["slope"])
    steep = slope * found["spread"].values[:, :, np.newaxis, np.newaxis]
    variance = level.var(axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        squared = np.square(steep) / variance
        elastic = slope * found["value"].values[:, :, np.newaxis, np.newaxis] / level[:, np.newaxis]
    quantiles = np.quantile(elastic, SHARES, axis=0)
    dims = ("input", "variable", "year")
    told = {"units": "1", "long_name": MEASURE if dependent else BOUND}
    return xr.Dataset(
        {
            "dgsm": (dims, squared.mean(0), told),
            "dgsm_error": (dims, squared.std(0, ddof=1) / np.sqrt(len(squared)), {"units": "1"}),
            "elasticity": (dims, quantiles[1], {"units": "1"}),
            "elasticity_low": (dims, quantiles[0], {"units": "1"}),
            "elasticity_high": (dims, quantiles[2], {"units": "1"}),
        },
        {"input": found["input"], "variable": names, "year": found["year"]},
        {"draws": found.sizes["draw"], "note": dependent or "inputs are independent"},
    )


def summed(values: xr.DataArray) -> np.ndarray:
    """Sums of segments, then the segments: axis segment, before the last, becomes variable."""
    parts = [values.sel(segment=one).sum("segment").values for one in SUMMED.values()]
    return np.stack([*parts, *np.moveaxis(values.values, -2, 0)], axis=-2)

"""How likely an outcome is to be above a level: one less its distribution function."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.comparison import chain_error
from forecast.analysis.ensemble import Ensemble
from forecast.grammar import Place

FAR: Final = 8.0
"""Distances of p10 or p90 from the median beyond which a tail is left out, since it would leave no
room for the rest. The outermost thousandth of an exponential tail lies at four. (1; definition)"""

LEVELS: Final = 201
"""Levels at which the curve is told. (1; definition)"""

TAIL: Final = 0.001
"""Share of draws beyond either end of the levels. (1; definition)"""


def _reach(values: np.ndarray) -> tuple[float, float]:
    """Levels between which a curve is told."""
    shares = (TAIL, 0.1, 0.5, 0.9, 1 - TAIL)
    low, first, middle, last, high = np.nanquantile(values, shares)
    return (
        float(max(low, middle - FAR * (middle - first))),
        float(min(high, middle + FAR * (last - middle))),
    )


def exceedance(ensembles: Sequence[Ensemble], place: Place) -> xr.Dataset:
    """Share of draws above levels, scenario by scenario.

    Parameters
    ----------
    ensembles
        One a scenario, with the outcome.
    place
        The outcome.

    Returns
    -------
    Dataset
        Dims scenario, level: `share` of the draws that are there and its Monte Carlo standard
        error `mcse_share`, from the spread over chains (NaN for one chain); levels, in the unit
        of the outcome, are even between the outermost thousandths of all scenarios, or less far out
        where a tail is very long.
        `p05`, `p50` and `p95` with dim scenario. Attributes `place`, `unit` and `scope`.

    Raises
    ------
    ValueError
        If there is no such outcome, or no draw has it.
    """
    values = [one.values(place) for one in ensembles]
    if not any(np.isfinite(one).any() for one in values):
        raise ValueError(f"no draw has {place}")
    ends = np.array([_reach(one) for one in values if np.isfinite(one).any()])
    levels = np.linspace(ends[:, 0].min(), ends[:, 1].max(), LEVELS)
    shares, errors = [], []
    for ensemble, one in zip(ensembles, values, strict=True):
        with np.errstate(invalid="ignore"):
            above = np.where(np.isfinite(one)[:, None], one[:, None] > levels, np.nan)
        shares.append(np.nanmean(above, axis=0))
        errors.append(chain_error(above, ensemble.chain))
    both = ("scenario", "level")
    marks = {
        f"p{round(100 * share):02d}": (
            "scenario",
            [float(np.nanquantile(v, share)) for v in values],
        )
        for share in (0.05, 0.5, 0.95)
    }
    chosen = int(np.flatnonzero(ensembles[0].rows["variable"] == place.variable)[0])
    return xr.Dataset(
        {"share": (both, np.stack(shares)), "mcse_share": (both, np.stack(errors))} | marks,
        {"scenario": [one.scenario for one in ensembles], "level": levels},
        {
            "place": str(place),
            "variable": place.variable,
            "region": place.region,
            "year": place.year,
            "unit": ensembles[0].unit(place),
            "scope": str(ensembles[0].rows["scope"][chosen]),
        },
    )

"""Where the spread of a Run comes from, year by year, and how it stands to Monte Carlo error."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.ensemble import Ensemble

SCENARIO: Final = "scenario"
NOISE: Final = "year-to-year noise"
REST: Final = "interactions"
"""What neither scenario, nor a group of inputs alone in the regression, nor noise explains."""


def variance_split(
    ensembles: Sequence[Ensemble], effects: Sequence[xr.Dataset], noises: Sequence[xr.Dataset]
) -> xr.Dataset:
    """Split the variance of demand into scenario, groups of inputs and year-to-year noise.

    The law of total variance: that of the scenarios' means, each scenario as likely as another,
    and the mean of their own; this is shared by the Shapley effects of groups of inputs, the
    variance that noise alone makes, and a rest of interactions that the regression behind the
    effects does not hold.

    Parameters
    ----------
    ensembles
        One a scenario, with the same outcomes.
    effects
        Shapley effects of each, from `analysis.shapley`.
    noises
        From `studies.noise`, of each.

    Returns
    -------
    Dataset
        `share` with dims source, outcome: adds up to one where there is any variance; `variance`
        and `sd` with dim outcome.

    References
    ----------
    Hawkins and Sutton (2009), doi:10.1175/2009BAMS2607.1, for the split over time.
    """
    rows = ensembles[0].rows
    means = np.stack([np.nanmean(one.y, axis=0) for one in ensembles])
    own = np.stack([np.nanvar(one.y, axis=0) for one in ensembles])
    between, within = means.var(axis=0), own.mean(axis=0)
    whole = between + within
    effects = [one.isel(group=slice(None, -1)) for one in effects]  # the last is unexplained
    # A policy may make an input uncertain that no other scenario has: it explains nothing there.
    groups = list(dict.fromkeys(str(name) for one in effects for name in one["group"].values))
    laid = [one["effect"].reindex(group=groups, fill_value=0.0) for one in effects]
    parts = np.stack([one.transpose("group", "outcome").values for one in laid])
    noise = np.stack([_noise_of(one, rows) for one in noises])
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = (parts * own[:, np.newaxis]).mean(axis=0) / whole
        shaken = noise.mean(axis=0) / whole
        shares = np.vstack([between / whole, inside, shaken])
    rest = 1.0 - shares.sum(axis=0)
    labels = [SCENARIO, *groups, NOISE, REST]
    told = {"units": "1", "long_name": "share of the variance of the outcome"}
    return xr.Dataset(
        {
            "share": (("source", "outcome"), np.vstack([shares, rest]), told),
            "variance": ("outcome", whole, {"units": "of the outcome, squared"}),
            "sd": ("outcome", np.sqrt(whole), {"units": "of the outcome"}),
        },
        {"source": labels} | {name: ("outcome", column) for name, column in rows.items()},
        {"scenarios": " ".join(one.scenario for one in ensembles)},
    )


def _noise_of(found: xr.Dataset, rows: dict[str, np.ndarray]) -> np.ndarray:
    return np.array(
        [
            float(found["noise"].sel(variable=variable, year=year))
            for variable, year in zip(rows["variable"], rows["year"], strict=True)
        ]
    )


def monte_carlo(ensemble: Ensemble, summary: xr.Dataset) -> xr.Dataset:
    """Monte Carlo error of the median beside the spread that inputs and noise make.

    Parameters
    ----------
    ensemble
    summary
        Of the same run.

    Returns
    -------
    Dataset
        Dim outcome: `sd` of the draws, `error` of the median, and `ratio`, the one over the other:
        how little of what is seen is the number of draws.
    """
    columns = {name: summary[name].values for name in ("scenario", "variable", "region", "year")}
    found = []
    for variable, region, year in zip(
        *(ensemble.rows[name] for name in ("variable", "region", "year")), strict=True
    ):
        here = (columns["scenario"] == ensemble.scenario) & (columns["variable"] == variable)
        here &= (columns["region"] == region) & (columns["year"] == year)
        found.append(float(summary["mcse_p50"].values[here][0]))
    spread = np.nanstd(ensemble.y, axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.array(found) / spread
    told = {"units": "of the outcome"}
    return xr.Dataset(
        {
            "sd": ("outcome", spread, told),
            "error": ("outcome", np.array(found), told),
            "ratio": ("outcome", ratio, {"units": "1"}),
        },
        {name: ("outcome", column) for name, column in ensemble.rows.items()},
    )

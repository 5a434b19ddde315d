"""A demand beside other uses of electricity: never a bare number of TWh."""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
import xarray as xr

from forecast.analysis.comparison import chain_error
from forecast.analysis.ensemble import ensemble_of
from forecast.grammar import Place

VARIABLES: Final = ("total", "data_centres", "ai")
QUANTILES: Final = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


class Use(Protocol):
    """What is asked of a use of electricity: `spec.claims.UseEntry` has it."""

    @property
    def name(self) -> str:
        """What it is."""

    @property
    def kind(self) -> str:
        """Denominator, use or country."""

    @property
    def value(self) -> float:
        """TWh a year."""

    @property
    def year(self) -> int:
        """Of the value."""

    @property
    def scope(self) -> str:
        """What it covers."""

    @property
    def source(self) -> str:
        """Where it was published."""

    @property
    def grade(self) -> str:
        """Of the evidence, A to D."""


def perspective(
    run: xr.DataTree, uses: Sequence[Use], years: Sequence[int], scenario: str = ""
) -> xr.Dataset:
    """Put a scenario's demand over other uses.

    Parameters
    ----------
    run
    uses
        From `read_uses`; each of its own year and scope, which the ratio does not mend.
    years : yr
        Of the demand.
    scenario
        Its name; the first of the run if none is given.

    Returns
    -------
    Dataset
        Dims variable, year, use: `p10`, `p50`, `p90` of demand over the use, `mcse` of the median;
        by use `value`, `of` (its year) and what it covers; by variable and year the `demand`.

    Raises
    ------
    ValueError
        If the run has no such scenario or year, or keeps no draws.
    """
    ensemble = ensemble_of(run, scenario, VARIABLES)
    levels = np.array(
        [[ensemble.values(Place(name, "", year)) for year in years] for name in VARIABLES]
    )
    values = np.array([one.value for one in uses])
    shares = np.quantile(levels, list(QUANTILES.values()), axis=-1)
    by_chain = [np.median(levels[..., ensemble.chain == c], -1) for c in np.unique(ensemble.chain)]
    error = chain_error(np.stack(by_chain), np.arange(len(by_chain)))
    dims = ("variable", "year", "use")
    over = {
        name: (dims, shares[number][..., np.newaxis] / values)
        for number, name in enumerate(QUANTILES)
    }
    told = {"units": "TWh"}
    return xr.Dataset(
        {
            **over,
            "mcse": (dims, error[..., np.newaxis] / values),
            "demand": (("variable", "year"), shares[1], told),
            "value": ("use", values, told),
        },
        {
            "variable": list(VARIABLES),
            "year": list(years),
            "use": [one.name for one in uses],
            "of": ("use", [one.year for one in uses]),
            "kind": ("use", [one.kind for one in uses]),
            "scope": ("use", [one.scope for one in uses]),
            "source": ("use", [one.source for one in uses]),
            "grade": ("use", [one.grade for one in uses]),
        },
        {"scenario": ensemble.scenario},
    )

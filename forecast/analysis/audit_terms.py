"""What the total of a year is made of, draw by draw: outputs and inputs as plain arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from forecast.axes import FIRST_YEAR
from forecast.store import inputs_group, outputs_group, stats_group

BASE_YEAR: Final = 2023
"""Year at which efficiency is frozen; up to it limits bind nothing. (yr; docs/model.md)"""

OUTPUTS: Final = (
    "conventional.workloads",
    "conventional.intensity",
    "conventional.pue",
    "conventional.demand",
    "electricity.world",
    "electricity.intensity_world",
    "efficiency.hardware",
    "efficiency.software",
    "efficiency.precision",
    "efficiency.shrinkage",
    "efficiency.incentive",
    "adoption.applications",
    "adoption.new_applications",
    "adoption.tokens_reference",
    "adoption.other",
    "size_mix.mean_parameters",
    "inference.rebound",
    "inference.inference",
    "training.base_models",
    "training.pretraining",
    "training.frontier",
    "training.anchor",
    "training.training",
    "customisation.customisation",
    "limits.demand",
    "limits.capacity",
    "limits.served",
    "regions.ai",
    "regions.crypto",
    "crypto.free",
    "crypto.revenue_limit",
    "crypto.left",
    "noise",
    "totals.total",
    "totals.ai",
    "facilities.installed",
)
"""Outputs that a run must keep to be audited, beside those that every run keeps."""

EMISSIONS: Final = "emissions"
"""Kept by every run, by account."""

type Values = Mapping[str, np.ndarray]
"""Dotted name → `[draw, …]`."""


@dataclass(frozen=True)
class Terms:
    """What the total of one year is made of.

    Attributes
    ----------
    year : int
    shape : tuple of int
        Chains, and draws of a chain; the draws of all chains follow each other.
    outputs : mapping
        Year → outputs, in the units of the model; failed draws are NaN.
    given : mapping
        Inputs.
    extreme : array
        Output tokens per application and year that are taken for everybody's, `[draw]`.
    """

    year: int
    shape: tuple[int, int]
    outputs: Mapping[int, Values]
    given: Values
    extreme: np.ndarray

    @property
    def now(self) -> Values:
        """Outputs of the year."""
        return self.outputs[self.year]

    @property
    def base(self) -> Values:
        """Outputs of `BASE_YEAR`."""
        return self.outputs[BASE_YEAR]

    @property
    def first(self) -> Values:
        """Outputs of the first year."""
        return self.outputs[FIRST_YEAR]

    def part(self, chosen: slice) -> "Terms":
        """The same of some draws alone; what is of all draws together stays."""
        outputs = {year: _some(values, chosen) for year, values in self.outputs.items()}
        extreme = self.extreme[chosen]
        return Terms(self.year, (1, len(extreme)), outputs, _some(self.given, chosen), extreme)


def _some(values: Values, chosen: slice) -> Values:
    return {name: one[chosen] for name, one in values.items()}


def terms_of(
    run: xr.DataTree, scenario: str, year: int, *, extreme: float, beside: Sequence[int] = ()
) -> Terms:
    """Take what the total of a year is made of out of a run.

    Parameters
    ----------
    run
        Keeps `OUTPUTS`.
    scenario
        Its name.
    year : yr
        After `BASE_YEAR`.
    extreme : 1
        Quantile of use per application, over draws, that is taken for everybody's.
    beside : yr
        Further years whose outputs are wanted.

    Returns
    -------
    Terms

    Raises
    ------
    ValueError
        If the run has no such scenario or year, or the year is not after `BASE_YEAR`.
    """
    outputs = run[outputs_group(run)].to_dataset()
    place = scenario_place(outputs, scenario)
    check_year(outputs["year"].values.tolist(), year)
    failed = run[stats_group(run)].to_dataset()["status"].values[..., place].reshape(-1) != 0
    wanted = dict.fromkeys((FIRST_YEAR, BASE_YEAR, *beside, year))
    found = {one: outputs_of(outputs, place, one, failed) for one in wanted}
    use = found[year]["adoption.tokens_reference"] / found[year]["adoption.applications"]
    chains, draws = (outputs.sizes[dim] for dim in ("chain", "draw"))
    given = inputs_of(run, place, chains * draws)
    everybody = np.where(failed, np.nan, np.nanquantile(use, extreme))
    return Terms(year, (chains, draws), found, given, everybody)


def check_year(years: Sequence[int], year: int) -> None:
    """Hold a year against those of a run.

    Raises
    ------
    ValueError
        If it is not one of them, or not after `BASE_YEAR`.
    """
    if year not in years:
        raise ValueError(f"year {year} is not in the run, which has {years[0]} to {years[-1]}")
    if year <= BASE_YEAR:
        raise ValueError(
            f"year {year}: one error is to freeze efficiency at {BASE_YEAR}, so the audit is of a"
            f" later year, {BASE_YEAR + 1} to {years[-1]}"
        )


def scenario_place(outputs: xr.Dataset, scenario: str) -> int:
    """Number of a scenario among those of a run.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    names = [str(one) for one in outputs["scenario"].values]
    if scenario not in names:
        known = ", ".join(names)
        raise ValueError(f'the run has no scenario "{scenario}", expected one of {known}')
    return names.index(scenario)


def outputs_of(
    outputs: xr.Dataset, place: int, year: int, failed: np.ndarray
) -> dict[str, np.ndarray]:
    """Outputs of one scenario in one year, `[draw, …]`; NaN where a draw failed."""
    at = outputs[[*OUTPUTS, EMISSIONS]].isel(scenario=place).sel(year=year)
    found = {}
    for name, values in at.data_vars.items():
        flat = np.asarray(values.values, float).reshape(failed.size, *values.shape[2:])
        mask = failed.reshape(-1, *[1] * (flat.ndim - 1))
        found[str(name)] = np.where(mask, np.nan, flat)
    return found


def inputs_of(run: xr.DataTree, place: int, draws: int) -> dict[str, np.ndarray]:
    """Inputs of one scenario, drawn and fixed, `[draw, …]`."""
    found = {}
    for group in ("constant_data", inputs_group(run)):
        for name, values in run[group].to_dataset().data_vars.items():
            ours = values.isel(scenario=place) if "scenario" in values.dims else values
            if "." not in str(name):
                continue
            if "draw" in ours.dims:
                found[str(name)] = ours.values.reshape(draws, *ours.shape[2:])
            else:
                found[str(name)] = np.broadcast_to(ours.values, (draws, *ours.shape))
    return found

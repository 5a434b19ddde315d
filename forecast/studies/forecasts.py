"""What was forecast as of an earlier date: posteriors of that date, and history cut at a year."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import xarray as xr

from forecast.analysis.backtest import OUTPUTS
from forecast.spec.calibration import POPULATIONS
from forecast.spec.scenario import Scenario

NOTHING: Final = "nothing observed"
"""Why there is no posterior of a history that is cut before the first observation."""


@dataclass(frozen=True)
class Forecast:
    """What was forecast as of a date.

    Attributes
    ----------
    name : str
    known : str
        Date of its vintage, YYYY-MM-DD.
    until : int, optional
        Last year of the observations used, where history is cut; then later years are scored.
    paths : Dataset, optional
        Outputs in TWh, dims chain, draw and year; None where there is no posterior.
    used : tuple of str
        Ids of the observations that it was calibrated to.
    reason : str
        Why there is none.
    """

    name: str
    known: str
    until: int | None = None
    paths: xr.Dataset | None = None
    used: tuple[str, ...] = ()
    reason: str = ""


def cut(history: Scenario, year: int) -> Scenario:
    """History as of a year: the same priors, no observation of a later year.

    Parameters
    ----------
    history
        With a calibration.
    year : yr

    Returns
    -------
    Scenario
        Under a name of its own, under which its posterior is kept.
    """
    assert history.calibration is not None, "history is calibrated"
    return replace(
        history,
        name=f"{history.name}-as-of-{year}",
        title=f"{history.title}, observations up to {year}",
        calibration=replace(history.calibration, until=year),
    )


def read_paths(file: Path) -> tuple[xr.Dataset, tuple[str, ...]]:
    """Read what a posterior says of the years.

    Parameters
    ----------
    file
        As `forecast calibrate` writes it.

    Returns
    -------
    Dataset
        Outputs, of the first eight populations: more of them change no score.
    tuple of str
        Ids of the observations that it was calibrated to.
    """
    with xr.open_dataset(file, group="posterior_predictive", engine="h5netcdf") as found:
        names = [name for name in OUTPUTS if name in found]
        paths = found[names].isel(chain=slice(POPULATIONS)).load()
        return paths, tuple(found["observation"].values.astype(str).tolist())

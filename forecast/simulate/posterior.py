"""A delivered posterior: equally weighted draws of inputs and noise, in place of a design."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import xarray as xr

from forecast.axes import STREAMS

INNOVATIONS: Final = "innovations"
"""Name of the noise up to the last calibrated year, in the group of the posterior."""

CALIBRATED_YEAR: Final = "calibrated_year"
"""Its dimension over the years from 2015 on."""


@dataclass(frozen=True)
class Posterior:
    """Draws that a calibration delivered.

    Attributes
    ----------
    key : str
        Of the calibration; draws of one key are paired, of two they are not.
    inputs : mapping
        Calibrated input → `[chain, draw]` or `[chain, draw, label]`, canonical units.
    innovations : array
        `[chain, draw, stream, year]`, standard normals from 2015 on; later years are drawn fresh.
    """

    key: str
    inputs: Mapping[str, np.ndarray]
    innovations: np.ndarray

    @property
    def chains(self) -> int:
        """Populations."""
        return int(self.innovations.shape[0])

    @property
    def draws(self) -> int:
        """Draws of each population."""
        return int(self.innovations.shape[1])

    def take(self, chain: np.ndarray, index: np.ndarray) -> dict[str, np.ndarray]:
        """Inputs of some draws, `[draw, …]`."""
        return {name: values[chain, index] for name, values in self.inputs.items()}

    def noise(
        self, fresh: Mapping[str, np.ndarray], chain: np.ndarray, index: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Noise of some draws: as calibrated, then fresh.

        Parameters
        ----------
        fresh : 1
            Stream → `[draw, year]`, of all years.
        chain, index
            Which draws.

        Returns
        -------
        1
            Stream → `[draw, year]`.
        """
        found = {}
        for number, name in enumerate(STREAMS):
            known = self.innovations[chain, index, number]
            years = min(known.shape[1], fresh[name].shape[1])
            found[name] = np.concatenate([known[:, :years], fresh[name][:, years:]], axis=1)
        return found


def read_posterior(file: Path, key: str) -> Posterior:
    """Read the draws of a posterior from its file, and nothing else of it.

    Parameters
    ----------
    file
        A posterior as `forecast calibrate` writes it.
    key
        Of the calibration.

    Returns
    -------
    Posterior
    """
    # Through h5py: opening a hundred variables as labelled arrays takes longer than a run may.
    import h5py

    with h5py.File(file) as raw:
        group = raw["posterior"]
        inputs = {
            name: values[()]
            for name, values in group.items()
            if "." in name and isinstance(values, h5py.Dataset)
        }
        return Posterior(key, inputs, group[INNOVATIONS][()])


def posterior_of_run(run: xr.DataTree, number: int) -> Posterior | None:
    """Draws of a stored Run as the posterior that they came from.

    Parameters
    ----------
    run
    number
        Of the scenario.

    Returns
    -------
    Posterior or None
        None for a run of the prior.
    """
    if "posterior" not in run.children:
        return None
    group = run["posterior"].to_dataset()
    keys = run.attrs["posteriors"].split()
    if keys[number] == "prior":
        return None
    one = group.isel(scenario=number) if "scenario" in group.dims else group
    dims = ("chain", "draw", "stream", CALIBRATED_YEAR)
    calibrated = str(run.attrs["calibrated"]).split("\n")[number].split()
    inputs = {name: one[name].values for name in calibrated}
    noise = one[INNOVATIONS].transpose(*dims).values
    # Beside a posterior of later years, this one's is filled up with what is no number.
    years = int(np.isfinite(noise).all(axis=(0, 1, 2)).sum())
    return Posterior(keys[number], inputs, noise[..., :years])

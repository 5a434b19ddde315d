"""Whether two Runs hold the same numbers."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from forecast.store import inputs_group, outputs_group, stats_group

ATTRIBUTES = ("forecast_version", "code_digest", "precision", "method", "seed")
"""What must agree for two runs to be the same run."""


@dataclass(frozen=True)
class Comparison:
    """How far two Runs differ.

    Attributes
    ----------
    identical : bool
        Every bit the same.
    largest : float
        Relative to the largest value of the same output and year.
    where : str
        The output that differs most.
    notes : tuple of str
        What else differs: versions, code.
    """

    identical: bool
    largest: float
    where: str
    notes: tuple[str, ...]


def compare(stored: xr.DataTree, fresh: xr.DataTree) -> Comparison:
    """Compare inputs, outputs and reasons of failure, draw by draw.

    Parameters
    ----------
    stored, fresh
        Fresh holds at least what stored holds.

    Returns
    -------
    Comparison
    """
    identical, largest, where = True, 0.0, ""
    for group in (inputs_group(stored), outputs_group(stored), stats_group(stored)):
        again = fresh[group].to_dataset()
        for name, values in stored[group].data_vars.items():
            old, new = values.values, again[name].values
            if old.shape == new.shape and old.tobytes() == new.tobytes():
                continue
            identical = False
            gap = difference(old, new)
            if gap >= largest:
                largest, where = gap, f"{group}/{name}"
    notes = tuple(
        f"{name}: {stored.attrs.get(name)} then, {fresh.attrs.get(name)} now"
        for name in ATTRIBUTES
        if stored.attrs.get(name) != fresh.attrs.get(name)
    )
    return Comparison(identical, largest, where, notes)


def difference(old: np.ndarray, new: np.ndarray) -> float:
    """Largest difference relative to the largest value over all draws, in the same place.

    Parameters
    ----------
    old, new : any unit
        `[chain, draw, …]`.

    Returns
    -------
    1
        Infinite where one has a number and the other has none, or shapes differ.
    """
    if old.shape != new.shape or (np.isfinite(old) != np.isfinite(new)).any():
        return float("inf")
    gap = np.abs(old - new, where=np.isfinite(old), out=np.zeros(old.shape)).max(axis=(0, 1))
    size = np.abs(old, where=np.isfinite(old), out=np.zeros(old.shape)).max(axis=(0, 1))
    return float(np.max(np.where(gap > 0, gap / np.where(size > 0, size, 1.0), 0.0), initial=0.0))

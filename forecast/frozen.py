"""Frozen posteriors: a named, versioned set of draws in one file that others can load."""

import hashlib
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast import store
from forecast.errors import Refusal
from forecast.posteriors import POSTERIOR_FILE
from forecast.simulate.posterior import INNOVATIONS, Posterior
from forecast.spec.scenario import Scenario

KEPT: Final = (
    *("title", "Conventions", "scenario", "vintage", "known", "key", "seed", "populations"),
    *("particles", "forecast_version", "code_digest", "scenarios", "notes"),
)
"""Attributes of a posterior that its frozen form keeps."""


def digest_of(group: xr.Dataset) -> str:
    """SHA-256 of names and numbers of a group of draws, sixteen hexadecimal digits."""
    found = hashlib.sha256()
    for name in sorted(map(str, group.data_vars)):
        values = np.ascontiguousarray(group[name].values)
        found.update(f"{name}\0{values.dtype.str}\0{values.shape}\0".encode())
        found.update(values.tobytes())
    return found.hexdigest()[:16]


def freeze(folder: Path, file: Path, *, name: str, version: str) -> str:
    """Write the draws of a posterior as a named, versioned set.

    Parameters
    ----------
    folder
        Of a posterior.
    file
        To write; it appears whole or not at all.
    name, version
        Of the set.

    Returns
    -------
    str
        Digest of its numbers, to cite beside name and version.
    """
    with xr.open_datatree(folder / POSTERIOR_FILE, engine="h5netcdf") as tree:
        group = tree["posterior"].to_dataset().load()
        attributes: dict[str, Any] = {one: tree.attrs[one] for one in KEPT if one in tree.attrs}
    frozen = xr.DataTree.from_dict({"/posterior": group})
    digest = digest_of(group)
    frozen.attrs = attributes | {"name": name, "version": version, "digest": digest}
    store.save(frozen, file)
    return digest


def load_frozen(file: Path, scenario: Scenario) -> Posterior:
    """Read a frozen set for a scenario.

    Parameters
    ----------
    file
    scenario
        That shall be run on its draws.

    Returns
    -------
    Posterior
        Its key is `name-version-digest`.

    Raises
    ------
    ValueError
        If there is no frozen set in the file.
    Refusal
        If its numbers are not those that were frozen, or the scenario has other inputs.
    """
    try:
        with xr.open_datatree(file, engine="h5netcdf") as tree:
            group = tree["posterior"].to_dataset().load()
            told = dict(tree.attrs)
        name, version, digest = told["name"], told["version"], told["digest"]
    except FileNotFoundError as error:
        raise ValueError(f"{file}: no such file") from error
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(f"{file}: not a frozen set of draws ({error})") from error
    if digest_of(group) != digest:
        raise Refusal(f"{file}: its numbers are not those that were frozen as {name} {version}")
    inputs = {str(one): group[one].values for one in group.data_vars if one != INNOVATIONS}
    known = {k for k, one in scenario.priors.items() if one.role != "lever"}
    if strange := sorted(set(inputs) - known):
        raise Refusal(f"{file}: {scenario.name} has no input {', '.join(strange[:3])}")
    return Posterior(f"{name}-{version}-{digest}", inputs, group[INNOVATIONS].values)

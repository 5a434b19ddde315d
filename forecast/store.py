"""What a Run is on disk: one netCDF file that ArviZ reads as it is."""

from pathlib import Path

import xarray as xr

from forecast.files import RUN_FILE, written


def outputs_group(tree: xr.DataTree) -> str:
    """Group that holds the outputs draw by draw: of the posterior where there is one."""
    return "posterior_predictive" if "posterior_predictive" in tree.children else "prior_predictive"


def inputs_group(tree: xr.DataTree) -> str:
    """Group that holds the draws of the inputs."""
    return "posterior" if "posterior" in tree.children else "prior"


def stats_group(tree: xr.DataTree) -> str:
    """Group that holds what is known of each draw."""
    return "sample_stats" if "sample_stats" in tree.children else "sample_stats_prior"


def check_draws(tree: xr.DataTree) -> None:
    """Refuse a Run of a summary alone.

    Raises
    ------
    ValueError
    """
    if inputs_group(tree) not in tree.children:
        raise ValueError("the run keeps no draws (--summary-only); run it without that")


def load(path: Path) -> xr.DataTree:
    """Read a Run.

    Parameters
    ----------
    path
        The file, or the folder that holds it.

    Returns
    -------
    DataTree
        In memory; the file is closed.

    Raises
    ------
    ValueError
        If there is no Run at the path.
    """
    file = path / RUN_FILE if path.is_dir() else path
    if not file.is_file():
        raise ValueError(f"{path}: no run here; a run is a folder with {RUN_FILE} in it")
    try:
        loaded = _read(file)
    except Exception as error:  # damaged bytes make the reading libraries raise almost anything
        raise ValueError(f"{file}: not a run, or damaged ({error})") from error
    check(loaded, file)
    return loaded


def _read(file: Path) -> xr.DataTree:
    # h5py first: it refuses what is no HDF5 cleanly, where h5netcdf leaves a half-open file behind
    # that complains when it is collected. Imported here, since only reading needs it.
    import h5py

    with h5py.File(file) as raw:
        dict(raw.attrs)
    with xr.open_datatree(file, engine="h5netcdf") as tree:
        loaded: xr.DataTree = tree.load()
    return loaded


def check(tree: xr.DataTree, file: Path) -> None:
    """Hold a tree against what a Run must have.

    Raises
    ------
    ValueError
        If the summary, the scenarios' text, or a part of its draws is missing.
    """
    if "summary" not in tree.children or "scenarios" not in tree.attrs:
        raise ValueError(f"{file}: not a run of forecast: no summary and no scenarios in it")
    parts = (outputs_group(tree), stats_group(tree))
    if inputs_group(tree) in tree.children and not set(parts) <= set(tree.children):
        raise ValueError(
            f"{file}: a part of the run is missing ({' or '.join(parts)}); run it again"
        )


def save(tree: xr.DataTree, file: Path) -> None:
    """Write a Run to a file that appears whole or not at all.

    Parameters
    ----------
    tree
    file
    """
    # Nothing is missing in a Run but NaN, which needs no fill value; saying so saves a tenth.
    plain = {
        group.path: {
            name: {"_FillValue": None}
            for name, values in group.data_vars.items()
            if values.dtype.kind == "f"
        }
        for group in tree.subtree
    }
    written(file, lambda partial: tree.to_netcdf(partial, engine="h5netcdf", encoding=plain))

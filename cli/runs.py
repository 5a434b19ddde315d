"""A run that a command works on: one that is stored, or a scenario that is run first."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .interrupt import interruptible
from .options import Faults, Refused, complete_scenarios

if TYPE_CHECKING:
    import xarray as xr


def run_argument(function: Any) -> Any:
    """RUN: the folder of a stored run, or a scenario."""
    return click.argument("run", metavar="RUN|SCENARIO", shell_complete=complete_scenarios)(
        function
    )


def output_option(function: Any) -> Any:
    """--output: where runs are kept."""
    text = "Folder of runs; outputs if not given."
    kind = click.Path(path_type=Path)
    return click.option("--output", type=kind, default=Path("outputs"), help=text)(function)


def is_run(reference: str) -> bool:
    """Whether a reference is a stored run, not a scenario."""
    path = Path(reference)
    return path.is_dir() or path.suffix == ".nc"


def opened(reference: str, output: Path, *more: str, **options: Any) -> "tuple[xr.DataTree, Path]":
    """Read a stored run; scenarios are run first, unless that was done before.

    Parameters
    ----------
    reference
        Folder of a run, its file, or a scenario.
    more
        Further scenarios of the same run.
    output
        Folder of the runs.
    options
        In place of what `forecast run` takes: `settings`, `prior`, `draws`.

    Returns
    -------
    DataTree, Path
        The run and its folder.

    Raises
    ------
    Faults
        If there is neither.
    """
    from forecast import store

    path = Path(reference)
    if is_run(reference):
        if more:
            raise Faults(f"{reference}: is a run; {more[0]} cannot be added to it")
        if any(options.values()):
            told = ", ".join(f"--{name}" for name, value in options.items() if value)
            raise Faults(f"{reference}: is a run; {told} would change it, name a scenario instead")
        try:
            return store.load(path), path if path.is_dir() else path.parent
        except ValueError as error:
            raise Faults(str(error)) from error
    return _computed((reference, *more), output, options)


def _computed(
    references: tuple[str, ...], output: Path, options: dict[str, Any]
) -> "tuple[xr.DataTree, Path]":
    from forecast import store
    from forecast.files import complete
    from forecast.request import request, sampling_settings

    given = sampling_settings(draws=options.get("draws"), seed=None, method=None)
    asked = request(
        *references,
        settings=(*options.get("settings", ()), *given),
        prior=bool(options.get("prior")),
    )
    folder = asked.folder(output)
    if complete(folder, asked.key):
        return store.load(folder), folder
    from .cache import use_cache

    use_cache()
    from forecast import api
    from forecast.errors import Refusal

    told = f"forecast run {' '.join(references)}"
    try:
        with interruptible():
            drawn = api.find_posteriors(asked, output, command=told)
            tree = api.compute(asked, drawn=drawn)
            return tree, api.save(tree, asked, output, told)
    except Refusal as error:
        raise Refused(str(error)) from error
    except ValueError as error:
        raise Faults(str(error)) from error

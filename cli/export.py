"""`forecast export`: a stored run as a file for other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from .options import Faults, Word, example, force_option, mendable

if TYPE_CHECKING:
    from forecast.export import Format

NAMES: Final = ("csv", "parquet", "iamc")
FORMS: Final = ("wide", "long")
"""What `forecast.export` offers, said here so that help needs no import; a test compares."""


@click.command(epilog=example("forecast export RUN --to csv"))
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "name",
    type=Word(NAMES),
    required=True,
    help="csv or parquet: a row per scenario, variable, region and year; iamc: the wide table"
    " that pyam reads, with metadata and codelists beside it.",
)
@click.option(
    "--draws",
    "form",
    type=Word(FORMS),
    help="The draws in place of the summary, csv or parquet: wide has a column per output, long a"
    " row per number.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to; in the folder export of the run unless said.",
)
@force_option
@mendable
def command(run: Path, name: str, form: str | None, output: Path | None, force: bool) -> None:
    """Write a stored run as a file for other programs, and print what was written.

    RUN is the folder of a run, or the run.nc in it. Units and scopes go along: in a column, in the
    schema of a Parquet file, or in a file beside it.
    """
    from forecast import store
    from forecast.errors import shown
    from forecast.export import DRAWS, FORMATS

    if form and (name, form) not in DRAWS:
        raise Faults(f"--draws: draws go to csv or parquet, not to {name}")
    chosen = DRAWS[name, form] if form else FORMATS[name]
    try:
        tree = store.load(run)
        stem = f"draws-{form}" if form else "iamc" if name == "iamc" else "summary"
        path = output or _default(run, f"{stem}{chosen.ending}")
        _check_free(chosen, path, force)
        found = chosen.write(tree, path)
    except ValueError as error:
        raise Faults(str(error)) from error
    for one in found:
        click.echo(shown(one))


def _default(run: Path, name: str) -> Path:
    """Name a file in the folder export of the run, which is made if need be."""
    folder = (run if run.is_dir() else run.parent) / "export"
    folder.mkdir(exist_ok=True)
    return folder / name


def _check_free(chosen: "Format", path: Path, force: bool) -> None:
    """Refuse to write where something is, or where there is no folder.

    Raises
    ------
    Faults
    """
    from forecast.errors import shown

    if path.is_dir():
        raise Faults(f"{shown(path)}: is a folder, expected the name of a file")
    if not path.parent.is_dir():
        raise Faults(f"{shown(path)}: there is no folder {shown(path.parent)}; nothing was written")
    there = [one for one in chosen.paths(path) if one.exists()]
    if there and not force:
        raise Faults(
            f"{shown(there[0])}: is there already; nothing was written (--force replaces it)"
        )

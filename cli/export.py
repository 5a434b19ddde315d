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
    stem = f"draws-{form}" if form else "iamc" if name == "iamc" else "summary"
    home = (run if run.is_dir() else run.parent) / "export"
    path = output or home / f"{stem}{chosen.ending}"
    _check(path, chosen, home, force)
    try:
        tree = store.load(run)
        if output is None:
            home.mkdir(exist_ok=True)
        found = chosen.write(tree, path)
    except ValueError as error:
        raise Faults(str(error)) from error
    for one in found:
        click.echo(shown(one))


def _check(path: Path, chosen: "Format", home: Path, force: bool) -> None:
    """Refuse a file that cannot be written, before the run is read.

    Raises
    ------
    Faults
    """
    from forecast.errors import shown

    told = shown(path)
    if path.suffix != chosen.ending:
        raise Faults(f"{told}: expected a file that ends in {chosen.ending}")
    if path.is_dir():
        raise Faults(f"{told}: is a folder, expected the name of a file")
    if path.parent != home and not path.parent.is_dir():
        raise Faults(f"{told}: there is no folder {shown(path.parent)}; nothing was written")
    there = [shown(one) for one in chosen.paths(path) if one.exists()]
    if there and not force:
        raise Faults(f"{there[0]}: is there already; nothing was written (--force replaces it)")

"""`forecast rerun`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .interrupt import interruptible
from .options import Faults, Refused, mendable
from .progress import progress_bar

if TYPE_CHECKING:
    from forecast.analysis.sameness import Comparison

EXAMPLE = "Example: forecast rerun RUN --check"


@click.command("rerun", epilog=EXAMPLE)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Exit 3 unless every number is there again.")
@click.option("--tolerance", type=float, default=1e-9, help="Relative; 1e-9 if not given.")
@mendable
def command(run: Path, *, check: bool, tolerance: float) -> None:
    """Compute a stored run again from what it says of itself, and compare.

    On the machine type, device and versions it was made on, every bit is the same. Elsewhere the
    largest relative difference is compared with the tolerance, and the difference is said.
    """
    with interruptible():
        found = _compared(run)
    for note in found.notes:
        click.echo(note)
    if found.identical:
        click.echo(f"{run}: every number is the same, bit for bit")
        return
    worst = f"largest relative difference {found.largest:.3g}, in {found.where}"
    if found.largest <= tolerance:
        click.echo(f"{run}: the same to the tolerance of {tolerance:g}: {worst}")
    elif check:
        raise Refused(f"{run}: not the same to the tolerance of {tolerance:g}: {worst}")
    else:
        click.echo(f"{run}: differs: {worst}")


def _compared(run: Path) -> "Comparison":
    from .cache import use_cache

    use_cache()
    from forecast import api

    try:
        stored = api.load(run)
        with progress_bar("drawing", shown=True) as progress:
            return api.rerun(stored, progress=progress)
    except ValueError as error:
        raise Faults(str(error)) from error

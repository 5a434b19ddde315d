"""`forecast audit`: common modelling errors, and what each makes of a forecast."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .interrupt import interruptible
from .options import Faults, example, json_option, mendable, set_option
from .progress import progress_bar
from .runs import opened, output_option, run_argument

if TYPE_CHECKING:
    import xarray as xr

ENDINGS: Final = ("png", "svg")
"""Of the figure."""


@click.command("audit", epilog=example("forecast audit base --year 2030"))
@run_argument
@click.option("--year", type=int, default=2030, help="After 2023; 2030 if not given.")
@click.option("--scenario", default="", help="Of the run; its first if not given.")
@click.option("--prior", is_flag=True, help="Of a scenario: draw from the priors, uncalibrated.")
@set_option
@output_option
@json_option
@mendable
def command(
    run: str, year: int, scenario: str, output: Path, as_json: bool, **options: Any
) -> None:
    """Make common modelling errors on the draws of a run, one by one and all together.

    What each makes of the total of a year, as a factor and in TWh, in a waterfall and in plain
    words; and the same errors as made in 2015, against what 2022 turned out to be.
    """
    with interruptible():
        tree, folder = opened(run, output, **options)
        found = _found(tree, scenario, year, shown=not as_json)
    from forecast.errors import shown
    from forecast.export.results import keep
    from forecast.spec.audit import read_audit

    name = f"audit-{found.attrs['scenario']}-{year}"
    files = [*keep(found, folder, name), *_drawn(found, folder, name)]
    texts = read_audit()
    if as_json:
        from .audit_plain import plain
        from .columns import print_json

        print_json(plain(found, texts) | {"files": [shown(one) for one in files]})
        return
    from .audit_tables import print_audit

    print_audit(found, texts)
    click.echo(f"\nkept in {shown(files[0])} and the tables beside it")
    click.echo(f"figure: {shown(files[-2])}")


def _found(tree: "xr.DataTree", scenario: str, year: int, *, shown: bool) -> "xr.Dataset":
    from .cache import use_cache

    use_cache()
    from forecast import api

    try:
        with progress_bar("drawing", shown=shown) as progress:
            return api.audit(tree, scenario=scenario, year=year, progress=progress)
    except ValueError as error:
        raise Faults(str(error)) from error


def _drawn(found: "xr.Dataset", folder: Path, name: str) -> list[Path]:
    from forecast.export.results import FOLDER
    from forecast.figures.style import save_figure
    from forecast.figures.waterfall import waterfall

    figure = waterfall(found)
    files = [folder / FOLDER / f"{name}.{ending}" for ending in ENDINGS]
    for one in files:
        save_figure(figure, one)
    return files

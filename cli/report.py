"""`forecast report`: runs as one page that needs no network."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .options import Faults, example, force_option, json_option, mendable
from .runs import opened, output_option

if TYPE_CHECKING:
    import xarray as xr

DRAWS: Final = 2_000
"""Draws of each run that the page holds. (definition)"""

SAID: Final = 3
"""Quantities without draws that are named. (definition)"""

LEAST: Final = 64
"""Of `analysis.ensemble.LEAST_DRAWS`, said here so that help needs no import; a test compares."""


@click.command(epilog=example("forecast report base -o base.html"))
@click.argument("runs", metavar="RUN|SCENARIO...", nargs=-1, required=True)
@click.option(
    "-o",
    "--out",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The page; report.html in the folder analysis of the first run unless said.",
)
@click.option(
    "--draws",
    type=click.IntRange(min=LEAST),
    default=DRAWS,
    show_default=True,
    help="Draws of each run that the page holds.",
)
@click.option(
    "--variable",
    "variables",
    multiple=True,
    help="A quantity to hold, in this order; those that find room in 3 MB unless said.",
)
@click.option("--title", default="", help="Of the page; that of the first run unless said.")
@force_option
@output_option
@json_option
@mendable
def command(
    runs: tuple[str, ...],
    file: Path | None,
    draws: int,
    variables: tuple[str, ...],
    title: str,
    force: bool,
    output: Path,
    as_json: bool,
) -> None:
    """Write runs as one HTML page to explore: fans, chances, drivers, over draws that you choose.

    The page holds its own numbers and fetches nothing; it opens from the file in any browser.
    """
    from forecast.errors import shown

    if file is not None:
        _check(file, force)
    trees, folders = zip(*(opened(one, output) for one in runs), strict=True)
    path = file or _home(folders[0])
    packs, size = _written(trees, folders, path, (draws, variables, title))
    left = {one["name"]: [gone["variable"] for gone in one["left"]] for one in packs}
    if as_json:
        told = {"file": shown(path), "bytes": size, "left_out": left}
        told["draws"] = {one["name"]: one["draws"] for one in packs}
        click.echo(json.dumps(told, allow_nan=False))
        return
    for one in packs:
        count = len(one["series"])
        click.echo(f"{one['name']}: {one['draws']:,} of {one['of']:,} draws, {count} series")
        if not one["audits"]:
            click.echo(
                "  not audited: forecast audit RUN, and write it again, to have the errors in it"
            )
        gone = left[one["name"]]
        if gone:
            more = f" and {len(gone) - SAID} more" if len(gone) > SAID else ""
            click.echo(
                f"  without draws, as quantiles of the whole run: {', '.join(gone[:SAID])}{more}"
                " (--variable says which come first)"
            )
    click.echo(f"{shown(path)} ({size / 1e6:.1f} MB)")


def _written(
    trees: "tuple[xr.DataTree, ...]",
    folders: tuple[Path, ...],
    path: Path,
    asked: tuple[int, tuple[str, ...], str],
) -> tuple[list[dict[str, Any]], int]:
    from forecast.export.results import FOLDER
    from forecast.figures.paths import scenarios_of
    from forecast.files import written
    from forecast.provenance import package_version
    from forecast.report.audits import audits_of
    from forecast.report.data import report_data
    from forecast.report.page import LIMIT, page, room

    draws, variables, title = asked
    names, each = _names(folders), room(len(trees))
    packs = []
    for tree, name, folder in zip(trees, names, folders, strict=True):
        scenarios = scenarios_of(tree["summary"].to_dataset())
        audits = audits_of(folder / FOLDER, scenarios)
        try:
            packs.append(report_data(tree, name, draws, each, variables, audits))
        except ValueError as error:
            raise Faults(f"{name}: {error}") from error
    headline = title or _title(trees[0]) or names[0]
    text = page(packs, headline, package_version()).encode()
    if len(text) > LIMIT:
        raise Faults(
            f"the page would take {len(text) / 1e6:.1f} MB, at most {LIMIT / 1e6:.0f};"
            f" name fewer runs, or fewer draws than {draws} (--draws)"
        )
    written(path, lambda partial: partial.write_bytes(text))
    return [one.told for one in packs], len(text)


def _title(tree: "xr.DataTree") -> str:
    """Titles of the scenarios of a run, what they share said once."""
    from forecast.figures.notes import said_once
    from forecast.figures.paths import scenarios_of

    count = len(scenarios_of(tree["summary"].to_dataset()))
    return said_once(str(tree.attrs.get("title", "")), count)


def _names(folders: tuple[Path, ...]) -> list[str]:
    """What the page calls each run: its folder's name, numbered where two are the same."""
    names = [one.resolve().name for one in folders]
    return [
        name if names.count(name) == 1 else f"{name} ({at})"
        for at, name in enumerate(names, start=1)
    ]


def _home(folder: Path) -> Path:
    from forecast.export.results import FOLDER

    home = folder / FOLDER
    home.mkdir(exist_ok=True)
    return home / "report.html"


def _check(file: Path, force: bool) -> None:
    """Refuse a file that cannot be written, before anything is read.

    Raises
    ------
    Faults
    """
    from forecast.errors import shown

    if file.suffix != ".html":
        raise Faults(f"{shown(file)}: expected a file that ends in .html")
    if not file.parent.is_dir():
        raise Faults(f"{shown(file)}: there is no folder {shown(file.parent)}")
    if file.exists() and not force:
        raise Faults(f"{shown(file)}: is there already; nothing was written (--force replaces it)")

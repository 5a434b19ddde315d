"""`forecast storylines`: a few draws that stand for all, as scenario files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .options import Faults, example, force_option, json_option, mendable
from .runs import opened, output_option, run_argument

if TYPE_CHECKING:
    import xarray as xr

FIRST: Final = 2022
"""First year whose outcomes count unless told: published totals begin there. (yr; definition)"""


@click.command(epilog=example("forecast storylines base -k 4 --to my-scenarios"))
@run_argument
@click.option("-k", "count", type=int, default=4, help="Storylines; 4 if not given.")
@click.option("--scenario", default="", help="Of the run; its first if not given.")
@click.option("--from", "first", type=int, default=FIRST, help="First year that counts; 2022.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the starts; 0.")
@click.option("--no-noise", is_flag=True, help="Files without year-to-year noise: one path each.")
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the files go; the folder analysis of the run if not given.",
)
@force_option
@click.option("--prior", is_flag=True, help="Of a scenario: draw from the priors, uncalibrated.")
@output_option
@json_option
@mendable
def command(run: str, **options: Any) -> None:
    """Choose a few draws that span the outcomes, tell them, and write each as a scenario file.

    The draws span the paths of total, AI, crypto and unserved demand. Each stands for the draws
    that lie nearest to it. A file fixes every input; `forecast run FILE --prior --draws 64` gives
    the path of the draw, up to the noise of single years, which no file can fix.
    """
    tree, folder = opened(run, options["output"], prior=options["prior"])
    found = _found(tree, options)
    from forecast.errors import shown
    from forecast.export.results import FOLDER, keep
    from forecast.export.storyline import write_storylines

    home: Path = options["to"] or folder / FOLDER
    texts = _texts(tree, found, noise=not options["no_noise"])
    if options["to"]:
        _check(home, list(texts), options["force"])
    kept = keep(found, folder, "storylines")
    files = [shown(one) for one in write_storylines(texts, home)]
    if options["as_json"]:
        click.echo(json.dumps(_plain(found, files), allow_nan=False))
        return
    _show(found, files, noise=not options["no_noise"])
    click.echo(f"kept in {shown(kept[0])} and the tables beside it")


def _found(tree: "xr.DataTree", options: dict[str, Any]) -> "xr.Dataset":
    from forecast.analysis.ensemble import ensemble_of
    from forecast.analysis.storylines import VARIABLES, storylines

    try:
        ensemble = ensemble_of(tree, options["scenario"], VARIABLES)
        return storylines(ensemble, options["count"], options["seed"], options["first"])
    except ValueError as error:
        raise Faults(str(error)) from error


def _check(home: Path, names: list[str], force: bool) -> None:
    from forecast.errors import shown

    if not home.is_dir():
        raise Faults(f"{shown(home)}: there is no such folder; nothing was written")
    there = [shown(home / one) for one in names if (home / one).exists()]
    if there and not force:
        raise Faults(f"{there[0]}: is there already; nothing was written (--force replaces it)")


def _texts(tree: "xr.DataTree", found: "xr.Dataset", *, noise: bool) -> dict[str, str]:
    from forecast.analysis.storylines import name_of, story
    from forecast.export.storyline import file_name, storyline_text
    from forecast.provenance import split_texts
    from forecast.spec.text import from_yaml

    name = found.attrs["scenario"]
    worlds = [from_yaml(text) for text in split_texts(tree.attrs["scenarios"])]
    world = next(one for one in worlds if one.name == name)
    texts = {}
    for number in found["storyline"].values.tolist():
        outcomes, apart = story(found, number)
        title = name_of(found, number)
        share = float(found["weight"].sel(storyline=number))
        head = {
            "title": title[0].upper() + title[1:],
            "summary": f"One draw that stands for {share:.0%} of all; {outcomes}; set apart by"
            f" {apart}. Its inputs are fixed; noise of single years is "
            + ("drawn anew." if noise else "left out."),
            "vintage": world.vintage,
            "horizon": world.horizon,
            "source": f"definition: draw {int(found['draw'].sel(storyline=number))} of the run"
            f" {tree.attrs.get('key', '')} of {name}",
        }
        draw = int(found["draw"].sel(storyline=number))
        texts[file_name(name, number)] = storyline_text(tree, name, draw, head, noise=noise)
    return texts


def _show(found: "xr.Dataset", files: list[str], *, noise: bool) -> None:
    from forecast.analysis.storylines import name_of, story

    for number, file in zip(found["storyline"].values.tolist(), files, strict=True):
        one = found.sel(storyline=number)
        share, error = float(one["weight"]), float(one["mcse_weight"])
        outcomes, apart = story(found, number)
        click.echo(f"{name_of(found, number)}: {share:.1%} ± {error:.1%} of the draws")
        click.echo(f"  {outcomes}\n  set apart by {apart}\n  {file}\n")
    click.echo(
        f"{found.attrs['explained']:.0%} of the spread of paths lies between the storylines, the"
        " rest within; many draws lie further out than any of them"
    )
    if noise:
        click.echo(
            "the files draw the noise of single years anew, so runs of them lie around these paths"
        )


def _plain(found: "xr.Dataset", files: list[str]) -> dict[str, Any]:
    from forecast.analysis.storylines import story

    told = []
    for number, file in zip(found["storyline"].values.tolist(), files, strict=True):
        one = found.sel(storyline=number)
        outcomes, apart = story(found, number)
        paths = zip(found["variable"].values.tolist(), one["path"].values.tolist(), strict=True)
        error = float(one["mcse_weight"])
        told.append(
            {
                "storyline": number,
                "draw": int(one["draw"]),
                "weight": float(one["weight"]),
                "mcse_weight": None if error != error else error,
                "outcomes": outcomes,
                "set_apart_by": apart,
                "paths": dict(paths),
                "file": file,
            }
        )
    years = found["year"].values.tolist()
    return {
        "scenario": found.attrs["scenario"],
        "explained": found.attrs["explained"],
        "years": years,
        "storylines": told,
    }

"""`forecast plot`: figures for papers, their numbers and their captions."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .interrupt import interruptible
from .options import Faults, Word, example, json_option, mendable
from .runs import opened, output_option

if TYPE_CHECKING:
    from forecast.plots.choice import Choice
    from forecast.plots.making import Made

ALL: Final = "all"
"""In place of a name: every figure that the result has numbers for."""

FOLDER: Final = "plots"
"""Folder of a result in which its figures lie; no digest of the result covers it."""

STYLES: Final = ("report", "nature", "ieee", "elsevier", "slides")
"""Of `figures.paper.STYLES`, said here so that help needs no import; a test compares."""

FORMATS: Final = ("pdf", "svg", "png")
"""Of `plots.making.FORMATS`; a test compares."""


def _figures(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    """Print the table of figures and end."""
    if not value:
        return
    from forecast.plots.table import FIGURES

    width = max(map(len, FIGURES))
    for name, kind in FIGURES.items():
        of = "" if kind.result == "run" else f" (of a {kind.result})"
        click.echo(f"{name:<{width}}  {kind.told}{of}")
    ctx.exit()


@click.command("plot", epilog=example("forecast plot base --figure fan --style nature"))
@click.argument("run", metavar="RUN|SCENARIO|POSTERIOR|BACKTEST")
@click.option(
    "--figure",
    "figures",
    multiple=True,
    metavar="NAME",
    help=f'"{ALL}" for every one; may be given again. --figures tells the names.',
)
@click.option("--figures", "listed", is_flag=True, is_eager=True, callback=_figures,
              expose_value=False, help="Tell the figures and what each shows.")  # fmt: skip
@click.option("--style", type=Word(STYLES), default="report", show_default=True,
              help="Widths and letters of a publisher.")  # fmt: skip
@click.option("--columns", type=click.IntRange(1, 2), default=2, show_default=True,
              help="Columns of the page that the figure spans.")  # fmt: skip
@click.option("--format", "formats", type=Word(FORMATS), multiple=True,
              help="pdf if not given; may be given again.")  # fmt: skip
@click.option("--scenario", "scenarios", multiple=True,
              help="Of the run, in this order; all of it if not given.")  # fmt: skip
@click.option("--baseline", default="", help="Of differences; the first of the run.")
@click.option("--outcome", default="", metavar="PLACE",
              help="The outcome, or whose variable or year is shown; total[2030].")  # fmt: skip
@click.option("--where", default="", metavar="CONDITION",
              help="Of a discovery; the tenth of draws with the largest outcome.")  # fmt: skip
@click.option("--to", "target", type=click.Path(path_type=Path, file_okay=False),
              help="Folder of the files; plots in the folder of the result.")  # fmt: skip
@output_option
@json_option
@mendable
def command(run: str, figures: tuple[str, ...], output: Path, **options: Any) -> None:
    """Draw figures for papers, each with its numbers as CSV and its caption with citation.

    Everything is made from the stored result alone, and made again it is the same bytes.
    """
    from forecast.errors import shown

    choice = _choice(options)
    _check_where(choice)
    _check_figures(figures)
    with interruptible():
        result, folder, kind = _result(run, output)
        names = _names(figures, kind)
        home = options["target"] or folder / FOLDER
        every = ALL in figures
        choice = _within(choice, result, kind) if not options["outcome"] else choice
        made = [_made(result, name, choice, every=every, **options) for name in names]
        told = [_saved(one, home, options) for one in made if one]
    if options["as_json"]:
        import json

        click.echo(json.dumps(told, allow_nan=False))
        return
    for one in told:
        for word in (*one["files"], *one["notes"]):
            click.echo(word)
    if not told:
        raise Faults(f"{shown(folder)}: no figure could be drawn of it")


def _choice(options: dict[str, Any]) -> "Choice":
    from forecast.grammar import parse_place
    from forecast.plots.choice import Choice

    try:
        place = parse_place(options["outcome"] or "total[2030]")
    except ValueError as error:
        raise Faults(f"--outcome: {error}") from error
    return Choice(
        tuple(options["scenarios"]),
        options["baseline"],
        place,
        options["where"],
    )


def _check_where(choice: "Choice") -> None:
    from forecast.grammar import parse_conditions

    try:
        parse_conditions(choice.condition)
    except ValueError as error:
        raise Faults(f"--where: {error}") from error


def _check_figures(figures: tuple[str, ...]) -> None:
    """Refuse a name that is none before anything is computed."""
    from forecast.plots.table import FIGURES, figure_of

    if not figures:
        raise Faults(f'--figure: name one of {", ".join(FIGURES)}, or "{ALL}" for every one')
    for name in figures:
        if name != ALL and name not in FIGURES:
            try:
                figure_of(name, "run")
            except ValueError as error:
                raise Faults(f"--figure: {error}") from error


def _result(reference: str, output: Path) -> tuple[Any, Path, str]:
    """What there is to draw, its folder, and what it is."""
    path = Path(reference)
    from forecast.plots.table import RESULTS

    for kind, name in RESULTS.items():
        if kind != "run" and (path / name if path.is_dir() else path).name == name:
            file = path / name if path.is_dir() else path
            if file.is_file():
                return _read(file, kind), file.parent, kind
    tree, folder = opened(reference, output)
    return tree, folder, "run"


def _read(file: Path, kind: str) -> Any:
    import xarray as xr

    from forecast.errors import shown

    try:
        if kind == "backtest":
            return xr.load_dataset(file, engine="h5netcdf")
        with xr.open_datatree(file, engine="h5netcdf") as tree:
            return tree.load()
    except Exception as error:  # damaged bytes make the reading libraries raise almost anything
        raise Faults(f"{shown(file)}: not a {kind}, or damaged ({error})") from error


def _names(figures: tuple[str, ...], kind: str) -> list[str]:
    from forecast.plots.table import FIGURES, figure_of

    if ALL in figures:
        return [name for name, one in FIGURES.items() if one.result == kind]
    try:
        for name in figures:
            figure_of(name, kind)
    except ValueError as error:
        raise Faults(f"--figure: {error}") from error
    return list(dict.fromkeys(figures))


def _within(choice: "Choice", result: Any, kind: str) -> "Choice":
    """The usual outcome in the last year of a run that ends before it."""
    from dataclasses import replace

    if kind != "run":
        return choice
    last = int(result["summary"].to_dataset()["year"].values.max())
    year = min(choice.year, last)
    return replace(choice, place=replace(choice.place, year=year))


def _made(
    result: Any, name: str, choice: "Choice", *, every: bool, **options: Any
) -> "Made | None":
    """Draw one figure; of every one, what has no numbers is said and left."""
    from forecast.plots.table import FIGURES

    if FIGURES[name].model:
        from .cache import use_cache

        use_cache()
    from forecast.plots.making import make

    try:
        return make(result, name, choice, style=options["style"], columns=options["columns"])
    except ValueError as error:
        if not every:
            raise Faults(f"{name}: {error}") from error
        click.echo(f"{name}: left out; {error}", err=True)
        return None


def _saved(made: "Made", home: Path, options: dict[str, Any]) -> dict[str, Any]:
    from forecast.errors import shown
    from forecast.plots.making import save

    files = save(made, home, options["formats"] or FORMATS[:1])
    notes = _notes(made, options["style"])
    return {"figure": made.name, "files": [shown(one) for one in files], "notes": notes}


def _notes(made: "Made", style: str) -> list[str]:
    from forecast.figures.paper import STYLES as LOOKS
    from forecast.plots.making import fits

    if fits(made, LOOKS[style]):
        return []
    return [
        f"{made.name} is {made.height:.0f} mm high, and {style} has {LOOKS[style].tallest:.0f} at"
        " most: show fewer scenarios (--scenario), or span two columns (--columns 2)"
    ]

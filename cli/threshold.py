"""`forecast threshold`: when a quantity passes a level, and how likely."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import Faults, example, json_option, mendable
from .runs import opened, output_option, run_argument

if TYPE_CHECKING:
    import xarray as xr


@click.command(epilog=example('forecast threshold base --level "total > 1000 TWh"'))
@run_argument
@click.option(
    "--level",
    "levels",
    multiple=True,
    required=True,
    metavar="LEVEL",
    help='As "total > 1000 TWh" or "unserved[china] > 20"; may be given several times.',
)
@click.option("--from", "first", type=int, default=0, help="First year that counts.")
@click.option("--prior", is_flag=True, help="Of a scenario: draw from the priors, uncalibrated.")
@output_option
@json_option
@mendable
def command(
    run: str, levels: tuple[str, ...], first: int, prior: bool, output: Path, as_json: bool
) -> None:
    """Tell how likely it is that a quantity passes a level, in each year and by it.

    For every scenario of the run: the share of draws beyond the level in each year, in that year
    or before, and the year in which those that pass it first do.
    """
    from forecast.analysis.threshold import parse_level

    try:
        asked = [parse_level(one) for one in levels]
    except ValueError as error:
        raise Faults(f"--level: {error}") from error
    tree, folder = opened(run, output, prior=prior)
    found = _found(tree, asked, first)
    from forecast.errors import shown
    from forecast.export.results import keep

    files = [shown(one) for one in keep(found, folder, "threshold")]
    if as_json:
        click.echo(json.dumps(_plain(found, files), allow_nan=False))
        return
    _show(found)
    click.echo(f"kept in {files[0]} and the tables beside it")


def _found(tree: "xr.DataTree", asked: list[Any], first: int) -> "xr.Dataset":
    from forecast.analysis.ensemble import ensemble_of
    from forecast.analysis.threshold import check_level, threshold

    rows = tree["summary"].to_dataset()
    columns = {name: rows[name].values for name in ("variable", "region", "unit", "year")}
    last = int(columns["year"].max())
    if first > last:
        raise Faults(f"--from {first}: the last year of the run is {last}")
    try:
        for one in asked:
            check_level(one, columns)
        names = list(dict.fromkeys(rows["scenario"].values.tolist()))
        variables = list(dict.fromkeys(one.variable for one in asked))
        return threshold([ensemble_of(tree, one, variables, first) for one in names], asked)
    except ValueError as error:
        raise Faults(str(error)) from error


def _show(found: "xr.Dataset") -> None:
    from .columns import print_columns

    scenarios = found["scenario"].values.tolist()
    for level in found["level"].values.tolist():
        click.echo(f"\n{level}: share of draws beyond it in the year, and by then; ± their errors")
        rows = []
        for year in found["year"].values.tolist():
            cells = [str(year)]
            for name in scenarios:
                one = found.sel(level=level, scenario=name, year=year)
                cells += [_share(one, "in_year"), _share(one, "by_year")]
            rows.append(cells)
        heads = [head for name in scenarios for head in (f"{name}: in the year", f"{name}: by it")]
        print_columns(["year", *heads], rows)
        for name in scenarios:
            click.echo(_first(found.sel(level=level, scenario=name), name))


def _share(one: "xr.Dataset", name: str) -> str:
    """Write a share with its error; where all draws agree, with its bound."""
    share, error = float(one[name]), float(one[f"mcse_{name}"])
    if share != share:
        return "-"
    if share == 0:
        return f"none (at most {float(one[f'most_{name}']):.2g})"
    if share == 1:
        return f"all (at least {float(one[f'least_{name}']):.5g})"
    from .tables import digits, short

    return f"{digits(share, error)} ± {short(error if error == error else None)}"


def _first(one: "xr.Dataset", name: str) -> str:
    if float(one["never"]) == 1:
        return f"{name}: no draw passes it"
    years = ", ".join(f"{key} {float(one[key]):.0f}" for key in ("p10", "p50", "p90"))
    never = _share(one, "never")
    return f"{name}: first passed in {years} of the draws that pass; never: {never}"


def _plain(found: "xr.Dataset", files: list[str]) -> dict[str, Any]:
    """Numbers for programs; what is missing is null."""

    def cells(one: "xr.Dataset", names: list[str]) -> dict[str, float | None]:
        numbers = {name: float(one[name]) for name in names}
        return {name: None if value != value else value for name, value in numbers.items()}

    yearly = [str(name) for name, one in found.data_vars.items() if "year" in one.dims]
    whole = [str(name) for name, one in found.data_vars.items() if "year" not in one.dims]
    told = []
    for level in found["level"].values.tolist():
        for name in found["scenario"].values.tolist():
            one = found.sel(level=level, scenario=name)
            years = [
                {"year": year, **cells(one.sel(year=year), yearly)}
                for year in found["year"].values.tolist()
            ]
            told.append({"level": level, "scenario": name, **cells(one, whole), "years": years})
    return {"levels": told, "files": files}

"""`forecast discover`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import Faults, example, json_option, mendable
from .runs import opened, output_option, run_argument

if TYPE_CHECKING:
    import xarray as xr

    from forecast.grammar import Condition

EXAMPLE = 'forecast discover base --where "total[2030] > 1200 TWh"'
NAME = "discovery"


@click.command("discover", epilog=example(EXAMPLE))
@run_argument
@click.option("--where", required=True, metavar="TEXT", help="The outcome that is asked about.")
@click.option("--scenario", default="", help="Of the run; its first if not given.")
@click.option(
    "--density",
    type=click.FloatRange(0, 1, min_open=True),
    help="Take the largest box at least as dense.",
)
@click.option("--box", type=click.IntRange(min=0), help="Take this box of the peeling trajectory.")
@click.option(
    "--max-inputs",
    type=click.IntRange(min=1),
    default=4,
    show_default=True,
    help="Inputs that the box limits.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the resamples."
)
@output_option
@json_option
@mendable
def command(run: str, where: str, scenario: str, output: Path, **options: Any) -> None:
    """Find which inputs make an outcome happen: a box of PRIM and a tree.

    The outcome is asked for as in "total[2030] > 1200 TWh and unserved[2030] > p90". If neither
    --density nor --box is given, it is the box with the largest coverage × density.
    """
    from forecast.grammar import parse_conditions

    if options["density"] is not None and options["box"] is not None:
        raise Faults("--density and --box each choose a box, expected one of them")
    try:
        conditions = parse_conditions(where)
    except ValueError as error:
        raise Faults(f"--where: {error}") from error
    tree, folder = opened(run, output)
    found = _discovered(tree, conditions, scenario, options)
    from forecast.export.results import keep

    files = keep(found, folder, NAME)
    if options["as_json"]:
        import json

        click.echo(json.dumps(_told(found, folder), allow_nan=False))
        return
    _show(found)
    click.echo(f"\nresults: {files[0]}, {len(files) - 1} tables beside it")


def _discovered(
    tree: "xr.DataTree", conditions: "tuple[Condition, ...]", scenario: str, options: dict[str, Any]
) -> "xr.Dataset":
    from forecast.analysis.discovery import discover, meanings_of
    from forecast.analysis.ensemble import ensemble_of
    from forecast.analysis.prim import Rule
    from forecast.grammar import check_place

    rows = {name: tree["summary"][name].values for name in ("variable", "region", "year")}
    rule = Rule(density=options["density"], number=options["box"], most=options["max_inputs"])
    try:
        for one in conditions:
            check_place(one.place, rows)
        variables = [one.place.variable for one in conditions]
        ensemble = ensemble_of(tree, scenario, variables)
        return discover(
            ensemble, conditions, rule=rule, seed=options["seed"], meanings=meanings_of(tree)
        )
    except ValueError as error:
        raise Faults(str(error)) from error


def _show(found: "xr.Dataset") -> None:
    from forecast.analysis.discovery_words import box_sentence, percent

    from .columns import print_columns

    click.echo(box_sentence(found))
    if found.attrs["missing"]:
        click.echo(f"{found.attrs['missing']:,} draws have no such number and are left out.")
    rows = _rows(found)
    if rows:
        click.echo(f"\nlimits of the box; stability in {found.attrs['resamples']} resamples")
        heads = ("input", "limit", "unit", "percentile", "p", "p held out", "stability", "p05-p95")
        print_columns(heads, [_cells(one) for one in rows], whole=heads)
    count = found.sizes["box"]
    click.echo(
        f"\nbox {found.attrs['chosen']} of 0 to {count - 1} of the peeling trajectory, pasted, and"
        " freed of limits that are not significant"
    )
    share = percent(float(found.attrs["share"]))
    click.echo(f"\ntree, judged on the draws that it was not grown on ({share} of all draws):")
    click.echo(found.attrs["tree"])


def _rows(found: "xr.Dataset") -> list[dict[str, Any]]:
    """Limits of the box, one a row."""
    rows = []
    names = ("limit", "quantile", "p", "p_held_out", "stability", "limit_p05", "limit_p95")
    for name in found["input"].values[found["restricted"].values]:
        for side in found["side"].values:
            one = found.sel(input=name, side=side)
            if one["limit"].isnull():
                continue
            told = {key: str(one[key].values) for key in ("unit", "meaning")}
            rows.append(
                {"input": str(name), "side": str(side)}
                | told
                | {key: _plain(one[key].values) for key in names}
            )
    return rows


def _cells(row: dict[str, Any]) -> list[str]:
    from forecast.analysis.discovery_words import number, percent

    def written(value: float | None) -> str:
        return "-" if value is None else number(value)

    def chance(value: float | None) -> str:
        return "-" if value is None else "<0.001" if value < 0.001 else f"{value:.3f}"

    spread = f"{written(row['limit_p05'])} to {written(row['limit_p95'])}"
    relation = ">=" if row["side"] == "low" else "<="
    return [
        row["input"],
        f"{relation} {written(row['limit'])}",
        row["unit"],
        f"p{100 * row['quantile']:.0f}",
        chance(row["p"]),
        chance(row["p_held_out"]),
        percent(row["stability"]),
        "-" if row["limit_p05"] is None else spread,
    ]


def _plain(value: Any) -> Any:
    """A number of JSON, nothing in place of NaN."""
    import math

    number = value.item()
    return None if isinstance(number, float) and not math.isfinite(number) else number


def _told(found: "xr.Dataset", folder: Path) -> dict[str, Any]:
    from forecast.analysis.discovery_words import box_sentence

    def table(dim: str) -> list[dict[str, Any]]:
        names = [str(name) for name, one in found.data_vars.items() if one.dims == (dim,)]
        columns = [[_plain(value) for value in found[name].values] for name in names]
        keys = [name.removeprefix(f"{dim}_") for name in names]
        return [dict(zip(keys, one, strict=True)) for one in zip(*columns, strict=True)]

    kept = ("scenario", "condition", "share", "draws", "missing", "chosen", "held_out", "seed")
    plain = {name: found.attrs[name] for name in kept}
    return {
        "run": str(folder),
        **plain,
        "sentence": box_sentence(found),
        "limits": _rows(found),
        "judged": dict(zip(found["sample"].values.tolist(), table("sample"), strict=True)),
        "trajectory": table("box"),
        "leaves": table("leaf"),
    }

"""`forecast perspective`: demand beside other uses of electricity."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .options import Faults, example, json_option, mendable
from .runs import opened, output_option, run_argument

if TYPE_CHECKING:
    import xarray as xr

YEARS: Final = (2025, 2030)
"""Years that are told where none is asked for. (definition)"""

PERCENT: Final = 100.0

TIMES: Final = 2.0
"""Ratio from which it is told in times. (definition)"""


@click.command(epilog=example("forecast perspective outlook --year 2030"))
@run_argument
@click.option("--year", "years", type=int, multiple=True, help="Of demand; 2025 and 2030.")
@click.option("--scenario", default="", help="Of the run; its first if not given.")
@click.option("--prior", is_flag=True, help="Of a scenario: draw from the priors, uncalibrated.")
@output_option
@json_option
@mendable
def command(
    run: str, years: tuple[int, ...], scenario: str, prior: bool, output: Path, as_json: bool
) -> None:
    """Put demand beside other uses of electricity, each with its year, scope and source."""
    from forecast.analysis.perspective import perspective
    from forecast.spec.claims import read_uses

    tree, folder = opened(run, output, prior=prior)
    try:
        found = perspective(tree, read_uses(), years or YEARS, scenario)
    except ValueError as error:
        raise Faults(str(error)) from error
    from forecast.errors import shown
    from forecast.export.results import keep

    files = [shown(one) for one in keep(found, folder, "perspective")]
    if as_json:
        from .columns import print_json

        print_json(_plain(found) | {"files": files})
        return
    _show(found)
    click.echo(f"kept in {files[0]} and the tables beside it")


def _show(found: "xr.Dataset") -> None:
    from .columns import print_columns

    name = found.attrs["scenario"]
    for year in found["year"].values.tolist():
        one = found.sel(year=year)
        demand = ", ".join(
            f"{variable} {float(one['demand'].sel(variable=variable)):,.0f} TWh"
            for variable in found["variable"].values.tolist()
        )
        click.echo(f"\n{name} in {year} (p50): {demand}; as a share of")
        rows = []
        for place in range(found.sizes["use"]):
            use = one.isel(use=place)
            cells = [_share(use.sel(variable=v)) for v in found["variable"].values.tolist()]
            what = f"{use['use'].item()} ({int(use['of'])})"
            rows.append([what, f"{float(use['value']):,.0f}", *cells, str(use["grade"].item())])
        heads = [f"{v}, p50 (p10 to p90)" for v in found["variable"].values.tolist()]
        first = "use (its year)"
        print_columns([first, "TWh", *heads, "grade"], rows, whole=[first])
    click.echo("")
    for place in range(found.sizes["use"]):
        use = found.isel(use=place)
        click.echo(f"{use['use'].item()}: {use['scope'].item()}. {use['source'].item()}")


def _share(one: "xr.Dataset") -> str:
    low, middle, high = (float(one[name]) for name in ("p10", "p50", "p90"))
    if middle >= TIMES:
        return f"{middle:.3g} times ({low:.3g} to {high:.3g})"
    low, middle, high = (PERCENT * each for each in (low, middle, high))
    return f"{middle:.3g} % ({low:.3g} to {high:.3g})"


def _plain(found: "xr.Dataset") -> dict[str, Any]:
    rows = [
        {key: value.item() if hasattr(value, "item") else value for key, value in row.items()}
        for row in found.to_dataframe().reset_index().to_dict("records")
    ]
    return {"scenario": found.attrs["scenario"], "rows": rows}

"""`forecast optimise`: levers under a budget."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import Faults, example, force_option, json_option, mendable
from .runs import opened, output_option, run_argument

if TYPE_CHECKING:
    import xarray as xr

    from forecast.spec.optimisation import Optimisation


@click.command(epilog=example("forecast optimise base --levers docs/examples/spend-ten.yaml"))
@run_argument
@click.option(
    "--levers",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Levers, what they cost, the budget and the outcome; see docs/levers.md.",
)
@click.option("--scenario", default="", help="Of the run; its first if not given.")
@click.option("--prior", is_flag=True, help="Of a scenario: draw from the priors, uncalibrated.")
@click.option(
    "--policy",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the optimum as a policy, to be laid over a world.",
)
@force_option
@output_option
@json_option
@mendable
def command(
    run: str,
    levers: Path,
    scenario: str,
    prior: bool,
    policy: Path | None,
    force: bool,
    output: Path,
    as_json: bool,
) -> None:
    """Set levers so that a budget does most for an outcome, and judge that on fresh draws.

    The mean over draws, or over the worst of them, is made least by slopes of the model; the
    optimum is then compared with nothing, an even split, and all on one lever, on draws that it
    was not found on.
    """
    if policy is not None and policy.exists() and not force:
        raise Faults(f"{policy}: exists; --force replaces it")
    tree, folder = opened(run, output, prior=prior)
    asked, found = _found(tree, scenario, levers)
    from forecast.errors import shown
    from forecast.export.results import keep

    files = [shown(one) for one in keep(found, folder, f"optimise-{levers.stem}")]
    if policy is not None:
        from forecast.export.policy import write_policy

        write_policy(found, policy)
        files.append(shown(policy))
    if as_json:
        click.echo(json.dumps(_plain(found, files), allow_nan=False))
        return
    _show(found, asked)
    click.echo(f"kept in {files[0]} and the tables beside it")
    if policy is not None:
        click.echo(f"policy: {files[-1]}")


def _found(tree: "xr.DataTree", scenario: str, file: Path) -> "tuple[Optimisation, xr.Dataset]":
    from forecast.simulate.again import plan_again
    from forecast.spec.optimisation import read_optimisation
    from forecast.studies.optimise import optimise

    from .cache import use_cache
    from .interrupt import interruptible

    use_cache()
    try:
        ready = plan_again(tree)
        names = [one.name for one in ready.scenarios]
        if scenario and scenario not in names:
            known = ", ".join(names)
            raise ValueError(f'the run has no scenario "{scenario}", expected one of {known}')
        number = names.index(scenario) if scenario else 0
        one = ready.scenarios[number]
        asked = read_optimisation(file, one.priors, one.horizon)
        with interruptible():
            found = optimise(ready, number, asked)
    except ValueError as error:
        raise Faults(str(error)) from error
    return asked, found.assign_attrs(scenario=names[number])


def _show(found: "xr.Dataset", asked: "Optimisation") -> None:
    from .columns import print_columns
    from .tables import digits, short

    unit, money = found["outcome"].attrs["units"], "" if asked.unit == "1" else f" {asked.unit}"
    what = "mean" if asked.measure == "mean" else f"mean of the worst {100 * asked.tail:g} %"
    click.echo(f"{asked.title}; {found.attrs['scenario']}")
    click.echo(
        f"{asked.goal} {what} of {asked.outcome}, {unit}; budget {asked.budget:g}{money}; judged on"
        f" {found.attrs['judged_on']:,} fresh draws\n"
    )
    rows = [
        [
            str(one["choice"].values),
            _told(one["outcome"], one["mcse"]),
            "" if str(one["choice"].values) == "none" else _told(*_pair(one)),
            f"{float(one['cost']):.3g}",
        ]
        for one in (found.isel(choice=place) for place in range(found.sizes["choice"]))
    ]
    print_columns(["levers", f"{asked.outcome} {unit}", "off none", f"cost{money}"], rows)
    click.echo("")
    rows = [
        [
            str(one["lever"].values),
            f"{float(one['value']):.3g}",
            f"{float(one['free']):g} to {float(one['strongest']):g}",
            f"{float(one['spent']):.3g}",
            "-" if float(one["slope"]) != float(one["slope"]) else f"{float(one['slope']):.3g}",
        ]
        for one in (found.isel(lever=place) for place in range(found.sizes["lever"]))
    ]
    heads = ["lever", "optimum", "range", f"spent{money}", f"{unit} per{money or ' unit of cost'}"]
    print_columns(heads, rows)
    best = found.sel(choice="optimum")
    apart = float(best["outcome"]) - float(found["found"])
    error = (float(best["mcse"]) ** 2 + float(found["mcse_found"]) ** 2) ** 0.5
    click.echo(
        f"\non the {found.attrs['found_on']:,} draws that it was found on the optimum gives"
        f" {_told(found['found'], found['mcse_found'])}; fresh draws give {digits(apart, error)}"
        f" ± {short(error)} more"
    )
    sign = 1.0 if asked.goal == "least" else -1.0
    first = str(found["choice"].values[(sign * found["outcome"].values).argmin()])
    if first != "optimum":
        click.echo(
            f"on fresh draws {first} does more: the optimum is fitted to the noise of the draws"
            " that it was found on"
        )


def _pair(one: "xr.Dataset") -> "tuple[xr.DataArray, xr.DataArray]":
    return one["difference"], one["mcse_difference"]


def _told(value: Any, error: Any) -> str:
    from .tables import digits, short

    number, spread = float(value), float(error)
    return f"{digits(number, spread)} ± {short(spread if spread == spread else None)}"


def _plain(found: "xr.Dataset", files: list[str]) -> dict[str, Any]:
    def rows(dim: str) -> list[dict[str, Any]]:
        names = [str(name) for name, one in found.data_vars.items() if one.dims == (dim,)]
        told = []
        for place in range(found.sizes[dim]):
            numbers = {name: float(found[name].values[place]) for name in names}
            row = {name: None if value != value else value for name, value in numbers.items()}
            told.append({dim: str(found[dim].values[place]), **row})
        return told

    single = {name: float(found[name]) for name in ("found", "mcse_found")}
    return {**found.attrs, **single, "choices": rows("choice"), "levers": rows("lever")} | {
        "files": files
    }

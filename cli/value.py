"""`forecast value`: options under uncertainty, and what knowing more is worth."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .options import Faults, example, json_option, mendable
from .runs import opened, output_option, run_argument

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from forecast.analysis.ensemble import Ensemble
    from forecast.spec.decision import Decision

SHOWN: Final = 10
"""Inputs shown, those that are worth most. (definition)"""


@click.command(epilog=example("forecast value base --decision docs/examples/grid-reserve.yaml"))
@run_argument
@click.option(
    "--decision",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Options and what each loses by how outcomes come to lie; see docs/decisions.md.",
)
@click.option("--scenario", default="", help="Of the run; its first if not given.")
@click.option("--prior", is_flag=True, help="Of a scenario: draw from the priors, uncalibrated.")
@output_option
@json_option
@mendable
def command(
    run: str, decision: Path, scenario: str, prior: bool, output: Path, as_json: bool
) -> None:
    """Compare options of a decision, and tell what it is worth to know more before taking one.

    The expected loss of each option; the most that it can be worth to know the future (EVPI); and
    what it is worth to know one input, or all of a block, before deciding (EVPPI).
    """
    from forecast.spec.decision import read_decision

    asked = read_decision(decision)
    tree, folder = opened(run, output, prior=prior)
    found = _found(tree, scenario, asked)
    from forecast.errors import shown
    from forecast.export.results import keep

    files = [shown(one) for one in keep(found, folder, f"value-{decision.stem}")]
    if as_json:
        click.echo(json.dumps(_plain(found, asked, files), allow_nan=False))
        return
    _show(found, asked)
    click.echo(f"kept in {files[0]} and the tables beside it")


def _found(tree: "xr.DataTree", scenario: str, asked: "Decision") -> "xr.Dataset":
    from forecast.analysis.ensemble import ensemble_of
    from forecast.analysis.value import value
    from forecast.spec.decision import bind

    rows = tree["summary"].to_dataset()
    columns = {name: rows[name].values for name in ("variable", "region", "year", "unit")}
    places, factors = bind(asked, columns)
    variables = list(dict.fromkeys(one.variable for one in places))
    try:
        ensemble = ensemble_of(tree, scenario, variables).of(places)
        losses, outcomes = _losses(ensemble, asked, factors)
        found = value(ensemble, losses, outcomes, asked.options, asked.unit)
    except ValueError as error:
        raise Faults(str(error)) from error
    found.attrs |= {"title": asked.title, "source": asked.source}
    return found


def _losses(
    ensemble: "Ensemble", asked: "Decision", factors: list[float]
) -> "tuple[np.ndarray, np.ndarray]":
    import numpy as np

    from forecast.analysis.value import losses_of

    outcomes = ensemble.y * np.array(factors)
    level, shortfall, excess = (
        np.array([getattr(term, name) for term in asked.terms]).T
        for name in ("level", "shortfall", "excess")
    )
    return losses_of(outcomes, level, shortfall, excess, np.array(asked.cost)), outcomes


def _show(found: "xr.Dataset", asked: "Decision") -> None:
    from .columns import print_columns

    unit = "" if asked.unit == "1" else f" {asked.unit}"
    click.echo(f"{asked.title}; {found.attrs['scenario']}")
    mean = found["loss"].values
    rows = [
        [
            name,
            _told(found["loss"][place], found["mcse_loss"][place]),
            _told(found["best_chance"][place], found["mcse_best_chance"][place]),
            "best" if place == mean.argmin() else "",
        ]
        for place, name in enumerate(asked.options)
    ]
    print_columns(
        ["option", f"expected loss{unit}", "share of draws in which it is best", ""], rows
    )
    click.echo(
        f"\nto know the future is worth {_told(found['evpi'], found['mcse_evpi'])}{unit} (EVPI)"
    )
    chosen = found.sortby("evppi", ascending=False)
    for kind, count, noise, head in (
        ("input", SHOWN, "dummy_single", "to know one input"),
        ("block", None, "dummy_block", "to know all inputs of a block"),
        ("all", None, "dummy_block", "to know all inputs"),
    ):
        some = chosen.isel(set=chosen["kind"].values == kind).isel(set=slice(count))
        some = some.isel(set=some["evppi"].values > float(found[noise]))
        pairs = zip(some["evppi"], some["mcse_evppi"], strict=True)
        cells = [_told(*pair) for pair in pairs]
        rows = [list(pair) for pair in zip(some["set"].values.tolist(), cells, strict=True)]
        click.echo("")
        print_columns([head, f"is worth{unit}"], rows or [["none changes the choice", ""]])
    single, block = (f"{float(found[f'dummy_{one}']):.2g}" for one in ("single", "block"))
    click.echo(
        f"\nnoise in place of an input seems worth {single}{unit}, in place of a block"
        f" {block}{unit}; what is worth no more is not shown\nworths of inputs are lower bounds:"
        " of a rule that somebody who knew them could follow"
    )
    if found.attrs["dependent"]:
        click.echo(
            f"{found.attrs['scenario']}: {found.attrs['dependent']}; knowing one tells of others"
        )


def _told(value: Any, error: Any) -> str:
    from .tables import digits, short

    number, spread = float(value), float(error)
    return f"{digits(number, spread)} ± {short(spread if spread == spread else None)}"


def _plain(found: "xr.Dataset", asked: "Decision", files: list[str]) -> dict[str, Any]:
    def row(dim: str, place: int, names: tuple[str, ...]) -> dict[str, Any]:
        numbers = {name: float(found[name].isel({dim: place})) for name in names}
        told = {name: None if value != value else value for name, value in numbers.items()}
        return {dim: found[dim].values[place].item(), **told}

    options = ("loss", "mcse_loss", "best_chance", "mcse_best_chance")
    sets = ("evppi", "mcse_evppi", "held_out")
    kinds = found["kind"].values.tolist()
    single = ("evpi", "mcse_evpi", "dummy_single", "dummy_block")
    return {
        "scenario": found.attrs["scenario"],
        "title": asked.title,
        "unit": asked.unit,
        **{name: float(found[name]) for name in single},
        "options": [row("option", one, options) for one in range(found.sizes["option"])],
        "sets": [row("set", one, sets) | {"kind": kind} for one, kind in enumerate(kinds)],
        "files": files,
    }

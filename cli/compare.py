"""`forecast compare`: policies against each other, draw by draw."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .options import Faults, complete_scenarios, example, json_option, mendable
from .runs import opened, output_option

if TYPE_CHECKING:
    import xarray as xr

    from forecast.analysis.paired import Paired
    from forecast.grammar import Condition, Place

SHOWN: Final = (
    "total",
    "data_centres",
    "ai",
    "unserved",
    "share_of_world_demand",
    "emissions_location",
    "emissions_market",
)
"""What is compared where nothing else is asked for. (definition)"""

DEFAULT_YEAR: Final = 2030


@click.command(
    epilog=example("forecast compare base base+pue-cap base+right-sizing --year 2030 --year 2035")
)
@click.argument(
    "references",
    nargs=-1,
    required=True,
    metavar="RUN|SCENARIO...",
    shell_complete=complete_scenarios,
)
@click.option("--baseline", default="", help="What others are compared with; the first of the run.")
@click.option("--year", "years", type=int, multiple=True, help="Of the table; 2030 if not given.")
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    metavar="PLACE",
    help='Rank by it, "total[2030]"; by several also as a Pareto front.',
)
@click.option("--larger", is_flag=True, help="A large first outcome is the good one.")
@click.option(
    "--target", default="", metavar="CONDITION", help='To be met: "total[2030] < 900 and ...".'
)
@click.option("--tail", type=float, default=0.1, help="Share of draws that are the worst; 0.1.")
@click.option(
    "--cost", "costs", multiple=True, metavar="SCENARIO=NUMBER", help="What a scenario costs."
)
@click.option("--draws", type=click.IntRange(min=1), help="Draws in all, of scenarios.")
@click.option("--prior", is_flag=True, help="Of scenarios: draw from the priors, uncalibrated.")
@output_option
@json_option
@mendable
def command(references: tuple[str, ...], output: Path, as_json: bool, **options: Any) -> None:
    """Compare scenarios of one run: the same draws under one policy or another.

    The first result is the paired difference from the baseline, with its own Monte Carlo error and
    the share of draws in which each lies lower; then the draws in which the order flips, and which
    policy is best by mean, tail, regret and targets, with how far these rankings agree.
    """
    asked = _asked(options)
    costs = _costs(options["costs"])
    tree, folder = opened(
        references[0], output, *references[1:], draws=options["draws"], prior=options["prior"]
    )
    found = _found(tree, asked, options)
    _check_costs(costs, found["paired"])
    from forecast.errors import shown
    from forecast.export.results import keep

    results = {name: one for name, one in found.items() if name != "paired"}
    files = [
        shown(file)
        for name, one in results.items()
        for file in keep(one, folder, f"compare-{name}")
    ]
    if as_json:
        from .columns import print_json
        from .compare_tables import plain

        print_json(plain(results, costs) | {"files": files})
        return
    from .compare_tables import show

    show(results, costs, options["years"] or (DEFAULT_YEAR,), SHOWN)
    click.echo(f"kept in {files[0]} and the files beside it")


def _asked(options: dict[str, Any]) -> "tuple[list[Place], tuple[Condition, ...]]":
    from forecast.grammar import parse_conditions, parse_place

    year = (options["years"] or (DEFAULT_YEAR,))[0]
    try:
        places = [parse_place(one) for one in options["outcomes"] or (f"total[{year}]",)]
    except ValueError as error:
        raise Faults(f"--outcome: {error}") from error
    try:
        targets = parse_conditions(options["target"]) if options["target"] else ()
    except ValueError as error:
        raise Faults(f"--target: {error}") from error
    return places, targets


def _costs(said: tuple[str, ...]) -> dict[str, float]:
    found = {}
    for one in said:
        name, sign, value = one.rpartition("=")
        try:
            found[name] = float(value)
        except ValueError:
            sign = ""
        if not sign or not name:
            raise Faults(f"--cost {one}: expected SCENARIO=NUMBER, as in base+pue-cap=3.5")
    return found


def _check_costs(costs: dict[str, float], found: "Paired") -> None:
    from forecast.analysis.comparison import scenario_place

    for name in costs:
        try:
            scenario_place(found, name)
        except ValueError as error:
            raise Faults(f"--cost: {error}") from error


def _found(
    tree: "xr.DataTree",
    asked: "tuple[list[Place], tuple[Condition, ...]]",
    options: dict[str, Any],
) -> dict[str, Any]:
    from forecast.analysis.comparison import comparison, flips
    from forecast.analysis.paired import paired
    from forecast.analysis.robustness import pareto, robustness

    places, targets = asked
    try:
        whole = paired(tree)
        years = sorted(set(whole.rows["year"].tolist()))
        for year in options["years"]:
            if year not in years:
                raise ValueError(f"--year {year}: the run has {years[0]} to {years[-1]}")
        baseline = options["baseline"] or whole.scenarios[0]
        found = {
            "paired": whole,
            "differences": comparison(whole, baseline),
            "flips": flips(whole, baseline, places[0]),
            "robustness": robustness(
                whole,
                places[0],
                targets=_in_units(targets, whole),
                tail=options["tail"],
                larger=options["larger"],
            ),
        }
        if len(places) > 1:
            larger = [options["larger"], *[False] * (len(places) - 1)]
            found["pareto"] = pareto(whole, places, larger)
    except ValueError as error:
        raise Faults(str(error)) from error
    return found


def _in_units(targets: "tuple[Condition, ...]", found: "Paired") -> "list[Condition]":
    """Targets with their levels in the units of the run."""
    from dataclasses import replace

    from forecast import units

    told = []
    for one in targets:
        own = found.unit(one.place)
        try:
            factor = units.factor(one.unit, own) if one.unit not in ("", own) else 1.0
        except units.UnitError as error:
            raise ValueError(f"--target: {one.place} is in {own}: {error}") from error
        told.append(one if one.percentile else replace(one, value=one.value * factor, unit=own))
    return told

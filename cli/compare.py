"""`forecast compare`: policies against each other, draw by draw."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .options import Faults, complete_scenarios, example, json_option, mendable
from .runs import is_run, opened, output_option

if TYPE_CHECKING:
    import xarray as xr

    from forecast.analysis.paired import Paired
    from forecast.grammar import Condition, Place

    type Asked = tuple[list[Place], tuple[Condition, ...], dict[str, float]]

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
    if not is_run(references[0]):
        _check_scenarios(references, asked[2], options)
    tree, folder = opened(
        references[0], output, *references[1:], draws=options["draws"], prior=options["prior"]
    )
    results = _found(tree, asked, options)
    from forecast.errors import shown
    from forecast.export.results import keep

    files = [
        shown(file)
        for name, one in results.items()
        for file in keep(one, folder, f"compare-{name}")
    ]
    if as_json:
        from .columns import print_json
        from .compare_tables import plain

        print_json(plain(results) | {"files": files})
        return
    from .compare_tables import show

    show(results, options["years"] or (DEFAULT_YEAR,), SHOWN)
    click.echo(f"kept in {files[0]} and the files beside it")


def _asked(options: dict[str, Any]) -> "Asked":
    """Outcomes, targets and costs, as far as they can be checked without a run."""
    from forecast.analysis.robustness import check_tail
    from forecast.grammar import parse_conditions, parse_place

    try:
        check_tail(options["tail"])
    except ValueError as error:
        raise Faults(f"--tail: {error}") from error
    year = (options["years"] or (DEFAULT_YEAR,))[0]
    try:
        places = [parse_place(one) for one in options["outcomes"] or (f"total[{year}]",)]
    except ValueError as error:
        raise Faults(f"--outcome: {error}") from error
    try:
        targets = parse_conditions(options["target"]) if options["target"] else ()
    except ValueError as error:
        raise Faults(f"--target: {error}") from error
    return places, targets, _costs(options["costs"])


def _costs(said: tuple[str, ...]) -> dict[str, float]:
    found = {}
    for one in said:
        name, sign, value = one.rpartition("=")
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = math.nan
        if not sign or not name or not math.isfinite(found[name]):
            raise Faults(f"--cost {one}: expected SCENARIO=NUMBER, as in base+pue-cap=3.5")
    return found


def _check_scenarios(
    references: tuple[str, ...], costs: dict[str, float], options: dict[str, Any]
) -> None:
    """Refuse what cannot be compared before anything is calibrated or run."""
    from forecast import posteriors
    from forecast.analysis.paired import check_one_ensemble, check_several
    from forecast.request import request

    asked = request(*references, prior=options["prior"])
    scenarios = asked.scenarios
    names = [one.name for one in scenarios]
    try:
        check_several(names)
        _check_names(names, costs, options["baseline"])
        keys = [
            posteriors.key_of(one, asked.register) if one.calibration else "prior"
            for one in scenarios
        ]
        check_one_ensemble(keys, names)
    except ValueError as error:
        raise Faults(str(error)) from error


def _check_names(names: Sequence[str], costs: dict[str, float], baseline: str) -> None:
    from forecast.analysis.comparison import scenario_place

    said = [("--baseline", baseline)] if baseline else []
    for option, name in [*said, *(("--cost", one) for one in costs)]:
        try:
            scenario_place(names, name)
        except ValueError as error:
            raise ValueError(f"{option}: {error}") from error


def _found(tree: "xr.DataTree", asked: "Asked", options: dict[str, Any]) -> dict[str, Any]:
    from forecast.analysis.comparison import comparison, flips
    from forecast.analysis.costs import costs_of_effect
    from forecast.analysis.paired import paired
    from forecast.analysis.robustness import pareto, robustness

    places, targets, costs = asked
    larger: bool = options["larger"]
    try:
        whole = paired(tree)
        _check_names(whole.scenarios, costs, options["baseline"])
        _check_there(whole, places, options["years"])
        baseline = options["baseline"] or whole.scenarios[0]
        found = {
            "differences": comparison(whole, baseline),
            "flips": flips(whole, baseline, places[0]),
            "robustness": robustness(
                whole,
                places[0],
                targets=_in_units(targets, whole),
                tail=options["tail"],
                larger=larger,
            ),
        }
        if len(places) > 1:
            found["pareto"] = pareto(whole, places, [larger, *[False] * (len(places) - 1)])
        if costs:
            found["costs"] = costs_of_effect(whole, baseline, places[0], costs, larger=larger)
    except ValueError as error:
        raise Faults(str(error)) from error
    return found


def _check_there(found: "Paired", places: "list[Place]", asked: tuple[int, ...]) -> None:
    from forecast.grammar import check_place

    years = sorted(set(found.rows["year"].tolist()))
    for year in asked:
        if year not in years:
            raise ValueError(f"--year {year}: the run has {years[0]} to {years[-1]}")
    for place in places:
        try:
            check_place(place, found.rows)
        except ValueError as error:
            raise ValueError(f"--outcome: {error}") from error


def _in_units(targets: "tuple[Condition, ...]", found: "Paired") -> "list[Condition]":
    """Targets with their levels in the units of the run."""
    from dataclasses import replace

    from forecast import units

    told = []
    for one in targets:
        try:
            own = found.unit(one.place)
        except ValueError as error:
            raise ValueError(f"--target: {error}") from error
        try:
            factor = units.factor(one.unit, own) if one.unit not in ("", own) else 1.0
        except units.UnitError as error:
            raise ValueError(f"--target: {one.place} is in {own}: {error}") from error
        told.append(one if one.percentile else replace(one, value=one.value * factor, unit=own))
    return told

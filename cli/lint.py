"""`forecast lint`: common modelling errors in a scenario."""

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import click

from .options import Faults, example, json_option, laid, mendable, scenarios_argument, set_option

if TYPE_CHECKING:
    from forecast.spec.lint import Finding

SHOWN: Final = 5
"""Findings of one rule in the register that are told one by one. (definition)"""

EXIT_FOUND: Final = 1
"""Exit code with --strict where anything was found."""


@click.command(epilog=example("forecast lint mine.yaml --months 36"))
@scenarios_argument
@set_option
@click.option("--months", type=click.IntRange(min=1), default=24, help="Age of a source; 24.")
@click.option("--as-of", default="", metavar="YYYY-MM-DD", help="Today, if it is another day.")
@click.option("--all", "everything", is_flag=True, help="Tell what the shipped register has too.")
@click.option("--strict", is_flag=True, help="Exit with 1 where anything is found.")
@json_option
@mendable
def command(
    scenarios: tuple[str, ...],
    settings: tuple[str, ...],
    months: int,
    as_of: str,
    everything: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Find common modelling errors in scenarios: what is valid and still likely to mislead.

    Compound growth past ten years with no saturation, efficiency with no rebound, nameplate power
    as average draw, chips without their hosts, mixed scopes, old sources, and a p99 read from too
    few draws; each with its line, why it matters, and what to do. What is impossible, as a PUE
    below 1, is refused as by validate, with exit code 2.
    """
    from forecast.spec.lint import lint
    from forecast.spec.resolve import read_scenarios

    today = _day(as_of)
    references = [laid(one) for one in scenarios]
    register, resolved = read_scenarios(references, settings=settings)
    found = [(one.name, lint(one, register, months=months, today=today)) for one in resolved]
    told = {one for _, each in found for one in each if one.own or everything}
    if as_json:
        from .columns import print_json

        print_json({name: [_plain(one) for one in each] for name, each in found})
    else:
        for name, each in found:
            _show(name, each, everything=everything)
    if strict and told:
        raise SystemExit(EXIT_FOUND)


def _day(said: str) -> date:
    if not said:
        return date.today()
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        raise Faults(f"--as-of {said}: expected a date YYYY-MM-DD") from error


def _show(name: str, found: "tuple[Finding, ...]", *, everything: bool) -> None:
    own = [one for one in found if one.own]
    rest = [one for one in found if not one.own]
    for one in own:
        click.echo(_line(one))
    if everything:
        for one in rest:
            click.echo(_line(one))
    elif rest:
        rules = dict.fromkeys(one.rule for one in rest)
        for rule in rules:
            names = [one.path for one in rest if one.rule == rule]
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            click.echo(f"{name}: {rule}, in the shipped register: {', '.join(names[:SHOWN])}{more}")
    click.echo(f"{name}: {len(own)} of its own, {len(rest)} in the shipped register (--all)")


def _line(one: "Finding") -> str:
    from .columns import place_in_short

    place = f"{one.file}:{one.line}" if one.line else one.file
    told = f"{one.rule}: {one.path}: {one.what}; {one.why}. {one.advice}"
    return f"{place_in_short(place)}: {told}"


def _plain(one: "Finding") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(one)

"""`forecast diff`: what two resolved scenarios differ in."""

from typing import TYPE_CHECKING, Any, Final

import click

from .columns import places_in_short, print_columns, print_json, value_in_short
from .options import example, json_option, laid, mendable, scenario_argument, set_option

if TYPE_CHECKING:
    from forecast.spec.scenario import Scenario

_LABELS: Final = ("name", "title", "summary", "source")
"""What a scenario is called and where it is from, apart from what it says."""


@click.command(epilog=example("forecast diff base.yaml base+pue-cap"))
@scenario_argument("first", "A")
@scenario_argument("second", "B")
@set_option
@click.option("--exit-code", is_flag=True, help="End with 1 where they differ, as git does.")
@json_option
@mendable
def command(
    first: str, second: str, settings: tuple[str, ...], exit_code: bool, as_json: bool
) -> None:
    """Compare two scenarios, value by value.

    Each is taken with all that it extends. A line is a value in which B differs from A: where it
    stands, both values, and the files and lines that gave them. --set is laid over B. Titles,
    summaries and sources of the scenarios are not compared.
    """
    from forecast.errors import InputError, InputErrors
    from forecast.spec.register import read_register
    from forecast.spec.resolve import read_scenario

    register = read_register()
    scenarios: list[Scenario] = []
    faults: list[InputError] = []
    for reference, over in ((first, ()), (second, settings)):
        try:
            scenarios.append(read_scenario(laid(reference), register=register, settings=over))
        except InputErrors as error:
            faults.extend(error.errors)
    if faults:
        raise InputErrors(faults)
    records = _records(*scenarios)
    if as_json:
        print_json(records)
    elif not records:
        click.echo(f"no difference between {first} and {second}")
    else:
        rows = [
            (
                each["path"],
                value_in_short(each["a"]),
                value_in_short(each["b"]),
                each["unit"],
                places_in_short((each["origin_a"], each["origin_b"])),
            )
            for each in records
        ]
        here = f"{second} with --set" if settings else second
        print_columns(("path", first, here, "unit", "origin"), rows, whole=("path",))
    if records and exit_code:
        click.get_current_context().exit(1)


def _records(first: "Scenario", second: "Scenario") -> list[dict[str, Any]]:
    from forecast.spec.text import differences

    return [
        {
            "path": path,
            "a": a,
            "b": b,
            "unit": _unit(path, first, second),
            "origin_a": _place(path, first),
            "origin_b": _place(path, second),
        }
        for path, a, b in differences(first, second)
        if path not in _LABELS
    ]


def _place(path: str, scenario: "Scenario") -> str | None:
    """File and line of a value; of a dependence group as a whole."""
    words = path.split(".")
    return scenario.origins.get(".".join(words[:2]) if words[0] == "dependence" else path)


def _unit(path: str, first: "Scenario", second: "Scenario") -> str:
    """Say the unit of a value: nothing for text, weights and shapes."""
    from forecast.spec.family import FAMILIES

    name = ".".join(path.split(".")[:2])
    for scenario in (second, first):
        prior = scenario.priors.get(name)
        keys = path.split(".")[2:]
        if prior is None or not keys or keys[0] not in prior.arguments:
            continue
        views = prior.arguments.get("views", {})
        family = views[keys[1]]["family"] if len(keys) > 1 and keys[1] in views else prior.family
        bare = FAMILIES[family].unitless | {"weight", "family"}
        return "" if bare & set(keys) else prior.unit
    return ""

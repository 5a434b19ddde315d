"""`forecast show`: a scenario, what it changes, or all of it as resolved."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import click

from .columns import counted, in_short, places_in_short, print_columns, print_json, value_in_short
from .options import (
    Faults,
    example,
    json_option,
    laid,
    mendable,
    scenario_argument,
    set_option,
)

if TYPE_CHECKING:
    from forecast.spec.prior import Prior
    from forecast.spec.register import Register
    from forecast.spec.scenario import Scenario

type Change = Mapping[str, Any]


@click.command(epilog=example("forecast show base+pue-cap"))
@scenario_argument("scenario")
@set_option
@click.option(
    "--inputs",
    "pattern",
    metavar="GLOB",
    help="These inputs, changed or not: a block, adoption, or a pattern, '*.pue_*'.",
)
@click.option("--resolved", is_flag=True, help="All of it as YAML: everything that a run needs.")
@click.option("--origin", is_flag=True, help="With --resolved, the file and line of each value.")
@json_option
@mendable
def command(
    scenario: str,
    settings: tuple[str, ...],
    pattern: str | None,
    resolved: bool,
    origin: bool,
    as_json: bool,
) -> None:
    """Show a scenario: what it is, and each input that it changes beside the shipped prior.

    With --resolved it is printed whole, as YAML: every input with its distribution, unit and
    source. A policy named alone is shown laid over base.
    """
    from forecast.spec.register import read_register
    from forecast.spec.resolve import read_scenario

    register = read_register()
    found = read_scenario(laid(scenario), register=register, settings=settings)
    chosen = _chosen(found.priors, pattern) if pattern else None
    if resolved:
        _print_resolved(found, chosen, origin, as_json)
    elif as_json:
        print_json({**_head(found), "changes": _changes(found, register, chosen)})
    else:
        _print_changes(found, register, _changes(found, register, chosen), chosen is None)


def _chosen(names: Iterable[str], pattern: str) -> list[str]:
    """Names of inputs that a pattern fits; a block stands for all its inputs."""
    from forecast.spec.faults import nearest
    from forecast.spec.register import block_names

    known = tuple(names)
    fit = [
        name
        for name in known
        if fnmatchcase(name, pattern) or name.startswith(f"{pattern.rstrip('.')}.")
    ]
    if not fit:
        near = nearest(pattern, (*known, *block_names(known)))
        hint = f' (did you mean "{near}"?)' if near else ""
        raise Faults(f"--inputs: no input is called {pattern}{hint}; see: forecast list inputs")
    return fit


def _changes(
    scenario: "Scenario", register: "Register", chosen: Iterable[str] | None
) -> list[Change]:
    """Return what a scenario makes of inputs: those chosen, else those that it changes."""
    from forecast.spec.text import differences

    shipped = replace(scenario, priors=register.priors, dependence=register.dependence)
    places: dict[str, list[str]] = {}
    groups: list[Change] = []
    for path, there, here in differences(shipped, scenario):
        name = ".".join(path.split(".")[:2])
        origin = scenario.origins.get(name if path.startswith("dependence.") else path)
        if path.startswith("dependence."):
            groups.append(_group_change(path, there, here, origin))
        else:
            told = places.setdefault(name, [])
            if origin is not None and origin not in ("default", *told):
                told.append(origin)
    names = places if chosen is None else chosen
    inputs: list[Change] = [
        _change(name, places.get(name, []), scenario, register) for name in names
    ]
    return inputs if chosen is not None else [*inputs, *groups]


def _change(
    name: str, places: list[str], scenario: "Scenario", register: "Register"
) -> dict[str, Any]:
    here, there = scenario.priors[name], register.priors[name]
    entry = register.entries[name]
    return {
        "input": name,
        "role": here.role,
        "unit": here.unit,
        "register": _plain(there),
        "scenario": _plain(here),
        "in_register": in_short(there),
        "in_scenario": _beside(here, there),
        "origin": places or [f"{entry.file}:{entry.key_line}"],
    }


def _beside(here: "Prior", there: "Prior") -> str:
    """Say what the scenario believes, beside what the register does."""
    if here == there:
        return "the same"
    return in_short(here) if _plain(here) != _plain(there) else "the same; other words beside it"


def _group_change(path: str, there: Any, here: Any, origin: str | None) -> Change:
    return {
        "input": path,
        "role": "dependence",
        "unit": "",
        "register": there,
        "scenario": here,
        "in_register": value_in_short(there),
        "in_scenario": value_in_short(here),
        "origin": [origin] if origin else [],
    }


def _plain(prior: "Prior") -> dict[str, Any]:
    return {"family": prior.family, **prior.arguments}


def _head(scenario: "Scenario") -> dict[str, Any]:
    """Return what a scenario says apart from inputs."""
    from forecast.spec.text import resolved

    plain = resolved(replace(scenario, priors={}, dependence=()))
    kept = {key: value for key, value in plain.items() if key not in ("priors", "dependence")}
    return {**kept, "files": list(scenario.files)}


def _print_resolved(
    scenario: "Scenario", chosen: list[str] | None, origin: bool, as_json: bool
) -> None:
    from forecast.spec.text import resolved, to_yaml

    if chosen is not None:
        priors = {name: scenario.priors[name] for name in chosen}
        scenario = replace(scenario, priors=priors, dependence=())
    if as_json:
        origins = {"origins": dict(scenario.origins)} if origin else {}
        print_json({**resolved(scenario), **origins})
    else:
        click.echo(to_yaml(scenario, origin=origin), nl=False)


def _vintage(name: str | None, register: "Register") -> str:
    """Say what was known: the vintage, its date, and how many inputs it declares."""
    if name is None:
        return "none"
    vintage = register.vintages[name]
    return f"{name}, what was known on {vintage.as_of}; {len(vintage.entries)} inputs of its own"


def _print_changes(
    scenario: "Scenario", register: "Register", changes: list[Change], only_changed: bool
) -> None:
    sampling = scenario.sampling
    width = min(100, shutil.get_terminal_size((100, 24)).columns)
    click.echo(f"{scenario.name}: {scenario.title}")
    if scenario.summary:
        click.echo(click.wrap_text(scenario.summary.strip(), width))
    facts = {
        "inputs": counted(scenario).replace(" inputs", "", 1),
        "files": ", ".join(scenario.files),
        "vintage": _vintage(scenario.vintage, register),
        "horizon": str(scenario.horizon),
        "sampling": f"{sampling.method}, {sampling.draws:,} draws, seed {sampling.seed}",
    }
    click.echo("\n" + "\n".join(f"{key:9} {value}" for key, value in facts.items()) + "\n")
    if not changes:
        click.echo("Every input is as in the register; none is changed.")
        return
    if only_changed:
        click.echo("Changed from the register:\n")
    rows = [
        (
            each["input"],
            each["in_register"],
            each["in_scenario"],
            each["unit"],
            places_in_short(each["origin"]),
        )
        for each in changes
    ]
    print_columns(("input", "register", "here", "unit", "origin"), rows, whole=("input", "unit"))

"""`forecast init`: a commented scenario to start from, valid as it stands."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .columns import in_short, value_in_short
from .files import write_new
from .options import Faults, complete_scenarios, example, force_option, mendable

if TYPE_CHECKING:
    from forecast.spec.prior import Prior
    from forecast.spec.scenario import Scenario

_EXAMPLE: Final = "adoption.rate"
_SOURCE: Final = 'source: "judgement: say whose, or give a DOI or a URL"'
_PLAIN: Final = r"[A-Za-z][A-Za-z0-9./_-]*"


@click.command(epilog=example("forecast init my-world --extends base"))
@click.argument("name")
@click.option(
    "--extends",
    metavar="SCENARIO",
    shell_complete=complete_scenarios,
    help="What it starts from: base unless said; a policy may extend another.",
)
@click.option(
    "--policy", is_flag=True, help="A policy: sets levers only, to lay over a world with +."
)
@force_option
@mendable
def command(name: str, extends: str | None, policy: bool, force: bool) -> None:
    """Start a scenario: write NAME.yaml in the working directory.

    Comments in it show how to change an input, set a lever and choose the sampling. It is valid
    as it stands and changes nothing yet. What is there already is never replaced without --force.
    """
    from forecast import shipped
    from forecast.spec.register import read_register
    from forecast.spec.resolve import read_scenario

    stem = _checked_name(name)
    if (shipped.scenarios() / f"{stem}.yaml").exists():
        raise Faults(f"{stem}: a shipped scenario has this name; choose another")
    base = _checked_base(extends, policy)
    reference = (f"base+{base}" if base else "base") if policy else str(base)
    scenario = read_scenario(reference, register=read_register())
    lines = _policy(stem, base, scenario) if policy else _world(stem, str(base), scenario)
    path = Path(f"{stem}.yaml")
    write_new(path, "\n".join(lines) + "\n", force=force)
    click.echo(path)


def _checked_name(name: str) -> str:
    """Return the name of the scenario, without `.yaml`."""
    from forecast.spec.compose import KEBAB

    stem = name.removesuffix(".yaml")
    if KEBAB.fullmatch(stem):
        return stem
    bare = re.sub(r"[^a-z0-9]+", "-", Path(stem).name.lower()).strip("-")
    hint = f' (did you mean "{bare}"?)' if bare else ""
    raise Faults(f'"{name}": a name is lower case with hyphens, without a folder{hint}')


def _checked_base(extends: str | None, policy: bool) -> str | None:
    """Return what the new scenario extends; a world extends worlds, a policy policies."""
    from forecast.spec.compose import read_layer
    from forecast.spec.faults import Faults as Found

    base = extends or (None if policy else "base")
    if base is None:
        return None
    if "+" in base:
        raise Faults(f"--extends: {base}: a scenario extends one other, without +")
    found = Found()
    layer = read_layer(base, found)
    found.raise_any()
    if layer is not None and layer.is_policy != policy:
        kinds = ("a policy", "a world") if layer.is_policy else ("a world", "a policy")
        advice = "; add --policy" if layer.is_policy else "; leave out --policy or --extends"
        raise Faults(f"--extends: {base} is {kinds[0]}; {kinds[1]} cannot extend it{advice}")
    return base


def _title(stem: str) -> str:
    return json.dumps(stem.replace("-", " ").capitalize())


def _world(stem: str, base: str, scenario: "Scenario") -> Iterator[str]:
    """Lines of a world."""
    sampling, vintage = scenario.sampling, scenario.vintage
    yield f"# A world: what you believe otherwise than {base}. What is not said here is as there."
    yield f"#   forecast validate {stem}.yaml    says whether it holds together"
    yield f"#   forecast show {stem}.yaml        says what it changes"
    yield f"#   forecast run {stem}.yaml         computes it"
    yield f"title: {_title(stem)}"
    yield "summary: What this world is, in a sentence or two."
    yield f"extends: {_flow(base)}"
    yield ""
    yield from _inputs(scenario)
    yield ""
    yield "# Levers, which someone decides (forecast list levers), each with its value so far."
    yield "# levers:"
    yield from (f"# {line}" for line in _levers(scenario))
    yield ""
    yield "# How the draws are laid: seed, number, design (forecast list designs)."
    yield "sampling:"
    yield f"  seed: {sampling.seed}"
    yield f"  # draws: {sampling.draws}"
    yield f"  # method: {sampling.method}"
    yield ""
    yield "# The last year, and what was known: the name of a file in priors/vintages/."
    yield f"# horizon: {scenario.horizon}"
    yield f"# vintage: {vintage}" if vintage else "# vintage: iea-2026"
    yield _SOURCE


def _policy(stem: str, base: str | None, scenario: "Scenario") -> Iterator[str]:
    """Lines of a policy."""
    yield "# A policy: it sets levers only, and is laid over a world with +."
    yield f"#   forecast validate {stem}.yaml              says whether it holds together"
    yield f"#   forecast run base.yaml base+{stem}.yaml    computes a world without it and with it"
    yield f"title: {_title(stem)}"
    yield "summary: What this policy does, in a sentence or two."
    if base:
        yield f"extends: {_flow(base)}"
    yield ""
    yield "# Levers (forecast list levers), each with its value so far. Keep those that you set."
    yield "levers:"
    yield from _levers(scenario)
    yield ""
    yield _SOURCE


def _inputs(scenario: "Scenario") -> Iterator[str]:
    """Lines of one override that changes nothing yet, and of two that could stand in its place."""
    prior = _example(scenario)
    key = "p50" if "p50" in prior.arguments else _numbers(prior)[0]
    value = prior.arguments[key]
    other = {"family": prior.family, **prior.arguments}
    if prior.family == "quantiles":
        other = {"family": "uniform", "low": prior.arguments["p05"], "high": prior.arguments["p95"]}
    reasons = {"source": "judgement: say whose", "why": "say why"}
    yield "# Inputs (forecast list inputs). Say only what changes."
    yield "inputs:"
    yield f"  # So far: {in_short(prior)} (unit {prior.unit}, grade {prior.grade})."
    yield f"  {prior.name}:"
    yield f"    {key}: {_flow(value)}"
    yield "  # Or, in place of these two lines, another family (forecast list families):"
    yield f"  # {prior.name}: {_flow({**other, **reasons})}"
    yield "  # Or a value without uncertainty:"
    yield f"  # {prior.name}: {_flow(value)}"


def _example(scenario: "Scenario") -> "Prior":
    """Pick an uncertain input of plain numbers: the rate of adoption, where there is one."""
    priors = scenario.priors.values()
    fit = {p.name: p for p in priors if p.role != "lever" and p.family != "fixed" and _numbers(p)}
    return fit.get(_EXAMPLE) or next(iter(fit.values()))


def _numbers(prior: "Prior") -> list[str]:
    return [key for key, value in prior.arguments.items() if isinstance(value, float)]


def _levers(scenario: "Scenario") -> Iterator[str]:
    """Lines of all levers as they are."""
    for prior in scenario.priors.values():
        if prior.role == "lever":
            value = prior.arguments.get("value")
            whole = {"family": prior.family, **prior.arguments}
            said = (
                {"value": value} if isinstance(value, dict) else whole if value is None else value
            )
            why = " ".join(prior.why.split())
            yield f"  {prior.name}: {_flow(said)}  # unit {prior.unit}. {why}"


def _flow(value: Any) -> str:
    """Write a value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        return value if re.fullmatch(_PLAIN, value) else json.dumps(value, ensure_ascii=False)
    return value_in_short(value)

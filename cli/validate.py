"""`forecast validate`: check scenarios and the register of inputs, without computing anything."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from .columns import counted
from .options import example, laid, mendable, scenarios_argument

if TYPE_CHECKING:
    from forecast.spec.dependence import Dependence
    from forecast.spec.observation import Observation
    from forecast.spec.register import Register
    from forecast.spec.scenario import Scenario

_SAFE: Final = 0.99


@click.command(epilog=example("forecast validate base.yaml"))
@scenarios_argument(required=False)
@click.option(
    "--priors",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Priors to check against, in place of the shipped ones.",
)
@mendable
def command(scenarios: tuple[str, ...], priors: Path | None) -> None:
    """Check scenarios and the priors under them, and tell every fault of every file at once.

    Without SCENARIO all that is shipped is checked, observations too. A policy named alone is
    checked laid over base. Exit code: 0 where all is valid, 2 where anything is not.
    """
    from forecast import shipped
    from forecast.spec.register import next_free_column

    names = scenarios or sorted(file.name for file in shipped.scenarios().glob("*.yaml"))
    references = [laid(name) for name in names]
    folder = priors or shipped.priors()
    observed = folder / "observations" if priors or not scenarios else None
    register, resolved, observations = _read(references, folder, observed)
    for name, reference, scenario in zip(names, references, resolved, strict=True):
        over = " over base" if reference != name else ""
        click.echo(f"{name}: valid{over} ({_what(scenario)})")
    if observations:
        count = len({each.vintage for each in observations})
        click.echo(f"observations: valid ({len(observations)} in {count} files)")
    groups = {group.name: group for each in resolved for group in each.dependence}
    for group in {**{each.name: each for each in register.dependence}, **groups}.values():
        _tell_repairs(group)
    click.echo(f"next free Sobol column: {next_free_column(register.priors)}")


def _read(
    references: Sequence[str], folder: Path, observed: Path | None
) -> "tuple[Register, tuple[Scenario, ...], tuple[Observation, ...]]":
    """Read all there is to check; the faults of all of it are raised together."""
    from forecast.errors import InputErrors
    from forecast.spec.faults import Faults
    from forecast.spec.observation import collect_observations
    from forecast.spec.resolve import read_scenarios

    faults = Faults()
    observations: tuple[Observation, ...] = ()
    if observed is not None and observed.is_dir():
        observations = collect_observations(observed, faults)
    try:
        register, resolved = read_scenarios(references, folder=folder)
    except InputErrors as error:
        try:
            faults.raise_any()
        except InputErrors as other:
            raise InputErrors((*error.errors, *other.errors)) from error
        raise
    faults.raise_any()
    return register, resolved, observations


def _what(scenario: "Scenario") -> str:
    """Say what a scenario is made of."""
    vintage = f"; vintage {scenario.vintage}" if scenario.vintage else ""
    return f"{', '.join(scenario.files)}; {counted(scenario)}; horizon {scenario.horizon}{vintage}"


def _tell_repairs(group: "Dependence") -> None:
    """Report the correlations of a group that cannot hold together, and what is used instead."""
    from forecast.spec.dependence import correlation

    if len(group.names) == 2 and abs(group.pairs[0].value) < _SAFE:
        return  # any two inputs can be correlated so, and NumPy need not be loaded to see it
    moved = correlation(group).moved
    if not moved:
        return
    click.echo(
        f"dependence group {group.name}: these rank correlations cannot all hold at once; "
        "the nearest that can are used:"
    )
    for (first, second), (asked, given) in moved.items():
        click.echo(f"  {first}, {second}: asked {asked:.4g}, given {given:.4g}")

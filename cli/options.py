"""What several commands share: options, and how their failures end."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from forecast.errors import InputErrors

EXIT_INPUT = 2
"""Exit code for a fault in the user's files or words."""

EXIT_REFUSED = 3
"""Exit code for a run that was computed and is refused."""


def example(text: str) -> str:
    """Last lines of a command's help; click would break a long one."""
    return f"\b\nExample: {text}"


class Word(click.Choice[str]):
    """One of some words; of another, it says which was probably meant."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check a word."""
        words = tuple(self.choices)
        if value in words:
            return str(value)
        from difflib import get_close_matches

        near = get_close_matches(str(value), words, n=1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        raise click.UsageError(f'"{value}" is not one of {", ".join(words)}{hint}', ctx)


class Refused(click.ClickException):
    """A result that is not delivered, with the reason."""

    exit_code = EXIT_REFUSED


class Faults(click.ClickException):
    """Faults in files, as a compiler would show them."""

    exit_code = EXIT_INPUT

    def show(self, file: Any = None) -> None:
        """Print the faults as they stand."""
        click.echo(self.message, err=True)


def mendable[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Turn what a user can mend into a message and an exit code."""

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except InputErrors as error:
            raise Faults(str(error)) from error
        except BrokenPipeError:
            # The reader (`| head`) has seen enough; click ends quietly.
            raise
        except OSError as error:
            name = f"{error.filename}: " if error.filename else ""
            raise Faults(f"{name}{error.strerror or error}") from error

    return inner


def complete_scenarios(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Shipped scenarios and the YAML files of the folder; behind a "+" the policies of these."""
    from pathlib import Path

    from forecast import shipped

    given, plus, last = incomplete.rpartition("+")
    folder, slash, start = last.rpartition("/")
    files = [file.name for file in Path(folder + slash or ".").glob("*.yaml")]
    known = [] if slash else [file.stem for file in shipped.scenarios().glob("*.yaml")]
    names = [f"{folder}{slash}{name}" for name in {*known, *files} if name.startswith(start)]
    if plus:
        names = [name for name in names if laid(name) != name]
    return sorted(f"{given}{plus}{name}" for name in names)


def scenarios_argument(
    function: Callable[..., Any] | None = None, *, required: bool = True
) -> Callable[..., Any]:
    """SCENARIO...: names or paths, policies laid over worlds with "+"."""
    argument: Callable[..., Any] = click.argument(
        "scenarios",
        nargs=-1,
        required=required,
        metavar="SCENARIO..." if required else "[SCENARIO...]",
        shell_complete=complete_scenarios,
    )
    return argument(function) if function is not None else argument


def scenario_argument(name: str, metavar: str = "") -> Callable[..., Any]:
    """One scenario: a name or path, policies laid over it with "+"."""
    return click.argument(name, metavar=metavar or name.upper(), shell_complete=complete_scenarios)


def set_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--set PATH=VALUE, in the grammar of the files."""
    text = "Change a value as a file would: sampling.seed=7, adoption.rate.p50=0.7."
    option = click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help=text)
    return option(function)


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--json: one object for programs in place of text."""
    text = "Print one JSON value, for programs."
    return click.option("--json", "as_json", is_flag=True, help=text)(function)


def force_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--force: replace what is there."""
    return click.option("--force", is_flag=True, help="Replace a file that is there.")(function)


def laid(reference: str) -> str:
    """Lay a policy that is named alone over the shipped base; leave any other reference."""
    from forecast.spec.compose import read_layer
    from forecast.spec.faults import Faults as Found

    if not reference.strip():
        raise Faults('"": expected the name of a scenario, or the path of a file')
    if "+" in reference:
        return reference
    layer = read_layer(reference, Found())
    return f"base+{reference}" if layer and layer.is_policy else reference

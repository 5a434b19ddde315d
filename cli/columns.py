"""Lists in columns on a terminal and off it, and priors in a line."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from forecast.spec.prior import Prior
    from forecast.spec.scenario import Scenario

WIDTH: Final = 120
"""Characters a line has where it does not go to a terminal."""

_NARROWEST: Final = 12
"""Characters that each column which wraps is left with, at the least."""


def print_columns(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, whole: Sequence[str] = ()
) -> None:
    """Print rows in columns; long cells wrap, and nothing is cut off.

    Parameters
    ----------
    heads : sequence of str
        Of the columns.
    rows : sequence of sequence of str
        A cell for each column.
    whole : sequence of str
        Heads of columns that do not wrap, where there is room.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    terminal = sys.stdout.isatty()
    console = Console(markup=False, highlight=False, emoji=False, width=None if terminal else WIDTH)
    kept = whole if _fits(heads, rows, whole, console.width) else ()
    table = Table(
        box=SIMPLE_HEAD if terminal else None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        header_style="bold",
    )
    for head in heads:
        table.add_column(head, overflow="fold", no_wrap=head in kept)
    for row in rows:
        table.add_row(*row)
    with console.capture() as captured:
        console.print(table)
    # A table is padded to its width: nobody wants these blanks in a file.
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _fits(
    heads: Sequence[str], rows: Sequence[Sequence[str]], whole: Sequence[str], width: int
) -> bool:
    """Whether some columns can stay unwrapped and leave room for the others."""
    longest = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    least = (
        length if head in whole else min(length, _NARROWEST)
        for head, length in zip(heads, longest, strict=True)
    )
    return sum(least) + 3 * len(heads) <= width


def print_json(value: Any) -> None:
    """Print one JSON value for programs.

    Parameters
    ----------
    value : Any
        Made of plain dicts, lists, numbers and text.
    """
    import json

    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2))


def in_short(prior: "Prior") -> str:
    """Say in a line what a prior believes, without its unit.

    Parameters
    ----------
    prior : Prior

    Returns
    -------
    str
        `normal: mean 0.01, sd 0.012`; quantiles and a fixed value say themselves what they are.
    """
    return _distribution(prior.family, prior.arguments)


def _distribution(family: str, arguments: Mapping[str, Any]) -> str:
    if family == "fixed":
        return value_in_short(arguments["value"])
    if family == "mixture":
        views = arguments["views"].items()
        return "mixture: " + "; ".join(
            f"{name} {value_in_short(view['weight'])} × ({_view(view)})" for name, view in views
        )
    if family == "discrete":
        pairs = zip(arguments["values"], arguments["weights"], strict=True)
        return "discrete: " + ", ".join(
            f"{value_in_short(value)} (weight {value_in_short(weight)})" for value, weight in pairs
        )
    said = ", ".join(f"{key} {_argument(value)}" for key, value in arguments.items())
    return said if family == "quantiles" else f"{family}: {said}"


def _view(view: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in view.items() if key not in ("weight", "family")}
    return _distribution(view["family"], rest)


def _argument(value: Any) -> str:
    return f"({value_in_short(value)})" if isinstance(value, dict) else value_in_short(value)


def value_in_short(value: Any) -> str:
    """Write a value from a file as short as it stays exact.

    Parameters
    ----------
    value : Any
        A number, text, nothing, or a dict or list of these.

    Returns
    -------
    str
    """
    if isinstance(value, dict):
        return ", ".join(f"{key} {value_in_short(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(value_in_short, value))
    if isinstance(value, float):
        plain = repr(value).removesuffix(".0")
        powers = format(Decimal(repr(value)).normalize(), "e").replace("e+", "e")
        return powers if abs(value) >= 1e6 or "e" in plain else plain
    return "-" if value is None else str(value)


def counted(scenario: "Scenario") -> str:
    """Count the inputs of a scenario.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    str
        `150 inputs, 115 uncertain, 10 levers`; the others are fixed.
    """
    priors = scenario.priors.values()
    levers = sum(prior.role == "lever" for prior in priors)
    uncertain = sum(prior.role != "lever" and prior.family != "fixed" for prior in priors)
    return f"{len(scenario.priors)} inputs, {uncertain} uncertain, {levers} levers"


def place_in_short(place: str) -> str:
    """Write a file and line of what is shipped from its folder on; any other as it is.

    Parameters
    ----------
    place : str
        `/…/priors/adoption.yaml:12`, `my-world.yaml:7`, `--set`, `default`.

    Returns
    -------
    str
    """
    from forecast import shipped
    from forecast.errors import shown

    for folder in (shipped.priors(), shipped.scenarios()):
        if place.startswith(f"{shown(folder)}/"):
            return folder.name + place.removeprefix(shown(folder))
    return place


def places_in_short(places: Iterable[str | None]) -> str:
    """Write places one a line, each once.

    Parameters
    ----------
    places : iterable of str or None

    Returns
    -------
    str
    """
    return "\n".join(dict.fromkeys(place_in_short(place) for place in places if place))

"""Tables and numbers on the terminal, plain elsewhere."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from forecast.spec.prior import Prior

WIDTH: Final = 120
"""Columns of a table that does not go to a terminal."""


def print_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, whole: Sequence[str] = ()
) -> None:
    """Print a table; long cells wrap, and nothing is cut off.

    Parameters
    ----------
    heads : sequence of str
        Of the columns.
    rows : iterable of sequence of str
        A cell for each column.
    whole : sequence of str
        Heads of columns that keep their words on one line.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    terminal = sys.stdout.isatty()
    console = Console(
        markup=False, highlight=False, emoji=False, width=None if terminal else WIDTH
    )
    table = Table(
        box=SIMPLE_HEAD if terminal else None,
        pad_edge=False,
        header_style="bold",
        padding=(0, 2, 0, 0),
    )
    for head in heads:
        table.add_column(head, overflow="fold", no_wrap=head in whole)
    for row in rows:
        table.add_row(*row)
    with console.capture() as captured:
        console.print(table)
    # The last column is padded to the width of the table: nobody wants these blanks in a file.
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def print_json(value: Any) -> None:
    """Print one JSON value for programs.

    Parameters
    ----------
    value : Any
        Made of plain dicts, lists, numbers and text.
    """
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def in_short(prior: "Prior") -> str:
    """Say what a prior believes in a line, without its unit.

    Parameters
    ----------
    prior : Prior

    Returns
    -------
    str
        `quantiles: p05 0.5, p50 0.75, p95 1`; a fixed value is the number alone.
    """
    return _family_in_short(prior.family, prior.arguments)


def _family_in_short(family: str, arguments: Mapping[str, Any]) -> str:
    if family == "fixed":
        return value_in_short(arguments["value"])
    if family == "mixture":
        return "mixture: " + "; ".join(
            f"{value_in_short(view['weight'])} × {name} ({_view_in_short(view)})"
            for name, view in arguments["views"].items()
        )
    if family == "discrete":
        pairs = zip(arguments["values"], arguments["weights"], strict=True)
        return "discrete: " + ", ".join(
            f"{value_in_short(value)} (weight {value_in_short(weight)})" for value, weight in pairs
        )
    said = (f"{key} {value_in_short(value)}" for key, value in arguments.items())
    return f"{family}: {', '.join(said)}"


def _view_in_short(view: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in view.items() if key not in ("weight", "family")}
    return _family_in_short(view["family"], rest)


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
        return repr(value).removesuffix(".0")
    return "–" if value is None else str(value)

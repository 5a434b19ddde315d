"""Progress of blocks: a bar with the time left on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def progress_bar(
    what: str, *, shown: bool, unit: str = "blocks"
) -> Iterator[Callable[[int, int], None]]:
    """Offer a function to be told blocks done and blocks in all.

    Parameters
    ----------
    what
        Said before the bar.
    shown
        Whether to say anything at all.
    unit
        Of what is counted.
    """
    if not shown:
        yield lambda done, total: None
    elif sys.stderr.isatty():
        yield from _bar(what, unit)
    else:
        yield _lines(what, unit)


def _bar(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn(unit))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(what: str, unit: str) -> Callable[[int, int], None]:
    tenths = set[int]()

    def tell(done: int, total: int) -> None:
        tenth = 10 * done // total
        if tenth not in tenths and (tenth % 5 == 0 or total > 50):
            tenths.add(tenth)
            click.echo(f"{what}: {done} of {total} {unit}", err=True)

    return tell

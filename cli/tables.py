"""Tables of a summary for the terminal; digits follow from the Monte Carlo error."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from forecast.axes import SEGMENTS

FIRST_SHOWN = 2022
"""Earlier years are in the files; the table begins where published totals do."""

PERCENT = 100.0


def digits(value: float | None, error: float | None) -> str:
    """Write a value with no digit beyond its Monte Carlo error.

    Parameters
    ----------
    value : any unit
    error : same unit

    Returns
    -------
    str
        The last digit is of the order of the error; three digits where the error is not known.
    """
    if value is None:
        return "-"
    if not error or not math.isfinite(error):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    places = -math.floor(math.log10(error))
    return f"{round(value, min(places, 6)):,.{max(0, min(places, 6))}f}"


def console_for_tables() -> Console:
    """Console of the terminal's width, of 120 columns elsewhere; no text is taken for markup."""
    return Console(
        width=None if Console().is_terminal else 120, highlight=False, markup=False, emoji=False
    )


def error_of(row: dict[str, Any], statistic: str) -> float | None:
    """Monte Carlo error of a statistic in a row; the one called `mcse` is the median's."""
    found: float | None = row["mcse" if statistic == "p50" else f"mcse_{statistic}"]
    return found


def short(error: float | None) -> str:
    """Write an error with one digit."""
    return "-" if error is None else f"{error:.1g}" if error < 1 else f"{error:.0f}"


def summary_tables(rows: Iterable[dict[str, Any]], scenarios: Sequence[str]) -> None:
    """Print the world's total, segments and share of world demand by year, for each scenario."""
    world = [one for one in rows if one["region"] is None and one["year"] >= FIRST_SHOWN]
    console = console_for_tables()
    for name in scenarios:
        found = {(one["variable"], one["year"]): one for one in world if one["scenario"] == name}
        years = sorted({year for _, year in found})
        _show(console, _totals(name, found, years))
        _show(console, _segments(name, found, years))


def _show(console: Console, table: Table) -> None:
    # A title of its own width: inside a table it would be broken at the table's.
    console.print(table.title)
    table.title = None
    console.print(table)


def _plain(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)


def _totals(name: str, found: dict[tuple[str, int], dict[str, Any]], years: list[int]) -> Table:
    table = _plain(f"{name}: data centres, AI and crypto, TWh a year; ± is the Monte Carlo error")
    for head in ("year", "p05", "±", "p50", "±", "p95", "±"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("% of world demand", justify="right")
    for year in years:
        one, share = found["total", year], found["share_of_world_demand", year]
        cells = [
            text
            for key in ("p05", "p50", "p95")
            for text in (digits(one[key], error_of(one, key)), short(error_of(one, key)))
        ]
        table.add_row(str(year), *cells, _interval(share, PERCENT))
    return table


def _segments(name: str, found: dict[tuple[str, int], dict[str, Any]], years: list[int]) -> Table:
    title = f"{name}: by segment, TWh a year, p50 (p05–p95)"
    table = _plain(title)
    for head in ("year", *SEGMENTS):
        table.add_column(head.replace("_", " "), justify="right")
    for year in years:
        table.add_row(str(year), *(_interval(found[one, year], 1.0) for one in SEGMENTS))
    return table


def _interval(one: dict[str, Any], scale: float) -> str:
    """Write p50 and, in brackets, p05 and p95, to three digits and none beyond their errors."""

    def text(key: str) -> str:
        value, error = one[key], error_of(one, key) or 0.0
        return "-" if value is None else digits(value * scale, scale * max(error, _third(value)))

    return f"{text('p50')} ({text('p05')}–{text('p95')})"


def _third(value: float) -> float:
    # One unit of the third significant digit.
    return 10.0 ** (math.floor(math.log10(abs(value))) - 2) if value else 0.0


def explanation_tables(found: dict[str, Any]) -> None:
    """Print quantities by block, published numbers beside them, and the drivers of the change."""
    console = console_for_tables()
    console.print(f"{found['scenario']}: {found['draws']:,} draws; p50 (p05 - p95) of the prior\n")
    blocks = dict.fromkeys(one["block"] for one in found["quantities"])
    for block in blocks:
        rows = [one for one in found["quantities"] if one["block"] == block]
        _show(console, _quantities(block, rows, found["years"]))
    _show(console, _published(found["published"]))
    _show(console, _drivers(found["change"]))


def _quantities(block: str, rows: list[dict[str, Any]], years: list[int]) -> Table:
    table = _plain(block)
    table.add_column("quantity", overflow="fold")
    table.add_column("unit")
    for year in years:
        table.add_column(str(year), justify="right", no_wrap=True)
    table.add_column("formula", overflow="fold", style="dim")
    for one in rows:
        values = [_triple(*three) for three in one["values"]]
        table.add_row(one["name"], one["unit"], *values, one["formula"])
    return table


def _triple(low: float, middle: float, high: float) -> str:
    return f"{middle:.4g} ({low:.3g} - {high:.3g})"


def _published(rows: list[dict[str, Any]]) -> Table:
    table = _plain("published numbers beside the draws")
    for head in ("output", "year", "published", "unit", "p50 (p05 - p95)", "at percentile"):
        table.add_column(head, justify="left" if head in ("output", "unit") else "right")
    table.add_column("edition")
    for one in rows:
        table.add_row(
            one["output"],
            str(one["year"]),
            f"{one['published']:g}",
            one["unit"],
            _triple(*one["interval"]),
            f"{PERCENT * one['percentile']:.0f}",
            one["edition"],
        )
    return table


def _drivers(change: dict[str, Any]) -> Table:
    low, middle, high = change["total"]
    title = (
        f"change of the total {change['first']} to {change['last']}: {middle:+.0f} TWh"
        f" ({low:+.0f} to {high:+.0f}); Shapley values, summing draw by draw to"
        f" {change['residue']:.0e} of the demand (medians do not add up)"
    )
    table = _plain(title)
    for head in ("driver", "p05", "p50", "p95", "mean"):
        table.add_column(head, justify="left" if head == "driver" else "right")
    for one in change["drivers"]:
        numbers = [f"{value:+.1f}" for value in (*one["interval"], one["mean"])]
        table.add_row(one["name"].replace("_", " "), *numbers)
    return table

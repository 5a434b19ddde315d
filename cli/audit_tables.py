"""Tables and paragraphs of an audit for the terminal."""

import textwrap
from typing import TYPE_CHECKING, Final

import click

from .columns import WIDTH, print_columns
from .tables import digits

if TYPE_CHECKING:
    import xarray as xr

    from forecast.spec.audit import AuditTexts

ACCOUNTS: Final = {
    "location": "of the run, by location",
    "market": "of the run, by contract over a year (market)",
    "hourly": "of the run, by contract hour by hour",
    "grid_average": "the run's electricity at the world's mean intensity",
    "old_pue": "the same with the PUE of 2018 for all",
    "all_together": "all errors together, at the world's mean intensity",
}
MILLION: Final = 1e6


def print_audit(found: "xr.Dataset", texts: "AuditTexts") -> None:
    """Print what an audit found: errors, waterfall, carbon, perspective, hindcast, paragraphs.

    Parameters
    ----------
    found
        From `api.audit`.
    texts
        The errors in words.
    """
    year, scenario = found.attrs["year"], found.attrs["scenario"]
    click.echo(
        f"{scenario}, {year}: {cell(found['reference_total'], sign=False)} TWh, p50 (p10 to p90) of"
        f" {found.attrs['draws']:,} draws; what becomes of it where an error is made"
    )
    _say(str(found.attrs.get("notes", "")))
    _errors(found)
    _waterfall(found)
    _carbon(found)
    _say(perspective(found))
    _hindcast(found, texts)
    click.echo("")
    for one in texts.errors.errors:
        said = f"{one.wrong} What it leaves out: {one.ignores} Where it is seen: {one.seen}"
        _say(f"{one.title}. {numbers(found, one.id)}{said}", "  ")
        click.echo(f"  [{one.source}; {one.as_of}; grade {one.grade}]\n")


def cell(values: "xr.DataArray", *, sign: bool) -> str:
    """Write p50 (p10 to p90), each to three digits; "-" where there is none."""
    low, middle, high = (
        short(float(values.sel(statistic=one)), sign=sign) for one in ("p10", "p50", "p90")
    )
    return "-" if middle == "nan" else f"{middle} ({low} to {high})"


def short(value: float, *, sign: bool) -> str:
    """Write a number with three digits, millions as such."""
    if value != value:
        return "nan"
    plus = "+" if sign and value > 0 else ""
    if abs(value) >= MILLION:
        return f"{plus}{digits(value / MILLION, _third(value / MILLION))} million"
    if abs(value) < 0.5 and sign:
        return "0"
    return plus + digits(value, max(_third(value), 0.01))


def _third(value: float) -> float:
    """One unit of the third significant digit."""
    return float(f"{abs(value):.0e}") / 100.0 if value else 0.01


def _error(found: "xr.Dataset", name: str) -> str:
    """Monte Carlo standard error of a median."""
    value = float(found[f"mcse_{name}"].sel(statistic="p50"))
    return "-" if value != value else digits(value, value)


def _errors(found: "xr.Dataset") -> None:
    heads = ["error", "factor", "±", "TWh more", "±", "factor, no limits in either"]
    for group, said in (
        ("together", "each alone"),
        ("all", "all together"),
        ("apart", "accounts of another kind, each alone; below 1: it understates"),
    ):
        rows = []
        for name in found["error"].values[found["group"].values == group].tolist():
            one = found.sel(error=name)
            rows.append(
                [
                    str(one["title"].values),
                    cell(one["factor"], sign=False),
                    _error(one, "factor"),
                    cell(one["extra"], sign=True),
                    _error(one, "extra"),
                    cell(one["factor_no_limits"], sign=False),
                ]
            )
        click.echo(f"\n{said}")
        print_columns([*heads[:-1], heads[-1] if group != "all" else ""], _blank(rows))
    all_of_them = found["times_world"].sel(error="all_together")
    _say(
        "All together is no forecast that anybody made: it is what these errors amount to where"
        f" nothing holds them down, {cell(all_of_them, sign=False)} times the world's electricity."
    )


def _blank(rows: list[list[str]]) -> list[list[str]]:
    """The same with an empty last column where no row has a value there."""
    none = all(row[-1] == "-" for row in rows)
    return [[*row[:-1], "" if none else row[-1]] for row in rows]


def _waterfall(found: "xr.Dataset") -> None:
    click.echo(
        "\none after the other: TWh after each step; in every draw the steps sum to the whole"
    )
    rows = []
    for name in found["step"].values.tolist():
        one = found.sel(step=name)
        first = name == "reference"
        rows.append(
            [
                str(one["step_title"].values),
                cell(one["level"], sign=False),
                _error(one, "level"),
                "" if first else cell(one["contribution"], sign=True),
                "" if first else cell(one["shapley_factor"], sign=False),
            ]
        )
    print_columns(["step", "TWh after it", "±", "added", "factor, mean over all orders"], rows)
    _say(
        f"Interaction, all errors less each alone: {cell(found['interaction'], sign=True)} TWh."
        " Medians do not add up; draws do."
    )


def _carbon(found: "xr.Dataset") -> None:
    click.echo("\ncarbon: MtCO2e of all segments")
    rows = [
        [
            ACCOUNTS[name],
            cell(found["carbon"].sel(account=name), sign=False),
            cell(found["carbon_factor"].sel(account=name), sign=False),
        ]
        for name in found["account"].values.tolist()
    ]
    print_columns(["account", "MtCO2e", "factor over market"], rows)
    click.echo("")


def perspective(found: "xr.Dataset") -> str:
    """Say what a number alone does not."""
    share, growth = (100.0 * found[f"share_of_{one}"] for one in ("world", "growth"))
    return (
        f"Perspective: {cell(found['reference_total'], sign=False)} TWh in {found.attrs['year']} is"
        f" {cell(share, sign=False)} % of the world's electricity (Ember), and what was added since"
        f" 2022 is {cell(growth, sign=False)} % of what the world adds."
    )


def numbers(found: "xr.Dataset", name: str) -> str:
    """Say in a sentence what an error does alone."""
    if name not in found["error"].values:
        return ""
    one = found.sel(error=name)
    if float(one["factor"].sel(statistic="p50")) != float(one["factor"].sel(statistic="p50")):
        return f"It cannot be made in {found.attrs['year']}. "
    said = f"Factor {cell(one['factor'], sign=False)}, TWh {cell(one['extra'], sign=True)}"
    free = cell(one["factor_no_limits"], sign=False)
    return f"{said}. " if free == "-" else f"{said}; with no limits in either {free}. "


def _hindcast(found: "xr.Dataset", texts: "AuditTexts") -> None:
    names = ("", "_total", "_crypto", "_revised")
    outturn, total, crypto, revised = (found.attrs[f"outturn{one}"] for one in names)
    click.echo(
        f"\n{texts.hindcast.title}: data centres without crypto; the outturn is {outturn:.0f} TWh"
        f" ({total:.0f} with crypto, less {crypto:.0f}), {revised:.0f} TWh in later editions"
    )
    rows = []
    for name in found["mistake"].values.tolist():
        one = found.sel(mistake=name)
        below = float(one["below"])
        rows.append(
            [
                str(one["mistake_title"].values),
                cell(one["estimate"], sign=False),
                cell(one["over_outturn"], sign=False),
                cell(one["over_hindcast"], sign=False),
                "-" if below != below else f"{100 * below:.0f} %",
            ]
        )
    heads = ["as made in 2015", "TWh in 2022", "over outturn", "over the run's 2022", "outturn at"]
    print_columns(heads, rows)
    _say(
        "Outturn at: share of draws below it; at 0 or 100 % the mistake is refuted, in between 2022"
        " does not tell it from the truth. Published numbers have a range in place of draws."
        f" {texts.hindcast.mistakes[0].wrong}"
    )
    titles = {one.id: one.title.lower() for one in texts.errors.errors}
    for some in texts.hindcast.not_then:
        _say(f"Not then: {'; '.join(titles[one] for one in some.errors)}. {some.why}", "  ")


def _say(text: str, indent: str = "") -> None:
    """Print a paragraph in lines of the width of a table."""
    for line in text.splitlines():
        click.echo("\n".join(textwrap.wrap(line, WIDTH, subsequent_indent=indent)))

"""What `forecast compare` prints: differences, flips, rankings, and the same for programs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from .columns import print_columns
from .tables import digits, short

if TYPE_CHECKING:
    import xarray as xr

PERCENT = 100.0

BY_REGION = ("unserved",)
"""Variables of which the table shows every region that the run keeps."""

TITLES = {
    "mean": "mean",
    "cvar": "mean of the worst",
    "worst": "worst draw",
    "regret_mean": "mean regret",
    "regret_p95": "p95 of regret",
    "regret_max": "largest regret",
    "satisficing": "targets met in",
}


def show(
    results: "dict[str, xr.Dataset]",
    years: Sequence[int],
    variables: Sequence[str],
) -> None:
    """Print all of it.

    Parameters
    ----------
    results
        `differences`, `flips`, `robustness`, and `pareto` and `costs` where they were asked for.
    years, variables
        Of the table of differences.
    """
    table = results["differences"]
    for year in years:
        _differences(table, year, variables)
    _flips(results["flips"])
    _ranks(results["robustness"])
    if "pareto" in results:
        _front(results["pareto"])
    if "costs" in results:
        _costs(results["costs"])


def told(value: Any, error: Any) -> str:
    """Write a value with its error."""
    number, spread = float(value), float(error)
    if number == 0 and not spread:
        return "0"
    if spread != spread:
        return digits(number, None)
    text = f"{digits(number, spread)} ± {short(spread if spread == spread else None)}"
    return text.removeprefix("-") if text.startswith("-0 ") else text


def _differences(table: "xr.Dataset", year: int, variables: Sequence[str]) -> None:
    regions, now = table["region"].values, table["year"].values == year
    click.echo(
        f"differences from {table.attrs['baseline']} in {year}, {table.attrs['draws']:,} pairs of"
        " draws; ± is the Monte Carlo error of the paired mean"
    )
    for name in table["scenario"].values.tolist():
        one = table.sel(scenario=name)
        rows = []
        for variable in variables:
            there = now & (table["variable"].values == variable)
            for at in np.flatnonzero(there & ((regions == "") | (variable in BY_REGION))):
                label = f"{variable}[{regions[at]}]" if regions[at] else variable
                rows.append(_difference(one.isel(outcome=int(at)), label))
        click.echo(f"\n{name}")
        heads = ["outcome", "unit", "mean", "p50 (p10 to p90)", "of the baseline", "lower in"]
        print_columns([*heads, "± unpaired"], rows)


def _difference(one: "xr.Dataset", label: str) -> list[str]:
    unit, scale = str(one["unit"].values), 1.0
    if unit == "1":
        unit, scale = "% points", PERCENT
    low, middle, high = (float(one[name]) * scale for name in ("p10", "p50", "p90"))
    relative = float(one["relative"])
    unpaired = float(one["mcse_unpaired"]) * scale
    return [
        label,
        unit,
        told(float(one["mean"]) * scale, float(one["mcse"]) * scale),
        f"{middle:.3g} ({low:.3g} to {high:.3g})",
        "-" if relative != relative else f"{PERCENT * relative:.2g} %",
        f"{PERCENT * float(one['lower']):.3g} % of draws",
        short(unpaired if unpaired == unpaired else None),
    ]


def _flips(table: "xr.Dataset") -> None:
    click.echo(f"\nwhere the order of {table.attrs['outcome']} flips")
    for name in table["scenario"].values.tolist():
        one = table.sel(scenario=name)
        share, usual = float(one["flipped"]), float(one["usual"])
        where, other = ("below", "above") if usual < 0 else ("above", "below")
        usually = f"{PERCENT * float(one['on_usual_side']):.3g} %"
        if usual == 0:
            click.echo(f"{name}: equal to the baseline in every draw")
        elif share == 0:
            click.echo(f"{name}: in no draw; {where} the baseline in {usually} of draws")
        else:
            pairs = zip(one["input"].values.tolist(), one["shift"].values.tolist(), strict=True)
            inputs = ", ".join(f"{key} ({shift:+.2g} sd)" for key, shift in pairs if key)
            click.echo(
                f"{name}: {other} the baseline in {PERCENT * share:.3g} % of draws, {where} it in"
                f" {usually}; the former differ most in {inputs}"
            )


def _ranks(table: "xr.Dataset") -> None:
    unit, better = table.attrs["unit"], "large" if table.attrs["larger"] else "small"
    click.echo(
        f"\nranked by {table.attrs['outcome']}, {unit}, {better} is good; the rank of each in"
        f" brackets; the worst are {PERCENT * table.attrs['tail']:g} % of draws"
    )
    criteria = table["criterion"].values.tolist()
    regrets = [one for one in criteria if one.startswith("regret")]
    for some in ([one for one in criteria if one not in regrets], regrets):
        heads = ["scenario", *(TITLES[one] for one in some)]
        rows = [_ranked(table.sel(scenario=name), name, some) for name in table["scenario"].values]
        if some is regrets:
            heads.append("best in")
            best = (f"{PERCENT * float(one):.3g} % of draws" for one in table["best"])
            rows = [[*row, cell] for row, cell in zip(rows, best, strict=True)]
        print_columns(heads, rows, whole=["scenario"])
        click.echo("")
    if table.attrs["targets"]:
        click.echo(f"targets: {table.attrs['targets']}")
    firsts = {
        criterion: table["scenario"].values[table["rank"].sel(criterion=criterion).values == 1]
        for criterion in criteria
    }
    groups: dict[str, list[str]] = {}
    for criterion, names in firsts.items():
        groups.setdefault(" and ".join(names.tolist()), []).append(TITLES[criterion])
    agree = table.attrs["concordance"]
    if list(groups) == [" and ".join(table["scenario"].values.tolist())]:
        click.echo("the scenarios are equal by all criteria")
        return
    if len(groups) == 1:
        click.echo(f"all criteria put {next(iter(groups))} first (concordance {agree:.2f} of 1)")
        return
    parts = "; ".join(f"{names} by {', '.join(by)}" for names, by in groups.items())
    click.echo(f"the rankings disagree on the first (concordance {agree:.2f} of 1): {parts}")


def _ranked(one: "xr.Dataset", name: str, criteria: Sequence[str]) -> list[str]:
    cells = [str(name)]
    for criterion in criteria:
        of = one.sel(criterion=criterion)
        share = criterion == "satisficing"
        scale = PERCENT if share else 1.0
        text = told(float(of["value"]) * scale, float(of["mcse"]) * scale)
        cells.append(f"{text}{' % of draws' if share else ''} ({int(of['rank'])})")
    return cells


def _front(table: "xr.Dataset") -> None:
    click.echo("\nPareto front: no other is as good in every outcome and better in one")
    places, count = table["place"].values.tolist(), int(table.attrs["chains"])
    rows = []
    for name in table["scenario"].values.tolist():
        one = table.sel(scenario=name)
        means = [f"{float(one['mean'].sel(place=place)):.4g}" for place in places]
        share = told(PERCENT * float(one["front_share"]), PERCENT * float(one["mcse"]))
        chains = f"{round(float(one['front_chains']) * count)} of {count} chains"
        front = f"{'yes' if bool(one['front']) else 'no'}, in {chains}"
        rows.append([name, *means, front, f"{share} % of draws"])
    print_columns(["scenario", *places, "on the front of means", "on that of its draw"], rows)


def _costs(table: "xr.Dataset") -> None:
    unit, outcome = table.attrs["unit"], table.attrs["outcome"]
    less = "more" if table.attrs["larger"] else "less"
    click.echo(f"\ncost over {table.attrs['baseline']} for each {unit} of {outcome} {less}")
    rows = []
    for name in table["scenario"].values.tolist():
        one = table.sel(scenario=name)
        effect, each = told(one["effect"], one["mcse"]), float(one["each"])
        none = "not beyond its error" if float(one["effect"]) >= 0 else "it goes the other way"
        text = told(each, one["mcse_each"]) if each == each else none
        rows.append([name, f"{float(one['cost']):g}", f"{effect} {unit}", text])
    print_columns(["scenario", "cost", less, f"per {unit}"], rows)


def plain(results: "dict[str, xr.Dataset]") -> dict[str, Any]:
    """Everything as lists of rows for programs; what is no number is null."""

    def cell(value: Any) -> Any:
        value = value.item() if hasattr(value, "item") else value
        return None if isinstance(value, float) and value != value else value

    found: dict[str, Any] = {}
    for name, whole in results.items():
        table = whole.drop_dims("pair", errors="ignore")
        frame = table.to_dataframe().reset_index()
        if name == "differences":
            frame = frame.drop(columns="outcome", errors="ignore")
        rows = [
            {key: cell(value) for key, value in row.items()} for row in frame.to_dict("records")
        ]
        if "pair" in whole.dims:
            found["draws"] = _draws(whole)
        found[name] = {"attributes": {k: cell(v) for k, v in table.attrs.items()}, "rows": rows}
    return found


def _draws(flips: "xr.Dataset") -> dict[str, list[list[int]]]:
    """Chain and draw in the run of every pair that flips, by scenario."""
    places = list(zip(flips["chain"].values.tolist(), flips["draw"].values.tolist(), strict=True))
    return {
        name: [
            list(place) for place, other in zip(places, one.values.tolist(), strict=True) if other
        ]
        for name, one in zip(flips["scenario"].values.tolist(), flips["other_side"], strict=True)
    }

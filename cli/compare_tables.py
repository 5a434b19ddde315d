"""What `forecast compare` prints: differences, flips, rankings, and the same for programs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from .columns import print_columns
from .tables import digits, short

if TYPE_CHECKING:
    import xarray as xr

PERCENT = 100.0

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
    costs: dict[str, float],
    years: Sequence[int],
    variables: Sequence[str],
) -> None:
    """Print all of it.

    Parameters
    ----------
    results
        `differences`, `flips`, `robustness`, and `pareto` where it was asked for.
    costs
        Scenario → what it costs.
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
    if costs:
        _costs(table, costs, results["robustness"].attrs["outcome"])


def told(value: Any, error: Any) -> str:
    """Write a value with its error."""
    number, spread = float(value), float(error)
    if number == 0 and not spread:
        return "0"
    text = f"{digits(number, spread)} ± {short(spread if spread == spread else None)}"
    return text.removeprefix("-") if text.startswith("-0 ") else text


def _differences(table: "xr.Dataset", year: int, variables: Sequence[str]) -> None:
    world = (table["region"].values == "") & (table["year"].values == year)
    click.echo(
        f"differences from {table.attrs['baseline']} in {year}, {table.attrs['draws']:,} pairs of"
        " draws; ± is the Monte Carlo error of the paired mean"
    )
    for name in table["scenario"].values.tolist():
        one = table.sel(scenario=name)
        rows = []
        for variable in variables:
            at = world & (table["variable"].values == variable)
            if at.any():
                rows.append(_difference(one.isel(outcome=int(at.argmax())), variable))
        click.echo(f"\n{name}")
        heads = ["outcome", "unit", "mean", "p50 (p10 to p90)", "of the baseline", "lower in"]
        print_columns([*heads, "± unpaired"], rows)


def _difference(one: "xr.Dataset", variable: str) -> list[str]:
    unit, scale = str(one["unit"].values), 1.0
    if unit == "1":
        unit, scale = "% points", PERCENT
    low, middle, high = (float(one[name]) * scale for name in ("p10", "p50", "p90"))
    relative = float(one["relative"])
    unpaired = float(one["mcse_unpaired"]) * scale
    return [
        variable,
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
        where = "below" if usual < 0 else "above"
        if usual == 0:
            click.echo(f"{name}: equal to the baseline in every draw")
        elif share == 0:
            click.echo(f"{name}: never; in no draw does it leave the side {where} the baseline")
        else:
            pairs = zip(one["input"].values.tolist(), one["shift"].values.tolist(), strict=True)
            inputs = ", ".join(f"{key} ({shift:+.2g} sd)" for key, shift in pairs if key)
            click.echo(
                f"{name}: in {PERCENT * share:.3g} % of draws, usually {where} the baseline; these"
                f" differ most in {inputs}"
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
    places = table["place"].values.tolist()
    rows = []
    for name in table["scenario"].values.tolist():
        one = table.sel(scenario=name)
        means = [f"{float(one['mean'].sel(place=place)):.4g}" for place in places]
        share = told(PERCENT * float(one["front_share"]), PERCENT * float(one["mcse"]))
        rows.append([name, *means, "yes" if bool(one["front"]) else "", f"{share} % of draws"])
    print_columns(["scenario", *places, "on the front of means", "on that of its draw"], rows)


def _costs(table: "xr.Dataset", costs: dict[str, float], outcome: str) -> None:
    from forecast.grammar import check_place, parse_place

    columns = {name: table[name].values for name in ("variable", "region", "year", "unit")}
    at = int(check_place(parse_place(outcome), columns).argmax())
    unit, base = columns["unit"][at], costs.get(table.attrs["baseline"], 0.0)
    click.echo(f"\ncost over the baseline for each {unit} of {outcome} less")
    rows = []
    for name, cost in costs.items():
        if name == table.attrs["baseline"]:
            continue
        one = table.sel(scenario=name).isel(outcome=at)
        saved, error = -float(one["mean"]), float(one["mcse"])
        each = (cost - base) / saved if saved > 2 * error else float("nan")
        text = told(each, abs(each) * error / saved) if each == each else "saves nothing"
        rows.append([name, f"{cost - base:g}", text])
    print_columns(["scenario", "cost", f"per {unit}"], rows)


def plain(results: "dict[str, xr.Dataset]", costs: dict[str, float]) -> dict[str, Any]:
    """Everything as lists of rows for programs; what is no number is null."""

    def cell(value: Any) -> Any:
        value = value.item() if hasattr(value, "item") else value
        return None if isinstance(value, float) and value != value else value

    found: dict[str, Any] = {"costs": costs}
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

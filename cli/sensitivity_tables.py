"""What `forecast sensitivity` prints of an outcome."""

from typing import TYPE_CHECKING, Final

import click

from .columns import print_columns

if TYPE_CHECKING:
    import xarray as xr

COLUMNS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "given": (("first order", "first"), ("delta", "delta"), ("PAWN", "pawn")),
    "tornado": (("swing", "swing"), ("at p10", "median_low"), ("at p90", "median_high")),
    "shapley": (("effect", "effect"),),
    "split": (("share", "share"),),
    "gradient": (("measure", "dgsm"), ("elasticity", "elasticity")),
    "sobol": (("first order", "first"), ("total order", "total")),
    "morris": (("mu*", "mu_star"), ("mu", "mu"), ("sigma", "sigma")),
}
"""Method → heads and variables; the first orders the rows."""

FLOORS: Final = {"given": ("noise", "delta_noise", "pawn_noise")}
"""What 95 % of inputs that do nothing stay below."""


def print_tables(
    found: "xr.Dataset", method: str, shown: "list[tuple[str, xr.Dataset]]", top: int
) -> None:
    """Print the leading inputs of every outcome that is shown."""
    for title, one in shown:
        click.echo(f"\n{title}: {_what(found, method)}")
        _table(one, method, top)
    for name in ("distribution", "together", "note", "notes", "warning", "intervals"):
        if told := str(found.attrs.get(name, "")):
            click.echo(told)


def _what(found: "xr.Dataset", method: str) -> str:
    draws = found.attrs.get("draws", found.attrs.get("base", ""))
    counted = f", {int(draws):,} draws" if str(draws).isdigit() else ""
    return f"{method}{counted}"


def _table(one: "xr.Dataset", method: str, top: int) -> None:
    import numpy as np

    columns = COLUMNS[method]
    first = one[columns[0][1]]
    (dim,) = first.dims
    size = np.where(np.isfinite(first.values), np.abs(first.values), -1)
    order = np.argsort(-size, kind="stable")
    order = np.arange(len(size)) if method == "split" else order[:top]
    rows = [
        [str(one[dim].values[place]), *(_cell(one, name, place) for _, name in columns)]
        for place in order
    ]
    if floors := FLOORS.get(method):
        idle = [f"{float(one[name]):.3f}" for name in floors]
        rows.append(["(an idle input stays below)", *idle])
    print_columns([str(dim), *(head for head, _ in columns)], rows)
    if "monte_carlo" in one:
        error = 100 * float(one["monte_carlo"])
        click.echo(f"Monte Carlo error of the median: {error:.2g} % of the spread")


def _cell(one: "xr.Dataset", name: str, place: int) -> str:
    value = float(one[name].values[place])
    if value != value:
        return "-"
    text = f"{value:.3f}" if abs(value) < 10 else f"{value:,.0f}"
    if f"{name}_low" in one:
        low, high = (float(one[f"{name}_{end}"].values[place]) for end in ("low", "high"))
        wide = f"{low:.3f} to {high:.3f}" if abs(value) < 10 else f"{low:,.0f} to {high:,.0f}"
        return f"{text} ({wide})"
    if f"{name}_error" in one:
        return f"{text} ± {float(one[f'{name}_error'].values[place]):.2g}"
    return text

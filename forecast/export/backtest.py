"""A backtest as tables: for people, for programs, and as files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast.analysis.backtest import COLUMNS, LABEL, METHODS, MODEL, OUTPUTS
from forecast.analysis.scoring import LEVELS
from forecast.export.ledger import markdown_text
from forecast.export.tables import number, write_rows

BACKTEST_FILE: Final = "backtest.nc"


@dataclass(frozen=True)
class Table:
    """A table in words.

    Attributes
    ----------
    title : str
    heads : tuple of str
    rows : tuple of tuple of str
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(found: xr.Dataset) -> tuple[Table, ...]:
    """Tables for people: forecasts, what they gain over baselines, each outturn.

    Parameters
    ----------
    found
        From `studies.backtest`.

    Returns
    -------
    tuple of Table
        Of the draws of observations.
    """
    shown = found.sel(basis="observed")
    each = [shown.isel(forecast=place) for place in range(shown.sizes["forecast"])]
    inside = (f"in {one} %" for one in LEVELS)
    heads = ("forecast", "known", "n", "CRPS TWh", "CRPS log", *inside, "mean PIT", "")
    names = ("forecast", "outturn", "year", "TWh", "p05", "p50", "p95", "percentile", "")
    return (
        Table(
            f"Backtest, {LABEL}; means over n outturns",
            heads,
            tuple(_forecast_row(one) for one in each),
        ),
        Table(
            "Skill over baselines in CRPS, on data centres; in brackets the outturns of both",
            ("forecast", *METHODS[1:]),
            tuple(_skill_row(one) for one in each),
        ),
        Table(
            "Each outturn in the draws of its observation, TWh a year",
            names,
            tuple(_observation_rows(shown.sel(by=MODEL))),
        ),
    )


def _forecast_row(one: xr.Dataset) -> tuple[str, ...]:
    model = one.sel(by=MODEL)
    count, until = int(model["count"]), str(one["until"].values)
    head = str(one["forecast"].values), f"to {until}" if until else str(one["known"].values)
    if not count:
        why = str(one["reason"].values).partition(":")[0] or "nothing observed since"
        return (*head, "0", *("-" for _ in range(3 + len(LEVELS))), why)
    return (
        *head,
        str(count),
        f"{float(model['mean_crps']):.1f}",
        f"{float(model['mean_crps_log']):.3f}",
        *(f"{round(count * float(model[f'coverage_{level}']))}/{count}" for level in LEVELS),
        f"{float(model['mean_pit']):.2f}",
        "",
    )


def _skill_row(one: xr.Dataset) -> tuple[str, ...]:
    each = [one.sel(by=name) for name in METHODS[1:]]
    cells = (
        f"{float(base['skill_crps']):+.2f} ({int(base['matched'])})"
        if int(base["matched"])
        else "-"
        for base in each
    )
    return (str(one["forecast"].values), *cells)


def _observation_rows(model: xr.Dataset) -> Iterator[tuple[str, ...]]:
    for place in range(model.sizes["forecast"]):
        for at in range(model.sizes["observation"]):
            one = model.isel(forecast=place, observation=at)
            if np.isnan(float(one["crps"])):
                continue
            yield (
                str(one["forecast"].values),
                OUTPUTS[str(one["output"].values)],
                str(int(one["year"])),
                *(f"{float(one[name]):.3g}" for name in ("value", "p05", "p50", "p95")),
                f"{100 * float(one['pit']):.1f}",
                "" if float(one["inside_90"]) else "outside 90 %",
            )


def rows(found: xr.Dataset) -> list[dict[str, Any]]:
    """Every score as a row for programs.

    Parameters
    ----------
    found
        From `studies.backtest`.

    Returns
    -------
    list of dict
        A row each basis, model or baseline, forecast and observation that was scored.
    """
    flat = [
        found.isel(basis=basis, by=method, forecast=forecast, observation=place)
        for basis, method, forecast, place in np.argwhere(found["crps"].notnull().values).tolist()
    ]
    texts = ("forecast", "by", "basis", "observation", "output", "as_of")
    return [
        {name: str(one[name].values) for name in texts}
        | {"year": int(one["year"])}
        | {name: float(one[name]) for name in ("value", "sd", *COLUMNS)}
        for one in flat
    ]


def summaries(found: xr.Dataset) -> list[dict[str, Any]]:
    """Scores of each forecast, for programs.

    Parameters
    ----------
    found
        From `studies.backtest`.

    Returns
    -------
    list of dict
        Of the draws of observations; None where there is no number.
    """
    names = [str(one) for one in found.data_vars if str(one).startswith(("mean_", "coverage_"))]
    listed = []
    for place in range(found.sizes["forecast"]):
        one = found.isel(forecast=place).sel(basis="observed")
        model = one.sel(by=MODEL)
        row: dict[str, Any] = {
            name: str(one[name].values) for name in ("forecast", "known", "until", "reason")
        }
        row |= {"count": int(model["count"])}
        row |= {name: _finite(model[name]) for name in names}
        row["skill_crps"] = {name: _finite(one.sel(by=name)["skill_crps"]) for name in METHODS[1:]}
        listed.append(row)
    return listed


def _finite(value: xr.DataArray) -> float | None:
    return float(value) if np.isfinite(float(value)) else None


def markdown(found: xr.Dataset) -> str:
    """Everything that is said of a backtest, as Markdown.

    Parameters
    ----------
    found
        From `studies.backtest`.

    Returns
    -------
    str
    """
    lines = ["# Backtest", ""]
    for one in tables(found):
        lines += [f"{one.title}.", ""]
        for row in (one.heads, ("---",) * len(one.heads), *one.rows):
            cells = row if row[0] == "---" else [markdown_text(cell) for cell in row]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join([*lines, *(f"- {one}" for one in found.attrs["notes"].splitlines()), ""])


def write(found: xr.Dataset, folder: Path) -> None:
    """Write a backtest as netCDF, its scores as CSV, what is said of it as Markdown.

    Parameters
    ----------
    found
        From `studies.backtest`.
    folder
        Must be there.
    """
    found.to_netcdf(folder / BACKTEST_FILE, engine="h5netcdf")
    table = rows(found)
    heads = tuple(table[0]) if table else ("forecast",)
    text = [
        tuple(number(v) if isinstance(v, float) else str(v) for v in row.values()) for row in table
    ]
    write_rows(folder / "scores.csv", [heads, *text])
    (folder / "backtest.md").write_text(markdown(found), encoding="utf-8")


def read(folder: Path) -> xr.Dataset:
    """Read a backtest.

    Parameters
    ----------
    folder
        That `write` filled.

    Returns
    -------
    Dataset
    """
    return xr.load_dataset(folder / BACKTEST_FILE, engine="h5netcdf")

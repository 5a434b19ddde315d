"""A figure of a stored result, its numbers and its caption, and how they become files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from forecast.export.results import write_tables
from forecast.figures.paper import STYLES, Style
from forecast.figures.scale import enlarge
from forecast.figures.sheet import joined
from forecast.figures.style import MM, save_figure, styled
from forecast.files import written
from forecast.grammar import parse_place
from forecast.plots.choice import Choice
from forecast.plots.table import FIGURES, Kind, figure_of
from forecast.provenance import package_version

FORMATS: Final = ("pdf", "svg", "png")

DISCOVERY: Final = "discovery"
"""The figure whose outcome is a condition."""

LONGEST: Final = 120
"""Letters of the name of a file. (definition)"""

AUTHORS, SOFTWARE, LICENCE = (
    "The forecast developers",
    "forecast: probabilistic forecasts of the electricity demand of data centres, AI and crypto",
    "Apache-2.0",
)
"""How the software is cited; as CITATION.cff has it."""


@dataclass(frozen=True)
class Made:
    """A figure with what stands beside it.

    Attributes
    ----------
    name : str
    stem : str
        Of its files: its name, with what was chosen that is not the usual.
    figure : Figure
        At its final size.
    tables : tuple of Dataset
        Its numbers; published ones last, if it has any.
    caption : str
    height : mm
    """

    name: str
    stem: str
    figure: Figure
    tables: tuple[xr.Dataset, ...]
    caption: str
    height: float


def plot(
    result: Any,
    figure: str,
    *,
    style: str = "report",
    columns: int = 2,
    scenarios: Sequence[str] = (),
    baseline: str = "",
    outcome: str = "total[2030]",
    where: str = "",
) -> Made:
    """Draw a figure of a stored result, by the words of the command line.

    Parameters
    ----------
    result
        A Run, the tree of a posterior, or the Dataset of a backtest.
    figure
        Name of `FIGURES`.
    style
        Of `STYLES`: `report`, `nature`, `ieee`, `elsevier` or `slides`.
    columns
        Of the page that it spans: 1 or 2.
    scenarios, baseline, outcome, where
        What it shows, where it lets one choose; see `Choice`.

    Returns
    -------
    Made
        `figure`, of matplotlib, at its final size; `tables`, its numbers; `caption`.

    Raises
    ------
    ValueError
        If there is no such figure or style, or the result has not what it shows.
    """
    figure_of(figure, kind_of(result))
    if style not in STYLES:
        raise ValueError(f'no style "{style}", expected one of {", ".join(STYLES)}')
    if columns not in (1, 2):
        raise ValueError(f"a figure spans 1 or 2 columns, got {columns}")
    choice = Choice(tuple(scenarios), baseline, parse_place(outcome), where)
    return make(result, figure, choice, style=style, columns=columns)


def kind_of(result: Any) -> str:
    """What there is to draw: one of `RESULTS`."""
    if isinstance(result, xr.Dataset):
        return "backtest"
    return "run" if "summary" in result.children else "posterior"


def make(
    result: Any, name: str, choice: Choice, *, style: str = "report", columns: int = 2
) -> Made:
    """Draw a figure of a stored result.

    Parameters
    ----------
    result
        A Run, a calibrated tree, or a backtest, as `FIGURES` says of the name.
    name
        Of `FIGURES`.
    choice
        What it shows.
    style
        Of `STYLES`.
    columns
        Of the page that it spans: 1 or 2.

    Returns
    -------
    Made

    Raises
    ------
    ValueError
        If the result has not what the figure shows.
    """
    kind, look = FIGURES[name], STYLES[style]
    parts = _named(kind.data)(result, choice)
    width = look.widths[columns - 1] / look.factor
    shown = [_with(one, untitled=int(not look.titled), width=width) for one in parts]
    figure = _named(kind.picture)(*shown, width=width)
    with styled():
        enlarge(figure, look.factor)
    tables = tuple(one for one in parts if isinstance(one, xr.Dataset))
    return Made(
        name,
        stem_of(name, choice),
        figure,
        tables,
        _caption(kind, shown, again_said(name, choice, style, columns)),
        float(figure.get_size_inches()[1]) / MM,
    )


def _with(part: Any, **attributes: Any) -> Any:
    """The same Dataset or tree with further attributes."""
    told = part.copy(deep=False)
    told.attrs = {**part.attrs, **attributes}
    return told


def _named(place: str) -> Any:
    """What ``module:function`` names; a figure is imported when it is drawn."""
    module, _, function = place.partition(":")
    return getattr(import_module(module), function)


def fits(made: Made, look: Style) -> bool:
    """Whether a figure is no higher than its publisher prints."""
    return made.height <= look.tallest


def stem_of(name: str, choice: Choice) -> str:
    """Name of the files of a figure, so that two of one folder are of different things.

    Parameters
    ----------
    name
    choice
        What is not the usual of it is in the name, but the last year of a run that ends early.

    Returns
    -------
    str
    """
    usual = Choice().place
    parts = [name, *choice.scenarios, *([f"from {choice.baseline}"] if choice.baseline else [])]
    if (choice.variable, choice.region) != (usual.variable, usual.region):
        parts.append(f"{choice.variable} {choice.region}")
    if choice.year > usual.year or parts[-1] == f"{choice.variable} {choice.region}":
        parts.append(str(choice.year))
    if choice.where and name == DISCOVERY:
        parts.append(choice.where)
    plain = [re.sub(r"[^\w+.]+", "_", one).strip("_") for one in parts]
    return "-".join(plain)[:LONGEST]


def again_said(name: str, choice: Choice, style: str, columns: int) -> str:
    """The command that draws a figure again, of a result that is named RUN."""
    usual = Choice()
    words = [f"forecast plot RUN --figure {name}"]
    words += [f"--scenario {one}" for one in choice.scenarios]
    if choice.baseline:
        words.append(f"--baseline {choice.baseline}")
    if choice.place != usual.place:
        words.append(f'--outcome "{choice.place}"')
    if choice.where:
        words.append(f'--where "{choice.where}"')
    if style != "report":
        words.append(f"--style {style}")
    return " ".join([*words, *(["--columns 1"] if columns == 1 else [])])


def _caption(kind: Kind, parts: Sequence[Any], command: str) -> str:
    """Title, what is shown, sources, how it is made again, and what to cite."""
    home = kind.picture.partition(":")[0]
    first = parts[0]
    title = _named(f"{home}:title")(first).rstrip(".")
    said = joined(_named(f"{home}:said")(first))
    sources = _sources(parts[-1]) if len(parts) > 1 else ""
    key = str(first.attrs.get("key") or "")
    version = package_version()
    again = f"Drawn by forecast {version}" + (f" from the run of key {key}" if key else "")
    return "\n\n".join(
        one
        for one in (
            f"{title}.",
            said,
            sources,
            f"{again}: {command}",
            f"Cite: {AUTHORS}. {SOFTWARE}. Version {version}, {LICENCE}.",
        )
        if one
    )


def _sources(observed: Any) -> str:
    """Publications of the numbers beside the forecast."""
    if not isinstance(observed, xr.Dataset) or "source" not in observed:
        return ""
    found = dict.fromkeys(observed["source"].values.astype(str).tolist())
    return f"Published numbers: {'; '.join(found)}." if found else ""


def save(made: Made, folder: Path, formats: Sequence[str]) -> list[Path]:
    """Write a figure, its numbers as CSV and its caption as text.

    Parameters
    ----------
    made
        From `make`.
    folder
        It is made if it is not there.
    formats
        Of `FORMATS`.

    Returns
    -------
    list of Path
        The pictures, the tables, the caption.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for ending in formats:
        path = folder / f"{made.stem}.{ending}"
        save_figure(made.figure, path)
        files.append(path)
    for number, table in enumerate(made.tables):
        published = number > 0 and "observation" in table.dims
        name = f"{made.stem}-published" if published else made.stem
        files += write_tables(_plain(table), folder, name)
    path = folder / f"{made.stem}.txt"
    written(path, partial(Path.write_text, data=f"{made.caption}\n", encoding="utf-8"))
    return [*files, path]


def _plain(table: xr.Dataset) -> xr.Dataset:
    """Without variables of no dimension, which no table has room for, and of no numbers."""
    return table.drop_vars([name for name, one in table.data_vars.items() if not np.size(one)])

"""The ledger of inputs as a table: CSV for programs, Markdown and LaTeX for people."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import xarray as xr

from forecast.export.tables import number, write_rows
from forecast.files import written

SCORES: Final = ("shift", "contraction", "influence")
"""Columns without a unit."""

COLUMNS: Final = (
    "input",
    "long_name",
    "unit",
    "scope",
    *(f"{group}_{name}" for group in ("prior", "posterior") for name in ("p05", "p50", "p95")),
    *SCORES,
    "grade",
    "as_of",
    "source",
)
"""Columns of the CSV in their order; whatever else the ledger holds comes last."""

HEADS: Final = (
    "Input",
    "Meaning",
    "Unit",
    "Prior (5–95 %)",
    "Posterior (5–95 %)",
    "Shift",
    "Contraction",
    "Influence",
    "Grade",
    "As of",
    "Source",
)
"""Heads of the tables for people."""

LAYOUT: Final = (
    r"p{0.11\linewidth}",
    r"p{0.14\linewidth}",
    "l",
    *(r"p{0.1\linewidth}" for _ in range(2)),
    *"rrr",
    *"ll",
    r"p{0.16\linewidth}",
)
"""Columns of the LaTeX table."""

LATEX: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "–": "--",
    # Addresses and dotted names are long words: they may break after these.
    "/": r"/\allowbreak{}",
    "_": r"\_\allowbreak{}",
    **{letter: f"\\{letter}" for letter in "&%#$"},
}
"""Letter → how LaTeX prints it."""

MARKDOWN: Final = frozenset("\\`*_{}[]<>|#~$&")
"""Letters that Markdown would read as marks."""


def ledger_csv(ledger: xr.Dataset, path: Path) -> None:
    """Write a ledger as CSV in UTF-8, numbers with nine digits, one row an input.

    Parameters
    ----------
    ledger
        From `analysis.ledger`.
    path
        Replaced if it is there.
    """
    rest = [str(name) for name in ledger.data_vars if str(name) not in COLUMNS]
    names = (*COLUMNS, *rest)
    columns = [ledger[name].values.tolist() for name in names]
    rows = zip(*([_text(one) for one in column] for column in columns), strict=True)
    written(path, partial(write_rows, rows=[names, *rows]))


def _text(value: object) -> str:
    return number(value) if isinstance(value, float) else str(value)


def ledger_markdown(ledger: xr.Dataset, path: Path) -> None:
    """Write a ledger as a Markdown table.

    Parameters
    ----------
    ledger
        From `analysis.ledger`.
    path
        Replaced if it is there.
    """
    aligned = ["---:" if one == "r" else "---" for one in LAYOUT]
    rows = [HEADS, aligned, *([markdown_text(one) for one in row] for row in _cells(ledger))]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    _write(path, [*lines, "", markdown_text(_note(ledger.attrs))])


def ledger_latex(ledger: xr.Dataset, path: Path) -> None:
    r"""Write a ledger as a LaTeX `longtable`; the document loads `array`, `booktabs`, `longtable`.

    Parameters
    ----------
    ledger
        From `analysis.ledger`.
    path
        Replaced if it is there; to be read with `\input`.
    """
    count = len(HEADS)
    heads = " & ".join(map(latex_text, HEADS)) + r" \\"
    body = [" & ".join(map(latex_text, row)) + r" \\" for row in _cells(ledger)]
    columns = "".join(
        rf">{{\raggedright\arraybackslash}}{one}" if one.startswith("p") else one for one in LAYOUT
    )
    lines = [
        r"% needs \usepackage{array, booktabs, longtable}; made for a page on its side",
        r"\begingroup\footnotesize\setlength{\tabcolsep}{3pt}",
        rf"\begin{{longtable}}{{@{{}}{columns}@{{}}}}",
        *(r"\toprule", heads, r"\midrule", r"\endfirsthead"),
        *(r"\toprule", heads, r"\midrule", r"\endhead"),
        *(r"\bottomrule", r"\endfoot", r"\bottomrule"),
        # The last foot also bears the note.
        rf"\multicolumn{{{count}}}{{@{{}}p{{\linewidth}}@{{}}}}"
        rf"{{{latex_text(_note(ledger.attrs))}}}\\",
        r"\endlastfoot",
        *body,
        r"\end{longtable}",
        r"\endgroup",
    ]
    _write(path, lines)


def latex_text(text: str) -> str:
    """Text that LaTeX prints as it stands, on one line."""
    printed = "".join(LATEX.get(letter, letter) for letter in " ".join(text.split()))
    # They may also break after a point, but for that of a number or of an abbreviation.
    return re.sub(r"(?<=\w\w)\.(?=[^\W\d])", r".\\allowbreak{}", printed)


def markdown_text(text: str) -> str:
    """Text that Markdown shows as it stands, on one line."""
    line = " ".join(text.split())
    return "".join(f"\\{letter}" if letter in MARKDOWN else letter for letter in line)


def _cells(ledger: xr.Dataset) -> Iterator[list[str]]:
    """Rows for people: three digits, the interval in brackets behind the median."""
    for place in range(ledger.sizes["input"]):
        row = ledger.isel(input=place)
        said = {name: str(row[name].values) for name in COLUMNS if row[name].dtype.kind != "f"}
        scores = [
            _number(float(row[name]), ".2f") for name in ("shift", "contraction", "influence")
        ]
        yield [
            said["input"],
            said["long_name"],
            said["unit"],
            *(_interval(row, group) for group in ("prior", "posterior")),
            *scores,
            said["grade"],
            said["as_of"],
            said["source"],
        ]


def _interval(row: xr.Dataset, group: str) -> str:
    low, middle, high = (
        _number(float(row[f"{group}_{name}"]), ".3g") for name in ("p05", "p50", "p95")
    )
    # Numbers below zero make a dash between them hard to read.
    return f"{middle} ({low} to {high})"


def _number(value: float, form: str) -> str:
    return "" if np.isnan(value) else format(value, form)


def _note(attributes: Mapping[object, object]) -> str:
    """What the columns mean, and what the ledger is of."""
    said = [
        f"{head}: {attributes[name]}."
        for name, head in (("title", "Scenario"), ("vintage", "Vintage"), ("known", "Known at"))
        if attributes.get(name)
    ]
    drawn = [
        f"{attributes[f'{group}_draws']} draws of the {group}"
        for group in ("prior", "posterior")
        if f"{group}_draws" in attributes
    ]
    if drawn:
        said.append(f"{' and '.join(drawn)}.")
    year = attributes.get("influence_year")
    of_year = f" in {year}" if year is not None else ""
    return " ".join(
        [
            *said,
            "Median with 90 % interval; shift in prior standard deviations and contraction"
            " (1 - posterior over prior standard deviation) on the normal score of the prior;"
            f" influence: squared rank correlation with total demand{of_year}, over the posterior.",
        ]
    )


def _write(path: Path, lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    written(path, lambda partial: partial.write_text(text, encoding="utf-8"))


LEDGERS: Final[dict[str, Callable[[xr.Dataset, Path], None]]] = {
    ".csv": ledger_csv,
    ".md": ledger_markdown,
    ".tex": ledger_latex,
}
"""Ending of the file → what writes it."""

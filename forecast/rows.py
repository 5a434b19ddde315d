"""The summary table of a delivered run, read without opening the run."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

SUMMARY_FILE: Final = "summary.csv"
TEXTS: Final = ("scenario", "variable", "scope", "region", "unit")


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """Rows of a delivered summary, without opening the Run.

    Parameters
    ----------
    folder

    Returns
    -------
    list of dict
        Numbers as numbers, None where there is none; `region` None for the world.
    """
    with (folder / SUMMARY_FILE).open(encoding="utf-8", newline="") as stream:
        return [_row(one) for one in csv.DictReader(stream)]


def _row(given: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in given.items():
        if name in TEXTS:
            found[name] = text or None
        elif name == "year":
            found[name] = int(text)
        else:
            found[name] = float(text) if text and text != "nan" else None
    return found

"""From a Run to files for other programs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import xarray as xr

from forecast.export.draws import COLUMNS, draws
from forecast.export.iamc import DEFINITIONS, META, iamc
from forecast.export.tables import table_csv, table_parquet


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Attributes
    ----------
    write : callable
        Takes a Run and the path of the file; returns what it wrote.
    ending : str
        Of the file.
    beside : tuple of str
        Endings, after the same stem, of what is written with it.
    """

    write: Callable[[xr.DataTree, Path], list[Path]]
    ending: str
    beside: tuple[str, ...] = ()

    def paths(self, path: Path) -> list[Path]:
        """All that is written with a file, itself first."""
        return [path, *(path.with_name(f"{path.stem}{ending}") for ending in self.beside)]


FORMATS: Final[dict[str, Format]] = {
    "csv": Format(table_csv, ".csv"),
    "parquet": Format(table_parquet, ".parquet"),
    "iamc": Format(iamc, ".csv", (META, DEFINITIONS)),
}
"""Formats of a summary by name."""

DRAWS: Final[dict[tuple[str, str], Format]] = {
    ("csv", "wide"): Format(partial(draws, form="wide"), ".csv", (COLUMNS,)),
    ("csv", "long"): Format(partial(draws, form="long"), ".csv"),
    ("parquet", "wide"): Format(partial(draws, form="wide"), ".parquet"),
    ("parquet", "long"): Format(partial(draws, form="long"), ".parquet"),
}
"""Formats of draws by name and form."""

"""From a Run to files for other programs."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import xarray as xr

from forecast.export.iamc import iamc
from forecast.export.tables import summary_csv, table_csv, table_parquet

__all__ = ["FORMATS", "summary_csv"]

type Format = Callable[[xr.DataTree, Path], list[Path]]
"""Writes the summary of a Run to a file, and what belongs beside it; returns what it wrote."""

FORMATS: Final[dict[str, Format]] = {
    "csv": table_csv,
    "parquet": table_parquet,
    "iamc": iamc,
}
"""Formats of a summary by name."""

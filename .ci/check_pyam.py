"""Check that pyam and nomenclature take an exported IAMC table without a complaint.

In an environment of its own, since pyam holds back numpy and brings a GPL package:

    python3 -m venv /tmp/pyam
    /tmp/pyam/bin/python -m pip install pyam-iamc nomenclature-iamc "sqlalchemy<2.1"
    forecast export RUN --to iamc -o table.csv
    /tmp/pyam/bin/python .ci/check_pyam.py table.csv

It ends with exit code 1 where anything warns, is dropped or does not validate.
"""

import csv
import logging
import sys
import warnings
from pathlib import Path

import nomenclature
import pyam

KEYS = ("Model", "Scenario", "Region", "Variable", "Unit")


class Complaint(logging.Handler):
    """Turns a warning in the log into an exception."""

    def emit(self, record: logging.LogRecord) -> None:
        """Refuse a record of level WARNING or above."""
        raise AssertionError(record.getMessage())


def main(path: Path) -> None:
    """Load, describe and validate a table."""
    warnings.simplefilter("error")
    logging.getLogger().addHandler(Complaint(logging.WARNING))
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    data = pyam.IamDataFrame(path)
    data.load_meta(path.with_name(f"{path.stem}.meta.csv"))
    cells = sum(bool(row[key]) for row in rows for key in row if key not in KEYS)
    assert len(data) == cells, f"{len(data)} of {cells} numbers were read"
    for key in KEYS:
        given, read = {row[key] for row in rows}, set(getattr(data, key.lower()))
        assert read == given, f"{key}: read {read ^ given} otherwise"
    for name in ("key", "seed", "draws_per_chain", "forecast_version"):
        assert data.meta[name].notna().all(), f"no {name} in the metadata"
    definitions = path.with_name(f"{path.stem}.definitions")
    structure = nomenclature.DataStructureDefinition(definitions, dimensions=["region", "variable"])
    structure.validate(data)
    print(data)
    print(f"{cells} numbers, {len(data.variable)} variables, {len(data.region)} regions: valid")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""A small page, and the page's own functions run outside a browser."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from forecast.axes import SEGMENTS
from forecast.report.data import Packed, report_data
from forecast.report.page import page

VARIABLES = (*SEGMENTS, "total", "ai", "emissions_location", "unserved")
SOURCE = Path(__file__).parents[2] / "forecast" / "report"


@pytest.fixture(scope="session")
def pack(run: xr.DataTree) -> Packed:
    """200 of the 8 × 32 draws of base and of a policy."""
    return report_data(run, "small", 200, 2_500_000, VARIABLES)


@pytest.fixture(scope="session")
def html(pack: Packed) -> str:
    return page([pack], "A title")


@pytest.fixture(scope="session")
def numbers() -> Callable[..., Any]:
    """Evaluate an expression over the page's `Numbers`, given values by name."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here: the page's functions are not compared with NumPy")

    def evaluate(expression: str, **given: Any) -> Any:
        script = (
            (SOURCE / "numbers.js").read_text(encoding="utf-8")
            + f"\n(async ({', '.join(given)}) => {expression})(...Object.values("
            + "JSON.parse(require('fs').readFileSync(0, 'utf8'))))"
            + ".then((one) => console.log(JSON.stringify(one)))"
        )
        done = subprocess.run(
            [node, "-e", script], input=json.dumps(given), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return evaluate

"""A stored run is loaded, summarised, exported and drawn where there is no JAX."""

import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

from forecast.store import save

BLOCKED = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("jax", "jaxlib"):
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Refuse())
"""

PROGRAM = """
import sys
from pathlib import Path

import numpy as np
from forecast import store
from forecast.analysis.failures import failures
from forecast.analysis.sameness import compare
from forecast.analysis.summary import summary
from forecast.export import DRAWS, FORMATS
from forecast.plots.choice import Choice
from forecast.plots.making import make, save as save_plot
from forecast.plots.table import FIGURES

home = Path(sys.argv[1])
run = store.load(home / "run.nc")
table = summary(run)
stored = run["summary"].to_dataset()
# Draws by region are kept on request alone, so that this table is of the world.
world = stored.isel(row=stored["region"].values == "")
assert table.sizes == world.sizes
for name in ("variable", "year", "mean", "p05", "p50", "p95", "mcse_p50"):
    np.testing.assert_array_equal(table[name].values, world[name].values)
assert int(failures(run)["count"].sum()) == run.attrs["failed"]
assert compare(run, run).identical
for name, one in FORMATS.items():
    first, *_ = one.write(run, home / f"{name}{one.ending}")
    assert first.stat().st_size > 1000
for (name, form), one in DRAWS.items():
    one.write(run, home / f"{name}-{form}{one.ending}")
drawn = [name for name, one in FIGURES.items() if one.data.startswith("forecast.plots.data:")]
choice = Choice(where="crypto[2030] > p60")
for name in [name for name in drawn if FIGURES[name].result == "run"]:
    picture, *_ = save_plot(make(run, name, choice), home / "plots", ["svg"])
    assert picture.stat().st_size > 10_000
assert len(drawn) > 8
store.save(run, home / "again.nc")
assert store.load(home / "again.nc").identical(run)
assert not {"jax", "jaxlib"} & set(sys.modules)
"""


@pytest.fixture
def stored(run: xr.DataTree, tmp_path: Path) -> Path:
    save(run, tmp_path / "run.nc")
    return tmp_path


def _without_jax(code: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-c", BLOCKED + code, str(folder)]
    return subprocess.run(words, capture_output=True, text=True, cwd=folder)


@pytest.mark.slow
def test_the_lower_half_works_without_jax(stored: Path) -> None:
    done = _without_jax(PROGRAM, stored)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_block_of_the_test_above_holds(tmp_path: Path) -> None:
    done = _without_jax("import forecast.api", tmp_path)
    assert done.returncode == 1
    assert "is blocked" in done.stderr

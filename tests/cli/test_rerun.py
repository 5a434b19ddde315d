"""`forecast rerun` on runs as they were stored, and on runs that somebody changed."""

from collections.abc import Callable
from pathlib import Path

import h5py
import pytest
import xarray as xr
from click.testing import Result

import forecast.api
from forecast.store import save

type Call = Callable[..., Result]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory; all that is shipped; no compile cache in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("forecast.cli.cache.use_cache", lambda: None)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A stored run of two scenarios, one of them changed by a setting."""
    run = forecast.api.run(
        "base",
        "base+pue-cap",
        draws=64,
        seed=3,
        settings=["adoption.rate.p50=0.8"],
        prior=True,
    )
    path = tmp_path_factory.mktemp("stored") / "run.nc"
    save(run, path)
    return path.read_bytes()


@pytest.fixture
def stored(file: bytes, tmp_path: Path) -> Path:
    """A copy of it to change."""
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "run.nc").write_bytes(file)
    return folder


def _change(folder: Path, name: str, factor: float) -> None:
    with h5py.File(folder / "run.nc", "r+") as run:
        values = run[name][...]
        # The largest of all, so that the relative difference is that of the factor.
        values[values == values.max()] *= factor
        run[name][...] = values


@pytest.mark.slow
def test_a_stored_run_is_there_again_bit_for_bit(call: Call, stored: Path) -> None:
    result = call("rerun", str(stored), "--check")
    assert result.exit_code == 0
    assert result.stdout == f"{stored}: every number is the same, bit for bit\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["prior_predictive/demand", "prior/adoption.rate"])
def test_changed_numbers_are_noticed(call: Call, stored: Path, name: str) -> None:
    _change(stored, name, 1 / (1 - 1e-3))
    result = call("rerun", str(stored), "--check")
    assert result.exit_code == 3
    assert "not the same to the tolerance of 1e-09: largest relative diff" in result.stderr
    assert f"difference 0.001, in {name}" in result.stderr


@pytest.mark.slow
def test_the_tolerance_is_stated_and_held(call: Call, stored: Path) -> None:
    """And that the code was another."""
    _change(stored, "prior_predictive/demand", 1.001)
    with h5py.File(stored / "run.nc", "r+") as run:
        run.attrs["code_digest"] = "0123456789abcdef"
    result = call("rerun", str(stored / "run.nc"), "--check", "--tolerance", "0.01")
    assert result.exit_code == 0
    assert result.stdout.startswith("code_digest: 0123456789abcdef then, ")
    assert "the same to the tolerance of 0.01" in result.stdout
    without = call("rerun", str(stored), "--tolerance", "0.0001")
    assert without.exit_code == 0
    assert "differs: largest relative difference 0.000999" in without.stdout


@pytest.mark.slow
def test_what_is_no_run_is_refused(refused: Callable[..., str], stored: Path, file: bytes) -> None:
    assert "no run here" in refused("rerun", "nowhere", "--check")
    Path("notes.txt").write_text("nothing")
    assert "not a run, or damaged" in refused("rerun", "notes.txt", "--check")
    (stored / "run.nc").write_bytes(file[: len(file) // 2])
    assert "not a run, or damaged" in refused("rerun", str(stored), "--check")
    xr.Dataset({"value": 1.0}).to_netcdf("other.nc", engine="h5netcdf")
    assert "not a run of forecast" in refused("rerun", "other.nc", "--check")
    (stored / "run.nc").write_bytes(file)
    with h5py.File(stored / "run.nc", "r+") as run:
        run.attrs["scenarios"] = run.attrs["scenarios"].replace("horizon: 2035", "horizon: x")
    assert "horizon" in refused("rerun", str(stored), "--check")

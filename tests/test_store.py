"""The file of a Run: the same numbers back, the same bytes twice, no damage that goes unsaid."""

import contextlib
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from forecast import store
from forecast.files import RUN_FILE


@pytest.fixture(scope="module")
def file(run: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / RUN_FILE
    store.save(run, path)
    return path


@pytest.mark.slow
def test_a_run_comes_back_as_it_was(run: xr.DataTree, file: Path, tmp_path: Path) -> None:
    (tmp_path / RUN_FILE).write_bytes(file.read_bytes())
    loaded = store.load(tmp_path)
    (tmp_path / RUN_FILE).unlink()  # all is in memory
    xr.testing.assert_identical(loaded, run)
    for group, node in run.children.items():
        assert list(loaded[group].data_vars) == list(node.data_vars)
        for name, values in node.data_vars.items():
            found = loaded[group][str(name)]
            assert found.dims == values.dims
            if values.dtype.kind in "fi":
                assert found.dtype == values.dtype, name
                assert found.values.tobytes() == values.values.tobytes(), name


@pytest.mark.slow
def test_the_same_run_is_the_same_bytes(run: xr.DataTree, file: Path, tmp_path: Path) -> None:
    time.sleep(1.1)  # a time in the file would differ by a second
    store.save(store.load(file), tmp_path / "again.nc")
    assert (tmp_path / "again.nc").read_bytes() == file.read_bytes()


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused(file: Path, tmp_path: Path, share: float) -> None:
    content = file.read_bytes()
    harmed = tmp_path / RUN_FILE
    harmed.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"run\.nc: not a run, or damaged"):
        store.load(harmed)


def test_a_damaged_file_is_refused_or_read_and_never_anything_else(tmp_path: Path) -> None:
    tree = xr.DataTree.from_dict(
        {
            "/prior": xr.Dataset({"a.b": (("chain", "draw"), np.ones((2, 3)), {"units": "1"})}),
            "/prior_predictive": xr.Dataset({"demand": (("chain", "draw"), np.ones((2, 3)))}),
            "/sample_stats_prior": xr.Dataset({"status": (("chain", "draw"), np.zeros((2, 3)))}),
            "/summary": xr.Dataset({"variable": ("row", np.array(["total", "ai"]))}),
        }
    )
    tree.attrs["scenarios"] = "name: base\n" * 20
    store.save(tree, tmp_path / RUN_FILE)
    content = (tmp_path / RUN_FILE).read_bytes()
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(60):
        harmed = bytearray(content)
        place = int(rng.integers(len(content)))
        harmed[place : place + 32] = rng.bytes(32)
        (tmp_path / "harmed.nc").write_bytes(harmed)
        # Any other exception than a plain refusal passes through and fails the test.
        with contextlib.suppress(ValueError):
            store.load(tmp_path / "harmed.nc")
            continue
        refused += 1
    assert 10 < refused < 60


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "notes.nc"
    text.write_text("not a run")
    with pytest.raises(ValueError, match="not a run, or damaged"):
        store.load(text)
    other = tmp_path / "other.nc"
    xr.Dataset({"demand": ("year", [1.0, 2.0])}).to_netcdf(other, engine="h5netcdf")
    with pytest.raises(ValueError, match="not a run of forecast"):
        store.load(other)
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(ValueError, match=r"no run here; a run is a folder with run\.nc"):
            store.load(path)


def test_a_save_that_fails_leaves_what_there_was(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / RUN_FILE
    kept.write_bytes(file.read_bytes())
    broken = xr.DataTree(xr.Dataset(attrs={"when": object()}))
    with pytest.raises((TypeError, ValueError)):
        store.save(broken, kept)
    assert kept.read_bytes() == file.read_bytes()
    assert [one.name for one in tmp_path.iterdir()] == [RUN_FILE]


def test_a_run_without_its_outputs_is_refused(run: xr.DataTree, tmp_path: Path) -> None:
    less = run.copy()
    del less["prior_predictive"]
    store.save(less, tmp_path / RUN_FILE)
    with pytest.raises(ValueError, match="a part of the run is missing .* run it again"):
        store.load(tmp_path)

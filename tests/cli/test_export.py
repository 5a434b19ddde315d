import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from forecast.cli.export import FORMS, NAMES
from forecast.export import DRAWS, FORMATS
from forecast.store import save


@pytest.fixture(scope="session")
def saved(run: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The session's run with its summary and few of its variables, so that it loads quickly."""
    whole = run["prior_predictive"].to_dataset()
    less = run.copy(deep=False)
    less["prior_predictive"] = xr.DataTree(whole[["demand", "pue"]])
    for group in ("prior", "constant_data"):
        less[group] = xr.DataTree(run[group].to_dataset()[[next(iter(run[group].data_vars))]])
    path = tmp_path_factory.mktemp("saved") / "run.nc"
    save(less, path)
    return path


@pytest.fixture
def stored(saved: Path, tmp_path: Path) -> Path:
    """A run in a folder of the working directory."""
    folder = tmp_path / "one"
    folder.mkdir()
    shutil.copy(saved, folder / "run.nc")
    (folder / "folder.csv").mkdir()
    return Path("one")


def test_the_words_are_the_librarys() -> None:
    assert tuple(FORMATS) == NAMES
    assert {form for _, form in DRAWS} == set(FORMS)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("csv",), ["summary.csv"]),
        (("parquet",), ["summary.parquet"]),
        (
            ("iamc",),
            [
                "iamc.csv",
                "iamc.meta.csv",
                "iamc.definitions/variable/variables.yaml",
                "iamc.definitions/region/regions.yaml",
            ],
        ),
        (("csv", "--draws", "wide"), ["draws-wide.csv", "draws-wide.columns.csv"]),
        (("parquet", "--draws", "long"), ["draws-long.parquet"]),
    ],
)
def test_what_is_written_is_named(
    ok: Callable[..., str], stored: Path, words: tuple[str, ...], names: list[str]
) -> None:
    said = ok("export", str(stored), "--to", *words).splitlines()
    assert said == [f"one/export/{name}" for name in names]
    assert all(Path(name).stat().st_size for name in said)


def test_the_file_of_a_run_serves_too(ok: Callable[..., str], stored: Path) -> None:
    assert ok("export", "one/run.nc", "--to", "csv") == "one/export/summary.csv\n"
    assert ok("export", "one/run.nc", "--to", "csv", "-o", "x.csv") == "x.csv\n"
    assert Path("x.csv").read_bytes() == Path("one/export/summary.csv").read_bytes()


def test_nothing_is_overwritten_without_force(
    ok: Callable[..., str], refused: Callable[..., str], stored: Path
) -> None:
    # Not even what lies beside the table.
    Path("x.meta.csv").write_text("mine")
    said = refused("export", "one", "--to", "iamc", "-o", "x.csv")
    assert said == "x.meta.csv: is there already; nothing was written (--force replaces it)\n"
    assert not Path("x.csv").exists()
    ok("export", "one", "--to", "iamc", "-o", "x.csv", "--force")
    assert Path("x.meta.csv").read_text().startswith("model,scenario,")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("two", "--to", "csv"), "two: no run here"),
        (("one", "--to", "cvs"), '(did you mean "csv"?)'),
        (("one", "--to", "iamc", "--draws", "long"), "draws go to csv or parquet, not to iamc"),
        (("one", "--to", "csv", "-o", "no/x.csv"), "no/x.csv: there is no folder no"),
        (("one", "--to", "csv", "-o", "one"), "one: expected a file that ends in .csv"),
        (("one", "--to", "csv", "-o", "one/folder.csv"), "one/folder.csv: is a folder"),
        (
            ("one", "--to", "csv", "--draws", "wide", "-o", "x.txt"),
            "x.txt: expected a file that ends in .csv",
        ),
    ],
)
def test_faults_are_told_and_nothing_is_written(
    refused: Callable[..., str], stored: Path, words: tuple[str, ...], message: str
) -> None:
    assert message in refused("export", *words)
    assert [one.name for one in Path().iterdir()] == ["one"]


def test_exporting_needs_no_jax(stored: Path) -> None:
    code = (
        "import sys; from forecast.cli.main import group;"
        "group(['export', 'one', '--to', 'csv'], standalone_mode=False);"
        "import forecast.figures; print({'jax', 'scipy.stats', 'arviz_stats'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "one/export/summary.csv\nset()\n"

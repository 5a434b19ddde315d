import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from forecast.cli.export import FORMS, NAMES
from forecast.export import DRAWS, FORMATS
from forecast.store import save


@pytest.fixture
def stored(run: xr.DataTree, tmp_path: Path) -> Path:
    """The session's run in a folder of the working directory."""
    folder = tmp_path / "one"
    folder.mkdir()
    save(run, folder / "run.nc")
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
        (("one", "--to", "csv", "-o", "one"), "one: is a folder"),
        (("one", "--to", "csv", "--draws", "wide", "-o", "x.txt"), "x.txt: draws go to a file"),
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
        "import forecast.figures; print({'jax', 'scipy.stats', 'pint'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "one/export/summary.csv\nset()\n"

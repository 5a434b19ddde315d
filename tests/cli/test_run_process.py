"""`forecast run` as a user has it: the installed script, its files, and its sudden ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from forecast.axes import SEGMENTS

type Done = subprocess.CompletedProcess[str]
type Process = Callable[..., Done]
type First = tuple[Path, Done]

WORDS = ("run", "base.yaml", "--draws", "60", "--prior")
FILES = {
    "run.nc",
    "summary.csv",
    "scenario.yaml",
    "figures/total.png",
    "figures/total.svg",
    "manifest.json",
    "log.json",
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory; processes see all that is shipped."""
    monkeypatch.chdir(tmp_path)


def _folder(home: Path) -> Path:
    (found,) = (home / "outputs").iterdir()
    return found


def _bytes(folder: Path) -> dict[str, bytes]:
    """Every file but the side file."""
    files = [one for one in folder.rglob("*") if one.is_file() and one.name != "log.json"]
    return {str(one.relative_to(folder)): one.read_bytes() for one in files}


@pytest.fixture
def copied(first: First, tmp_path: Path) -> Path:
    """The working directory, with the first run in it."""
    shutil.copytree(first[0] / "outputs", tmp_path / "outputs")
    return tmp_path


@pytest.mark.slow
def test_a_first_run_says_what_it_does_and_leaves_its_files(first: First) -> None:
    home, done = first
    assert done.returncode == 0
    folder = _folder(home)
    assert folder.name.startswith("base-")
    files = {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}
    assert files == FILES
    lines = done.stdout.splitlines()
    assert lines[0].startswith("base: The whole uncertainty, with ")
    assert "scenarios/base.yaml" in lines[0]
    assert lines[1].startswith("64 draws, rounded up from 60: sobol, 8 randomisations of 8")
    assert "MB on disk" in lines[2]
    assert lines[-2:] == [
        f"result: outputs/{folder.name}",
        f"figure: outputs/{folder.name}/figures/total.png",
    ]
    assert done.stderr == "drawing: 1 of 1 blocks\n"
    assert (folder / "figures" / "total.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (folder / "figures" / "total.svg").read_text()[:1000]
    log = json.loads((folder / "log.json").read_text())
    assert (log["command"], log["draws"]) == ("forecast run base.yaml --draws 60 --prior", 64)


@pytest.mark.slow
def test_the_table_has_a_line_a_year(first: First) -> None:
    totals, segments = first[1].stdout.split("by segment")
    for text in (totals, segments):
        years = [line.split()[0] for line in text.splitlines() if line.strip()[:2] == "20"]
        assert years == [str(year) for year in range(2022, 2036)]
    heads = segments.splitlines()[2]
    assert all(one.replace("_", " ") in heads for one in SEGMENTS)
    assert all(word in totals for word in ("p05", "p50", "p95", "±", "% of world demand"))


@pytest.mark.slow
def test_a_second_run_finds_the_first_and_writes_nothing(copied: Path, process: Process) -> None:
    folder = _folder(copied)
    before = {one: one.stat().st_mtime_ns for one in [folder, *folder.rglob("*")]}
    done = process(copied, *WORDS)
    assert (done.returncode, done.stderr) == (0, "")
    assert "found: computed before with the same key" in done.stdout
    assert f"result: outputs/{folder.name}" in done.stdout
    told = json.loads(process(copied, *WORDS, "--json").stdout)
    assert told["run"] == f"outputs/{folder.name}"
    quiet = process(copied, *WORDS, "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert {one: one.stat().st_mtime_ns for one in [folder, *folder.rglob("*")]} == before


@pytest.mark.slow
def test_a_changed_byte_is_noticed_and_a_damaged_cache_is_silent(
    copied: Path, process: Process, user: dict[str, str]
) -> None:
    """The run is computed again to the same bytes; `--quiet` says nothing at all."""
    folder = _folder(copied)
    before, log = _bytes(folder), (folder / "log.json").stat().st_ino
    damaged = bytearray(before["run.nc"])
    damaged[len(damaged) // 2] ^= 1
    (folder / "run.nc").write_bytes(damaged)
    cache = copied / "cache"
    shutil.copytree(user["XDG_CACHE_HOME"], cache)
    # The model itself stays whole: it alone takes long to compile.
    compiled = [one for one in (cache / "forecast").iterdir() if "_block" not in one.name]
    assert len(compiled) > 6
    for place, one in enumerate(compiled):
        content = one.read_bytes()
        one.unlink()
        if place % 3 == 0:
            one.mkdir()
        else:
            one.write_bytes(b"damaged" if place % 3 == 1 else content[: len(content) // 2])
    done = process(copied, *WORDS, "--quiet", XDG_CACHE_HOME=str(cache))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (folder / "log.json").stat().st_ino != log
    assert _bytes(folder) == before


@pytest.mark.slow
@pytest.mark.parametrize("place", ["file", "file/below", "/proc/nowhere"])
def test_a_cache_that_cannot_be_is_no_matter_for_a_word(tmp_path: Path, place: str) -> None:
    """Neither JAX nor matplotlib, which keeps its fonts there, says anything."""
    (tmp_path / "file").write_text("no folder")
    code = (
        "from forecast.cli.cache import use_cache; use_cache()\n"
        "import jax, matplotlib.font_manager\n"
        "assert jax.config.jax_compilation_cache_dir is None"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / place)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def _start(home: Path, user: dict[str, str], *more: str) -> "subprocess.Popen[str]":
    script = Path(sys.executable).with_name("forecast")
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [script, *WORDS, *more], cwd=home, env=user, stdout=pipe, stderr=pipe, text=True
    )


@pytest.mark.slow
def test_a_killed_run_leaves_nothing_that_looks_finished(
    first: First, tmp_path: Path, process: Process, user: dict[str, str]
) -> None:
    running = _start(tmp_path, user)
    outputs = tmp_path / "outputs"
    end = time.monotonic() + 60
    while running.poll() is None and time.monotonic() < end:
        if outputs.is_dir() and any(outputs.glob(".*/*")):
            running.kill()
            break
        time.sleep(0.002)
    running.communicate()
    assert running.returncode == -signal.SIGKILL, "it was to be killed while it wrote"
    left = list(outputs.iterdir())
    assert left
    assert all(one.name.startswith(".") for one in left)
    assert not any((one / "manifest.json").exists() for one in left)
    done = process(tmp_path, *WORDS)
    assert done.returncode == 0
    assert "found" not in done.stdout
    (folder,) = (one for one in outputs.iterdir() if not one.name.startswith("."))
    assert _bytes(folder) == _bytes(_folder(first[0]))


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["importing", "computing"])
def test_an_interrupted_run_ends_without_traceback(
    first: First, tmp_path: Path, user: dict[str, str], stage: str
) -> None:
    running = _start(tmp_path, user, "--draws", "40000")
    assert running.stdout is not None
    assert running.stderr is not None
    assert running.stdout.readline().startswith("base:")
    if stage == "computing":
        assert running.stderr.readline() == "drawing: 1 of 20 blocks\n"
    else:
        time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert errors.strip() == "interrupted; nothing half-written is left"
    assert not (tmp_path / "outputs").exists()


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--json",)], ids=["table", "json"])
def test_a_reader_that_leaves_early_causes_no_traceback(
    copied: Path, user: dict[str, str], more: tuple[str, ...]
) -> None:
    running = _start(copied, user, *more)
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    errors = running.stderr.read()
    running.stderr.close()
    assert running.wait() in (0, 1)
    assert errors == ""

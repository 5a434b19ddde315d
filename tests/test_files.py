"""Files and folders appear whole or not at all."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from forecast.files import LOG, MANIFEST, RUN_FILE, complete, digest, publish, read_log, written

KEY = "0123456789ab"

KILLED = """\
import os, signal, sys
from pathlib import Path
from forecast.files import publish, written

def fill(partial):
    (partial / "run.nc").write_bytes(b"the whole run")
    (partial / "figures").mkdir()
    if sys.argv[2] == "fill":
        os.kill(os.getpid(), signal.SIGKILL)
    return {"written": "now"}

def write(partial):
    partial.write_bytes(b"half of")
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2] == "written":
    written(Path(sys.argv[1]) / "run.nc", write)
if sys.argv[2] == "exchange":
    # As the last step is about to give the folder its name.
    replace = Path.replace
    def last(self, target):
        if Path(target).name == "base":
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(self, target)
    Path.replace = last
publish(Path(sys.argv[1]) / "base", "0123456789ab", fill)
"""


def fill(partial: Path) -> Mapping[str, Any]:
    (partial / RUN_FILE).write_bytes(b"the whole run")
    (partial / "figures").mkdir()
    (partial / "figures" / "total.svg").write_text("<svg/>")
    return {"written": "2026-01-02T03:04:05Z", "command": "forecast run"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished folder."""
    found = tmp_path / "outputs" / "base"
    publish(found, KEY, fill)
    return found


def test_a_published_folder_is_complete(folder: Path) -> None:
    assert complete(folder, KEY)
    names = {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}
    assert names == {RUN_FILE, "figures/total.svg", MANIFEST, LOG}
    manifest = json.loads((folder / MANIFEST).read_text())
    assert set(manifest["files"]) == {RUN_FILE, "figures/total.svg"}
    assert read_log(folder)["command"] == "forecast run"
    assert [one.name for one in folder.parent.iterdir()] == ["base"]
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_digest_is_that_of_sha256sum(tmp_path: Path) -> None:
    file = tmp_path / "empty"
    file.touch()
    assert digest(file) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def remove(path: Path) -> None:
    path.unlink()


def change_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("harm", [remove, change_a_byte, cut_short])
@pytest.mark.parametrize("name", [RUN_FILE, "figures/total.svg"])
def test_a_folder_with_a_harmed_file_is_not_complete(
    folder: Path, name: str, harm: Callable[[Path], None]
) -> None:
    harm(folder / name)
    assert not complete(folder, KEY)


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        "{}",
        '{"key": "0123456789ab"}',
        '{"key": "0123456789ab", "files": {}}',
        '{"key": "0123456789ab", "files": []}',
        '{"key": "0123456789ab", "files": {"run.nc": null}}',
        '{"key": "0123456789ab", "files": {"run.nc": "00", "figures": "00"}}',
    ],
)
def test_a_broken_manifest_is_not_complete(folder: Path, manifest: str) -> None:
    (folder / MANIFEST).write_text(manifest)
    assert not complete(folder, KEY)


def test_what_is_not_a_finished_run_of_the_key_is_not_complete(
    folder: Path, tmp_path: Path
) -> None:
    assert not complete(folder, "ba9876543210")
    assert not complete(tmp_path / "nowhere", KEY)
    assert not complete(folder / RUN_FILE, KEY)
    (folder / MANIFEST).write_bytes(b"\xff\xfe")
    assert not complete(folder, KEY)
    (folder / MANIFEST).unlink()
    assert not complete(folder, KEY)


def test_the_side_file_belongs_to_no_digest(folder: Path) -> None:
    (folder / LOG).write_text("{}")
    assert complete(folder, KEY)


def test_an_older_folder_is_replaced_whole(folder: Path) -> None:
    (folder / "left.csv").write_text("old")

    def other(partial: Path) -> Mapping[str, Any]:
        (partial / RUN_FILE).write_bytes(b"another")
        return {}

    publish(folder, "another", other)
    assert complete(folder, "another")
    assert {one.name for one in folder.iterdir()} == {RUN_FILE, MANIFEST, LOG}
    assert [one.name for one in folder.parent.iterdir()] == ["base"]


def test_a_failure_leaves_nothing_or_what_there_was(folder: Path) -> None:
    def fails(partial: Path) -> Mapping[str, Any]:
        fill(partial)
        raise RuntimeError("disk full")

    for name in ("base", "new"):
        with pytest.raises(RuntimeError, match="disk full"):
            publish(folder.parent / name, KEY, fails)
    assert complete(folder, KEY)
    assert [one.name for one in folder.parent.iterdir()] == ["base"]


@pytest.mark.parametrize("where", ["fill", "exchange"])
def test_a_killed_run_leaves_nothing_that_looks_finished(tmp_path: Path, where: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), where], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "base").exists()
    assert not complete(tmp_path / "base", KEY)
    # What is left is hidden, and the next run does not stumble over it.
    left = [one.name for one in tmp_path.iterdir()]
    assert left
    assert all(one.startswith(".base.") for one in left)
    publish(tmp_path / "base", KEY, fill)
    assert complete(tmp_path / "base", KEY)


def test_a_run_killed_over_an_older_one_leaves_that(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder.parent), "fill"], check=False)
    assert done.returncode == -signal.SIGKILL
    assert complete(folder, KEY)


def test_a_killed_writer_leaves_no_file_of_the_name(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), "written"], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / RUN_FILE).exists()


def test_a_file_is_written_whole_or_kept(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    written(file, lambda partial: partial.write_text("first"))
    assert file.read_text() == "first"
    assert file.stat().st_mode & 0o777 == 0o644

    def fails(partial: Path) -> None:
        partial.write_text("half of")
        assert file.read_text() == "first"
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        written(file, fails)
    assert file.read_text() == "first"
    assert os.listdir(tmp_path) == ["table.csv"]
    written(file, lambda partial: partial.write_text("second"))
    assert file.read_text() == "second"


def test_the_temporary_file_keeps_its_ending(tmp_path: Path) -> None:
    seen: list[str] = []
    written(tmp_path / "total.png", lambda partial: seen.append(partial.suffix))
    assert seen == [".png"]

"""Files and folders that appear whole or not at all."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

RUN_FILE: Final = "run.nc"
MANIFEST: Final = "manifest.json"
LOG: Final = "log.json"
"""Side file: times and commands, which no digest covers."""


def written(file: Path, write: Callable[[Path], Any]) -> None:
    """Write a file under a temporary name beside it, sync it, and rename it.

    Parameters
    ----------
    file
        Where it shall be.
    write
        Called with the temporary path.
    """
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=file.suffix, dir=file.parent)
    os.close(handle)
    partial = Path(name)
    try:
        write(partial)
        _sync(partial)
        partial.chmod(0o644)
        partial.replace(file)
        _sync(file.parent)
    finally:
        partial.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def publish(folder: Path, key: str, fill: Callable[[Path], Mapping[str, Any]]) -> None:
    """Fill a folder under a temporary name and rename it, so that it appears finished.

    Parameters
    ----------
    folder
        Where it shall be; an older folder of that name is replaced.
    key
        Of the run, written to the manifest with the digest of every file.
    fill
        Writes the files into the path it is given and returns what belongs in the side file
        (times, command), which no digest covers.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        side = fill(partial)
        files = sorted(one for one in partial.rglob("*") if one.is_file())
        digests = {str(one.relative_to(partial)): digest(one) for one in files}
        manifest = {"key": key, "files": digests}
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        (partial / LOG).write_text(json.dumps(side, indent=2) + "\n", encoding="utf-8")
        for one in [*partial.rglob("*"), partial]:
            _sync(one)
        partial.chmod(0o755)
        _exchange(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _exchange(partial: Path, folder: Path) -> None:
    old = folder.with_name(f"{partial.name}.old")
    with suppress(FileNotFoundError):
        folder.replace(old)
    partial.replace(folder)
    _sync(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def complete(folder: Path, key: str, main: str = RUN_FILE) -> bool:
    """Whether a folder holds a finished result of this key, every file as it was written."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"].items()
        same = all(digest(folder / name) == known for name, known in files)
        return bool(manifest["key"] == key and main in manifest["files"] and same)
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False


def read_log(folder: Path) -> dict[str, Any]:
    """Side file of a run: when and how it was made, draws and failures."""
    found: dict[str, Any] = json.loads((folder / LOG).read_text(encoding="utf-8"))
    return found

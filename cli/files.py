"""Writing a text file in one piece, and never over another by accident."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from forecast.errors import shown

from .options import Faults


def write_new(path: Path, text: str, *, force: bool = False) -> None:
    """Write a text file under its name only when it is complete.

    Parameters
    ----------
    path : Path
    text : str
    force : bool
        Whether a file that is there may be replaced.

    Raises
    ------
    Faults
        Where there is such a file already, or none can be written there.
    """
    told = shown(path)
    if path.is_dir():
        raise Faults(f"{told}: is a folder, expected the name of a file")
    if path.exists() and not force:
        raise Faults(f"{told}: is there already; nothing was written (--force replaces it)")
    if not path.parent.is_dir():
        raise Faults(f"{told}: no such folder {shown(path.parent)}; nothing was written")
    with NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as stream:
        try:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
            # A temporary file is private; a scenario is as readable as any other file.
            os.chmod(stream.name, 0o666 & ~_umask())
            os.replace(stream.name, path)
        except BaseException:
            os.unlink(stream.name)
            raise


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask

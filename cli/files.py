"""Writing a text file in one piece, and never over another by accident."""

from pathlib import Path

from .options import Faults


def write_new(path: Path, text: str, *, force: bool = False) -> None:
    """Write a text file that bears its name only when it is complete.

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
    from forecast.errors import shown
    from forecast.files import written

    told = shown(path)
    if path.is_dir():
        raise Faults(f"{told}: is a folder, expected the name of a file")
    if path.exists() and not force:
        raise Faults(f"{told}: is there already; nothing was written (--force replaces it)")
    if not path.parent.is_dir():
        raise Faults(f"{told}: there is no folder {shown(path.parent)}; nothing was written")
    written(path, lambda part: part.write_text(text, encoding="utf-8", newline="\n"))

"""What is wrong with a user's files: one error a fault, and all of them together."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True, slots=True)
class InputError:
    """One fault in one file.

    Attributes
    ----------
    file : str
        As shown to the user: a path, or `--set`.
    line, column : int
        Counted from one; zero where the fault is of the file as a whole.
    path : str
        Dotted path of the key inside the file, `rate.p05`; may be empty.
    problem : str
        What is wrong, and what was expected.
    hint : str
        The nearest thing that would have been right; may be empty.
    """

    file: str
    line: int
    column: int
    path: str
    problem: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        path = f" {self.path}:" if self.path else ""
        hint = f' (did you mean "{self.hint}"?)' if self.hint else ""
        return f"{place}:{path} {self.problem}{hint}"


class InputErrors(Exception):
    """All faults that were found in one pass over the user's files.

    Parameters
    ----------
    errors : iterable of InputError
        In any order; they are sorted by file and line, and told once each.

    Attributes
    ----------
    errors : tuple of InputError
    """

    def __init__(self, errors: Iterable[InputError]) -> None:
        self.errors: tuple[InputError, ...] = tuple(sorted(set(errors)))
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))


def shown(path: Path) -> str:
    """Path as a user would type it: relative where it lies below the working directory.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
    """
    absolute = path.absolute()
    here = Path.cwd()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else absolute)


class Refusal(Exception):
    """A result that was computed and is not delivered, with the reason."""

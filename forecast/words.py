"""The words of a small grammar, taken one by one, each fault told by its column."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

RELATIONS: Final = ("<=", ">=", "<", ">")
NAME: Final = r"[A-Za-z_]\w*"
NUMBER: Final = r"\d[\d.]*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?"
UNIT: Final = r"[A-Za-z%][\w%]*|[/*]|1"

_TOKEN: Final = re.compile(
    r"[A-Za-z_][\w.]*|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|<=|>=|\S"
)


class Words:
    """The words of a text, taken one by one; lives for one parse."""

    def __init__(self, text: str, example: str) -> None:
        self.found = [(one.group(), one.start() + 1) for one in _TOKEN.finditer(text)]
        self.end = len(text) + 1
        self.example = example

    def peek(self) -> tuple[str, int]:
        """Word that comes next, and its column; an empty one at the end."""
        return self.found[0] if self.found else ("", self.end)

    def next_is(self, pattern: str) -> bool:
        """Whether the next word is of a pattern."""
        return bool(re.fullmatch(pattern, self.peek()[0]))

    def take(self, pattern: str, expected: str) -> tuple[str, int]:
        """Take the next word.

        Parameters
        ----------
        pattern
            That it must match.
        expected
            The same in words, for the message.

        Returns
        -------
        str, int
            The word and its column.

        Raises
        ------
        ValueError
            With the column, what was expected and what was there.
        """
        word, column = self.peek()
        if not re.fullmatch(pattern, word):
            got = f'"{word}"' if word else "the end"
            raise ValueError(
                f"column {column}: expected {expected}, got {got} (as in {self.example!r})"
            )
        return self.found.pop(0)

    def end_here(self) -> None:
        """Refuse anything that follows.

        Raises
        ------
        ValueError
        """
        if self.found:
            self.take("", "the end")

    def separated(self, by: str = "and") -> bool:
        """Whether another part follows, behind a word that parts them.

        Raises
        ------
        ValueError
            If something else follows.
        """
        if not self.found:
            return False
        self.take(by, f'"{by}" or the end')
        return True


def trailing_unit(words: Words) -> str:
    """Take the unit behind a number, empty where there is none.

    Raises
    ------
    ValueError
    """
    parts = []
    while words.found and not words.next_is("and"):
        parts.append(words.take(UNIT, '"and" or the end')[0])
    return "".join(parts)


def unknown(column: int, what: str, got: str, known: Iterable[str]) -> str:
    """Say that a word names nothing, and what it may have meant."""
    names = list(known)
    near = get_close_matches(got, names, n=1)
    hint = f' (did you mean "{near[0]}"?)' if near else ""
    return f'column {column}: no {what} "{got}", expected one of {", ".join(names)}{hint}'

"""What is refused before the YAML parser sees it: what could make it slow, deep or misleading."""

import re
from pathlib import Path
from typing import Final

from forecast.errors import shown
from forecast.spec.faults import Faults, nearest

MAX_BYTES: Final = 1 << 20
"""Largest file that is read: 1 MiB, a hundred times the largest that is shipped."""

MAX_DEPTH: Final = 64
"""Deepest nesting that is read."""

_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]"
)
_TABBED: Final = re.compile(r"^ *\t[ \t]*(?=[^ \t\r\n])", re.MULTILINE)
_LEADER: Final = re.compile(r"^(?:[ ]|[-?:](?=[ ]))+", re.MULTILINE)
_BLOCK_TEXT: Final = re.compile(r"(?:^|[:?-] )[ ]*[|>][+-]?[1-9]?[+-]?[ ]*(?:[ ]#.*)?$")
_FLOW: Final = re.compile(
    r""" "(?:[^"\\]|\\.)*" | '(?:[^']|'')*' | (?:^|\s)\#[^\n]*
    | [\[{\]},] | [:?-](?=\s) | \n | \S """,
    re.VERBOSE | re.DOTALL,
)


def read_text(path: Path, faults: Faults) -> str | None:
    """Text of a file, or None where it is refused unparsed.

    Parameters
    ----------
    path : Path
    faults : Faults
        Receives: missing or unreadable file, folder, over 1 MiB, not UTF-8, control characters,
        tabs as indentation, nesting above 64 levels.

    Returns
    -------
    str or None
    """
    file = shown(path)
    if path.is_dir():
        faults.file(file, "is a folder, expected a YAML file")
        return None
    if not path.exists():
        siblings = [other.name for other in path.parent.glob("*.yaml")]
        faults.file(file, "no such file", hint=nearest(path.name, siblings))
        return None
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        faults.file(file, f"cannot be read: {error.strerror}")
        return None
    if len(data) > MAX_BYTES:
        faults.file(file, "larger than 1 MiB; a scenario or prior file holds a few kilobytes")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = _place(before, len(before))
        problem = f"not UTF-8: byte 0x{data[error.start]:02x}; save the file as UTF-8"
        faults.file(file, problem, line, column)
        return None
    return text if accepted(text, file, faults) else None


def accepted(text: str, file: str, faults: Faults, *, start: tuple[int, int] = (1, 1)) -> bool:
    """Whether text may be handed to the parser.

    Parameters
    ----------
    text : str
    file : str
        As shown to the user.
    faults : Faults
        Receives control characters, tabs as indentation, nesting above 64 levels.
    start : line and column
        Of the first character of the text in `file`.

    Returns
    -------
    bool
    """
    before = len(faults)
    if found := _FORBIDDEN.search(text):
        name = "NUL byte" if found[0] == "\0" else f"control character U+{ord(found[0]):04X}"
        faults.file(file, f"{name} in the text", *_place(text, found.start(), start))
    for found in _TABBED.finditer(text):
        line, column = _place(text, found.start() + found[0].index("\t"), start)
        faults.file(file, "tab used for indentation; use spaces", line, column)
    if deep := _too_deep(text):
        faults.file(
            file, f"nested more than {MAX_DEPTH} levels deep", deep + start[0] - 1, start[1]
        )
    return len(faults) == before


def _place(text: str, position: int, start: tuple[int, int] = (1, 1)) -> tuple[int, int]:
    """Line and column of a position in a text that starts at a place."""
    lines = text.count("\n", 0, position)
    column = position - (text.rfind("\n", 0, position) + 1)
    return start[0] + lines, column + (1 if lines else start[1])


def _too_deep(text: str) -> int:
    """Line at which the nesting passes the limit; zero where it does not.

    Counts levels of indentation and open brackets, leaving out quoted and block text and
    comments. It only has to be right about what could hurt: the reader counts again, exactly.
    """
    brackets = text.count("[") + text.count("{")
    indent = max((found.end() - found.start() for found in _LEADER.finditer(text)), default=0)
    # An indentation of n columns holds at most 2 n + 1 block levels (a list may stand at the
    # column of its key), so ordinary files stop here.
    if brackets + 2 * indent + 1 <= MAX_DEPTH:
        return 0
    kept = _without_block_text(text)
    return _deep_line(kept) or _deep_bracket(kept)


def _without_block_text(text: str) -> list[str]:
    """Lines, with the content of literal and folded text (`|`, `>`) emptied."""
    lines: list[str] = []
    above = -1
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        if above >= 0 and (not line.strip() or indent > above):
            lines.append("")
            continue
        above = indent if _BLOCK_TEXT.search(line.rstrip("\r")) else -1
        lines.append(line)
    return lines


def _deep_line(lines: list[str]) -> int:
    """First line whose own indentation stacks above the limit, counting `- - -` as levels."""
    columns: list[int] = []
    for number, line in enumerate(lines, start=1):
        found = _LEADER.match(line)
        leader = found[0] if found else ""
        body = line[len(leader) :]
        if not body.strip() or body.startswith("#"):
            continue
        starts = [place for place, sign in enumerate(leader) if sign != " "] + [len(leader)]
        while columns and columns[-1] >= starts[0]:
            columns.pop()
        columns.extend(starts)
        if len(columns) > MAX_DEPTH:
            return number
    return 0


def _deep_bracket(lines: list[str]) -> int:
    """First line at which more brackets than the limit are open."""
    depth, number, opens = 0, 1, True
    for found in _FLOW.finditer("\n".join(lines)):
        token = found[0]
        if token in "[{":
            # Outside a flow collection a bracket opens one only where a value may start.
            depth += 1 if opens or depth else 0
            if depth > MAX_DEPTH:
                return number
        elif token in "]}":
            depth = max(depth - 1, 0)
        opens = token in ("\n", ":", "?", "-") or (depth > 0 and token in ("[", "{", ","))
        number += token.count("\n")
    return 0

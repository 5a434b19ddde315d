from pathlib import Path

import pytest

from forecast.errors import InputErrors
from forecast.spec.faults import Faults
from forecast.spec.guard import MAX_BYTES, accepted, read_text


def told(data: bytes | None) -> str:
    """What is said of a file of these bytes; of a folder, for None."""
    path = Path("world.yaml")
    if data is None:
        path.mkdir()
    else:
        path.write_bytes(data)
    faults = Faults()
    assert read_text(path, faults) is None
    with pytest.raises(InputErrors) as caught:
        faults.raise_any()
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, "world.yaml: is a folder, expected a YAML file"),
        (b"a: caf\xe9\n", "world.yaml:1:7: not UTF-8: byte 0xe9; save the file as UTF-8"),
        (b"a: 1\nb: \xc3\xa9\xff", "world.yaml:2:5: not UTF-8: byte 0xff; save the file as UTF-8"),
        (b"\xff\xfea\x00", "world.yaml:1:1: not UTF-8: byte 0xff; save the file as UTF-8"),
        (b"a: 1\nb: \x00\n", "world.yaml:2:4: NUL byte in the text"),
        (b"a:\n \tb: 1\n", "world.yaml:2:2: tab used for indentation; use spaces"),
    ],
)
def test_refused_unparsed(data: bytes | None, expected: str) -> None:
    assert told(data) == expected


def test_size_is_refused_above_one_mebibyte() -> None:
    path = Path("world.yaml")
    path.write_bytes(b"#" * MAX_BYTES)
    assert read_text(path, Faults()) is not None
    assert "larger than 1 MiB" in told(b"#" * (MAX_BYTES + 1))


def test_byte_order_mark_is_no_text() -> None:
    Path("world.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_text(Path("world.yaml"), Faults()) == "a: 1\n"


def deep(text: str) -> bool:
    return not accepted(text, "x.yaml", Faults())


@pytest.mark.parametrize(
    "text",
    [
        "[" * 65,
        "a: " + "{b: " * 65,
        "a:\n" + "".join("  " * i + "- b:\n" for i in range(65)),
        "- " * 66 + "1",
        "? " * 66 + "1",
        "\n".join(" " * i + "a:" for i in range(70)),
        "a: [\n" + "[\n" * 70,
        'a: "quoted" \nb: ' + "[" * 80,
    ],
)
def test_deep_nesting_is_seen_without_parsing(text: str) -> None:
    assert deep(text)


@pytest.mark.parametrize(
    "text",
    [
        f"why: '{'[' * 200}'",
        f'why: "{"{" * 200}"',
        f"why: |\n  {'[' * 200}\n  {'{' * 200}\n",
        f"why: >-\n  {'[' * 200}\nb: 1",
        f"a: 1  # {'[' * 200}",
        "\n".join(f"a{i}: [1, [2, 3]]" for i in range(500)),
        "\n".join(f"a{i}: it's [1], {{see}} [2" for i in range(500)),
        "a: text\n" + " " * 200 + "# an indented comment\n",
        "a: text\n" + " " * 200 + "goes on",
        "[" * 64 + "]" * 64,
    ],
)
def test_ordinary_text_is_never_taken_for_nesting(text: str) -> None:
    assert not deep(text)


def test_a_large_file_of_quotes_is_scanned_in_no_time() -> None:
    # Quadratic scanning of these would take minutes.
    for text in ("'\n" * 200_000, '["' * 200_000, "[\\'" * 100_000, "a: |\n" * 100_000):
        accepted(text, "x.yaml", Faults())

import io
import json
import math
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from ruamel.yaml import YAML

from forecast.errors import InputErrors
from forecast.spec.faults import Faults
from forecast.spec.node import Node
from forecast.spec.yaml import parse, read


def parsed(text: str, **options: Any) -> Node:
    faults = Faults()
    node = parse(text, "x.yaml", faults, **options)
    faults.raise_any()
    assert node is not None
    return node


def refused(text: str) -> str:
    with pytest.raises(InputErrors) as caught:
        parsed(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e9", 1e9),
        ("1.5E-3", 0.0015),
        (".5", 0.5),
        ("-7", -7),
        ("+7", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("017", 17),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("2024-01", "2024-01"),
        ("2024-01-31", "2024-01-31"),
        ("2024", 2024),
        ("16_384", "16_384"),
        ("12:30", "12:30"),
        ("'7'", "7"),
        ('"true"', "true"),
        ("1/yr", "1/yr"),
        ("nan", "nan"),
        ("1e5x", "1e5x"),
    ],
)
def test_plain_words_mean_what_yaml_1_2_says(text: str, value: Any) -> None:
    found = parsed(f"a: {text}").plain()["a"]
    assert found == value
    assert type(found) is type(value)


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab_ {[:#", min_size=1), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), plain, min_size=1))
def test_json_is_yaml_and_reads_as_json_does(data: dict[str, Any]) -> None:
    assert parsed(json.dumps(data, ensure_ascii=False)).plain() == data


words = st.from_regex(r"[A-Za-z][A-Za-z0-9_/ é-]{0,20}[A-Za-z]", fullmatch=True).filter(
    lambda word: word.lower() not in ("null", "true", "false")
)
block = st.recursive(
    st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(words, inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(words, block, min_size=1))
def test_block_style_reads_as_it_was_emitted(data: dict[str, Any]) -> None:
    stream = io.StringIO()
    emitter = YAML(typ="safe", pure=True)
    emitter.default_flow_style = False
    emitter.dump(data, stream)
    assert parsed(stream.getvalue()).plain() == data


def test_every_key_and_value_knows_its_place() -> None:
    root = parsed("a:\n  b: 1\n  c: [x,\n    {d: 2}]\n'e f':\n  long text\n  goes on\n")
    places = {path: (n.key_line, n.key_column, n.line, n.column) for path, n in root.leaves("")}
    assert places == {"a.b": (2, 3, 2, 6), "a.c": (3, 3, 3, 6), "e f": (5, 1, 6, 3)}
    inner = root.find(("a", "c", 1, "d"))
    assert (inner.value, inner.line, inner.column, inner.path) == (2, 4, 9, "a.c[1].d")


def test_text_from_elsewhere_is_placed_there() -> None:
    node = parsed("{p05: 1}", start=(3, 15)).mapping()["p05"]
    assert (node.key_line, node.key_column, node.column) == (3, 16, 21)


def test_all_faults_of_a_file_are_told_at_once() -> None:
    told = refused("a: &x 1\nb: *x\nc: !t 2\nc: 3\n<<: {d: 1}\ne: .nan\nf: -.inf\ng: [1, .inf]\n")
    lines = [line.split(":", 3) for line in told.split("\n")]
    assert [(int(line), int(column)) for _, line, column, _ in lines] == [
        (1, 4), (2, 4), (3, 4), (4, 1), (5, 1), (6, 4), (7, 4), (8, 8)
    ]  # fmt: skip


def test_depth_is_counted_exactly() -> None:
    assert parsed("[" * 64 + "]" * 64)
    assert "64 levels" in refused("[" * 65 + "]" * 65)
    assert "64 levels" in refused("\n".join(" " * i + "a:" for i in range(66)))


def test_a_thousand_levels_do_not_reach_the_stack() -> None:
    assert "64 levels" in refused("a: " + "{b: [" * 5000)


def test_numbers_too_large_are_refused_not_infinite() -> None:
    assert "too large" in refused("a: 1e400")
    assert parsed("a: 1e308").plain()["a"] == 1e308
    assert not math.isinf(parsed("a: 1e-400").plain()["a"])


def test_digits_without_end_do_not_raise() -> None:
    assert refused("a: " + "9" * 5000) == f"x.yaml:1:4: a: {'9' * 40}: too large for a number"


def test_missing_file_names_its_nearest_sibling() -> None:
    Path("worlds.yaml").write_text("a: 1\n")
    faults = Faults()
    assert read(Path("world.yaml"), faults) is None
    with pytest.raises(InputErrors, match='no such file .did you mean "worlds.yaml"'):
        faults.raise_any()

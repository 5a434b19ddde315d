import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_a_new_world_is_valid_and_changes_nothing(ok: Callable[..., str]) -> None:
    assert ok("init", "my-world") == "my-world.yaml\n"
    assert ok("validate", "my-world.yaml").startswith("my-world.yaml: valid (")
    assert ok("diff", "base", "my-world.yaml").startswith("no difference")
    assert [file.name for file in Path().iterdir()] == ["my-world.yaml"]


def test_a_new_policy_is_valid_and_changes_nothing(ok: Callable[..., str]) -> None:
    ok("init", "my-policy", "--policy")
    assert ok("validate", "my-policy.yaml").startswith("my-policy.yaml: valid over base (")
    assert ok("diff", "base", "base+my-policy.yaml").startswith("no difference")


def test_a_policy_may_extend_a_policy(ok: Callable[..., str]) -> None:
    ok("init", "tighter", "--policy", "--extends", "pue-cap")
    assert "extends: pue-cap\n" in Path("tighter.yaml").read_text()
    assert ok("diff", "base+pue-cap", "base+tighter.yaml").startswith("no difference")


def test_a_world_may_extend_a_file(ok: Callable[..., str]) -> None:
    ok("init", "first")
    text = Path("first.yaml").read_text()
    Path("first.yaml").write_text(re.sub(r"(?m)^    p50: .*$", "    p50: 0.8", text))
    ok("init", "second", "--extends", "first.yaml")
    assert "    p50: 0.8\n" in Path("second.yaml").read_text()
    assert ok("diff", "first.yaml", "second.yaml").startswith("no difference")


def test_what_is_commented_out_is_valid_too(ok: Callable[..., str]) -> None:
    ok("init", "my-world")
    text = Path("my-world.yaml").read_text()
    head, levers, tail = re.split(r"(?m)^(?=# levers:)|^(?=# How the draws)", text)
    Path("levers.yaml").write_text(head + re.sub(r"(?m)^# ", "", levers) + tail)
    assert re.search(r"(?m)^levers:\n  adoption\.", Path("levers.yaml").read_text())
    keys = re.sub(r"(?m)^( *)# (draws|method|horizon|vintage):", r"\1\2:", text)
    Path("keys.yaml").write_text(keys)
    assert keys.count("\nhorizon:") == keys.count("\n  draws:") == 1
    assert ok("diff", "levers.yaml", "keys.yaml").startswith("no difference")


@pytest.mark.parametrize("which", [0, 1])
def test_the_alternatives_are_valid_in_place_of_the_override(
    ok: Callable[..., str], which: int
) -> None:
    ok("init", "my-world")
    text = Path("my-world.yaml").read_text()
    other = re.findall(r"(?m)^  # (adoption\.rate: .*)$", text)[which]
    changed, count = re.subn(r"(?m)^  adoption\.rate:\n    p50: .*$", f"  {other}", text)
    assert count == 1
    Path("my-world.yaml").write_text(changed)
    said = ok("diff", "base", "my-world.yaml")
    assert "adoption.rate.family" in said


def test_the_comment_tells_the_register(
    ok: Callable[..., str], raw_priors: dict[str, dict[str, Any]]
) -> None:
    ok("init", "my-world")
    rate = raw_priors["adoption.rate"]
    values = ", ".join(f"{key} {rate[key]:g}" for key in ("p05", "p50", "p95"))
    assert f"# So far: {values}" in Path("my-world.yaml").read_text()


def test_nothing_is_overwritten_without_force(
    ok: Callable[..., str], refused: Callable[..., str]
) -> None:
    Path("mine.yaml").write_text("precious")
    assert refused("init", "mine") == (
        "mine.yaml: is there already; nothing was written (--force replaces it)\n"
    )
    assert Path("mine.yaml").read_text() == "precious"
    ok("init", "mine", "--force")
    assert Path("mine.yaml").read_text().startswith("# A world")
    assert len(list(Path().iterdir())) == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["My World"], '(did you mean "my-world"?)'),
        (["a/b"], "without a folder"),
        (["base"], "a shipped scenario has this name"),
        (["mine", "--extends", "bse"], 'bse: no such scenario (did you mean "base"?)'),
        (["mine", "--extends", "pue-cap"], "add --policy"),
        (["mine", "--extends", "base", "--policy"], "a policy cannot extend it"),
        (["mine", "--extends", "base+pue-cap"], "without +"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(
    refused: Callable[..., str], args: list[str], said: str
) -> None:
    assert said in refused("init", *args)
    assert not list(Path().iterdir())

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

RATE = "inputs:\n  adoption.rate: {p50: 0.8}\n"


def test_a_change_stands_beside_the_register(
    ok: Callable[..., str], world: Callable[[str], Path], raw_priors: dict[str, dict[str, Any]]
) -> None:
    world(RATE)
    rate = raw_priors["adoption.rate"]
    ends = f"p05 {rate['p05']:g}, p50 {{}}, p95 {rate['p95']:g}"
    said = ok("show", "mine.yaml")
    row = next(line for line in said.splitlines() if line.startswith("adoption.rate"))
    cells = re.split(r"  +", row)
    assert cells == [
        "adoption.rate",
        ends.format(f"{rate['p50']:g}"),
        ends.format("0.8"),
        "1/yr",
        "mine.yaml:4",
    ]
    assert said.count("adoption.") == 1
    assert said.startswith("mine: Mine\n")


def test_nothing_changed_is_said(ok: Callable[..., str]) -> None:
    assert ok("show", "base").endswith("Every input is as in the register; none is changed.\n")


def test_the_vintage_is_shown_with_its_date(ok: Callable[..., str]) -> None:
    assert "iea-2026, what was known on 2026-11-30; 0 inputs of its own" in ok("show", "base")


def test_a_setting_is_shown_with_its_origin(ok: Callable[..., str]) -> None:
    found = json.loads(ok("show", "base", "--set", "crypto.restriction=0.5", "--json"))
    (change,) = found["changes"]
    assert change["input"] == "crypto.restriction"
    assert (change["role"], change["unit"]) == ("lever", "1")
    assert (change["register"]["value"], change["scenario"]["value"]) == (0, 0.5)
    assert change["origin"] == ["--set"]


def test_inputs_are_chosen_by_block_or_pattern(
    ok: Callable[..., str], raw_priors: dict[str, dict[str, Any]]
) -> None:
    def shown(pattern: str) -> list[str]:
        changes = json.loads(ok("show", "base", "--inputs", pattern, "--json"))["changes"]
        return [change["input"] for change in changes]

    assert shown("crypto") == [name for name in raw_priors if name.startswith("crypto.")]
    assert shown("*_start") == [name for name in raw_priors if name.endswith("_start")]


def test_an_unknown_pattern_is_refused(refused: Callable[..., str]) -> None:
    assert 'did you mean "crypto"?' in refused("show", "base", "--inputs", "cripto")


def test_the_resolved_scenario_is_all_there_is(
    ok: Callable[..., str], world: Callable[[str], Path], raw_priors: dict[str, dict[str, Any]]
) -> None:
    world(RATE)
    found = YAML(typ="safe", pure=True).load(ok("show", "mine.yaml", "--resolved"))
    assert found["priors"].keys() == raw_priors.keys()
    for name, entry in raw_priors.items():
        expected = {**entry, "p50": 0.8} if name == "adoption.rate" else entry
        told = found["priors"][name]
        assert {key: told[key] for key in expected} == {**expected, "as_of": str(entry["as_of"])}


def test_origins_stand_beside_the_values(
    ok: Callable[..., str], world: Callable[[str], Path]
) -> None:
    world(RATE)
    said = ok("show", "mine.yaml", "--resolved", "--origin", "--set", "sampling.seed=5")
    assert re.search(r"^    p50: 0\.8  # mine\.yaml:4$", said, re.M)
    assert re.search(r"^  seed: 5  # --set$", said, re.M)
    assert re.search(r"^    p05: \S+  # \S*priors/adoption\.yaml:\d+$", said, re.M)
    assert "#" not in ok("show", "mine.yaml", "--resolved").partition("\n")[2]


def test_a_policy_alone_is_shown_over_base(ok: Callable[..., str]) -> None:
    assert ok("show", "pue-cap", "--json") == ok("show", "base+pue-cap", "--json")
    assert '"conventional.pue_cap"' in ok("show", "pue-cap", "--json")


def test_a_changed_dependence_is_shown(
    ok: Callable[..., str], world: Callable[[str], Path]
) -> None:
    world("inputs:\n  adoption.length_fade: 0.3\ndependence: []\n")
    changes = json.loads(ok("show", "mine.yaml", "--json"))["changes"]
    assert changes[0]["input"] == "adoption.length_fade"
    assert {change["role"] for change in changes[1:]} == {"dependence"}


def test_a_terminal_without_a_sign_gets_a_question_mark() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("forecast"), "show", "base", "--set", "title=to → fro"],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("base: to ? fro\n")

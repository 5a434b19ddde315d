import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


def _completed(*words: str) -> list[str]:
    """What the installed script offers bash for the last word."""
    environment = {
        **os.environ,
        "_FORECAST_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("forecast", *words)),
        "COMP_CWORD": str(len(words)),
    }
    script = Path(sys.executable).with_name("forecast")
    done = subprocess.run([script], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_scenarios_complete_with_names_and_files() -> None:
    Path("basin.yaml").write_text("title: x\n")
    Path("other.txt").write_text("")
    assert {"base", "basin.yaml"} <= set(_completed("validate", "ba"))
    assert "other.txt" not in _completed("validate", "o")


def test_behind_a_plus_policies_complete() -> None:
    Path("mine.yaml").write_text("title: x\nlevers: {crypto.restriction: 1}\nsource: judgement\n")
    found = _completed("show", "base+")
    assert {"base+mine.yaml", "base+pue-cap"} <= set(found)
    assert "base+base" not in found


def test_words_and_commands_complete() -> None:
    assert _completed("list", "in") == ["inputs"]
    assert _completed("vali") == ["validate"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_script_completes_in_bash(ok: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "forecast.bash").write_text(ok("completion", "bash"))
    lines = (
        "source ./forecast.bash; COMP_WORDS=(forecast validate bas); COMP_CWORD=2; "
        '_forecast_completion forecast; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", lines],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["base"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(ok: Callable[..., str], shell: str) -> None:
    assert f"_FORECAST_COMPLETE={shell}_complete" in ok("completion", shell)


def test_the_shell_is_found_or_asked_for(
    ok: Callable[..., str], refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert ok("completion") == ok("completion", "fish")
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert "say which shell: bash, zsh, fish" in refused("completion")
    assert '(did you mean "bash"?)' in refused("completion", "bsh")

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from forecast.cli.main import TASKS

NO_RUN = ("init", "validate", "show", "diff", "list", "schema", "completion")
"""Commands that need no run of the model."""


def _examples(text: str) -> list[str]:
    marked = (line.strip() for line in text.splitlines())
    return [line.removeprefix("Example: ") for line in marked if line.startswith("Example: ")]


@pytest.mark.parametrize("name", NO_RUN)
def test_the_example_of_each_command_works(ok: Callable[..., str], name: str) -> None:
    examples = _examples(ok(name, "--help"))
    assert examples
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for example in examples:
        assert example.startswith(f"forecast {name}")
        done = subprocess.run(
            example,
            shell=True,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_help_groups_every_command_by_task(ok: Callable[..., str]) -> None:
    said = ok("--help")
    for task, commands in TASKS.items():
        section = said.partition(f"\n{task}:\n")[2].partition("\n\n")[0]
        assert [line.split()[0] for line in section.splitlines()] == list(commands)


def test_a_misspelt_command_is_named(refused: Callable[..., str]) -> None:
    assert 'no command "vaildate"; did you mean "validate"?' in refused("vaildate")

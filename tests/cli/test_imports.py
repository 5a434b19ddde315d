import subprocess
import sys

import pytest

BLOCKED = ("jax", "xarray", "scipy", "pandas", "matplotlib", "pint", "arviz_base", "pyarrow")

PROGRAM = f"""
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED}:
            raise ImportError(f"{{name}} was imported")

sys.meta_path.insert(0, Refuse())
from forecast.cli.main import called

for words in sys.argv[1].split(";"):
    if code := called(words.split()):
        sys.exit(f"{{words}}: {{code}}")
print("all done", file=sys.stderr)
"""
COMMANDS = (
    "--help",
    "--version",
    "validate base.yaml",
    "validate",
    "show base --resolved",
    "show pue-cap",
    "list scenarios",
    "list inputs",
    "list levers",
    "list families",
    "list designs",
    "diff base base+pue-cap",
    "init mine",
    "init mine-too --policy",
    "schema scenario",
    "schema observations",
    "completion bash",
)


def _run(commands: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, commands], capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_no_command_imports_what_only_a_run_needs() -> None:
    done = _run(";".join(COMMANDS))
    assert (done.returncode, done.stderr) == (0, "all done\n")


def test_the_guard_of_the_test_above_holds() -> None:
    done = _run("list outputs")
    assert done.returncode != 0
    assert "was imported" in done.stderr

"""The command line as a user has it, on three blocks of the shipped priors and two scenarios.

The installed script, run as a process of its own, sees all that is shipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from forecast import shipped
from forecast.cli.main import group

BASE = """\
title: All of it
vintage: iea-2026
sampling: {seed: 1}
source: definition
"""
PUE_CAP = """\
title: A cap
levers:
  conventional.pue_cap: {value: {hyperscale: 1.3, colocation: 1.3, enterprise: 1.3}}
source: definition
"""
DEPENDENCE = """\
- name: use
  pairs:
    - {between: [adoption.length_growth, adoption.length_fade], kendall: 0.4}
  source: judgement
  as_of: 2026-11
  grade: D
  why: a test
"""


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `priors` and `scenarios`, small so that reading them takes little time."""
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(shipped.observations(), folder / "priors" / "observations")
    for block in ("adoption", "conventional", "crypto"):
        shutil.copy(shipped.priors() / f"{block}.yaml", folder / "priors")
    (folder / "priors" / "dependence.yaml").write_text(DEPENDENCE)
    # Those of earlier dates declare inputs of blocks that are not here.
    (folder / "priors" / "vintages").mkdir()
    shutil.copy(shipped.priors() / "vintages" / "iea-2026.yaml", folder / "priors" / "vintages")
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "base.yaml").write_text(BASE)
    (folder / "scenarios" / "pue-cap.yaml").write_text(PUE_CAP)
    return folder


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, and the small folder in place of what is shipped."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("forecast.shipped.priors", lambda: data / "priors")
    monkeypatch.setattr("forecast.shipped.scenarios", lambda: data / "scenarios")


@pytest.fixture
def call() -> Callable[..., Result]:
    """Call a command inside this process; a traceback is never an answer."""

    def invoke(*args: str) -> Result:
        result = CliRunner().invoke(group, args, prog_name="forecast")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def ok(call: Callable[..., Result]) -> Callable[..., str]:
    """What a command prints, where it must succeed and say nothing else."""

    def invoke(*args: str) -> str:
        result = call(*args)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout

    return invoke


@pytest.fixture
def refused(call: Callable[..., Result]) -> Callable[..., str]:
    """What a command says where it must refuse and print no result."""

    def invoke(*args: str) -> str:
        result = call(*args)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Traceback" not in result.stderr
        return result.stderr

    return invoke


@pytest.fixture
def installed() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run the installed `forecast` as a process of its own."""
    script = Path(sys.executable).with_name("forecast")

    def run(*args: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([script, *args], capture_output=True, text=True, check=False)

    return run


@pytest.fixture(scope="session")
def raw_priors(data: Path) -> dict[str, dict[str, Any]]:
    """Entries of the priors, read by ruamel.yaml alone."""
    yaml = YAML(typ="safe", pure=True)
    files = sorted((data / "priors").glob("*.yaml"))
    return {
        f"{file.stem}.{key}": entry
        for file in files
        if file.stem != "dependence"
        for key, entry in yaml.load(file).items()
    }


@pytest.fixture
def world() -> Callable[[str], Path]:
    """Write `mine.yaml`, a world over base, with the given lines."""

    def write(lines: str) -> Path:
        path = Path("mine.yaml")
        path.write_text(f"title: Mine\nextends: base\n{lines}", encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def user(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment of processes that share one cache folder of their own."""
    return {**os.environ, "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture(scope="session")
def process(user: dict[str, str]) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run the installed `forecast` in a folder, as that user."""
    script = Path(sys.executable).with_name("forecast")

    def run(folder: Path, *args: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [script, *args],
            cwd=folder,
            env=user | changes,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def first(
    tmp_path_factory: pytest.TempPathFactory,
    process: Callable[..., "subprocess.CompletedProcess[str]"],
) -> tuple[Path, "subprocess.CompletedProcess[str]"]:
    """Where a first run was made, 60 draws of the shipped base, and what it said."""
    folder = tmp_path_factory.mktemp("first")
    return folder, process(folder, "run", "base.yaml", "--draws", "60", "--prior")

"""Who may import whom: the contracts of pyproject.toml."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_layers_are_kept() -> None:
    script = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([script, "--no-cache"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert f"{len(contracts['contracts'])} kept, 0 broken" in done.stdout


@pytest.mark.slow
def test_a_broken_layer_would_be_noticed(tmp_path: Path) -> None:
    """The same contracts on a copy in which the store imports the model."""
    for name in ("forecast", "cli"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    store = tmp_path / "forecast" / "store.py"
    store.write_text(store.read_text() + "\nimport forecast.model.demand\n")
    script = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([script, "--no-cache"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode != 0
    assert "forecast.store is not allowed to import forecast.model" in done.stdout


def test_every_module_has_its_layer() -> None:
    """A new module at the top of the package is in no contract until it is listed."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = settings["contracts"][0]["layers"]
    listed = {name.strip() for line in layers for name in line.split("|")}
    here = {
        f"forecast.{one.stem}"
        for one in (ROOT / "forecast").iterdir()
        if (one.suffix == ".py" and one.stem != "__init__") or (one / "__init__.py").exists()
    }
    assert here <= listed

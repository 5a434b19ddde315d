"""What is installed, and what the README tells a newcomer to type."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_package_is_listed() -> None:
    config = SETTINGS["tool"]["setuptools"]
    inits = (ROOT / "forecast").rglob("__init__.py")
    on_disk = {".".join(init.parent.relative_to(ROOT).parts) for init in inits}
    assert set(config["packages"]) == on_disk | set(config["package-dir"])


def test_every_file_of_data_is_packaged() -> None:
    """Whatever is no Python file, in the folders that are installed."""
    config = SETTINGS["tool"]["setuptools"]
    folders = {name: ROOT / Path(*name.split(".")) for name in config["packages"]}
    folders |= {name: ROOT / path for name, path in config["package-dir"].items()}
    for name, folder in folders.items():
        patterns = config["package-data"].get(name, [])
        packaged = {one for pattern in patterns for one in folder.glob(pattern)}
        here = {one for one in folder.iterdir() if one.is_file() and one.suffix != ".py"}
        nested = set(folder.rglob("*.yaml"))
        assert here | nested <= packaged, name


def test_site_packages_hold_no_cli_scenarios_or_priors() -> None:
    """Asked of another folder, where the checkout is not on the path."""
    code = (
        "import importlib.util as u\n"
        "import forecast.cli.main, forecast.scenarios, forecast.priors, sys\n"
        "names = ('cli', 'scenarios', 'priors')\n"
        "assert not [one for one in names if u.find_spec(one) or one in sys.modules]"
    )
    subprocess.run([sys.executable, "-I", "-c", code], check=True, cwd="/")


def test_the_distribution_names_forecast_alone() -> None:
    names = distribution("dc-forecast").read_text("top_level.txt") or ""
    assert names.split() == ["forecast"]


def test_cli_is_not_loaded_under_its_name_in_the_checkout() -> None:
    assert "cli" not in sys.modules


def _blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)


def test_the_readme_begins_with_two_commands() -> None:
    for block, last in zip(_blocks()[:2], ("forecast run base.yaml", "-m pytest"), strict=True):
        lines = block.strip().splitlines()
        assert all(line.endswith((" &&", " \\")) for line in lines[:-1]), "one command"
        assert last in lines[-1]
        assert "-m venv" in lines[0]
        assert "constraints.txt" in block
    assert "[test]" in _blocks()[1]


@pytest.mark.slow
def test_commands_and_options_of_the_readme_exist() -> None:
    script = Path(sys.executable).with_name("forecast")

    def helped(*words: str) -> str:
        done = subprocess.run([script, *words, "--help"], capture_output=True, text=True)
        assert done.returncode == 0, words
        return done.stdout

    text = (ROOT / "README.md").read_text()
    lines = [line.partition("#")[0] for line in text.splitlines() if line.startswith("$ forecast")]
    used: dict[str, set[str]] = {}
    for call in (part for line in lines for part in re.split(r"&&|\$ ", line) if part.strip()):
        name = call.split()[1]
        if not name.startswith("--"):
            options = used.setdefault(name, set())
            options |= set(re.findall(r"--[a-z-]+", call))
    assert {"run", "explain", "init", "show"} <= set(used)
    for name, options in used.items():
        said = helped(name)
        assert all(option in said for option in options), name

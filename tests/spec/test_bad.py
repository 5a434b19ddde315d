"""One broken file per fault, with what is said about it beside it.

`python -m pytest tests/spec/test_bad.py --regenerate` is not offered: a message is read and judged
before it is expected.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from forecast.errors import InputErrors
from forecast.spec.observation import read_observations
from forecast.spec.register import Register, read_register
from forecast.spec.resolve import read_scenario

HERE = Path(__file__).parent
FAULTS = sorted((HERE / "bad").glob("*/*.yaml"))


def _priors(file: Path, register: Register) -> None:
    shutil.copy(file, _made("priors") / "facility.yaml")
    read_register(Path("priors"))


def _dependence(file: Path, register: Register) -> None:
    shutil.copytree(HERE / "register", "priors")
    shutil.copy(file, "priors/dependence.yaml")
    read_register(Path("priors"))


def _observations(file: Path, register: Register) -> None:
    shutil.copy(file, _made("observations") / "iea-2026.yaml")
    read_observations(Path("observations"))


def _scenarios(file: Path, register: Register) -> None:
    shutil.copy(file, "world.yaml")
    read_scenario("world.yaml", register=register)


def _vintages(file: Path, register: Register) -> None:
    shutil.copytree(HERE / "register", "priors")
    shutil.copy(file, "priors/vintages/early.yaml")
    read_register(Path("priors")).vintages["early"]


def _made(folder: str) -> Path:
    Path(folder).mkdir()
    return Path(folder)


READERS: dict[str, Callable[[Path, Register], None]] = {
    "priors": _priors,
    "dependence": _dependence,
    "observations": _observations,
    "scenarios": _scenarios,
    "vintages": _vintages,
}


@pytest.mark.parametrize("file", FAULTS, ids=[f"{f.parent.name}/{f.stem}" for f in FAULTS])
def test_fault(file: Path, register: Register) -> None:
    with pytest.raises(InputErrors) as caught:
        READERS[file.parent.name](file, register)
    expected = file.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n")
    assert str(caught.value) == expected


@pytest.mark.parametrize("kind", READERS)
def test_every_fault_has_its_message_and_no_message_is_left_over(kind: str) -> None:
    folder = HERE / "bad" / kind
    faults = {file.stem for file in folder.glob("*.yaml")}
    assert faults == {file.stem for file in folder.glob("*.txt")}
    assert faults

"""A small register and scenarios of its own, so that no test hangs on what is shipped."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from forecast.errors import InputErrors
from forecast.spec.register import Register, read_register
from forecast.spec.resolve import read_scenario
from forecast.spec.scenario import Scenario

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, and the scenarios of the tests in place of the shipped ones."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("forecast.shipped.scenarios", lambda: HERE / "scenarios")
    monkeypatch.setattr("forecast.shipped.priors", lambda: HERE / "register")


@pytest.fixture(scope="session")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    # Read from elsewhere, so that its paths are absolute wherever the tests are started.
    with contextlib.chdir(tmp_path_factory.mktemp("elsewhere")):
        return read_register(HERE / "register")


@pytest.fixture
def resolve(register: Register) -> Callable[..., Scenario]:
    """Read a scenario; text in place of a reference is written to `world.yaml` first."""

    def read(reference: str, *settings: str) -> Scenario:
        if "\n" in reference:
            Path("world.yaml").write_text(reference, encoding="utf-8")
            reference = "world.yaml"
        return read_scenario(reference, register=register, settings=settings)

    return read


@pytest.fixture
def refused(resolve: Callable[..., Scenario]) -> Callable[..., str]:
    """What is said about a scenario that must be refused."""

    def read(reference: str, *settings: str) -> str:
        with pytest.raises(InputErrors) as caught:
            resolve(reference, *settings)
        return str(caught.value)

    return read

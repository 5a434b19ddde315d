"""What is shipped, read by ruamel.yaml alone, and runs of it; none of it is to be changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

import forecast.api
from forecast import shipped
from forecast.spec.register import Register, read_register


def raw(path: Path) -> Any:
    """A file as ruamel.yaml has it."""
    return YAML(typ="safe", pure=True).load(path)


FILES = {file.stem: raw(file) for file in sorted(shipped.scenarios().glob("*.yaml"))}
SCENARIOS = list(FILES)
POLICIES = [name for name, said in FILES.items() if "calibration" not in said]
ADAPTIVE = [name for name in POLICIES if "when" in FILES[name]]
WORLDS = [name for name in FILES if name not in POLICIES]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every shipped scenario to the tests that ask for one."""
    for name, values in (("world", WORLDS), ("policy", POLICIES), ("scenario", SCENARIOS)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, values)


@pytest.fixture(scope="session")
def register() -> Register:
    return read_register()


@pytest.fixture(scope="session")
def entries() -> dict[str, dict[str, Any]]:
    """Every entry of the priors, `block.field`."""
    files = sorted(shipped.priors().glob("*.yaml"))
    return {
        f"{file.stem}.{key}": entry
        for file in files
        if file.stem != "dependence"
        for key, entry in raw(file).items()
    }


@pytest.fixture(scope="session")
def scenario_files() -> dict[str, dict[str, Any]]:
    """Every scenario as its file has it."""
    return FILES


@pytest.fixture(scope="session")
def base() -> xr.DataTree:
    """8 × 512 draws with every input as its priors file has it, uncalibrated."""
    return forecast.api.run("outlook.yaml", draws=4096, prior=True)


@pytest.fixture(scope="session")
def paired() -> xr.DataTree:
    """8 × 8 draws of the priors of every shipped scenario, policies over base, all outputs."""
    names = [*WORLDS, *(f"base+{one}" for one in POLICIES if one not in ADAPTIVE)]
    return forecast.api.run(*names, draws=64, keep=["all"], prior=True)


@pytest.fixture(scope="session")
def adapted() -> xr.DataTree:
    """The same of the policies that adapt: the program of these rounds otherwise."""
    names = ["base", *(f"base+{one}" for one in ADAPTIVE)]
    return forecast.api.run(*names, draws=64, keep=["all"], prior=True)


@pytest.fixture(scope="session")
def together(paired: xr.DataTree, adapted: xr.DataTree) -> Callable[[str], xr.DataTree]:
    """The run that a scenario is of, with base in it."""

    def find(name: str) -> xr.DataTree:
        return adapted if name in ADAPTIVE else paired

    return find


@pytest.fixture(scope="session")
def outputs_of() -> Callable[..., dict[str, np.ndarray]]:
    """Outputs of one scenario of a run."""

    def take(run: xr.DataTree, name: str) -> dict[str, np.ndarray]:
        found = run["prior_predictive"].to_dataset().sel(scenario=name)
        return {str(key): values.transpose("year", ...).values for key, values in found.items()}

    return take

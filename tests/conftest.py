"""What all tests may share: the shipped register and scenarios, and one small Run."""

import os
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

# Workers take all cores, and threads of BLAS beside them only wait on each other: the split of
# variance took 100 s and takes 16.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import jax
import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner, Result

import forecast.api
from forecast import shipped
from forecast.simulate.ensemble import Plan, plan, simulate
from forecast.spec.observation import Observation, read_observations
from forecast.spec.register import Register, read_register
from forecast.spec.resolve import read_scenario
from forecast.spec.scenario import Method, Scenario
from forecast.studies.backtest import backtest
from forecast.studies.forecasts import NOTHING, Forecast


@pytest.fixture(scope="session", autouse=True)
def _compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One cache of compiled programs for all workers of this run, and for no other run."""
    base = tmp_path_factory.getbasetemp()
    home = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    jax.config.update("jax_compilation_cache_dir", str(home / "compiled"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.3)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Call a command on what is shipped, in a folder of its own; no traceback is an answer."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("forecast.cli.cache.use_cache", lambda: None)
    group = import_module("forecast.cli.main").group

    def invoke(*args: str) -> Result:
        result = CliRunner().invoke(group, args, prog_name="forecast")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def answer(command: Callable[..., Result]) -> Callable[..., str]:
    """What a command prints, where it must succeed and complain of nothing."""

    def invoke(*args: str) -> str:
        result = command(*args)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout

    return invoke


@pytest.fixture
def refusal(command: Callable[..., Result]) -> Callable[..., str]:
    """What a command says where it must refuse and print no result."""

    def invoke(*args: str) -> str:
        result = command(*args)
        assert (result.exit_code, result.stdout) == (2, "")
        return result.stderr

    return invoke


DRAWS = 2_816
"""A whole block and a tail of 768; a chain of 352 draws lies in both."""


@pytest.fixture(scope="session")
def run() -> xr.DataTree:
    """8 × 32 draws of the shipped base and of a policy over it, finished; not to be changed."""
    return forecast.api.run("base.yaml", "base+pue-cap", draws=256, prior=True)


@pytest.fixture(scope="session")
def register() -> Register:
    return read_register()


@pytest.fixture(scope="session")
def scenario(register: Register) -> Callable[..., Scenario]:
    """A shipped scenario with few draws and some settings."""

    def read(
        reference: str = "base", *settings: str, draws: int = 64, method: Method = "sobol"
    ) -> Scenario:
        found = read_scenario(reference, register=register, settings=settings)
        return replace(found, sampling=replace(found.sampling, draws=draws, method=method))

    return read


@pytest.fixture(scope="session")
def simulated(register: Register) -> Callable[..., xr.DataTree]:
    """Run scenarios."""

    def run(*scenarios: Scenario, keep: tuple[str, ...] = ()) -> xr.DataTree:
        return simulate(plan(scenarios, register.priors), keep=keep)

    return run


@pytest.fixture(scope="session")
def ready(register: Register, scenario: Callable[..., Scenario]) -> Plan:
    """Every input as its priors file has it, in two blocks."""
    return plan([scenario("base", "vintage=iea-2026", draws=DRAWS)], register.priors)


@pytest.fixture(scope="session")
def whole(ready: Plan) -> xr.DataTree:
    """All draws of `ready` with all outputs, not to be changed."""
    return simulate(ready, keep=("all",))


@pytest.fixture(scope="session")
def observations() -> tuple[Observation, ...]:
    """Every published number that is shipped."""
    return read_observations(shipped.observations())


def _paths(growth: float) -> xr.Dataset:
    """Draws around levels that grow steadily from 2022, in TWh."""
    rng, years = np.random.default_rng(1), np.arange(2015, 2036)
    levels = {"total": 460.0, "data_centres": 350.0, "ai": 20.0, "crypto": 110.0}
    noise = {name: 0.1 * rng.standard_normal((8, 50, len(years))) for name in levels}
    found = {
        name: (("chain", "draw", "year"), level * np.exp(growth * (years - 2022) + noise[name]))
        for name, level in levels.items()
    }
    return xr.Dataset(found, {"year": years})


@pytest.fixture(scope="session")
def grown() -> xr.Dataset:
    """Draws of outputs that grow by a tenth a year."""
    return _paths(0.1)


@pytest.fixture(scope="session")
def backtested(observations: tuple[Observation, ...], grown: xr.Dataset) -> xr.Dataset:
    """Three forecasts as of January 2024, one of which there is not."""
    known, used = "2024-01-31", ("masanet_data_centres_2018",)
    forecasts = (
        Forecast("grown", known, None, grown),
        Forecast("flat", known, 2018, _paths(0.0), used),
        Forecast("lost", known, 2017, reason=NOTHING),
    )
    return backtest(forecasts, observations)

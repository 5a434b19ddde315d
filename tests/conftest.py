"""What all tests may share: the shipped register and scenarios, and one small Run."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import xarray as xr

import forecast.api
from forecast.simulate.ensemble import Plan, plan, simulate
from forecast.spec.register import Register, read_register
from forecast.spec.resolve import read_scenario
from forecast.spec.scenario import Method, Scenario

DRAWS = 2_816
"""A whole block and a tail of 768; a chain of 352 draws lies in both."""


@pytest.fixture(scope="session")
def run() -> xr.DataTree:
    """8 × 32 draws of the shipped base and of a policy over it, finished; not to be changed."""
    return forecast.api.run("base.yaml", "base+pue-cap", draws=256)


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
    """The shipped world in two blocks."""
    return plan([scenario(draws=DRAWS)], register.priors)


@pytest.fixture(scope="session")
def whole(ready: Plan) -> xr.DataTree:
    """All draws of `ready` with all outputs, not to be changed."""
    return simulate(ready, keep=("all",))

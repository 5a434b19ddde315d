"""What the tests of the model share: draws of the register, noise, and the mapped model."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import pytest

from forecast.model.block import fill, leaves
from forecast.model.demand import Innovations, Inputs, demand
from forecast.sampling.design import Design
from forecast.sampling.draws import draw
from forecast.sampling.streams import normals
from forecast.spec.register import Register, read_register

type Values = dict[str, np.ndarray]

DRAWS = 512
SEED = 20


@pytest.fixture(scope="session")
def numpy_demand() -> Callable[[Values, Values, np.ndarray], Values]:
    """The reference implementation, loaded by path, since tests are no package."""
    path = Path(__file__).with_name("numpy_model.py")
    spec = importlib.util.spec_from_file_location("numpy_model", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.demand


@pytest.fixture(scope="session")
def register() -> Register:
    return read_register()


@pytest.fixture(scope="session")
def draws(register: Register) -> Values:
    """Draws of the shipped register, not to be changed."""
    index = np.arange(DRAWS)
    design = Design("sobol", SEED, chains=1, draws=DRAWS)
    return draw(
        register.priors, design, register.dependence, chain=np.zeros_like(index), index=index
    )


@pytest.fixture(scope="session")
def pressed(draws: Values) -> Values:
    """The same draws with levers at work and limits that bind hard in many of them."""
    rng = np.random.default_rng(SEED)

    def uniform(name: str, low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, draws[name].shape)

    start = {
        name: rng.integers(2015, 2034, DRAWS).astype(float)
        for name in ("conventional.pue_cap", "limits.connection_cap", "crypto.restriction")
    }
    # From before the start (in force at once) to long after the horizon.
    full = {name: some + rng.integers(-2, 20, DRAWS) for name, some in start.items()}
    return draws | {
        "conventional.pue_cap": uniform("conventional.pue_cap", 1, 2),
        "limits.connection_cap": uniform("limits.connection_cap", 0, 6),
        "adoption.carbon_price": uniform("adoption.carbon_price", 0, 400),
        "crypto.restriction": uniform("crypto.restriction", 0, 1),
        "crypto.revenue_2024": draws["crypto.revenue_2024"] * rng.uniform(0.1, 2, DRAWS),
        "adoption.ceiling": np.exp(rng.uniform(0.02, 5, DRAWS)),
        "adoption.tokens_2023": draws["adoption.tokens_2023"] * np.exp(rng.uniform(-1, 5, DRAWS)),
        "efficiency.hardware_ceiling": draws["efficiency.hardware_ceiling"] / 10,
        "limits.site_scale": draws["limits.site_scale"] * rng.uniform(0.02, 1, DRAWS),
        **{f"{name}_start": some for name, some in start.items()},
        **{f"{name}_full": some for name, some in full.items()},
    }


@pytest.fixture(scope="session")
def noise() -> Callable[[int], Values]:
    """Innovations of a number of years from 2015, `[draw, year]`."""

    def make(years: int) -> Values:
        index = np.arange(DRAWS)
        return {
            name: normals(
                SEED, name, chain=np.zeros_like(index), index=index, years=range(2015, 2015 + years)
            )
            for name in ("conventional", "ai", "crypto")
        }

    return make


@pytest.fixture(scope="session")
def reference() -> Callable[[int], np.ndarray]:
    """A falling path of costs, above that of some draws and below that of others."""

    def make(years: int) -> np.ndarray:
        return np.exp(-0.2 * np.maximum(np.arange(years) - 8, 0))

    return make


@pytest.fixture(scope="session")
def mapped() -> Callable[[Values, Values, np.ndarray], Values]:
    """The model mapped over draws, in float64; outputs by dotted name, the draw axis first."""
    program = jax.jit(jax.vmap(demand, in_axes=(0, -1, None), out_axes=1))

    def run(inputs: Values, innovations: Values, reference: np.ndarray) -> Values:
        with jax.enable_x64(True):
            by_year = {name: values.T for name, values in innovations.items()}
            outputs = program(fill(Inputs, inputs), fill(Innovations, by_year), reference)
            return {
                name: np.moveaxis(np.asarray(values), 1, 0)
                for name, values in leaves(outputs).items()
            }

    return run

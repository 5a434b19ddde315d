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


# Strengths of the levers that have a reach, as far as they are pressed.
STRENGTHS = {
    "conventional.pue_cap": (1, 2),
    "crypto.restriction": (0, 1),
    "adoption.carbon_price": (0, 400),
    "measures.pue_cap_ai": (1, 1.4),
    "measures.hardware_standard": (0, 0.8),
    "measures.lean_serving": (0, 0.9),
    "measures.right_sizing": (0, 1),
    "measures.reuse": (0, 5),
    "measures.flexible_load": (0, 3),
    "measures.procurement": (0, 1),
    "measures.reporting": (0, 1),
}
# Those that go by the reach and the ramp of another.
BESIDE = {"measures.flexible_load_curtailment": (0, 0.5), "measures.procurement_hourly": (0, 1)}


def _levers(draws: Values, rng: np.random.Generator) -> Values:
    """Every lever at work: anywhere, in some regions or draws not at all or on everything."""
    found = {
        name: rng.uniform(*bounds, draws[name].shape)
        for name, bounds in (STRENGTHS | BESIDE).items()
    }
    for name in STRENGTHS:
        reach = rng.uniform(-0.2, 1.2, draws[f"{name}_reach"].shape)
        whole = rng.uniform(-1, 2, (DRAWS, 1))
        reach = np.where((whole > 0) & (whole < 1), reach, whole)
        found[f"{name}_reach"] = np.clip(reach, 0, 1)
    for name in (*STRENGTHS, "limits.connection_cap"):
        # In full from before the start (in force at once) to long after the horizon.
        start = rng.integers(2015, 2034, DRAWS).astype(float)
        found[f"{name}_start"] = start
        found[f"{name}_full"] = start + rng.integers(-2, 20, DRAWS)
    # Mining that ends everywhere leaves regions nothing to share.
    ended = rng.uniform(size=DRAWS) < 0.2
    found["crypto.restriction"] = np.where(ended, 1, found["crypto.restriction"])
    return found


@pytest.fixture(scope="session")
def pressed(draws: Values) -> Values:
    """The same draws with levers at work and limits that bind hard in many of them."""
    rng = np.random.default_rng(SEED)
    scaled = {
        "crypto.revenue_2024": rng.uniform(0.1, 2, DRAWS),
        "adoption.tokens_2023": np.exp(rng.uniform(-1, 5, DRAWS)),
        "limits.site_scale": rng.uniform(0.02, 1, DRAWS),
        "efficiency.hardware_ceiling": 0.1,
    }
    return (
        draws
        | _levers(draws, rng)
        | {name: draws[name] * factor for name, factor in scaled.items()}
        | {
            "limits.connection_cap": rng.uniform(0, 6, draws["limits.connection_cap"].shape),
            "adoption.ceiling": np.exp(rng.uniform(0.02, 5, DRAWS)),
        }
    )


@pytest.fixture(scope="session")
def in_force() -> Callable[[Values, str, int], np.ndarray]:
    """Where and how far a measure is in force, `[draw, year, region]`, by its definition."""

    def compute(inputs: Values, name: str, count: int) -> np.ndarray:
        years = np.arange(2015, 2015 + count)
        start, full = (inputs[f"{name}_{end}"][:, np.newaxis] for end in ("start", "full"))
        when = np.clip((years - full) / np.maximum(full - start, 1) + 1, 0, 1)
        return inputs[f"{name}_reach"][:, np.newaxis] * when[..., np.newaxis]

    return compute


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


@pytest.fixture(scope="session")
def simulate(
    mapped: Callable[[Values, Values, np.ndarray], Values],
    noise: Callable[[int], Values],
    reference: Callable[[int], np.ndarray],
) -> Callable[..., Values]:
    """Outputs to 2035 for some inputs and, if said, other noise."""
    years = 21

    def run(inputs: Values, **shocks: np.ndarray) -> Values:
        return mapped(inputs, noise(years) | shocks, reference(years))

    return run

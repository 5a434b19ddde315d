"""Training energy against measured runs: the Llama 2 family (Touvron et al. 2023, table 2)."""

import jax
import numpy as np
import pytest

from forecast.model.training import pretraining_energy
from forecast.spec.register import Register

PARAMETERS = np.array([7e9, 13e9, 34e9, 70e9])
GPU_HOURS = np.array([184_320, 368_640, 1_038_336, 1_720_320])
POWER = np.array([400, 400, 350, 400])  # W for each GPU
PUE = 1.1
TOKENS = 2e12
DENSE_16_BIT = 312e12  # FLOP/s of an A100, https://www.nvidia.com/en-us/data-center/a100/
MWH_PER_TWH = 1e6

MEASURED = GPU_HOURS * POWER / 1e6  # MWh, before PUE


def test_published_table() -> None:
    at_meter = MEASURED * PUE
    np.testing.assert_allclose(at_meter, [81.10, 162.20, 399.76, 756.94], atol=0.005)
    assert at_meter.sum() == pytest.approx(1_400, abs=0.5)
    per_billion = MEASURED / (PARAMETERS / 1e9)
    np.testing.assert_allclose(per_billion, [10.53, 11.34, 10.69, 9.83], atol=0.005)


@pytest.mark.parametrize("model", range(4), ids=["7B", "13B", "34B", "70B"])
def test_class_formula_meets_measured_run(model: int, register: Register) -> None:
    """At p50 of the register, within a factor of 1.5; the 70B run is 757 MWh at the meter."""
    utilisation = register.priors["training.utilisation"].arguments["p50"]
    with jax.enable_x64(True):
        energy = pretraining_energy(
            jax.numpy.asarray(PARAMETERS[model : model + 1]),
            jax.numpy.asarray(TOKENS / PARAMETERS[model]),
            jax.numpy.asarray(DENSE_16_BIT / POWER[model]),
            jax.numpy.asarray(utilisation),
        )
    ratio = float(energy[0]) * MWH_PER_TWH / MEASURED[model]
    assert 1 / 1.5 < ratio < 1.5

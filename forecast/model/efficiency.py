"""The arc of AI efficiency: four separate, saturating curves, quickened when a limit binds."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.model.block import block, quantity
from forecast.model.paths import fading_growth, under_limit

BASE_YEAR = 2023.0
"""Year in which every AI curve is anchored. (yr; definition)"""

PRECISION_YEAR = 2029.0
"""Year in which the precision factor is reached. (yr; definition, model.md 3)"""


@block
class Efficiency:
    """Inputs of the block."""

    hardware_2023: Float[Array, ""] = quantity(
        "FLOP/J", "operations per joule of a server at dense 16-bit, in 2023"
    )
    hardware_growth_first: Float[Array, ""] = quantity("1/yr", "its log growth in 2023")
    hardware_growth_last: Float[Array, ""] = quantity("1/yr", "its log growth in the long run")
    hardware_fade: Float[Array, ""] = quantity("1/yr", "how fast the first turns into the last")
    hardware_ceiling: Float[Array, ""] = quantity("FLOP/J", "physical ceiling at 16-bit")
    software_total: Float[Array, ""] = quantity("1", "whole gain of software, as a factor")
    software_rate: Float[Array, ""] = quantity("1/yr", "rate at which the gain is reached")
    precision_2029: Float[Array, ""] = quantity(
        "1", "energy per token in 2029 over 2023 through quantisation and sparsity"
    )
    algorithmic_first: Float[Array, ""] = quantity(
        "1/yr", "log gain of algorithms in 2023: the same capability from fewer operations"
    )
    algorithmic_last: Float[Array, ""] = quantity("1/yr", "log gain in the long run")
    algorithmic_fade: Float[Array, ""] = quantity("1/yr", "how fast the first turns into the last")
    algorithmic_energy_share: Float[Array, ""] = quantity(
        "1", "share of the gain taken as less energy, the rest as capability"
    )
    incentive: Float[Array, ""] = quantity(
        "1/yr", "rise of the rates of gain per unit of log(demand / capacity)"
    )


@block
class EfficiencyPath:
    """Outputs of the block: what is realised, with the incentives of the closed loop."""

    incentive: Float[Array, "*year"] = quantity(
        "1", "log gain added by binding limits", "Σ κ max(0, log(demand / cap))"
    )
    hardware: Float[Array, "*year"] = quantity(
        "FLOP/J", "operations per joule at 16-bit", "smooth minimum of growth and ceiling"
    )
    software: Float[Array, "*year"] = quantity(
        "1", "gain of software since 2023", "total^(1 - exp(-k τ - incentive))"
    )
    precision: Float[Array, "*year"] = quantity(
        "1", "factor on energy per token", "precision(2029)^(τ/6)"
    )
    shrinkage: Float[Array, "*year"] = quantity(
        "1", "active parameters over 2023 at like capability", "exp(-φ (algorithmic + incentive))"
    )


def efficiency(
    inputs: Efficiency,
    year: Float[Array, ""],
    incentive: Float[Array, ""],
    saved: Float[Array, ""],
) -> EfficiencyPath:
    """Efficiency of one year, with what binding limits have added so far.

    Parameters
    ----------
    inputs
    year : yr
    incentive : 1
        Log gain added by binding limits up to this year.
    saved : 1
        Share of energy per operation that a standard saves, as far as the ceiling allows.

    Returns
    -------
    EfficiencyPath of scalars

    References
    ----------
    Definition (docs/model.md, Efficiency).
    """
    elapsed = year - BASE_YEAR
    after = jnp.maximum(elapsed, 0.0)
    first, last = inputs.hardware_growth_first, inputs.hardware_growth_last
    growth = fading_growth(elapsed, first, last, inputs.hardware_fade) + incentive
    free = inputs.hardware_2023 * jnp.exp(growth) / (1.0 - saved)
    hardware, _ = under_limit(free, inputs.hardware_ceiling)
    reached = -jnp.expm1(-inputs.software_rate * after - incentive)
    towards = jnp.clip(elapsed / (PRECISION_YEAR - BASE_YEAR), 0.0, 1.0)
    first, last = inputs.algorithmic_first, inputs.algorithmic_last
    algorithmic = fading_growth(after, first, last, inputs.algorithmic_fade) + incentive
    return EfficiencyPath(
        incentive=incentive,
        hardware=hardware,
        software=jnp.exp(jnp.log(inputs.software_total) * reached),
        precision=jnp.exp(jnp.log(inputs.precision_2029) * towards),
        shrinkage=jnp.exp(-inputs.algorithmic_energy_share * algorithmic),
    )

"""The world's electricity: demand, renewable share and carbon intensity of supply by region."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.axes import FIRST_YEAR
from forecast.model.block import block, quantity
from forecast.model.paths import at_year

INTENSITY_YEAR = 2024.0
"""Year in which the regional intensities are anchored. (yr; definition)"""


@block
class Electricity:
    """Inputs of the block."""

    world: Float[Array, " known_year"] = quantity("TWh", "world electricity demand, Ember")
    world_growth: Float[Array, ""] = quantity("1/yr", "its log growth after the known years")
    regional_share: Float[Array, " region"] = quantity("1", "share of world demand by region")
    renewable: Float[Array, " known_year"] = quantity("1", "renewables in world generation")
    renewable_growth: Float[Array, ""] = quantity(
        "1/yr", "growth of the logit of that share after the known years"
    )
    intensity_2024: Float[Array, " region"] = quantity(
        "gCO2e/kWh", "life-cycle carbon intensity of supply in 2024"
    )
    intensity_decline: Float[Array, ""] = quantity("1/yr", "its log decline from 2024 on")
    intensity_decline_past: Float[Array, ""] = quantity("1/yr", "its log decline before 2024")
    co2_share: Float[Array, ""] = quantity(
        "1", "CO2 from combustion alone (IEA) over life-cycle greenhouse gases (Ember)"
    )


@block
class ElectricityPath:
    """Outputs of the block."""

    world: Float[Array, "*year"] = quantity(
        "TWh", "world electricity demand, Ember", "known to 2025, then exp(g τ)"
    )
    regional: Float[Array, "*year region"] = quantity(
        "TWh", "electricity demand by region", "world · share"
    )
    renewable: Float[Array, "*year"] = quantity(
        "1", "renewables in world generation", "known to 2025, then a growing logit"
    )
    intensity: Float[Array, "*year region"] = quantity(
        "gCO2e/kWh", "life-cycle carbon intensity of supply", "CI(2024) exp(-d (y - 2024))"
    )
    intensity_world: Float[Array, "*year"] = quantity(
        "gCO2e/kWh", "mean over regions, weighted by demand", "Σ_r share_r CI_r"
    )


def electricity(inputs: Electricity, year: Float[Array, ""]) -> ElectricityPath:
    """World electricity around the demand that is forecast, in one year.

    Parameters
    ----------
    inputs
    year : yr

    Returns
    -------
    ElectricityPath

    References
    ----------
    Known years: Ember, via Our World in Data; definition in docs/model.md, Electricity.
    """
    last = FIRST_YEAR + inputs.world.shape[0] - 1
    after = year - last
    later = inputs.world[-1] * jnp.exp(inputs.world_growth * after)
    world = jnp.where(after > 0.0, later, at_year(inputs.world, year, FIRST_YEAR))
    share = inputs.renewable[-1]
    odds = share / (1.0 - share) * jnp.exp(inputs.renewable_growth * after)
    known = at_year(inputs.renewable, year, FIRST_YEAR)
    since = year - INTENSITY_YEAR
    decline = jnp.where(since < 0.0, inputs.intensity_decline_past, inputs.intensity_decline)
    intensity = jnp.exp(-decline * since) * inputs.intensity_2024
    return ElectricityPath(
        world=world,
        regional=world * inputs.regional_share,
        renewable=jnp.where(after > 0.0, odds / (1.0 + odds), known),
        intensity=intensity,
        intensity_world=jnp.sum(intensity * inputs.regional_share),
    )

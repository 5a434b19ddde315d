"""Three accounts of the emissions of one demand, and its renewable share."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.model.block import block, quantity
from forecast.model.electricity import ElectricityPath
from forecast.model.measures import Measures, procured
from forecast.model.paths import ramp

MATCHED_YEAR = 2024.0
"""Year of the matched shares. (yr; definition)"""

TONNES = 1e-3
"""(TWh) times (gCO2e/kWh) is 1e-3 MtCO2e. (MtCO2e kWh / (TWh g); definition)"""


@block
class Emissions:
    """Inputs of the block."""

    matched_hyperscale: Float[Array, ""] = quantity(
        "1", "share of hyperscale electricity matched by renewable contracts over a year, 2024"
    )
    matched_colocation: Float[Array, ""] = quantity("1", "the same for colocation")
    matched_start: Float[Array, ""] = quantity("yr", "year before which nothing was matched")
    hourly_share: Float[Array, ""] = quantity(
        "1", "matched electricity that is carbon-free in the same hour and region"
    )


@block
class EmissionsPath:
    """Outputs of the block."""

    matched: Float[Array, "*year region"] = quantity(
        "TWh", "electricity matched by contracts", "Σ_f matched_f electricity_f"
    )
    residual: Float[Array, "*year region"] = quantity(
        "gCO2e/kWh", "intensity of supply not under these contracts", "CI G / (G - matched)"
    )
    emissions: Float[Array, "*year region account"] = quantity(
        "MtCO2e",
        "emissions by account",
        "location: E CI; market: (E - matched) residual; hourly: (E - matched · h) CI",
    )
    emissions_co2: Float[Array, "*year"] = quantity(
        "MtCO2", "location account, CO2 from combustion alone", "location · co2 share"
    )
    renewable_share: Float[Array, "*year"] = quantity(
        "1", "renewables in the demand, by location", "share of world generation"
    )
    renewable_share_market: Float[Array, "*year"] = quantity(
        "1", "renewables in the demand, by contract", "(matched + (E - matched) residual share) / E"
    )


def matched_electricity(
    inputs: Emissions,
    measures: Measures,
    year: Float[Array, ""],
    ordinary: Float[Array, " region"],
    special: Float[Array, " region"],
    procurable: Float[Array, " facility"],
    hosts: Float[Array, " facility"],
) -> Float[Array, " region"]:
    """Electricity that operators match by renewable contracts over a year.

    Parameters
    ----------
    inputs, measures
    year : yr
    ordinary, special : TWh
        Electricity of conventional sites and of AI by region.
    procurable, hosts : 1
        Shares of both by facility type; enterprise holds no contracts but where a policy asks.

    Returns
    -------
    TWh

    References
    ----------
    Definition (docs/model.md, Emissions).
    """
    force = ramp(year, inputs.matched_start, jnp.full_like(year, MATCHED_YEAR))
    least = measures.procurement
    # A sum over all types: where a loop skips the last one, the compiler computes the last draws
    # of a block apart and may round them otherwise, so that bits would hang on the block.
    own = (inputs.matched_hyperscale, inputs.matched_colocation, jnp.zeros_like(year))
    matched = jnp.stack([procured(measures, year, force * one, least) for one in own])
    by_ordinary = jnp.sum(matched * jnp.expand_dims(procurable, 1), axis=0)
    by_special = jnp.sum(matched * jnp.expand_dims(hosts, 1), axis=0)
    return by_ordinary * ordinary + by_special * special


def emissions(
    hourly_share: Float[Array, " region"],
    supply: ElectricityPath,
    demand: Float[Array, " region"],
    matched: Float[Array, " region"],
    co2_share: Float[Array, ""],
) -> EmissionsPath:
    """Emissions of the demand of one year in three accounts.

    Parameters
    ----------
    hourly_share : 1
        Of what is matched, matched hour by hour.
    supply
        The world's electricity.
    demand, matched : TWh
        All segments, and what of it is matched by contracts.
    co2_share : 1
        CO2 from combustion over life-cycle greenhouse gases.

    Returns
    -------
    EmissionsPath
        Contracts move emissions between consumers and conserve them: over all consumers of a
        region, market emissions equal location emissions.

    References
    ----------
    GHG Protocol Scope 2 Guidance (2015), location and market method; docs/model.md, Emissions.
    """
    left = supply.regional - matched
    residual = supply.intensity * supply.regional / left
    location = demand * supply.intensity
    market = (demand - matched) * residual
    hourly = (demand - matched * hourly_share) * supply.intensity
    total, contracts = jnp.sum(demand), jnp.sum(matched)
    rest = (supply.renewable * supply.world - contracts) / (supply.world - contracts)
    by_contract = (contracts + (total - contracts) * rest) / total
    return EmissionsPath(
        matched=matched,
        residual=residual,
        emissions=jnp.stack([location, market, hourly], axis=-1) * TONNES,
        emissions_co2=jnp.sum(location) * TONNES * co2_share,
        renewable_share=supply.renewable,
        renewable_share_market=by_contract,
    )

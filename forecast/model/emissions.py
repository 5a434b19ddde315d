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
        "TWh",
        "electricity matched by contracts",
        "Σ_f matched_f electricity_f, at most renewable G",
    )
    residual: Float[Array, "*year region"] = quantity(
        "gCO2e/kWh", "intensity of supply not under these contracts", "CI G / (G - matched)"
    )
    emissions: Float[Array, "*year region account"] = quantity(
        "MtCO2e",
        "emissions by account",
        "location: E CI; market: (E - matched) residual; hourly: (E - matched by the hour) CI",
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


def contracted(
    inputs: Emissions,
    measures: Measures,
    year: Float[Array, ""],
    ordinary: Float[Array, " region"],
    special: Float[Array, " region"],
    procurable: Float[Array, " facility"],
    hosts: Float[Array, " facility"],
) -> tuple[Float[Array, " region"], Float[Array, " region"]]:
    """Electricity that operators would match by renewable contracts, over a year and by the hour.

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
    begun = ramp(year, inputs.matched_start, jnp.full_like(year, MATCHED_YEAR))
    # A sum over all types: where a loop skips the last one, the compiler computes the last draws
    # of a block apart and may round them otherwise, so that bits would hang on the block.
    own = (inputs.matched_hyperscale, inputs.matched_colocation, jnp.zeros_like(year))
    pairs = [procured(measures, year, begun * one, inputs.hourly_share) for one in own]

    def of_all(shares: list[Float[Array, " region"]]) -> Float[Array, " region"]:
        matched = jnp.stack(shares)
        by_ordinary = jnp.sum(matched * jnp.expand_dims(procurable, 1), axis=0)
        by_special = jnp.sum(matched * jnp.expand_dims(hosts, 1), axis=0)
        return by_ordinary * ordinary + by_special * special

    return of_all([yearly for yearly, _ in pairs]), of_all([hourly for _, hourly in pairs])


def emissions(
    contracts: tuple[Float[Array, " region"], Float[Array, " region"]],
    supply: ElectricityPath,
    demand: Float[Array, " region"],
    co2_share: Float[Array, ""],
) -> EmissionsPath:
    """Emissions of the demand of one year in three accounts.

    Parameters
    ----------
    contracts : TWh
        From `contracted`: what operators would match over a year, and of it hour by hour. They
        find no more than the renewables that the region is taken to have, the world's share.
    supply
        The world's electricity.
    demand : TWh
        All segments.
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
    wanted, by_hour = contracts
    most = supply.renewable * supply.regional
    found = jnp.where(wanted > most, most / jnp.where(wanted > 0.0, wanted, 1.0), 1.0)
    matched = wanted * found
    residual = supply.intensity * supply.regional / (supply.regional - matched)
    location = demand * supply.intensity
    market = (demand - matched) * residual
    hourly = (demand - by_hour * found) * supply.intensity
    total, sold = jnp.sum(demand), jnp.sum(matched)
    rest = (supply.renewable * supply.world - sold) / (supply.world - sold)
    by_contract = (sold + (total - sold) * rest) / total
    return EmissionsPath(
        matched=matched,
        residual=residual,
        emissions=jnp.stack([location, market, hourly], axis=-1) * TONNES,
        emissions_co2=jnp.sum(location) * TONNES * co2_share,
        renewable_share=supply.renewable,
        renewable_share_market=by_contract,
    )

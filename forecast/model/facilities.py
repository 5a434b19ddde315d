"""Sites by facility type: electricity, IT energy, installed power and the PUE of the fleet."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.model.block import block, quantity
from forecast.model.conventional import Conventional, ConventionalPath
from forecast.model.limits import TWH_PER_GW, Limits


@block
class FacilitiesPath:
    """Outputs of the block."""

    electricity: Float[Array, "*year facility"] = quantity(
        "TWh", "electricity by facility type", "conventional_f + AI_f"
    )
    it: Float[Array, "*year facility"] = quantity(
        "TWh", "IT energy by facility type", "conventional_f / PUE_f + AI_f / PUE_ai"
    )
    installed: Float[Array, "*year facility"] = quantity(
        "GW", "installed power", "conventional_f / (8.76 LF_f) + AI_f / (8.76 LF_ai)"
    )
    pue: Float[Array, "*year"] = quantity(
        "1", "PUE of the fleet", "Σ_f electricity / Σ_f IT energy"
    )
    load_factor: Float[Array, "*year"] = quantity(
        "1", "average draw over installed power", "Σ_f electricity / (8.76 Σ_f installed)"
    )
    procurable: Float[Array, "*year facility"] = quantity(
        "1", "share of conventional electricity by facility type", "mix_f PUE_f / PUE"
    )


def ai_hosts(limits: Limits) -> Float[Array, " facility"]:
    """Share of AI by facility type: hyperscale and colocation; enterprise hosts none.

    Parameters
    ----------
    limits
        Inputs of that block.

    Returns
    -------
    1

    References
    ----------
    Definition (docs/model.md, Facilities).
    """
    hyperscale = limits.hyperscale_share
    return jnp.stack([hyperscale, 1.0 - hyperscale, jnp.zeros_like(hyperscale)])


def facilities(
    conventional: Conventional,
    limits: Limits,
    path: ConventionalPath,
    ai: Float[Array, ""],
    pue: Float[Array, ""],
) -> FacilitiesPath:
    """Data-centre electricity by facility type in one year.

    Parameters
    ----------
    conventional, limits
        Inputs of these blocks.
    path
        Of conventional data centres.
    ai : TWh
        Served, at the meter.
    pue : 1
        Of AI sites.

    Returns
    -------
    FacilitiesPath
        ``electricity = installed * 8.76 * load factor`` and ``electricity = IT * PUE`` hold.

    References
    ----------
    Identities of IEA, Energy and AI (2025), data annex.
    """
    weight = path.mix * path.pue_facility / path.pue
    ordinary = path.demand * weight
    special = ai * ai_hosts(limits)
    electricity = ordinary + special
    it = ordinary / path.pue_facility + special / pue
    installed = (ordinary / conventional.load_factor + special / limits.load_factor) / TWH_PER_GW
    total = jnp.sum(electricity)
    return FacilitiesPath(
        electricity=electricity,
        it=it,
        installed=installed,
        pue=total / jnp.sum(it),
        load_factor=total / jnp.sum(installed) / TWH_PER_GW,
        procurable=weight,
    )

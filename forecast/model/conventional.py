"""Conventional data centres: workloads, energy per workload, facility types and PUE."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.axes import FIRST_YEAR
from forecast.model.block import block, quantity
from forecast.model.paths import fading_growth, ramp, under_limit

MIX_YEAR = 2024.0
"""Year in which the facility logits are centred. (yr; definition)"""

PUE_YEAR = 2020.0
"""Year of the first PUE by facility type. (yr; definition)"""


@block
class Conventional:
    """Inputs of the block."""

    energy_2015: Float[Array, ""] = quantity("TWh", "electricity in 2015, at the meter")
    workload_growth_first: Float[Array, ""] = quantity("1/yr", "log growth of workloads in 2015")
    workload_growth_last: Float[Array, ""] = quantity("1/yr", "log growth in the long run")
    workload_fade: Float[Array, ""] = quantity("1/yr", "how fast the first turns into the last")
    intensity_decline_first: Float[Array, ""] = quantity(
        "1/yr", "log decline of IT energy per workload in 2015"
    )
    intensity_decline_last: Float[Array, ""] = quantity("1/yr", "log decline in the long run")
    intensity_fade: Float[Array, ""] = quantity("1/yr", "how fast the first turns into the last")
    colocation_level: Float[Array, ""] = quantity("1", "logit to hyperscale in 2024")
    colocation_slope: Float[Array, ""] = quantity("1/yr", "its slope in 2024")
    colocation_bend: Float[Array, ""] = quantity("1/yr^2", "its quadratic term")
    enterprise_level: Float[Array, ""] = quantity("1", "logit to hyperscale in 2024")
    enterprise_slope: Float[Array, ""] = quantity("1/yr", "its slope in 2024")
    enterprise_bend: Float[Array, ""] = quantity("1/yr^2", "its quadratic term")
    mix_start: Float[Array, ""] = quantity("yr", "year before which the facility mix stands still")
    mix_end: Float[Array, ""] = quantity("yr", "year after which the facility mix stands still")
    pue_2020: Float[Array, " facility"] = quantity("1", "PUE by facility type in 2020")
    pue_floor_hyperscale: Float[Array, ""] = quantity("1", "lowest PUE within reach, hyperscale")
    pue_floor_colocation: Float[Array, ""] = quantity("1", "lowest PUE within reach, colocation")
    pue_floor_enterprise: Float[Array, ""] = quantity("1", "lowest PUE within reach, enterprise")
    pue_decline: Float[Array, ""] = quantity("1/yr", "rate at which PUE closes on its floor")
    pue_cap: Float[Array, " facility"] = quantity("1", "highest PUE allowed, by facility type")
    pue_cap_reach: Float[Array, " region"] = quantity(
        "1", "share of the region's demand that the cap reaches"
    )
    pue_cap_start: Float[Array, ""] = quantity("yr", "last year without the cap")
    pue_cap_full: Float[Array, ""] = quantity("yr", "first year with the cap in full")
    share_limit: Float[Array, ""] = quantity(
        "1", "highest share of the world's electricity that conventional sites could take"
    )
    load_factor: Float[Array, " facility"] = quantity(
        "1", "average draw over installed facility power"
    )


@block
class ConventionalPath:
    """Outputs of the block."""

    workloads: Float[Array, "*year"] = quantity("1", "workload index, 2015 = 1", "exp(Σ g_W)")
    intensity: Float[Array, "*year"] = quantity(
        "1", "IT energy per workload, 2015 = 1", "exp(-Σ r)"
    )
    mix: Float[Array, "*year facility"] = quantity(
        "1", "share of conventional IT energy", "softmax(0, a_f + b_f τ + c_f τ²)"
    )
    pue_facility: Float[Array, "*year facility"] = quantity(
        "1",
        "PUE by facility type",
        "floor_f + (PUE_f(2020) - floor_f) exp(-k_P (y - 2020)), capped",
    )
    pue: Float[Array, "*year"] = quantity("1", "PUE of conventional sites", "Σ_f mix_f PUE_f")
    pue_region: Float[Array, "*year region"] = quantity(
        "1", "PUE of conventional sites by region", "Σ_f mix_f (free_f - over_f force_r)"
    )
    demand: Float[Array, "*year"] = quantity(
        "TWh",
        "electricity of conventional data centres",
        "E(2015) W J PUE/PUE(2015) exp(noise), under a share of the world's",
    )


def facility_mix(inputs: Conventional, year: Float[Array, ""]) -> Float[Array, " facility"]:
    """Share of IT energy by facility type: softmax of linear-quadratic logits.

    Parameters
    ----------
    inputs
    year : yr

    Returns
    -------
    1

    References
    ----------
    Fitted to IEA, Energy and AI (2025), data annex, less the AI part (docs/model.md).
    """
    elapsed = jnp.clip(year, inputs.mix_start, inputs.mix_end) - MIX_YEAR
    zero = jnp.zeros_like(elapsed)
    level, slope, bend = inputs.colocation_level, inputs.colocation_slope, inputs.colocation_bend
    colocation = level + slope * elapsed + bend * elapsed**2
    level, slope, bend = inputs.enterprise_level, inputs.enterprise_slope, inputs.enterprise_bend
    enterprise = level + slope * elapsed + bend * elapsed**2
    return jax.nn.softmax(jnp.stack([zero, colocation, enterprise]))


def pue_free(
    inputs: Conventional, year: Float[Array, ""]
) -> tuple[Float[Array, " facility"], Float[Array, " facility"]]:
    """PUE by facility type, closing on a floor, and how far it lies over the cap of a policy.

    Parameters
    ----------
    inputs
    year : yr

    Returns
    -------
    1

    References
    ----------
    Definition (docs/model.md, Conventional); levels from IEA (2025), data annex.
    """
    floor = jnp.stack(
        [inputs.pue_floor_hyperscale, inputs.pue_floor_colocation, inputs.pue_floor_enterprise]
    )
    fading = jnp.exp(-inputs.pue_decline * (year - PUE_YEAR))
    free = floor + fading * (inputs.pue_2020 - floor)
    return free, jnp.maximum(free - inputs.pue_cap, 0.0)


def cap_force(inputs: Conventional, year: Float[Array, ""]) -> Float[Array, " region"]:
    """Share of each region's conventional demand that is under the cap in a year."""
    return inputs.pue_cap_reach * ramp(year, inputs.pue_cap_start, inputs.pue_cap_full)


def free_pue(inputs: Conventional, year: Float[Array, ""]) -> Float[Array, ""]:
    """PUE of conventional sites without a cap, weighted by IT energy."""
    return jnp.sum(facility_mix(inputs, year) * pue_free(inputs, year)[0])


def conventional(
    inputs: Conventional,
    year: Float[Array, ""],
    noise: Float[Array, ""],
    pue_2015: Float[Array, ""],
    world: Float[Array, ""],
    share: Float[Array, " region"],
) -> ConventionalPath:
    """Electricity in one year of data-centre work that does not run on AI accelerators.

    Parameters
    ----------
    inputs
    year : yr
    noise : 1
        Level noise on log energy.
    pue_2015 : 1
        PUE of the first year, `free_pue`.
    world : TWh
        World electricity demand, which limits growth far out.
    share : 1
        Of conventional IT energy by region.

    Returns
    -------
    ConventionalPath

    References
    ----------
    model structure: docs/model.md, Conventional; Masanet et al. (2020),
    doi:10.1126/science.aba3758, for energy as workload times intensity times PUE.
    """
    elapsed = year - FIRST_YEAR
    growth = fading_growth(
        elapsed, inputs.workload_growth_first, inputs.workload_growth_last, inputs.workload_fade
    )
    decline = fading_growth(
        elapsed,
        inputs.intensity_decline_first,
        inputs.intensity_decline_last,
        inputs.intensity_fade,
    )
    mix = facility_mix(inputs, year)
    free, over = pue_free(inputs, year)
    reached = cap_force(inputs, year)
    by_facility = free - over * jnp.sum(share * reached)
    pue = jnp.sum(mix * by_facility)
    wanted = inputs.energy_2015 * (pue / pue_2015) * jnp.exp(growth - decline + noise)
    demand, _ = under_limit(wanted, inputs.share_limit * world)
    return ConventionalPath(
        workloads=jnp.exp(growth),
        intensity=jnp.exp(-decline),
        mix=mix,
        pue_facility=by_facility,
        pue=pue,
        pue_region=jnp.sum(mix * free) - jnp.sum(mix * over) * reached,
        demand=demand,
    )

"""What policies do to AI: standards, lean serving, right-sizing, reuse, flexible load, contracts.

Every measure has a strength, a share of the demand of each region that it reaches (coverage times
compliance), and a ramp. AI is served across borders, so a measure on models and chips acts on the
world's AI in the share that it reaches; measures on sites act region by region.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.model.block import block, quantity
from forecast.model.efficiency import EfficiencyPath
from forecast.model.paths import ramp
from forecast.model.size_mix import SizeMixPath

REACH = "share of the region's demand that it reaches"
BEFORE = "last year without it"
FULL = "first year with it in full"


@block
class Measures:
    """Levers of the block."""

    pue_cap_ai: Float[Array, ""] = quantity("1", "highest PUE of AI sites allowed")
    pue_cap_ai_reach: Float[Array, " region"] = quantity("1", REACH)
    pue_cap_ai_start: Float[Array, ""] = quantity("yr", BEFORE)
    pue_cap_ai_full: Float[Array, ""] = quantity("yr", FULL)
    hardware_standard: Float[Array, ""] = quantity(
        "1", "share of energy per operation that a standard for servers saves"
    )
    hardware_standard_reach: Float[Array, " region"] = quantity("1", REACH)
    hardware_standard_start: Float[Array, ""] = quantity("yr", BEFORE)
    hardware_standard_full: Float[Array, ""] = quantity("yr", FULL)
    lean_serving: Float[Array, ""] = quantity(
        "1", "share of energy per token that default quantisation and distillation save"
    )
    lean_serving_reach: Float[Array, " region"] = quantity("1", REACH)
    lean_serving_start: Float[Array, ""] = quantity("yr", BEFORE)
    lean_serving_full: Float[Array, ""] = quantity("yr", FULL)
    right_sizing: Float[Array, ""] = quantity(
        "1", "share of the tokens of large and frontier models that small ones take over"
    )
    right_sizing_reach: Float[Array, " region"] = quantity("1", REACH)
    right_sizing_start: Float[Array, ""] = quantity("yr", BEFORE)
    right_sizing_full: Float[Array, ""] = quantity("yr", FULL)
    reuse: Float[Array, ""] = quantity(
        "1", "further applications of a base model, over those it has without the policy"
    )
    reuse_reach: Float[Array, " region"] = quantity("1", REACH)
    reuse_start: Float[Array, ""] = quantity("yr", BEFORE)
    reuse_full: Float[Array, ""] = quantity("yr", FULL)
    flexible_load: Float[Array, ""] = quantity(
        "1", "further site power that the grid connects where load is flexible, over the rest"
    )
    flexible_load_curtailment: Float[Array, ""] = quantity(
        "1", "share of what sites could serve that flexible load gives up"
    )
    flexible_load_reach: Float[Array, " region"] = quantity("1", REACH)
    flexible_load_start: Float[Array, ""] = quantity("yr", BEFORE)
    flexible_load_full: Float[Array, ""] = quantity("yr", FULL)
    procurement: Float[Array, ""] = quantity(
        "1", "least share of their electricity that operators match by renewable contracts"
    )
    procurement_hourly: Float[Array, ""] = quantity(
        "1", "least share of the matched electricity that is matched hour by hour"
    )
    procurement_reach: Float[Array, " region"] = quantity("1", REACH)
    procurement_start: Float[Array, ""] = quantity("yr", BEFORE)
    procurement_full: Float[Array, ""] = quantity("yr", FULL)
    reporting: Float[Array, ""] = quantity(
        "1", "duty to report energy use; without effect on demand by construction"
    )
    reporting_reach: Float[Array, " region"] = quantity("1", REACH)
    reporting_start: Float[Array, ""] = quantity("yr", BEFORE)
    reporting_full: Float[Array, ""] = quantity("yr", FULL)


def force(
    year: Float[Array, ""],
    reach: Float[Array, " region"],
    start: Float[Array, ""],
    full: Float[Array, ""],
) -> Float[Array, " region"]:
    """Share of each region's demand on which a measure is in force in a year.

    Parameters
    ----------
    year : yr
    reach : 1
    start, full : yr

    Returns
    -------
    1
    """
    return reach * ramp(year, start, full)


def by_standard(
    inputs: Measures, year: Float[Array, ""], share: Float[Array, " region"]
) -> Float[Array, ""]:
    """Share of energy per operation that the standard for servers saves, below the ceiling.

    Parameters
    ----------
    inputs
    year : yr
    share : 1
        Of AI demand by region.

    Returns
    -------
    1

    References
    ----------
    Definition (docs/model.md, Measures).
    """
    reached = force(
        year,
        inputs.hardware_standard_reach,
        inputs.hardware_standard_start,
        inputs.hardware_standard_full,
    )
    return inputs.hardware_standard * jnp.sum(share * reached)


def leaner(
    inputs: Measures, year: Float[Array, ""], share: Float[Array, " region"], gains: EfficiencyPath
) -> EfficiencyPath:
    """Efficiency with lean serving.

    Parameters
    ----------
    inputs
    year : yr
    share : 1
        Of AI demand by region.
    gains
        Of the year, without it.

    Returns
    -------
    EfficiencyPath

    References
    ----------
    Definition (docs/model.md, Measures).
    """
    lean = force(
        year, inputs.lean_serving_reach, inputs.lean_serving_start, inputs.lean_serving_full
    )
    return EfficiencyPath(
        incentive=gains.incentive,
        hardware=gains.hardware,
        software=gains.software,
        precision=gains.precision * (1.0 - inputs.lean_serving * jnp.sum(share * lean)),
        shrinkage=gains.shrinkage,
    )


def right_sized(
    inputs: Measures,
    year: Float[Array, ""],
    share: Float[Array, " region"],
    mix: Float[Array, " size"],
    parameters: Float[Array, " size"],
) -> SizeMixPath:
    """Mix of tokens over size classes when small models take over some of large and frontier.

    Parameters
    ----------
    inputs
    year : yr
    share : 1
        Of AI demand by region.
    mix : 1
        Of the year, without policy.
    parameters : 1
        Active parameters by class in 2023.

    Returns
    -------
    SizeMixPath

    References
    ----------
    Definition (docs/model.md, Measures).
    """
    reached = force(
        year, inputs.right_sizing_reach, inputs.right_sizing_start, inputs.right_sizing_full
    )
    moved = inputs.right_sizing * jnp.sum(share * reached)
    taken = moved * (mix[2] + mix[3])
    kept = jnp.stack([mix[0] + taken, mix[1], mix[2] - moved * mix[2], mix[3] - moved * mix[3]])
    return SizeMixPath(mix=kept, mean_parameters=jnp.sum(kept * parameters))


def reused(
    inputs: Measures, year: Float[Array, ""], share: Float[Array, " region"]
) -> Float[Array, ""]:
    """Factor on new base models: where it reaches, each serves more applications.

    Parameters
    ----------
    inputs
    year : yr
    share : 1
        Of AI demand by region.

    Returns
    -------
    1

    References
    ----------
    Definition (docs/model.md, Measures).
    """
    reached = force(year, inputs.reuse_reach, inputs.reuse_start, inputs.reuse_full)
    # A mixture: those that it does not reach go on as they were.
    return 1.0 - jnp.sum(share * reached) * (inputs.reuse / (1.0 + inputs.reuse))


def ai_pue(
    inputs: Measures, year: Float[Array, ""], pue: Float[Array, ""]
) -> Float[Array, " region"]:
    """PUE of AI sites by region under a cap.

    Parameters
    ----------
    inputs
    year : yr
    pue : 1
        Without policy.

    Returns
    -------
    1

    References
    ----------
    Definition (docs/model.md, Measures).
    """
    reached = force(year, inputs.pue_cap_ai_reach, inputs.pue_cap_ai_start, inputs.pue_cap_ai_full)
    return pue - jnp.maximum(pue - inputs.pue_cap_ai, 0.0) * reached


def flexible(
    inputs: Measures, year: Float[Array, ""]
) -> tuple[Float[Array, " region"], Float[Array, " region"]]:
    """Factors of flexible load: on the site power that connects, and on what sites can serve.

    Parameters
    ----------
    inputs
    year : yr

    Returns
    -------
    1

    References
    ----------
    Definition (docs/model.md, Measures).
    """
    reached = force(
        year, inputs.flexible_load_reach, inputs.flexible_load_start, inputs.flexible_load_full
    )
    return 1.0 + inputs.flexible_load * reached, 1.0 - inputs.flexible_load_curtailment * reached


def procured(
    inputs: Measures, year: Float[Array, ""], share: Float[Array, ""], hourly: Float[Array, ""]
) -> tuple[Float[Array, " region"], Float[Array, " region"]]:
    """Shares of electricity that is matched over a year, and hour by hour, under the floors.

    Where the policy reaches, both are at least the floors; elsewhere they are the operators' own.

    Parameters
    ----------
    inputs
    year : yr
    share : 1
        Matched over a year, without policy.
    hourly : 1
        Of what is matched, matched hour by hour, without policy.

    Returns
    -------
    1

    References
    ----------
    Definition (docs/model.md, Emissions).
    """
    reached = force(
        year, inputs.procurement_reach, inputs.procurement_start, inputs.procurement_full
    )
    asked = jnp.maximum(share, inputs.procurement)
    by_hour = asked * jnp.maximum(hourly, inputs.procurement_hourly)
    own = share * hourly
    return share + (asked - share) * reached, own + (by_hour - own) * reached

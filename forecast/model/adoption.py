"""Adoption of AI: applications, requests, tokens, other services, and the rebound of use."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.model.block import block, quantity
from forecast.model.efficiency import BASE_YEAR
from forecast.model.paths import fading_growth

DAYS = 365.0
"""Days of the year that requests are counted over. (d/yr; definition)"""

GRAMS = 1000.0
"""(gCO2e/kWh) over this is tCO2e/MWh. (g/kg; definition)"""


@block
class Adoption:
    """Inputs of the block."""

    applications_2023: Float[Array, ""] = quantity("1", "generative applications deployed in 2023")
    saturation: Float[Array, ""] = quantity("1", "applications at saturation over those of 2023")
    rate: Float[Array, ""] = quantity("1/yr", "logistic rate of adoption")
    tokens_2023: Float[Array, ""] = quantity("tokens", "output tokens served in 2023, world")
    length_2023: Float[Array, ""] = quantity("tokens", "output tokens per request in 2023")
    length_growth: Float[Array, ""] = quantity(
        "1/yr", "log growth of tokens per request in 2023: longer outputs, reasoning, agents"
    )
    length_growth_last: Float[Array, ""] = quantity("1/yr", "that growth in the long run")
    length_fade: Float[Array, ""] = quantity("1/yr", "how fast the first turns into the last")
    other_2023: Float[Array, ""] = quantity(
        "TWh", "IT energy of other AI services in 2023: ranking, advertising, vision, video"
    )
    other_growth: Float[Array, ""] = quantity("1/yr", "its log growth in 2023")
    other_fade: Float[Array, ""] = quantity("1/yr", "how fast that growth fades")
    elasticity: Float[Array, ""] = quantity("1", "elasticity of use to the cost of a service")
    ceiling: Float[Array, ""] = quantity("1", "largest factor by which rebound moves use")
    energy_cost_share: Float[Array, ""] = quantity(
        "1", "electricity in the cost of a service in 2023"
    )
    hardware_pass_through: Float[Array, ""] = quantity(
        "1", "how far the rest of the cost follows the energy of a service, in logs"
    )
    power_price: Float[Array, ""] = quantity("USD/MWh", "price of electricity in 2023")
    power_price_growth: Float[Array, ""] = quantity("1/yr", "its real log growth")
    carbon_price: Float[Array, ""] = quantity("USD/tCO2e", "price on carbon in electricity")
    carbon_price_reach: Float[Array, " region"] = quantity(
        "1", "share of the region's electricity that pays it, times what is passed on"
    )
    carbon_price_start: Float[Array, ""] = quantity("yr", "last year without that price")
    carbon_price_full: Float[Array, ""] = quantity("yr", "first year with it in full")


@block
class AdoptionPath:
    """Outputs of the block."""

    applications: Float[Array, "*year"] = quantity(
        "1", "generative applications deployed", "N(2023) K / (1 + (K - 1) exp(-r τ))"
    )
    new_applications: Float[Array, "*year"] = quantity(
        "1", "applications deployed on top of those of the year before", "N(y) - N(y - 1)"
    )
    requests: Float[Array, "*year"] = quantity(
        "1/d", "requests per application and day", "tokens(2023) / (N(2023) 365 l(2023))"
    )
    length: Float[Array, "*year"] = quantity(
        "tokens", "output tokens per request before rebound", "l(2023) exp(Σ growth)"
    )
    tokens_reference: Float[Array, "*year"] = quantity(
        "tokens", "output tokens before rebound", "N q 365 l"
    )
    other: Float[Array, "*year"] = quantity(
        "TWh", "IT energy of other AI services", "E_other(2023) exp(Σ growth)"
    )
    price_index: Float[Array, "*year"] = quantity(
        "1", "power price with carbon over that of 2023", "(p exp(g τ) + carbon price · CI) / p"
    )


def logistic(
    elapsed: Float[Array, ""], saturation: Float[Array, ""], rate: Float[Array, ""]
) -> Float[Array, ""]:
    """Logistic growth from 1 at year 0 to `saturation`.

    Parameters
    ----------
    elapsed : yr
    saturation : 1
    rate : 1/yr

    Returns
    -------
    1

    References
    ----------
    Verhulst (1838); definition in docs/model.md, Adoption.
    """
    return saturation / (1.0 + (saturation - 1.0) * jnp.exp(-rate * elapsed))


def adoption(
    inputs: Adoption, year: Float[Array, ""], carbon_intensity: Float[Array, ""]
) -> AdoptionPath:
    """Volumes of AI services before rebound and what their power costs, in one year.

    Parameters
    ----------
    inputs
    year : yr
    carbon_intensity : gCO2e/kWh
        World mean of what pays a carbon price, where and while it is in force.

    Returns
    -------
    AdoptionPath

    References
    ----------
    Definition (docs/model.md, Adoption).
    """
    elapsed = year - BASE_YEAR
    after = jnp.maximum(elapsed, 0.0)
    zero = jnp.zeros_like(inputs.rate)
    spread = logistic(elapsed, inputs.saturation, inputs.rate)
    earlier = logistic(elapsed - 1.0, inputs.saturation, inputs.rate)
    first, last = inputs.length_growth, inputs.length_growth_last
    longer = jnp.exp(fading_growth(after, first, last, inputs.length_fade))
    other = fading_growth(elapsed, inputs.other_growth, zero, inputs.other_fade)
    carbon = inputs.carbon_price * carbon_intensity / GRAMS / inputs.power_price
    return AdoptionPath(
        applications=inputs.applications_2023 * spread,
        new_applications=inputs.applications_2023 * (spread - earlier),
        requests=inputs.tokens_2023 / (inputs.applications_2023 * DAYS * inputs.length_2023),
        length=inputs.length_2023 * longer,
        tokens_reference=inputs.tokens_2023 * spread * longer,
        other=inputs.other_2023 * jnp.exp(other),
        price_index=jnp.exp(inputs.power_price_growth * after) + carbon,
    )


def service_cost(
    inputs: Adoption, unit_energy: Float[Array, ""], price_index: Float[Array, ""]
) -> Float[Array, ""]:
    """Cost of a service over that of 2023, in one year.

    Parameters
    ----------
    inputs
    unit_energy : 1
        Energy per token over 2023.
    price_index : 1
        Power price over 2023.

    Returns
    -------
    1

    References
    ----------
    Definition (docs/model.md, Rebound).
    """
    share = inputs.energy_cost_share
    rest = unit_energy**inputs.hardware_pass_through
    return share * unit_energy * price_index + (1.0 - share) * rest


def rebound(
    inputs: Adoption, cost: Float[Array, ""], reference: Float[Array, ""]
) -> Float[Array, ""]:
    """Factor on use when a service costs other than on the reference path.

    Parameters
    ----------
    inputs
    cost, reference : 1
        Cost of a service over 2023, in this draw and on the reference path.

    Returns
    -------
    1

    References
    ----------
    Definition (docs/model.md, Rebound): (c / c_ref)^-ε within [1/ceiling, ceiling].
    """
    ceiling = jnp.log(inputs.ceiling)
    response = -inputs.elasticity * jnp.log(cost / reference)
    return jnp.exp(jnp.clip(response, -ceiling, ceiling))

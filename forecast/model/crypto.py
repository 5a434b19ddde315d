"""Cryptocurrency mining: observed years, then a drift with noise under the miners' revenue."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.axes import FIRST_YEAR
from forecast.model.block import block, quantity
from forecast.model.paths import at_year, fading_growth, ramp, under_limit

START_YEAR = 2022.0
"""First year of the drift. (yr; definition, model.md 6)"""

REVENUE_YEAR = 2024.0
"""Year of the first revenue. (yr; definition)"""

MWH_PER_TWH = 1e6
"""(MWh/TWh; definition)"""

BILLION = 1e9
"""(definition)"""


@block
class Crypto:
    """Inputs of the block."""

    history: Float[Array, " past_year"] = quantity("TWh", "mining in the years before 2022")
    history_error: Float[Array, ""] = quantity("1", "log-sd of each of these years")
    energy_2022: Float[Array, ""] = quantity("TWh", "mining in 2022")
    drift: Float[Array, ""] = quantity("1/yr", "log drift in 2022")
    drift_fade: Float[Array, ""] = quantity("1/yr", "how fast the drift fades")
    volatility: Float[Array, ""] = quantity("1", "standard deviation of a year's innovation")
    persistence: Float[Array, ""] = quantity("1", "share of a deviation that remains a year later")
    revenue_2024: Float[Array, ""] = quantity("GUSD/yr", "miners' revenue in 2024")
    revenue_growth: Float[Array, ""] = quantity("1/yr", "its log growth")
    power_price: Float[Array, ""] = quantity("USD/MWh", "power price of miners")
    restriction: Float[Array, ""] = quantity("1", "share of mining that a policy ends")
    restriction_reach: Float[Array, " region"] = quantity(
        "1", "share of the region's mining that the policy reaches"
    )
    restriction_start: Float[Array, ""] = quantity("yr", "last year without the restriction")
    restriction_full: Float[Array, ""] = quantity("yr", "first year with it in full")


@block
class CryptoPath:
    """Outputs of the block."""

    free: Float[Array, "*year"] = quantity(
        "TWh", "mining before the limit of revenue", "C(2022) exp(Σ drift + noise)"
    )
    revenue_limit: Float[Array, "*year"] = quantity(
        "TWh", "energy that all revenue would buy", "revenue / power price"
    )
    demand: Float[Array, "*year"] = quantity(
        "TWh", "electricity of mining", "smooth minimum of the two, less the restriction"
    )
    left: Float[Array, "*year region"] = quantity(
        "1", "share of the region's mining that goes on", "1 - restriction · reach · ramp"
    )


def crypto(
    inputs: Crypto,
    year: Float[Array, ""],
    noise: Float[Array, ""],
    innovation: Float[Array, ""],
    share: Float[Array, " region"],
) -> CryptoPath:
    """Electricity of cryptocurrency mining in one year.

    Parameters
    ----------
    inputs
    year : yr
    noise : 1
        Level noise around the drift, 0 up to 2022.
    innovation : 1
        Standard normal of the year, the error of a year before 2022.
    share : 1
        Of mining by region, without policy.

    Returns
    -------
    CryptoPath

    References
    ----------
    History: Cambridge Bitcoin Electricity Consumption Index; definition in docs/model.md, Crypto.
    """
    elapsed = year - START_YEAR
    zero = jnp.zeros_like(inputs.drift)
    growth = fading_growth(jnp.maximum(elapsed, 0.0), inputs.drift, zero, inputs.drift_fade)
    later = inputs.energy_2022 * jnp.exp(growth + noise)
    known = at_year(inputs.history, year, FIRST_YEAR)
    past = known * jnp.exp(inputs.history_error * innovation)
    free = jnp.where(elapsed < 0.0, past, later)
    revenue = inputs.revenue_2024 * jnp.exp(inputs.revenue_growth * (year - REVENUE_YEAR))
    limit = revenue * BILLION / inputs.power_price / MWH_PER_TWH
    bounded, _ = under_limit(free, limit)
    mined = jnp.where(elapsed > 0.0, bounded, free)
    force = ramp(year, inputs.restriction_start, inputs.restriction_full)
    ended = inputs.restriction * force * inputs.restriction_reach
    return CryptoPath(
        free=free,
        revenue_limit=limit,
        demand=mined - mined * jnp.sum(share * ended),
        left=1.0 - ended,
    )

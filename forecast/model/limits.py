"""Limits to growth: accelerators that retire, energised sites by region, and what they serve."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.model.block import block, quantity
from forecast.model.efficiency import BASE_YEAR
from forecast.model.paths import fading_growth, ramp, under_limit

TWH_PER_GW = 8.76
"""Energy of one GW over a year of 8,760 hours. (TWh/GW; definition)"""

STOCK_AGE = 1.0
"""Mean age of the accelerators in use in 2023. (yr; judgement D: most were shipped in 2022 and
2023, Epoch chip sales)"""

LEADS = 3
"""Longest lead time of an order. (yr; definition)"""


@block
class Limits:
    """Inputs of the block."""

    chips_2023: Float[Array, ""] = quantity(
        "GW", "mean power of accelerators in use in 2023, chips alone"
    )
    additions_2024: Float[Array, ""] = quantity(
        "GW", "accelerators added from 2023 to 2024, yearly means, chips alone"
    )
    additions_growth: Float[Array, ""] = quantity("1/yr", "log growth of the additions in 2024")
    additions_fade: Float[Array, ""] = quantity("1/yr", "how fast that growth fades")
    host_factor: Float[Array, ""] = quantity("1", "power of server and network over its chips")
    life: Float[Array, ""] = quantity("yr", "age at which half of a vintage has retired")
    life_spread: Float[Array, ""] = quantity("yr", "width of the retirement around that age")
    order_elasticity: Float[Array, ""] = quantity(
        "1", "response of additions to demand over capacity"
    )
    order_maximum: Float[Array, ""] = quantity("1", "largest factor by which orders move additions")
    lead_time: Float[Array, ""] = quantity("yr", "whole years from order to operation, 1 to 3")
    load_factor: Float[Array, ""] = quantity("1", "average draw over usable accelerator power")
    pue: Float[Array, ""] = quantity("1", "PUE of AI sites")
    hyperscale_share: Float[Array, ""] = quantity("1", "AI in hyperscale sites, rest colocation")
    spare_sites: Float[Array, ""] = quantity("1", "energised site power kept above chip power")
    site_additions: Float[Array, " region"] = quantity(
        "GW", "highest yearly additions of AI site power in 2024, IT level, at p50"
    )
    site_scale: Float[Array, ""] = quantity("1", "factor on these additions, all regions")
    site_growth: Float[Array, ""] = quantity("1/yr", "log growth of these additions")
    connection_cap: Float[Array, " region"] = quantity(
        "GW", "highest yearly additions of AI site power that a policy allows"
    )
    connection_cap_start: Float[Array, ""] = quantity("yr", "last year without that cap")
    connection_cap_full: Float[Array, ""] = quantity("yr", "first year with it in full")


@block
class LimitsPath:
    """Outputs of the block."""

    chips: Float[Array, "*year"] = quantity(
        "GW", "usable accelerator power, host included", "Σ shipments · alive(age) · host factor"
    )
    additions: Float[Array, "*year"] = quantity(
        "GW", "accelerators added in the year, host included", "base · orders · host factor"
    )
    sites: Float[Array, "*year region"] = quantity(
        "GW", "energised AI site power, IT level", "sites(y - 1) + min(wanted, maximum)"
    )
    capacity: Float[Array, "*year region"] = quantity(
        "TWh",
        "what can be served",
        "min(chips, sites) · 8.76 · load factor · PUE_ai · kept",
    )
    demand: Float[Array, "*year region"] = quantity("TWh", "AI demand, at the meter", "share · AI")
    served: Float[Array, "*year region"] = quantity(
        "TWh", "AI demand served", "demand (1 + (demand / cap)^n)^(-1/n)"
    )
    unserved: Float[Array, "*year region"] = quantity(
        "TWh", "AI demand not served", "demand - served"
    )
    tightness: Float[Array, "*year"] = quantity(
        "1", "log of world AI demand over capacity", "log(Σ demand / Σ capacity)"
    )


@block
class LimitsState:
    """What one year hands to the next."""

    fleet: Float[Array, " age"] = quantity("GW", "additions by age, youngest first, host included")
    sites: Float[Array, " region"] = quantity("GW", "energised site power")
    tightness: Float[Array, " lead"] = quantity("1", "log(demand / capacity), latest first")
    incentive: Float[Array, ""] = quantity("1", "log gain of efficiency from binding limits")


def base_additions(inputs: Limits, year: Float[Array, ""]) -> Float[Array, ""]:
    """Accelerators added in a year before orders answer, host included; none up to 2023.

    Parameters
    ----------
    inputs
    year : yr

    Returns
    -------
    GW

    References
    ----------
    Definition (docs/model.md, Limits).
    """
    since = year - (BASE_YEAR + 1.0)
    zero = jnp.zeros_like(since)
    growth = fading_growth(since, inputs.additions_growth, zero, inputs.additions_fade)
    shipped = inputs.additions_2024 * inputs.host_factor * jnp.exp(growth)
    return jnp.where(since >= 0.0, shipped, 0.0)


def site_maximum(
    inputs: Limits, year: Float[Array, ""], headroom: Float[Array, " region"]
) -> Float[Array, " region"]:
    """Highest additions of site power in a year, under the cap that a policy may set.

    Parameters
    ----------
    inputs
    year : yr
    headroom : 1
        Factor on what the grid connects, of flexible load.

    Returns
    -------
    GW

    References
    ----------
    Definition (docs/model.md, Limits).
    """
    since = year - (BASE_YEAR + 1.0)
    free = inputs.site_scale * jnp.exp(inputs.site_growth * since) * inputs.site_additions
    free = free * headroom
    over = jnp.maximum(free - inputs.connection_cap, 0.0)
    return free - over * ramp(year, inputs.connection_cap_start, inputs.connection_cap_full)


def first_state(
    inputs: Limits, ages: Float[Array, " age"], share: Float[Array, " region"]
) -> LimitsState:
    """State before the first year.

    Parameters
    ----------
    inputs
    ages : yr
        Whole ages that a vintage can reach, from 0.
    share : 1
        Of AI demand by region in 2023; sites of 2023 host the chips of 2023.

    Returns
    -------
    LimitsState
    """
    hosted = inputs.chips_2023 * inputs.host_factor * (1.0 + inputs.spare_sites)
    zero = jnp.zeros_like(inputs.pue)
    return LimitsState(
        fleet=jnp.zeros_like(ages) * zero,
        sites=share * hosted,
        tightness=jnp.zeros(LEADS, dtype=zero.dtype) * zero,
        incentive=zero,
    )


def alive(inputs: Limits, age: Float[Array, "*axes"]) -> Float[Array, "*axes"]:
    """Share of a vintage still in use at an age.

    Parameters
    ----------
    inputs
    age : yr

    Returns
    -------
    1
        Half at the life.

    References
    ----------
    Definition (docs/model.md, Limits): logistic retirement.
    """
    return jax.nn.sigmoid((inputs.life - age) / inputs.life_spread)


def order_factor(inputs: Limits, tightness: Float[Array, " lead"]) -> Float[Array, ""]:
    """Factor on base additions from orders placed a lead time ago.

    Parameters
    ----------
    inputs
    tightness : 1
        ``log(demand / capacity)`` of last year, the year before, and so on.

    Returns
    -------
    1

    References
    ----------
    Definition (docs/model.md, Limits): (demand / cap)^η within [1/maximum, maximum].
    """
    lead = jnp.arange(1.0, LEADS + 1.0)
    seen = jnp.sum(jnp.where(lead == jnp.round(inputs.lead_time), tightness, 0.0))
    most = jnp.log(inputs.order_maximum)
    return jnp.exp(jnp.clip(inputs.order_elasticity * seen, -most, most))


def usable_chips(
    inputs: Limits,
    year: Float[Array, ""],
    kept: Float[Array, " age"],
    additions: Float[Array, ""],
    fleet: Float[Array, " age"],
) -> Float[Array, ""]:
    """Accelerator power in use in a year, host included.

    Parameters
    ----------
    inputs
    year : yr
    kept : 1
        Share of a vintage alive at each whole age, from 0.
    additions : GW
        Of the year.
    fleet : GW
        Additions of the years before, youngest first.

    Returns
    -------
    GW
    """
    age = jnp.maximum(year - BASE_YEAR, 0.0) + STOCK_AGE
    left = alive(inputs, age) / alive(inputs, jnp.full_like(age, STOCK_AGE))
    old = inputs.chips_2023 * inputs.host_factor * left
    return old + additions * kept[0] + jnp.sum(fleet[:-1] * kept[1:])


def serve(
    demand: Float[Array, " region"], capacity: Float[Array, " region"], year: Float[Array, ""]
) -> tuple[Float[Array, " region"], Float[Array, " region"]]:
    """Demand served and not served; up to 2023 all of it is served by definition.

    Parameters
    ----------
    demand, capacity : TWh
    year : yr

    Returns
    -------
    served, unserved : TWh
        They sum to the demand; neither form overflows or cancels.

    References
    ----------
    Definition (docs/model.md, Limits).
    """
    served, unserved = under_limit(demand, capacity)
    began = year > BASE_YEAR
    return jnp.where(began, served, demand), jnp.where(began, unserved, 0.0)


def limits(
    inputs: Limits,
    state: LimitsState,
    year: Float[Array, ""],
    kept: Float[Array, " age"],
    demand: Float[Array, " region"],
    share: Float[Array, " region"],
    pue: Float[Array, " region"],
    flexible: tuple[Float[Array, " region"], Float[Array, " region"]],
) -> LimitsPath:
    """What the world's AI demand meets in one year.

    Parameters
    ----------
    inputs, state
    year : yr
    kept : 1
        Share of a vintage alive at each whole age, from 0.
    demand : TWh
        AI demand at the meter by region.
    share : 1
        Of its IT energy by region.
    pue : 1
        Of AI sites by region.
    flexible : 1
        Factors of flexible load: on what the grid connects, and on what sites can serve.

    Returns
    -------
    LimitsPath of the year

    References
    ----------
    Definition (docs/model.md, Limits).
    """
    additions = base_additions(inputs, year) * order_factor(inputs, state.tightness)
    chips = usable_chips(inputs, year, kept, additions, state.fleet)
    wanted = share * chips * (1.0 + inputs.spare_sites)
    grown = jnp.clip(wanted - state.sites, 0.0, site_maximum(inputs, year, flexible[0]))
    sites = state.sites + jnp.where(year > BASE_YEAR, grown, 0.0)
    usable = jnp.minimum(share * chips, sites)
    capacity = usable * TWH_PER_GW * inputs.load_factor * pue * flexible[1]
    served, unserved = serve(demand, capacity, year)
    return LimitsPath(
        chips=chips,
        additions=additions,
        sites=sites,
        capacity=capacity,
        demand=demand,
        served=served,
        unserved=unserved,
        tightness=jnp.log(jnp.sum(demand) / jnp.sum(capacity)),
    )


def next_state(
    state: LimitsState,
    path: LimitsPath,
    year: Float[Array, ""],
    incentive: Float[Array, ""],
) -> LimitsState:
    """State after a year.

    Parameters
    ----------
    state, path
        Before the year, and of the year.
    year : yr
    incentive : 1/yr
        Rise of the rates of efficiency per unit of tightness.

    Returns
    -------
    LimitsState
    """
    began = year >= BASE_YEAR
    seen = jnp.where(began, path.tightness, 0.0)
    binding = jnp.where(year > BASE_YEAR, jnp.maximum(path.tightness, 0.0), 0.0)
    return LimitsState(
        fleet=jnp.concatenate([jnp.atleast_1d(path.additions), state.fleet[:-1]]),
        sites=path.sites,
        tightness=jnp.concatenate([jnp.atleast_1d(seen), state.tightness[:-1]]),
        incentive=state.incentive + incentive * binding,
    )

"""Where demand lies: shares by region of each segment group, drifting from 2024."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.model.block import block, quantity
from forecast.model.paths import fading_growth

SHARE_YEAR = 2024.0
"""Year in which the shares are anchored. (yr; definition)"""


@block
class Regions:
    """Inputs of the block."""

    conventional: Float[Array, " region"] = quantity("1", "share of conventional, 2024")
    ai: Float[Array, " region"] = quantity("1", "share of AI demand, 2024")
    crypto: Float[Array, " region"] = quantity("1", "share of crypto")
    drift_united_states: Float[Array, ""] = quantity("1/yr", "drift of its logit to rest of world")
    drift_china: Float[Array, ""] = quantity("1/yr", "drift of its logit to rest of world")
    drift_europe: Float[Array, ""] = quantity("1/yr", "drift of its logit to rest of world")
    drift_asia_pacific: Float[Array, ""] = quantity("1/yr", "drift of its logit to rest of world")
    drift_fade: Float[Array, ""] = quantity("1/yr", "how fast the drifts fade after 2024")


@block
class RegionsPath:
    """Outputs of the block."""

    conventional: Float[Array, "*year region"] = quantity(
        "1", "share of conventional demand", "softmax(log share(2024) + Σ drift)"
    )
    ai: Float[Array, "*year region"] = quantity(
        "1", "share of AI demand", "softmax(log share(2024) + Σ drift)"
    )
    crypto: Float[Array, "*year region"] = quantity("1", "share of crypto", "share(2024)")


def regions(inputs: Regions, year: Float[Array, ""]) -> RegionsPath:
    """Shares by region in one year; each sums to one.

    Parameters
    ----------
    inputs
    year : yr

    Returns
    -------
    RegionsPath

    References
    ----------
    Fitted to IEA, Energy and AI (2025), data annex, regional data (docs/model.md, Regions).
    """
    one = jnp.ones_like(inputs.drift_fade)
    zero = jnp.zeros_like(one)
    passed = fading_growth(year - SHARE_YEAR, one, zero, inputs.drift_fade)
    drift = jnp.stack(
        [
            inputs.drift_united_states,
            inputs.drift_china,
            inputs.drift_europe,
            inputs.drift_asia_pacific,
            zero,
        ]
    )
    moved = passed * drift
    return RegionsPath(
        conventional=jax.nn.softmax(jnp.log(inputs.conventional) + moved),
        ai=jax.nn.softmax(jnp.log(inputs.ai) + moved),
        crypto=inputs.crypto,
    )

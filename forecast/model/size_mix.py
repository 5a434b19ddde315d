"""Size classes of generative models and the mix of tokens over them."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.model.block import block, quantity
from forecast.model.efficiency import BASE_YEAR
from forecast.model.paths import fading_growth


@block
class SizeMix:
    """Inputs of the block."""

    parameters_small: Float[Array, ""] = quantity("1", "active parameters in 2023, small")
    parameters_medium: Float[Array, ""] = quantity("1", "active parameters in 2023, medium")
    parameters_large: Float[Array, ""] = quantity("1", "active parameters in 2023, large")
    parameters_frontier: Float[Array, ""] = quantity("1", "active parameters in 2023, frontier")
    share_2023: Float[Array, " size"] = quantity("1", "share of tokens by class in 2023")
    drift_small: Float[Array, ""] = quantity("1/yr", "drift of its logit to large in 2023")
    drift_medium: Float[Array, ""] = quantity("1/yr", "drift of its logit to large in 2023")
    drift_frontier: Float[Array, ""] = quantity("1/yr", "drift of its logit to large in 2023")
    drift_fade: Float[Array, ""] = quantity("1/yr", "how fast the drifts fade")


@block
class SizeMixPath:
    """Outputs of the block."""

    mix: Float[Array, "*year size"] = quantity(
        "1", "share of tokens by class", "softmax(log share(2023) + Σ drift)"
    )
    mean_parameters: Float[Array, "*year"] = quantity(
        "1", "active parameters per token at the sizes of 2023", "Σ_k mix_k P_k(2023)"
    )


def parameters_2023(inputs: SizeMix) -> Float[Array, " size"]:
    """Active parameters by class in 2023, in the order of the sizes."""
    return jnp.stack(
        [
            inputs.parameters_small,
            inputs.parameters_medium,
            inputs.parameters_large,
            inputs.parameters_frontier,
        ]
    )


def free_mix(inputs: SizeMix, year: Float[Array, ""]) -> Float[Array, " size"]:
    """Mix of tokens over size classes in one year, without policy: a softmax of drifting logits.

    Parameters
    ----------
    inputs
    year : yr

    Returns
    -------
    1

    References
    ----------
    Definition (docs/model.md, Size mix).
    """
    after = jnp.maximum(year - BASE_YEAR, 0.0)
    one = jnp.ones_like(inputs.drift_fade)
    passed = fading_growth(after, one, jnp.zeros_like(one), inputs.drift_fade)
    zero = jnp.zeros_like(inputs.drift_small)
    drift = jnp.stack([inputs.drift_small, inputs.drift_medium, zero, inputs.drift_frontier])
    return jax.nn.softmax(jnp.log(inputs.share_2023) + passed * drift)

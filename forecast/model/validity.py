"""Whether a draw gave a possible future; a draw that did not is kept with its reason."""

import jax.numpy as jnp
from jaxtyping import Array, Int

from forecast.axes import STATUS
from forecast.model.demand import Outputs


def status(outputs: Outputs) -> Int[Array, ""]:
    """Reason why a draw fails, as an index into `axes.STATUS`; 0 where it does not.

    Parameters
    ----------
    outputs
        Of one draw, all years.

    Returns
    -------
    1
    """
    sums = [
        jnp.sum(outputs.regional),
        jnp.sum(outputs.totals.unserved + outputs.totals.ai_demand),
        jnp.sum(outputs.emissions.emissions),
        jnp.sum(outputs.emissions.renewable_share_market),
        jnp.sum(outputs.facilities.pue + outputs.facilities.load_factor),
    ]
    broken = ~jnp.isfinite(jnp.stack(sums)).all()
    negative = (outputs.regional < 0.0).any() | (outputs.totals.unserved < 0.0).any()
    above = (outputs.totals.total > outputs.electricity.world).any()
    codes = [STATUS.index(one) for one in ("not_finite", "negative", "above_world")]
    code = jnp.where(above, codes[2], 0)
    code = jnp.where(negative, codes[1], code)
    return jnp.where(broken, codes[0], code)

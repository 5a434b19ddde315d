"""The normal score of a probability: the quantile function of the standard normal."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

type Coefficients = tuple[float, ...]

# Rational approximations of Wichura, numerators over denominators, constant terms first.
_MIDDLE: tuple[Coefficients, Coefficients] = (
    (
        3.3871328727963666080e0,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3,
    ),
    (
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    ),
)
_TAIL: tuple[Coefficients, Coefficients] = (
    (
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ),
    (
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ),
)
_FAR_TAIL: tuple[Coefficients, Coefficients] = (
    (
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ),
    (
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ),
)


@jax.custom_jvp
def normal_score(u: Float[Array, "..."]) -> Float[Array, "..."]:
    """Quantile of the standard normal, to 1e-15 of itself.

    Less than half the time of `jax.scipy.special.ndtri`, and the same bits in every version of JAX.

    Parameters
    ----------
    u : 1
        In the open unit interval.

    Returns
    -------
    1

    References
    ----------
    Wichura (1988), algorithm AS 241 (PPND16), doi:10.2307/2347330
    """
    offset = u - 0.5
    middle = offset * _rational(_MIDDLE, 0.180625 - offset * offset)
    depth = jnp.sqrt(-jnp.log(jnp.minimum(u, 1 - u)))
    tail = jnp.where(depth <= 5, _rational(_TAIL, depth - 1.6), _rational(_FAR_TAIL, depth - 5))
    return jnp.where(jnp.abs(offset) <= 0.425, middle, jnp.where(offset < 0, -tail, tail))


@normal_score.defjvp
def _tangent(
    primals: tuple[Float[Array, "..."]], tangents: tuple[Float[Array, "..."]]
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    z = normal_score(*primals)
    return z, tangents[0] * jnp.exp(0.5 * z * z) * 2.5066282746310002  # sqrt(2 pi)


def _rational(parts: tuple[Coefficients, Coefficients], x: Array) -> Array:
    above, below = (jnp.full_like(x, part[-1]) for part in parts)
    for up, down in zip(parts[0][-2::-1], parts[1][-2::-1], strict=True):
        above, below = above * x + up, below * x + down
    return above / below

"""Dependence between inputs: Gaussian and t copula on top of the points of a design."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr
from jaxtyping import Array, Float

from forecast.sampling.design import Cube, Design, Stream, cube, unit_points
from forecast.sampling.forms import held
from forecast.sampling.score import normal_score
from forecast.sampling.streams import BLOCK, ROWS
from forecast.sampling.tabulated import Gamma, gamma, student_distribution
from forecast.spec.dependence import Dependence, correlation

EDGE = 2.0**-53
"""Distance kept from 0 and 1: correlated scores may lie further out than float64 can say."""


class Mixing(NamedTuple):
    """What the members of a t copula share: the chi-square variable under their scores."""

    df: Float[Array, ""]
    chi_square: Gamma
    cube: Cube


class Group(NamedTuple):
    """A dependence group made ready."""

    names: tuple[str, ...]
    factor: Float[np.ndarray, "member member"]
    """Lower triangular, padded by the identity; times its transpose the correlation matrix."""
    mixing: Mixing | None
    """None for the Gaussian copula."""


def prepare_group(dependence: Dependence, design: Design) -> Group:
    """Make a dependence group ready, once for a run.

    Parameters
    ----------
    dependence
        Copula, pairs and, for the t copula, degrees of freedom.
    design
        Design of the run. The shared variable of a t copula has a stream of its own, named by the
        group; it has no Sobol column, so under a Sobol design it is plain Monte Carlo.

    References
    ----------
    Demarta and McNeil (2005), doi:10.1111/j.1751-5823.2005.tb00254.x
    """
    found = correlation(dependence)
    factor = np.eye(-(-len(found.names) // ROWS) * ROWS)
    factor[: len(found.names), : len(found.names)] = np.linalg.cholesky(found.matrix)
    if dependence.copula == "gaussian" or dependence.df is None:
        return Group(tuple(found.names), factor, None)
    method = "random" if design.method == "sobol" else design.method
    own = Design(method, design.seed, design.chains, design.draws)
    shared = cube(own, [Stream(f"dependence:{dependence.name}", 1)])
    mixing = Mixing(held(dependence.df), gamma(dependence.df / 2, 2.0), shared)
    return Group(tuple(found.names), factor, mixing)


def couple(
    group: Group, u: Float[np.ndarray, "member draw"], *, chain: np.ndarray, index: np.ndarray
) -> Float[np.ndarray, "member draw"]:
    """Points of a group's members, made dependent; each stays uniform.

    Parameters
    ----------
    group
        From `prepare_group`.
    u : 1
        Independent points, a row for each member in the order of `group.names`.
    chain, index
        The draws that the points belong to.

    Returns
    -------
    1
        In the open unit interval.
    """
    count = u.shape[1]
    padded = np.full((len(group.factor), BLOCK), 0.5)
    shared = np.full((1, BLOCK), 0.5)
    out = np.empty_like(u)
    for start in range(0, count, BLOCK):
        stop = min(start + BLOCK, count)
        padded[: len(u), : stop - start] = u[:, start:stop]
        if group.mixing is None:
            with jax.enable_x64(True):
                done = _gaussian(group.factor, padded)
        else:
            pairs = {"chain": chain[start:stop], "index": index[start:stop]}
            shared[:, : stop - start] = unit_points(group.mixing.cube, **pairs)
            with jax.enable_x64(True):
                chi_square, df = group.mixing.chi_square, group.mixing.df
                done = _student(group.factor, padded, shared[0], df=df, chi_square=chi_square)
        out[:, start:stop] = np.asarray(done)[: len(u), : stop - start]
    return out


def _scores(
    factor: Float[Array, "member member"], u: Float[Array, "member draw"]
) -> Float[Array, "member draw"]:
    # Added up one by one: a matrix product may choose its order by the shape of the block.
    z = normal_score(u)
    total = jnp.zeros_like(z)
    for member in range(len(z)):
        total = total + factor[:, member, jnp.newaxis] * z[member]
    return total


@jax.jit
def _gaussian(
    factor: Float[Array, "member member"], u: Float[Array, "member draw"]
) -> Float[Array, "member draw"]:
    return jnp.clip(ndtr(_scores(factor, u)), EDGE, 1 - EDGE)


@jax.jit
def _student(
    factor: Float[Array, "member member"],
    u: Float[Array, "member draw"],
    shared: Float[Array, " draw"],
    *,
    df: Float[Array, ""],
    chi_square: Gamma,
) -> Float[Array, "member draw"]:
    t = _scores(factor, u) * jnp.sqrt(df / chi_square.quantile(shared))
    return jnp.clip(student_distribution(df, t), EDGE, 1 - EDGE)

"""The latent space: standard normals that become the inputs and the noise of one draw.

Every uncertain input is a monotone function of standard normals (its quantile function after the
normal distribution function, after the copula of its group), and so is the year-to-year noise. The
prior of a latent point is therefore the standard normal in every world, whatever its priors are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr
from jaxtyping import Array, Float

from forecast.axes import FIRST_YEAR, STREAMS
from forecast.sampling.dependence import EDGE, Group, prepare_group
from forecast.sampling.design import Design, Stream, cube, unit_points
from forecast.sampling.draws import Quantiles, Stack, prepare_quantiles, varying
from forecast.sampling.forms import Form
from forecast.sampling.score import normal_score
from forecast.sampling.streams import normals
from forecast.sampling.tabulated import student_distribution
from forecast.spec.dependence import without
from forecast.spec.scenario import Scenario


class Coupling(NamedTuple):
    """A dependence group in the latent space."""

    rows: tuple[int, ...]
    factor: Float[np.ndarray, "member member"]
    mixing: int | None
    """Row of the shared normal of a t copula."""
    group: Group


@dataclass(frozen=True)
class Latent:
    """What a latent point means.

    Attributes
    ----------
    rows : mapping
        Input → its rows: one, or one less than its labels for shares.
    years : int
        Years of noise from 2015 on, each with one row a stream after those of the inputs.
    size : int
        Rows in all.
    """

    rows: Mapping[str, slice]
    columns: Mapping[str, int]
    couplings: tuple[Coupling, ...]
    quantiles: Quantiles
    years: int
    size: int

    @property
    def inputs(self) -> int:
        """Rows of inputs, before those of the noise."""
        return self.size - len(STREAMS) * self.years


def latent(scenario: Scenario, last: int) -> Latent:
    """Lay the latent space of a scenario.

    Parameters
    ----------
    scenario
        In canonical units; its levers are not part of the space.
    last : yr
        Last year whose noise is latent.

    Returns
    -------
    Latent
    """
    moving = {
        name: prior for name, prior in varying([scenario.priors]).items() if prior.role != "lever"
    }
    design = Design("random", 0)
    groups = without(scenario.dependence, set(scenario.priors) - set(moving))
    rows: dict[str, slice] = {}
    columns: dict[str, int] = {}
    count = 0
    for name, prior in moving.items():
        rows[name] = slice(count, count + len(prior.columns))
        columns |= {
            name if number == 0 else f"{name}#{number}": column
            for number, column in enumerate(prior.columns)
        }
        count += len(prior.columns)
    couplings = []
    for group in (prepare_group(one, design) for one in groups):
        members = tuple(rows[name].start for name in group.names)
        factor = np.asarray(group.factor)[: len(members), : len(members)]
        mixing = None
        if group.mixing is not None:
            mixing, count = count, count + 1
        couplings.append(Coupling(members, factor, mixing, group))
    years = last - FIRST_YEAR + 1
    return Latent(
        rows=rows,
        columns=columns,
        couplings=tuple(couplings),
        quantiles=prepare_quantiles(scenario.priors),
        years=years,
        size=count + len(STREAMS) * years,
    )


def points_of(space: Latent, z: Float[Array, " latent"]) -> dict[str, Array]:
    """Points of the unit cube of one latent point, after dependence.

    Parameters
    ----------
    space
    z : 1

    Returns
    -------
    1
        Input → a number, or one a ratio for shares.
    """
    u = jnp.clip(ndtr(z), EDGE, 1.0 - EDGE)
    for one in space.couplings:
        members = jnp.stack([z[row] for row in one.rows])
        scores = jnp.sum(jnp.asarray(one.factor) * members, axis=1)
        if one.mixing is None:
            coupled = ndtr(scores)
        else:
            assert one.group.mixing is not None
            shared = jnp.clip(ndtr(z[one.mixing]), EDGE, 1.0 - EDGE)
            df = one.group.mixing.df
            t = scores * jnp.sqrt(df / one.group.mixing.chi_square.quantile(shared))
            coupled = student_distribution(jnp.full_like(t, df), t)
        coupled = jnp.clip(coupled, EDGE, 1.0 - EDGE)
        for place, row in enumerate(one.rows):
            u = u.at[row].set(coupled[place])
    return {
        name: u[rows.start] if rows.stop - rows.start == 1 else u[rows]
        for name, rows in space.rows.items()
    }


def inputs_of(space: Latent, z: Float[Array, " latent"]) -> dict[str, Array]:
    """Inputs of one latent point.

    Parameters
    ----------
    space
    z : 1

    Returns
    -------
    canonical units
        Every input of the model, the fixed ones among them.
    """
    laid = points_of(space, z)
    found: dict[str, Array] = {
        name: jnp.asarray(value) for name, value in space.quantiles.fixed.items()
    }
    for stack in space.quantiles.stacks:
        names = [name for name in stack.names if name in laid]
        # A lever with a prior is at its middle: history knew no policy of ours.
        filler = jnp.full_like(jnp.asarray(laid[names[0]]), 0.5) if names else jnp.asarray(0.5)
        u = jnp.stack([laid.get(name, filler) for name in stack.names])
        values = jax.vmap(lambda one, point: one.quantile(point))(_rows(stack), u)
        found |= {name: values[row] for row, name in enumerate(stack.names)}
    return found


def _rows(stack: Stack) -> Form:
    """Form of a stack without its padding."""
    form: Form = jax.tree.map(lambda leaf: leaf[: len(stack.names)], stack.form)
    return form


def innovations_of(space: Latent, z: Float[Array, " latent"]) -> dict[str, Array]:
    """Innovations of the noise of one latent point: stream → `[year]`."""
    noise = z[space.inputs :]
    return {
        name: noise[number * space.years : (number + 1) * space.years]
        for number, name in enumerate(STREAMS)
    }


def prior_points(
    space: Latent, seed: int, *, chain: np.ndarray, index: np.ndarray
) -> Float[np.ndarray, "draw latent"]:
    """Latent points of the prior: scrambled Sobol for inputs, streams of their own for the rest.

    Parameters
    ----------
    space
    seed
    chain, index
        Which population and which particle in it.

    Returns
    -------
    1
    """
    streams = [Stream(name, column) for name, column in space.columns.items()]
    laid = unit_points(cube(Design("sobol", seed), streams), chain=chain, index=index)
    z = np.empty((len(chain), space.size))
    with jax.enable_x64(True):
        z[:, : len(streams)] = np.asarray(normal_score(jnp.asarray(laid))).T
    for place, name in enumerate(_other_rows(space), start=len(streams)):
        one = normals(seed, name, chain=chain, index=index, years=range(1))
        z[:, place] = one[:, 0]
    years = range(FIRST_YEAR, FIRST_YEAR + space.years)
    for number, name in enumerate(STREAMS):
        start = space.inputs + number * space.years
        z[:, start : start + space.years] = normals(
            seed, f"calibration.{name}", chain=chain, index=index, years=years
        )
    return z


def _other_rows(space: Latent) -> Iterator[str]:
    for one in space.couplings:
        if one.mixing is not None:
            yield f"calibration.dependence.{'.'.join(one.group.names)}"


def names_of(space: Latent) -> list[str]:
    """Name every row, for messages and diagnostics."""
    found = list(space.columns)
    found += list(_other_rows(space))
    found += [
        f"noise.{name}[{FIRST_YEAR + year}]" for name in STREAMS for year in range(space.years)
    ]
    return found


def discrete_rows(space: Latent, scenario: Scenario) -> dict[str, Any]:
    """Rows of inputs with a few values, with their points of the cube and weights."""
    found = {}
    for name, rows in space.rows.items():
        prior = scenario.priors[name]
        if prior.family == "discrete":
            order = np.argsort(prior.arguments["values"], kind="stable")
            weights = np.array(prior.arguments["weights"], float)[order]
            weights /= weights.sum()
            found[name] = (rows.start, np.cumsum(weights) - weights / 2, weights)
    return found

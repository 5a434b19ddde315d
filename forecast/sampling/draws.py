"""From priors to draws: the points of a design through the quantile functions of the priors.

Bits of an input depend on its own prior, name and column and on the design, and on nothing else:
inputs of one form go through one compiled program side by side, in stacks of fixed height and
blocks of fixed length, and whatever is missing there is padding.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from forecast.sampling.dependence import Group, couple, prepare_group
from forecast.sampling.design import Cube, Design, Stream, cube, unit_points
from forecast.sampling.families import FAMILIES
from forecast.sampling.forms import Fixed, Form
from forecast.sampling.streams import BLOCK, ROWS
from forecast.spec.dependence import Dependence
from forecast.spec.prior import Prior

type Draws = dict[str, Float[np.ndarray, "draw ..."]]
"""Input → values with the draw axis first: `[draw]`, or `[draw, label]` for a vector."""


class Points(NamedTuple):
    """A cube for some inputs, with the dependence between them."""

    cube: Cube
    rows: dict[str, slice]
    """Input → its rows of the cube: one, or one less than its labels for shares."""
    groups: tuple[Group, ...]


class Stack(NamedTuple):
    """Inputs of one form, side by side."""

    names: tuple[str, ...]
    height: int
    """Rows of the form, the padding included."""
    form: Form


class Quantiles(NamedTuple):
    """Priors made ready: their forms, stacked, and the inputs that are fixed."""

    stacks: tuple[Stack, ...]
    fixed: dict[str, Float[np.ndarray, "..."]]


def varying(registers: Iterable[Mapping[str, Prior]]) -> dict[str, Prior]:
    """Find the inputs that are not fixed in every register, with one such prior each."""
    found: dict[str, Prior] = {}
    for register in registers:
        for name, prior in register.items():
            if prior.family != "fixed":
                found.setdefault(name, prior)
    return found


def prepare_points(
    priors: Mapping[str, Prior], design: Design, dependence: Iterable[Dependence] = ()
) -> Points:
    """Make a design ready for inputs, once for all scenarios and blocks.

    Parameters
    ----------
    priors
        The register; fixed inputs take points only where a dependence group names them.
    design
        Method, seed, chains and draws.
    dependence
        Groups of dependent inputs.

    Raises
    ------
    ValueError
        If a group names an input that is not in the register.
    """
    groups = tuple(prepare_group(one, design) for one in dependence)
    members = {name for one in groups for name in one.names}
    if missing := sorted(members - set(priors)):
        raise ValueError(f"dependence between inputs that do not exist: {', '.join(missing)}")
    rows: dict[str, slice] = {}
    streams: list[Stream] = []
    for name, prior in priors.items():
        if prior.family == "fixed" and name not in members:
            continue
        rows[name] = slice(len(streams), len(streams) + len(prior.columns))
        streams += [
            Stream(name if number == 0 else f"{name}#{number}", column)
            for number, column in enumerate(prior.columns)
        ]
    return Points(cube(design, streams), rows, groups)


def points(prepared: Points, *, chain: np.ndarray, index: np.ndarray) -> Draws:
    """Points of the unit cube for some draws, after dependence.

    They depend on no prior but by its name and columns, so scenarios share them.

    Parameters
    ----------
    prepared
        From `prepare_points`.
    chain, index
        Which randomisation and which draw in it.

    Returns
    -------
    1
        For each input `[draw]`, or `[draw, ratio]` for shares.
    """
    laid = unit_points(prepared.cube, chain=chain, index=index)
    for one in prepared.groups:
        rows = [prepared.rows[name].start for name in one.names]
        laid[rows] = couple(one, laid[rows], chain=chain, index=index)
    return {
        name: laid[rows.start] if rows.stop - rows.start == 1 else laid[rows].T
        for name, rows in prepared.rows.items()
    }


def prepare_quantiles(priors: Mapping[str, Prior]) -> Quantiles:
    """Make priors ready, once for a scenario: build their forms and stack them.

    Parameters
    ----------
    priors
        All inputs of a scenario, or those alone whose prior differs from another scenario's.

    Raises
    ------
    ValueError
        If a prior's arguments leave a distribution that float64 cannot hold.
    """
    fixed: dict[str, np.ndarray] = {}
    alike: dict[tuple[object, tuple[tuple[int, ...], ...]], list[tuple[str, Form]]] = {}
    for name, prior in priors.items():
        form = _form(prior)
        if isinstance(form, Fixed):
            fixed[name] = np.asarray(form.value)
            continue
        leaves, tree = jax.tree.flatten(form)
        shapes = tuple(np.shape(leaf) for leaf in leaves)
        alike.setdefault((tree, shapes), []).append((name, form))
    stacks = []
    for (_, shapes), inputs in alike.items():
        # Forms that hold arrays (tables, views, shares) are few and dear: no padding for them.
        height = 1 if any(shapes) else ROWS
        for start in range(0, len(inputs), height):
            stacks.append(_stack(inputs[start : start + height], height))
    return Quantiles(tuple(stacks), fixed)


def _stack(inputs: list[tuple[str, Form]], height: int) -> Stack:
    padded = [inputs[row % len(inputs)][1] for row in range(height)]
    with jax.enable_x64(True):
        form = jax.tree.map(lambda *leaves: jnp.asarray(np.stack(leaves)), *padded)
    return Stack(tuple(name for name, _ in inputs), height, form)


def _form(prior: Prior) -> Form:
    try:
        return FAMILIES[prior.family](prior.arguments)
    except ValueError as error:
        raise ValueError(f"{prior.name}: {error}") from error


@jax.jit
def _through(form: Form, u: Float[Array, "row ... pair"]) -> Float[Array, "row ... pair"]:
    values: Float[Array, "row ... pair"]
    values = jax.vmap(lambda one, points: one.quantile(points))(form, u)
    return values


def quantiles(
    prepared: Quantiles, points: Mapping[str, Float[np.ndarray, "draw ..."]], *, count: int
) -> Draws:
    """Values of inputs at points of the unit cube.

    Parameters
    ----------
    prepared
        From `prepare_quantiles`.
    points : 1
        From `points`, for these inputs at least.
    count
        Number of draws.

    Returns
    -------
    Units of the priors
        `[draw]`, or `[draw, label]` for a vector, in the order of the labels.
    """
    draws: Draws = {
        name: np.full((count, *value.shape), value) for name, value in prepared.fixed.items()
    }
    with jax.enable_x64(True):
        for stack in prepared.stacks:
            draws |= _stack_draws(stack, points, count)
    return draws


def _stack_draws(
    stack: Stack, points: Mapping[str, Float[np.ndarray, "draw ..."]], count: int
) -> Draws:
    parts = []
    for start in range(0, count, BLOCK):
        some = [np.asarray(points[name])[start : start + BLOCK].T for name in stack.names]
        length = some[0].shape[-1]
        u = np.full((stack.height, *some[0].shape[:-1], BLOCK), 0.5)
        for row, values in enumerate(some):
            u[row, ..., :length] = values
        parts.append(np.asarray(_through(stack.form, u))[..., :length])
    values = parts[0] if len(parts) == 1 else np.concatenate(parts, -1)
    return {name: values[row].T for row, name in enumerate(stack.names)}


def draw(
    priors: Mapping[str, Prior],
    design: Design,
    dependence: Iterable[Dependence] = (),
    *,
    chain: np.ndarray,
    index: np.ndarray,
) -> Draws:
    """Draws of all inputs: `prepare_points`, `points`, `prepare_quantiles` and `quantiles` in one.

    Parameters
    ----------
    priors
        By dotted name.
    design
        Method, seed, chains and draws.
    dependence
        Groups of dependent inputs.
    chain, index
        Which randomisation and which draw in it; any pairs in any order.

    Returns
    -------
    Units of the priors
        `[draw]`, or `[draw, label]` for a vector, in the order of the labels.
    """
    laid = points(prepare_points(priors, design, dependence), chain=chain, index=index)
    return quantiles(prepare_quantiles(priors), laid, count=len(chain))

"""A calibration as a labelled tree: the file of a posterior."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import xarray as xr

from forecast.axes import FIRST_YEAR, LABELS, STREAMS
from forecast.calibration.calibrate import Calibrated
from forecast.calibration.latent import Latent, names_of, points_of, prior_points
from forecast.calibration.observables import log_likelihood
from forecast.model.block import quantities
from forecast.model.demand import Inputs
from forecast.sampling.draws import Quantiles, prepare_quantiles, quantiles
from forecast.simulate.binding import input_dims
from forecast.simulate.engine import Block, evaluate, noise
from forecast.simulate.posterior import CALIBRATED_YEAR, INNOVATIONS
from forecast.spec.scenario import Scenario

DRAWS: Final = ("chain", "draw")
PATHS: Final[Mapping[str, str]] = {
    "total": "data centres, AI and crypto",
    "data_centres": "data centres and AI, crypto excluded",
    "ai": "AI",
    "crypto": "cryptocurrency mining",
}
"""Outputs whose paths a posterior keeps, with their scope."""

METER: Final = "electricity at the meter, PUE included, networks excluded"
BLOCK: Final = 2048

PRIOR_DRAWS: Final = 512
"""Draws of the prior that are kept beside the posterior, of each population. (definition)"""


def input_values(space: Latent, z: np.ndarray) -> dict[str, np.ndarray]:
    """Uncertain inputs of latent points.

    Parameters
    ----------
    space
    z : 1
        `[population, draw, latent]`.

    Returns
    -------
    canonical units
        Input → `[population, draw]` or `[population, draw, label]`.
    """
    flat = z.reshape(-1, z.shape[-1])
    with jax.enable_x64(True):
        laid = jax.jit(jax.vmap(partial(points_of, space)))(jnp.asarray(flat))
    points = {name: np.asarray(values) for name, values in laid.items()}
    # Levers with a prior share stacks with inputs; their points are of no consequence here.
    stacks = tuple(one for one in space.quantiles.stacks if set(one.names) & points.keys())
    for one in stacks:
        like = next(points[name] for name in one.names if name in points)
        points |= {name: like for name in one.names if name not in points}
    found = quantiles(Quantiles(stacks, {}), points, count=len(flat))
    return {name: found[name].reshape(*z.shape[:2], *found[name].shape[1:]) for name in space.rows}


def innovation_values(space: Latent, z: np.ndarray) -> np.ndarray:
    """Noise of latent points, `[population, draw, stream, year]`."""
    flat = z[..., space.inputs :]
    return flat.reshape(*z.shape[:2], len(STREAMS), space.years)


def _paths(
    scenario: Scenario, calibrated: Calibrated, z: np.ndarray, inputs: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Paths of the kept outputs to the horizon, `[population, draw, year]`."""
    space, reference = calibrated.problem.space, calibrated.problem.reference
    fixed = space.quantiles.fixed
    known = innovation_values(space, z)
    count = z.shape[1]
    found: dict[str, list[np.ndarray]] = {name: [] for name in PATHS}
    for chain in range(len(z)):
        parts: dict[str, list[np.ndarray]] = {name: [] for name in PATHS}
        for start in range(0, count, BLOCK):
            index = np.arange(start, min(start + BLOCK, count))
            fresh = noise(
                scenario.sampling.seed, scenario.horizon, np.full(len(index), chain), index
            )
            for number, name in enumerate(STREAMS):
                fresh[name][:, : space.years] = known[chain, index, number]
            draws = {k: np.repeat(v[np.newaxis], len(index), 0) for k, v in fixed.items()}
            draws |= {k: v[chain, index] for k, v in inputs.items()}
            block = evaluate(_complete(draws, scenario, len(index)), fresh, reference)
            for name in PATHS:
                parts[name].append(_path(block, name))
        for name in PATHS:
            found[name].append(np.concatenate(parts[name]))
    return {name: np.stack(one) for name, one in found.items()}


def _complete(
    draws: dict[str, np.ndarray], scenario: Scenario, count: int
) -> dict[str, np.ndarray]:
    """Draws with levers that have a prior at their middle, which history knows nothing of."""
    missing = {k: one for k, one in scenario.priors.items() if k not in draws}
    if not missing:
        return draws
    halves = {
        k: np.full((count, len(one.columns)) if len(one.columns) > 1 else (count,), 0.5)
        for k, one in missing.items()
    }
    return draws | quantiles(prepare_quantiles(missing), halves, count=count)


def _path(block: Block, name: str) -> np.ndarray:
    leaf = {"crypto": "crypto.demand"}.get(name, f"totals.{name}")
    return np.asarray(block.leaves[leaf].T)


def _named_inputs(scenario: Scenario, inputs: Mapping[str, np.ndarray]) -> xr.Dataset:
    found = {}
    dims_used: set[str] = set()
    for name, values in inputs.items():
        prior, field = scenario.priors[name], quantities(Inputs)[name]
        told = {"units": prior.unit, "long_name": field.metadata["doc"], "source": prior.source}
        more = {"as_of": prior.as_of, "grade": prior.grade, "scope": prior.scope}
        dims = input_dims(name)
        dims_used |= set(dims)
        attrs = told | {k: v for k, v in more.items() if v}
        found[name] = ((*DRAWS, *dims), values, attrs)
    return xr.Dataset(found, _labels(dims_used))


def _labels(dims: set[str]) -> dict[str, Any]:
    return {name: pd.Index(np.array(LABELS[name])) for name in sorted(dims) if name in LABELS}


def _predictive(
    calibrated: Calibrated, seen: np.ndarray, paths: Mapping[str, np.ndarray], horizon: int
) -> xr.Dataset:
    data = calibrated.problem.data
    found: dict[str, Any] = {
        name: ((*DRAWS, "year"), values, _told(name)) for name, values in paths.items()
    }
    ids = [one.id for one in data.observations]
    told = {"units": "see observed_data", "long_name": "what the model says of each observation"}
    values = np.exp(seen[..., : len(ids)])
    found["observations"] = ((*DRAWS, "observation"), values, told)
    years = pd.Index(np.arange(FIRST_YEAR, horizon + 1))
    return xr.Dataset(
        found,
        {
            "observation": pd.Index(np.array(ids)),
            "year": ("year", years, {"units": "yr", "long_name": "calendar year"}),
        },
    )


def _told(name: str) -> dict[str, str]:
    return {"units": "TWh", "long_name": name.replace("_", " "), "scope": f"{PATHS[name]}; {METER}"}


def _observed(calibrated: Calibrated) -> xr.Dataset:
    data = calibrated.problem.data
    names = ("id", "output", "unit", "kind", "publisher", "edition", "grade", "source", "as_of")
    found: dict[str, Any] = {
        name: ("observation", np.array([getattr(one, name) for one in data.observations]))
        for name in names
    }
    found["year"] = ("observation", np.array([one.year for one in data.observations]))
    told = {"long_name": "published value, over its factor", "units": "see the variable unit"}
    found["value"] = ("observation", np.exp(data.value), told)
    spread = {"long_name": "log standard deviation, shared errors included", "units": "1"}
    found["sd"] = ("observation", data.sd, spread)
    return xr.Dataset(found)


def posterior_tree(
    scenario: Scenario, calibrated: Calibrated, attributes: Mapping[str, str | int | float]
) -> xr.DataTree:
    """Name everything that a calibration found.

    Parameters
    ----------
    scenario
        In canonical units.
    calibrated
    attributes
        Of the root.

    Returns
    -------
    DataTree
        Groups `prior`, `posterior`, their predictives, `sample_stats`, `log_likelihood`,
        `log_prior`, `observed_data` and `report`; ArviZ reads it as it is.
    """
    space = calibrated.problem.space
    shape = calibrated.z.shape
    start = _prior_points(calibrated, scenario, (shape[0], min(PRIOR_DRAWS, shape[1])))
    groups: dict[str, xr.Dataset] = {}
    for name, z, seen in (
        ("prior", start, calibrated.prior_seen[:, : start.shape[1]]),
        ("posterior", calibrated.z, calibrated.seen),
    ):
        inputs = input_values(space, z)
        paths = _paths(scenario, calibrated, z, inputs)
        groups[name] = _named_inputs(scenario, inputs)
        groups[f"{name}_predictive"] = _predictive(calibrated, seen, paths, scenario.horizon)
    told = {"units": "1", "long_name": "standard normal innovations of the noise, from 2015 on"}
    dims = (*DRAWS, "stream", CALIBRATED_YEAR)
    values = innovation_values(space, calibrated.z)
    groups["posterior"] = groups["posterior"].assign({INNOVATIONS: (dims, values, told)})
    groups |= _densities(calibrated)
    groups["observed_data"] = _observed(calibrated)
    groups["report"] = _report(calibrated)
    tree = xr.DataTree.from_dict({f"/{name}": one for name, one in groups.items()})
    tree.attrs = dict(attributes)
    return tree


def _prior_points(calibrated: Calibrated, scenario: Scenario, shape: Sequence[int]) -> np.ndarray:
    assert scenario.calibration is not None, "only a calibrated scenario has a posterior"
    index = np.arange(shape[1])
    return np.stack(
        [
            prior_points(
                calibrated.problem.space,
                scenario.calibration.seed,
                chain=np.full(shape[1], chain),
                index=index,
            )
            for chain in range(shape[0])
        ]
    )


def _densities(calibrated: Calibrated) -> dict[str, xr.Dataset]:
    """Log densities of each draw: of the observations together, and of the prior."""
    data = calibrated.problem.data
    count = len(data.observations)
    with jax.enable_x64(True):
        likelihood = np.asarray(log_likelihood(jnp.asarray(calibrated.seen[..., :count]), data))
    # Density of each observation given all others (Bürkner et al. 2021,
    # doi:10.1007/s00180-020-01045-4): errors shared within an edition tie them together.
    precision = np.linalg.inv(data.covariance)
    spread = 1 / np.sqrt(np.diag(precision))
    apart = (calibrated.seen[..., :count] - data.value) @ precision * spread
    single = -0.5 * np.square(apart) - np.log(spread) - 0.5 * np.log(2 * np.pi)
    prior = -0.5 * np.square(calibrated.z).sum(-1)
    told = {"units": "1", "long_name": "log density of all observations together"}
    each = {"units": "1", "long_name": "log density of each observation given all others"}
    own = {"units": "1", "long_name": "log density of the prior in the latent space"}
    ids = pd.Index(np.array([one.id for one in data.observations]))
    return {
        "sample_stats": xr.Dataset({"log_likelihood": (DRAWS, likelihood, told)}),
        "log_likelihood": xr.Dataset(
            {"observations": ((*DRAWS, "observation"), single, each)}, {"observation": ids}
        ),
        "log_prior": xr.Dataset({"latent": (DRAWS, prior, own)}),
    }


def _report(calibrated: Calibrated) -> xr.Dataset:
    found: dict[str, Any] = {name: ((), value) for name, value in calibrated.report.items()}
    found["log_evidence_population"] = (("population",), calibrated.evidence)
    names = names_of(calibrated.problem.space)
    moved = calibrated.z.mean((0, 1)) - calibrated.history_z.mean((0, 1))
    told = {
        "units": "1",
        "long_name": "shift of each latent normal from history to what is delivered",
    }
    found["moved"] = (("latent",), moved, told)
    return xr.Dataset(found, {"latent": pd.Index(np.array(names))})

"""Morris screening of a scenario's priors: few runs, to tell which inputs matter at all."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import ndtr, ndtri

from forecast.analysis.morris import (
    LEVELS,
    STEP,
    elementary_effects,
    moved,
    on_levels,
    orders,
    screening,
)
from forecast.analysis.sobol import check_counts
from forecast.axes import FIRST_YEAR
from forecast.request import Request
from forecast.sampling.dependence import couple
from forecast.sampling.design import Design, unit_points
from forecast.sampling.draws import Points, prepare_points
from forecast.simulate.engine import noise
from forecast.simulate.ensemble import Progress
from forecast.studies.pick_freeze import End, Study, end, prepare
from forecast.studies.sobol import attributes
from forecast.studies.states import states


def morris_screening(
    asked: Request,
    *,
    trajectories: int = 64,
    levels: int = LEVELS,
    groups: bool = False,
    bootstraps: int = 100,
    seed: int | None = None,
    variables: tuple[str, ...] = (),
    first: int = FIRST_YEAR,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Elementary effects of every uncertain input, for every outcome.

    Each trajectory starts at a point of the Sobol design, on levels, and moves the inputs one
    after the other in a random order, by half of the unit interval of their quantiles.

    Parameters
    ----------
    asked
        One scenario that draws from its priors.
    trajectories
        The model runs this often times one and the number of inputs.
    levels
        Of each input, even.
    groups
        Move whole blocks of the model together.
    bootstraps
        Resamples of the trajectories, for the interval of `mu_star`.
    seed
        Of the design; the scenario's own if none is given.
    variables, first
        As in `pick_freeze.prepare`.
    progress
        Told after each move of all trajectories.

    Returns
    -------
    Dataset
        `mu`, `mu_star`, `mu_star_low`, `mu_star_high` and `sigma` by `input` and `outcome`, in the
        unit of the outcome for a step over the unit interval; `left_out`, trajectories without an
        effect because a draw failed. An input that moves as more than one number has no sign:
        its `mu` and `sigma` are NaN.

    Raises
    ------
    ValueError
        As in `pick_freeze.prepare`, or if numbers are out of range.

    References
    ----------
    Morris (1991), doi:10.1080/00401706.1991.10484804; groups and `mu_star`: Campolongo, Cariboni
    and Saltelli (2007), doi:10.1016/j.envsoft.2006.10.004
    """
    check_counts(trajectories, bootstraps)
    study = prepare(asked, groups=groups, variables=variables, first=first)
    seed = study.scenario.sampling.seed if seed is None else seed
    design = Design("sobol", seed, chains=1, draws=trajectories)
    ends, step = _ends(study, design, levels)
    size = len(study.inputs)
    place = orders(size, trajectories, seed)
    laid = states(study, ends, _masks(place), total=size + 1, progress=progress)
    effects = elementary_effects(np.stack(list(laid)), place, step)
    found = screening(effects, bootstraps=bootstraps, seed=seed)._asdict()
    alone = np.array([_alone(study, ours) for ours in study.inputs.values()])
    for name in ("mu", "sigma"):
        found[name] = np.where(alone[:, None], found[name], np.nan)
    return _labelled(study, design, found, np.isnan(effects).all(2).sum(1))


def _masks(place: np.ndarray) -> Iterator[np.ndarray]:
    for done in range(len(place) + 1):
        yield place < done


def _alone(study: Study, ours: tuple[str, ...]) -> bool:
    return len(ours) == 1 and len(study.moving[ours[0]].columns) == 1


def _ends(study: Study, design: Design, levels: int) -> tuple[tuple[End, End], np.ndarray]:
    # Where trajectories start, where they end, and the signed step of every input.
    index = np.arange(design.draws)
    chain = np.zeros(design.draws, int)
    prepared = prepare_points(study.moving, design, study.groups)
    start = on_levels(unit_points(prepared.cube, chain=chain, index=index), levels)
    quiet = noise(design.seed, study.scenario.horizon, chain, index)
    low = {name: on_levels(ndtr(values), levels) for name, values in quiet.items()}
    found = []
    for u, years in ((start, low), (moved(start), {n: moved(one) for n, one in low.items()})):
        innovations = {name: ndtri(values) for name, values in years.items()}
        found.append(end(study, _coupled(prepared, u, chain, index), innovations))
    step = np.full((len(study.inputs), design.draws), STEP)
    for number, ours in enumerate(study.inputs.values()):
        if _alone(study, ours):
            row = prepared.rows[ours[0]].start
            step[number] = np.where(start[row] < STEP, STEP, -STEP)
    return (found[0], found[1]), step


def _coupled(
    prepared: Points, u: np.ndarray, chain: np.ndarray, index: np.ndarray
) -> dict[str, np.ndarray]:
    laid = u.copy()
    for one in prepared.groups:
        rows = [prepared.rows[name].start for name in one.names]
        laid[rows] = couple(one, laid[rows], chain=chain, index=index)
    return {
        name: laid[rows.start] if rows.stop - rows.start == 1 else laid[rows].T
        for name, rows in prepared.rows.items()
    }


def _labelled(
    study: Study, design: Design, found: dict[str, np.ndarray], left_out: np.ndarray
) -> xr.Dataset:
    meaning = {
        "mu": "mean of elementary effects",
        "mu_star": "mean size of elementary effects",
        "mu_star_low": "mean size of elementary effects, low end of the interval",
        "mu_star_high": "mean size of elementary effects, high end of the interval",
        "sigma": "standard deviation of elementary effects",
    }
    dims = ("input", "outcome")
    told = {"units": "unit of the outcome"}
    laid: dict[str, Any] = {
        name: (dims, one, told | {"long_name": meaning[name]}) for name, one in found.items()
    }
    count = {"units": "1", "long_name": "trajectories that failed and were left out"}
    laid["left_out"] = (("input",), left_out, count)
    coordinates = {name: ("outcome", column) for name, column in study.rows.items()}
    coordinates["input"] = ("input", np.array(list(study.inputs)))
    return xr.Dataset(laid, coordinates).assign_attrs(
        attributes(study, design, f"Morris screening of the priors of {study.scenario.name}"),
        evaluations=design.draws * (len(study.inputs) + 1),
    )

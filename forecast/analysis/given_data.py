"""Which inputs an outcome hangs on: indices that need no draws but those of the run."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.ensemble import COLUMNS, Ensemble
from forecast.analysis.given_data_distances import (
    LEAST,
    critical_distance,
    distance_noise,
    distances,
)
from forecast.analysis.given_data_ranks import (
    CONFIDENT,
    LEVEL,
    Estimate,
    first_order,
    first_order_noise,
)
from forecast.analysis.given_data_tables import BINS, CLASSES

LONG_NAMES: Final[Mapping[str, str]] = {
    "first": "first-order index: share of variance that the input explains on its own",
    "delta": "Borgonovo's delta: mean shift of the distribution with the input",
    "pawn": "PAWN: median Kolmogorov-Smirnov distance over classes of the input",
    "pawn_max": "PAWN: largest Kolmogorov-Smirnov distance over classes of the input",
}
"""Index → what it is."""

NOISE: Final[Mapping[str, str]] = {
    "noise": "first",
    "delta_noise": "delta",
    "pawn_noise": "pawn",
    "pawn_max_noise": "pawn_max",
}
"""Noise → of which index."""

METHOD: Final = (
    "first order from products of neighbours in rank (Gamboa and others 2022, "
    "doi:10.3150/21-BEJ1421); delta (Plischke and others 2013, doi:10.1016/j.ejor.2012.11.047) and "
    "PAWN (Pianosi and Wagener 2018, doi:10.1016/j.envsoft.2018.07.019) from tables of"
    f" {CLASSES} classes and {BINS} bins"
)

INTERVALS: Final = (
    "draws are resampled as if they were independent: too wide for Sobol draws, too narrow where"
    " draws repeat each other"
)


def given_data(ensemble: Ensemble, *, bootstraps: int = 100, seed: int) -> xr.Dataset:
    """Sensitivity of every outcome to every input.

    Parameters
    ----------
    ensemble
        At least `LEAST` draws.
    bootstraps
        Resamples behind the intervals.
    seed
        Of the resamples and of the order of draws that tie.

    Returns
    -------
    Dataset
        `first`, `delta`, `pawn`, `pawn_max` (input, outcome), 1, each with `_low` and `_high`: the
        bounds of its 90 % interval. `noise`, `delta_noise`, `pawn_noise`, `pawn_max_noise`
        (outcome), 1: 95 % of inputs that do nothing lie below. NaN where an outcome is constant or
        too few draws have it. Attributes tell methods, draws and whether inputs are dependent.

    Raises
    ------
    ValueError
        If draws are too few.
    """
    x, y = ensemble.x, ensemble.y
    if len(x) < LEAST:
        raise ValueError(
            f"{len(x):,} valid draws are too few for sensitivity indices, at least {LEAST:,} are"
            f" needed ({CLASSES} classes of an input); run it with more draws"
        )
    apart = distances(x, y, bootstraps=bootstraps, seed=seed)
    indices = {"first": first_order(x, y, bootstraps=bootstraps, seed=seed), **apart._asdict()}
    known = np.isfinite(indices["delta"].value).any(axis=0)
    # An outcome that delta leaves out has too few draws for any of them.
    values: dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]] = {}
    for name, found in indices.items():
        values |= _laid(name, found, known)
    for (name, of), noise in zip(NOISE.items(), _noise(y, known), strict=True):
        told = {"units": "1", "long_name": f"{of} that {CONFIDENT:.0%} of idle inputs stay below"}
        values[name] = (("outcome",), noise, told)
    return xr.Dataset(values, _coordinates(ensemble)).assign_attrs(
        method=METHOD,
        level=LEVEL,
        intervals=INTERVALS,
        scenario=ensemble.scenario,
        draws=len(x),
        bootstraps=bootstraps,
        seed=seed,
        pawn_critical=critical_distance(len(x)),
        dependent=ensemble.dependent,
        note=note_of(ensemble, "index"),
    )


def note_of(ensemble: Ensemble, what: str) -> str:
    """What a reader must know of results for dependent inputs; empty if they are independent.

    Parameters
    ----------
    ensemble
    what
        The word for one result: `index`, `swing`.

    Returns
    -------
    str
    """
    if not ensemble.dependent:
        return ""
    return (
        f"the {what} of an input contains what the inputs correlated with it do, so that no {what}"
        f" is its own and they do not add up: {ensemble.dependent}"
    )


def _laid(
    name: str, found: Estimate, known: np.ndarray
) -> dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]]:
    bounds = {
        "": LONG_NAMES[name],
        "_low": f"lower bound of the {LEVEL:.0%} interval of {name}",
        "_high": f"upper bound of the {LEVEL:.0%} interval of {name}",
    }
    return {
        f"{name}{end}": (
            ("input", "outcome"),
            np.where(known, one, np.nan),
            {"units": "1", "long_name": told},
        )
        for (end, told), one in zip(bounds.items(), found, strict=True)
    }


def _noise(y: np.ndarray, known: np.ndarray) -> list[np.ndarray]:
    draws = np.isfinite(y).sum(axis=0)
    found = np.full((4, len(draws)), np.nan)
    found[0, known] = first_order_noise(draws[known])
    for count in np.unique(draws[known]):
        found[1:, known & (draws == count)] = np.array(distance_noise(int(count)))[:, None]
    return list(found)


def _coordinates(ensemble: Ensemble) -> dict[str, tuple[str, object]]:
    told: dict[str, tuple[str, object]] = {
        name: ("outcome", ensemble.rows[name]) for name in COLUMNS if name in ensemble.rows
    }
    return told | {
        "input": ("input", list(ensemble.inputs)),
        "input_unit": ("input", list(ensemble.units)),
    }

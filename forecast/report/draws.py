"""Which draws of a Run its page holds, and which inputs."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.ensemble import LEAST_DRAWS, ensemble_rows, inputs_of
from forecast.analysis.summary import EXACT
from forecast.store import check_draws, inputs_group, stats_group

SEED: Final = 1
"""Of the choice of draws of a posterior. (definition)"""

INPUTS: Final = 40
"""Inputs of the page: those whose ranks follow the outcomes most closely. (definition)"""


@dataclass(frozen=True)
class Draws:
    """Draws that are valid in all scenarios of a Run.

    Attributes
    ----------
    scenarios : tuple of str
    rows : dict
        `variable`, `region`, `year`, `unit` and `scope` of each outcome.
    y : array
        `[scenario, draw, outcome]`.
    inputs, units : tuple of str
    x : array
        `[draw, input]`, of the first scenario.
    """

    scenarios: tuple[str, ...]
    rows: dict[str, np.ndarray]
    y: np.ndarray
    inputs: tuple[str, ...]
    units: tuple[str, ...]
    x: np.ndarray


def draws_of(run: xr.DataTree, most: int) -> Draws:
    """Take the draws that the page holds.

    Of a design the first of each chain, which are a design themselves; of a posterior, whose order
    means nothing, some by chance.

    Parameters
    ----------
    run
    most
        Draws at most.

    Returns
    -------
    Draws

    Raises
    ------
    ValueError
        If the run keeps no draws, or too few of them are valid in all scenarios.
    """
    check_draws(run)
    stats, group = run[stats_group(run)].to_dataset(), run[inputs_group(run)].to_dataset()
    names = tuple(str(one) for one in stats["scenario"].values)
    valid = (stats["status"].values == 0).all(axis=-1)
    chosen = _chosen(valid, most, by_chance=inputs_group(run) == "posterior")
    if chosen.size < LEAST_DRAWS:
        raise ValueError(
            f"{chosen.size} draws are too few for a report, at least {LEAST_DRAWS} that are valid"
            " in every scenario"
        )
    with xr.set_options(**EXACT):  # type: ignore[no-untyped-call]
        found = [ensemble_rows(run, name, (), 0) for name in names]
    inputs, units, x = inputs_of(group, 0)
    y = np.stack([one[chosen] for _, one in found])
    return Draws(names, found[0][0], y, inputs, units, x[chosen])


def _chosen(valid: np.ndarray, most: int, *, by_chance: bool) -> np.ndarray:
    """Number the draws to keep, `[chain, draw]` laid flat."""
    places = np.arange(valid.size).reshape(valid.shape)
    if by_chance:
        all_ = places[valid]
        rng = np.random.default_rng(SEED)
        return np.sort(rng.choice(all_, min(most, all_.size), replace=False))
    each = max(1, most // valid.shape[0])
    return np.concatenate([row[ours][:each] for row, ours in zip(places, valid, strict=True)])[
        :most
    ]


def drivers(held: Draws, series: list[np.ndarray]) -> list[int]:
    """Inputs whose ranks follow any series most closely in its last year, in any scenario."""
    from scipy.stats import rankdata

    last = held.y[:, :, [one[-1] for one in series]]
    outcomes = np.concatenate(list(last), axis=1)
    # A column with a gap tells nothing here; its ranks would be of other draws.
    outcomes = outcomes[:, np.isfinite(outcomes).all(axis=0)]
    if not outcomes.shape[1] or not held.inputs:
        return list(range(len(held.inputs)))[:INPUTS]
    tied = np.abs(_standard(rankdata(held.x, axis=0)).T @ _standard(rankdata(outcomes, axis=0)))
    return [int(one) for one in np.argsort(-tied.max(axis=1), kind="stable")[:INPUTS]]


def _standard(ranks: np.ndarray) -> np.ndarray:
    """Ranks with mean zero and length one; zeros where all are the same."""
    apart = ranks - ranks.mean(axis=0)
    length = np.sqrt((apart**2).sum(axis=0))
    return np.asarray(np.divide(apart, length, out=np.zeros_like(apart), where=length > 0))

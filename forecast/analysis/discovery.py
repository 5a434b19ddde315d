"""Scenario discovery: in which part of the space of inputs an outcome happens.

A box of PRIM and a small tree are found on one half of the draws and judged on the other.

References
----------
Bryant and Lempert (2010), https://doi.org/10.1016/j.techfore.2009.08.002
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis import tree
from forecast.analysis.box import Box, gains, measures, quasi_p
from forecast.analysis.discovery_outcome import check_count, halves, outcome
from forecast.analysis.discovery_words import condition_words, meaning_of, percent, split_words
from forecast.analysis.ensemble import Ensemble
from forecast.analysis.prim import RESAMPLES, Rule, Trajectory, find, resampled
from forecast.grammar import Condition
from forecast.store import inputs_group

SEED: Final = 1
"""Of the resamples. (definition)"""

SPREAD: Final = (0.05, 0.95)
"""Quantiles of a limit over resamples. (1; definition)"""

SIDES: Final = ("low", "high")
SAMPLES: Final = ("found_on", "held_out")


def discover(
    ensemble: Ensemble,
    conditions: Sequence[Condition],
    *,
    rule: Rule | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    meanings: Mapping[str, str] | None = None,
) -> xr.Dataset:
    """Find which inputs make an outcome happen.

    Parameters
    ----------
    ensemble
    conditions
        All of them must hold in a draw that has the outcome.
    rule
        How the box is found; as `Rule` has it if not given.
    resamples
        Of the draws, to see how stable the box is.
    seed
    meanings
        Input → what it means; from `meanings_of`.

    Returns
    -------
    Dataset
        By `input` (what the box restricts first) and `side`: `limit` in the unit of the input, its
        `quantile` among all draws, `p` and, on the other draws, `p_held_out`, `stability` (share of
        resamples with a limit there) and the spread of these limits. By `sample`: coverage, density
        and mass of the box. By `box`: the peeling trajectory. By `leaf`: the tree.

    Raises
    ------
    ValueError
        If a condition names no outcome or another unit, if too few draws or nearly all have the
        outcome, or no box is as is asked.
    """
    rule = rule or Rule()
    happens, known = outcome(ensemble, conditions)
    first, how = halves(ensemble.chain[known], seed)
    x, y = ensemble.x[known], happens[known]
    check_count(ensemble, conditions, y, first)
    box, trajectory, chosen = find(x[first], y[first], rule)
    again = resampled(x[first], y[first], rule, resamples=resamples, seed=seed)
    found = _limits(ensemble, x, y, first, box, np.stack(again, axis=-1)).merge(
        _judged(x, y, first, box, trajectory, ensemble.inputs)
    )
    found, text = _leaves(found, ensemble, x, y, first)
    found = _labelled(found, ensemble, conditions, meanings or {})
    found.attrs |= dict(share=float(y.mean()), draws=len(y), missing=int((~known).sum()))
    found.attrs |= dict(chosen=chosen, most_inputs=rule.most, held_out=how, tree=text)
    found.attrs |= dict(resamples=resamples, seed=seed)
    return found


def _labelled(
    found: xr.Dataset,
    ensemble: Ensemble,
    conditions: Sequence[Condition],
    meanings: Mapping[str, str],
) -> xr.Dataset:
    """The same with meaning and unit of each input, and what was asked of which draws."""
    names = found["input"].values.tolist()
    units = dict(zip(ensemble.inputs, ensemble.units, strict=True))
    words = [
        condition_words(one, ensemble.unit(one.place), ensemble.values(one.place))
        for one in conditions
    ]
    told = found.assign_coords(
        meaning=("input", np.array([meaning_of(name, meanings) for name in names])),
        unit=("input", np.array([units[name] for name in names])),
    )
    told.attrs = {
        "scenario": ensemble.scenario,
        "condition": " and ".join(map(str, conditions)),
        "words": " and ".join(words),
        "dependent": ensemble.dependent,
    }
    return told


def meanings_of(run: xr.DataTree) -> dict[str, str]:
    """What each input of a Run means.

    Returns
    -------
    dict
        Name → its `long_name`.
    """
    group = run[inputs_group(run)].to_dataset()
    told = {
        str(name): values.attrs.get("long_name", "") for name, values in group.data_vars.items()
    }
    return {name: str(text) for name, text in told.items() if text}


def _limits(
    ensemble: Ensemble,
    x: np.ndarray,
    y: np.ndarray,
    first: np.ndarray,
    box: Box,
    again: np.ndarray,
) -> xr.Dataset:
    """Limits of the box and how sure they are, the inputs that it restricts first."""
    ends = np.stack([box.low, box.high], axis=-1)
    ends[~np.isfinite(ends)] = np.nan
    again = np.where(np.isfinite(again), again, np.nan)
    stability = np.isfinite(again).mean(axis=0)
    spread = np.full((2, *ends.shape), np.nan)
    some = stability > 0
    spread[:, some] = np.nanquantile(again[:, some], SPREAD, axis=0)
    below = np.stack([(x < ends[:, 0]).mean(axis=0), (x <= ends[:, 1]).mean(axis=0)], axis=-1)
    gain = gains(x[first], y[first], box)
    either = np.isfinite(again).any(axis=-1).mean(axis=0)
    order = np.lexsort([-either, -np.nan_to_num(gain, nan=-1.0), ~box.restricted])
    of_unit, share = {"units": "unit of the input"}, {"units": "1"}
    both = ("input", "side")
    found = {
        "restricted": ("input", box.restricted, {"long_name": "restricted by the box"}),
        "gain": ("input", gain, share | {"long_name": "added to the density by its limits"}),
        "either_stability": ("input", either, share | {"long_name": "resamples that restrict it"}),
        "limit": (both, ends, of_unit | {"long_name": "limit, inside the box"}),
        "quantile": (both, np.where(np.isnan(ends), np.nan, below), share),
        "p": (both, quasi_p(x[first], y[first], box), share | {"long_name": "quasi-p-value"}),
        "p_held_out": (both, quasi_p(x[~first], y[~first], box), share),
        "stability": (both, stability, share | {"long_name": "resamples with such a limit"}),
        "limit_p05": (both, spread[0], of_unit | {"long_name": "p05 of the limit, resamples"}),
        "limit_p95": (both, spread[1], of_unit | {"long_name": "p95 of the limit, resamples"}),
    }
    coords = {"input": list(ensemble.inputs), "side": list(SIDES)}
    return xr.Dataset(found, coords).isel(input=order)


def _judged(
    x: np.ndarray,
    y: np.ndarray,
    first: np.ndarray,
    box: Box,
    trajectory: Trajectory,
    names: tuple[str, ...],
) -> xr.Dataset:
    """The box and every box of the trajectory, on both halves."""
    share = {"units": "1"}
    numbers = np.array([measures(box.holds(x[one]), y[one]) for one in (first, ~first)])
    held = [measures(one.holds(x[~first]), y[~first]) for one in trajectory.boxes]
    held_out = np.array(held)
    peeled = [""]
    for before, after in zip(trajectory.boxes, trajectory.boxes[1:], strict=False):
        low = np.flatnonzero(after.low > before.low)
        column = int((low if low.size else np.flatnonzero(after.high < before.high))[0])
        value = after.low[column] if low.size else after.high[column]
        peeled.append(f"{names[column]} {'>=' if low.size else '<='} {value:.7g}")
    found = {
        "draws": ("sample", np.array([first.sum(), (~first).sum()])),
        "with_outcome": ("sample", np.array([y[first].sum(), y[~first].sum()])),
        "coverage": ("sample", numbers[:, 0], share),
        "density": ("sample", numbers[:, 1], share),
        "mass": ("sample", numbers[:, 2], share),
        "peeled": ("box", np.array(peeled)),
        "box_inputs": ("box", trajectory.inputs),
        "box_coverage": ("box", trajectory.coverage, share),
        "box_density": ("box", trajectory.density, share),
        "box_mass": ("box", trajectory.mass, share),
        "box_coverage_held_out": ("box", held_out[:, 0], share),
        "box_density_held_out": ("box", held_out[:, 1], share),
    }
    return xr.Dataset(found, {"sample": list(SAMPLES)})


def _leaves(
    found: xr.Dataset, ensemble: Ensemble, x: np.ndarray, y: np.ndarray, first: np.ndarray
) -> tuple[xr.Dataset, str]:
    """The same with the leaves of a tree, and its text; judged on the draws held out."""
    grown = tree.grow(x[first], y[first])
    leaf, held = grown.leaf_of(x[~first]), y[~first]
    numbers = {int(one): measures(leaf == one, held) for one in grown.leaves()}
    told = split_words(ensemble.inputs, ensemble.units)

    def says(node: int) -> str:
        coverage, density, _ = numbers[node]
        return f"density {percent(density)}, coverage {percent(coverage)}"

    share = {"units": "1"}
    laid = np.array(list(numbers.values()))
    columns = {
        "leaf_rule": ("leaf", np.array(list(tree.rules(grown, told).values()))),
        "leaf_coverage": ("leaf", laid[:, 0], share),
        "leaf_density": ("leaf", laid[:, 1], share),
        "leaf_mass": ("leaf", laid[:, 2], share),
    }
    return found.assign(columns), "\n".join(tree.lines(grown, told, says))

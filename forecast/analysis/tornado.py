"""How far an outcome moves as one input goes from its p10 to its p90, and whether that adds up."""

from typing import Final, NamedTuple

import numpy as np
import xarray as xr

from forecast.analysis.ensemble import COLUMNS, Ensemble
from forecast.analysis.given_data import note_of
from forecast.analysis.given_data_ranks import LEVEL, check_shapes, each, finite_patterns, orders
from forecast.analysis.tornado_additive import INTERACTING, additive_share, least_for_share
from forecast.grammar import Place

ENDS: Final = (0.1, 0.9)
"""Quantiles of an input between which it swings. (1; definition)"""

WINDOW: Final = 0.1
"""Share of draws around each end: five percentiles on either side, which stays clear of the
outermost twentieth of the draws. A normal input whose effect is linear then
swings 1.5 % too far; half as wide, 0.4 %, with scatter 1.4 times as large. (1; definition)"""

LEAST: Final = 200
"""Least draws, so that a window holds about twenty. (definition)"""


class Swings(NamedTuple):
    """Outcomes when one input is near its low end and near its high end.

    Attributes
    ----------
    ends : array
        `[end, input]`: p10 and p90 of the inputs.
    medians, means : array
        `[end, input, outcome]`.
    swing, low, high : array
        `[input, outcome]`: difference of the medians, and its interval.
    """

    ends: np.ndarray
    medians: np.ndarray
    means: np.ndarray
    swing: np.ndarray
    low: np.ndarray
    high: np.ndarray


def swings(x: np.ndarray, y: np.ndarray, *, bootstraps: int = 1000, seed: int) -> Swings:
    """Conditional medians and means of outcomes near p10 and p90 of each input.

    Parameters
    ----------
    x : any units
        `[draw, input]`.
    y : any units
        `[draw, outcome]`; NaN where a draw has none.
    bootstraps
        Resamples behind the interval.
    seed
        Of the resamples and of the order of draws that tie.

    Returns
    -------
    Swings
        In the units of inputs and outcomes; NaN where an outcome has fewer than `LEAST` draws.

    Raises
    ------
    ValueError
        If the arrays do not fit or draws are too few.

    Notes
    -----
    A window takes draws by their rank, all with the same weight: the median of its inputs is then
    the quantile itself, and a step or a tail of the input moves no weight. The median of a
    resample of an odd number of draws is an order statistic of theirs whose place has a Beta
    distribution, so that resamples need not be drawn.

    References
    ----------
    Maritz and Jarrett (1978), doi:10.2307/2286545
    """
    check_shapes(x, y, bootstraps, LEAST)
    inputs, outcomes = x.shape[1], y.shape[1]
    ends = np.quantile(x, ENDS, axis=0)
    medians, means = (np.full((2, inputs, outcomes), np.nan) for _ in range(2))
    low, high = (np.full((inputs, outcomes), np.nan) for _ in range(2))
    sorted_draws = orders(x, seed)
    for draws, ours in finite_patterns(y):
        if len(draws) < LEAST:
            continue
        chosen = y[np.ix_(draws, ours)]
        place = np.full(len(x), -1)
        place[draws] = np.arange(len(draws))
        half = int(WINDOW / 2 * len(draws))
        middles = [round(one * (len(draws) - 1)) for one in ENDS]
        taken = _places(2 * half + 1, bootstraps, seed)

        def of(
            number: int,
            place: np.ndarray = place,
            ours: np.ndarray = ours,
            chosen: np.ndarray = chosen,
            half: int = half,
            middles: list[int] = middles,
            taken: np.ndarray = taken,
        ) -> None:
            order = place[sorted_draws[number]]
            order = order[order >= 0]
            near = [np.sort(chosen[order[m - half : m + half + 1]], axis=0) for m in middles]
            for end, one in enumerate(near):
                medians[end, number, ours], means[end, number, ours] = one[half], one.mean(axis=0)
            moved = near[1][taken[1]] - near[0][taken[0]]
            shares = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
            low[number, ours], high[number, ours] = np.quantile(moved, shares, axis=0)

        each(of, inputs)
    return Swings(ends, medians, means, medians[1] - medians[0], low, high)


def _places(size: int, bootstraps: int, seed: int) -> np.ndarray:
    """Ranks within a window that the medians of resamples have: `[end, bootstrap]`."""
    middle = (size + 1) / 2
    rng = np.random.default_rng([seed, size])
    return (rng.beta(middle, middle, size=(2, bootstraps)) * size).astype(int)


def tornado(
    ensemble: Ensemble, place: Place | None = None, *, bootstraps: int = 1000, seed: int
) -> xr.Dataset:
    """Swing of an outcome with each input, largest first.

    Parameters
    ----------
    ensemble
    place
        The outcome; every one if none is given.
    bootstraps
        Resamples behind the interval.
    seed
        Of the resamples and of the order of draws that tie.

    Returns
    -------
    Dataset
        `swing` with `swing_low` and `swing_high` (its 90 % interval), `median_low` and
        `median_high`, `mean_low` and `mean_high` (input, outcome), in the unit of the outcome;
        `input_low` and `input_high`, p10 and p90 of the input, in its own; `median` and
        `interaction` (outcome). `rank` (input, outcome) orders by size of the swing. One outcome
        alone has no dimension, and its inputs lie in that order; its attribute `warning` says
        where interactions are too large for swings to be added up.

    Raises
    ------
    ValueError
        If the place names no outcome, or draws are too few.
    """
    chosen = ensemble.of([place]) if place else ensemble
    found = swings(chosen.x, chosen.y, bootstraps=bootstraps, seed=seed)
    share = 1 - additive_share(chosen.x, chosen.y)
    size = np.where(np.isfinite(found.swing), np.abs(found.swing), -1)
    rank = np.argsort(np.argsort(-size, axis=0, kind="stable"), axis=0) + 1
    told = _dataset(chosen, found, rank, share).assign_attrs(
        level=LEVEL,
        scenario=ensemble.scenario,
        draws=len(chosen.x),
        window=WINDOW,
        threshold=INTERACTING,
        dependent=ensemble.dependent,
        note=note_of(ensemble, "swing"),
    )
    if place is None:
        return told
    told = told.isel(outcome=0, input=np.argsort(rank[:, 0]))
    return told.assign_attrs(warning=warning(str(place), share[0], chosen))


def warning(name: str, interaction: float, ensemble: Ensemble) -> str:
    """What to say of interactions; empty if they are small.

    Parameters
    ----------
    name
        Of the outcome.
    interaction : 1
        Share of its variance, NaN if it is not known.
    ensemble

    Returns
    -------
    str
    """
    draws, inputs = ensemble.x.shape
    if np.isnan(interaction):
        least = least_for_share(inputs)
        if draws < least:
            return (
                f"how much of the spread of {name} is interaction cannot be told from {draws:,}"
                f" draws of {inputs} inputs, at least {least:,} are needed"
            )
        return f"how much of the spread of {name} is interaction cannot be told"
    if interaction <= INTERACTING:
        return ""
    return (
        f"{interaction:.0%} of the variance of {name} is of inputs acting together, or of chance"
        f" that is no input (more than {INTERACTING:.0%}): the swings of single inputs do not add"
        " up to its spread"
    )


def _dataset(ensemble: Ensemble, found: Swings, rank: np.ndarray, share: np.ndarray) -> xr.Dataset:
    both, theirs = ("input", "outcome"), {"units": "unit of the outcome"}
    if len(set(ensemble.rows["unit"].tolist())) == 1:
        theirs = {"units": str(ensemble.rows["unit"][0])}
    own = {"units": "unit of the input"}
    named = {
        "swing": (found.swing, "change of the median as the input goes from p10 to p90"),
        "swing_low": (found.low, f"lower bound of the {LEVEL:.0%} interval of the swing"),
        "swing_high": (found.high, f"upper bound of the {LEVEL:.0%} interval of the swing"),
        "median_low": (found.medians[0], "median with the input near its p10"),
        "median_high": (found.medians[1], "median with the input near its p90"),
        "mean_low": (found.means[0], "mean with the input near its p10"),
        "mean_high": (found.means[1], "mean with the input near its p90"),
    }
    values = {
        name: (both, one, theirs | {"long_name": told}) for name, (one, told) in named.items()
    }
    one = {"units": "1"}
    return xr.Dataset(
        values
        | {
            "rank": (both, rank, one | {"long_name": "place by size of the swing"}),
            "input_low": ("input", found.ends[0], own | {"long_name": "p10 of the input"}),
            "input_high": ("input", found.ends[1], own | {"long_name": "p90 of the input"}),
            "median": ("outcome", _medians(ensemble.y), theirs | {"long_name": "median"}),
            "interaction": (
                "outcome",
                share,
                one | {"long_name": "share of variance that no sum over inputs explains"},
            ),
        },
        {name: ("outcome", ensemble.rows[name]) for name in COLUMNS if name in ensemble.rows}
        | {
            "input": ("input", list(ensemble.inputs)),
            "input_unit": ("input", list(ensemble.units)),
        },
    )


def _medians(y: np.ndarray) -> np.ndarray:
    found = np.full(y.shape[1], np.nan)
    known = np.isfinite(y).any(axis=0)
    found[known] = np.nanmedian(y[:, known], axis=0)
    return found

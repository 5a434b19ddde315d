"""Which policy to take when nobody knows the world: regret, targets, tails, disagreement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast.analysis.comparison import chain_error
from forecast.analysis.paired import Paired
from forecast.grammar import Condition, Place, check_place

CRITERIA: Final = (
    "mean",
    "cvar",
    "worst",
    "regret_mean",
    "regret_p95",
    "regret_max",
    "satisficing",
)
"""Ways to rank scenarios; of `satisficing` much is good, of all others little."""

EXTREMES: Final = ("worst", "regret_max")
"""Criteria that hang on one draw, which grow with the number of draws and have no error."""

TAIL: Final = 0.1
"""Share of draws that are the worst, unless another is asked for. (definition)"""


def robustness(
    found: Paired,
    place: Place,
    *,
    targets: Sequence[Condition] = (),
    tail: float = TAIL,
    larger: bool = False,
) -> xr.Dataset:
    """Rank scenarios by several criteria, and say where these disagree.

    Parameters
    ----------
    found
    place
        The outcome that is to be small.
    targets
        Conditions that are to hold, all of them, in a draw; without any there is no satisficing.
    tail
        Share of draws that CVaR is the mean of, the worst.
    larger
        Whether a large outcome is the good one.

    Returns
    -------
    Dataset
        Dims scenario, criterion: `value` (regret is at least 0, in the unit of the outcome),
        `mcse` (NaN for the largest of all draws, which no spread over chains tells the error of)
        and `rank` (1 is best; equal values share the better rank). Draws without the outcome are
        left out; attribute `draws` says how many are left. By scenario `best`: the
        share of draws in which none is better. Attribute `concordance`: Kendall's W of the
        rankings, 1 where all agree and 0 where they have nothing in common.

    Raises
    ------
    ValueError
        If there is no such outcome, too few draws have it, or the tail is no share.

    References
    ----------
    Criteria: McPhail et al. (2018), doi:10.1002/2017EF000649; regret: Savage (1951),
    doi:10.1080/01621459.1951.10500768; CVaR: Rockafellar and Uryasev (2000),
    doi:10.21314/JOR.2000.038; W: Kendall and Babington Smith (1939),
    doi:10.1214/aoms/1177732186.
    """
    check_tail(tail)
    found = found.having([place])
    sign = -1.0 if larger else 1.0
    levels = sign * found.at(place)
    regret = levels - levels.min(0)
    held = _held(found, targets)
    kept = [one for one in CRITERIA if one != "satisficing" or targets]
    values, errors = [], []
    for number in range(len(found.scenarios)):
        ours = _Draws(sign * levels[number], regret[number], held[number], tail, sign)
        values.append([ours.criterion(one) for one in kept])
        parts = [ours.of(found.chain == one) for one in np.unique(found.chain)]
        by_chain = np.array([[part.criterion(one) for one in kept] for part in parts])
        errors.append(chain_error(by_chain, np.arange(len(parts))))
    error = np.where([one in EXTREMES for one in kept], np.nan, np.stack(errors))
    table = np.array(values)
    good = np.array([-1.0 if one == "satisficing" else _direction(one, sign) for one in kept])
    ranks = (table[:, np.newaxis] * good > table[np.newaxis] * good).sum(1) + 1
    unit = found.unit(place)
    return xr.Dataset(
        {
            "value": (("scenario", "criterion"), table),
            "mcse": (("scenario", "criterion"), error),
            "rank": (("scenario", "criterion"), ranks),
            "best": ("scenario", (regret == 0).mean(1)),
        },
        {"scenario": list(found.scenarios), "criterion": kept},
        {
            "outcome": str(place),
            "unit": unit,
            "tail": tail,
            "larger": int(larger),
            "targets": " and ".join(map(str, targets)),
            "concordance": concordance(ranks),
            "draws": levels.shape[1],
        },
    )


def check_tail(tail: float) -> None:
    """Refuse a tail that is no share of draws.

    Raises
    ------
    ValueError
    """
    if not 0.0 < tail < 1.0:
        raise ValueError(f"the tail is a share of draws between 0 and 1, got {tail:g}")


def _direction(criterion: str, sign: float) -> float:
    """1 where a small value of the criterion is good, as it is told."""
    return 1.0 if criterion.startswith("regret") else sign


def _held(found: Paired, targets: Sequence[Condition]) -> np.ndarray:
    """Whether all targets hold, `[scenario, draw]`; a percentile is one of all scenarios' draws."""
    held = np.ones(found.y.shape[:2], bool)
    for one in targets:
        check_place(one.place, found.rows)
        values = found.at(one.place)
        held &= one.holds(values.reshape(-1)).reshape(values.shape)
    return held


@dataclass(frozen=True)
class _Draws:
    """Draws of one scenario: outcomes, regrets and whether targets hold."""

    outcome: np.ndarray
    regret: np.ndarray
    held: np.ndarray
    tail: float
    sign: float

    def of(self, chosen: np.ndarray) -> "_Draws":
        outcome, regret, held = (one[chosen] for one in (self.outcome, self.regret, self.held))
        return _Draws(outcome, regret, held, self.tail, self.sign)

    def criterion(self, name: str) -> float:
        """One criterion, in the unit of the outcome or as a share of draws."""
        bad = self.sign * self.outcome
        worst = np.sort(bad)[-max(1, round(self.tail * len(bad))) :]
        found: dict[str, Callable[[], Any]] = {
            "mean": self.outcome.mean,
            "cvar": lambda: self.sign * worst.mean(),
            "worst": lambda: self.sign * worst[-1],
            "regret_mean": self.regret.mean,
            "regret_p95": lambda: np.quantile(self.regret, 0.95),
            "regret_max": self.regret.max,
            "satisficing": self.held.mean,
        }
        return float(found[name]())


def concordance(ranks: np.ndarray) -> float:
    """Kendall's W of rankings, `[scenario, criterion]`, ties counted as their mean rank."""
    scenarios, criteria = ranks.shape
    if scenarios < 2:
        return 1.0
    middle = np.empty(ranks.shape)
    ties = 0.0
    for column in range(criteria):
        values = ranks[:, column]
        middle[:, column] = [
            (values < one).sum() + ((values == one).sum() + 1) / 2 for one in values
        ]
        _, counts = np.unique(values, return_counts=True)
        ties += float((counts**3 - counts).sum())
    sums = middle.sum(1)
    spread = float(((sums - sums.mean()) ** 2).sum())
    most = criteria**2 * (scenarios**3 - scenarios) - criteria * ties
    return 12.0 * spread / most if most > 0 else 1.0


def pareto(found: Paired, places: Sequence[Place], larger: Sequence[bool] = ()) -> xr.Dataset:
    """Scenarios that no other beats in every outcome.

    Parameters
    ----------
    found
    places
        Two outcomes or more, each to be small.
    larger
        Whether a large outcome is the good one, place by place; none is if not given.

    Returns
    -------
    Dataset
        By scenario: `front` (whether no other is at least as good in the mean of every outcome and
        better in one), `front_chains` (share of the independent chains whose own means say that it
        is: far from 0 and 1, the front is within the Monte Carlo error), `front_share` (share of
        draws in which that holds of the draw), its `mcse`, and by outcome the `mean`. Draws
        without one of the outcomes are left out.

    Raises
    ------
    ValueError
        If an outcome does not exist, or too few draws have it.
    """
    found = found.having(places)
    signs = np.where(np.array(larger or [False] * len(places)), -1.0, 1.0)
    levels = np.stack([found.at(one) for one in places], axis=-1) * signs
    inside = np.stack([_front(levels[:, draw]) for draw in range(levels.shape[1])], axis=1)
    means = levels.mean(1)
    share = inside.astype(float)
    chains = [_front(levels[:, found.chain == one].mean(1)) for one in np.unique(found.chain)]
    return xr.Dataset(
        {
            "front": ("scenario", _front(means)),
            "front_chains": ("scenario", np.mean(chains, axis=0)),
            "front_share": ("scenario", share.mean(1)),
            "mcse": ("scenario", chain_error(share.T, found.chain)),
            "mean": (("scenario", "place"), means * signs),
        },
        {"scenario": list(found.scenarios), "place": [str(one) for one in places]},
        {"units": ", ".join(found.unit(one) for one in places), "chains": len(chains)},
    )


def _front(levels: np.ndarray) -> np.ndarray:
    """Which rows of `[scenario, outcome]` are dominated by no other, small being good."""
    no_worse = (levels[:, np.newaxis] <= levels[np.newaxis]).all(-1)
    better = (levels[:, np.newaxis] < levels[np.newaxis]).any(-1)
    return np.asarray(~(no_worse & better).any(0))

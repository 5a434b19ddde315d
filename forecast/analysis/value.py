"""What it is worth to know more before one of several options is taken."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.ensemble import Ensemble
from forecast.analysis.storylines import normal_scores

KNOTS: Final = (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5)
"""Normal scores at which the broken line of one input may bend. (1; definition)"""

FEW_KNOTS: Final = (-0.75, 0.0, 0.75)
"""The same for each of several inputs. (1; definition)"""

PER_COLUMN: Final = 20
"""Draws there must be for each column of a regression. (definition)"""

MOST_COLUMNS: Final = 400
"""Columns of a regression at the most. (definition)"""

RIDGE: Final = 1e-6
"""Added to the squares of each column, as a share of them, so that inputs that sum to a whole
can be solved for. (1; definition)"""

DUMMIES: Final = 20
"""Columns of noise whose value is told beside that of inputs. (definition)"""

ALL: Final = "all inputs"


@dataclass(frozen=True)
class Worth:
    """What it is worth to know sets of inputs.

    Attributes
    ----------
    held_out, error : array
        `[set]`: value of the rule learnt for the set, and its standard error over chains.
    value, value_error : array
        `[set]`: the same after correction: at least 0, at least that of any set within it.
    """

    held_out: np.ndarray
    error: np.ndarray
    value: np.ndarray
    value_error: np.ndarray


def losses_of(
    y: np.ndarray, level: np.ndarray, shortfall: np.ndarray, excess: np.ndarray, cost: np.ndarray
) -> np.ndarray:
    """Losses that are piecewise linear in outcomes.

    Parameters
    ----------
    y : any unit
        `[draw, term]`.
    level : same unit
        `[option, term]`.
    shortfall, excess : unit of the loss over that unit
        `[option, term]`: price of an outcome above the level, and below it.
    cost : unit of the loss
        `[option]`: what an option costs in any case.

    Returns
    -------
    Unit of the loss
        `[draw, option]`.
    """
    found = np.tile(np.asarray(cost, float), (len(y), 1))
    for term in range(y.shape[1]):
        above = y[:, term, None] - level[:, term]
        found += shortfall[:, term] * np.maximum(above, 0) + excess[:, term] * np.maximum(-above, 0)
    return found


def chance_best(losses: np.ndarray) -> np.ndarray:
    """Whether each option has the least loss of a draw, `[draw, option]`; ties are shared."""
    least = losses == losses.min(axis=1, keepdims=True)
    return np.asarray(least / least.sum(axis=1, keepdims=True))


def evpi(losses: np.ndarray, chain: np.ndarray) -> tuple[float, float]:
    """Find the expected value of perfect information.

    Parameters
    ----------
    losses : any unit
        `[draw, option]`.
    chain
        `[draw]`: the independent randomisation that each draw is of.

    Returns
    -------
    float, float
        Least expected loss less the expected least loss, and its standard error over chains.

    References
    ----------
    Raiffa and Schlaifer (1961), Applied Statistical Decision Theory, chapter 4.
    """
    gain = losses[:, losses.mean(axis=0).argmin()] - losses.min(axis=1)
    return float(gain.mean()), _error(gain, chain)


def evppi(
    losses: np.ndarray,
    chain: np.ndarray,
    x: np.ndarray,
    sets: Sequence[Sequence[int]],
    outcomes: np.ndarray | None = None,
) -> Worth:
    """Find the expected value of partial perfect information for sets of inputs.

    The expected loss of each option given the inputs of a set is fitted by regression on their
    normal scores, as Strong, Oakley and Brennan do; on all chains but one. In the chain left out,
    the option that the fit prefers is taken in each draw, and its true loss is counted. That is
    the value of a rule which somebody who knew these inputs could follow: on average never above
    the true value, below it where the fit misses something, and never above `evpi` of the draws.
    A value below 0 is 0 and one below that of a set within is that one, since more can be learnt
    from more; both raise values that are near 0, by as much as columns of noise show.

    Parameters
    ----------
    losses : any unit
        `[draw, option]`.
    chain
        `[draw]`: two or more independent randomisations.
    x : any unit
        `[draw, input]`; may depend on each other.
    sets
        Inputs of each set, by number.
    outcomes : any unit, optional
        `[draw, outcome]`: what the losses follow from. Of several inputs these are fitted first,
        since they depend on inputs more smoothly; the losses, bent, then follow from the fits.

    Returns
    -------
    Worth

    Raises
    ------
    ValueError
        If there is one chain only, or a set is empty.

    References
    ----------
    Strong, Oakley and Brennan (2014), doi:10.1177/0272989X13505910; Heath, Manolopoulou and Baio
    (2017), doi:10.1177/0272989X17697692
    """
    if len(np.unique(chain)) < 2:
        raise ValueError("one chain: nothing can be held out; at least 2 are expected")
    if any(not len(one) for one in sets):
        raise ValueError("a set without inputs")
    order = np.argsort(chain, kind="stable")
    targets = normal_scores((losses if outcomes is None else outcomes)[order])
    gains = _gains(losses[order], chain[order], normal_scores(x[order]), targets, sets)
    own = np.array([gain.mean() for gain in gains])
    error = np.array([_error(gain, chain[order]) for gain in gains])
    return Worth(own, error, *_nested(own, error, sets))


def _gains(
    losses: np.ndarray,
    chain: np.ndarray,
    scores: np.ndarray,
    targets: np.ndarray,
    sets: Sequence[Sequence[int]],
) -> list[np.ndarray]:
    """Loss saved in each draw by the rule learnt for each set, chains one after another."""
    # Losses over the option that is best without knowing more: what is gained by another.
    apart = losses - losses[:, [int(losses.mean(axis=0).argmin())]]
    singles: dict[int, np.ndarray] = {}
    explained = np.zeros(scores.shape[1])
    for one in sorted({member for each in sets for member in each}):
        columns = _broken(scores[:, one], KNOTS)
        fitted = _held_out(columns, np.hstack([apart, targets]), chain)
        singles[one] = _gain(apart, fitted[:, : apart.shape[1]])
        explained[one] = _explained(targets, fitted[:, apart.shape[1] :])
    gains = []
    for each in sets:
        if len(each) == 1:
            gains.append(singles[each[0]])
        else:
            # Pairs of the inputs that tell most of the outcomes come first.
            ranked = sorted(each, key=lambda one: -explained[one])
            columns = _together(scores[:, ranked])
            gains.append(_gain(apart, _held_out(columns, apart, chain, targets)))
    return gains


def _nested(
    own: np.ndarray, error: np.ndarray, sets: Sequence[Sequence[int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Values that are at least 0 and rise with the set: the best of the rules a set allows."""
    value, of = own.copy(), error.copy()
    members = [frozenset(one) for one in sets]
    for place in range(len(sets)):
        for other in range(len(sets)):
            if own[other] > value[place] and members[other] <= members[place]:
                value[place], of[place] = own[other], error[other]
    return np.maximum(value, 0.0), of


def _gain(apart: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """Loss saved in each draw by the option that is fitted to lose least."""
    return np.asarray(-np.take_along_axis(apart, fitted.argmin(axis=1)[:, None], 1)[:, 0])


def _explained(apart: np.ndarray, fitted: np.ndarray) -> float:
    left = ((apart - fitted) ** 2).sum()
    return float(1 - left / max(((apart - apart.mean(axis=0)) ** 2).sum(), np.finfo(float).tiny))


def _error(gain: np.ndarray, chain: np.ndarray) -> float:
    means = np.array([gain[chain == one].mean() for one in np.unique(chain)])
    return float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else float("nan")


def _held_out(
    columns: np.ndarray, y: np.ndarray, chain: np.ndarray, targets: np.ndarray | None = None
) -> np.ndarray:
    """Least squares on all chains but one, told in that one; chains stand one after another.

    With targets, `[draw, target]`, these are fitted with `y`, and `y` then follows from both fits,
    by broken lines of those of the targets.
    """
    edges = np.flatnonzero(np.diff(chain)) + 1
    groups = [slice(*ends) for ends in pairwise((0, *edges, len(chain)))]
    both = y if targets is None else np.hstack([targets, y])
    squares = np.stack([columns[one].T @ columns[one] for one in groups])
    crossed = np.stack([columns[one].T @ both[one] for one in groups])
    found = np.empty_like(y)
    for place, one in enumerate(groups):
        weights = _solved(
            squares.sum(axis=0) - squares[place], crossed.sum(axis=0) - crossed[place]
        )
        if targets is None:
            found[one] = columns[one] @ weights
            continue
        first = columns @ weights
        bent = [_broken(each, KNOTS) for each in first[:, : targets.shape[1]].T]
        second = np.hstack([*bent, first[:, targets.shape[1] :]])
        rest = np.ones(len(y), bool)
        rest[one] = False
        again = second[rest]
        found[one] = second[one] @ _solved(again.T @ again, again.T @ y[rest])
    return found


def _solved(squares: np.ndarray, crossed: np.ndarray) -> np.ndarray:
    diagonal = np.diag_indices_from(squares)
    squares[diagonal] += RIDGE * (squares[diagonal] + 1)
    return np.asarray(np.linalg.solve(squares, crossed))


def _broken(score: np.ndarray, knots: Sequence[float]) -> np.ndarray:
    """Columns of a broken line: straight beyond the outer knots."""
    bends = [np.maximum(score - knot, 0.0) for knot in knots]
    return np.stack([np.ones_like(score), score, *bends], axis=1)


def _together(scores: np.ndarray) -> np.ndarray:
    """Columns of several inputs, the most telling first: broken lines, then products of pairs."""
    draws, count = scores.shape
    room = min(MOST_COLUMNS, max(draws // PER_COLUMN, count + 1))
    columns = [np.ones(draws), *scores.T]
    more: Iterator[np.ndarray] = (
        np.maximum(scores[:, one] - knot, 0.0) for one in range(count) for knot in FEW_KNOTS
    )
    # Pairs of the first inputs come before pairs of later ones.
    pairs = (scores[:, one] * scores[:, two] for one in range(count) for two in range(one))
    half = (room - len(columns)) // 2
    bends = [one for one, _ in zip(more, range(half), strict=False)]
    rest = room - len(columns) - len(bends)
    return np.stack(
        [*columns, *bends, *(one for one, _ in zip(pairs, range(rest), strict=False))], axis=1
    )


def blocks_of(inputs: Sequence[str]) -> dict[str, list[int]]:
    """Inputs by block, by number: those of one name before the dot."""
    found: dict[str, list[int]] = {}
    for number, name in enumerate(inputs):
        found.setdefault(name.split(".")[0], []).append(number)
    return found


def value(
    ensemble: Ensemble,
    losses: np.ndarray,
    outcomes: np.ndarray,
    options: Sequence[str],
    unit: str = "1",
    sets: Mapping[str, Sequence[int]] | None = None,
    seed: int = 0,
) -> xr.Dataset:
    """Expected losses of options, and what it is worth to know more before one is taken.

    Parameters
    ----------
    ensemble
    losses : unit
        `[draw, option]`.
    outcomes : any unit
        `[draw, outcome]`: what the losses follow from.
    options
        Their names.
    unit
        Of the losses.
    sets
        Sets of inputs, by number, beside single ones and all; the blocks if not given.
    seed
        Of the dummies.

    Returns
    -------
    Dataset
        `loss`, `mcse_loss`, `best_chance` and its error over option; `evpi`, `mcse_evpi`; `evppi`,
        `mcse_evppi` and `held_out`, that before correction, over set; `dummy_single` and
        `dummy_block`: the largest value that columns of noise reach, alone and as many together
        as the largest block has.

    Raises
    ------
    ValueError
        If a loss is not finite, or there is one chain only.
    """
    if not np.isfinite(losses).all():
        count = int((~np.isfinite(losses).all(axis=1)).sum())
        raise ValueError(
            f"{count} of {len(losses)} draws have no loss: an outcome is missing there"
        )
    named = blocks_of(ensemble.inputs) if sets is None else sets
    chain, count = ensemble.chain, len(ensemble.inputs)
    singles = {name: [number] for number, name in enumerate(ensemble.inputs)}
    asked = {**singles, **named, ALL: list(range(count))}
    worth = evppi(losses, chain, ensemble.x, list(asked.values()), outcomes)
    noise = np.random.default_rng(seed).standard_normal((len(losses), DUMMIES))
    width = min(max((len(one) for one in named.values()), default=1), DUMMIES)
    dummy = evppi(
        losses, chain, noise, [*([one] for one in range(DUMMIES)), range(width)], outcomes
    )
    kinds = ["input"] * len(singles) + ["block"] * len(named) + ["all"]
    found = xr.Dataset(
        coords={"option": list(options), "set": list(asked), "kind": ("set", kinds)},
        attrs={"scenario": ensemble.scenario, "dependent": ensemble.dependent},
    )
    of_options = zip(
        ("loss", "best_chance"),
        (unit, "1"),
        ("expected loss", "share of draws in which it loses least"),
        (_means(losses, chain), _means(chance_best(losses), chain)),
        strict=True,
    )
    for name, units, meaning, (mean, error) in of_options:
        _put(found, name, "option", mean, units, meaning)
        _put(found, f"mcse_{name}", "option", error, units, f"Monte Carlo standard error of {name}")
    perfect, spread = evpi(losses, chain)
    _put(found, "evpi", (), perfect, unit, "expected value of perfect information")
    _put(found, "mcse_evpi", (), spread, unit, "Monte Carlo standard error of evpi")
    _put(found, "evppi", "set", worth.value, unit, "expected value of knowing a set of inputs")
    _put(found, "mcse_evppi", "set", worth.value_error, unit, "its Monte Carlo standard error")
    _put(found, "held_out", "set", worth.held_out, unit, "evppi before it is made to rise")
    _put(found, "dummy_single", (), dummy.value[:-1].max(), unit, "largest evppi of a noise column")
    _put(found, "dummy_block", (), dummy.value[-1], unit, "evppi of noise columns together")
    return found


def _put(
    found: xr.Dataset, name: str, dim: str | tuple[()], values: object, units: str, meaning: str
) -> None:
    found[name] = xr.Variable(dim, values, {"units": units, "long_name": meaning})


def _means(values: np.ndarray, chain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return values.mean(axis=0), np.array([_error(one, chain) for one in values.T])

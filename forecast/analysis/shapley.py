"""Shapley effects of groups of dependent inputs, from draws that are given.

The value of a set of groups is the share of variance that a regression on its inputs explains;
for a Gaussian linear model that is the variance of the conditional mean, and what follows is
exact but for the error of the draws.
"""

from collections.abc import Mapping, Sequence
from math import comb
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.ensemble import COLUMNS, Ensemble
from forecast.analysis.explained import PRODUCTS, explained, standard, terms_of

MOST_GROUPS: Final = 16
"""Groups above which their sets are too many to go through. (definition)"""

DRAWS_PER_TERM: Final = 4
"""Draws that each term of the regression needs at least. (definition)"""

PARTS: Final = 8
"""Parts that draws of one chain are cut into for the error. (definition)"""

UNEXPLAINED: Final = "unexplained"


def weights_of(groups: int) -> np.ndarray:
    """Weight of the value of every set in the Shapley value of every group.

    Parameters
    ----------
    groups

    Returns
    -------
    1
        `[group, set]`.

    References
    ----------
    Shapley (1953), doi:10.1515/9781400881970-018
    """
    sets = np.arange(2**groups)
    has = sets[None, :] >> np.arange(groups)[:, None] & 1
    size = has.sum(0)
    # A set of s others comes before the group in one of `groups * comb(groups - 1, s)` ways.
    share = np.array([1 / (groups * comb(groups - 1, one)) for one in range(groups)])
    return np.where(has, share[np.maximum(size - 1, 0)], -share[np.minimum(size, groups - 1)])


def shapley_effects(
    x: np.ndarray,
    y: np.ndarray,
    group: np.ndarray,
    *,
    part: np.ndarray | None = None,
    products: int = PRODUCTS,
) -> tuple[np.ndarray, np.ndarray]:
    """Shapley effects of groups of inputs, and what the regression leaves unexplained.

    Parameters
    ----------
    x : any units
        `[draw, input]`; inputs may depend on each other.
    y : any units
        `[draw, outcome]`.
    group
        `[input]`: number of the group that each is of, from zero.
    part
        `[draw]`: part of the draws that each is of, for the error; equal parts if none is given.
    products
        As in `explained.terms_of`.

    Returns
    -------
    effect, error : 1
        `[group + 1, outcome]`, the unexplained share last; they sum to one. The error is the
        jackknife's, which leaves out one part at a time. NaN where an outcome never varies or is
        missing in a draw.

    Raises
    ------
    ValueError
        If there are more than `MOST_GROUPS` groups, or too few draws for the terms.

    References
    ----------
    Owen and Prieur (2017), doi:10.1137/16M1097717; Broto, Bachoc and Depecker (2020),
    doi:10.1137/18M1234631; error: Efron and Stein (1981), doi:10.1214/aos/1176345462
    """
    groups = int(group.max(initial=-1)) + 1
    if not 1 <= groups <= MOST_GROUPS:
        raise ValueError(
            f"there must be 1 to {MOST_GROUPS} groups, got {groups}; join some of them"
        )
    whole = np.isfinite(y).all(0)
    whole &= np.where(whole, y.max(0) > y.min(0), False)
    ours = standard(y[:, whole])
    terms = terms_of(x, ours, group, products)
    size = terms.values.shape[1]
    if len(x) < DRAWS_PER_TERM * size:
        raise ValueError(
            f"{len(x):,} draws are too few for {size} terms, at least {DRAWS_PER_TERM * size:,};"
            " take more draws, or products=0 for a linear regression"
        )
    if part is None or len(np.unique(part)) == 1:
        part = np.arange(len(x)) * PARTS // len(x)
    names = np.unique(part)
    sums = [_sums(terms.values[part == one], ours[part == one]) for one in names]
    everything = [np.sum([one[place] for one in sums], axis=0) for place in range(5)]
    found = _effects(everything, terms.owners, groups)
    others = np.stack(
        [
            _effects([a - b for a, b in zip(everything, one, strict=True)], terms.owners, groups)
            for one in sums
        ]
    )
    error = np.sqrt((len(names) - 1) * others.var(0))
    laid = np.full((2, groups + 1, y.shape[1]), np.nan)
    laid[:, :, whole] = found, error
    return laid[0], laid[1]


def _sums(terms: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    # What moments of all draws but some are made of, without going through the draws again.
    both = np.concatenate([terms, y], 1)
    return [
        np.array(float(len(terms))),
        both.sum(0),
        terms.T @ terms,
        terms.T @ y,
        (y**2).sum(0),
    ]


def _effects(sums: Sequence[np.ndarray], owners: np.ndarray, groups: int) -> np.ndarray:
    draws, total, gram, cross, square = sums
    mean = total / draws
    terms, y = mean[: len(gram)], mean[len(gram) :]
    variance = square / draws - y**2
    found, count = explained(
        gram / draws - np.outer(terms, terms), cross / draws - np.outer(terms, y), owners, groups
    )
    # Terms explain some of what is noise to them: less what they would by chance (Theil).
    left = (1 - found / variance) * ((draws - 1) / (draws - 1 - count))[:, None]
    value = 1 - left
    return np.concatenate([weights_of(groups) @ value, left[-1:]])


def shapley(
    ensemble: Ensemble,
    groups: Mapping[str, Sequence[str]] | None = None,
    *,
    products: int = PRODUCTS,
) -> xr.Dataset:
    """Shapley effects of an ensemble, whose inputs may depend on each other.

    Parameters
    ----------
    ensemble
    groups
        Name → inputs, each of one group; the blocks of the model if none are given. Inputs that
        are not named are of none: what they explain alone stays unexplained.
    products
        As in `explained.terms_of`.

    Returns
    -------
    Dataset
        `effect` and `error` by `group` and `outcome`; the last group is what the regression does
        not explain: year-to-year noise, and what is neither square nor product.

    Raises
    ------
    ValueError
        If a group names an input that there is not, or one twice; or as in `shapley_effects`.
    """
    groups = by_block(ensemble.inputs) if groups is None else groups
    used, number = members(groups, ensemble.inputs)
    effect, error = shapley_effects(
        ensemble.x[:, used], ensemble.y, number, part=ensemble.chain, products=products
    )
    dims = ("group", "outcome")
    told = {"units": "1", "long_name": "Shapley effect: share of the variance of the outcome"}
    more = {"units": "1", "long_name": "jackknife standard error of the effect"}
    found = xr.Dataset({"effect": (dims, effect, told), "error": (dims, error, more)})
    rows = {name: ("outcome", ensemble.rows[name]) for name in COLUMNS}
    found = found.assign_coords(rows | {"group": ("group", [*groups, UNEXPLAINED])})
    missing = int(np.isnan(effect).any(0).sum())
    return found.assign_attrs(
        title=f"Shapley effects of {ensemble.scenario}",
        scenario=ensemble.scenario,
        dependent=ensemble.dependent,
        draws=len(ensemble.x),
        groups="\n".join(f"{name}: {' '.join(one)}" for name, one in groups.items()),
        notes=f"{missing} outcomes never vary or are missing in a draw" if missing else "",
    )


def by_block(inputs: Sequence[str]) -> dict[str, list[str]]:
    """Inputs by their block: what stands before the dot."""
    found: dict[str, list[str]] = {}
    for one in inputs:
        found.setdefault(one.partition(".")[0], []).append(one)
    return found


def members(
    groups: Mapping[str, Sequence[str]], inputs: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Columns of the inputs of groups, and the number of the group of each.

    Raises
    ------
    ValueError
        If a group is empty or names an input that there is not, or an input is of two.
    """
    from difflib import get_close_matches

    owner: dict[str, str] = {}
    for name, ours in groups.items():
        if not ours:
            raise ValueError(f'group "{name}" has no input, give at least one')
        for one in ours:
            if one not in inputs:
                near = get_close_matches(one, inputs, n=1)
                hint = f', did you mean "{near[0]}"?' if near else ""
                raise ValueError(f'group "{name}": no uncertain input "{one}"{hint}')
            if one in owner:
                raise ValueError(f'"{one}" is of "{owner[one]}" and of "{name}", expected one')
            owner[one] = name
    names = list(groups)
    used = [place for place, one in enumerate(inputs) if one in owner]
    return np.array(used, int), np.array([names.index(owner[inputs[one]]) for one in used], int)

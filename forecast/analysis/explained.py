"""Share of variance that a regression on every set of groups of inputs explains."""

from typing import Final, NamedTuple

import numpy as np
from scipy.special import ndtri

PRODUCTS: Final = 16
"""Inputs whose products with each other are terms: those that explain most alone. (definition)"""

SMALLEST: Final = 1e-9
"""Variance of a standardised term below which the terms before it hold it whole. (1;
definition)"""


class Terms(NamedTuple):
    """Terms of a regression; from `terms_of`."""

    values: np.ndarray
    owners: np.ndarray
    """`[term, 2]`: the groups that a term needs, the earlier first; twice the same for its own."""


def terms_of(x: np.ndarray, y: np.ndarray, group: np.ndarray, products: int = PRODUCTS) -> Terms:
    """Normal scores of inputs, their squares, and products of those that matter most.

    Parameters
    ----------
    x : any units
        `[draw, input]`.
    y : any units
        `[draw, outcome]`, which decide what inputs are multiplied.
    group
        `[input]`: number of the group that each is of.
    products
        Inputs that are multiplied with each other; none leaves squares out as well.

    Returns
    -------
    Terms
        Standardised, `[draw, term]`.
    """
    from scipy.stats import rankdata

    score = ndtri((rankdata(x, axis=0) - 0.5) / len(x))
    score = standard(score)
    laid, owners = [score], [np.stack([group, group], -1)]
    if products > 0:
        laid.append(score**2)
        owners.append(owners[0])
        alone = (score.T @ standard(y) / len(x)) ** 2
        chosen = np.sort(np.argsort(-alone.max(1), kind="stable")[:products])
        left, right = np.triu_indices(len(chosen), 1)
        left, right = chosen[left], chosen[right]
        laid.append(score[:, left] * score[:, right])
        owners.append(np.sort(np.stack([group[left], group[right]], -1), axis=1))
    return Terms(standard(np.concatenate(laid, 1)), np.concatenate(owners))


def standard(values: np.ndarray) -> np.ndarray:
    """Columns with mean zero and variance one; those that never vary are zero.

    Parameters
    ----------
    values : any units
        `[draw, …]`.
    """
    off = values - values.mean(0)
    size = off.std(0)
    return np.asarray(off / np.where(size > 0, size, 1))


def explained(
    gram: np.ndarray, cross: np.ndarray, owners: np.ndarray, groups: int
) -> tuple[np.ndarray, np.ndarray]:
    """Variance that the terms of every set of groups explain.

    Groups are taken or left one by one. Taking one clears the terms that follow of all that it
    explains, so a set costs its last group alone.

    Parameters
    ----------
    gram : 1
        `[term, term]`: covariance of the terms.
    cross : unit of the outcomes
        `[term, outcome]`: covariance of terms and outcomes.
    owners
        `[term, 2]`; see `Terms`.
    groups
        Number of groups.

    Returns
    -------
    variance, count
        `[set, outcome]` and `[set]`, the number of terms that it took; set number `s` has group
        `g` where bit `g` of `s` is set.
    """
    variance = np.zeros((2**groups, cross.shape[1]))
    count = np.zeros(2**groups, int)

    def visit(
        group: int, chosen: int, gram: np.ndarray, cross: np.ndarray, owners: np.ndarray
    ) -> None:
        if group == groups:
            return
        without = ~(owners == group).any(1)
        rest = np.ix_(without, without)
        visit(group + 1, chosen, gram[rest], cross[without], owners[without])
        # Whatever needs an earlier group that was left is gone, so these need this one last.
        ours = owners[:, 1] == group
        later = ~ours
        values, vectors = np.linalg.eigh(gram[np.ix_(ours, ours)])
        vectors = vectors[:, values > SMALLEST] / np.sqrt(values[values > SMALLEST])
        into, onto = vectors.T @ gram[np.ix_(ours, later)], vectors.T @ cross[ours]
        taken = chosen | 1 << group
        variance[taken] = variance[chosen] + (onto**2).sum(0)
        count[taken] = count[chosen] + vectors.shape[1]
        # Sets with later groups build on this one.
        left = gram[np.ix_(later, later)] - into.T @ into
        visit(group + 1, taken, left, cross[later] - into.T @ onto, owners[later])

    visit(0, 0, gram, cross, owners)
    return variance, count

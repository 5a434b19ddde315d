"""A small classification tree: which inputs tell draws with an outcome from draws without.

Functions of plain arrays; `x` is `[draw, input]`, `y` is `[draw]`, true where the outcome happens.

References
----------
Breiman, Friedman, Olshen and Stone (1984), Classification and Regression Trees,
https://doi.org/10.1201/9781315139470
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

DEPTH: Final = 3
"""Splits between the root and a leaf, at the most. (1; definition)"""

LEAST_LEAF: Final = 0.02
"""Share of the draws that a leaf holds at the least. (1; definition)"""

LEAF: Final = -1
"""Stands for the input of a node that is not split. (definition)"""


@dataclass(frozen=True)
class Tree:
    """Nodes in the order of their text: a node, all below its lower side, all below its upper.

    Attributes
    ----------
    column : array
        Input that a node is split by, or `LEAF`, `[node]`.
    threshold : array
        Draws at or below it go to the lower side, `[node]`, in the unit of the input.
    lower, upper : array
        Nodes of the two sides, `[node]`.
    depth : array
        `[node]`.
    draws, hits : array
        Draws of each node that the tree was grown on, and those with the outcome, `[node]`.
    """

    column: np.ndarray
    threshold: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    depth: np.ndarray
    draws: np.ndarray
    hits: np.ndarray

    def leaves(self) -> np.ndarray:
        """Nodes that are not split."""
        return np.flatnonzero(self.column == LEAF)

    def leaf_of(self, x: np.ndarray) -> np.ndarray:
        """Leaf in which each draw lies, `[draw]`."""
        node = np.zeros(len(x), int)
        for _ in range(int(self.depth.max())):
            column = self.column[node]
            inner = column != LEAF
            values = x[np.arange(len(x)), np.where(inner, column, 0)]
            side = np.where(values <= self.threshold[node], self.lower[node], self.upper[node])
            node = np.where(inner, side, node)
        return node


def grow(x: np.ndarray, y: np.ndarray, *, depth: int = DEPTH, least: float = LEAST_LEAF) -> Tree:
    """Split draws in two, again and again, where the Gini impurity falls most.

    Parameters
    ----------
    x : units of the inputs
        `[draw, input]`.
    y : bool
        `[draw]`.
    depth
        Splits between the root and a leaf, at the most.
    least : 1
        Share of the draws that a leaf holds at the least.

    Returns
    -------
    Tree
    """
    fewest = max(1, int(np.ceil(least * len(y))))
    rows: list[list[float]] = []

    def add(here: np.ndarray, level: int) -> int:
        number = len(rows)
        split = _split(x[here], y[here], fewest) if level < depth else None
        rows.append([LEAF, np.nan, LEAF, LEAF, level, len(here), int(y[here].sum())])
        if split is not None:
            column, threshold = split
            below = x[here, column] <= threshold
            lower, upper = add(here[below], level + 1), add(here[~below], level + 1)
            rows[number][:4] = [column, threshold, lower, upper]
        return number

    add(np.arange(len(y)), 0)
    column, threshold, lower, upper, levels, draws, hits = np.array(rows).T
    whole = (one.astype(int) for one in (lower, upper, levels, draws, hits))
    return Tree(column.astype(int), threshold, *whole)


def _split(x: np.ndarray, y: np.ndarray, fewest: int) -> tuple[int, float] | None:
    """Input and threshold of the best split, if one makes the sides purer than the whole."""
    count, hits = len(y), int(y.sum())
    if hits in (0, count) or count < 2 * fewest:
        return None
    order = np.argsort(x.T, axis=1, kind="stable")
    values = np.take_along_axis(x.T, order, axis=1)
    below = np.arange(1, count)
    found = y[order].cumsum(axis=1)[:, :-1]
    # Weighted impurity is count / 2 less this; what is left is largest where it is smallest.
    score = _purity(found, below) + _purity(hits - found, count - below)
    fine = (values[:, 1:] > values[:, :-1]) & (below >= fewest) & (count - below >= fewest)
    score = np.where(fine, score, -np.inf)
    column, place = np.unravel_index(int(score.argmax()), score.shape)
    if not score[column, place] > _purity(np.array(hits), np.array(count)) * (1 + 1e-12):
        return None
    low, high = values[column, place], values[column, place + 1]
    middle = low + (high - low) / 2
    return int(column), float(middle if middle < high else low)


def _purity(hits: np.ndarray, count: np.ndarray) -> np.ndarray:
    return np.asarray((hits**2 + (count - hits) ** 2) / count)


def rules(tree: Tree, told: Callable[[int, float, bool], str]) -> dict[int, str]:
    """Say what holds in each leaf.

    Parameters
    ----------
    tree
    told
        Says of an input, a threshold, and whether draws lie above it, what that means.

    Returns
    -------
    dict
        Leaf → its conditions, joined by "and".
    """
    found: dict[int, str] = {}

    def walk(node: int, path: tuple[str, ...]) -> None:
        if tree.column[node] == LEAF:
            found[node] = " and ".join(path) or "all draws"
            return
        column, threshold = int(tree.column[node]), float(tree.threshold[node])
        walk(int(tree.lower[node]), (*path, told(column, threshold, False)))
        walk(int(tree.upper[node]), (*path, told(column, threshold, True)))

    walk(0, ())
    return found


def lines(
    tree: Tree, told: Callable[[int, float, bool], str], leaf: Callable[[int], str]
) -> list[str]:
    """Write the tree as indented rules.

    Parameters
    ----------
    tree
    told
        As in `rules`.
    leaf
        Says of a leaf what it holds.

    Returns
    -------
    list of str
    """
    found: list[str] = []

    def walk(node: int) -> None:
        if tree.column[node] == LEAF:
            found[-1:] = [f"{found[-1]}: {leaf(node)}"] if found else [leaf(node)]
            return
        column, threshold = int(tree.column[node]), float(tree.threshold[node])
        for above, below in ((False, tree.lower[node]), (True, tree.upper[node])):
            found.append("  " * int(tree.depth[node]) + told(column, threshold, above))
            walk(int(below))

    walk(0)
    return found

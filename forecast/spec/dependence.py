"""Dependence between inputs: groups of rank correlations, and the matrix that they ask for."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import numpy as np

type Measure = Literal["kendall", "spearman"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Rank correlation of two inputs.

    Attributes
    ----------
    first, second : str
        Names of inputs.
    measure : str
        `kendall` or `spearman`.
    value : float
        Between -1 and 1.
    """

    first: str
    second: str
    measure: Measure
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """A group of inputs that depend on each other.

    Attributes
    ----------
    name : str
    copula : str
        `gaussian` or `t`.
    df : float, optional
        Degrees of freedom of the t copula.
    pairs : tuple of Pair
        Pairs that are not named are uncorrelated.
    source, as_of, grade, why : str
    """

    name: str
    copula: Literal["gaussian", "t"]
    df: float | None = None
    pairs: tuple[Pair, ...]
    source: str = ""
    as_of: str = ""
    grade: str = "D"
    why: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Inputs of the group, in the order in which its pairs name them."""
        return tuple(dict.fromkeys(n for pair in self.pairs for n in (pair.first, pair.second)))


@dataclass(frozen=True, slots=True)
class Correlation:
    """Correlation matrix of the normals (or t variates) under a group.

    Attributes
    ----------
    names : tuple of str
    matrix : float64 [k, k]
        Positive definite.
    moved : mapping
        Pair → rank correlation asked and given, for each that the repair changed.
    """

    names: tuple[str, ...]
    matrix: "np.ndarray[tuple[int, int], np.dtype[np.float64]]"
    moved: Mapping[tuple[str, str], tuple[float, float]]


MIN_EIGENVALUE: Final = 1e-6
"""Smallest eigenvalue of a repaired matrix: far above rounding, far below what shows."""

_UNCHANGED: Final = 1e-9


def correlation(group: Dependence) -> Correlation:
    """Correlation matrix that a group asks for, repaired where no such matrix exists.

    Parameters
    ----------
    group : Dependence

    Returns
    -------
    Correlation

    Raises
    ------
    ValueError
        For a Spearman correlation under a t copula.

    References
    ----------
    Kendall under any elliptical copula, τ = 2/π arcsin ρ: Lindskog, McNeil and Schmock (2003),
    doi:10.1007/978-3-642-59365-9_8; Spearman under the normal, r = 6/π arcsin(ρ/2): Kruskal
    (1958), doi:10.1080/01621459.1958.10501481; nearest matrix: Higham (2002),
    doi:10.1093/imanum/22.3.329.
    """
    import numpy as np

    names = group.names
    at = {name: index for index, name in enumerate(names)}
    asked = np.eye(len(names))
    for pair in group.pairs:
        if group.copula == "t" and pair.measure == "spearman":
            raise ValueError(
                f"{group.name}: {pair.first}, {pair.second}: a t copula takes kendall, got spearman"
            )
        i, j = at[pair.first], at[pair.second]
        asked[i, j] = asked[j, i] = _pearson(pair.measure, pair.value)
    if np.linalg.eigvalsh(asked)[0] >= MIN_EIGENVALUE:
        return Correlation(names, asked, {})
    given = nearest_correlation(asked)
    measures = {(at[p.first], at[p.second]): p.measure for p in group.pairs}
    default: Measure = group.pairs[0].measure
    moved = {}
    for i, j in combinations(range(len(names)), 2):
        if abs(given[i, j] - asked[i, j]) > _UNCHANGED:
            measure = measures.get((i, j)) or measures.get((j, i)) or default
            ranks = _rank(measure, asked[i, j]), _rank(measure, given[i, j])
            moved[names[i], names[j]] = ranks
    return Correlation(names, given, moved)


def nearest_correlation(
    asked: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Nearest correlation matrix in the Frobenius norm with eigenvalues of at least 1e-6.

    Parameters
    ----------
    asked : float64 [k, k]
        Symmetric, ones on the diagonal.

    Returns
    -------
    float64 [k, k]

    References
    ----------
    Higham (2002), algorithm 3.3 (alternating projections with Dykstra's correction),
    doi:10.1093/imanum/22.3.329; the floor under the eigenvalues as in its section 3.
    """
    import numpy as np

    unit, correction = asked.copy(), np.zeros_like(asked)
    for _ in range(1000):
        shifted = unit - correction
        values, vectors = np.linalg.eigh(shifted)
        # A little above the floor, so that setting the diagonal does not end below it.
        positive = (vectors * np.maximum(values, 2 * MIN_EIGENVALUE)) @ vectors.T
        correction = positive - shifted
        before, unit = unit, (positive + positive.T) / 2
        np.fill_diagonal(unit, 1.0)
        if np.abs(unit - before).max() < 1e-13:
            break
    low = np.linalg.eigvalsh(unit)[0]
    if low < MIN_EIGENVALUE:
        # Shrinking towards the identity lifts every eigenvalue by the same share.
        share = (MIN_EIGENVALUE - low) / (1 - low)
        unit = (1 - share) * unit + share * np.eye(len(unit))
    return unit


def _pearson(measure: Measure, value: float) -> float:
    angle = math.pi * value
    return math.sin(angle / 2) if measure == "kendall" else 2 * math.sin(angle / 6)


def _rank(measure: Measure, pearson: float) -> float:
    if measure == "kendall":
        return 2 / math.pi * math.asin(pearson)
    return 6 / math.pi * math.asin(pearson / 2)


def without(groups: Iterable[Dependence], fixed: Iterable[str]) -> tuple[Dependence, ...]:
    """Take out the inputs that a scenario has fixed: a constant depends on nothing.

    Parameters
    ----------
    groups : iterable of Dependence
    fixed : iterable of str
        Names of inputs.

    Returns
    -------
    tuple of Dependence
        Groups that lose all pairs are left out.
    """
    gone = set(fixed)
    left = []
    for group in groups:
        pairs = tuple(p for p in group.pairs if not {p.first, p.second} & gone)
        if pairs:
            fields: dict[str, Any] = {
                name: getattr(group, name) for name in group.__slots__ if name != "pairs"
            }
            left.append(Dependence(pairs=pairs, **fields))
    return tuple(left)

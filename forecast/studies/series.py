"""Quantities of a summary straight from the model's outputs, for many runs of few draws."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from forecast.analysis.summary import SUMMED
from forecast.axes import LABELS, SEGMENTS
from forecast.model.block import quantities
from forecast.model.demand import Outputs
from forecast.simulate.variables import DEFAULT, Leaves, Variable
from forecast.spec.faults import nearest


@dataclass(frozen=True)
class Series:
    """One quantity by year.

    Attributes
    ----------
    variable, unit, scope : str
        As in a row of the summary.
    values : callable
        From the model's outputs to `[year, draw]`.
    """

    variable: str
    unit: str
    scope: str
    values: Callable[[Leaves], np.ndarray]


def wanted(variables: Sequence[str] = ()) -> tuple[Series, ...]:
    """Quantities of a summary that are not by region.

    Parameters
    ----------
    variables
        Those that are wanted; all if none is given.

    Raises
    ------
    ValueError
        If there is no such variable.
    """
    every = tuple(_all_series())
    known = [one.variable for one in every]
    for name in variables:
        if name not in known:
            near = nearest(name, known)
            hint = f' (did you mean "{near}"?)' if near else ""
            raise ValueError(f'no variable "{name}"{hint}, expected one of {", ".join(known)}')
    return tuple(one for one in every if not variables or one.variable in variables)


class _Seen(dict[str, np.ndarray]):
    """Outputs of nothing, which note the names that they are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __missing__(self, name: str) -> np.ndarray:
        dims = quantities(Outputs)[name].type.dim_str.split()  # type: ignore[union-attr]
        self.names.append(name)
        return np.zeros((1, 1, *(len(LABELS[one]) for one in dims[1:])))


def needed(series: Sequence[Series]) -> tuple[str, ...]:
    """Outputs of the model that quantities are made of.

    Parameters
    ----------
    series
        From `wanted`.

    Returns
    -------
    tuple of str
        Dotted names, each once.
    """
    seen = _Seen()
    for one in series:
        one.values(seen)
    return tuple(dict.fromkeys(seen.names))


def _all_series() -> Iterator[Series]:
    # Names and order of `analysis.summary.series`; its quotients of growth are left out, since
    # they are missing in the draws in which demand hardly grows.
    demand = DEFAULT["demand"]
    parts = {
        name: list(SEGMENTS[ours]) if isinstance(ours, slice) else list(ours)
        for name, ours in SUMMED.items()
    }
    for name, ours in (parts | {name: [name] for name in SEGMENTS}).items():
        places = [SEGMENTS.index(one) for one in ours]
        yield Series(name, demand.unit, f"{name}; {demand.scope}", _segments(places))
    for name, one in DEFAULT.items():
        rest = [dim for dim in one.dims if dim != "year"]
        if name == "demand":
            continue
        if not rest:
            yield Series(name, one.unit, one.scope, one.values)
            continue
        for place, label in enumerate(LABELS[rest[0]]):
            yield Series(f"{name}_{label}", one.unit, one.scope, _labelled(one, place))


def _segments(places: Sequence[int]) -> Callable[[Leaves], np.ndarray]:
    def values(leaves: Leaves) -> np.ndarray:
        found = DEFAULT["demand"].values(leaves)
        # One after the other: a sum over the last axis of so few is slow.
        total = found[..., places[0]]
        for one in places[1:]:
            total = total + found[..., one]
        return total

    return values


def _labelled(variable: Variable, place: int) -> Callable[[Leaves], np.ndarray]:
    return lambda leaves: variable.values(leaves)[..., place]

"""Runs of the model over the draws of two ends, each input from one of them.

From one run to the next hardly an input changes ends. What a program was handed is therefore kept
and handed over again, where copying all inputs anew took as long as a fifth of the study.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import jax
import numpy as np

from forecast.axes import FIRST_YEAR
from forecast.sampling.streams import BLOCK
from forecast.simulate.engine import evaluate, laid
from forecast.simulate.ensemble import Progress
from forecast.studies.pick_freeze import NOISE, End, Study

AHEAD: Final = 2
"""Tasks that each thread may be ahead of what is taken. (definition)"""

KEPT: Final = 8 * BLOCK
"""Most draws whose inputs are kept as they were handed over; beyond, memory counts. (definition)"""

FEW: Final = 2
"""Most runs in a block of which every mixture of ends is kept. (definition)"""


def states(
    study: Study,
    ends: tuple[End, End],
    masks: Iterable[np.ndarray],
    *,
    total: int = 0,
    progress: Progress | None = None,
) -> Iterator[np.ndarray]:
    """Run the model once for each mask, over all draws of the ends.

    Parameters
    ----------
    study
    ends
        With as many draws each.
    masks
        `[input]` or `[input, draw]`: whether an input is taken from the second end.
    total
        Number of masks, for `progress`.
    progress
        Told after each mask.

    Yields
    ------
    Units of the rows
        `[draw, outcome]`, in the order of the masks; NaN where a draw fails.
    """
    each = max(1, BLOCK // ends[0].count)
    limit = AHEAD * (os.cpu_count() or 1)
    handed = _Handed(study, ends)
    waiting: deque[Future[list[np.ndarray]]] = deque()
    done = 0

    def taken(most: int) -> Iterator[np.ndarray]:
        nonlocal done
        while len(waiting) > most:
            for found in waiting.popleft().result():
                done += 1
                yield found
                if progress:
                    progress(done, total)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        some: list[np.ndarray] = []
        for mask in masks:
            some.append(np.asarray(mask))
            if len(some) == each:
                waiting.append(pool.submit(_run, handed, some))
                some = []
                yield from taken(limit)
        if some:
            waiting.append(pool.submit(_run, handed, some))
        yield from taken(0)


class _Handed:
    """Inputs of blocks as the program takes them, by the ends that they are from."""

    def __init__(self, study: Study, ends: tuple[End, End]) -> None:
        self.study, self.ends = study, ends
        self._kept: dict[tuple[object, ...], jax.Array] = {}
        self._fixed = {
            name: self._hand(np.broadcast_to(values[:1], (BLOCK, *values.shape[1:])))
            for name, values in ends[0].draws.items()
            if name not in study.moving
        }

    def block(
        self, masks: Sequence[np.ndarray], rows: slice
    ) -> tuple[dict[str, jax.Array], dict[str, jax.Array]]:
        """Inputs and noise of some draws of each mask, one mask after another."""
        one, other = self.ends
        draws, noise = dict(self._fixed), {}
        for place, (name, fields) in enumerate(self.study.inputs.items()):
            ours = [mask[place] for mask in masks]
            for field in fields:
                draws[field] = self._mixed(field, (one.draws, other.draws), ours, rows)
            if name == NOISE:
                for stream in one.noise:
                    noise[stream] = self._mixed(stream, (one.noise, other.noise), ours, rows)
        return draws, noise

    def _hand(self, values: np.ndarray) -> jax.Array:
        return laid(values, self.study.precision)

    def _mixed(
        self,
        name: str,
        ends: tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]],
        masks: Sequence[np.ndarray],
        rows: slice,
    ) -> jax.Array:
        first, second = (one[name][rows] for one in ends)
        bits = tuple(map(_bit, masks))
        if None in bits:
            shape = (-1, *[1] * (first.ndim - 1))
            wide = [np.broadcast_to(one, self.ends[0].count)[rows] for one in masks]
            mixed = [np.where(one.reshape(shape), second, first) for one in wide]
            return self._hand(np.concatenate(mixed))
        key = (name, rows.start, bits)
        if (found := self._kept.get(key)) is None:
            found = self._hand(np.concatenate([second if bit else first for bit in bits]))
            few = len(bits) <= FEW or len(set(bits)) == 1
            if few and self.ends[0].count <= KEPT:
                self._kept[key] = found
        return found


def _bit(mask: np.ndarray) -> bool | None:
    """The end of all draws, if they have one."""
    return bool(mask.flat[0]) if mask.all() or not mask.any() else None


def _run(handed: _Handed, masks: Sequence[np.ndarray]) -> list[np.ndarray]:
    # A block holds several masks with all their draws, or some draws of one mask.
    count = handed.ends[0].count
    found = []
    for start in range(0, count, BLOCK):
        rows = slice(start, min(start + BLOCK, count))
        found.append(_outcomes(handed, masks, rows)[: (rows.stop - rows.start) * len(masks)])
    return np.split(np.concatenate(found), len(masks))


def _outcomes(handed: _Handed, masks: Sequence[np.ndarray], rows: slice) -> np.ndarray:
    study = handed.study
    draws, noise = handed.block(masks, rows)
    block = evaluate(draws, noise, study.reference, precision=study.precision, only=study.outputs)
    start = study.first - FIRST_YEAR
    found = np.concatenate([one.values(block.leaves)[start:] for one in study.series])
    outcomes = np.ascontiguousarray(found.T, np.float64)
    outcomes[block.status != 0] = np.nan
    return outcomes

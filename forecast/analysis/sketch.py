"""Quantiles of any number of draws in fixed memory, with a bound on their error.

A sketch counts values in buckets whose width is a fixed share of the value, as DDSketch does; here
the buckets are cut by the leading bits of a float64, its exponent and the first bits of its
mantissa, so that no logarithm is taken and no rounding moves a value across an edge.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from forecast.analysis.summary import QUANTILES

BITS: Final = 10
"""Mantissa bits that tell buckets apart at first: 1,024 buckets between powers of two.
(1; definition)"""

MANTISSA: Final = 52
"""Bits of the mantissa of a float64. (1; IEEE 754)"""

OCTAVES: Final = 2**12
"""Leading words of a float64: sign and exponent. (1; IEEE 754)"""

TINY: Final = 2.0**-40
"""Magnitude below which a value counts as zero. (unit of the series, about 9e-13; definition)"""

MEMORY: Final = 2**30
"""Bytes for the counts. When they are used up, every two neighbouring buckets become one, which
doubles the bound of the error. (B; definition)"""


ROWS: Final = 16
"""Rows counted at a time, so that what is between two steps stays in the processor's cache.
(definition)"""


@dataclass
class Sketch:
    """Counts of values by row, chain and bucket, filled in place.

    Merging, adding and their order change no count: counts of equal draws are equal bits.

    Attributes
    ----------
    counts : array
        `[page, chain, bucket]`; a page holds the values of one row between two powers of two.
        Reserved whole at the start; the system commits what is touched.
    page : array
        `[row, octave]`, index into `counts`, -1 where there is none.
    used : int
        Pages in use.
    present, missing : array
        `[row, chain]`: finite values, and all others (failed draws, quantities not defined).
    total, rest : array
        `[row, chain]`: their sum, and what rounding took from it.
    least, most : array
        `[row, chain]`.
    """

    counts: np.ndarray
    page: np.ndarray
    used: int
    present: np.ndarray
    missing: np.ndarray
    total: np.ndarray
    rest: np.ndarray
    least: np.ndarray
    most: np.ndarray

    @classmethod
    def empty(cls, rows: int, chains: int, *, memory: int = MEMORY, bits: int = BITS) -> "Sketch":
        """Sketch of nothing.

        Parameters
        ----------
        rows, chains
        memory : B
            For the counts.
        bits
            Mantissa bits that tell buckets apart: the quantiles' relative error is at most
            2^-bits as long as the memory suffices.
        """
        size = (rows, chains)
        pages = memory // (chains * 2**bits * 4)
        return cls(
            counts=np.zeros((pages, chains, 2**bits), np.uint32),
            page=np.full((rows, OCTAVES), -1, np.int32),
            used=0,
            present=np.zeros(size, np.int64),
            missing=np.zeros(size, np.int64),
            total=np.zeros(size),
            rest=np.zeros(size),
            least=np.full(size, np.inf),
            most=np.full(size, -np.inf),
        )

    @property
    def bits(self) -> int:
        """Mantissa bits that tell buckets apart now."""
        return int(self.counts.shape[2]).bit_length() - 1

    @property
    def bound(self) -> float:
        """Largest relative error of a quantile: the width of a bucket over its lower edge."""
        return 2.0**-self.bits


def add(sketch: Sketch, values: np.ndarray, chain: int) -> None:
    """Count values of one chain.

    Parameters
    ----------
    sketch
        Changed in place.
    values : any unit
        `[row, draw]`, float64; what is not finite is counted as missing.
    chain
    """
    for start in range(0, len(values), ROWS):
        rows = slice(start, start + ROWS)
        _add(sketch, rows, np.ascontiguousarray(values[rows]), chain)


def _add(sketch: Sketch, rows: slice, values: np.ndarray, chain: int) -> None:
    there = np.isfinite(values)
    present = there.sum(1)
    whole = present.min() == values.shape[1]
    sketch.present[rows, chain] += present
    sketch.missing[rows, chain] += values.shape[1] - present
    part = values if whole else np.where(there, values, 0.0)
    _sum(sketch, rows, chain, part.sum(1))
    kept = np.where(np.abs(part) >= TINY, part, 0.0)
    _count(sketch, rows, chain, kept, None if whole else there)
    low = kept if whole else np.where(there, kept, np.inf)
    high = kept if whole else np.where(there, kept, -np.inf)
    sketch.least[rows, chain] = np.minimum(sketch.least[rows, chain], low.min(1))
    sketch.most[rows, chain] = np.maximum(sketch.most[rows, chain], high.max(1))


def _sum(sketch: Sketch, rows: slice, chain: int, part: np.ndarray) -> None:
    # Two-sum (Knuth, The Art of Computer Programming 2, section 4.2.2): what rounding takes from
    # the total is kept beside it.
    before = sketch.total[rows, chain].copy()
    after = before + part
    shift = after - before
    sketch.total[rows, chain] = after
    sketch.rest[rows, chain] += (before - (after - shift)) + (part - shift)


def _count(
    sketch: Sketch, rows: slice, chain: int, kept: np.ndarray, there: np.ndarray | None
) -> None:
    words = kept.view(np.int64)
    first = np.arange(rows.start, rows.start + len(kept))[:, np.newaxis] * OCTAVES
    slot = first + ((words >> MANTISSA) & (OCTAVES - 1))
    page = sketch.page.ravel()[slot]
    new = page < 0 if there is None else (page < 0) & there
    if new.any():
        _open(sketch, np.unique(slot[new]))
        page = sketch.page.ravel()[slot]
    width = sketch.counts.shape[2]
    bucket = (words >> (MANTISSA - sketch.bits)) & (width - 1)
    place = page * np.int64(sketch.counts[0].size) + (bucket + chain * width)
    places = place.ravel() if there is None else place[there]
    np.add.at(sketch.counts.reshape(-1), places, np.uint32(1))


def _open(sketch: Sketch, slots: np.ndarray) -> None:
    while sketch.used + len(slots) > len(sketch.counts):
        coarsen(sketch)
    sketch.page.ravel()[slots] = np.arange(sketch.used, sketch.used + len(slots))
    sketch.used += len(slots)


def coarsen(sketch: Sketch) -> None:
    """Make one bucket of every two neighbours, which doubles the pages and the bound.

    Parameters
    ----------
    sketch
        Changed in place; the memory stays what it was.

    Raises
    ------
    ValueError
        If there is one bucket left between two powers of two.

    References
    ----------
    Epicoco et al. (2020), UDDSketch, doi:10.1109/ACCESS.2020.3015599: uniform collapse.
    """
    if sketch.bits == 0:
        raise ValueError("the memory of the sketch does not suffice for its rows")
    pages, chains, width = sketch.counts.shape
    halved = sketch.counts.reshape(2 * pages, chains, width // 2)
    for one in range(sketch.used):
        # Page by page upwards: what is written lies below what is still to be read.
        halved[one] = sketch.counts[one].reshape(chains, width // 2, 2).sum(-1)
    halved[sketch.used : 2 * sketch.used] = 0
    sketch.counts = halved


def merge(into: Sketch, other: Sketch) -> None:
    """Add all that another sketch of the same rows and chains has counted.

    Parameters
    ----------
    into
        Changed in place.
    other
        Made as coarse as `into`, if it is finer.
    """
    while other.bits > into.bits:
        coarsen(other)
    slots = np.flatnonzero(other.page.ravel() >= 0)
    _open(into, slots[into.page.ravel()[slots] < 0])
    while other.bits != into.bits:
        coarsen(into if into.bits > other.bits else other)
    into.counts[into.page.ravel()[slots]] += other.counts[other.page.ravel()[slots]]
    into.present += other.present
    into.missing += other.missing
    for chain in range(into.total.shape[1]):
        _sum(into, slice(0, None), chain, other.total[:, chain])
    into.rest += other.rest
    np.minimum(into.least, other.least, out=into.least)
    np.maximum(into.most, other.most, out=into.most)


def histogram(sketch: Sketch, row: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Buckets of a row in the order of their values.

    Parameters
    ----------
    sketch
    row

    Returns
    -------
    low, high : unit of the row
        Edges of the buckets, `[bucket]`.
    counts
        `[chain, bucket]`.
    """
    octaves = np.flatnonzero(sketch.page[row] >= 0)
    width = sketch.counts.shape[2]
    pages = octaves.astype(np.uint64) << np.uint64(sketch.bits)
    words = (pages[:, np.newaxis] + np.arange(width, dtype=np.uint64)).ravel()
    # Values below `TINY` were counted as zero, and they alone lie in the octave of zero.
    zero = words < np.uint64(width)
    near = np.where(zero, 0.0, _value(words, sketch.bits))
    far = np.where(zero, 0.0, _value(words + np.uint64(1), sketch.bits))
    counts = sketch.counts[sketch.page[row, octaves]].swapaxes(0, 1)
    counts = counts.reshape(sketch.counts.shape[1], -1)
    low, high = np.minimum(near, far), np.maximum(near, far)
    order = np.argsort(low, kind="stable")
    order = order[counts.any(0)[order]]
    return low[order], high[order], counts[:, order]


def _value(words: np.ndarray, bits: int) -> np.ndarray:
    # The float64 whose leading bits these are, all further bits zero.
    return (words << np.uint64(MANTISSA - bits)).view(np.float64)


def estimates(sketch: Sketch) -> tuple[np.ndarray, np.ndarray]:
    """Mean and quantiles with Monte Carlo standard errors, as in `analysis.summary.estimates`.

    A quantile lies between two order statistics; each is found in its bucket, so it is off by at
    most the bucket's width: `Sketch.bound` of the larger one, or `TINY`.

    Parameters
    ----------
    sketch

    Returns
    -------
    value, error : units of the rows
        `[statistic, row]` in the order of `STATISTICS`.

    References
    ----------
    Masson, Rim and Lee (2019), DDSketch, doi:10.14778/3352063.3352135.
    """
    rows, chains = sketch.total.shape
    found = np.full((1 + len(QUANTILES), rows, 1 + chains), np.nan)
    exact = sketch.total + sketch.rest
    sums = np.column_stack([exact.sum(1), exact])
    present = np.column_stack([sketch.present.sum(1), sketch.present])
    np.divide(sums, present, out=found[0], where=present > 0)
    least = np.column_stack([sketch.least.min(1), sketch.least])
    most = np.column_stack([sketch.most.max(1), sketch.most])
    for row in range(rows):
        low, high, counts = histogram(sketch, row)
        samples = np.vstack([counts.sum(0, dtype=np.int64), counts])
        for number in np.flatnonzero(present[row]):
            quantiles = _quantiles(low, high, samples[number])
            found[1:, row, number] = np.clip(quantiles, least[row, number], most[row, number])
    pooled, by_chain = found[..., 0], found[..., 1:]
    with np.errstate(invalid="ignore"):
        spread = by_chain.std(-1, ddof=1) if chains > 1 else np.full_like(pooled, np.nan)
    return pooled, spread / np.sqrt(chains)


def _quantiles(low: np.ndarray, high: np.ndarray, counts: np.ndarray) -> np.ndarray:
    # Order statistics are spread evenly over their bucket: within the bound, and closer to the
    # truth than the middle where many share it.
    reached = np.cumsum(counts)
    place = np.array(list(QUANTILES.values())) * (reached[-1] - 1)
    below = np.floor(place).astype(np.int64)

    def order_statistic(rank: np.ndarray) -> Any:
        bucket = np.searchsorted(reached, rank, side="right")
        inside = (rank - (reached[bucket] - counts[bucket]) + 0.5) / counts[bucket]
        return low[bucket] + inside * (high[bucket] - low[bucket])

    first = order_statistic(below)
    last = order_statistic(np.minimum(below + 1, reached[-1] - 1))
    found: np.ndarray = first + (place - below) * (last - first)
    return found

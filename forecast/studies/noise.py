"""How much of the spread is year-to-year noise: the same inputs under other noise."""

from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.summary import SUMMED
from forecast.axes import FIRST_YEAR, SEGMENTS
from forecast.sampling.draws import points
from forecast.simulate.engine import evaluate, noise
from forecast.simulate.ensemble import Plan, Progress, block_of, blocks, pairs

DRAWS: Final = 4096
"""Draws that are computed again unless others are asked for. (definition)"""


def noise_variance(
    ready: Plan,
    number: int = 0,
    *,
    count: int = DRAWS,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Variance that year-to-year noise alone gives to demand, and variance in all.

    Half of the mean squared difference of two outcomes that share every input and no noise is the
    mean variance given the inputs (Jansen 1999). What a calibration ties to history of the noise
    stays as it is: it is known as an input is.

    Parameters
    ----------
    ready
        Of a Run, from `plan`.
    number
        Of the scenario.
    count
        Draws, of all chains alike.
    progress
        Told after each block.

    Returns
    -------
    Dataset
        Dims variable, year: `noise`, `noise_error` (standard error over draws) and `variance`,
        TWh².

    References
    ----------
    Jansen (1999), doi:10.1016/S0010-4655(98)00154-4
    """
    design, scenario = ready.design, ready.scenarios[number]
    each = min(design.draws, -(-count // design.chains))
    first, second = [], []
    ranges = [
        (chain * design.draws + start, chain * design.draws + stop)
        for chain in range(design.chains)
        for start, stop in blocks(each)
    ]
    for done, bounds in enumerate(ranges, start=1):
        draws, block = block_of(ready, *bounds)[number]
        chain, index = pairs(design, *bounds)
        # Chains beyond those of the design have streams of their own.
        other = noise(design.seed, scenario.horizon, chain + design.chains, index)
        posterior = ready.posteriors[number]
        if posterior is not None:
            other = posterior.noise(other, chain, index)
        rules = ready.adapted(number, draws, points(ready.points, chain=chain, index=index))
        reference = ready.reference[number]
        again = evaluate(draws, other, reference, precision=ready.precision, adaptive=rules)
        valid = (block.status == 0) & (again.status == 0)
        first.append(_sums(block.leaves["demand"][:, valid]))
        second.append(_sums(again.leaves["demand"][:, valid]))
        if progress:
            progress(done, len(ranges))
    one, two = np.concatenate(first, axis=-1), np.concatenate(second, axis=-1)
    half = 0.5 * np.square(one - two)
    told = {"units": "TWh2"}
    dims = ("variable", "year")
    return xr.Dataset(
        {
            "noise": (dims, half.mean(-1), told),
            "noise_error": (dims, half.std(-1, ddof=1) / np.sqrt(half.shape[-1]), told),
            "variance": (dims, 0.5 * (one.var(-1, ddof=1) + two.var(-1, ddof=1)), told),
        },
        {
            "variable": [*SUMMED, *SEGMENTS],
            "year": np.arange(FIRST_YEAR, FIRST_YEAR + one.shape[1]),
        },
    )


def _sums(demand: np.ndarray) -> np.ndarray:
    """Sums and segments, `[variable, year, draw]`, from `[year, draw, segment]`."""
    centres = demand[..., : len(SEGMENTS) - 1]
    sums = [demand.sum(-1), centres.sum(-1), centres[..., 1:].sum(-1)]
    return np.stack([*sums, *np.moveaxis(demand, -1, 0)])

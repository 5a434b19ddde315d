"""Summaries of any number of draws, which are counted block by block and then forgotten."""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.sketch import MEMORY, TINY, Sketch, add, estimates
from forecast.analysis.summary import EXACT, keys_of, series, table
from forecast.axes import STATUS
from forecast.sampling.design import Design
from forecast.simulate.ensemble import Plan, Progress, block_of, blocks, pairs
from forecast.simulate.label import Arrays, outputs_of
from forecast.simulate.variables import BY_REGION, DEFAULT

AHEAD: Final = 2
"""Blocks that each thread may be ahead of the counting, so that memory does not grow with their
number. (definition)"""


def outputs_without_draws(ready: Plan) -> xr.Dataset:
    """Name the outputs that a Run of this plan will have, with one draw of nothing in them.

    Parameters
    ----------
    ready

    Returns
    -------
    Dataset
        For `analysis.summary.keys_of`, before anything is computed.
    """
    return outputs_of(_one_draw(ready), ready.scenarios, _design(ready, 1))


def _design(ready: Plan, count: int) -> Design:
    return Design(ready.design.method, ready.design.seed, chains=1, draws=count)


def _one_draw(ready: Plan) -> Arrays:
    return Arrays.empty(ready.scenarios, _design(ready, 1), DEFAULT | BY_REGION)


def _room(like: Arrays, count: int) -> Arrays:
    # No inputs: only outputs are summarised.
    outputs = {name: np.empty((count, *one.shape[1:])) for name, one in like.outputs.items()}
    status = np.empty((count, *like.status.shape[1:]), np.int8)
    return Arrays(like.variables, outputs, {}, status, np.empty((count, *like.since.shape[1:])))


def _rows(ready: Plan, like: Arrays, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    # `[row, draw]` in the order of `keys_of`, failed draws as NaN, and `[draw, scenario]` status.
    count = stop - start
    arrays = _room(like, count)
    for number, (draws, block) in enumerate(block_of(ready, start, stop)):
        arrays.place(slice(0, count), number, draws, block)
    outputs = outputs_of(arrays, ready.scenarios, _design(ready, count))
    if arrays.status.any():
        valid = xr.DataArray(arrays.status == 0, dims=("draw", "scenario"))
        outputs = outputs.where(valid)
    laid = [
        values.transpose("scenario", "year", "chain", "draw").values.reshape(-1, count)
        for _, values in series(outputs)
    ]
    return np.concatenate(laid), arrays.status


def _results(
    pool: ThreadPoolExecutor, ready: Plan, ranges: list[tuple[int, int]]
) -> Iterator[tuple[tuple[int, int], np.ndarray, np.ndarray]]:
    # In the order of the ranges, with a bounded number of blocks begun and not yet counted.
    waiting: deque[tuple[tuple[int, int], Future[tuple[np.ndarray, np.ndarray]]]] = deque()
    limit, like = AHEAD * (os.cpu_count() or 1), _one_draw(ready)
    for bounds in ranges:
        if len(waiting) == limit:
            first, done = waiting.popleft()
            yield first, *done.result()
        waiting.append((bounds, pool.submit(_rows, ready, like, *bounds)))
    while waiting:
        first, done = waiting.popleft()
        yield first, *done.result()


def stream_summary(
    ready: Plan, *, progress: Progress | None = None, memory: int = MEMORY
) -> xr.Dataset:
    """Means and quantiles of every quantity, in memory that does not grow with the draws.

    Parameters
    ----------
    ready
        From `plan`.
    progress
        Told after each block.
    memory : B
        For the counts.

    Returns
    -------
    Dataset
        Rows and columns of `analysis.summary.summary`. Attributes: `draws` in all, the bound of
        the quantiles' error in words (`quantile_error`) and as numbers (`quantile_error_relative`,
        `quantile_error_absolute`), and `failed`, scenario → reason → draws.
    """
    ranges = blocks(ready.design.chains * ready.design.draws)
    with xr.set_options(**EXACT):  # type: ignore[no-untyped-call]
        keys = keys_of(outputs_without_draws(ready))
        sketch = Sketch.empty(len(keys["year"]), ready.design.chains, memory=memory)
        failed = np.zeros((len(ready.scenarios), len(STATUS)), np.int64)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for done, (bounds, values, status) in enumerate(_results(pool, ready, ranges), 1):
                chain = pairs(ready.design, *bounds)[0]
                for one in np.unique(chain):
                    first, last = np.searchsorted(chain, [one, one + 1])
                    add(sketch, values[:, first:last], int(one))
                for code in range(len(STATUS)):
                    failed[:, code] += (status == code).sum(0)
                if progress:
                    progress(done, len(ranges))
        found = table(keys, *estimates(sketch))
    found.attrs = _told(ready, sketch, failed)
    return found


def _told(ready: Plan, sketch: Sketch, failed: np.ndarray) -> dict[str, object]:
    share = f"{100 * sketch.bound:.2g} %"
    names = [one.name for one in ready.scenarios]
    reasons = [dict(zip(STATUS[1:], row[1:].tolist(), strict=True)) for row in failed]
    return {
        "draws": ready.design.chains * ready.design.draws,
        "quantile_error": f"relative, at most {share}; absolute below {TINY:.0e}",
        "quantile_error_relative": sketch.bound,
        "quantile_error_absolute": TINY,
        "failed": dict(zip(names, reasons, strict=True)),
    }

"""The engine against the same equations in plain NumPy: ratios of their times, as JSON.

Both get the same sampled inputs and the same noise. The engine runs blocks of draws from a pool of
two threads, as `forecast run` does; NumPy runs all draws at once, and block by block.
"""

import importlib.util
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from forecast.sampling.draws import Draws, points, quantiles
from forecast.simulate.engine import evaluate, noise
from forecast.simulate.ensemble import blocks, pairs, plan
from forecast.spec.resolve import read_scenarios

MODEL = Path(__file__).parents[1] / "tests" / "model" / "numpy_model.py"
DRAWS = 16_384
THREADS = 2

type Drawn = tuple[Draws, dict[str, np.ndarray]]


def numpy_model() -> Callable[[Draws, dict[str, np.ndarray], np.ndarray], object]:
    """The reference implementation of the tests, loaded by path."""
    spec = importlib.util.spec_from_file_location("numpy_model", MODEL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.demand


def seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main(repeats: int) -> dict[str, list[float]]:
    """Times of NumPy over those of the engine, taken in turn."""
    register, scenarios = read_scenarios(["base"], settings=[f"sampling.draws={DRAWS}"])
    ready = plan(scenarios, register.priors)

    def drawn(start: int, stop: int) -> Drawn:
        chain, index = pairs(ready.design, start, stop)
        laid = points(ready.points, chain=chain, index=index)
        inputs = quantiles(ready.first, laid, count=len(chain))
        return inputs, noise(ready.design.seed, scenarios[0].horizon, chain, index)

    parts = [drawn(*bounds) for bounds in blocks(DRAWS)]
    whole = tuple(
        {name: np.concatenate([one[side][name] for one in parts]) for name in parts[0][side]}
        for side in (0, 1)
    )
    reference = numpy_model()

    def engine() -> None:
        def block(one: Drawn) -> None:
            evaluate(*one, ready.reference[0])

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(block, parts))

    def at_once() -> None:
        reference(*whole, ready.reference[0])

    def by_block() -> None:
        for one in parts:
            reference(*one, ready.reference[0])

    engine(), by_block()  # compiled and warm
    found: dict[str, list[float]] = {"all draws at once": [], "blocks of draws": []}
    for _ in range(repeats):
        mine = seconds(engine)
        found["all draws at once"].append(seconds(at_once) / mine)
        mine = seconds(engine)
        found["blocks of draws"].append(seconds(by_block) / mine)
    return found


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))

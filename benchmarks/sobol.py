"""Sobol indices against SALib: seconds for the same indices of the same sample, as JSON.

    python benchmarks/sobol.py              # first order and total
    python benchmarks/sobol.py --second     # with the second order of all pairs

Ours lays the design, runs the model and finds the indices and their intervals for all segments and
sums of demand in all years. SALib is given the model's outcomes and finds the same for a few of
them, one after the other, which is how it takes them; its time is scaled to all. It is in favour of
SALib that its time holds no run of the model. Ours is timed once its programs are compiled.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
import warnings
from pathlib import Path

# Threads of BLAS inside threads of the study wait on each other where cores are few.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402

BASE = 1024
BOOTSTRAPS = 100
DEMAND = (
    "total",
    "data_centres",
    "ai",
    "conventional",
    "ai_inference",
    "ai_training",
    "ai_customisation",
    "crypto",
)
LEAST = 20.0
"""Times that ours must be faster. (1; definition)"""

MEMORY = 2e9
"""Peak memory that ours may have. (B; definition)"""


def ours(second: bool) -> tuple[float, float, list[str]]:
    """Seconds and peak bytes of the study, in this process, and the names of its inputs."""
    from forecast.request import request
    from forecast.studies.sobol import sobol_indices

    asked = request("base", prior=True)
    sobol_indices(asked, base=2, bootstraps=2, variables=DEMAND)  # programs compiled
    started = time.perf_counter()
    found = sobol_indices(asked, base=BASE, bootstraps=BOOTSTRAPS, second=second, variables=DEMAND)
    taken = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return taken, peak, [str(one) for one in found["input"].values]


def salib(second: bool, outcomes: int, places: int) -> tuple[float, float]:
    """Seconds of SALib for one outcome, and how far its indices are from ours."""
    from SALib.analyze import sobol

    from forecast.analysis.sobol import indices
    from forecast.request import request
    from forecast.sampling.design import Design
    from forecast.studies.pick_freeze import prepare
    from forecast.studies.sobol import _masks, both_ends
    from forecast.studies.states import states

    study = prepare(request("base", prior=True), variables=DEMAND)
    design = Design("sobol", study.scenario.sampling.seed, chains=2, draws=BASE)
    size = len(study.inputs)
    chosen = np.linspace(0, outcomes - 1, places + 2).astype(int)[1:-1]
    masks = _masks(size, second)
    laid = np.stack([y[:, chosen] for y in states(study, both_ends(study, design), masks)])
    a, b, rest = laid[0], laid[1], laid[2:]
    ab, ba = (rest[::2], rest[1::2]) if second else (rest, rest[:0])
    problem = {
        "num_vars": size,
        "names": list(study.inputs),
        "bounds": [[0.0, 1.0]] * size,
    }
    times, apart = [], 0.0
    for place in range(places):
        parts = np.concatenate([a[None], ab, ba, b[None]])[..., place]
        y = np.ascontiguousarray(parts.T).reshape(-1)
        started = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = sobol.analyze(
                problem, y, calc_second_order=second, num_resamples=BOOTSTRAPS, seed=1
            )
        times.append(time.perf_counter() - started)
        own = slice(place, place + 1)
        found = indices(a[:, own], b[:, own], ab[..., own], bootstraps=2, centre=y.mean())
        for one, name in ((found.first, "S1"), (found.total, "ST")):
            apart = max(apart, float(np.abs(one[:, 0] - theirs[name]).max()))
    return statistics.median(times), apart


def measured(second: bool, places: int) -> dict[str, float]:
    """What a table of speed and memory needs."""
    taken, peak, inputs = ours(second)
    outcomes = len(DEMAND) * 21
    one, apart = salib(second, outcomes, places)
    return {
        "ours": taken,
        "salib": one * outcomes,
        "ratio": one * outcomes / taken,
        "peak": peak,
        "inputs": len(inputs),
        "outcomes": outcomes,
        "apart": apart,
    }


def main() -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    from run import Row, table

    parser = argparse.ArgumentParser(description="Sobol indices against SALib.")
    parser.add_argument("--second", action="store_true", help="with second order")
    parser.add_argument("--outcomes", type=int, default=3, help="outcomes that SALib is given")
    parser.add_argument("--json", action="store_true", help="numbers alone, as JSON")
    asked = parser.parse_args()
    found = measured(asked.second, asked.outcomes)
    if asked.json:
        print(json.dumps(found))
        return
    order = "with" if asked.second else "without"
    what = f"Sobol, {found['inputs']} inputs, {found['outcomes']} outcomes, {order} second order"
    scaled = f"SALib, {asked.outcomes} outcomes scaled"
    print(
        table(
            [
                Row(what, scaled, (found["ratio"],), LEAST, least=True),
                Row(f"memory of {what}", "2 GB", (found["peak"] / MEMORY,), 1),
            ]
        )
    )


if __name__ == "__main__":
    main()

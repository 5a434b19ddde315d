"""Time per effective draw of the history posterior: no-U-turn sampler over SMC, as JSON.

Both sample the same latent space of `history.yaml`; programs are compiled beforehand and not timed.
Effective draws are the least over all inputs (the mean's, by ArviZ).
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
from arviz_stats.base.array import array_stats

from forecast.calibration.calibrate import calibrate, compile_problem
from forecast.calibration.latent import discrete_rows
from forecast.calibration.nuts import marginal_density, sample
from forecast.calibration.setup import set_up
from forecast.request import request
from forecast.shipped import observations
from forecast.simulate.binding import canonical_units
from forecast.simulate.engine import reference_cost
from forecast.spec.conversion import in_canonical_units
from forecast.spec.observation import read_observations
from forecast.spec.vintage import known_priors

CHAINS, DRAWS, WARMUP = 64, 30, 100
PARTICLES = 2048


def rate(draw: Callable[[], np.ndarray]) -> float:
    """Seconds per effective draw of the worst input, the second time it is done."""
    draw()
    started = time.perf_counter()
    z = draw()
    taken = time.perf_counter() - started
    least = min(float(array_stats.ess(z[..., row], method="mean")) for row in range(z.shape[-1]))
    return taken / least


def main(cache: Path) -> dict[str, Any]:
    """Seconds per effective draw of both."""
    jax.config.update("jax_compilation_cache_dir", str(cache))
    asked = request("history.yaml")
    one = in_canonical_units(asked.scenarios[0], canonical_units())
    known = known_priors(asked.register.priors, asked.register.vintages, one.vintage)
    date = asked.register.vintages[str(one.vintage)].as_of
    cost = reference_cost(known, one.horizon)
    problem, _ = set_up(one, date, read_observations(observations()), cost)
    compiled = compile_problem(problem)
    density = marginal_density(problem, discrete_rows(problem.space, one))

    def smc() -> np.ndarray:
        found = calibrate(problem, None, seed=1, particles=PARTICLES, compiled=compiled)
        return found.z[..., : problem.space.inputs]

    def nuts() -> np.ndarray:
        size = problem.space.size
        found = sample(density, size, seed=1, chains=CHAINS, draws=DRAWS, warmup=WARMUP)
        return found.z[..., : problem.space.inputs]

    return {"smc": rate(smc), "nuts": rate(nuts)}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))

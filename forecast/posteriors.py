"""Posteriors on disk, found by their key."""

from pathlib import Path
from typing import Final

from forecast.errors import Refusal
from forecast.files import complete, read_log
from forecast.provenance import posterior_key
from forecast.shipped import observations
from forecast.simulate.posterior import Posterior, read_posterior
from forecast.spec.calibration import POPULATIONS
from forecast.spec.register import Register
from forecast.spec.scenario import Scenario
from forecast.spec.vintage import known_priors

POSTERIOR_FILE: Final = "posterior.nc"


def key_of(scenario: Scenario, register: Register) -> str:
    """Key of the posterior of a scenario."""
    reference = known_priors(register.priors, register.vintages, scenario.vintage)
    vintage = register.vintages[scenario.vintage] if scenario.vintage else None
    return posterior_key(scenario, reference, observations(), vintage.as_of if vintage else "")


def folder_of(scenario: Scenario, register: Register, outputs: Path) -> Path:
    """Folder of the posterior of a scenario: policies over a world share that of the world."""
    return outputs / f"posterior-{world_of(scenario)}-{key_of(scenario, register)}"


def world_of(scenario: Scenario) -> str:
    """Name of the world of a scenario: what stands before the first policy."""
    first = scenario.name.partition("+")[0]
    return "".join(one if one.isalnum() or one in "-_." else "-" for one in first)[:60]


def populations_stored(folder: Path, key: str) -> int:
    """Populations of a finished posterior; 0 where there is none."""
    if not complete(folder, key, POSTERIOR_FILE):
        return 0
    try:
        return int(read_log(folder)["populations"])
    except (OSError, ValueError, KeyError):
        return 0


def needed(scenario: Scenario) -> int:
    """Populations that the draws of a scenario ask for."""
    assert scenario.calibration is not None, "only a calibrated scenario needs populations"
    return max(POPULATIONS, -(-scenario.sampling.draws // scenario.calibration.particles))


def posterior_of(scenario: Scenario, register: Register, outputs: Path) -> Posterior | None:
    """Posterior of a scenario, if it is kept and is large enough.

    Parameters
    ----------
    scenario
        With a calibration.
    register
    outputs
        Folder of the results.

    Returns
    -------
    Posterior or None
        None where there is none.

    Raises
    ------
    Refusal
        If one is kept with fewer draws than are asked for, naming the command that adds them.
    """
    folder, key = folder_of(scenario, register, outputs), key_of(scenario, register)
    stored = populations_stored(folder, key)
    if not stored:
        return None
    if stored < needed(scenario):
        assert scenario.calibration is not None, "a posterior has a calibration"
        draws = stored * scenario.calibration.particles
        raise Refusal(
            f"{scenario.name}: {scenario.sampling.draws:,} draws asked, {draws:,} are calibrated;"
            f" forecast calibrate {world_of(scenario)} --populations {needed(scenario)} adds them"
        )
    return read_posterior(folder / POSTERIOR_FILE, key)

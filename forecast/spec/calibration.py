"""What a scenario is calibrated to: the block `calibration` of its file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from forecast.spec.family import Closed, Text

PARTICLES: Final = 2048
"""Particles of a population unless a file says otherwise. (definition)"""

POPULATIONS: Final = 8
"""Populations unless more are asked for; a tilt is fitted on these. (definition)"""

SHARES: Final = {"p10": 0.10, "p50": 0.50, "p90": 0.90, "p05": 0.05, "p95": 0.95}
"""Names of the quantiles that a target may state."""

Share = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, lt=1)]


class TargetEntry(Closed):
    """Published cases that are read as quantiles of one quantity."""

    shape: Literal["two_piece_lognormal", "metalog"] = "two_piece_lognormal"
    p05: Text | None = None
    p10: Text | None = None
    p50: Text
    p90: Text | None = None
    p95: Text | None = None


class CaseEntry(Closed):
    """One published case, in whose world the scenario lies."""

    of: Text
    log_sd: Share = 0.02


class CalibrationEntry(Closed):
    """How a scenario is tied to what was observed and believed."""

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    particles: Annotated[int, Field(ge=64, le=65_536)] = PARTICLES
    until: Annotated[int, Field(ge=2015, le=2050)] | None = None
    target: TargetEntry | None = None
    beliefs: list[Text] = []
    case: CaseEntry | None = None


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How a scenario is tied to what was observed and believed.

    Attributes
    ----------
    seed : int
        Of the calibration; it is not that of the draws.
    particles : int
        Of each population.
    until : int, optional
        Last year of observations that are used.
    shape : str
        Of the target's distribution.
    target : mapping
        Probability → id of the published case; empty for none.
    beliefs : tuple of str
        Ids of published medians that shall hold together with the target.
    case : str, optional
        Id of the case in whose world the scenario lies.
    case_log_sd : float
        Width of its kernel, on the logarithm.
    """

    seed: int
    particles: int = PARTICLES
    until: int | None = None
    shape: Literal["two_piece_lognormal", "metalog"] = "two_piece_lognormal"
    target: Mapping[float, str]
    beliefs: tuple[str, ...] = ()
    case: str | None = None
    case_log_sd: float = 0.02


def calibration_of(entry: CalibrationEntry | None) -> Calibration | None:
    """Frozen form of a block.

    Parameters
    ----------
    entry

    Returns
    -------
    Calibration or None
        None where there is no block.
    """
    if entry is None:
        return None
    target = entry.target.model_dump(exclude={"shape"}) if entry.target else {}
    case: dict[str, Any] = {}
    if entry.case:
        case = {"case": entry.case.of, "case_log_sd": entry.case.log_sd}
    return Calibration(
        seed=entry.seed,
        particles=entry.particles,
        until=entry.until,
        shape=entry.target.shape if entry.target else "two_piece_lognormal",
        target={SHARES[name]: one for name, one in target.items() if one is not None},
        beliefs=tuple(entry.beliefs),
        **case,
    )


def plain(calibration: Calibration) -> dict[str, Any]:
    """Block of a resolved scenario, as `CalibrationEntry` reads it.

    Parameters
    ----------
    calibration

    Returns
    -------
    dict
    """
    names = {share: name for name, share in SHARES.items()}
    found: dict[str, Any] = {"seed": calibration.seed, "particles": calibration.particles}
    if calibration.until is not None:
        found["until"] = calibration.until
    if calibration.target:
        told = {names[share]: one for share, one in calibration.target.items()}
        found["target"] = {"shape": calibration.shape, **told}
    if calibration.beliefs:
        found["beliefs"] = list(calibration.beliefs)
    if calibration.case:
        found["case"] = {"of": calibration.case, "log_sd": calibration.case_log_sd}
    return found

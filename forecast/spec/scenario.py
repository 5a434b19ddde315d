"""A scenario: a named change to priors and levers, and the shape of its file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from forecast.axes import FIRST_YEAR, LAST_YEAR
from forecast.spec.calibration import Calibration, CalibrationEntry
from forecast.spec.dependence import Dependence
from forecast.spec.family import Closed, Text
from forecast.spec.prior import Prior
from forecast.spec.rules import DEFAULT_WATCHED_FROM, RULE_KEYS, Rule

type Method = Literal["sobol", "latin", "random"]

DEFAULT_HORIZON: Final = 2035
DEFAULT_DRAWS: Final = 16_384
DEFAULT_FAILED_SHARE: Final = 0.01


class SamplingEntry(Closed):
    """How a file asks for draws."""

    method: Literal["sobol", "latin", "random"] = "sobol"
    draws: Annotated[int, Field(ge=1, le=1_000_000_000)] = DEFAULT_DRAWS
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]


class ScenarioEntry(Closed):
    """What the file of a scenario may say."""

    title: Text
    summary: str = ""
    extends: Text | None = None
    vintage: Text | None = None
    horizon: Annotated[int, Field(gt=FIRST_YEAR, le=LAST_YEAR)] = DEFAULT_HORIZON
    sampling: SamplingEntry
    calibration: CalibrationEntry | None = None
    failed_share: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1)] = (
        DEFAULT_FAILED_SHARE
    )
    inputs: dict[str, Any] = {}
    levers: dict[str, Any] = {}
    when: Text | None = None
    then: dict[str, Any] = {}
    watched_from: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)] = DEFAULT_WATCHED_FROM
    delay: Annotated[int, Field(ge=1)] = 1
    phase_in: Annotated[int, Field(ge=1)] = 1
    dependence: list[Any] = []
    source: str = ""


SCENARIO_KEYS: Final = tuple(ScenarioEntry.model_fields)
"""Keys of scenario files; no block of the model may bear one of these names."""

POLICY_KEYS: Final = ("title", "summary", "extends", "levers", *RULE_KEYS, "source")
"""Keys of a file that sets levers only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How to lay the draws.

    Attributes
    ----------
    method : str
        A key of the table of designs.
    draws : int
        In total.
    seed : int
    """

    method: Method
    draws: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A scenario with everything resolved: what is run.

    Two are equal where they say the same, whichever files said it.

    Attributes
    ----------
    name : str
        Its composition, `base+pue-cap`.
    title, summary, source : str
    vintage : str, optional
        What was known when: a file in `priors/vintages/`.
    horizon : int
        Last year.
    sampling : Sampling
    calibration : Calibration, optional
        What its inputs are tied to; without one its draws are of the prior.
    failed_share : float
        Largest share of failed draws that is accepted.
    priors : mapping
        Every input of the model, overrides applied.
    dependence : tuple of Dependence
    rules : tuple of Rule
        Of its adaptive policies, in the order in which they were laid.
    files : tuple of str
        Files taken, in the order in which they were laid over each other.
    origins : mapping
        `adoption.rate.p50` → `priors/adoption.yaml:12`, `--set` or `default`.
    """

    name: str
    title: str
    summary: str = ""
    source: str = ""
    vintage: str | None = None
    horizon: int = DEFAULT_HORIZON
    sampling: Sampling
    calibration: Calibration | None = None
    failed_share: float = DEFAULT_FAILED_SHARE
    priors: Mapping[str, Prior]
    dependence: tuple[Dependence, ...] = ()
    rules: tuple[Rule, ...] = ()
    files: tuple[str, ...] = field(default=(), compare=False)
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)

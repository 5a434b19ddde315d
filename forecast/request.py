"""What is to be run, resolved, with the key of its result: no computing yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from forecast.axes import FIRST_YEAR
from forecast.provenance import beside_digest, run_key, run_name
from forecast.shipped import observations
from forecast.spec.register import Register
from forecast.spec.resolve import read_scenarios
from forecast.spec.scenario import Scenario
from forecast.spec.vintage import known_priors

CHAINS: Final = 8
"""Independent randomisations of a design; their spread is the error bar. (definition)"""

SERIES: Final = 20
REGIONAL: Final = 15
BYTES: Final = 8
"""Series that every run keeps, further ones by region, and bytes of a number. (definition)"""

type Precision = Literal["double", "single"]


@dataclass(frozen=True)
class Request:
    """What to run, resolved, with the key of its result.

    Attributes
    ----------
    scenarios : tuple of Scenario
    register : Register
        Shipped priors.
    keep : tuple of str
        Further outputs to keep draw by draw.
    precision : str
    key : str
    """

    scenarios: tuple[Scenario, ...]
    register: Register
    keep: tuple[str, ...]
    precision: Precision
    key: str

    @property
    def chains(self) -> int:
        """Chains: eight, or more populations where a calibrated scenario needs them."""
        draws = self.scenarios[0].sampling.draws
        sizes = [one.calibration.particles for one in self.scenarios if one.calibration]
        return max([CHAINS, *(-(-draws // size) for size in sizes)])

    @property
    def draws(self) -> int:
        """Draws in all, rounded up to whole chains."""
        return -(-self.scenarios[0].sampling.draws // self.chains) * self.chains

    @property
    def megabytes(self) -> float:
        """Size of the file of the run, about."""
        first = self.scenarios[0]
        moving = sum(one.family != "fixed" for one in first.priors.values())
        years = first.horizon - FIRST_YEAR + 1
        series = len(self.scenarios) * years * (SERIES + (REGIONAL if self.keep else 0))
        return self.draws * (moving + series) * BYTES / 1e6

    def folder(self, outputs: Path) -> Path:
        """Where the result belongs."""
        return outputs / f"{run_name(self.scenarios)}-{self.key}"


def request(
    *references: str,
    settings: Sequence[str] = (),
    keep: Sequence[str] = (),
    precision: Precision = "double",
    priors: Path | None = None,
    prior: bool = False,
    extra: Mapping[str, str] | None = None,
) -> Request:
    """Resolve what is to be run.

    Parameters
    ----------
    references
        Names of shipped scenarios or paths; ``base+pue-cap`` lays a policy over a world.
    settings
        ``path=value``, laid over each scenario in the grammar of the files.
    keep
        Further outputs to keep draw by draw: names, ``regions`` or ``all``.
    precision
    priors
        A folder of priors in place of the shipped ones.
    prior
        Draw from the priors, whatever the scenarios are calibrated to.
    extra
        What else decides the result: part of the key.

    Returns
    -------
    Request

    Raises
    ------
    InputErrors
        With every fault of every file.
    """
    register, scenarios = read_scenarios(references, folder=priors, settings=settings)
    if prior:
        scenarios = tuple(replace(one, calibration=None) for one in scenarios)
    kept = tuple(sorted(set(keep)))
    told = {
        "precision": precision,
        "keep": ",".join(kept),
        "beside": " ".join(
            beside_digest(known_priors(register.priors, register.vintages, one), observations())
            for one in dict.fromkeys(one.vintage for one in scenarios)
        ),
        **(extra or {}),
    }
    return Request(scenarios, register, kept, precision, run_key(scenarios, told))


def sampling_settings(*, draws: int | None, seed: int | None, method: str | None) -> list[str]:
    """Options of a command in the grammar of the files."""
    given = {"draws": draws, "seed": seed, "method": method}
    return [f"sampling.{name}={value}" for name, value in given.items() if value is not None]

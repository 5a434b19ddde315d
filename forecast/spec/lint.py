"""Common modelling errors in a scenario: what is valid and still likely to mislead.

What is impossible is refused when a scenario is read (a PUE below 1, a share above 1); here stands
what is possible and usually wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from forecast import shipped
from forecast.errors import shown
from forecast.spec.prior import Prior
from forecast.spec.register import Register
from forecast.spec.scenario import Scenario

LONG: Final = 10
"""Years of compound growth that a source may bear. (yr; definition)"""

FAST: Final = 0.02
"""Growth rate above which it matters. (1/yr; definition)"""

STILL: Final = 0.01
"""Fading below which a rate stays as it is. (1/yr; definition)"""

UNBOUND: Final = 1e4
"""Saturation over the start above which there is none. (1; definition)"""

NAMEPLATE: Final = 0.9
"""Load factor above which nameplate power is taken as average draw. (1; definition)"""

BARE: Final = 1.1
"""Host power over chip power below which the host is left out. (1; definition)"""

TAIL_DRAWS: Final = 100
"""Draws beyond p99 below which it is read from too few. (definition)"""

MONTHS: Final = 24
"""Age of a source from which it is told, unless another is asked for. (definition)"""

FADES: Final[Mapping[str, tuple[str, ...]]] = {
    "conventional.workload_fade": (
        "conventional.workload_growth_first",
        "conventional.workload_growth_last",
    ),
    "limits.additions_fade": ("limits.additions_growth",),
    "adoption.length_fade": ("adoption.length_growth", "adoption.length_growth_last"),
    "adoption.other_fade": ("adoption.other_growth",),
    "training.frontier_fade": (
        "training.frontier_power_growth",
        "training.frontier_duration_growth",
    ),
    "training.anchor_fade": ("training.anchor_growth",),
    "crypto.drift_fade": ("crypto.drift",),
}
"""Fading of a growth rate → the rates that fade."""

AI_START: Final = 2023
"""Year from which growth is counted. (yr; definition, docs/model.md)"""


@dataclass(frozen=True, order=True)
class Finding:
    """A likely error.

    Attributes
    ----------
    file : str
    line : int
    rule : str
        Name of the rule, in kebab case.
    path : str
        What it is about.
    what : str
        What was found.
    why : str
        What it leads to.
    advice : str
    own : bool
        Whether a file of the user says so, and not the register.
    """

    file: str
    line: int
    rule: str
    path: str
    what: str
    why: str
    advice: str
    own: bool

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.rule}: {self.path}: {self.what}; {self.why}. {self.advice}"


def lint(
    scenario: Scenario, register: Register, *, months: int = MONTHS, today: date
) -> tuple[Finding, ...]:
    """Find common modelling errors in a resolved scenario.

    Parameters
    ----------
    scenario
    register
        Shipped inputs, to tell what the scenario changes.
    months
        Age of a source from which it is told.
    today

    Returns
    -------
    tuple of Finding
        By file and line.

    References
    ----------
    The errors: docs/audit.md.
    """
    found: list[Finding] = []
    for name in _RULES:
        found += _RULES[name](scenario, register)
    found += _old(scenario, register, months, today)
    return tuple(sorted(found))


def middle(prior: Prior) -> float | None:
    """Middle of a prior of one number, where its arguments say it; None where they do not."""
    told: Mapping[str, Any] = prior.arguments
    for key in ("value", "p50", "median", "mean", "mode"):
        if isinstance(told.get(key), int | float):
            return float(told[key])
    if prior.family == "quantiles" and "p05" in told:
        return 0.5 * (float(told["p05"]) + float(told["p95"]))
    if {"low", "high"} <= told.keys() and prior.family == "uniform":
        return 0.5 * (float(told["low"]) + float(told["high"]))
    return None


def highest(prior: Prior) -> float | None:
    """Largest value of a vector of numbers, or the middle of a number."""
    value = prior.arguments.get("value")
    if isinstance(value, dict):
        return max(map(float, value.values()))
    return middle(prior)


def _middle(scenario: Scenario, name: str) -> float | None:
    """Middle of an input; None where the register has no such input."""
    return middle(scenario.priors[name]) if name in scenario.priors else None


def _at(scenario: Scenario, register: Register, name: str) -> tuple[str, int, bool]:
    """File and line that gave an input, and whether it is a file of the user."""
    paths = (path for path in scenario.origins if path.startswith(f"{name}."))
    places = [one for path in paths if (one := scenario.origins[path]) != "default"]
    home = shown(shipped.priors())
    mine = [one for one in places if not one.startswith(home)]
    file, _, line = (mine or places or [scenario.name])[0].rpartition(":")
    known = line.isdigit()
    return (file if known else f"{file}{line}", int(line) if known else 0, bool(mine))


def _finding(
    scenario: Scenario, register: Register, rule: str, name: str, told: tuple[str, str, str]
) -> Finding:
    file, line, own = _at(scenario, register, name)
    return Finding(file, line, rule, name, *told, own)


def _growth(scenario: Scenario, register: Register) -> Iterator[Finding]:
    years = scenario.horizon - AI_START
    if years <= LONG:
        return
    for fade, rates in FADES.items():
        slow = _middle(scenario, fade)
        known = [_middle(scenario, rate) for rate in rates]
        rate = max((one for one in known if one is not None), default=0.0)
        if slow is not None and slow < STILL and rate > FAST:
            times = (1.0 + rate) ** years
            yield _finding(
                scenario,
                register,
                "growth-without-saturation",
                fade,
                (
                    f"a rate of {100 * rate:.3g} % a year hardly fades ({slow:.2g} a year)",
                    f"over the {years} years to {scenario.horizon} it makes {times:.3g} times",
                    "Let the rate fade, or end the horizon where the source does.",
                ),
            )
    top = _middle(scenario, "adoption.saturation")
    if top is not None and top > UNBOUND:
        yield _finding(
            scenario,
            register,
            "growth-without-saturation",
            "adoption.saturation",
            (
                f"applications may grow to {top:.3g} times those of 2023",
                f"adoption is then exponential to {scenario.horizon}",
                "Say where adoption ends: users, hours, or applications there can be.",
            ),
        )


def _rebound(scenario: Scenario, register: Register) -> Iterator[Finding]:
    if _middle(scenario, "adoption.elasticity") == 0:
        yield _finding(
            scenario,
            register,
            "efficiency-without-rebound",
            "adoption.elasticity",
            (
                "use does not answer to cost at all",
                "every gain in efficiency is then saved whole",
                "Give an elasticity above 0, or say in why that this is what the scenario is for.",
            ),
        )


def _nameplate(scenario: Scenario, register: Register) -> Iterator[Finding]:
    for name in ("limits.load_factor", "conventional.load_factor"):
        value = highest(scenario.priors[name]) if name in scenario.priors else None
        if value is not None and value >= NAMEPLATE:
            yield _finding(
                scenario,
                register,
                "nameplate-as-average",
                name,
                (
                    f"a load factor of {value:.2g}",
                    "nameplate power is taken as average draw, which is far below it",
                    "Take a measured load factor on the same power.",
                ),
            )
    value = _middle(scenario, "limits.host_factor")
    if value is not None and value < BARE:
        yield _finding(
            scenario,
            register,
            "chip-without-host",
            "limits.host_factor",
            (
                f"servers take {value:.3g} times the power of their chips",
                "processors, memory, fans and network are left out",
                "Take server power.",
            ),
        )


def _scopes(scenario: Scenario, register: Register) -> Iterator[Finding]:
    for name, prior in scenario.priors.items():
        own = register.priors.get(name)
        if own is None or prior == own or prior.scope == own.scope:
            continue
        if not _at(scenario, register, name)[2]:
            continue
        yield _finding(
            scenario,
            register,
            "mixed-scopes",
            name,
            (
                f"its scope is {prior.scope or 'unsaid'!r}, that of the register {own.scope!r}",
                "numbers of two scopes cannot stand in for each other unchanged",
                "Turn the number into the scope of the register, or keep its scope.",
            ),
        )


def _tail(scenario: Scenario, register: Register) -> Iterator[Finding]:
    draws = scenario.sampling.draws
    beyond = draws // 100
    if beyond >= TAIL_DRAWS:
        return
    place = scenario.origins.get("sampling.draws", scenario.name)
    file, _, line = place.rpartition(":")
    known = line.isdigit()
    yield Finding(
        file if known else place,
        int(line) if known else 0,
        "tail-from-few-draws",
        "sampling.draws",
        f"{draws:,} draws have {beyond} beyond p99",
        f"its Monte Carlo error is that of {beyond} numbers",
        f"Take {100 * TAIL_DRAWS:,} draws or more, or read no further than p95.",
        own=True,
    )


_RULES: Final[dict[str, Callable[[Scenario, Register], Iterator[Finding]]]] = {
    "growth-without-saturation": _growth,
    "efficiency-without-rebound": _rebound,
    "nameplate-as-average": _nameplate,
    "mixed-scopes": _scopes,
    "tail-from-few-draws": _tail,
}
"""Rule → what looks for it; the age of sources stands apart, since it needs a date."""


def _old(scenario: Scenario, register: Register, months: int, today: date) -> Iterator[Finding]:
    for name, prior in scenario.priors.items():
        age = _months(prior.as_of, today)
        if prior.role == "lever" or prior.family == "fixed" or age is None or age <= months:
            continue
        yield _finding(
            scenario,
            register,
            "old-source",
            name,
            (
                f"its source is of {prior.as_of}, {age} months ago",
                "later data may have overtaken it",
                "Look for a later source, or say in why that it still holds.",
            ),
        )


def _months(as_of: str, today: date) -> int | None:
    parts = [int(one) for one in as_of.split("-")] if as_of else []
    if not parts:
        return None
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return 12 * (today.year - year) + today.month - month

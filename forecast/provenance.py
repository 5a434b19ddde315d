"""What a run hangs on: the key of its result, without computing it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from forecast.spec.prior import Prior
from forecast.spec.scenario import Scenario
from forecast.spec.text import to_yaml

DISTRIBUTION: Final = "dc-forecast"
SEPARATOR: Final = "---\n"
CODE: Final = ("axes.py", "calibration", "model", "sampling", "simulate", "studies")
"""Files and folders of the package whose code decides what a run computes."""


def package_version() -> str:
    """Version of the package, as installed."""
    return version(DISTRIBUTION)


POSTERIOR_CODE: Final = tuple(name for name in CODE if name != "studies")
"""The same for a posterior."""


def code_digest(names: Sequence[str] = CODE) -> str:
    """SHA-256 of the code and tables of the model, the sampler and the simulation.

    Parameters
    ----------
    names
        Files and folders of the package.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    root = Path(__file__).parent
    found = hashlib.sha256()
    for name in names:
        for file in _files(root / name):
            found.update(str(file.relative_to(root)).encode() + b"\0")
            found.update(file.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def _files(path: Path) -> Iterable[Path]:
    if path.is_file():
        return [path]
    return sorted(one for one in path.rglob("*") if one.suffix in (".py", ".csv"))


def texts(scenarios: Sequence[Scenario]) -> str:
    """Resolved scenarios as one YAML text, a document each."""
    return SEPARATOR.join(to_yaml(one) for one in scenarios)


def split_texts(text: str) -> list[str]:
    """Documents of `texts`, one a scenario."""
    return text.split(f"\n{SEPARATOR}")


def beside_digest(priors: Mapping[str, Prior], observations: Path) -> str:
    """SHA-256 of what a run takes beside its scenarios.

    Parameters
    ----------
    priors
        The register, whose middle is the reference path.
    observations
        Folder of the published numbers that the file of a run holds.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    found = hashlib.sha256()
    for _, prior in sorted(priors.items()):
        found.update(repr(prior).encode() + b"\0")
    for file in sorted(observations.glob("*.yaml")):
        found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def run_key(scenarios: Sequence[Scenario], settings: dict[str, str]) -> str:
    """Key of a run: resolved inputs, settings, version and code.

    Parameters
    ----------
    scenarios
        In order.
    settings
        What else decides the bytes: precision, kept outputs, `beside_digest`.

    Returns
    -------
    str
        Twelve hexadecimal digits.
    """
    found = hashlib.sha256()
    parts = [texts(scenarios), *(f"{name}={value}" for name, value in sorted(settings.items()))]
    for part in [*parts, package_version(), code_digest()]:
        found.update(part.encode() + b"\0")
    return found.hexdigest()[:12]


def posterior_key(
    scenario: Scenario, reference: Mapping[str, Prior], observations: Path, known: str = ""
) -> str:
    """Key of a posterior: what is believed and observed, how it is calibrated, and the code.

    Sampling, horizon, levers and what the scenario says of itself are no part of it, nor is the
    number of populations: the first eight of more populations are the same bits.

    Parameters
    ----------
    scenario
        With a calibration.
    reference
        Priors whose middle is the reference path.
    observations
        Folder of the published numbers.
    known
        Date of the vintage.

    Returns
    -------
    str
        Twelve hexadecimal digits.
    """
    found = hashlib.sha256()
    uncertain = {k: one for k, one in scenario.priors.items() if one.role != "lever"}
    parts = [repr(sorted(uncertain.items())), repr(scenario.dependence), known]
    parts += [repr(scenario.calibration), beside_digest(reference, observations)]
    parts.append(code_digest(POSTERIOR_CODE))
    for part in parts:
        found.update(part.encode() + b"\0")
    return found.hexdigest()[:12]


def run_name(scenarios: Sequence[Scenario]) -> str:
    """Short name of a run, fit for a folder."""
    first = scenarios[0].name
    more = f"+{len(scenarios) - 1}-more" if len(scenarios) > 1 else ""
    return "".join(one if one.isalnum() or one in "+-_." else "-" for one in first)[:60] + more

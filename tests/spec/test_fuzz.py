"""Mutated files either read or are refused with their faults; nothing else is ever raised."""

import shutil
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from forecast.errors import InputErrors
from forecast.spec.observation import read_observations
from forecast.spec.register import Register, read_register
from forecast.spec.resolve import read_scenario
from forecast.spec.text import from_yaml, to_yaml

HERE = Path(__file__).parent
MANY = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

PIECES = st.sampled_from(
    [
        *("\t", "[", "{", "]", "}", "- ", ": ", "? ", "|", ">", "'", '"', "#", "%", "@", "\\"),
        *("\0", "\n", "\r", "\u2028", "\ufeff", "é", "\U0001f600", "=", "_", "+", "-"),
        *("&a ", "*a", "<<: ", "!!int ", "!!python/x ", '"\\UFFFFFFFF"', '"\\x', "%YAML 1.1\n"),
        *(".nan", "-.inf", "1e999", "9" * 400, "0x", "null", "~", "true", "---\n", "...\n"),
        *("extends: world\n", "family: fixed", "unit: MW", "value: 1", "adoption.rate"),
        *("facility.cap", "[" * 70, "{a: " * 70, "  " * 40),
    ]
)


@st.composite
def mutated(draw: st.DrawFn, texts: list[str]) -> str:
    """One of the texts with characters and lines deleted, doubled, swapped or put in."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text)))
        span = draw(st.integers(0, 12))
        lines = text.split("\n")
        line = draw(st.integers(0, len(lines) - 1))
        change = draw(st.sampled_from(["insert", "delete", "replace", "double", "drop", "swap"]))
        if change == "insert":
            text = text[:place] + draw(PIECES) + text[place:]
        elif change == "delete":
            text = text[:place] + text[place + span :]
        elif change == "replace":
            text = text[:place] + draw(PIECES | st.text(max_size=5)) + text[place + span :]
        elif change == "double":
            text = "\n".join([*lines[: line + 1], *lines[line:]])
        elif change == "drop":
            text = "\n".join([*lines[:line], *lines[line + 1 :]])
        else:
            other = draw(st.integers(0, len(lines) - 1))
            lines[line], lines[other] = lines[other], lines[line]
            text = "\n".join(lines)
    return text


def sources(*names: str) -> list[str]:
    return [(HERE / name).read_text(encoding="utf-8") for name in names]


def read_or_refused(read: Callable[[], object]) -> None:
    told = None
    try:
        read()
    except InputErrors as errors:
        told = errors
    # Every refusal can be printed, and says something.
    assert told is None or (str(told) and all(error.problem for error in told.errors))


@pytest.mark.slow
@MANY
@given(mutated(sources("register/adoption.yaml", "register/facility.yaml")))
def test_priors(text: str) -> None:
    folder = Path("priors")
    folder.mkdir(exist_ok=True)
    (folder / "facility.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    read_or_refused(lambda: read_register(folder))


@pytest.mark.slow
@MANY
@given(mutated(sources("register/dependence.yaml")))
def test_dependence(text: str) -> None:
    folder = Path("priors")
    if not folder.exists():
        shutil.copytree(HERE / "register", folder)
    (folder / "dependence.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    read_or_refused(lambda: read_register(folder))


@pytest.mark.slow
@MANY
@given(mutated(sources("register/vintages/early.yaml")))
def test_vintages(text: str) -> None:
    folder = Path("priors")
    if not folder.exists():
        shutil.copytree(HERE / "register", folder)
    (folder / "vintages" / "early.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    read_or_refused(lambda: read_register(folder).vintages["early"])


WORLD = """title: A world
sampling: {seed: 1, draws: 100}
horizon: 2030
vintage: iea-2026
inputs:
  adoption.rate: {p05: 0.1, p50: 0.7}
  adoption.intensity: {family: normal, mean: 3, sd: 1}
  facility.floors: {value: {enterprise: 1.3}}
  facility.shares:
    median: {small: 0.4, medium: 0.4}
levers:
  facility.cap: {family: uniform, low: 1, high: 2}
dependence:
  - name: other
    copula: t
    df: 4
    pairs: [{between: [adoption.rate, facility.pue], kendall: 0.2}]
    source: judgement
    as_of: 2024
    grade: D
    why: Another view.
"""


TIED = """title: A world tied to history and cases
sampling: {seed: 1}
vintage: early
calibration:
  seed: 3
  particles: 128
  until: 2022
  target: {shape: metalog, p10: total-2026-low, p50: total-2026-base, p90: total-2026-high}
  beliefs: [crypto-2026]
"""


@pytest.mark.slow
@MANY
@given(mutated([WORLD, TIED, *sources("scenarios/fast.yaml", "scenarios/power-cap.yaml")]))
def test_scenarios(register: Register, text: str) -> None:
    Path("world.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))

    def read() -> None:
        scenario = read_scenario("world.yaml", register=register)
        assert from_yaml(to_yaml(scenario)) == scenario

    read_or_refused(read)


@pytest.mark.slow
@MANY
@given(mutated(sources("register/observations/iea-2026.yaml", "register/observations/cases.yaml")))
def test_observations(text: str) -> None:
    folder = Path("observations")
    folder.mkdir(exist_ok=True)
    (folder / "iea-2026.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    read_or_refused(lambda: read_observations(folder))


@MANY
@given(
    mutated(["adoption.rate.p50=0.7", "sampling={seed: 1}", "inputs.facility.pue={p95: 2}"]),
    mutated(["base+power-cap", "./world.yaml", "fast"]),
)
def test_settings_and_references(register: Register, setting: str, reference: str) -> None:
    read_or_refused(lambda: read_scenario("base", register=register, settings=[setting]))
    read_or_refused(lambda: read_scenario(reference, register=register))


@pytest.mark.slow
@MANY
@given(st.binary(max_size=60))
def test_bytes(data: bytes) -> None:
    Path("world.yaml").write_bytes(data)
    read_or_refused(lambda: read_scenario("world.yaml", register=Register({}, {})))

"""A vintage: laid under the scenario, never later than its date, judged like any file."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from forecast.errors import InputErrors
from forecast.spec.dependence import Pair
from forecast.spec.register import Register, read_register
from forecast.spec.resolve import read_scenario
from forecast.spec.scenario import Scenario
from forecast.spec.vintage import known_by

HERE = Path(__file__).parent
EARLY = HERE / "register" / "vintages" / "early.yaml"
HEAD = "title: A world\nsampling: {seed: 1}\nvintage: early\n"


@pytest.mark.parametrize(
    ("as_of", "known"),
    [
        ("2024-01", True), ("2024-01-15", True), ("2024-01-16", False), ("2024-02", False),
        ("2024", False), ("2023", True), ("2023-12-31", True), ("2025-01-01", False),
    ],
)  # fmt: skip
def test_a_month_is_known_in_it_and_a_year_once_it_has_ended(as_of: str, known: bool) -> None:
    assert known_by(as_of, "2024-01-15") is known


def test_a_year_that_ends_with_the_month_is_known() -> None:
    assert known_by("2024", "2024-12-31")


def test_a_vintage_is_read_with_its_words(register: Register) -> None:
    early = register.vintages["early"]
    assert list(register.vintages) == ["early", "iea-2026"]
    assert (early.name, early.as_of, early.title) == (
        "early", "2024-01-31", "As known in January 2024",
    )  # fmt: skip
    assert list(early.entries) == ["adoption.saturation", "facility.pue", "facility.shares"]
    assert early.priors["facility.pue"].arguments == {"p05": 1.2, "p95": 1.7, "lower": 1.0}
    assert not register.vintages["iea-2026"].entries


def test_without_a_vintage_the_register_holds(
    resolve: Callable[..., Scenario], register: Register
) -> None:
    found = resolve(HEAD.replace("vintage: early\n", ""))
    assert found.priors == register.priors
    assert found.dependence == register.dependence


def test_it_is_laid_over_the_register_and_leaves_the_rest(
    resolve: Callable[..., Scenario], register: Register
) -> None:
    found = resolve(HEAD)
    changed = {name for name, prior in found.priors.items() if prior != register.priors[name]}
    assert changed == {"adoption.saturation", "facility.pue", "facility.shares"}
    saturation = found.priors["adoption.saturation"]
    assert saturation.arguments == {"median": 60.0, "log_sd": 1.1}
    assert (saturation.as_of, saturation.why, saturation.column) == ("2024-01", "Wider.", 2)
    assert found.priors["facility.shares"].labels == ("small", "medium", "large")


def test_the_scenario_lies_over_the_vintage_and_a_setting_over_both(
    resolve: Callable[..., Scenario],
) -> None:
    text = HEAD + "inputs:\n  facility.pue: {p05: 1.3, p95: 1.65}\n"
    found = resolve(text, "facility.pue.p95=1.8")
    assert found.priors["facility.pue"].arguments == {"p05": 1.3, "p95": 1.8, "lower": 1.0}
    assert found.priors["facility.pue"].as_of == "2023"
    told = {path: found.origins[f"facility.pue.{path}"] for path in ("p05", "p95", "why", "lower")}
    assert told == {
        "p05": "world.yaml:5",
        "p95": "--set",
        "why": f"{EARLY}:11",
        "lower": f"{HERE / 'register' / 'facility.yaml'}:5",
    }
    assert found.files == ("world.yaml",)


def test_the_vintage_said_last_holds_alone(resolve: Callable[..., Scenario]) -> None:
    late = resolve(HEAD, "vintage=iea-2026")
    assert (late.vintage, late.priors["facility.pue"].as_of) == ("iea-2026", "2024-07")
    early = resolve("title: T\nextends: base\n", "vintage=early")
    assert (early.vintage, early.priors["facility.pue"].as_of) == ("early", "2023")


def test_its_dependence_stands_in_place_of_the_registers(
    resolve: Callable[..., Scenario],
) -> None:
    (group,) = resolve(HEAD).dependence
    assert group.pairs == (Pair("adoption.rate", "adoption.saturation", "kendall", 0.3),)
    assert resolve(HEAD).origins["dependence.growth"] == f"{EARLY}:14"
    assert resolve(HEAD + "dependence: []\n").dependence == ()


def test_a_belief_of_a_scenario_may_not_be_later(refused: Callable[..., str]) -> None:
    text = HEAD + "inputs:\n  adoption.rate: {p50: 0.7, as_of: 2024-03}\n"
    assert refused(text) == (
        "world.yaml:5:36: inputs.adoption.rate.as_of: adoption.rate is of 2024-03, later than "
        "vintage early (2024-01-31): declare it under inputs in priors/vintages/early.yaml, or "
        "choose a later vintage"
    )


def _with_early(text: str) -> Register:
    """Register of the tests with another text in its early vintage."""
    shutil.copytree(HERE / "register", "priors")
    Path("priors/vintages/early.yaml").write_text(text, encoding="utf-8")
    return read_register(Path("priors"))


def _told(text: str) -> list[str]:
    """What is said of a world that names an early vintage with this text."""
    register = _with_early(text)
    Path("world.yaml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(InputErrors) as caught:
        read_scenario("world.yaml", register=register)
    return str(caught.value).split("\n")


def test_what_the_vintage_does_not_declare_is_told_at_its_place() -> None:
    told = _told("title: Bare\nas_of: 2024-01-31\n")
    assert [line.partition(": ")[0] for line in told] == [
        "priors/adoption.yaml:20:10",
        "priors/dependence.yaml:7:10",
        "priors/facility.yaml:9:10",
        "priors/facility.yaml:31:10",
    ]
    assert "adoption.saturation is of 2024, later than vintage early (2024-01-31)" in told[0]
    assert "declare dependence in priors/vintages/early.yaml" in told[1]
    # A lever and a definition are of no date: neither facility.cap nor facility.floors is told.
    assert not any("facility.cap" in line or "facility.floors" in line for line in told)


def test_a_broken_vintage_that_no_scenario_names_is_told_when_it_is_asked_for(
    register: Register,
) -> None:
    broken = _with_early("title: Broken\nas_of: soon\n")
    Path("world.yaml").write_text(HEAD.replace("early", "iea-2026"), encoding="utf-8")
    assert read_scenario("world.yaml", register=broken).vintage == "iea-2026"
    with pytest.raises(InputErrors, match=r"^priors/vintages/early\.yaml:2:8: as_of: expected"):
        broken.vintages["early"]
    with pytest.raises(KeyError):
        register.vintages["none"]

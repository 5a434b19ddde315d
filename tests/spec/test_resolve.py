import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from forecast.errors import InputErrors
from forecast.spec.dependence import Pair
from forecast.spec.prior import Prior
from forecast.spec.register import Register
from forecast.spec.resolve import read_scenarios
from forecast.spec.scenario import Sampling, Scenario

HERE = Path(__file__).parent
HEAD = "title: A world\nsampling: {seed: 1}\n"


def test_what_is_not_said_is_the_default(
    resolve: Callable[..., Scenario], register: Register
) -> None:
    scenario = resolve(HEAD)
    assert scenario.sampling == Sampling(method="sobol", draws=16_384, seed=1)
    assert (scenario.horizon, scenario.vintage, scenario.name) == (2035, None, "world")
    assert scenario.priors == register.priors
    assert scenario.dependence == register.dependence


def test_sampling_merges_key_by_key(resolve: Callable[..., Scenario]) -> None:
    text = "title: T\nextends: base\nsampling: {draws: 800, method: latin}\n"
    assert resolve(text).sampling == Sampling(method="latin", draws=800, seed=20260)


def test_an_override_changes_what_it_says_and_nothing_else(
    resolve: Callable[..., Scenario], register: Register
) -> None:
    text = HEAD + "inputs:\n  adoption.rate: {p95: 2, grade: D, why: Guess., source: judgement}\n"
    changed, base = resolve(text).priors, register.priors
    rate = changed["adoption.rate"]
    assert rate.arguments == {"p05": 0.5, "p50": 0.75, "p95": 2.0}
    assert (rate.grade, rate.why, rate.source) == ("D", "Guess.", "judgement")
    assert (rate.column, rate.unit, rate.as_of) == (1, "1/yr", "2024-01")
    assert {name for name in base if changed[name] != base[name]} == {"adoption.rate"}


def test_origins_are_exact(resolve: Callable[..., Scenario]) -> None:
    shutil.copytree(HERE / "scenarios", "s")
    scenario = resolve("s/fast.yaml+./s/tight-cap.yaml", "sampling.seed=3")
    origins = scenario.origins
    said = {
        "title": "s/tight-cap.yaml:1",
        "horizon": "s/fast.yaml:4",
        "vintage": f"{HERE}/scenarios/base.yaml:2",
        "source": "s/tight-cap.yaml:5",
        "sampling.seed": "--set",
        "sampling.draws": "default",
        "failed_share": "default",
        "adoption.rate.p50": "s/fast.yaml:7",
        "facility.pue.family": "s/fast.yaml:9",
        "facility.pue.value": "s/fast.yaml:9",
        "facility.cap.value": "s/tight-cap.yaml:4",
    }
    assert {path: origins[path] for path in said} == said
    priors = HERE / "register"
    assert origins["adoption.rate.p05"] == f"{priors / 'adoption.yaml'}:4"
    assert origins["adoption.intensity.views.high.low"] == f"{priors / 'adoption.yaml'}:28"
    assert origins["facility.pue.unit"] == f"{priors / 'facility.yaml'}:6"
    assert origins["adoption.rate.role"] == "default"
    shipped = HERE / "scenarios"
    assert scenario.files == (
        str(shipped / "base.yaml"),
        "s/fast.yaml",
        str(shipped / "power-cap.yaml"),
        "s/tight-cap.yaml",
    )
    # Each place is looked up in the file itself: the line must hold the key.
    for path, place in origins.items():
        if place not in ("default", "--set") and not path.startswith("dependence."):
            file, _, line = place.rpartition(":")
            text = Path(file).read_text(encoding="utf-8").split("\n")[int(line) - 1]
            # A number given in short stands for the family and the value.
            assert any(word in text for word in path.split(".")[-2:]), (path, place)


def test_vectors_keep_the_order_of_the_register(resolve: Callable[..., Scenario]) -> None:
    text = HEAD + (
        "inputs:\n"
        "  facility.floors: {value: {enterprise: 1.4}}\n"
        "  facility.shares:\n"
        "    family: fixed\n"
        "    value: {large: 0.5, small: 0.2, medium: 0.3}\n"
    )
    priors = resolve(text).priors
    assert priors["facility.floors"].arguments["value"] == {"hyperscale": 1.05, "enterprise": 1.4}
    assert priors["facility.shares"].labels == ("small", "medium", "large")
    assert priors["facility.shares"].arguments["value"]["large"] == 0.5


def test_a_fixed_input_leaves_its_group(resolve: Callable[..., Scenario]) -> None:
    text = HEAD + "inputs: {adoption.saturation: 40}\n"
    (group,) = resolve(text).dependence
    assert group.pairs == (Pair("adoption.rate", "facility.pue", "spearman", -0.3),)
    assert resolve(HEAD + "inputs: {adoption.rate: 1}\n").dependence == ()


def test_a_scenario_may_replace_the_dependence(resolve: Callable[..., Scenario]) -> None:
    assert resolve(HEAD + "dependence: []\n").dependence == ()
    text = HEAD + (
        "dependence:\n"
        "  - name: other\n"
        "    copula: t\n"
        "    df: 4\n"
        "    pairs: [{between: [adoption.intensity, facility.pue], kendall: 0.2}]\n"
        "    source: judgement\n"
        "    as_of: 2024\n"
        "    grade: D\n"
        "    why: Another view.\n"
    )
    (group,) = resolve(text).dependence
    assert (group.name, group.copula, group.df) == ("other", "t", 4.0)


def test_levers_may_carry_a_whole_prior(resolve: Callable[..., Scenario]) -> None:
    text = HEAD + "levers:\n  facility.cap: {family: uniform, low: 1, high: 2}\n"
    cap = resolve(text).priors["facility.cap"]
    assert (cap.family, cap.role, cap.at_least) == ("uniform", "lever", 0.0)


def test_a_fault_between_two_files_is_blamed_on_the_one_laid_last(
    refused: Callable[..., str],
) -> None:
    # fast.yaml sets p50 0.8 and p95 1.5.
    told = refused("title: T\nextends: fast\ninputs:\n  adoption.rate: {p95: 0.7}\n")
    assert told == ("world.yaml:4:24: inputs.adoption.rate.p95: p50 (0.8) must lie below p95 (0.7)")


def test_values_are_judged_after_merging_alone(resolve: Callable[..., Scenario]) -> None:
    Path("half.yaml").write_text(HEAD + "inputs:\n  adoption.rate: {p50: 3}\n")
    scenario = resolve("title: T\nextends: half.yaml\ninputs:\n  adoption.rate: {p95: 4}\n")
    assert scenario.priors["adoption.rate"].arguments == {"p05": 0.5, "p50": 3.0, "p95": 4.0}


def test_register_and_scenarios_are_read_in_one_pass() -> None:
    register, scenarios = read_scenarios(["base", "fast+power-cap"], settings=["horizon=2030"])
    assert [each.name for each in scenarios] == ["base", "fast+power-cap"]
    assert {each.horizon for each in scenarios} == {2030}
    assert isinstance(register.priors["adoption.rate"], Prior)


def test_faults_of_register_scenarios_and_settings_are_told_together() -> None:
    shutil.copytree(HERE / "register", "priors")
    broken = Path("priors/facility.yaml").read_text().replace("p05: 1.25", "p05: 1.75")
    Path("priors/facility.yaml").write_text(broken)
    Path("one.yaml").write_text("title: One\nsampling: {sed: 1}\n")
    Path("two.yaml").write_text(HEAD + "inputs: {facility.pue: 0.5, adoption.rate: 0.5}\n")
    with pytest.raises(InputErrors) as caught:
        read_scenarios(
            ["one.yaml", "two.yaml", "three"], folder=Path("priors"), settings=["horizon=1"]
        )
    places = [str(error).split(" ")[0] for error in caught.value.errors]
    assert places == [
        "--set:1:9:",
        "one.yaml:2:1:",
        "one.yaml:2:12:",
        "priors/facility.yaml:3:8:",
        "three:",
    ]


def test_nothing_is_said_of_a_prior_whose_own_file_is_broken() -> None:
    shutil.copytree(HERE / "register", "priors")
    broken = Path("priors/facility.yaml").read_text().replace("family: fixed", "family: fxed")
    Path("priors/facility.yaml").write_text(broken)
    with pytest.raises(InputErrors) as caught:
        read_scenarios(["base+power-cap"], folder=Path("priors"))
    assert {error.file for error in caught.value.errors} == {"priors/facility.yaml"}

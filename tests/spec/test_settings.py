from collections.abc import Callable

import pytest

from forecast.spec.scenario import Scenario


def test_the_first_word_is_a_scenario_key_or_a_block(resolve: Callable[..., Scenario]) -> None:
    scenario = resolve(
        "base",
        "sampling.seed=7",
        "horizon=2050",
        "title=no",
        "adoption.rate.p50=0.7",
        "adoption.saturation=40",
        "facility.cap=3",
        "adoption.intensity={family: normal, mean: 1, sd: 2}",
        "inputs.facility.pue.p95=1.7",
    )
    assert (scenario.sampling.seed, scenario.horizon, scenario.title) == (7, 2050, "no")
    priors = scenario.priors
    assert priors["adoption.rate"].arguments == {"p05": 0.5, "p50": 0.7, "p95": 1.0}
    assert priors["adoption.saturation"].arguments == {"value": 40.0}
    assert priors["facility.cap"].arguments == {"value": 3.0}
    assert priors["adoption.intensity"].arguments == {"mean": 1.0, "sd": 2.0}
    assert priors["facility.pue"].arguments == {"p05": 1.25, "p95": 1.7, "lower": 1.0}


def test_settings_come_last_and_in_order(resolve: Callable[..., Scenario]) -> None:
    scenario = resolve("fast+power-cap", "facility.cap=3", "facility.cap=4", "facility.pue=1.2")
    assert scenario.priors["facility.cap"].arguments == {"value": 4.0}
    assert scenario.priors["facility.pue"].arguments == {"value": 1.2}
    assert scenario.origins["facility.cap.value"] == "--set"
    assert scenario.name == "fast+power-cap"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("sampling.seed", "--set:1:1: sampling.seed: expected path=value"),
        ("sampling.seed=", "--set:1:15: sampling.seed: expected a whole number, got nothing"),
        ("sampling.seed=x", "--set:1:15: sampling.seed: expected a whole number, got text 'x'"),
        ("sampling.sed=1", '--set:1:10: sampling.sed: unknown key (did you mean "seed"?)'),
        (
            "horizn=2030",
            '--set:1:1: horizn: no such input or scenario key (did you mean "horizon"?)',
        ),
        (
            "adoption.rat=1",
            '--set:1:1: adoption.rat: no such input (did you mean "adoption.rate"?)',
        ),
        ("adoption=1", "--set:1:1: adoption: no such input or scenario key"),
        (
            "adoption.rate.p5=1",
            '--set:1:15: adoption.rate.p5: unknown key (did you mean "p05"?)',
        ),
        (
            "adoption.rate.p50=9",
            "--set:1:19: adoption.rate.p50: p50 (9) must lie below p95 (1)",
        ),
        (
            "adoption.rate={p05: [1]}",
            "--set:1:21: adoption.rate.p05: expected a number, got a list of 1",
        ),
        ("facility.pue=0.9", "--set:1:14: facility.pue: must be at least 1, got 0.9"),
        (
            "facility.cap.column=1",
            "--set:1:14: facility.cap.column: column of facility.cap belongs",
        ),
        ("facility.cap=.nan", "--set:1:14: .nan: not a finite number"),
        ("facility.cap=*x", "--set:1:14: alias *x: not allowed"),
        ("facility.cap={a: 1", "--set:1:14: not YAML: a bracket or brace is not closed"),
        ("facility.cap=\t1", "--set:1:14: tab used for indentation"),
        ("extends=base", "--set:1:1: extends cannot be set"),
        ("levers.adoption.rate=1", "adoption.rate is an uncertain input, not a lever"),
        ("a..b=1", "--set:1:1: 'a..b': expected words joined by dots"),
        ("=1", "--set:1:1: '': expected words joined by dots"),
    ],
)
def test_refused(refused: Callable[..., str], setting: str, expected: str) -> None:
    told = refused("base", setting)
    assert expected in told
    assert len(told.split("\n")) == 1


def test_each_setting_is_told_by_its_number(refused: Callable[..., str]) -> None:
    told = refused("base", "horizon=1", "facility.cap=1", "adoption.rate=x").split("\n")
    assert [line.split(":")[:2] for line in told] == [["--set", "1"], ["--set", "3"]]

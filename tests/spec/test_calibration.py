"""The block `calibration` of a scenario: read, written, laid over another; faults are in bad/."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from forecast.spec.calibration import (
    Calibration,
    CalibrationEntry,
    calibration_of,
    plain,
)
from forecast.spec.scenario import Scenario
from forecast.spec.text import differences, from_yaml, resolved, to_yaml

HEAD = "title: A world\nsampling: {seed: 1}\nvintage: early\n"
TARGET = "  target: {p10: total-2026-low, p50: total-2026-base, p90: total-2026-high}\n"

WHOLE = f"""{HEAD}calibration:
  seed: 7
  particles: 128
  until: 2022
{TARGET}  beliefs: [crypto-2026]
"""
CASE = f"""{HEAD}calibration:
  seed: 7
  case: {{of: total-2026-base, log_sd: 0.05}}
"""
HISTORY = f"{HEAD}calibration: {{seed: 7}}\n"
METALOG = f"""{HEAD}calibration:
  seed: 7
{TARGET.replace("{p10", "{shape: metalog, p10")}"""
BLOCKS = {"whole": WHOLE, "case": CASE, "history": HISTORY, "metalog": METALOG}


def test_a_target_is_read(resolve: Callable[..., Scenario]) -> None:
    assert resolve(WHOLE).calibration == Calibration(
        seed=7,
        particles=128,
        until=2022,
        shape="two_piece_lognormal",
        target={0.1: "total-2026-low", 0.5: "total-2026-base", 0.9: "total-2026-high"},
        beliefs=("crypto-2026",),
    )


def test_what_is_not_said_has_its_default(resolve: Callable[..., Scenario]) -> None:
    found = resolve(HISTORY).calibration
    assert found == Calibration(seed=7, target={})
    assert found.particles == 2048
    assert (found.until, found.beliefs, found.case) == (None, (), None)


def test_a_case_is_read(resolve: Callable[..., Scenario]) -> None:
    found = resolve(CASE).calibration
    assert found is not None
    assert (found.case, found.case_log_sd, found.target) == ("total-2026-base", 0.05, {})


def test_without_a_block_nothing_is_calibrated(resolve: Callable[..., Scenario]) -> None:
    assert resolve(HEAD).calibration is None
    assert resolve("base").calibration is None
    assert calibration_of(None) is None


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("origin", [False, True])
def test_what_is_written_reads_back_equal(
    resolve: Callable[..., Scenario], name: str, *, origin: bool
) -> None:
    scenario = resolve(BLOCKS[name])
    assert from_yaml(to_yaml(scenario, origin=origin)) == scenario
    assert scenario.calibration is not None
    entry = CalibrationEntry.model_validate(plain(scenario.calibration))
    assert calibration_of(entry) == scenario.calibration


def test_a_scenario_without_a_block_is_written_without_one(
    resolve: Callable[..., Scenario],
) -> None:
    calibrated = resolve(WHOLE)
    bare = replace(calibrated, calibration=None)
    assert "calibration" not in resolved(bare)
    assert from_yaml(to_yaml(bare)) == bare


def test_the_origin_of_each_key_is_told(resolve: Callable[..., Scenario]) -> None:
    lines = to_yaml(resolve(WHOLE, "calibration.seed=9"), origin=True).splitlines()
    assert "  seed: 9  # --set" in lines
    assert "  particles: 128  # world.yaml:6" in lines
    assert "    p50: total-2026-base  # world.yaml:8" in lines


def test_a_case_is_laid_over_history(resolve: Callable[..., Scenario]) -> None:
    """As the shipped low, central and high are."""
    with open("past.yaml", "w", encoding="utf-8") as stream:
        stream.write(HISTORY)
    said = "title: Low\nextends: ./past.yaml\ncalibration: {case: {of: total-2026-low}}\n"
    found = resolve(said).calibration
    assert found == Calibration(seed=7, target={}, case="total-2026-low", case_log_sd=0.02)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("calibration.seed=8", {"seed": 8}),
        ("calibration.particles=64", {"particles": 64}),
        ("calibration.until=2020", {"until": 2020}),
        ("calibration.target.shape=metalog", {"shape": "metalog"}),
        ("calibration.beliefs=[]", {"beliefs": ()}),
    ],
)
def test_a_key_is_set(
    resolve: Callable[..., Scenario], setting: str, expected: dict[str, object]
) -> None:
    before, after = resolve(WHOLE).calibration, resolve(WHOLE, setting).calibration
    assert before is not None
    assert after == replace(before, **expected)  # type: ignore[arg-type]


def test_differences_name_the_keys(resolve: Callable[..., Scenario]) -> None:
    found = differences(resolve(WHOLE), resolve(WHOLE, "calibration.seed=8"))
    assert found == [("calibration.seed", 7, 8)]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("calibration.particles=63", "calibration.particles: expected a number of at least 64"),
        ("calibration.seed=-1", "calibration.seed: expected a number of at least 0"),
        ("calibration.until=2014", "calibration.until: expected a number of at least 2015"),
        ("vintage=iea-2062", "vintage: no vintage named iea-2062"),
    ],
)
def test_a_wrong_setting_is_told_once(refused: Callable[..., str], setting: str, said: str) -> None:
    told = refused(WHOLE, setting)
    assert said in told
    assert len(told.splitlines()) == 1

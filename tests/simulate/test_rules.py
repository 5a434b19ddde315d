"""Adaptive policies inside the compiled model, against the plain model told the years by hand."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from forecast.axes import FIRST_YEAR, REGIONS, WATCHED, WATCHED_BY_REGION
from forecast.sampling.draws import points
from forecast.simulate.engine import Block, evaluate, noise
from forecast.simulate.ensemble import Plan, block_of, pairs, plan
from forecast.spec.register import Register, read_register
from forecast.spec.resolve import read_scenario
from forecast.spec.rules import Rule, parse_watches
from forecast.spec.scenario import Scenario

DRAWS = 256
YEARS = np.arange(FIRST_YEAR, 2036)
CLOSE = {"rtol": 1e-11, "atol": 1e-13}
MEASURE = "measures.hardware_standard"

type Laid = Callable[..., list[tuple[dict[str, np.ndarray], Block]]]


@pytest.fixture(scope="module")
def register() -> Register:
    return read_register()


@pytest.fixture(scope="module")
def world(register: Register) -> Scenario:
    said = [f"sampling.draws={DRAWS}", "sampling.method=sobol"]
    return replace(read_scenario("base", register=register, settings=said), calibration=None)


def rule(world: Scenario, when: str, then: dict[str, float], **timing: int) -> Rule:
    """Rule that sets levers to numbers."""
    priors = {
        name: replace(
            world.priors[name],
            family="fixed",
            arguments={"value": dict.fromkeys(REGIONS, value)}
            if world.priors[name].labels == REGIONS
            else {"value": value},
        )
        for name, value in then.items()
    }
    said = {"watched_from": 2026, "delay": 1, "phase_in": 1, "policy": "test"} | timing
    return Rule(watches=parse_watches(when), then=priors, **said)


@pytest.fixture(scope="module")
def laid(world: Scenario, register: Register) -> Laid:
    """Draws and outputs of the world without and with rules, in one run."""

    def run(*rules: Rule, **levers: float) -> list[tuple[dict[str, np.ndarray], Block]]:
        ready = _planned(world, register, rules, levers)
        return block_of(ready, 0, DRAWS)

    return run


def _planned(
    world: Scenario, register: Register, rules: tuple[Rule, ...], levers: dict[str, float]
) -> Plan:
    own = {
        name: replace(world.priors[name], family="fixed", arguments={"value": value})
        for name, value in levers.items()
    }
    ruled = replace(world, name="ruled", rules=rules, priors={**world.priors, **own})
    return plan([world, ruled], register.priors)


def _plain(
    world: Scenario, register: Register, draws: dict[str, np.ndarray], number: int = 0
) -> Block:
    """Outputs of the plain model at given draws."""
    ready = plan([world], register.priors)
    chain, index = pairs(ready.design, 0, DRAWS)
    innovations = noise(ready.design.seed, world.horizon, chain, index)
    return evaluate(draws, innovations, ready.reference[number])


def _held(values: np.ndarray, level: float, first: int) -> np.ndarray:
    """First year from `first` on in which values `[year, draw]` exceed a level, else infinite."""
    found = np.full(values.shape[1], np.inf)
    for draw in range(values.shape[1]):
        for year, value in zip(YEARS, values[:, draw], strict=True):
            if year >= first and value > level:
                found[draw] = year
                break
    return found


@pytest.mark.parametrize(("delay", "phase_in"), [(1, 1), (2, 3)])
def test_a_rule_is_the_measure_begun_in_the_year_after_it_held(
    laid: Laid, world: Scenario, register: Register, delay: int, phase_in: int
) -> None:
    then = {MEASURE: 0.5}
    one = rule(world, "unserved[china] > 0.5 TWh", then, delay=delay, phase_in=phase_in)
    (draws, before), (_, after) = laid(one)
    held = _held(before.leaves["limits.unserved"][..., REGIONS.index("china")], 0.5, 2026)
    assert 0.1 < np.isfinite(held).mean() < 0.95
    assert_array_equal(after.since[0], held)
    # The plain model with the calendar years of each draw written into its inputs.
    start = np.where(np.isfinite(held), held + delay - 1, 2200.0)
    by_hand = draws | {
        MEASURE: np.full(DRAWS, 0.5),
        f"{MEASURE}_start": start,
        f"{MEASURE}_full": start + phase_in,
    }
    expected = _plain(world, register, by_hand)
    for name, values in expected.leaves.items():
        assert_allclose(after.leaves[name], values, **CLOSE, err_msg=name)


def test_nothing_moves_before_the_rule_is_in_force_to_the_bit(laid: Laid, world: Scenario) -> None:
    one = rule(world, "total > 900 TWh", {MEASURE: 0.5, "limits.connection_cap": 1.0}, delay=2)
    (_, before), (_, after) = laid(one)
    since = after.since[0]
    assert 0.1 < np.isfinite(since).mean() < 0.9
    for name, values in before.leaves.items():
        for row, year in enumerate(YEARS):
            quiet = year < since + 2
            assert_array_equal(values[row, quiet], after.leaves[name][row, quiet], err_msg=name)
    last = ~np.isfinite(since) | (since + 2 > YEARS[-1])
    changed = np.any(before.leaves["demand"] != after.leaves["demand"], axis=(0, 2))
    assert_array_equal(changed, ~last)


def test_a_second_rule_sees_what_the_first_has_done(
    laid: Laid, world: Scenario, register: Register
) -> None:
    first = rule(world, "ai > 60 TWh", {"limits.connection_cap": 0.5})
    second = rule(world, "unserved > 5 TWh", {MEASURE: 0.6}, watched_from=2027)
    _, (draws, alone) = laid(first)
    _, (_, both) = laid(first, second)
    assert_array_equal(both.since[0], alone.since[0])
    held = _held(both.leaves["totals.unserved"], 5.0, 2027)
    assert_array_equal(both.since[1], held)
    # Up to the year in which the second acts, the first alone decides.
    for row, year in enumerate(YEARS):
        quiet = year <= held
        assert_allclose(
            both.leaves["demand"][row, quiet], alone.leaves["demand"][row, quiet], **CLOSE
        )
    # More draws go short once connections are capped than without any rule.
    plain = _held(_plain(world, register, draws).leaves["totals.unserved"], 5.0, 2027)
    assert np.isfinite(held).sum() > np.isfinite(plain).sum()


def test_a_rule_tightens_what_is_in_force_in_one_step(laid: Laid, world: Scenario) -> None:
    one = rule(world, "total > -1 TWh", {"crypto.restriction": 0.8}, watched_from=2027, delay=2)
    own = {"crypto.restriction": 0.2, "crypto.restriction_start": 2020.0}
    _, (draws, after) = laid(one, **own, **{"crypto.restriction_full": 2021.0})
    assert set(after.since[0]) == {2027.0}
    left = after.leaves["crypto.left"]
    expected = {2020: 1.0, 2021: 0.8, 2028: 0.8, 2029: 0.2, 2035: 0.2}
    for year, share in expected.items():
        assert_allclose(left[year - FIRST_YEAR], share, rtol=1e-12, err_msg=str(year))
    assert_array_equal(draws["crypto.restriction"], 0.2)


def test_caps_and_reaches_phase_in_by_what_they_do(laid: Laid, world: Scenario) -> None:
    """Not by their numbers: half-way from 9 to 1.1 a cap would bind nothing."""
    nowhere = dict.fromkeys(REGIONS, 0.0) | {"china": 1.0}
    one = rule(world, "total > -1 TWh", {"measures.pue_cap_ai": 1.0}, watched_from=2027, phase_in=4)
    reach = replace(
        world.priors["measures.pue_cap_ai_reach"], family="fixed", arguments={"value": nowhere}
    )
    there = replace(one, then={**one.then, "measures.pue_cap_ai_reach": reach})
    (draws, before), (_, after) = laid(there)
    asked = "limits.demand"
    for year, part in {2027: 0.0, 2028: 0.25, 2029: 0.5, 2031: 1.0, 2035: 1.0}.items():
        row = year - FIRST_YEAR
        old, new = (one.leaves[asked][row] for one in (before, after))
        pue = draws["limits.pue"]
        ratio = (pue - part * (pue - 1.0)) / pue
        share = new / new.sum(1)[:, np.newaxis] * old.sum(1)[:, np.newaxis] / old
        china = REGIONS.index("china")
        assert_allclose(share[:, china] / share[:, 0], ratio, rtol=1e-10, err_msg=str(year))


@pytest.mark.parametrize("relation", ["<", "<=", ">", ">="])
def test_relations_and_all_of_several_conditions(
    laid: Laid, world: Scenario, relation: str
) -> None:
    (_, before), _ = laid(rule(world, "total > 0", {MEASURE: 0.1}))
    share = before.leaves["totals.share_of_world_demand"]
    level = float(np.median(share[2028 - FIRST_YEAR]))
    exact = float(share[2028 - FIRST_YEAR, 7])  # the level itself in one draw and year
    for at in (level, exact):
        when = f"share_of_world_demand {relation} {at!r} and ai > 20 TWh"
        _, (_, after) = laid(rule(world, when, {MEASURE: 0.0}, watched_from=2028))
        compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
        holds = compare[relation](share, at) & (before.leaves["totals.ai"] > 20.0)
        holds &= (YEARS >= 2028)[:, np.newaxis]
        years = np.where(holds.any(0), YEARS[np.argmax(holds, 0)], np.inf)
        assert_array_equal(after.since[0], years)


@pytest.mark.parametrize("variable", [*WATCHED, *(f"{name}[]" for name in WATCHED_BY_REGION)])
def test_what_is_watched_is_what_a_run_names_so(laid: Laid, world: Scenario, variable: str) -> None:
    name, by_region = variable.removesuffix("[]"), variable.endswith("[]")
    place = f"{name}[europe]" if by_region else name
    (_, before), _ = laid(rule(world, "total > 0", {MEASURE: 0.1}))
    leaves = before.leaves
    region, segments = REGIONS.index("europe"), leaves["regional"]
    accounts = leaves["emissions.emissions"].sum(2)
    named = {
        "total": leaves["demand"].sum(-1),
        "data_centres": leaves["demand"][..., :4].sum(-1),
        "ai": leaves["demand"][..., 1:4].sum(-1),
        "conventional": leaves["demand"][..., 0],
        "crypto": leaves["demand"][..., 4],
        "ai_demand": leaves["totals.ai_demand"],
        "unserved": leaves["totals.unserved"],
        "share_of_world_demand": leaves["totals.share_of_world_demand"],
        "emissions_location": accounts[..., 0],
        "emissions_market": accounts[..., 1],
        "emissions_hourly": accounts[..., 2],
        "total[]": segments.sum(2)[..., region],
        "data_centres[]": segments[:, :, :4].sum(2)[..., region],
        "unserved[]": leaves["limits.unserved"][..., region],
    }
    values = named[variable]
    level = float(np.quantile(values[2030 - FIRST_YEAR], 0.5))
    _, (_, after) = laid(rule(world, f"{place} > {level!r}", {MEASURE: 0.0}))
    held = _held(values, level, 2026)
    assert 0 < np.isfinite(held).sum()
    assert len(set(held)) > 1
    assert_array_equal(after.since[0], held)


def test_a_lever_of_a_rule_that_is_uncertain_takes_the_point_of_the_lever(
    world: Scenario, register: Register
) -> None:
    lever = replace(world.priors[MEASURE], family="uniform", arguments={"low": 0.2, "high": 0.6})
    one = replace(rule(world, "total > 0", {MEASURE: 0.1}), then={MEASURE: lever})
    ready = _planned(world, register, (one,), {})
    chain, index = pairs(ready.design, 0, DRAWS)
    laid_points = points(ready.points, chain=chain, index=index)
    draws = block_of(ready, 0, DRAWS)[1][0]
    adapted = ready.adapted(1, draws, laid_points)
    values = adapted.then[0][MEASURE]
    assert_allclose(values, 0.2 + 0.4 * laid_points[MEASURE], rtol=1e-12)
    assert len(np.unique(values)) == DRAWS

"""Paired differences and rankings against cases worked by hand, SciPy, and properties."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import friedmanchisquare

import forecast.api
from forecast.analysis.comparison import comparison, flips
from forecast.analysis.costs import costs_of_effect
from forecast.analysis.paired import Paired, paired
from forecast.analysis.robustness import concordance, pareto, robustness
from forecast.grammar import parse_conditions, parse_place
from forecast.spec.register import read_register

TOTAL, UNSERVED = parse_place("total[2030]"), parse_place("unserved[2030]")


def hand(*levels: list[float], unserved: list[list[float]] | None = None) -> Paired:
    """Scenarios a, b, … with given totals of 2030, draws in two chains."""
    total = np.array(levels, float)
    other = np.zeros_like(total) if unserved is None else np.array(unserved, float)
    draws = total.shape[1]
    rows = {
        "variable": np.array(["total", "unserved"]),
        "region": np.array(["", ""]),
        "year": np.array([2030, 2030]),
        "unit": np.array(["TWh", "TWh"]),
        "scope": np.array(["", ""]),
    }
    rng = np.random.default_rng(3)
    return Paired(
        scenarios=tuple("abcdef"[: len(levels)]),
        rows=rows,
        y=np.stack([total, other], axis=-1),
        chain=np.arange(draws) % 2,
        inputs=("one", "two"),
        x=np.stack([np.arange(draws), rng.permutation(draws)], axis=-1).astype(float),
        draw=np.arange(draws) // 2,
    )


# Regrets: a 0 4 0 0, b 2 0 3 2, c 1 1 1 6.
CASE = ([10, 14, 20, 30], [12, 10, 23, 32], [11, 11, 21, 36])


def test_differences_by_hand() -> None:
    found = comparison(hand(*CASE), "a").isel(outcome=0)
    assert_allclose(found["mean"], [0.75, 1.25])
    assert_allclose(found["p50"], [2.0, 1.0])
    assert_allclose(found["lower"], [0.25, 0.25])
    assert_allclose(found["relative"], np.array([0.75, 1.25]) / 18.5)
    # Chains hold draws 0, 2 and 1, 3: means of b - a are 2.5 and -1.
    assert_allclose(found["mcse"][0], np.std([2.5, -1.0], ddof=1) / np.sqrt(2))
    assert found["scenario"].values.tolist() == ["b", "c"]


def test_criteria_by_hand() -> None:
    targets = parse_conditions("total[2030] < 22 and total[2030] > 10")
    found = robustness(hand(*CASE), TOTAL, targets=targets, tail=0.5)
    value, rank = found["value"], found["rank"]
    expected = {
        "mean": [18.5, 19.25, 19.75],
        "cvar": [25.0, 27.5, 28.5],
        "worst": [30, 32, 36],
        "regret_mean": [1.0, 1.75, 2.25],
        "regret_max": [4, 3, 6],
        "satisficing": [0.5, 0.25, 0.75],
    }
    for criterion, numbers in expected.items():
        assert_allclose(value.sel(criterion=criterion), numbers, err_msg=criterion)
    assert rank.sel(criterion="regret_max").values.tolist() == [2, 1, 3]
    assert rank.sel(criterion="satisficing").values.tolist() == [2, 3, 1]
    assert_allclose(found["best"], [0.75, 0.25, 0.0])
    regret = np.array([[0, 4, 0, 0], [2, 0, 3, 2], [1, 1, 1, 6]])
    assert_allclose(value.sel(criterion="regret_p95"), np.quantile(regret, 0.95, axis=1))


def test_more_is_good_where_it_is_said() -> None:
    turned = tuple([-one for one in row] for row in CASE)
    small, large = robustness(hand(*CASE), TOTAL), robustness(hand(*turned), TOTAL, larger=True)
    assert_array_equal(small["rank"], large["rank"])
    regrets = [one for one in small["criterion"].values if one.startswith("regret")]
    assert_allclose(small["value"].sel(criterion=regrets), large["value"].sel(criterion=regrets))
    assert_allclose(small["value"].sel(criterion="cvar"), -large["value"].sel(criterion="cvar"))


def test_concordance_is_that_of_friedman() -> None:
    rng = np.random.default_rng(5)
    ranks = rng.integers(1, 4, (6, 7))  # with ties
    chi, _ = friedmanchisquare(*ranks.astype(float))  # scenarios, ranked by each criterion
    assert_allclose(concordance(ranks), chi / (7 * 5), rtol=1e-12)
    same = np.tile(np.arange(1, 6)[:, np.newaxis], (1, 4))
    assert concordance(same) == pytest.approx(1.0)


def test_the_front_by_hand() -> None:
    found = pareto(
        hand([1, 1], [2, 2], [3, 0], unserved=[[5, 5], [4, 6], [6, 6]]), [TOTAL, UNSERVED]
    )
    # Means: a (1, 5), b (2, 5), c (1.5, 6). Draw 0: a, b; draw 1: a and c.
    assert found["front"].values.tolist() == [True, False, False]
    # Each draw is a chain of its own.
    assert_allclose(found["front_chains"], [1.0, 0.5, 0.5])
    assert_allclose(found["front_share"], [1.0, 0.5, 0.5])


def test_where_the_order_flips_an_input_that_decides_is_named() -> None:
    draws = 200
    base = np.full(draws, 10.0)
    policy = base - 1.0
    policy[150:] = 11.0  # where the first input is large
    found = flips(hand(base.tolist(), policy.tolist()), "a", TOTAL).isel(scenario=0)
    assert float(found["flipped"]) == 0.25
    assert float(found["usual"]) == -1.0
    assert str(found["input"].values[0]) == "one"
    side = found["other_side"].values
    assert_array_equal(np.flatnonzero(side), np.arange(150, 200))
    assert found["draw"].values[side == 1].tolist() == [one // 2 for one in range(150, 200)]
    # Ranks of the last quarter less those of the rest: 0.875 - 0.375, over 1/√12.
    assert float(found["shift"][0]) == pytest.approx(0.5 * np.sqrt(12), rel=1e-12)


def test_what_is_shared_falls_out_of_the_error() -> None:
    rng = np.random.default_rng(2)
    world, apart = rng.normal(100, 20, 4000), rng.normal(-1, 0.5, 4000)
    found = hand(world.tolist(), (world + apart).tolist())
    one = comparison(
        Paired(
            found.scenarios,
            found.rows,
            found.y,
            np.arange(4000) % 40,
            (),
            np.empty((4000, 0)),
            np.arange(4000),
        ),
        "a",
    ).isel(scenario=0, outcome=0)
    assert float(one["mcse"]) == pytest.approx(0.5 / np.sqrt(4000), rel=0.4)
    assert float(one["mcse_unpaired"]) == pytest.approx(20 * np.sqrt(2 / 4000), rel=0.4)


def test_draws_that_fail_in_one_scenario_are_left_out_of_all(run: xr.DataTree) -> None:
    tree = run.copy(deep=True)
    status = tree["sample_stats_prior"].to_dataset()["status"].copy()
    status[0, 3, 1] = 1
    tree["sample_stats_prior"] = xr.DataTree(status.to_dataset())
    whole, fewer = paired(run), paired(tree)
    assert whole.y.shape[1] - fewer.y.shape[1] == 1
    assert_array_equal(np.delete(whole.y, 3, axis=1), fewer.y)
    assert np.isfinite(fewer.at(TOTAL)).all()


def test_the_order_of_draws_changes_nothing(run: xr.DataTree) -> None:
    whole = paired(run)
    order = np.random.default_rng(1).permutation(whole.y.shape[1])
    mixed = Paired(
        whole.scenarios,
        whole.rows,
        whole.y[:, order],
        whole.chain[order],
        whole.inputs,
        whole.x[order],
        whole.draw[order],
    )
    for one, other in (
        (comparison(whole, "base"), comparison(mixed, "base")),
        (robustness(whole, TOTAL), robustness(mixed, TOTAL)),
    ):
        xr.testing.assert_allclose(one, other)


def test_draws_without_the_outcome_are_left_out_of_ranks_and_front() -> None:
    rng = np.random.default_rng(7)
    levels = rng.normal(100, 10, (3, 200))
    holes = np.zeros(200, bool)
    holes[[3, 50, 199]] = True
    gapped = levels.copy()
    gapped[1, holes] = np.nan  # in one scenario: no scenario may be judged by these draws
    whole, kept = hand(*gapped.tolist()), hand(*levels.tolist()).take_draws(~holes)
    for one, other in (
        (robustness(whole, TOTAL), robustness(kept, TOTAL)),
        (pareto(whole, [TOTAL, UNSERVED]), pareto(kept, [TOTAL, UNSERVED])),
        (flips(whole, "a", TOTAL), flips(kept, "a", TOTAL)),
    ):
        xr.testing.assert_identical(one, other)
    assert robustness(whole, TOTAL).attrs["draws"] == 197
    gapped[0, 40:] = np.nan
    with pytest.raises(ValueError, match=r"total\[2030\] is there in 39 of 200 draws"):
        robustness(hand(*gapped.tolist()), TOTAL)


def test_what_hangs_on_one_draw_has_no_error() -> None:
    found = robustness(hand(*CASE), TOTAL)["mcse"]
    for criterion in found["criterion"].values:
        known = np.isfinite(found.sel(criterion=criterion)).all()
        assert bool(known) == (criterion not in ("worst", "regret_max")), criterion


def test_costs_by_hand() -> None:
    # b is 2 less in every draw; c is 1 less and 3 less by turns, as chains are; d is more.
    found = hand([10, 20, 30, 40], [8, 18, 28, 38], [9, 17, 29, 37], [11, 21, 31, 41])
    costs = {"a": 1.0, "b": 5.0, "c": 7.0, "d": 2.0}
    told = costs_of_effect(found, "a", TOTAL, costs)
    assert told["scenario"].values.tolist() == ["b", "c", "d"]
    assert_allclose(told["cost"], [4.0, 6.0, 1.0])
    assert_allclose(told["effect"], [2.0, 2.0, -1.0])
    assert_allclose(told["mcse"], [0.0, 1.0, 0.0])  # means of the chains: 1 and 3
    assert_allclose(told["each"], [2.0, np.nan, np.nan])  # c: 2 is not over twice 1
    more = costs_of_effect(found, "a", TOTAL, costs, larger=True)
    assert_allclose(more["each"], [np.nan, np.nan, 1.0])
    with pytest.raises(ValueError, match="a cost of a alone says nothing"):
        costs_of_effect(found, "a", TOTAL, {"a": 1.0})


def test_a_tie_is_on_neither_side() -> None:
    found = flips(hand([10, 10, 10, 10], [10, 10, 9, 11]), "a", TOTAL).isel(scenario=0)
    assert (float(found["on_usual_side"]), float(found["flipped"])) == (0.25, 0.25)


@pytest.mark.slow
def test_every_lever_at_zero_strength_is_exactly_nothing(tmp_path: Path) -> None:
    """Anywhere, at once, and beside a policy that is something."""
    levers = {k: one for k, one in read_register().priors.items() if one.role == "lever"}
    strengths = [
        name for name, one in levers.items() if one.unit != "yr" and not name.endswith("_reach")
    ]
    assert len(strengths) == 14
    names = ["base"]
    for name in strengths:
        value = levers[name].arguments["value"]
        stem = max(
            (one.removesuffix("_start") for one in levers if one.endswith("_start")),
            key=lambda one: len(one) if name.startswith(one) else 0,
        )
        told = (
            "{" + ", ".join(f"{key}: {each:g}" for key, each in value.items()) + "}"
            if isinstance(value, dict)
            else f"{value:g}"
        )
        file = tmp_path / f"{name.replace('.', '-').replace('_', '-')}.yaml"
        file.write_text(
            f"title: {name} at no strength\nlevers:\n  {name}: {{value: {told}}}\n"
            f"  {stem}_start: 2015\n  {stem}_full: 2016\nsource: definition\n",
            encoding="utf-8",
        )
        names.append(f"base+{file}")
    run = forecast.api.run(*names, "base+pue-cap", draws=64, prior=True)
    found = comparison(paired(run), "base")
    nothing = found.sel(scenario=[one for one in found["scenario"].values if one != "base+pue-cap"])
    assert nothing.sizes["scenario"] == len(strengths)
    nothing = nothing.isel(outcome=np.isfinite(nothing["base_mean"].values[0]))
    assert {"total", "unserved", "emissions_market"} <= set(nothing["variable"].values)
    for name in ("mean", "p05", "p95", "mcse", "lower", "higher"):
        assert_array_equal(nothing[name].values, 0.0, err_msg=name)
    assert float(found["lower"].sel(scenario="base+pue-cap").max()) > 0.9

"""Drawing until a rule is met."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from forecast.analysis.precision import parse_rules
from forecast.analysis.summary import summary
from forecast.request import CHAINS
from forecast.spec.register import Register
from forecast.spec.scenario import Scenario
from forecast.studies import until
from forecast.studies.until import Attempt, simulate_until

type Read = Callable[..., Scenario]
type Simulated = Callable[..., xr.DataTree]

RULE = "p50(total[2030]) rel 1% and mean(total[2030]) rel 1%"


@pytest.mark.slow
def test_draws_double_until_the_rule_is_met(
    register: Register, scenario: Read, simulated: Simulated
) -> None:
    told: list[Attempt] = []
    run, attempts = simulate_until(
        [scenario(draws=60)], register.priors, parse_rules(RULE), tell=told.append
    )
    assert tuple(told) == attempts
    counts = [one.draws for one in attempts]
    assert counts == [64 * 2**place for place in range(len(counts))]
    assert len(counts) > 1  # else nothing was added
    assert [one.met for one in attempts] == [False] * (len(counts) - 1) + [True]
    size = run["prior_predictive"].sizes
    assert (size["chain"], size["draw"]) == (CHAINS, counts[-1] // CHAINS)
    # The last attempt is one run of that length, bit for bit.
    xr.testing.assert_identical(
        run["prior_predictive"].to_dataset(),
        simulated(scenario(draws=counts[-1]))["prior_predictive"].to_dataset(),
    )


@pytest.mark.slow
def test_what_is_assessed_is_the_run(register: Register, scenario: Read) -> None:
    run, attempts = simulate_until([scenario(draws=64)], register.priors, parse_rules(RULE))
    rows = summary(run)
    here = (rows["variable"] == "total") & (rows["region"] == "") & (rows["year"] == 2030)
    (row,) = np.flatnonzero(here)
    first, second = attempts[-1].assessments
    assert (first.estimate, first.error) == (rows["p50"].values[row], rows["mcse_p50"].values[row])
    assert second.error == rows["mcse_mean"].values[row]


@pytest.mark.slow
def test_earlier_draws_are_the_same_bits(
    register: Register, scenario: Read, simulated: Simulated
) -> None:
    run, attempts = simulate_until([scenario(draws=64)], register.priors, parse_rules(RULE))
    first = simulated(scenario(draws=64))["prior_predictive"].to_dataset()
    assert attempts[-1].draws > 64
    again = run["prior_predictive"].to_dataset().isel(draw=slice(64 // CHAINS))
    xr.testing.assert_equal(again.drop_vars("draw", errors="ignore"), first)


@pytest.mark.parametrize(("ceiling", "reached"), [(300, 256), (256, 256), (100, 64), (40, 32)])
def test_the_ceiling_is_never_exceeded(
    register: Register, scenario: Read, ceiling: int, reached: int
) -> None:
    rules = parse_rules("p95(total[2030]) rel 0.0001%")
    _, attempts = simulate_until([scenario(draws=64)], register.priors, rules, ceiling=ceiling)
    assert attempts[-1].draws == reached
    assert not attempts[-1].met
    needed = attempts[-1].assessments[0].needed
    assert needed is not None
    assert needed > ceiling


@pytest.mark.slow
def test_every_scenario_must_meet_the_rule(register: Register, scenario: Read) -> None:
    both = scenario(draws=64), scenario("base+pue-cap", draws=64)
    _, attempts = simulate_until(both, register.priors, parse_rules(RULE), ceiling=512)
    assert {one.scenario for one in attempts[0].assessments} == {"base", "base+pue-cap"}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("p95(totl[2030]) rel 1%", "did you mean"),
        ("p95(total[1999]) rel 1%", "must lie in 2015 to 2035"),
        ("p95(total[chna, 2030]) rel 1%", 'did you mean "china"'),
    ],
)
def test_a_wrong_rule_costs_no_draw(
    register: Register, scenario: Read, monkeypatch: pytest.MonkeyPatch, rule: str, told: str
) -> None:
    monkeypatch.setattr(until, "simulate", lambda *_, **__: pytest.fail("drew"))
    with pytest.raises(ValueError, match=told):
        simulate_until([scenario(draws=64)], register.priors, parse_rules(rule))


def test_a_ceiling_without_a_draw_is_refused(register: Register, scenario: Read) -> None:
    with pytest.raises(ValueError, match="ceiling"):
        simulate_until([scenario(draws=64)], register.priors, parse_rules(RULE), ceiling=7)

"""The hindcast of the errors, worked by hand."""

import numpy as np
import pytest
import xarray as xr

from forecast.analysis.audit_hindcast import DRAWN, PUBLISHED, drawn, hindcast, published
from forecast.analysis.audit_terms import Terms, terms_of

NUMBERS = {
    "level_factor": 2.0,
    "nameplate": 1.0,
    "extreme_share": 0.95,
    "level_2015": 200.0,
    "world_2010": 20_000.0,
    "workloads_2022": 4.4,
    "traffic_2022": 7.0,
    "share_2010_low": 0.01,
    "share_2010_high": 0.02,
    "growth_2000_2005": 2.0,
    "growth_2005_2010": 1.5,
}


@pytest.fixture
def terms() -> Terms:
    """Two draws: 300 TWh of conventional sites in 2022, 10 TWh of AI."""
    start = {"conventional.intensity": np.ones(2), "conventional.pue": np.array([2.0, 1.8])}
    end = {
        "conventional.demand": np.full(2, 300.0),
        "totals.ai": np.full(2, 10.0),
        "conventional.intensity": np.array([0.25, 0.5]),
        "conventional.pue": np.array([1.5, 1.5]),
        "conventional.workloads": np.array([4.0, 4.0]),
        "facilities.installed": np.array([[30.0, 20.0, 20.0]] * 2),
    }
    rates = {"workload_growth": (0.3, 0.1), "intensity_decline": (0.2, 0.2)}
    given = {
        f"conventional.{name}_{end}": np.full(2, value)
        for name, values in rates.items()
        for end, value in zip(("first", "last"), values, strict=True)
    }
    given |= {"conventional.workload_fade": np.full(2, 0.5)}
    given |= {"conventional.intensity_fade": np.full(2, 0.1)}
    return Terms(2030, (1, 2), {2015: start, 2022: end}, given, np.ones(2))


def test_mistakes_by_hand(terms: Terms) -> None:
    ours = drawn(terms, NUMBERS)
    assert tuple(ours) == DRAWN
    np.testing.assert_allclose(ours["as_it_was"], 310)
    np.testing.assert_allclose(ours["frozen_efficiency"], [1210, 610])
    np.testing.assert_allclose(ours["frozen_pue"], [410, 370])
    np.testing.assert_allclose(ours["nothing_improves"], [1610, 730])
    np.testing.assert_allclose(ours["wrong_level"], 620)
    np.testing.assert_allclose(ours["nameplate"], 70 * 8.76)
    np.testing.assert_allclose(ours["extreme_use"], 310)
    rates = [0.1 + 0.2 * np.exp(-0.5 * year) for year in range(7)]
    np.testing.assert_allclose(ours["growth_kept"], 10 + 300 * np.exp(7 * 0.3 - sum(rates)))
    # A rate that never faded is the rate that is kept.
    np.testing.assert_allclose(ours["gains_kept"], 310)


def test_published_numbers_by_hand() -> None:
    ours = published(NUMBERS)
    assert tuple(ours) == PUBLISHED
    assert ours["workloads_alone"] == pytest.approx((880, 880, 880))
    assert ours["traffic_alone"] == pytest.approx((1400, 1400, 1400))
    # 200, 300 and 400 TWh of 2010, through twelve years of five a doubling.
    doubled = 2 ** (12 / 5)
    assert ours["doubling_kept"] == pytest.approx((200 * doubled, 300 * doubled, 400 * doubled))
    assert ours["later_growth_kept"][0] == pytest.approx(200 * 1.5**2.4)


def test_what_is_told_is_over_the_outturn_and_over_the_run(terms: Terms) -> None:
    told = hindcast(terms, NUMBERS, 400.0)
    assert told["mistake"].values.tolist() == [*DRAWN, *PUBLISHED]
    frozen = told.sel(mistake="frozen_efficiency", statistic="p50")
    assert float(frozen["over_outturn"]) == pytest.approx((1210 + 610) / 2 / 400)
    assert float(frozen["over_hindcast"]) == pytest.approx((1210 + 610) / 2 / 310)
    assert told["below"].sel(mistake=["as_it_was", "frozen_pue"]).values.tolist() == [1, 0.5]
    double = told.sel(mistake="doubling_kept")
    assert double["estimate"].sel(statistic="p10") == pytest.approx(200 * 2**2.4)
    assert double["below"].isnull()
    assert double["over_hindcast"].sel(statistic="p90") == pytest.approx(400 * 2**2.4 / 310)
    assert set(told["basis"].values.tolist()) == {"draws", "published"}


def test_draws_of_a_run_have_their_own_2022(whole: xr.DataTree) -> None:
    own = terms_of(whole, "base", 2030, extreme=0.95, beside=(2022,))
    ours = drawn(own, NUMBERS)
    demand = whole["prior_predictive"]["demand"].isel(scenario=0).sel(year=2022)
    centres = demand.isel(segment=slice(0, 4)).sum("segment").values.reshape(-1)
    np.testing.assert_allclose(ours["as_it_was"], centres)
    # Frozen in full, 2022 is 2015 times its workloads, but for noise, limit and AI.
    now, given = own.outputs[2022], own.given
    wanted = given["conventional.energy_2015"] * now["conventional.workloads"]
    wanted = wanted * np.exp(now["noise"][:, 0]) + now["totals.ai"]
    np.testing.assert_allclose(ours["nothing_improves"], wanted, rtol=1e-6)
    work = now["conventional.workloads"]
    raised = (ours["extreme_use"] - now["totals.ai"]) / now["conventional.demand"] * work
    assert np.ptp(raised) < 1e-9
    assert np.mean(work > raised[0]) == pytest.approx(0.05, abs=1e-3)

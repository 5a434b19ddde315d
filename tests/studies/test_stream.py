"""The streamed summary against that of the same draws kept."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from forecast.analysis.sketch import TINY
from forecast.analysis.summary import KEYS, STATISTICS, summary
from forecast.simulate.ensemble import Plan, plan
from forecast.spec.register import Register
from forecast.spec.scenario import Scenario
from forecast.studies import stream
from forecast.studies.stream import stream_summary

type Read = Callable[..., Scenario]
type Simulated = Callable[..., xr.DataTree]

SPREAD = "conventional.energy_2015={family: uniform, low: 100, high: 50000}"
"""So much electricity in 2015 that some draws lie above the world's, if nothing limits them."""

FREE = "conventional.share_limit=1"


def agrees(found: xr.Dataset, exact: xr.Dataset) -> None:
    """Same rows; every number within the stated bound."""
    for name in KEYS:
        np.testing.assert_array_equal(found[name].values, exact[name].values)
    np.testing.assert_allclose(found["mean"], exact["mean"], rtol=1e-11, atol=TINY)
    np.testing.assert_allclose(found["mcse_mean"], exact["mcse_mean"], rtol=1e-6, atol=1e-12)
    bound = found.attrs["quantile_error_relative"]
    assert bound <= 0.001
    for name in STATISTICS[1:]:
        value, error = exact[name].values, exact[f"mcse_{name}"].values
        np.testing.assert_allclose(found[name], value, rtol=bound, atol=TINY)
        # Each of the eight estimates is off by at most the bound, so their spread over the root
        # of eight is off by at most the bound over the root of seven.
        allowed = bound * np.abs(value) + 2 * bound * error + TINY
        both_missing = np.isnan(error) & np.isnan(found[f"mcse_{name}"].values)
        assert np.all((np.abs(found[f"mcse_{name}"] - error) <= allowed) | both_missing)


@pytest.mark.slow
def test_it_agrees_with_the_summary_of_the_same_draws(
    register: Register, scenario: Read, simulated: Simulated
) -> None:
    both = scenario(draws=8 * 512), scenario("base+pue-cap", draws=8 * 512)
    found = stream_summary(plan(both, register.priors))
    agrees(found, summary(simulated(*both)))
    assert found.attrs["draws"] == 8 * 512
    assert found.attrs["quantile_error"] == "relative, at most 0.098 %; absolute below 9e-13"
    assert set(found.attrs["failed"]) == {"base", "base+pue-cap"}


def test_failed_draws_are_counted_and_left_out(
    register: Register, scenario: Read, simulated: Simulated
) -> None:
    one = scenario("base", SPREAD, FREE, draws=8 * 64)
    run = simulated(one)
    status = run["sample_stats_prior"]["status"]
    found = stream_summary(plan([one], register.priors))
    agrees(found, summary(run))
    failed = int((status != 0).sum())
    assert 0 < failed < 8 * 64
    assert found.attrs["failed"]["base"] == {"not_finite": 0, "negative": 0, "above_world": failed}


def test_few_blocks_wait_to_be_counted(ready: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with the blocks: they are begun only as others are counted."""
    begun, counted, waiting = [], [], []
    cut = [(start, start + 8) for start in range(0, 800, 8)]
    values = np.ones((len(stream.keys_of(stream.outputs_without_draws(ready))["year"]), 8))

    def instant(*args: object) -> tuple[np.ndarray, np.ndarray]:
        begun.append(args)
        return values, np.zeros((8, 1), np.int8)

    def progress(done: int, total: int) -> None:
        counted.append((done, total))
        waiting.append(len(begun) - done)

    monkeypatch.setattr(stream, "_rows", instant)
    monkeypatch.setattr(stream, "blocks", lambda total: cut)
    monkeypatch.setattr(stream.os, "cpu_count", lambda: 3)
    found = stream_summary(ready, progress=progress, memory=2**24)
    assert counted == [(number, 100) for number in range(1, 101)]
    assert max(waiting) <= stream.AHEAD * 3
    assert np.all(found["p50"] == 1)

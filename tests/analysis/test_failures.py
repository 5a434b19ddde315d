"""Failed draws: counted, kept, and where in the space of inputs they lie."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from forecast.analysis.failures import failure_notes, failures, mean_rank, whereabouts
from forecast.analysis.summary import summary
from forecast.axes import STATUS

type Runs = Callable[..., xr.DataTree]

WIDE = "crypto.energy_2022={family: lognormal, median: 100, log_sd: 4}"


def inputs(**values: np.ndarray) -> dict[str, xr.DataArray]:
    return {
        name.replace("__", "."): xr.DataArray(
            one, dims=("chain", "draw", "scenario")[: one.ndim], attrs={"units": "TWh"}
        )
        for name, one in values.items()
    }


def test_mean_rank_is_that_of_scipy() -> None:
    rng = np.random.default_rng(1)
    values = rng.integers(0, 9, 200).astype(float)
    chosen = rng.random(200) < 0.1
    expected = (stats.rankdata(values)[chosen].mean() - 1) / 199
    assert mean_rank(values, chosen) == pytest.approx(expected, rel=1e-14)
    assert mean_rank(np.full(200, 3.0), chosen) == 0.5


def test_failures_are_counted_by_scenario_and_reason(by_hand: Runs) -> None:
    status = np.zeros((8, 10, 2), np.int8)
    status[0, :3, 0] = 1, 1, 3
    status[7, 9, 1] = 2
    found = failures(by_hand(np.ones((8, 10, 2, 21, 5)), status=status))
    assert found["reason"].values.tolist() == list(STATUS[1:])
    assert found["count"].values.tolist() == [[2, 0, 1], [0, 1, 0]]
    assert int(found["draws"]) == 80
    first, second = failure_notes(found)
    assert "s0: 3 of 80 draws failed (2 not_finite, 1 above_world)" in first
    assert "s1: 1 of 80 draws failed (1 negative)" in second


def test_no_failure_is_no_note(by_hand: Runs) -> None:
    run = by_hand(np.ones((8, 10, 2, 21, 5)))
    found = failures(run)
    assert failure_notes(found) == []
    assert not found["count"].values.any()
    assert whereabouts(run, 0) == ""


def test_the_input_that_sets_failed_draws_apart_is_named_first(by_hand: Runs) -> None:
    rng = np.random.default_rng(2)
    guilty, other = rng.random((2, 8, 50))
    still = np.ones((8, 50, 2))  # varies in another scenario alone
    still[..., 1] = rng.random((8, 50))
    status = np.zeros((8, 50, 2), np.int8)
    status[..., 0] = np.where(guilty > np.sort(guilty.ravel())[-21], 3, 0)
    status[0, 0, 0] = 0
    run = by_hand(
        np.ones((8, 50, 2, 21, 5)),
        status=status,
        inputs=inputs(a__other=other, b__guilty=guilty, c__still=still),
    )
    words = whereabouts(run, 0).split("; ")
    low, high = guilty[status[..., 0] > 0].min(), guilty[status[..., 0] > 0].max()
    assert words[0].startswith(f"b.guilty {low:.4g} to {high:.4g} TWh (mean rank 0.9")
    assert words[-1] == "c.still 1 to 1 TWh (mean rank 0.50)"
    assert whereabouts(run, 1) == ""


def test_the_first_draw_alone_does_not_accuse_an_input_that_is_still(by_hand: Runs) -> None:
    rng = np.random.default_rng(3)
    status = np.zeros((8, 50, 1), np.int8)
    status[0, 0] = 1
    guilty = rng.random((8, 50))
    guilty[0, 0] = 2
    still = np.ones((8, 50))
    run = by_hand(
        np.ones((8, 50, 1, 21, 5)), status=status, inputs=inputs(a__still=still, b__guilty=guilty)
    )
    assert whereabouts(run, 0).startswith("b.guilty")


def test_a_run_that_breaks_keeps_counts_and_places_its_draws(shipped_run: Runs) -> None:
    run = shipped_run(WIDE, draws=512)
    status = run["sample_stats_prior"]["status"]
    failed = (status != 0).values[..., 0]
    above = STATUS.index("above_world")
    assert 10 < failed.sum() < 250
    assert set(np.unique(status)) == {0, above}
    # Kept as they came: above the world's electricity, in the file.
    share = run["prior_predictive"]["share_of_world_demand"].values[..., 0, :].max(-1)
    np.testing.assert_array_equal(share > 1, failed)
    found = failures(run)
    assert found["count"].values.tolist() == [[0, 0, int(failed.sum())]]
    (note,) = failure_notes(found)
    assert f"base: {failed.sum()} of 512 draws failed ({failed.sum()} above_world)" in note
    assert "left out; they lie at crypto.energy_2022 " in note
    # Left out of the summary: what is left is the mean of the rest.
    table = summary(run)
    total = run["prior_predictive"]["demand"].sum("segment").values[..., 0, :]
    world = (table["variable"] == "total") & (table["region"] == "")
    chosen = np.flatnonzero(world.values)
    np.testing.assert_allclose(table["mean"].values[chosen], total[~failed].mean(0), rtol=1e-12)
    expected = np.quantile(total[~failed], 0.95, axis=0)
    np.testing.assert_allclose(table["p95"].values[chosen], expected, rtol=1e-12)


def test_where_every_draw_fails_nothing_sets_them_apart(shipped_run: Runs) -> None:
    run = shipped_run("crypto.energy_2022=1000000", draws=16)
    assert (run["sample_stats_prior"]["status"] == STATUS.index("above_world")).all()
    assert whereabouts(run, 0) == ""
    table = summary(run)
    assert np.isnan(table["p50"].values).all()


@pytest.mark.parametrize("name", ["training.final_run_share", "limits.load_factor"])
def test_a_share_of_nothing_gives_no_number(shipped_run: Runs, name: str) -> None:
    run = shipped_run(f"{name}=0", draws=16)
    assert (run["sample_stats_prior"]["status"] == STATUS.index("not_finite")).all()

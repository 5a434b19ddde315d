import numpy as np
import pytest
import scoringrules
from scipy.integrate import quad
from scipy.stats import norm

from forecast.analysis.baselines import normal_points
from forecast.analysis.scoring import SCORES, scores, skill, summarised

POINTS = normal_points(20_000)


def test_crps_of_a_normal_is_its_closed_form() -> None:
    found = scores({"a": 400 + 30 * POINTS}, {"a": 450.0})
    expected = scoringrules.crps_normal(450.0, 400.0, 30.0, backend="numpy")
    z = 50 / 30
    by_hand = 30 * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert float(found["crps"][0]) == pytest.approx(float(expected), rel=1e-3)
    assert float(found["crps"][0]) == pytest.approx(by_hand, rel=1e-3)


def test_the_log_score_is_that_of_logarithms() -> None:
    found = scores({"a": np.exp(6 + 0.2 * POINTS)}, {"a": float(np.exp(6.3))})
    expected = scoringrules.crps_normal(6.3, 6.0, 0.2, backend="numpy")
    assert float(found["crps_log"][0]) == pytest.approx(float(expected), rel=1e-3)


def test_crps_is_the_integral_of_its_definition() -> None:
    draws = np.array([[1.0, 4.0], [2.0, 7.0]])
    steps = np.sort(draws.reshape(-1))

    def squared(x: float) -> float:
        return float(((steps <= x).mean() - (x >= 3.0)) ** 2)

    expected = quad(squared, 0, 8, points=[1, 2, 3, 4, 7])[0]
    found = scores({"a": draws}, {"a": 3.0})
    assert float(found["crps"][0]) == pytest.approx(expected)


def test_interval_scores_by_hand() -> None:
    draws = np.arange(1.0, 102.0)  # quantile p is 1 + 100 p
    found = scores({"low": draws, "in": draws, "high": draws}, {"low": 3, "in": 50, "high": 100})
    # 90 %: 6 … 96, a miss costs 2 / 0.1 a unit; 50 %: 26 … 76, 2 / 0.5 a unit.
    np.testing.assert_allclose(found["interval_score_90"], [90 + 20 * 3, 90, 90 + 20 * 4])
    np.testing.assert_allclose(found["interval_score_50"], [50 + 4 * 23, 50, 50 + 4 * 24])
    np.testing.assert_allclose(found["interval_score_80"], [80 + 10 * 8, 80, 80 + 10 * 9])
    assert found["inside_90"].values.tolist() == [False, True, False]
    np.testing.assert_allclose(found["pit"], [2.5 / 101, 49.5 / 101, 99.5 / 101])
    np.testing.assert_allclose([found[name][0] for name in ("p05", "p50", "p95")], [6, 51, 96])


def test_calibrated_draws_are_covered_as_they_say() -> None:
    rng = np.random.default_rng(5)
    count = 2000
    middle = rng.normal(0, 1, count)
    names = [str(place) for place in range(count)]
    draws = np.exp(middle[:, None] + 0.3 * rng.normal(size=(count, 199)))
    truth = np.exp(middle + 0.3 * rng.normal(size=count))
    found = scores(dict(zip(names, draws, strict=True)), dict(zip(names, truth, strict=True)))
    whole = summarised(found)
    for level in (50, 80, 90):
        assert float(whole[f"coverage_{level}"]) == pytest.approx(level / 100, abs=0.035)
        assert int(whole[f"inside_{level}"]) == int(found[f"inside_{level}"].sum())
    assert int(whole["pit_count"].sum()) == count
    # Chi-squared with 9 degrees of freedom: 99.9 % lie below 27.9.
    assert float(((whole["pit_count"] - 200) ** 2 / 200).sum()) < 27.9
    assert (np.diff(whole["pit"]) >= 0).all()


def test_a_forecast_that_is_too_sure_scores_worse_and_is_found_out() -> None:
    rng = np.random.default_rng(6)
    names = [str(place) for place in range(500)]
    truth = dict(zip(names, np.exp(0.3 * rng.normal(size=500)), strict=True))
    right = scores(dict.fromkeys(names, np.exp(0.3 * POINTS[::20])), truth)
    sure = scores(dict.fromkeys(names, np.exp(0.05 * POINTS[::20])), truth)
    assert float(summarised(sure)["coverage_90"]) < 0.4
    gained = skill(summarised(right), summarised(sure))
    for name in SCORES:
        assert 0 < float(gained[name]) < 1


def test_skill_is_one_less_the_ratio() -> None:
    found, same = scores({"a": 9 + POINTS}, {"a": 9.5}), scores({"a": 9 + 2 * POINTS}, {"a": 9.5})
    ratio = float(found["crps"][0] / same["crps"][0])
    assert float(skill(found, same)["crps"][0]) == pytest.approx(1 - ratio)
    assert float(skill(found, found)["crps_log"][0]) == 0


def test_missing_draws_are_left_out() -> None:
    draws = np.array([1.0, np.nan, 3.0, 2.0])
    np.testing.assert_array_equal(
        scores({"a": draws}, {"a": 2.0}).to_array(),
        scores({"a": draws[[0, 2, 3]]}, {"a": 2.0}).to_array(),
    )


@pytest.mark.parametrize("draws", [[0.0, 1.0], [np.inf, 1.0], [np.nan], []])
def test_what_has_no_logarithm_is_refused(draws: list[float]) -> None:
    with pytest.raises(ValueError, match="a: draws and outturn must be positive"):
        scores({"a": np.array(draws)}, {"a": 1.0})


def test_refusals() -> None:
    with pytest.raises(ValueError, match="no forecast of b"):
        scores({"a": POINTS}, {"b": 1.0})
    one = scores({"a": 9 + POINTS}, {"a": 9.0})
    with pytest.raises(ValueError, match="the same outturns"):
        skill(one, scores({"b": 9 + POINTS}, {"b": 9.0}))

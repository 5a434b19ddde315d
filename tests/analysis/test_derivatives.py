"""Measures from slopes, against functions whose indices are known."""

import numpy as np
import pytest
import xarray as xr

from forecast.analysis.derivatives import BOUND, derivatives, summed
from forecast.axes import SEGMENTS

N = 4096


def _given(slopes: np.ndarray, level: np.ndarray, z: np.ndarray) -> xr.Dataset:
    """Slopes `[draw, input]` of one segment that moves; the others are 10 TWh each."""
    count, inputs = slopes.shape
    demand = np.full((count, len(SEGMENTS), 1), 10.0)
    demand[:, 1, 0] = level
    steep = np.zeros((count, inputs, len(SEGMENTS), 1))
    steep[:, :, 1, 0] = slopes
    return xr.Dataset(
        {
            "slope": (("draw", "input", "segment", "year"), steep),
            "demand": (("draw", "segment", "year"), demand),
            "value": (("draw", "input"), z),
            "spread": (("draw", "input"), np.ones_like(z)),
        },
        {
            "input": [f"a.x{place}" for place in range(inputs)],
            "segment": list(SEGMENTS),
            "year": [2030],
        },
    )


def test_of_a_linear_function_the_bound_is_the_index() -> None:
    z = np.random.default_rng(1).standard_normal((N, 3))
    weights = np.array([3.0, 1.0, 0.0])
    found = derivatives(_given(np.tile(weights, (N, 1)), 100 + z @ weights, z))
    at = dict(variable="total", year=2030)
    np.testing.assert_allclose(found["dgsm"].sel(at), [0.9, 0.1, 0.0], atol=0.03)
    assert found["dgsm"].attrs["long_name"] == BOUND


def test_of_a_product_the_bound_lies_above_the_total_index() -> None:
    # x y with independent standard normals: total indices 1, mean squared slopes 1 each;
    # x^2 y^2 has total index 1 - 3/8 * ... below its bound: checked by sampling the variance.
    z = np.random.default_rng(2).standard_normal((N, 2))
    slopes = np.stack([2 * z[:, 0] * z[:, 1] ** 2, 2 * z[:, 1] * z[:, 0] ** 2], axis=1)
    found = derivatives(_given(slopes, 100 + z[:, 0] ** 2 * z[:, 1] ** 2, z))
    # Variance of x² y² is 9 - 1 = 8; each total index is E[Var(f | other)] / 8 = 3 · 2 / 8 = 0.75,
    # and E[(2 x y²)²] / 8 = 4 · 1 · 3 / 8 = 1.5.
    bound = found["dgsm"].sel(variable="ai_inference", year=2030)
    np.testing.assert_allclose(bound, 1.5, rtol=0.25)
    assert (bound > 0.75).all()
    error = found["dgsm_error"].sel(variable="ai_inference", year=2030)
    assert (error > 0).all()


def test_the_elasticity_of_a_power_is_its_exponent() -> None:
    z = np.random.default_rng(3).uniform(1, 2, (N, 1))
    level = z[:, 0] ** 1.7
    found = derivatives(_given(1.7 * level[:, np.newaxis] / z, level, z))
    one = found.sel(variable="ai_inference", year=2030, input="a.x0")
    for name in ("elasticity", "elasticity_low", "elasticity_high"):
        assert float(one[name]) == pytest.approx(1.7)
    total = found.sel(variable="total", year=2030, input="a.x0")
    assert 0 < float(total["elasticity"]) < 1.7  # the other segments stay


def test_sums_are_sums_of_segments() -> None:
    values = xr.DataArray(
        np.arange(30.0).reshape(2, 5, 3), dims=("draw", "segment", "year")
    ).assign_coords(segment=list(SEGMENTS))
    found = summed(values)
    assert found.shape == (2, 8, 3)
    np.testing.assert_allclose(found[:, 0], values.values.sum(1))
    np.testing.assert_allclose(found[:, 1], values.values[:, :4].sum(1))
    np.testing.assert_allclose(found[:, 2], values.values[:, 1:4].sum(1))
    np.testing.assert_allclose(found[:, 3:], values.values)


def test_dependent_inputs_are_told() -> None:
    z = np.random.default_rng(1).standard_normal((64, 1))
    found = derivatives(_given(np.ones((64, 1)), 100 + z[:, 0], z), "draws of a posterior")
    assert found.attrs["note"] == "draws of a posterior"
    assert "no bound" in found["dgsm"].attrs["long_name"]

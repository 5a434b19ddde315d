"""The split of variance, against ensembles whose parts are known."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from forecast.analysis.ensemble import Ensemble
from forecast.analysis.shapley import shapley
from forecast.analysis.variance import NOISE, REST, SCENARIO, monte_carlo, variance_split

N = 20_000


def _ensemble(name: str, shift: float, seed: int) -> tuple[Ensemble, xr.Dataset]:
    """y = shift + 2 a + b c + noise: variances 4, 1 (a product, with squares known) and 0.25."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((N, 3))
    noise = 0.5 * rng.standard_normal(N)
    y = shift + 2 * x[:, 0] + x[:, 1] * x[:, 2] + noise
    rows = {
        "variable": np.array(["total"]),
        "region": np.array([""]),
        "year": np.array([2030]),
        "unit": np.array(["TWh"]),
        "scope": np.array(["all"]),
    }
    names = ("one.a", "two.b", "three.c")
    chain = np.repeat(np.arange(8), N // 8)
    made = Ensemble(name, names, ("1",) * 3, x, rows, y[:, np.newaxis], chain, "")
    told = xr.Dataset(
        {"noise": (("variable", "year"), [[0.25]])}, {"variable": ["total"], "year": [2030]}
    )
    return made, told


def test_parts_are_those_of_the_model() -> None:
    pairs = [_ensemble("low", 0.0, 1), _ensemble("high", 4.0, 2)]
    ensembles = [one for one, _ in pairs]
    effects = [shapley(one) for one in ensembles]
    found = variance_split(ensembles, effects, [told for _, told in pairs])
    share = found["share"].isel(outcome=0)
    whole = 4.0 + 4.0 + 1.0 + 0.25  # scenarios 0 and 4 lie two from their mean
    expected = {
        SCENARIO: 4 / whole,
        "one": 4 / whole,
        "two": 0.5 / whole,
        "three": 0.5 / whole,
        NOISE: 0.25 / whole,
        REST: 0.0,
    }
    for source, value in expected.items():
        assert float(share.sel(source=source)) == pytest.approx(value, abs=0.01), source
    assert float(share.sum()) == pytest.approx(1)
    assert float(found["sd"][0]) == pytest.approx(np.sqrt(whole), rel=0.02)


def test_a_block_that_varies_in_one_scenario_alone_counts_there() -> None:
    """A policy with an uncertain lever of its own, beside a base without one."""
    (base, quiet), (policy, told) = _ensemble("base", 0.0, 1), _ensemble("policy", 0.0, 2)
    fewer = replace(base, inputs=base.inputs[1:], units=base.units[1:], x=base.x[:, 1:])
    found = variance_split([fewer, policy], [shapley(fewer), shapley(policy)], [quiet, told])
    share = found["share"].isel(outcome=0)
    # 2 a is of variance 4 of 5.25, and no input of the first scenario.
    assert float(share.sel(source="one")) == pytest.approx(4 / 5.25 / 2, abs=0.01)
    assert float(share.sum()) == pytest.approx(1)


def test_monte_carlo_error_stands_beside_the_spread() -> None:
    ensemble, _ = _ensemble("low", 0.0, 1)
    summary = xr.Dataset(
        {
            "scenario": ("row", ["high", "low"]),
            "variable": ("row", ["total", "total"]),
            "region": ("row", ["", ""]),
            "year": ("row", [2030, 2030]),
            "mcse_p50": ("row", [9.0, 0.1]),
        }
    )
    found = monte_carlo(ensemble, summary)
    assert float(found["error"][0]) == 0.1
    assert float(found["ratio"][0]) == pytest.approx(0.1 / np.sqrt(5.25), rel=0.02)

"""Rescaled priors against scipy: the quantiles of k·X are k times those of X."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from forecast.errors import InputErrors
from forecast.spec.conversion import convert_prior, in_canonical_units, in_unit
from forecast.spec.prior import Prior
from forecast.spec.scenario import Sampling, Scenario
from forecast.units import UnitError

LAWS: dict[str, tuple[dict[str, float], Any]] = {
    "normal": ({"mean": 2.0, "sd": 0.5}, lambda a: stats.norm(a["mean"], a["sd"])),
    "lognormal": (
        {"median": 2.0, "log_sd": 0.4},
        lambda a: stats.lognorm(a["log_sd"], scale=a["median"]),
    ),
    "uniform": ({"low": 1.0, "high": 3.0}, lambda a: stats.uniform(a["low"], a["high"] - a["low"])),
    "truncated_normal": (
        {"mean": 1.0, "sd": 2.0, "low": 0.0, "high": 4.0},
        lambda a: stats.truncnorm(
            (a["low"] - a["mean"]) / a["sd"], (a["high"] - a["mean"]) / a["sd"], a["mean"], a["sd"]
        ),
    ),
    "beta": (
        {"alpha": 2.0, "beta": 3.0, "low": 1.0, "high": 5.0},
        lambda a: stats.beta(a["alpha"], a["beta"], a["low"], a["high"] - a["low"]),
    ),
    "gamma": ({"shape": 0.7, "scale": 3.0}, lambda a: stats.gamma(a["shape"], scale=a["scale"])),
    "student_t": (
        {"df": 3.0, "centre": 1.0, "scale": 2.0},
        lambda a: stats.t(a["df"], a["centre"], a["scale"]),
    ),
    "loguniform": ({"low": 1.0, "high": 9.0}, lambda a: stats.loguniform(a["low"], a["high"])),
    "triangular": (
        {"low": 1.0, "mode": 2.0, "high": 5.0},
        lambda a: stats.triang(
            (a["mode"] - a["low"]) / (a["high"] - a["low"]), a["low"], a["high"] - a["low"]
        ),
    ),
}


def prior(family: str, arguments: Mapping[str, Any], unit: str = "GW", **rest: Any) -> Prior:
    return Prior(name="a.b", family=family, arguments=arguments, unit=unit, column=1, **rest)


@pytest.mark.parametrize("family", LAWS)
def test_quantiles_scale_with_the_unit(family: str) -> None:
    arguments, law = LAWS[family]
    u = np.linspace(0.01, 0.99, 33)
    scaled = in_unit(prior(family, arguments), "MW", 1000.0)
    np.testing.assert_allclose(law(scaled.arguments).ppf(u), 1000 * law(arguments).ppf(u), 1e-12)
    assert scaled.unit == "MW"


def test_every_number_that_carries_the_unit_is_rescaled() -> None:
    asked = {"p05": 1.0, "p50": 2.0, "p95": 3.0, "lower": 0.0, "upper": 4.0}
    converted = convert_prior(prior("quantiles", asked, at_least=0.0, at_most=5.0), "MW")
    assert converted.arguments == {key: 1000 * value for key, value in asked.items()}
    assert (converted.at_least, converted.at_most) == (0, 5000)


def test_mixtures_discretes_and_vectors_are_rescaled_inside() -> None:
    views = {"a": {"weight": 1.0, "family": "gamma", "shape": 2.0, "scale": 3.0}}
    scaled = in_unit(prior("mixture", {"views": views}), "MW", 10.0).arguments["views"]["a"]
    assert scaled == {"weight": 1.0, "family": "gamma", "shape": 2.0, "scale": 30.0}
    discrete = in_unit(prior("discrete", {"values": [1.0], "weights": [1.0]}), "MW", 10.0)
    assert discrete.arguments == {"values": [10.0], "weights": [1.0]}
    fixed = in_unit(prior("fixed", {"value": {"x": 1.0}}), "MW", 10.0)
    assert fixed.arguments == {"value": {"x": 10.0}}


def test_the_same_unit_changes_nothing_and_another_kind_is_refused() -> None:
    one = prior("fixed", {"value": 1.0})
    assert convert_prior(one, "GW") is one
    with pytest.raises(UnitError, match="load factor"):
        convert_prior(one, "TWh")


def test_units_of_a_scenario_are_bound_or_refused_where_they_were_given() -> None:
    priors = {"a.b": prior("fixed", {"value": 1.0}), "a.c": prior("fixed", {"value": 1.0}, "TWh")}
    scenario = Scenario(
        name="x",
        title="X",
        sampling=Sampling(method="sobol", draws=8, seed=1),
        priors=priors,
        origins={"a.c.unit": "priors/a.yaml:9"},
    )
    bound = in_canonical_units(scenario, {"a.b": "MW", "a.c": "TWh"})
    assert bound.priors["a.b"] == replace(priors["a.b"], unit="MW", arguments={"value": 1000.0})
    assert bound.priors["a.c"] is priors["a.c"]
    with pytest.raises(InputErrors, match=r"^priors/a.yaml:9:1: a.c.unit: TWh to GW: .*GW$"):
        in_canonical_units(scenario, {"a.c": "GW"})

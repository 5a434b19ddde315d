"""The support a prior is told to have, against scipy's distributions."""

import math
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from scipy import stats

from forecast.errors import InputErrors
from forecast.spec.arguments import labels_of
from forecast.spec.family import FAMILIES
from forecast.spec.faults import Faults
from forecast.spec.prior import Prior, build, cites, is_date
from forecast.spec.register import Register
from forecast.spec.yaml import parse

HEAD = "unit: '1', column: 1, source: definition, as_of: 2024, grade: A, why: Test."


def built(text: str) -> Prior:
    faults = Faults()
    node = parse(f"{{{text}, {HEAD}}}", "x.yaml", faults)
    assert node is not None
    prior = build("block.field", node, faults)
    faults.raise_any()
    assert prior is not None
    return prior


def accepted(text: str) -> bool:
    try:
        built(text)
    except InputErrors:
        return False
    return True


SUPPORTS: dict[str, tuple[float, float]] = {
    "family: normal, mean: 3, sd: 2": stats.norm(3, 2).support(),
    "family: lognormal, median: 3, log_sd: 2": stats.lognorm(2, scale=3).support(),
    "family: uniform, low: -1, high: 2": stats.uniform(-1, 3).support(),
    "family: loguniform, low: 1, high: 2": stats.loguniform(1, 2).support(),
    "family: triangular, low: 1, mode: 1, high: 2": stats.triang(0, 1, 1).support(),
    "family: truncated_normal, mean: 0, sd: 1, low: 0.5": stats.truncnorm(0.5, math.inf).support(),
    "family: truncated_normal, mean: 0, sd: 1, high: 2": stats.truncnorm(-math.inf, 2).support(),
    "family: beta, alpha: 2, beta: 3": stats.beta(2, 3).support(),
    "family: beta, alpha: 2, beta: 3, low: 1, high: 5": stats.beta(2, 3, 1, 4).support(),
    "family: pert, low: 1, mode: 2, high: 4": (1, 4),
    "family: gamma, shape: 2, scale: 3": stats.gamma(2, scale=3).support(),
    "family: student_t, df: 3, centre: 1, scale: 2": stats.t(3, 1, 2).support(),
    "family: quantiles, p05: 1, p95: 2": stats.lognorm(1).support(),
    "family: quantiles, p05: 0, p95: 2": stats.norm().support(),
    "family: quantiles, p05: -1, p50: 0, p95: 2, lower: -2": (-2, math.inf),
    "family: quantiles, p05: -1, p95: 2, upper: 3": (-math.inf, 3),
    "family: quantiles, p05: 1, p95: 2, lower: 0.5, upper: 3": (0.5, 3),
    "family: fixed, value: 7": (7, 7),
    "family: fixed, value: {a: 1, b: 4}": (1, 4),
    "family: discrete, values: [3, 1], weights: [0.5, 0.5]": (1, 3),
    "family: logistic_normal, median: {a: 0.4, b: 0.6}, log_sd: 1": (0, 1),
    "family: mixture, views: {a: {weight: 0.5, family: uniform, low: 1, high: 2}, "
    "b: {weight: 0.5, family: gamma, shape: 1, scale: 1}}": (0, math.inf),
}


def test_supports_cover_every_family() -> None:
    assert {text.split(",")[0].removeprefix("family: ") for text in SUPPORTS} == set(FAMILIES)


@pytest.mark.parametrize(("text", "support"), SUPPORTS.items())
def test_support_lies_inside_the_domain_or_is_refused(
    text: str, support: tuple[float, float]
) -> None:
    low, high = map(float, support)
    for end, key, step in ((low, "at_least", 1e-9), (high, "at_most", -1e-9)):
        if math.isfinite(end):
            assert accepted(f"{text}, {key}: {end!r}")
            assert not accepted(f"{text}, {key}: {end + step!r}")
        else:
            assert not accepted(f"{text}, {key}: {math.copysign(1e300, end)!r}")


def test_arguments_are_plain_with_defaults_filled_in_and_the_absent_left_out() -> None:
    assert built("family: quantiles, p05: 1, p95: 2").arguments == {"p05": 1.0, "p95": 2.0}
    beta = built("family: beta, alpha: 2, beta: 3").arguments
    assert beta == {"alpha": 2.0, "beta": 3.0, "low": 0.0, "high": 1.0}
    assert all(type(value) is float for value in beta.values())


def test_weights_are_normalised_within_a_billionth_and_refused_beyond() -> None:
    def mixed(last: str) -> str:
        views = f"a: {{weight: 0.5, {one}}}, b: {{weight: {last}, {one}}}"
        return f"family: mixture, views: {{{views}}}"

    one = "family: normal, mean: 0, sd: 1"
    views = built(mixed("0.5000000009")).arguments["views"]
    assert math.fsum(view["weight"] for view in views.values()) == pytest.approx(1, abs=1e-15)
    assert views["b"]["weight"] / views["a"]["weight"] == pytest.approx(1.0000000018, rel=1e-15)
    assert not accepted(mixed("0.500000002"))


def test_shares_take_a_column_less_than_they_have_labels() -> None:
    prior = built("family: logistic_normal, median: {a: 0.2, b: 0.3, c: 0.5}, log_sd: 1")
    assert prior.labels == ("a", "b", "c")
    assert prior.columns == (1, 2)
    assert built("family: fixed, value: {b: 1, a: 2}").columns == (1,)
    assert labels_of("fixed", {"value": {"b": 1.0, "a": 2.0}}) == ("b", "a")
    assert built("family: normal, mean: 0, sd: 1").labels is None


def test_a_prior_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        built("family: fixed, value: 1").unit = "GW"  # type: ignore[misc]


def test_what_the_register_of_the_tests_says(register: Register) -> None:
    rate = register.priors["adoption.rate"]
    assert (rate.unit, rate.column, rate.role, rate.grade) == ("1/yr", 1, "uncertain", "B")
    assert register.priors["adoption.saturation"].as_of == "2024"
    assert register.priors["facility.cap"].role == "lever"


@pytest.mark.parametrize(
    ("source", "good"),
    [
        ("doi:10.1126/science.aba3758", True),
        ("see https://example.org/x", True),
        ("definition", True),
        ("an expert judgement of 2024", True),
        ("predefinitions", False),
        ("IEA 2024", False),
        ("10 %", False),
    ],
)
def test_sources_lead_somewhere(source: str, good: bool) -> None:
    assert cites(source) is good


@pytest.mark.parametrize(
    ("text", "good"),
    [("2024", True), ("2024-02", True), ("2024-02-29", True), ("2023-02-29", False), ("0", False)],
)
def test_dates_exist(text: Any, good: bool) -> None:
    assert is_date(text) is good

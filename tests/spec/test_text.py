import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from ruamel.yaml import YAML

from forecast.errors import InputErrors
from forecast.spec.dependence import Dependence, Pair
from forecast.spec.prior import Prior
from forecast.spec.scenario import Sampling, Scenario
from forecast.spec.text import differences, from_yaml, resolved, to_yaml


@pytest.mark.parametrize("origin", [False, True])
@pytest.mark.parametrize("reference", ["base", "fast", "fast+power-cap+tight-cap"])
def test_what_is_written_reads_back_equal(
    resolve: Callable[..., Scenario], reference: str, origin: bool
) -> None:
    scenario = resolve(reference)
    assert from_yaml(to_yaml(scenario, origin=origin)) == scenario


def test_an_independent_reader_finds_the_same(resolve: Callable[..., Scenario]) -> None:
    scenario = resolve("fast+tight-cap")
    loaded = YAML(typ="safe", pure=True).load(to_yaml(scenario, origin=True))
    assert loaded == resolved(scenario)


def test_the_text_needs_no_other_file(
    resolve: Callable[..., Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = resolve("fast")
    text = to_yaml(scenario)
    for name in ("scenarios", "priors"):
        monkeypatch.setattr(f"forecast.shipped.{name}", lambda: Path("/nowhere"))
    assert from_yaml(text) == scenario


def test_the_text_does_not_depend_on_where_files_lie(resolve: Callable[..., Scenario]) -> None:
    assert "/" not in to_yaml(resolve("base")).replace("1/yr", "").replace("https://", "").replace(
        "org/", ""
    ).replace("10.1126/", "")


def test_origins_stand_beside_the_values(resolve: Callable[..., Scenario]) -> None:
    lines = to_yaml(resolve("fast", "sampling.seed=9"), origin=True).split("\n")
    assert "  seed: 9  # --set" in lines
    assert any(
        line.startswith("    p50: 0.8  # ") and line.endswith("fast.yaml:7") for line in lines
    )
    values = [line for line in lines if ": " in line and not line.startswith("#")]
    assert [line for line in values if "#" not in line] == ["name: fast"]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
numbers = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None, max_examples=60)
@given(texts, texts, st.lists(numbers, min_size=1, max_size=4), texts.filter(bool))
def test_any_text_and_any_number_survive(
    title: str, why: str, values: list[float], label: str
) -> None:
    arguments = {"value": {f"{label}{i}": value for i, value in enumerate(values)}}
    prior = Prior(
        name="a.b", family="fixed", arguments=arguments, unit="1", column=1,
        source="definition " + why, as_of="2024", why="x" + why,
    )  # fmt: skip
    pairs = (Pair("a.c", "a.d", "kendall", math.pi / 4),)
    loose = [
        Prior(name=f"a.{name}", family="normal", arguments={"mean": 0.1, "sd": 5e-324}, unit="1",
              column=column, source="definition", as_of="2024", why="x")
        for name, column in (("c", 2), ("d", 3))
    ]  # fmt: skip
    scenario = Scenario(
        name="x", title="x" + title, sampling=Sampling(method="random", draws=1, seed=0),
        priors={each.name: each for each in (prior, *loose)},
        dependence=(
            Dependence(name="g", copula="t", df=0.1, pairs=pairs, source="definition",
                       as_of="2024", why="x" + why),
        ),
    )  # fmt: skip
    assert from_yaml(to_yaml(scenario)) == scenario


def test_a_changed_text_is_judged_like_a_file(resolve: Callable[..., Scenario]) -> None:
    text = to_yaml(resolve("base")).replace("p50: 0.75", "p50: 7").replace("seed: 20260", "seed: x")
    with pytest.raises(InputErrors) as caught:
        from_yaml(text, file="run.nc")
    told = str(caught.value).split("\n")
    assert len(told) == 2
    assert "sampling.seed: expected a whole number" in told[0]
    assert told[1].startswith("run.nc:")
    assert told[1].endswith("priors.adoption.rate.p50: p50 (7) must lie below p95 (1)")


@pytest.mark.parametrize("text", ["", "- a", "a", "a: [", "priors: 1", "\0", "priors: {a.b: 1}"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(InputErrors):
        from_yaml(text)


def test_differences_name_each_value_that_changed(resolve: Callable[..., Scenario]) -> None:
    found: list[tuple[str, Any, Any]] = differences(resolve("base"), resolve("fast"))
    assert dict((path, (a, b)) for path, a, b in found) == {
        "adoption.rate.p50": (0.75, 0.8),
        "adoption.rate.p95": (1.0, 1.5),
        "facility.pue.family": ("quantiles", "fixed"),
        "facility.pue.p05": (1.25, None),
        "facility.pue.p95": (1.6, None),
        "facility.pue.lower": (1.0, None),
        "facility.pue.value": (None, 1.3),
        "dependence.growth.pairs.adoption.rate facility.pue": ("spearman -0.3", None),
        "name": ("base", "fast"),
        "title": ("The whole uncertainty", "Fast adoption"),
        "summary": (None, "Half as fast again."),
        "horizon": (2035, 2040),
    }
    assert differences(resolve("fast"), resolve("fast")) == []

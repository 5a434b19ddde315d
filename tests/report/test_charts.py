"""Specifications of the views: of the language, and without what the page's policy forbids."""

from collections.abc import Callable
from typing import Any

import pytest

from forecast.report.charts import CHARTS, SEGMENTS, compiled
from forecast.report.page import SCRIPTS

altair = pytest.importorskip("altair", reason="no altair: the extra test")
ValidationError = pytest.importorskip("jsonschema").ValidationError


@pytest.mark.parametrize("name", list(CHARTS))
def test_it_is_vega_lite(name: str) -> None:
    """By the schema of the language, which altair carries."""
    altair.Chart.from_dict(CHARTS[name](), validate=True)
    broken = CHARTS[name]() | {"layer": [{"mark": "no such mark"}]}
    with pytest.raises(ValidationError):
        altair.Chart.from_dict(broken, validate=True)


@pytest.mark.parametrize("name", list(CHARTS))
def test_it_compiles_and_takes_its_rows_from_the_page(name: str) -> None:
    found = compiled()[name]
    assert "rows" in {one["name"] for one in found["data"]}
    assert not [one for one in found["data"] if "url" in one]


def test_colours_of_segments_are_those_of_the_style_sheet() -> None:
    from importlib.resources import files

    style = files("forecast.report").joinpath("page.css").read_text(encoding="utf-8")
    for place, colour in enumerate(SEGMENTS):
        assert f'[data-place="{place}"]::before {{ background: {colour}; }}' in style


def test_scripts_are_named_once_and_none_evaluates_text() -> None:
    from importlib.resources import files

    home = files("forecast.report")
    there = {one.name for one in home.iterdir() if one.name.endswith(".js")}
    assert there == set(SCRIPTS)
    for name in SCRIPTS:
        text = home.joinpath(name).read_text(encoding="utf-8")
        for word in ("eval(", "new Function", "innerHTML", "insertAdjacentHTML", "document.write"):
            assert word not in text, (name, word)


def test_histogram_counts_every_draw(numbers: Callable[..., Any]) -> None:
    import numpy as np

    values = np.random.default_rng(1).normal(size=500)
    kept = [one for one in range(500) if values[one] > 0]
    bounds = [float(values.min()), float(values.max())]
    found = numbers(
        "Numbers.histogram(values, kept, bounds, 20)",
        values=values.tolist(), kept=kept, bounds=bounds,
    )  # fmt: skip
    expected, edges = np.histogram(values, 20, range=bounds)
    assert [one["all"] for one in found] == expected.tolist()
    inside, _ = np.histogram(values[kept], 20, range=bounds)
    assert [one["kept"] for one in found] == inside.tolist()
    np.testing.assert_allclose([one["from"] for one in found], edges[:-1])


def test_numbers_are_short_and_said_in_words_where_they_are_large(
    numbers: Callable[..., Any],
) -> None:
    given = [0, 1234.567, -0.05, 12_345_678, 0.000012345]
    found = numbers("given.map((one) => Numbers.short(one))", given=given)
    assert found == ["0", "1,235", "−0.05", "12.3 million", "1.23e−5"]

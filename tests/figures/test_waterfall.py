"""The waterfall shows the levels that it is given, and its words fit."""

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from forecast.figures.style import save_figure, styled
from forecast.figures.waterfall import waterfall

TOLD = ("mean", "p10", "p50", "p90")
STEPS = ("reference", "wrong_level", "no_closed_loop", "no_limits", "old_pue")
MIDDLES = np.array([1200.0, 2300.0, 2100.0, 4.0e6, 4.0e6])


def _over(values: np.ndarray) -> tuple[tuple[str, str], np.ndarray]:
    return ("step", "statistic"), np.stack([values * one for one in (1.1, 0.6, 1.0, 1.7)], axis=-1)


@pytest.fixture
def found() -> xr.Dataset:
    level = _over(MIDDLES)
    factor = np.stack([np.full(4, one) for one in (1.0, 0.9, 1.0, 1300.0)], axis=-1)
    titles = ["The run itself", "A level twice too high", "No closed loop", "No physical limits"]
    return xr.Dataset(
        {
            "level": level,
            "mcse_level": (level[0], 0.01 * level[1]),
            "shapley_factor": _over(np.array([1.0, 1.8, 0.9, 1900.0, 1.2])),
            "factor": (("error", "statistic"), factor),
            "world": ("statistic", np.full(4, 35_000.0)),
        },
        {
            "statistic": list(TOLD),
            "step": list(STEPS),
            "error": list(STEPS[1:]),
            "step_title": (
                "step",
                [*titles, "One old PUE, and the grid's average carbon, for all"],
            ),
        },
        {"year": 2030, "scenario": "base", "draws": 4096, "notes": "base: as known in 2024"},
    )


def _bars(figure: Figure) -> list[Rectangle]:
    found = [one for one in figure.axes[0].patches if isinstance(one, Rectangle)]
    return sorted(found, key=lambda one: one.get_y())


def test_a_bar_leads_from_the_median_before_to_that_after(found: xr.Dataset) -> None:
    bars = _bars(waterfall(found))
    ends = [(one.get_x(), one.get_x() + one.get_width()) for one in bars]
    for (low, high), pair in zip(ends, pairwise(MIDDLES), strict=True):
        assert (low, high) == pytest.approx(sorted(pair))
    colours = [one.get_facecolor()[:3] for one in bars]
    # The third row falls; the last moves nothing and is no fall.
    assert colours[0] == colours[2] == colours[3]
    assert colours[1] != colours[0]


def test_lines_show_ten_to_ninety_per_cent(found: xr.Dataset) -> None:
    lines = waterfall(found).axes[0].lines
    shown = {tuple(np.asarray(one.get_xdata(), float).round(6)) for one in lines}
    for middle in MIDDLES:
        assert (round(0.6 * middle, 6), round(1.7 * middle, 6)) in shown
    assert any(np.allclose(np.asarray(one.get_xdata(), float), 35_000.0) for one in lines)
    axes = waterfall(found).axes[0]
    assert axes.get_xscale() == "log"
    low, high = axes.get_xlim()
    assert low < 0.6 * MIDDLES.min()
    assert high > 1.7 * MIDDLES.max()


@pytest.mark.parametrize("width", [150.0, 180.0, 240.0])
def test_words_lie_inside_and_apart(found: xr.Dataset, width: float) -> None:
    figure = waterfall(found, width=width)
    with styled():
        figure.draw_without_rendering()
    texts = [
        one
        for one in figure.findobj(Text)
        if one.get_visible() and one.get_text().strip() and _drawn(one, figure)
    ]
    boxes = [one.get_window_extent() for one in texts]
    whole = figure.bbox
    for text, box in zip(texts, boxes, strict=True):
        assert box.x0 >= whole.x0, text.get_text()
        assert box.x1 <= whole.x1 + 1, text.get_text()
    for one, other in combinations(range(len(boxes)), 2):
        said = texts[one].get_text(), texts[other].get_text()
        assert not boxes[one].overlaps(boxes[other]), said
    words = " ".join(" ".join(one.get_text() for one in texts).split())
    for said in ("4,096 draws", "base: as known in 2024", "at most 1", "× 1.00 (0.90–1,300)"):
        assert said in words
    assert "× 1,900" in words


def _drawn(text: Text, figure: Figure) -> bool:
    """Labels of ticks beyond the scale are kept by matplotlib and not drawn."""
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    for tick in (*axes.xaxis.get_major_ticks(), *axes.xaxis.get_minor_ticks()):
        if text in (tick.label1, tick.label2):
            return bool(low <= tick.get_loc() <= high)
    return True


def test_names_of_large_numbers(found: xr.Dataset) -> None:
    figure = waterfall(found)
    with styled():
        figure.draw_without_rendering()
    labels = {one.get_text() for one in figure.axes[0].get_xticklabels()}
    assert {"1,000", "100,000", "1 mn"} <= labels


def test_the_same_audit_is_the_same_bytes(found: xr.Dataset, tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        save_figure(waterfall(found), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_an_error_that_is_not_known_is_said_to_be_so(found: xr.Dataset) -> None:
    chain = found.assign(mcse_level=found["mcse_level"] * np.nan)
    told = " ".join(one.get_text() for one in waterfall(chain).texts)
    assert "Monte Carlo error not known" in " ".join(told.split())


def test_nothing_to_draw_is_refused(found: xr.Dataset) -> None:
    with pytest.raises(ValueError, match="a reference and one step or more"):
        waterfall(found.isel(step=[0]))

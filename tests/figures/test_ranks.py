import itertools

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from forecast.figures.ranks import band, difference, rank_points, ranks
from forecast.figures.style import styled

DRAWS, SIMULATIONS = 255, 200


@pytest.fixture(scope="module")
def uniform() -> np.ndarray:
    return np.random.default_rng(11).integers(0, DRAWS + 1, (30, SIMULATIONS))


def _drawn(found: np.ndarray, *, width: float = 130.0) -> Figure:
    names = [f"block.input_{place}" for place in range(len(found))]
    return ranks(found, names, draws=DRAWS, attributes={"title": "A $world$"}, width=width)


def test_the_difference_is_the_distribution_less_the_uniform_one() -> None:
    found = difference(np.array([0, 1, 1, 3]), 3)
    assert rank_points(3).tolist() == [1, 2, 3]
    np.testing.assert_allclose(found, [1 / 4 - 1 / 4, 3 / 4 - 2 / 4, 3 / 4 - 3 / 4])


def test_every_rank_once_is_no_difference() -> None:
    np.testing.assert_allclose(difference(np.arange(DRAWS + 1), DRAWS), 0, atol=1e-12)


@pytest.mark.parametrize(("simulations", "draws"), [(200, 255), (50, 19)])
def test_the_band_holds_uniform_ranks_as_often_as_it_says(simulations: int, draws: int) -> None:
    low, high = band(simulations, draws)
    fresh = np.random.default_rng(99).integers(0, draws + 1, (4000, simulations))
    curves = difference(fresh, draws)
    inside = ((curves >= low - 1e-12) & (curves <= high + 1e-12)).all(axis=-1).mean()
    # Counts are discrete, so that the band may hold a little more than it has to.
    assert 0.94 <= inside <= 0.975


def test_the_band_is_wider_than_that_of_one_point() -> None:
    _, high = band(SIMULATIONS, DRAWS)
    assert 1.96 * np.sqrt(0.25 / SIMULATIONS) < high.max() < 4 * np.sqrt(0.25 / SIMULATIONS)


def test_lines_and_band_are_the_data(uniform: np.ndarray) -> None:
    (axes,) = _drawn(uniform).axes
    curves = difference(uniform, DRAWS)
    at = rank_points(DRAWS) / (DRAWS + 1)
    lines = [one for one in axes.lines if len(one.get_xdata()) == len(at)]
    assert len(lines) == len(uniform)
    for curve in curves:
        assert any(np.array_equal(one.get_ydata(), curve) for one in lines)
    low, high = band(SIMULATIONS, DRAWS)
    corners = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (corners.min(), corners.max()) == pytest.approx((low.min(), high.max()))


def test_what_is_off_is_named_and_what_is_not_is_not(uniform: np.ndarray) -> None:
    off = uniform.copy()
    off[3] = np.clip(off[3] - 60, 0, DRAWS)
    off[7] = 128 + (off[7] - 128) // 3
    texts = [one.get_text() for one in _drawn(off).texts]
    assert {"block.input_3", "block.input_7"} <= set(texts)
    low, high = band(SIMULATIONS, DRAWS)
    curves = difference(off, DRAWS)
    outside = int(((curves > high + 1e-12) | (curves < low - 1e-12)).any(axis=-1).sum())
    said = " ".join(" ".join(texts).split()).replace("\N{NO-BREAK SPACE}", " ")
    assert f"{outside} of 30 do." in said
    assert "255 posterior draws, 200 simulations" in said
    assert "95 % simultaneous interval" in said
    assert "A $world$" in said


@pytest.mark.parametrize("width", [180, 130, 90])
def test_no_text_overlaps_another_or_leaves_the_figure(uniform: np.ndarray, width: float) -> None:
    figure = _drawn(np.clip(uniform - 60, 0, DRAWS), width=width)
    with styled():
        figure.draw_without_rendering()
        found = [one for one in figure.findobj(Text) if one.get_visible() and one.get_text()]
        boxes = [
            (one.get_text(), one.get_window_extent()) for one in found if one.get_text().strip()
        ]
    for text, box in boxes:
        assert figure.bbox.x0 <= box.x0 <= box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0 <= box.y1 <= figure.bbox.y1, text
    for (first, one), (second, other) in itertools.combinations(boxes, 2):
        assert not one.padded(-0.5).overlaps(other.padded(-0.5)), (first, second)


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (np.zeros((2, 3), int), ["a"]),
        (np.zeros(3, int), ["a"]),
        (np.full((1, 3), 256), ["a"]),
        (np.full((1, 3), -1), ["a"]),
    ],
)
def test_ranks_that_cannot_be_are_refused(found: np.ndarray, names: list[str]) -> None:
    with pytest.raises(ValueError, match="ranks"):
        ranks(found, names, draws=DRAWS)

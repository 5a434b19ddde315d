import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from scipy.optimize import minimize

from forecast.figures.style import styled
from forecast.figures.text import line_height, shortened, spread, text_width, words, wrapped

LABELS = st.lists(
    st.tuples(st.floats(-20, 120), st.floats(0.5, 12)),
    min_size=1,
    max_size=8,
)


def _measured(text: str, size: float) -> float:
    """Width in mm as the Agg renderer lays it."""
    with styled():
        figure = Figure(figsize=(1, 1), dpi=300)
        drawn = figure.text(0, 0, text, fontsize=size)
        return float(drawn.get_window_extent().width) / 300 * 25.4


@pytest.mark.parametrize("text", ["Data centres and AI, without crypto", "5–95 % × $x_1$", "WWW"])
@pytest.mark.parametrize("size", [6.5, 9])
def test_widths_are_those_of_the_renderer(text: str, size: float) -> None:
    assert text_width(text, size=size) == pytest.approx(_measured(text, size), abs=0.15)


def test_lines_break_between_words_and_fit() -> None:
    text = "Bands: 5–95 % and 10–90 % of draws; line: median, and a few words more to fill it"
    lines = wrapped(words(text), room=40, size=7)
    assert " ".join(lines) == text
    assert len(lines) > 1
    assert all(_measured(line, 7) < 40.1 for line in lines)
    # No line leaves room for the word that begins the next.
    for line, after in zip(lines, lines[1:], strict=False):
        assert text_width(f"{line} {after.split()[0]}", size=7) > 40


def test_a_no_break_space_does_not_break() -> None:
    kept = "95\N{NO-BREAK SPACE}%"
    for room in range(12, 40):
        lines = wrapped(words(f"some words and {kept}"), room=room, size=7)
        assert any(kept in line for line in lines)


def test_what_does_not_fit_is_cut_visibly() -> None:
    text = "a title that goes on " * 20
    lines = wrapped(words(text), room=50, size=9, most=2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(_measured(line, 9) < 50.1 for line in lines)
    assert shortened("short", room=50, size=9) == "short"


def test_a_line_is_higher_than_its_letters() -> None:
    assert line_height(7) == pytest.approx(1.25 * 7 * 25.4 / 72)


@given(LABELS)
def test_labels_never_overlap_and_keep_their_order(labels: list[tuple[float, float]]) -> None:
    wanted, heights = map(list, zip(*labels, strict=True))
    placed = np.array(spread(wanted, heights, low=0, high=100))
    order = np.argsort(wanted, kind="stable")
    sizes = np.array(heights)[order]
    assert np.all(np.diff(placed[order]) >= (sizes[1:] + sizes[:-1]) / 2 - 1e-9)
    if sum(heights) <= 100:
        assert placed[order][0] - sizes[0] / 2 >= -1e-9
        assert placed[order][-1] + sizes[-1] / 2 <= 100 + 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_labels_move_as_little_as_possible(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wanted, heights = np.sort(rng.uniform(0, 50, 6)), rng.uniform(3, 8, 6)
    apart = (heights[1:] + heights[:-1]) / 2
    found = minimize(
        lambda y: np.sum((y - wanted) ** 2),
        np.linspace(5, 45, 6),
        jac=lambda y: 2 * (y - wanted),
        method="SLSQP",
        constraints=[
            {"type": "ineq", "fun": lambda y: np.diff(y) - apart},
            {"type": "ineq", "fun": lambda y: y[0] - heights[0] / 2},
            {"type": "ineq", "fun": lambda y: 50 - heights[-1] / 2 - y[-1]},
        ],
        options={"maxiter": 500, "ftol": 1e-14},
    )
    assert np.all(np.diff(found.x) >= apart - 1e-6)
    assert spread(wanted, heights, low=0, high=50) == pytest.approx(found.x, abs=1e-3)


def test_labels_that_are_apart_stay() -> None:
    assert spread([30, 10, 20], [5, 5, 5], low=0, high=50) == [30, 10, 20]
    assert spread([], [], low=0, high=50) == []

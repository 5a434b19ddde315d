import itertools
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.text import Text

from forecast.analysis.ledger import ledger
from forecast.figures.style import save_figure, styled
from forecast.figures.update import most_moved, update

DIMS = ("chain", "draw")


@pytest.fixture(scope="module")
def tree() -> xr.DataTree:
    """Twenty inputs, each moved less than the one before; one does not vary."""
    rng = np.random.default_rng(4)
    prior: dict[str, object] = {"z.fixed": (DIMS, np.ones((4, 500)))}
    posterior: dict[str, object] = {"z.fixed": (DIMS, np.ones((2, 300)))}
    for place in range(20):
        name = f"block.input_with_a_long_name_{place}"
        told = {
            "units": "TWh" if place % 2 else "1",
            "long_name": f"quantity {place} of the world, $before$ & after, in a longer sentence",
        }
        sign = -1 if place % 2 else 1
        prior[name] = (DIMS, 10 ** (place - 8) * np.exp(0.3 * rng.normal(size=(4, 500))), told)
        moved = sign * (2 - place / 10) + 0.9 * rng.normal(size=(2, 300))
        posterior[name] = (DIMS, 10 ** (place - 8) * np.exp(0.3 * moved))
    total = rng.random((2, 300, 1))
    tree = xr.DataTree.from_dict(
        {
            "/prior": xr.Dataset(prior),
            "/posterior": xr.Dataset(posterior),
            "/posterior_predictive": xr.Dataset(
                {"total": ((*DIMS, "year"), total)}, {"year": [2030]}
            ),
        }
    )
    tree.attrs = {"scenario": "history", "title": "A $world$", "vintage": "v", "known": "2024-01"}
    return tree


def _texts(figure: Figure) -> list[Text]:
    with styled():
        figure.draw_without_rendering()
    return [one for one in figure.findobj(Text) if one.get_visible() and one.get_text().strip()]


def test_the_most_moved_stand_on_top(tree: xr.DataTree) -> None:
    shown = most_moved(ledger(tree), 16)
    size = np.fmax(np.abs(shown["shift"]), shown["contraction"])
    assert (np.diff(size) <= 0).all()
    assert shown.sizes["input"] == 16
    assert "z.fixed" not in most_moved(ledger(tree), 99)["input"].values
    assert str(shown["input"].values[0]) == "block.input_with_a_long_name_0"


def test_lines_and_marks_are_the_scores(tree: xr.DataTree) -> None:
    (axes,) = update(tree).axes
    shown = most_moved(ledger(tree), 16)
    prior, posterior = axes.collections
    for line in prior.get_segments():
        np.testing.assert_allclose(line[:, 0], [-1.6449, 1.6449], atol=1e-3)
    for place, line in enumerate(posterior.get_segments()):
        ends = [float(shown[f"posterior_score_{name}"][place]) for name in ("p05", "p95")]
        np.testing.assert_allclose(line[:, 0], ends)
        assert axes.get_xlim()[0] < ends[0] < ends[1] < axes.get_xlim()[1]
    (marks,) = [one for one in axes.lines if one.get_marker() == "o"]
    np.testing.assert_array_equal(marks.get_xdata(), shown["posterior_score_p50"])


def test_the_figure_says_what_it_is(tree: xr.DataTree) -> None:
    figure = update(tree)
    said = " ".join(" ".join(one.get_text() for one in figure.texts).split())
    said = said.replace("\N{NO-BREAK SPACE}", " ")
    for text in (
        "A $world$",
        "Scenario history, vintage v. Known at 2024-01: nothing later was taken in.",
        "90 % intervals (5–95 % of draws)",
        "600 draws of the posterior, 2,000 of the prior.",
        "The 16 of 21 inputs that moved or narrowed most.",
        "block.input_with_a_long_name_0",
        "long_name_1, TWh",
    ):
        assert text in said
    median = float(np.median(tree["posterior"]["block.input_with_a_long_name_9"]))
    assert f"{median:.3g} TWh" in said


@pytest.mark.parametrize("width", [180, 120, 90])
def test_no_text_overlaps_another_or_leaves_the_figure(tree: xr.DataTree, width: float) -> None:
    figure = update(tree, width=width)
    texts = _texts(figure)
    with styled():
        boxes = [(one.get_text(), one.get_window_extent()) for one in texts]
    assert len(boxes) > 60
    for text, box in boxes:
        assert figure.bbox.x0 <= box.x0 <= box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0 <= box.y1 <= figure.bbox.y1, text
    for (first, one), (second, other) in itertools.combinations(boxes, 2):
        assert not one.padded(-0.5).overlaps(other.padded(-0.5)), (first, second)
    assert min(one.get_fontsize() for one in texts) >= 6.5


def test_few_inputs_and_none_are_drawn(tree: xr.DataTree, tmp_path: Path) -> None:
    for count in (1, 0):
        save_figure(update(tree, count=count), tmp_path / f"{count}.png")


def test_it_is_drawn_by_its_name_and_the_same_bytes(tree: xr.DataTree, tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        save_figure(update(tree), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()

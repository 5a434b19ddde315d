import itertools
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from forecast.axes import SEGMENTS
from forecast.figures.calibrated_fan import calibrated_fan
from forecast.figures.style import save_figure, styled

YEARS = np.arange(2015, 2036)
VARIABLES = ("total", "data_centres")
ENERGY = [one for one in SEGMENTS if one != "crypto"]


def _paths(spread: float, seed: int, size: tuple[int, int]) -> xr.Dataset:
    rng = np.random.default_rng(seed)
    growth = 0.08 + spread * rng.normal(size=size)
    ahead = YEARS - 2015
    found = {
        name: (
            ("chain", "draw", "year"),
            level * np.exp(growth[..., None] * ahead + 0.02 * rng.normal(size=(*size, len(YEARS)))),
            {"units": "TWh", "scope": name},
        )
        for name, level in zip(VARIABLES, (250, 200), strict=True)
    }
    return xr.Dataset(found, {"year": YEARS})


def _observed() -> xr.Dataset:
    rows = [
        ("total_2022", "total", 2022, 460.0, 0.1, "TWh"),
        ("one_2024", "data_centres", 2024, 416.0, 0.05, "TWh"),
        ("other_2024", "data_centres", 2024, 380.0, 0.2, "TWh"),
        ("pue_2024", "pue", 2024, 1.4, 0.05, "1"),
    ]
    names = ("id", "output", "year", "value", "sd", "unit")
    columns = {
        n: ("observation", np.array(c)) for n, c in zip(names, zip(*rows, strict=True), strict=True)
    }
    return xr.Dataset(columns)


def _tree(spread: float = 0.02) -> xr.DataTree:
    tree = xr.DataTree.from_dict(
        {
            "/prior_predictive": _paths(spread, 1, (4, 300)),
            "/posterior_predictive": _paths(0.008, 2, (2, 200)),
            "/observed_data": _observed(),
        }
    )
    tree.attrs = {
        "scenario": "iea-History",
        "title": "A world with $x_1$ & <b>",
        "vintage": "2024-01",
        "known": "2024-01-31",
    }
    return tree


@pytest.fixture(scope="module")
def tree() -> xr.DataTree:
    return _tree()


@pytest.fixture(scope="module")
def published() -> xr.Dataset:
    """An outturn that was used, a later one, and three cases."""
    rows = [
        ("one_2024", 2024, 416.0, "outturn", ""),
        ("later_2025", 2025, 485.0, "outturn", ""),
        ("low_2030", 2030, 669.0, "case", "headwinds"),
        ("base_2030", 2030, 946.0, "case", "base"),
        ("high_2030", 2030, 1264.0, "case", "lift-off"),
    ]
    names = ("id", "year", "value", "kind", "case")
    columns = {
        n: ("observation", np.array(c)) for n, c in zip(names, zip(*rows, strict=True), strict=True)
    }
    same = {
        "output": "data_centres",
        "region": "world",
        "unit": "TWh",
        "publisher": "IEA",
        "edition": "Energy and AI",
        "source": "IEA",
        "segments": ",".join(ENERGY),
    }
    return xr.Dataset(
        columns | {n: ("observation", np.array([one] * len(rows))) for n, one in same.items()}
    )


def _texts(figure: Figure) -> list[Text]:
    with styled():
        figure.draw_without_rendering()
    return [one for one in figure.findobj(Text) if one.get_visible() and one.get_text().strip()]


def _words(figure: Figure) -> str:
    return " ".join(" ".join(one.get_text() for one in figure.texts).split())


@pytest.mark.parametrize("place", [0, 1])
def test_bands_and_median_are_quantiles_of_the_draws(tree: xr.DataTree, place: int) -> None:
    axes = calibrated_fan(tree).axes[place]
    bands = [one for one in axes.collections if isinstance(one, FillBetweenPolyCollection)]
    wanted = (("prior", 0.05, 0.95), ("posterior", 0.05, 0.95), ("posterior", 0.25, 0.75))
    for band, (when, *shares) in zip(bands, wanted, strict=True):
        values = tree[f"{when}_predictive"][VARIABLES[place]].values.reshape(-1, len(YEARS))
        corners = {(year, round(y, 6)) for year, y in band.get_paths()[0].vertices}
        for edge in np.quantile(values, shares, axis=0):
            assert set(zip(YEARS, edge.round(6), strict=True)) <= corners
        assert bool(band.get_hatch()) == (when == "prior")
    values = tree["posterior_predictive"][VARIABLES[place]].values
    middle = np.quantile(values.reshape(-1, len(YEARS)), 0.5, axis=0)
    assert any(
        line.get_ydata().shape == middle.shape and np.allclose(line.get_ydata(), middle)
        for line in axes.lines
    )


def test_observations_used_stand_with_their_errors(tree: xr.DataTree) -> None:
    total, centres = calibrated_fan(tree).axes
    (used,) = [line for line in total.lines if line.get_label() == "used"]
    assert used.get_xydata().tolist() == [[2022, 460]]
    half = np.exp(1.6448536 * 0.1)
    bars = [line.get_ydata() for line in total.lines if len(line.get_xdata()) == 2]
    assert any(np.allclose(one, [460 / half, 460 * half], rtol=1e-4) for one in bars)
    (both,) = [line for line in centres.lines if line.get_label() == "used"]
    assert both.get_ydata().tolist() == [416, 380]
    assert np.diff(both.get_xdata())[0] > 0  # side by side
    assert np.mean(both.get_xdata()) == 2024


def test_only_what_was_not_used_is_published(tree: xr.DataTree, published: xr.Dataset) -> None:
    axes = calibrated_fan(tree, published=published).axes[1]
    marks = [
        line for line in axes.lines if line.get_marker() == "o" and not line.get_label() == "used"
    ]
    shown = sorted(value for line in marks for value in line.get_ydata())
    assert shown == [485, 669, 946, 1264]


def test_the_figure_says_what_it_is(tree: xr.DataTree, published: xr.Dataset) -> None:
    said = _words(calibrated_fan(tree, published=published)).replace("\N{NO-BREAK SPACE}", " ")
    for text in (
        "A world with $x_1$ & <b>",
        "Scenario iea-History, vintage 2024-01. Known at 2024-01-31: nothing later was taken in.",
        "5–95 % and 25–75 % of the posterior, 5–95 % of the prior",
        "400 draws of the posterior, 1,200 of the prior.",
        "1 further observation is of other outputs, and not shown.",
        "prior, 90 % interval",
        "posterior, 50 % interval",
        "observation used, with its 90 % error",
        "IEA, Energy and AI: outturns",
        "cases headwinds, base, lift-off",
    ):
        assert text in said
    assert "leaves the scale" not in said


def test_a_prior_far_wider_is_cut_and_told() -> None:
    wide = _tree(0.15)
    figure = calibrated_fan(wide)
    highest = np.quantile(wide["prior_predictive"]["total"].values[..., -1], 0.95)
    assert figure.axes[0].get_ylim()[1] < highest
    assert "The prior leaves the scale: its 95 % in 2035 is" in _words(figure)


@pytest.mark.parametrize("width", [180, 120, 90])
def test_no_text_overlaps_another_or_leaves_the_figure(
    tree: xr.DataTree, published: xr.Dataset, width: float
) -> None:
    figure = calibrated_fan(tree, published=published, width=width)
    texts = _texts(figure)
    with styled():
        boxes = [(one.get_text(), one.get_window_extent()) for one in texts]
    assert len(boxes) > 20
    for text, box in boxes:
        assert figure.bbox.x0 <= box.x0 <= box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0 <= box.y1 <= figure.bbox.y1, text
    for (first, one), (second, other) in itertools.combinations(boxes, 2):
        assert not one.padded(-0.5).overlaps(other.padded(-0.5)), (first, second)
    assert min(one.get_fontsize() for one in texts) >= 6.5


def test_it_is_drawn_by_its_name_and_the_same_bytes(tree: xr.DataTree, tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        save_figure(calibrated_fan(tree), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_nothing_observed_is_drawn_too(tree: xr.DataTree) -> None:
    bare = tree.copy()
    bare["observed_data"] = xr.DataTree(_observed().isel(observation=slice(0)))
    figure = calibrated_fan(bare)
    assert "observation" not in _words(figure)

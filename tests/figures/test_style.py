import itertools
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from forecast.figures.style import COLOURS, DASHES, plain, save_figure, styled

# Machado, Oliveira and Fernandes (2009), table 1, severity 1.0, doi:10.1109/TVCG.2009.113
VISION = {
    "usual": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# IEC 61966-2-1, white D65.
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def _linear(colour: str) -> np.ndarray:
    part = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    ratio = TO_XYZ @ np.clip(linear, 0, 1) / np.array([0.95047, 1, 1.08883])
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
def test_colours_are_told_apart_by_every_eye(vision: str) -> None:
    seen = [_lab(np.asarray(VISION[vision]) @ _linear(one)) for one in COLOURS]
    # 2.3 is a just noticeable difference of colours side by side; thin lines need far more.
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 15


def test_lines_stand_out_on_white_and_are_told_apart_in_grey() -> None:
    # WCAG 2.2, 1.4.11: 3:1 for graphics.
    assert all(1.05 / (0.05 + TO_XYZ[1] @ _linear(one)) > 3 for one in COLOURS)
    assert len({str(one) for one in DASHES}) == len(DASHES) == len(COLOURS)


def test_text_that_the_font_lacks_is_marked() -> None:
    assert plain("a\n  b\tc\x07 電 $x_1$ <&") == "a b c? ? $x_1$ <&"


@pytest.mark.parametrize(
    "setting", [{"font.size": 20}, {"savefig.bbox": "tight"}, {"lines.linewidth": 9}]
)
def test_the_users_settings_change_nothing_and_are_kept(setting: dict[str, object]) -> None:
    with mpl.rc_context(setting):
        before = dict(mpl.rcParams)
        with styled():
            assert mpl.rcParams["font.size"] == 7
            assert mpl.rcParams["savefig.bbox"] is None
            assert mpl.rcParams["lines.linewidth"] == 1.2
        assert dict(mpl.rcParams) == before


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"x\.bmp: a figure ends in \.png, \.svg, \.pdf"):
        save_figure(Figure(), tmp_path / "x.bmp")


def test_a_png_has_the_size_in_print(tmp_path: Path) -> None:
    save_figure(Figure(figsize=(180 / 25.4, 90 / 25.4)), tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as image:
        assert image.size == (round(180 / 25.4 * 300 - 0.5), round(90 / 25.4 * 300 - 0.5))
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_a_pdf_embeds_its_font_as_it_is(tmp_path: Path) -> None:
    with styled():
        figure = Figure()
        figure.text(0.5, 0.5, "words")
    save_figure(figure, tmp_path / "x.pdf")
    written = (tmp_path / "x.pdf").read_bytes()
    assert b"FontFile2" in written
    assert b"/Type3" not in written
    assert b"CreationDate" not in written

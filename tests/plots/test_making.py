"""What every figure keeps to: its size, its letters, its bytes, its numbers and its caption."""

import csv
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.text import Text

import forecast
from forecast import store
from forecast.figures.paper import STYLES
from forecast.figures.style import MM, save_figure
from forecast.grammar import parse_place
from forecast.plots.choice import Choice
from forecast.plots.making import AUTHORS, LICENCE, SOFTWARE, Made, make, save
from forecast.plots.table import FIGURES, figure_of

Maker = Callable[..., Made]
ROOT = Path(__file__).parents[2]
STORED = [
    name
    for name, one in FIGURES.items()
    if one.result == "run" and one.data.startswith("forecast.plots.data:")
]
EVERY = [(style, columns) for style in STYLES for columns in (1, 2)]


@pytest.mark.parametrize("name", ["fan", "segments", "tornado"])
def test_it_is_as_wide_as_the_publisher_has_columns(made: Maker, name: str) -> None:
    for style, columns in EVERY:
        wide = made(name, style, columns).figure.get_size_inches()[0] / MM
        assert wide == pytest.approx(STYLES[style].widths[columns - 1], abs=1e-6), (style, columns)


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("columns", [1, 2])
def test_letters_are_as_nature_asks(
    made: Maker, texts: Callable[[Figure], list[Text]], name: str, columns: int
) -> None:
    sizes = [one.get_fontsize() for one in texts(made(name, "nature", columns).figure)]
    assert min(sizes) >= 5
    assert max(sizes) <= 7


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("columns", [1, 2])
def test_no_text_lies_on_another_or_off_the_page(
    made: Maker, texts: Callable[[Figure], list[Text]], name: str, columns: int
) -> None:
    figure = made(name, "report", columns).figure
    boxes = [(one.get_text(), one.get_window_extent()) for one in texts(figure)]
    page = figure.bbox
    for text, box in boxes:
        assert box.x0 >= page.x0 - 1, text
        assert box.x1 <= page.x1 + 1, text
        assert box.y0 >= page.y0 - 1, text
        assert box.y1 <= page.y1 + 1, text
    for (text, one), (other, two) in itertools.combinations(boxes, 2):
        wide = min(one.x1, two.x1) - max(one.x0, two.x0)
        high = min(one.y1, two.y1) - max(one.y0, two.y0)
        # Boxes have the room of letters with tails; a tenth of a line may be shared.
        assert wide <= 0.5 or high <= 0.15 * min(one.height, two.height), (text, other)


def test_fonts_are_embedded_as_type_42(made: Maker, tmp_path: Path) -> None:
    for name in ("fan", "tornado"):
        file = tmp_path / f"{name}.pdf"
        save_figure(made(name, "nature").figure, file)
        data = file.read_bytes()
        assert b"/FontFile2" in data
        assert b"/Type3" not in data
        assert set(re.findall(rb"/Subtype /(Type\w+|CIDFontType\d|TrueType)", data)) <= {
            b"Type0",
            b"CIDFontType2",
            b"TrueType",
        }


@pytest.mark.slow
def test_made_again_from_the_file_it_is_the_same_bytes(run: xr.DataTree, tmp_path: Path) -> None:
    store.save(run, tmp_path / "run.nc")
    choice = Choice(where="crypto[2030] > p60")
    for turn in ("first", "second"):
        stored = store.load(tmp_path / "run.nc")
        for name in ("fan", "differences", "discovery"):
            save(make(stored, name, choice, style="ieee"), tmp_path / turn, ("pdf", "svg", "png"))
    files = sorted(one.name for one in (tmp_path / "first").iterdir())
    assert len(files) >= 3 * 5
    for one in files:
        assert (tmp_path / "first" / one).read_bytes() == (tmp_path / "second" / one).read_bytes()


def test_the_table_beside_it_has_its_numbers(made: Maker, run: xr.DataTree, tmp_path: Path) -> None:
    files = save(made("segments"), tmp_path, ("svg",))
    assert [one.name for one in files] == ["segments.svg", "segments.csv", "segments.txt"]
    rows = list(csv.DictReader(files[1].read_text(encoding="utf-8").splitlines()))
    table = run["summary"].to_dataset()
    for variable, year in (("total", 2030), ("crypto", 2035)):
        (row,) = [one for one in rows if (one["variable"], one["year"]) == (variable, str(year))]
        chosen = (table["variable"].values == variable) & (table["year"].values == year)
        chosen &= (table["scenario"].values == "base") & (table["region"].values == "")
        for key in ("p05", "p50", "p95", "mcse_p50"):
            assert float(row[key]) == pytest.approx(float(table[key].values[chosen][0]), rel=1e-6)


def test_published_numbers_lie_in_a_table_of_their_own(made: Maker, tmp_path: Path) -> None:
    save(made("fan"), tmp_path, ("svg",))
    rows = list(csv.DictReader((tmp_path / "fan-published.csv").read_text("utf-8").splitlines()))
    (row,) = [one for one in rows if one["id"] == "iea24_total_2022"]
    assert (float(row["value"]), row["unit"]) == (460, "TWh")
    assert row["source"].startswith("IEA, Electricity 2024")


@pytest.mark.parametrize("name", STORED)
def test_the_caption_says_interval_draws_error_and_what_to_cite(made: Maker, name: str) -> None:
    text = made(name).caption.replace("\N{NO-BREAK SPACE}", " ")
    assert "256 draws a scenario (8 × 32, seed 2026" in text
    if name not in ("discovery", "segments"):
        assert re.search(r"5–95 %|Share of draws above|90 % interval", text)
    if name != "discovery":  # a box has coverage and density on draws of its own
        assert "Monte Carlo" in text
    assert f"forecast plot RUN --figure {name}" in text
    assert SOFTWARE in text
    assert "uncalibrated prior" in text


def test_the_caption_names_publications_and_the_command(made: Maker) -> None:
    text = made("fan", "nature", 1).caption
    assert "https://www.iea.org/reports/energy-and-ai" in text
    assert "--style nature --columns 1" in text
    text = made("differences", scenarios=("base+pue-cap",)).caption
    assert "--scenario base+pue-cap" in text


def test_it_is_cited_as_the_citation_file_says() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    for word in (AUTHORS, SOFTWARE, LICENCE):
        assert word in text


def test_a_title_stands_on_reports_and_in_captions_of_papers(
    made: Maker, texts: Callable[[Figure], list[Text]]
) -> None:
    title = "Electricity demand by segment: base"
    assert title in [one.get_text() for one in texts(made("segments").figure)]
    paper = made("segments", "nature")
    assert title not in [one.get_text() for one in texts(paper.figure)]
    assert paper.caption.startswith(title)


def test_names_are_found_or_the_nearest_is_told() -> None:
    assert figure_of("fan", "run").result == "run"
    with pytest.raises(ValueError, match=r'no figure "tornadoo" \(did you mean "tornado"\?\)'):
        figure_of("tornadoo", "run")
    with pytest.raises(ValueError, match="backtest is a figure of a backtest, and this is a run"):
        figure_of("backtest", "run")


def test_every_figure_of_the_table_is_there() -> None:
    from importlib import import_module

    for name, one in FIGURES.items():
        for place in (one.data, one.picture):
            module, _, function = place.partition(":")
            assert callable(getattr(import_module(module), function)), name
        home = import_module(one.picture.partition(":")[0])
        assert callable(home.title), name
        assert callable(home.said), name


def test_what_a_run_lacks_is_refused_with_the_reason(run: xr.DataTree) -> None:
    with pytest.raises(ValueError, match='no scenario "base\\+puecap"'):
        make(run, "fan", Choice(scenarios=("base+puecap",)))
    with pytest.raises(ValueError, match="nothing has updated"):
        make(run, "update", Choice())


@pytest.mark.parametrize("factor", [1.25, 2.0])
def test_a_larger_figure_is_the_same_picture(run: xr.DataTree, factor: float) -> None:
    """Drawn larger and with fewer dots to the inch it has the same dots."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from forecast.figures.scale import enlarge
    from forecast.figures.style import styled

    def dots(figure: Figure, dpi: float) -> np.ndarray:
        figure.set_dpi(dpi)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba()).copy()

    first, second = (make(run, "regions", Choice()).figure for _ in range(2))
    with styled():
        plain = dots(first, 240)
        enlarge(second, factor)
        large = dots(second, 240 / factor)
    np.testing.assert_array_equal(plain, large)
    assert len(np.unique(plain.reshape(-1, 4), axis=0)) > 20


def test_the_python_name_takes_the_words_of_the_command(run: xr.DataTree) -> None:
    made = forecast.plot(run, "exceedance", scenarios=["base"], outcome="ai[2035]", style="ieee")
    assert made.tables[0].attrs["place"] == "ai[2035]"
    assert made.tables[0]["scenario"].values.tolist() == ["base"]
    for wrong, told in (
        ({"style": "natur"}, 'no style "natur", expected one of report'),
        ({"columns": 3}, "1 or 2 columns, got 3"),
        ({"outcome": "total"}, "column 6"),
    ):
        with pytest.raises(ValueError, match=told):
            forecast.plot(run, "exceedance", **wrong)  # type: ignore[arg-type]


def test_files_of_one_folder_are_of_what_their_names_say(made: Maker) -> None:
    assert made("fan").stem == "fan"
    assert made("fan", scenarios=("base+pue-cap", "base")).stem == "fan-base+pue_cap-base"
    place = parse_place("data_centres[2030]")
    assert made("exceedance", place=place).stem == "exceedance-data_centres-2030"
    later = made("exceedance", place=parse_place("total[2035]"))
    assert later.stem == "exceedance-2035"
    found = made("discovery")
    assert found.stem == "discovery-crypto_2030_p60"

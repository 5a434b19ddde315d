"""The page in a real browser, from a file: Debian's Chromium, driven by selenium.

It is skipped where there is none; `.ci/run` installs both and says when it cannot.
"""

import base64
import csv
import json
import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import xarray as xr
from scipy.stats import spearmanr

import forecast.api
from forecast.report.audits import audit_data
from forecast.report.data import Packed, report_data
from forecast.report.pack import Grid, restored, unpacked

webdriver = pytest.importorskip("selenium.webdriver", reason="no selenium: the extra browser")
BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        BROWSER is None or DRIVER is None,
        reason="no chromium and chromedriver here: the page is not opened in a browser",
    ),
]
HOSTILE = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
AXE = find_spec("axe_core_python")


@pytest.fixture(scope="module")
def file(pack: Packed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from forecast.report.page import page

    told = json.loads(json.dumps(pack.told))
    told["title"] = told["attrs"]["basis"] = HOSTILE
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page([Packed(told, pack.text)], f"A title {HOSTILE}"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def audited(run: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, xr.Dataset]:
    """A page of a run that was audited, and its audit."""
    from forecast.report.page import page

    found = forecast.api.audit(run, scenario="base", year=2030)
    told = report_data(run, "small", 200, 2_000_000, ("total",), [audit_data(found)])
    path = tmp_path_factory.mktemp("audited") / "report.html"
    path.write_text(page([told], "Audited"), encoding="utf-8")
    return path, found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    home = tmp_path_factory.mktemp("browser")
    for word in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{word}")
    options.add_argument(f"--user-data-dir={home}")
    prefs = {"download.default_directory": str(home)}
    several = {"profile.default_content_setting_values.automatic_downloads": 1}
    options.add_experimental_option("prefs", prefs | several)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.downloads = home
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser: Any, file: Path) -> Any:
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get("about:blank")
    browser.get(file.as_uri())
    _wait(browser, "return document.documentElement.dataset.ready === 'yes'")
    return browser


def _wait(browser: Any, script: str) -> Any:
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, 15, 0.02).until(lambda one: one.execute_script(script))


def _settled(browser: Any, script: str, *given: Any) -> None:
    """Do something to the page and wait until it is drawn again."""
    drawn = "return document.documentElement.dataset.drawn"
    before = browser.execute_script(drawn)
    browser.execute_script(script, *given)
    _wait(browser, f"{drawn} !== '{before}'")


def _choose(browser: Any, name: str, value: str) -> None:
    """Choose as a user does, by the control's event."""
    _settled(
        browser,
        "const one = document.getElementById(arguments[0]); one.value = arguments[1];"
        "one.dispatchEvent(new Event('change', {bubbles: true}));",
        name,
        value,
    )


def _type(browser: Any, name: str, side: int, value: float) -> None:
    """Type one end of the range of an input."""
    _settled(
        browser,
        "const set = [...document.querySelectorAll('#brushes fieldset')]"
        ".find((one) => one.dataset.name === arguments[0]);"
        "const one = set.querySelectorAll('input[type=number]')[arguments[1]];"
        "one.value = arguments[2]; one.dispatchEvent(new Event('input', {bubbles: true}));",
        name,
        side,
        repr(float(value)),
    )


def _take(browser: Any, name: str) -> None:
    """Add an input to those that can be narrowed, unless it is there."""
    there = (
        "return [...document.querySelectorAll('#brushes fieldset')].map((one) => one.dataset.name)"
    )
    if name not in browser.execute_script(there):
        _choose(browser, "add", name)


def _text(browser: Any, name: str) -> str:
    return str(browser.execute_script(f"return document.getElementById('{name}').textContent"))


def _download(browser: Any, name: str) -> list[list[str]]:
    """Rows of the CSV that the button of a figure hands out, taken from its hand."""
    text = browser.execute_async_script(
        "const done = arguments[1], real = URL.createObjectURL;"
        "URL.createObjectURL = (blob) => { blob.text().then(done); return real(blob); };"
        "document.querySelector(`[data-table=${arguments[0]}]`).click();"
        "URL.createObjectURL = real;",
        name,
    )
    return list(csv.reader(text.splitlines()))


def _records(browser: Any, name: str) -> list[dict[str, str]]:
    """The same by the names of its columns, without the notes at its end."""
    heads, *rows = _download(browser, name)
    return [dict(zip(heads, one, strict=True)) for one in rows if len(one) == len(heads)]


def _draws(pack: Packed, variable: str, year: int, scenario: int) -> np.ndarray:
    """What the page holds of an outcome, unpacked here."""
    (series,) = [
        one for one in pack.told["series"] if (one["variable"], one["region"]) == (variable, "")
    ]
    if "sum" in series:
        return np.sum([_draws(pack, one, year, scenario) for one in series["sum"]], axis=0)
    columns = unpacked(pack.text, pack.told["draws"])
    place, width = series["years"].index(year), len(series["years"])
    found = restored(columns[series["at"] + place], Grid(*series["grids"][place]))
    if scenario:
        place += scenario * width
        found = found + restored(columns[series["at"] + place], Grid(*series["grids"][place]))
    return found


def _input(pack: Packed, number: int) -> np.ndarray:
    told = pack.told["inputs"][number]
    return restored(unpacked(pack.text, pack.told["draws"])[number], Grid(*told["grid"]))


def _first(browser: Any) -> str:
    """The first input that could be added."""
    return str(browser.execute_script("return document.getElementById('add').options[1].value"))


def test_opens_from_a_file_without_a_word_or_a_request(opened: Any, file: Path) -> None:
    assert opened.get_log("browser") == []
    events = [json.loads(one["message"])["message"] for one in opened.get_log("performance")]
    asked = [
        one["params"]["request"]["url"]
        for one in events
        if one["method"] == "Network.requestWillBeSent"
    ]
    # The browser's own start page may still be loading what it is made of.
    assert {one for one in asked if not one.startswith(("data:", "about:", "chrome:"))} == {
        file.as_uri()
    }


def test_a_script_in_a_title_stays_text(opened: Any) -> None:
    assert HOSTILE in _text(opened, "choices") + opened.execute_script(
        "return document.querySelector('header').textContent"
    )
    assert opened.title == f"A title {HOSTILE}"


def test_the_policy_stops_what_is_not_the_pages_own(opened: Any) -> None:
    opened.execute_script(
        "const one = document.createElement('script'); one.textContent = 'window.ran = 1';"
        "document.body.append(one); const two = new Image(); two.src = 'http://127.0.0.1:9/x';"
        "document.body.append(two);"
    )
    assert opened.execute_script("return window.ran") is None
    said = " ".join(one["message"] for one in opened.get_log("browser"))
    assert "script-src" in said
    assert "img-src" in said


def _check(browser: Any, pack: Packed, chosen: np.ndarray, year: int) -> None:
    """Fan, exceedance and drivers are what NumPy and SciPy make of the draws that are kept."""
    assert _text(browser, "status").startswith(f"{chosen.sum()} of {len(chosen)} draws remain")
    y = _draws(pack, "total", year, 0)[chosen]
    (row,) = [one for one in _records(browser, "fan") if one["year"] == str(year)]
    shares = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
    for key, share in shares.items():
        assert float(row[key]) == pytest.approx(np.quantile(y, share), rel=1e-9)
    assert float(row["mean"]) == pytest.approx(y.mean(), rel=1e-9)
    told = [(float(one["level"]), float(one["share_above"])) for one in _records(browser, "beyond")]
    assert len(told) > 3
    for level, share in told:
        assert share == pytest.approx((y > level).mean(), abs=1e-12)
    rho = {one["input"]: float(one["rank_correlation"]) for one in _records(browser, "drivers")}
    for number in (0, 2, 5):
        expected = spearmanr(_input(pack, number)[chosen], y).statistic
        assert rho[pack.told["inputs"][number]["name"]] == pytest.approx(expected, abs=1e-9)
    medians = {
        (one["segment"], one["year"]): float(one["p50"]) for one in _records(browser, "segments")
    }
    for segment in ("conventional", "crypto", "total"):
        expected = np.median(_draws(pack, segment, 2035, 0)[chosen])
        assert medians[segment, "2035"] == pytest.approx(expected, rel=1e-9)


def test_a_range_changes_the_numbers_to_those_of_numpy(opened: Any, pack: Packed) -> None:
    year, x = 2031, _input(pack, 1)
    name = pack.told["inputs"][1]["name"]
    low, high = np.quantile(x, [0.2, 0.75])
    _choose(opened, "year", str(year))
    _take(opened, name)
    for side, value in enumerate((low, high)):
        _type(opened, name, side, value)
    _check(opened, pack, (x >= low) & (x <= high), year)
    # A second input narrows further, and giving both back brings all draws back.
    other, z = pack.told["inputs"][3]["name"], _input(pack, 3)
    _take(opened, other)
    _type(opened, other, 0, np.median(z))
    _check(opened, pack, (x >= low) & (x <= high) & (z >= np.median(z)), year)
    _settled(opened, "document.getElementById('reset').click()")
    _check(opened, pack, np.ones(len(x), bool), year)


def test_a_range_is_dragged_over_the_histogram(opened: Any, pack: Packed) -> None:
    """With the pointer itself: the fields and the figures follow what was dragged."""
    from selenium.webdriver.common.action_chains import ActionChains

    name = pack.told["inputs"][0]["name"]
    _take(opened, name)
    find = "return [...document.querySelectorAll('#brushes fieldset')]"
    find += ".find((one) => one.dataset.name === arguments[0])"
    chart = opened.execute_script(f"{find}.querySelector('.chart svg')", name)
    wide = chart.rect["width"]
    opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", chart)
    drag = ActionChains(opened).move_to_element_with_offset(chart, -wide / 4, -5).click_and_hold()
    drag.move_by_offset(int(wide / 3), 0).release().perform()
    fields = f"{find}.querySelectorAll('input[type=range]')"
    read = fields.replace("return ", "return ((all) => [...all].map((one) => one.valueAsNumber))(")
    _wait(opened, "return !document.getElementById('status').textContent.startsWith('200 of')")
    low, high = opened.execute_script(read + ")", name)
    x = _input(pack, 0)
    assert x.min() < low < high < x.max()
    kept = parse_qs(opened.current_url.partition("#")[2])["keep"]
    (ends,) = [one.split("~")[1:] for one in kept if one.startswith(f"{name}~")]
    chosen = (x >= float(ends[0])) & (x <= float(ends[1]))
    assert 0 < chosen.sum() < len(x)
    _check(opened, pack, chosen, 2030)


def test_a_range_outlives_another_width_of_the_window(opened: Any, pack: Packed) -> None:
    name, x = pack.told["inputs"][2]["name"], _input(pack, 2)
    low = float(np.quantile(x, 0.7))
    _take(opened, name)
    _type(opened, name, 0, low)
    kept = f"{(x >= low).sum()} of {len(x)} draws remain"
    brush = "return [...document.querySelectorAll('#brushes fieldset')]"
    brush += ".find((one) => one.dataset.name === arguments[0])"
    brush += ".querySelector('.mark-rect.range_brush path').getBoundingClientRect().width"
    wide = opened.execute_script(brush, name)
    assert wide > 0
    size = {"width": 700, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    _wait(opened, "return innerWidth === 700")
    _wait(opened, "return new Promise((done) => setTimeout(() => done(true), 600))")
    assert _text(opened, "status").startswith(kept)
    narrow = opened.execute_script(brush, name)
    chart = "return document.querySelector('#brushes .chart').clientWidth"
    assert 0 < narrow < opened.execute_script(chart)
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_table_is_handed_out_as_a_file(opened: Any) -> None:
    path = Path(opened.downloads) / "fan.csv"
    for one in path.parent.glob("fan*.csv"):
        one.unlink()
    expected = _download(opened, "fan")
    for _ in range(500):
        if path.is_file() and path.stat().st_size:
            break
        _wait(opened, "return new Promise((done) => setTimeout(() => done(true), 20))")
    assert list(csv.reader(path.read_text(encoding="utf-8").splitlines())) == expected
    assert expected[0][:2] == ["year", "mean"]
    assert [one[0] for one in expected[-2:]] == ["view", "draws"]


def test_a_difference_is_taken_draw_by_draw(opened: Any, pack: Packed) -> None:
    base, policy = pack.told["scenarios"]
    _choose(opened, "variable", "emissions_location")
    _choose(opened, "scenario", policy)
    _choose(opened, "against", base)
    rows = _download(opened, "fan")
    (row,) = [dict(zip(rows[0], one, strict=True)) for one in rows[1:] if one[0] == "2035"]
    apart = _draws(pack, "emissions_location", 2035, 1) - _draws(
        pack, "emissions_location", 2035, 0
    )
    assert apart.min() < 0
    assert float(row["p05"]) == pytest.approx(np.quantile(apart, 0.05), rel=1e-9)
    # Before it starts, a policy changes nothing.
    (early,) = [dict(zip(rows[0], one, strict=True)) for one in rows[1:] if one[0] == "2015"]
    assert [float(early[one]) for one in ("p05", "p50", "p95")] == [0, 0, 0]


def test_the_address_keeps_the_view(opened: Any, pack: Packed, file: Path) -> None:
    name = pack.told["inputs"][0]["name"]
    x = _input(pack, 0)
    low = float(np.quantile(x, 0.4))
    _choose(opened, "variable", "unserved")
    _choose(opened, "year", "2031")
    _take(opened, name)
    _type(opened, name, 0, low)
    address, rows = opened.current_url, _download(opened, "fan")
    opened.get("about:blank")
    opened.get(address)
    _wait(opened, "return document.documentElement.dataset.ready === 'yes'")
    assert _download(opened, "fan") == rows
    assert _text(opened, "status").startswith(f"{(x >= low).sum()} of {len(x)} draws remain")
    # One that was mangled on its way opens on what the run has.
    opened.get("about:blank")
    opened.get(f"{file.as_uri()}#run=9&variable=nonsense&year=x&keep=a~b&keep=constructor~0~1")
    _wait(opened, "return document.documentElement.dataset.ready === 'yes'")
    assert "200 of 200" in _text(opened, "status")


def test_regions_without_draws_show_the_whole_run(opened: Any, pack: Packed) -> None:
    _choose(opened, "region", "china")
    rows = _download(opened, "fan")
    (whole,) = [
        one
        for one in pack.told["whole"]
        if (one["scenario"], one["variable"], one["region"]) == ("base", "total", "china")
    ]
    at = whole["year"].index(2035)
    (row,) = [dict(zip(rows[0], one, strict=True)) for one in rows[1:] if one[0] == "2035"]
    assert float(row["p95"]) == whole["p95"][at]
    assert "whole run" in _text(opened, "fan-told")


@pytest.mark.parametrize("width", [360, 1920])
def test_nothing_is_wider_than_the_screen(opened: Any, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    _choose(opened, "add", _first(opened))
    _wait(opened, f"return innerWidth === {width}")
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width
    # Text of a figure is at least eleven pixels high, as it is drawn.
    small = "return Math.min(...[...document.querySelectorAll('.chart svg')]"
    small += ".filter((one) => one.getBoundingClientRect().width)"
    small += ".map((one) => 12 * one.getBoundingClientRect().width / one.viewBox.baseVal.width))"
    _wait(opened, f"return (() => {{ {small} }})() > 11")
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_by_keyboard_alone(opened: Any) -> None:
    """Tab reaches every control in the order in which it stands, and keys work them."""
    from selenium.webdriver.common.keys import Keys

    seen = []
    for _ in range(14):
        opened.switch_to.active_element.send_keys(Keys.TAB)
        seen.append(opened.execute_script("return document.activeElement.id"))
    order = ["scenario", "against", "variable", "region", "year", "theme"]
    assert [one for one in seen if one][:6] == order
    opened.execute_script("document.getElementById('variable').focus()")
    before = opened.execute_script("return document.getElementById('variable').value")
    told = _text(opened, "fan-told")
    opened.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    _wait(opened, f"return document.getElementById('fan-told').textContent !== {json.dumps(told)}")
    assert opened.execute_script("return document.getElementById('variable').value") != before


def test_prints_to_pdf(opened: Any) -> None:
    """Pages with the figures, and without what only a screen can use."""
    found = base64.b64decode(opened.print_page())
    assert found.startswith(b"%PDF")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", found)) <= 5
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    seen = "return document.querySelector(arguments[0]).getBoundingClientRect().height"
    for shown in ("#fan svg", "#beyond svg", "#drivers svg", "#segments svg"):
        assert opened.execute_script(seen, shown) > 100, shown
    for gone in ("#choices", "#theme", ".brushes", "[data-table]"):
        assert opened.execute_script(seen, gone) == 0, gone
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.skipif(AXE is None, reason="no axe-core-python: the extra browser")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened: Any, scheme: str) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    _choose(opened, "add", _first(opened))
    opened.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
    assert AXE is not None
    script = Path(str(AXE.origin)).with_name("axe.min.js").read_text(encoding="utf-8")
    opened.execute_script(script + ";window.axe = axe;")
    found = opened.execute_async_script(
        "const done = arguments[0];"
        "axe.run().then((one) => done(one.violations), (e) => done([String(e)]));"
    )
    told = [
        (one["id"], [node["html"][:120] for node in one["nodes"]]) if isinstance(one, dict) else one
        for one in found
    ]
    assert told == []
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_errors_are_switched_on_and_off(browser: Any, audited: tuple[Path, xr.Dataset]) -> None:
    """The page tells of any subset what the audit found for just these errors."""
    file, found = audited
    browser.get("about:blank")
    browser.get(file.as_uri())
    _wait(browser, "return document.documentElement.dataset.ready === 'yes'")
    total = found["subset_total"].sel(statistic="p50")
    names = [str(one) for one in found["step"].values[1:]]
    assert _last(browser) == pytest.approx(float(total.sel(subset="+".join(names))), rel=1e-5)
    for gone in ("no_limits", "frontier_only", "no_reuse"):
        click = f"document.querySelector('#errors input[value={gone}]').click()"
        _settled(browser, click)
        names.remove(gone)
        assert _last(browser) == pytest.approx(float(total.sel(subset="+".join(names))), rel=1e-5)
    assert f"errors={'~'.join(names)}".replace("~", "%7E") in browser.current_url
    # The order is that of the audit, whichever was switched on first.
    click = "document.querySelector('#errors input[value=no_reuse]').click()"
    _settled(browser, click)
    assert [one["after"] for one in _records(browser, "audit")][1] == str(
        found["step_title"].sel(step="no_reuse").values
    )
    assert "times as much" in _text(browser, "audit-read")


def _last(browser: Any) -> float:
    return float(_records(browser, "audit")[-1]["p50"])


def test_a_run_that_was_not_audited_says_how_it_would_be(opened: Any) -> None:
    assert opened.execute_script("return document.getElementById('audit-body').hidden")
    assert "forecast audit RUN" in _text(opened, "audit-none")
    assert opened.execute_script("return document.querySelector('#audit-card details').hidden")


def test_published_numbers_stand_in_the_fan(opened: Any, pack: Packed) -> None:
    told = {(one["variable"], one["year"], one["value"]) for one in pack.told["observed"]}
    assert ("total", 2022, 460.0) in told
    assert "IEA, Electricity 2024" in _text(opened, "fan-points")
    drawn = "return document.querySelectorAll('#fan .mark-symbol path').length"
    count = sum(one["variable"] == "total" for one in pack.told["observed"])
    # Beside them the point that follows the pointer, one a year.
    years = len(pack.told["series"][0]["years"])
    assert opened.execute_script(drawn) == count + years


def test_colours_are_chosen_and_kept(opened: Any) -> None:
    paper = "return getComputedStyle(document.body).backgroundColor"
    light = opened.execute_script(paper)
    for _ in range(2):
        _settled(opened, "document.getElementById('theme').click()")
    assert "theme=dark" in opened.current_url
    assert opened.execute_script(paper) != light
    line = "return getComputedStyle(document.querySelector('#fan .mark-line path')).stroke"
    assert opened.execute_script(line) == "rgb(108, 178, 245)"


def test_the_pointer_reads_values(opened: Any, pack: Packed) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    chart = opened.execute_script("return document.querySelector('#fan svg')")
    opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", chart)
    before = _text(opened, "fan-read")
    left = -chart.rect["width"] / 4
    ActionChains(opened).move_to_element_with_offset(chart, left, 0).perform()
    _wait(
        opened, f"return document.getElementById('fan-read').textContent !== {json.dumps(before)}"
    )
    year = int(_text(opened, "fan-read").partition(":")[0])
    median = np.median(_draws(pack, "total", year, 0))
    assert year < 2025
    assert f"median {float(f'{median:.3g}'):g}" in _text(opened, "fan-read").replace(",", "")


def test_no_label_lies_outside_its_figure(browser: Any, audited: tuple[Path, xr.Dataset]) -> None:
    """As it opens, in a window whose width nothing has changed since."""
    browser.get("about:blank")
    browser.get(audited[0].as_uri())
    _wait(browser, "return document.documentElement.dataset.ready === 'yes'")
    cut = """return [...document.querySelectorAll('.chart svg')].flatMap((svg) => {
      const box = svg.getBoundingClientRect();
      return [...svg.querySelectorAll('text')].filter((one) => {
        const it = one.getBoundingClientRect();
        return it.width && (it.left < box.left - 1 || it.right > box.right + 1
          || it.top < box.top - 1 || it.bottom > box.bottom + 1);
      }).map((one) => one.textContent);
    })"""
    assert browser.execute_script(cut) == []
    count = "return document.querySelectorAll('.chart svg text').length"
    assert browser.execute_script(count) > 40


def test_drivers_are_in_order_after_every_choice(opened: Any) -> None:
    for variable in ("crypto", "ai"):
        _choose(opened, "variable", variable)
        shown = """return [...document.querySelectorAll('#drivers .role-axis-label text')]
          .filter((one) => !/^[−\\d.]+$/.test(one.textContent))
          .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
          .map((one) => one.textContent)"""
        expected = [one["input"] for one in _records(opened, "drivers")[:12]]
        found = opened.execute_script(shown)
        assert len(found) == 12
        for name, label in zip(expected, found, strict=True):
            assert name.startswith(label.rstrip("…"))

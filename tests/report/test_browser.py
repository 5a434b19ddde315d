"""The page in a real browser, from a file: Debian's Chromium, driven by selenium.

It is skipped where there is none; `.ci/run` installs both and says when it cannot.
"""

import base64
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from forecast.report.data import Packed
from forecast.report.pack import restored, unpacked

webdriver = pytest.importorskip("selenium.webdriver", reason="no selenium: pip install '.[browser]'")
BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        BROWSER is None or DRIVER is None,
        reason="no chromium and chromedriver here: the page is not opened in a browser",
    ),
]
HOSTILE = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
AXE = Path(os.environ.get("FORECAST_AXE", "/none"))


@pytest.fixture(scope="module")
def file(pack: Packed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from forecast.report.page import page

    told = json.loads(json.dumps(pack.told))
    told["title"] = told["attrs"]["basis"] = HOSTILE
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page([Packed(told, pack.text)], f"A title {HOSTILE}"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    home = tmp_path_factory.mktemp("browser")
    for word in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{word}")
    options.add_argument(f"--user-data-dir={home}")
    options.add_experimental_option("prefs", {"download.default_directory": str(home)})
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


def _choose(browser: Any, name: str, value: str) -> None:
    """Choose as a user does, by the control's event."""
    browser.execute_script(
        "const one = document.getElementById(arguments[0]); one.value = arguments[1];"
        "one.dispatchEvent(new Event('change', {bubbles: true}));",
        name,
        value,
    )


def _text(browser: Any, name: str) -> str:
    return str(browser.execute_script(f"return document.getElementById('{name}').textContent"))


def _download(browser: Any, name: str) -> list[list[str]]:
    """Rows of the CSV that the button of a figure hands out."""
    import csv

    path = Path(browser.downloads) / f"{name}.csv"
    path.unlink(missing_ok=True)
    browser.execute_script(f"document.querySelector('[data-table={name}]').click()")
    for _ in range(500):
        if path.is_file() and path.stat().st_size:
            break
        _wait(browser, "return new Promise((done) => setTimeout(() => done(true), 20))")
    return list(csv.reader(path.open(encoding="utf-8", newline="")))


def _draws(pack: Packed, variable: str, year: int, scenario: int) -> np.ndarray:
    """What the page holds of an outcome, unpacked here."""
    told, columns = pack.told, unpacked(pack.text, pack.told["draws"])
    at = len(told["inputs"])
    for series in told["series"]:
        width = len(series["years"])
        if (series["variable"], series["region"]) == (variable, ""):
            place = series["years"].index(year)
            steps = columns[at + place].astype(int)
            if scenario:
                steps = (steps + columns[at + scenario * width + place]) % 65_536
            return restored(steps, series["least"][place], series["step"][place])
        at += width * len(told["scenarios"])
    raise AssertionError(variable)


def _input(pack: Packed, number: int) -> np.ndarray:
    told = pack.told["inputs"][number]
    return restored(
        unpacked(pack.text, pack.told["draws"])[number], told["least"], told["step"]
    )


def test_opens_from_a_file_without_a_word_or_a_request(opened: Any, file: Path) -> None:
    assert opened.get_log("browser") == []
    events = [json.loads(one["message"])["message"] for one in opened.get_log("performance")]
    asked = [
        one["params"]["request"]["url"]
        for one in events
        if one["method"] == "Network.requestWillBeSent"
    ]
    assert {one for one in asked if not one.startswith(("data:", "about:"))} == {file.as_uri()}


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


def test_a_range_changes_the_numbers_to_those_of_numpy(opened: Any, pack: Packed) -> None:
    """Fan, exceedance and drivers of the draws that a range of one input keeps."""
    year, x = 2030, _input(pack, 1)
    name = pack.told["inputs"][1]["name"]
    low, high = np.quantile(x, [0.2, 0.75])
    _choose(opened, "year", str(year))
    _choose(opened, "add", name)
    for side, value in enumerate((low, high)):
        opened.execute_script(
            "const one = document.querySelectorAll('#brushes input[type=number]')[arguments[0]];"
            "one.value = arguments[1]; one.dispatchEvent(new Event('input', {bubbles: true}));",
            side,
            repr(float(value)),
        )
    chosen = (x >= low) & (x <= high)
    assert _text(opened, "status") == f"{chosen.sum()} of {len(x)} draws remain"
    y = _draws(pack, "total", year, 0)[chosen]
    rows = _download(opened, "fan")
    (row,) = [dict(zip(rows[0], one, strict=True)) for one in rows[1:] if one[0] == str(year)]
    shares = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
    for key, share in shares.items():
        assert float(row[key]) == pytest.approx(np.quantile(y, share), rel=1e-9)
    assert float(row["mean"]) == pytest.approx(y.mean(), rel=1e-9)
    levels = _download(opened, "beyond")[1:]
    told = [(float(one[0]), float(one[2])) for one in levels if one[0] not in ("view", "draws")]
    assert len(told) > 3
    for level, share in told:
        assert share == pytest.approx((y > level).mean(), abs=1e-12)
    rho = {one[0]: float(one[2]) for one in _download(opened, "drivers")[1:] if len(one) == 3}
    for number in (0, 2, 5):
        told_input = pack.told["inputs"][number]["name"]
        expected = spearmanr(_input(pack, number)[chosen], y).statistic
        assert rho[told_input] == pytest.approx(expected, abs=1e-9)


def test_a_difference_is_taken_draw_by_draw(opened: Any, pack: Packed) -> None:
    base, policy = pack.told["scenarios"]
    _choose(opened, "variable", "emissions_location")
    _choose(opened, "scenario", policy)
    _choose(opened, "against", base)
    rows = _download(opened, "fan")
    (row,) = [dict(zip(rows[0], one, strict=True)) for one in rows[1:] if one[0] == "2035"]
    apart = _draws(pack, "emissions_location", 2035, 1) - _draws(pack, "emissions_location", 2035, 0)
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
    _choose(opened, "add", name)
    opened.execute_script(
        "const one = document.querySelector('#brushes input[type=number]');"
        "one.value = arguments[0]; one.dispatchEvent(new Event('input', {bubbles: true}));",
        repr(low),
    )
    address, rows = opened.current_url, _download(opened, "fan")
    opened.get("about:blank")
    opened.get(address)
    _wait(opened, "return document.documentElement.dataset.ready === 'yes'")
    assert _download(opened, "fan") == rows
    assert _text(opened, "status") == f"{(x >= low).sum()} of {len(x)} draws remain"
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
    _choose(opened, "add", opened.execute_script("return document.querySelector('#add').options[1].value"))
    _wait(opened, f"return innerWidth === {width}")
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width
    # Text of a figure is at least eleven pixels high, as it is drawn.
    small = "return Math.min(...[...document.querySelectorAll('svg')].map((one) => 12 *"
    small += " one.getBoundingClientRect().width / one.viewBox.baseVal.width))"
    _wait(opened, f"return (() => {{ {small} }})() > 11")
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_by_keyboard_alone(opened: Any) -> None:
    """Tab reaches every control in the order in which it stands, and keys work them."""
    from selenium.webdriver.common.keys import Keys

    seen = []
    for _ in range(14):
        opened.switch_to.active_element.send_keys(Keys.TAB)
        seen.append(opened.execute_script("return document.activeElement.id"))
    assert [one for one in seen if one] [:6] == [
        "run", "scenario", "against", "variable", "region", "year",
    ]  # fmt: skip
    opened.execute_script("document.getElementById('variable').focus()")
    before = opened.execute_script("return document.getElementById('variable').value")
    opened.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    after = opened.execute_script("return document.getElementById('variable').value")
    assert after != before
    assert _text(opened, "fan-told").startswith(after)


def test_prints_to_pdf(opened: Any) -> None:
    found = base64.b64decode(opened.print_page())
    assert found.startswith(b"%PDF")
    assert found.count(b"/Type /Page\n") <= 4


@pytest.mark.skipif(not AXE.is_file(), reason="FORECAST_AXE names no axe.min.js")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened: Any, scheme: str) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    _choose(opened, "add", opened.execute_script("return document.querySelector('#add').options[1].value"))
    opened.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
    opened.execute_script(AXE.read_text(encoding="utf-8") + ";window.axe = axe;")
    found = opened.execute_async_script(
        "const done = arguments[0]; axe.run().then((one) => done(one.violations), (e) => done([String(e)]));"
    )
    told = [
        (one["id"], [node["html"][:120] for node in one["nodes"]]) if isinstance(one, dict) else one
        for one in found
    ]
    assert told == []
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

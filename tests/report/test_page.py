"""The page as a file: its size, its policy, what it escapes, what it holds."""

import base64
import hashlib
import html as markup
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import forecast.api
from forecast import store
from forecast.analysis.ensemble import ensemble_of
from forecast.axes import SEGMENTS
from forecast.export.results import keep
from forecast.grammar import parse_place
from forecast.report.data import Packed, report_data
from forecast.report.pack import Grid, embedded, restored, unpacked
from forecast.report.page import LIMIT, SCRIPTS, page, room

HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(2)> & "'


class Parts(HTMLParser):
    """Elements in order, and the text inside each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))
        self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            tag, attrs, text = self.found[-1]
            self.found[-1] = (tag, attrs, text + data)

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attrs, text) for name, attrs, text in self.found if name == tag]


def test_the_policy_names_every_script_and_style_by_its_digest(html: str) -> None:
    parts = Parts(html)
    (policy,) = [
        attrs["content"]
        for attrs, _ in parts.of("meta")
        if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    rules = dict(one.strip().split(" ", 1) for one in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in policy

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    # A script element with a type that is no script's holds data, and runs nothing.
    ran = [text for attrs, text in parts.of("script") if "type" not in attrs]
    assert len(ran) == 1 + len(SCRIPTS)  # Vega's, then this project's
    assert rules["script-src"].split() == [digest(one) for one in ran]
    assert rules["style-src"].split() == [digest(text) for _, text in parts.of("style")]


def test_nothing_is_fetched_and_no_markup_runs_anything(html: str) -> None:
    for tag, attrs, _ in Parts(html).found:
        assert not [name for name in attrs if name.startswith("on") or name == "style"], tag
        assert "src" not in attrs, tag
        assert (attrs.get("href") or "#").startswith(("#", "data:")), tag
    # Names of languages and words of messages inside Vega; nothing opens them, as the test in a
    # browser sees and the policy enforces.
    known = ("http://www.w3.org/", "https://vega.github.io/", "https://github.com/vega/")
    scripts = "".join(text for attrs, text in Parts(html).of("script") if "type" not in attrs)
    addresses = re.findall(r"https?://[^\s\"'<>]+", scripts)
    assert [one for one in addresses if not one.startswith(known)] == []


def test_text_from_files_stays_text(pack: Packed) -> None:
    told = json.loads(json.dumps(pack.told))
    told |= {"title": HOSTILE, "name": HOSTILE}
    told["attrs"]["basis"] = HOSTILE
    told["series"][0]["scope"] = HOSTILE
    hostile = page([replace(pack, told=told)], HOSTILE)
    parts = Parts(hostile)
    clean = Parts(page([pack], "A title"))
    assert [tag for tag, _, _ in parts.found] == [tag for tag, _, _ in clean.found]
    assert markup.unescape(parts.of("h1")[0][1]) == HOSTILE
    (data,) = [text for attrs, text in parts.of("script") if attrs.get("id") == "told"]
    assert json.loads(data) == [told]


def test_embedded_json_reads_back_and_ends_nothing() -> None:
    given = {"a": HOSTILE, "b": "<!--", "c": "\u2028 é"}
    text = embedded(given)
    assert json.loads(text) == given
    assert not set(text) & set("<>&\u2028")
    with pytest.raises(ValueError, match="not JSON compliant"):
        embedded(float("nan"))


def test_the_page_holds_the_draws_of_the_run(run: xr.DataTree, pack: Packed) -> None:
    """To half a step of each column: the first 25 draws of each of eight chains."""
    draws = pack.told["draws"]
    assert (draws, pack.told["of"], pack.told["left"]) == (200, 256, [])
    columns = unpacked(pack.text, draws)
    taken = (np.arange(8)[:, None] * 32 + np.arange(25)).reshape(-1)
    ensembles = [ensemble_of(run, one) for one in pack.told["scenarios"]]
    for number, told in enumerate(pack.told["inputs"]):
        x = ensembles[0].x[taken, ensembles[0].inputs.index(told["name"])]
        _check_column(columns[number], told["grid"], x)
    for series in pack.told["series"]:
        if "sum" in series:
            continue
        at, width = series["at"], len(series["years"])
        for year in range(width):
            place = parse_place(f"{series['variable']}[{series['years'][year]}]")
            base, policy = (one.values(place)[taken] for one in ensembles)
            _check_column(columns[at + year], series["grids"][year], base)
            apart = columns[at + width + year]
            _check_column(apart, series["grids"][width + year], policy - base)
    (total,) = [one for one in pack.told["series"] if one["variable"] == "total"]
    assert total["sum"] == list(SEGMENTS)
    ends = [one["at"] + 2 * len(one["years"]) for one in pack.told["series"] if "at" in one]
    assert max(ends) == len(columns)


def _check_column(steps: np.ndarray, told: list[float], values: np.ndarray) -> None:
    """To half a step: even near zero, in proportion to the number far from it; zero is exact."""
    on = Grid(*told)
    read = restored(steps, on)
    half = 0.51 * on.step * np.hypot(on.size, values)
    assert (np.abs(read - values) <= half).all()
    np.testing.assert_array_equal(read[values == 0], 0)


def test_what_finds_no_room_is_left_out_and_named(run: xr.DataTree) -> None:
    small = report_data(run, "small", 200, 400_000)
    whole = report_data(run, "small", 200, 4_000_000)
    names = [[one["variable"] for one in pack.told["series"]] for pack in (small, whole)]
    left = [one["variable"] for one in small.told["left"]]
    assert left
    assert sorted(names[0] + left) == sorted(names[1])
    assert len(small.text) + len(embedded(small.told)) < 405_000


def test_two_pages_worth_of_room_is_under_the_limit(run: xr.DataTree) -> None:
    """What two runs may fill, with all that stands around it, is a page of 3 MB at most."""
    packs = [report_data(run, name, 256, room(2)) for name in ("one", "two")]
    filled = [replace(one, text="A" * (room(2) - len(embedded(one.told)))) for one in packs]
    assert LIMIT * 0.97 < len(page(filled, "Two").encode()) <= LIMIT


def test_an_unknown_variable_is_named(run: xr.DataTree) -> None:
    with pytest.raises(ValueError, match=r'no variable "totl" \(did you mean "total"\?\)'):
        report_data(run, "small", 200, 10_000, ("totl",))


def test_too_few_draws_are_refused(run: xr.DataTree) -> None:
    with pytest.raises(ValueError, match="40 draws are too few for a report, at least 64"):
        report_data(run, "small", 40, 10_000)


@pytest.mark.slow
def test_an_audit_that_was_kept_is_in_the_page(
    answer: Callable[..., str], run: xr.DataTree, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    store.save(run, tmp_path / "mine" / "run.nc")
    found = forecast.api.audit(run, scenario="base+pue-cap", year=2028)
    keep(found, tmp_path / "mine", "audit-base+pue-cap-2028")
    assert "not audited" not in answer("report", "mine")
    text = (tmp_path / "mine" / "analysis" / "report.html").read_text(encoding="utf-8")
    (told,) = [text for attrs, text in Parts(text).of("script") if attrs.get("id") == "told"]
    ((audit,),) = (one["audits"] for one in json.loads(told))
    assert (audit["scenario"], audit["year"], len(audit["totals"])) == ("base+pue-cap", 2028, 512)
    reference = found["reference_total"].sel(statistic="p50")
    assert audit["totals"][0][1] == pytest.approx(float(reference), rel=1e-5)

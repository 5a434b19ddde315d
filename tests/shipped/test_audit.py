"""The words and numbers of the audit, as shipped and with faults."""

import shutil
from pathlib import Path

import pytest

from forecast import shipped
from forecast.axes import SEGMENTS
from forecast.errors import InputErrors
from forecast.spec.audit import AuditTexts, read_audit
from forecast.spec.observation import read_observations


@pytest.fixture(scope="module")
def texts() -> AuditTexts:
    return read_audit()


def test_every_number_is_what_its_source_says(texts: AuditTexts) -> None:
    """Read off Uptime, Koomey, Ember and IEA tracking a second time."""
    numbers = texts.numbers
    assert (numbers["pue_2018"], numbers["traffic_2022"]) == (1.58, 1 + 600 / 100)
    assert (numbers["share_2010_low"], numbers["share_2010_high"]) == (0.011, 0.015)
    assert numbers["growth_2005_2010"] == 1 + 56 / 100
    # +20 % to 240 TWh and +70 % to 340 TWh are of the same base.
    assert numbers["level_2015"] == pytest.approx(240 / 1.2) == pytest.approx(340 / 1.7)
    assert numbers["world_2010"] == 21263.75


def test_what_it_points_at_is_there_and_fits(texts: AuditTexts) -> None:
    observed = {one.id: one for one in read_observations(shipped.observations())}
    outturn = texts.hindcast.outturn
    assert {observed[one].year for one in (outturn.total, outturn.crypto)} == {2022}
    assert observed[outturn.workloads].value == 4.4
    for pair in texts.errors.breaks.values():
        first, last = (observed[one] for one in pair)
        assert first.year < last.year
        assert first.value is not None
        assert last.value is not None
        # A scope break it is only where the two cover different segments.
        assert set(first.scope.segments) ^ set(last.scope.segments) == {"crypto"} & set(SEGMENTS)
    known = {one.id for one in texts.errors.errors}
    assert {one for some in texts.hindcast.not_then for one in some.errors} <= known
    assert len(known) == len(texts.errors.errors)


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("errors.yaml", "    grade: B\n", "    grade: E\n", "errors.yaml:"),
        ("errors.yaml", 'unit: "1"', 'units: "1"', "units"),
        ("errors.yaml", 'source: "definition"', 'source: "hearsay"', "cites nothing"),
        ("errors.yaml", "as_of: 2024-02", "as_of: 2024-02-31", "no such date: 2024-02-31"),
        ("errors.yaml", "value: 1.58", "value: many", "expected a number"),
        ("hindcast.yaml", "revised:", "revisd:", "revised"),
        ("hindcast.yaml", "as_of: 2026", "as_of: soon", "a date YYYY"),
    ],
)
def test_a_fault_is_told_with_its_place(
    tmp_path: Path, file: str, before: str, after: str, told: str
) -> None:
    shutil.copytree(shipped.priors() / "audit", tmp_path / "audit")
    path = tmp_path / "audit" / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(InputErrors, match=told):
        read_audit(tmp_path / "audit")


def test_a_folder_without_the_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputErrors, match="errors.yaml"):
        read_audit(tmp_path)

"""`forecast lint`: every rule finds its mistake at its line, and is silent without it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

type Ok = Callable[..., str]


HEAD = "title: Mine\nextends: outlook\nhorizon: 2040\n"
DAY = ("--as-of", "2026-11-01", "--json")

# rule → what is wrong, and the same put right; both on the fifth line.
CASES = {
    "growth-without-saturation": (
        "conventional.workload_fade: 0",
        "conventional.workload_fade: 0.2",
    ),
    "growth-without-saturation ": ("adoption.saturation: 1.0e+6", "adoption.saturation: 60"),
    "efficiency-without-rebound": ("adoption.elasticity: 0", "adoption.elasticity: 0.4"),
    "nameplate-as-average": ("limits.load_factor: 0.97", "limits.load_factor: 0.6"),
    "chip-without-host": ("limits.host_factor: 1", "limits.host_factor: 1.5"),
    "mixed-scopes": (
        'limits.pue: {p50: 1.15, scope: "chips alone", as_of: 2026-01}',
        "limits.pue: {p50: 1.15, as_of: 2026-01}",
    ),
    "old-source": (
        "limits.pue: {p50: 1.15, as_of: 2019-01}",
        "limits.pue: {p50: 1.15, as_of: 2025-06}",
    ),
}


def own(answer: Ok, line: str, *more: str, head: str = HEAD) -> list[dict[str, object]]:
    """Findings that a file of the user's own gives."""
    Path("mine.yaml").write_text(f"{head}inputs:\n  {line}\n", encoding="utf-8")
    found = json.loads(answer("lint", "mine.yaml", *DAY, *more))["mine"]
    return [one for one in found if one["own"]]


@pytest.mark.parametrize("rule", CASES)
def test_a_mistake_is_found_at_its_line_and_nothing_once_it_is_mended(
    answer: Ok, rule: str
) -> None:
    wrong, right = CASES[rule]
    (found,) = own(answer, wrong)
    assert found["rule"] == rule.strip()
    assert (found["file"], found["line"]) == ("mine.yaml", 5)
    assert found["what"]
    assert found["why"]
    assert own(answer, right) == []


def test_short_horizons_bear_compound_growth(answer: Ok) -> None:
    head = HEAD.replace("2040", "2032")
    assert own(answer, "conventional.workload_fade: 0", head=head) == []


def test_a_tail_is_not_read_from_few_draws(answer: Ok) -> None:
    few = HEAD + "sampling: {draws: 4096}\n"
    (found,) = own(answer, "limits.host_factor: 1.5", head=few)
    assert (found["rule"], found["line"]) == ("tail-from-few-draws", 4)
    assert "40 beyond p99" in str(found["what"])
    assert own(answer, "limits.host_factor: 1.5", head=few.replace("4096", "10000")) == []


def test_months_move_what_is_old(answer: Ok) -> None:
    line = "limits.pue: {p50: 1.15, as_of: 2025-06}"
    assert own(answer, line, "--months", "17") == []
    (found,) = own(answer, line, "--months", "16")
    assert "17 months ago" in str(found["what"])


@pytest.mark.parametrize("world", ["base", "outlook", "history", "low", "central", "high"])
def test_shipped_worlds_have_old_sources_alone(answer: Ok, world: str) -> None:
    found = json.loads(answer("lint", world, *DAY))[world]
    assert {one["rule"] for one in found} == {"old-source"}
    assert not any(one["own"] for one in found)


def test_it_is_read_by_people_and_told_to_scripts(
    answer: Ok, command: Callable[..., Result], refusal: Callable[..., str]
) -> None:
    Path("mine.yaml").write_text(f"{HEAD}inputs:\n  adoption.elasticity: 0\n", encoding="utf-8")
    told = answer("lint", "mine.yaml")
    assert "mine.yaml:5: efficiency-without-rebound: adoption.elasticity: use does not" in told
    assert "mine: 1 of its own" in told
    assert command("lint", "mine.yaml", "--strict").exit_code == 1
    assert command("lint", "base", "--strict").exit_code == 0
    assert "limits.pue: must be at least 1, got 0.9" in refusal(
        "lint", "base", "--set", "limits.pue=0.9"
    )
    assert "--as-of soon: expected a date YYYY-MM-DD" in refusal("lint", "base", "--as-of", "soon")

"""What a number covers is compared part by part with what an output covers."""

from dataclasses import replace
from typing import Any

import pytest

from forecast.axes import SEGMENTS
from forecast.spec.scope import COVERED, Scope, mismatches

CENTRES = ("conventional", "ai_inference", "ai_training", "ai_customisation")
SAME = Scope(segments=CENTRES)


def test_the_same_scope_has_nothing_to_tell() -> None:
    assert mismatches("data_centres", SAME, factor=False) == []
    turned = replace(SAME, segments=CENTRES[::-1])
    assert mismatches("data_centres", turned, factor=False) == []
    assert mismatches("data_centres", SAME, factor=True) == []


@pytest.mark.parametrize("output", COVERED)
def test_every_output_agrees_with_its_own_scope(output: str) -> None:
    assert set(COVERED[output]) <= set(SEGMENTS)
    assert mismatches(output, Scope(segments=COVERED[output]), factor=False) == []


def test_outputs_cover_what_their_names_say() -> None:
    assert COVERED["total"] == SEGMENTS
    assert COVERED["data_centres"] == COVERED["pue"] == CENTRES
    assert COVERED["ai"] == COVERED["inference_share"] == CENTRES[1:]
    assert (COVERED["crypto"], COVERED["conventional"]) == (("crypto",), ("conventional",))


@pytest.mark.parametrize(
    ("part", "change", "said"),
    [
        (
            "segments",
            {"segments": (*CENTRES, "crypto")},
            "data_centres does not cover crypto",
        ),
        (
            "segments",
            {"segments": CENTRES[:3]},
            "data_centres also covers ai_customisation",
        ),
        (
            "segments",
            {"segments": ("ai_inference", "crypto")},
            "data_centres also covers conventional, ai_training, ai_customisation"
            " and data_centres does not cover crypto",
        ),
        (
            "networks",
            {"networks": "included"},
            "data_centres has networks excluded, the number has networks included",
        ),
        (
            "basis",
            {"basis": "generation"},
            "data_centres has basis consumption, the number has basis generation",
        ),
        (
            "level",
            {"level": "it"},
            "data_centres has level facility, the number has level it",
        ),
    ],
)
@pytest.mark.parametrize("factor", [False, True])
def test_each_part_that_differs_is_named(
    part: str, change: dict[str, Any], said: str, *, factor: bool
) -> None:
    """A factor carries the output to another class of sites; it mends nothing else."""
    assert mismatches("data_centres", replace(SAME, **change), factor=factor) == [(part, said)]


def test_all_parts_are_told_at_once() -> None:
    other = Scope(segments=("crypto",), networks="included", basis="generation", level="it")
    found = [part for part, _ in mismatches("data_centres", other, factor=False)]
    assert found == ["segments", "networks", "basis", "level"]


def test_a_scope_in_words_needs_a_factor() -> None:
    words = Scope(segments="AI-focused sites")
    ((part, said),) = mismatches("ai", words, factor=False)
    assert part == "segments"
    assert said == (
        "ai covers ai_inference, ai_training, ai_customisation;"
        " a factor must say how it becomes this class"
    )
    assert mismatches("ai", words, factor=True) == []
    networked = replace(words, networks="included")
    assert [part for part, _ in mismatches("ai", networked, factor=True)] == ["networks"]


def test_an_index_of_work_is_told_in_words() -> None:
    assert mismatches("workloads", Scope(segments="workloads, 2015 = 1"), factor=False) == []

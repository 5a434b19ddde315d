"""A published number is a prior or an observation, never both."""

import re

import pytest

from forecast import shipped
from forecast.calibration.setup import usable
from forecast.spec.observation import Observation, read_observations
from forecast.spec.register import Register
from forecast.spec.vintage import known_priors

VINTAGES = sorted(file.stem for file in (shipped.priors() / "vintages").glob("*.yaml"))
LINK = re.compile(r"https?://\S+|doi:\S+")
NUMBER = re.compile(r"(?<![\w.])(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?![\w])")


@pytest.fixture(scope="module")
def published() -> tuple[Observation, ...]:
    return read_observations(shipped.observations())


def _numbers(text: str) -> set[float]:
    """Numbers that stand in a text, links and DOIs apart."""
    found = NUMBER.findall(LINK.sub(" ", text))
    return {float(one.replace(",", "")) for one in found}


def _forms(one: Observation) -> set[float]:
    """A value as it may be told: itself, or a ratio as a percentage or as a growth in per cent."""
    assert one.value is not None
    if one.unit != "1":
        return {one.value}
    return {round(x, 9) for x in (one.value, 100 * one.value, 100 * (one.value - 1))}


def test_numbers_are_found_in_words_and_not_in_links() -> None:
    text = (
        "X (2025), doi:10.1126/science.1, +340 % (1,050 to .5 TWh), https://x.org/361/, H100, 4.4"
    )
    assert _numbers(text) == {2025, 340, 1050, 0.5, 4.4}


def test_what_a_prior_holds_names_an_input_and_is_no_observation(
    published: tuple[Observation, ...], register: Register
) -> None:
    held = [one for one in published if one.held_by is not None]
    assert len(held) > 10
    for one in held:
        assert one.held_by in register.priors, one.id
        assert register.priors[one.held_by].role != "lever", one.id
    for name in VINTAGES:
        used = usable(published, register.vintages[name].as_of, None)
        assert used
        assert all(one.held_by is None for one in used)


@pytest.mark.parametrize("name", VINTAGES)
def test_no_prior_rests_on_a_number_that_is_observed(
    name: str, published: tuple[Observation, ...], register: Register
) -> None:
    vintage = register.vintages[name]
    used = [one for one in usable(published, vintage.as_of, None) if one.value is not None]
    assert len(used) >= 4
    judged = 0
    for prior in known_priors(register.priors, register.vintages, name).values():
        if prior.role == "lever" or prior.family == "fixed":
            continue
        judged += 1
        said = _numbers(prior.source)
        for one in used:
            assert not _forms(one) & said, f"{prior.name} cites {one.id}: {prior.source}"
    assert judged > 80


@pytest.mark.parametrize("name", VINTAGES)
def test_nothing_is_observed_before_it_was_published(
    name: str, published: tuple[Observation, ...], register: Register
) -> None:
    as_of = register.vintages[name].as_of
    for one in usable(published, as_of, None):
        assert one.as_of[:7] <= as_of[:7], one.id
        assert one.year <= int(as_of[:4]), one.id

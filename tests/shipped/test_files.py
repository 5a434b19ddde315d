"""Every shipped file reads, and every number in it says where it comes from."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from forecast import shipped
from forecast.axes import FIRST_YEAR, LAST_YEAR
from forecast.model.demand import Inputs
from forecast.spec.register import Register
from forecast.spec.resolve import read_scenario

ADDRESS = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+|\b10\.\d{4,9}/\S+")
WORDS = re.compile(r"\b(definition|judgement)\b")
SAID = {"family", "unit", "column", "source", "as_of", "grade", "why"}
"""What no entry may leave out."""


def _model_fields(block: type, above: str = "") -> set[str]:
    """Dotted names of the inputs, read from the classes as Python has them."""
    found = set[str]()
    for field in fields(block):
        if is_dataclass(field.type) and isinstance(field.type, type):
            found |= _model_fields(field.type, f"{above}{field.name}.")
        else:
            found.add(f"{above}{field.name}")
    return found


def test_every_input_of_the_model_has_its_entry_and_the_reverse(
    entries: dict[str, dict[str, Any]], register: Register
) -> None:
    assert set(entries) == _model_fields(Inputs)
    assert set(register.priors) == set(entries)


def test_every_entry_says_what_it_must(entries: dict[str, dict[str, Any]]) -> None:
    for name, entry in entries.items():
        assert entry.keys() >= SAID, name
        assert re.fullmatch(r"\d{4}(-\d\d){0,2}", str(entry["as_of"])), name
        assert entry["grade"] in tuple("ABCD"), name
        assert len(entry["why"]) > 10, name


def test_every_source_cites_something(
    entries: dict[str, dict[str, Any]], scenario_files: dict[str, dict[str, Any]]
) -> None:
    for name, entry in (*entries.items(), *scenario_files.items()):
        source = entry["source"]
        assert ADDRESS.search(source) or WORDS.search(source), name


def test_good_evidence_is_more_than_a_judgement(entries: dict[str, dict[str, Any]]) -> None:
    """Grades A and B rest on something published, or follow from a definition."""
    for name, entry in entries.items():
        if entry["grade"] in "AB":
            assert ADDRESS.search(entry["source"]) or "definition" in entry["source"], name


def test_no_column_is_taken_twice(register: Register) -> None:
    taken = Counter(column for prior in register.priors.values() for column in prior.columns)
    assert max(taken.values()) == 1


def test_every_observation_says_where_it_was_published() -> None:
    files = sorted(shipped.observations().glob("*.yaml"))
    raw = [YAML(typ="safe", pure=True).load(file) for file in files]
    assert {"iea-2024", "iea-2025", "iea-2026"} <= {file.stem for file in files}
    told = [(one, each) for one in raw for each in one["observations"]]
    assert max(Counter(each["id"] for _, each in told).values()) == 1
    for publication, each in told:
        assert ADDRESS.search(each.get("source", publication["url"])), each["id"]
        assert ADDRESS.search(publication["url"])
        assert each["grade"] in tuple("ABCD"), each["id"]


def test_every_scenario_resolves_and_names_every_input(
    scenario: str, scenario_files: dict[str, dict[str, Any]], register: Register
) -> None:
    policy = "calibration" not in scenario_files[scenario]
    found = read_scenario(f"base+{scenario}" if policy else scenario, register=register)
    assert set(found.priors) == set(register.priors)
    assert FIRST_YEAR < found.horizon <= LAST_YEAR
    assert len(scenario_files[scenario]["summary"]) > 20


@pytest.mark.slow
def test_every_scenario_runs_and_gives_finite_numbers(
    paired: xr.DataTree, adapted: xr.DataTree, outputs_of: Callable[..., dict[str, np.ndarray]]
) -> None:
    for run in (paired, adapted):
        assert run.attrs["failed"] == 0
        for name in run["prior_predictive"]["scenario"].values:
            for output, values in outputs_of(run, name).items():
                assert np.isfinite(values).all(), (name, output)
        summary = run["summary"].to_dataset()
        assert set(summary["scenario"].values) == set(run["prior_predictive"]["scenario"].values)


@pytest.mark.slow
def test_the_program_of_rules_agrees_with_the_plain_model(
    paired: xr.DataTree, adapted: xr.DataTree, outputs_of: Callable[..., dict[str, np.ndarray]]
) -> None:
    plain, ruled = outputs_of(paired, "base"), outputs_of(adapted, "base")
    for name, values in plain.items():
        np.testing.assert_allclose(ruled[name], values, rtol=1e-9, atol=1e-12, err_msg=name)

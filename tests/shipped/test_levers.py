"""A policy changes nothing before it starts; a lever as shipped changes nothing at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import forecast.api
from forecast.axes import FIRST_YEAR

REPORTING = "reporting"
CONTRACTS = ("clean-power", "ireland-cru")
"""Policies that move no demand."""

type Outputs = Callable[..., dict[str, np.ndarray]]


def _value(entry: Any) -> Any:
    return entry["value"] if isinstance(entry, dict) else entry


def _flow(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return "{" + ", ".join(f"{key}: {each}" for key, each in value.items()) + "}"


@pytest.mark.slow
def test_policy_changes_no_bit_up_to_its_start_and_something_after(
    policy: str,
    together: Callable[[str], xr.DataTree],
    outputs_of: Outputs,
    scenario_files: dict[str, dict[str, Any]],
    entries: dict[str, dict[str, Any]],
) -> None:
    said = scenario_files[policy]
    below = scenario_files.get(said.get("extends"), {})
    set_here = below.get("levers", {}) | said.get("levers", {})
    starts = [
        int(_value(set_here.get(name, entries[name])))
        for lever in set_here
        if (name := f"{lever}_start") in entries
    ]
    if "when" in said:  # the last year before the first in which it can be in force
        starts.append(said["watched_from"] + said["delay"] - 1)
    assert starts, "a shipped policy begins in a year"
    same = min(starts) - FIRST_YEAR + 1
    run = together(policy)
    before, after = outputs_of(run, "base"), outputs_of(run, f"base+{policy}")
    for name, values in before.items():
        assert values[:same].tobytes() == after[name][:same].tobytes(), name
    moved = {name for name, old in before.items() if np.any(old != after[name])}
    if policy == REPORTING:
        assert moved == set(), "a duty to report is without effect by construction"
    elif policy in CONTRACTS:
        assert {"emissions", "renewable_share_market"} <= moved
        assert "demand" not in moved
    else:
        assert "demand" in moved


@pytest.mark.slow
def test_levers_as_shipped_are_neutral(
    entries: dict[str, dict[str, Any]], outputs_of: Outputs, paired: xr.DataTree
) -> None:
    """Bit for bit what base has: said once more, and put off to the horizon."""
    levers = {name: entry for name, entry in entries.items() if entry.get("role") == "lever"}
    assert len(levers) >= 10
    said = {name: entry["value"] for name, entry in levers.items()}
    late = said | {name: 2050 for name in levers if name.endswith("_full")}
    late |= {name: 2034 for name in levers if name.endswith("_start")}
    before = outputs_of(paired, "base")
    for values in (said, late):
        settings = [f"{name}.value={_flow(value)}" for name, value in values.items()]
        run = forecast.api.run("base", draws=64, settings=settings, keep=["all"], prior=True)
        after = outputs_of(run, "base")
        for name, old in before.items():
            assert old.tobytes() == after[name].tobytes(), name


@pytest.mark.slow
def test_the_levers_act_when_moved(
    outputs_of: Outputs, entries: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """What the test above would not see: a lever that is connected to nothing."""
    moved = {
        "adoption.carbon_price": "300",
        "conventional.pue_cap": "{hyperscale: 1.01, colocation: 1.01, enterprise: 1.01}",
        "crypto.restriction": "1",
        "limits.connection_cap": "{united_states: 0, china: 0, europe: 0, asia_pacific: 0,"
        " rest_of_world: 0}",
        "measures.pue_cap_ai": "1.01",
        "measures.hardware_standard": "0.5",
        "measures.lean_serving": "0.5",
        "measures.right_sizing": "0.5",
        "measures.reuse": "5",
        "measures.flexible_load": "2",
        "measures.flexible_load_curtailment": "0.3",
    }
    # Each alone, and where it reaches nobody: policies of one run, over the same draws.
    names = ["base"]
    for name, value in moved.items():
        reach = f"{name}_reach"
        nobody = _flow(dict.fromkeys(entries[reach]["value"], 0)) if reach in entries else ""
        for suffix, more in (("acts", ""), ("reaches-nobody", nobody)):
            if suffix == "acts" or more:
                file = tmp_path / f"{name.replace('.', '-').replace('_', '-')}-{suffix}.yaml"
                said = f"  {name}: {{value: {value}}}\n"
                said += f"  {reach}: {{value: {more}}}\n" if more else ""
                file.write_text(f"title: Test\nlevers:\n{said}source: definition\n")
                names.append(f"base+{file}")
    run = forecast.api.run(*names, draws=64, prior=True)
    before = outputs_of(run, "base")["demand"]
    found = [str(one) for one in run["prior_predictive"]["scenario"].values[1:]]
    assert len(found) > 1.5 * len(moved)
    for name in found:
        after = outputs_of(run, name)["demand"]
        if name.endswith("-acts"):
            assert np.any(after[-1] != before[-1]), name
        else:
            assert after.tobytes() == before.tobytes(), name

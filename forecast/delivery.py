"""A Run into its folder: the file, the table, the scenario as resolved, the first figure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast.analysis.failures import failure_notes
from forecast.analysis.rules import rule_notes
from forecast.analysis.views import views
from forecast.errors import shown
from forecast.export.tables import summary_csv
from forecast.figures.fan import fan
from forecast.figures.notes import basis_of
from forecast.figures.style import save_figure
from forecast.files import publish
from forecast.rows import SUMMARY_FILE
from forecast.shipped import observations, priors
from forecast.shipped import scenarios as scenarios_folder
from forecast.spec.observation import Observation, read_observations
from forecast.spec.scenario import Scenario
from forecast.spec.text import to_yaml
from forecast.store import outputs_group, save

BY_REGION: Final = "_by_region"
"""Ending of outputs that are summarised always and kept draw by draw on request."""


def observed_dataset(found: Sequence[Observation]) -> xr.Dataset:
    """Published numbers as a group of a Run.

    Parameters
    ----------
    found
        From `read_observations`; those given as quantiles are left to calibration.

    Returns
    -------
    Dataset
        One dim, `observation`.
    """
    rows = [one for one in found if one.value is not None]
    first = ("id", "output", "region", "unit", "kind", "publisher", "edition", "grade", "source")
    names = (*first, "as_of")
    columns: dict[str, Any] = {
        name: ("observation", np.array([getattr(one, name) for one in rows])) for name in names
    }
    columns["case"] = ("observation", np.array([one.case or "" for one in rows]))
    columns["segments"] = ("observation", np.array([_segments(one) for one in rows]))
    columns["year"] = ("observation", np.array([one.year for one in rows]), {"units": "yr"})
    told = {"long_name": "published value", "units": "see the variable unit"}
    columns["value"] = ("observation", np.array([one.value for one in rows]), told)
    return xr.Dataset(columns)


def _segments(one: Observation) -> str:
    covered = one.scope.segments
    return covered if isinstance(covered, str) else ",".join(covered)


def finished(
    run: xr.DataTree,
    summary: xr.Dataset,
    key: str,
    failed: xr.Dataset,
    known: Mapping[str, str] | None = None,
) -> xr.DataTree:
    """Run with its summary, the published numbers, its key, its failures and what it knows.

    Parameters
    ----------
    run
        From `simulate`.
    summary
        From `summary` or `stream_summary`.
    key
        From `run_key`.
    failed
        From `failures`.
    known
        Scenario → date of its vintage.

    Returns
    -------
    DataTree
    """
    whole = run.copy(deep=False)
    whole["summary"] = xr.DataTree(summary)
    published = observed_dataset(read_observations(observations()))
    whole["observed_data"] = xr.DataTree(published)
    whole.attrs["key"] = key
    whole.attrs["draws"] = int(failed["draws"])
    whole.attrs["failed"] = int(failed["count"].sum())
    said = views(run, known or {}, published) if outputs_group(run) in run.children else []
    said += unpaired(run)
    whole.attrs["basis"] = "; ".join(said)
    whole.attrs["notes"] = "\n".join([*said, *rule_notes(run), *failure_notes(failed)])
    return whole


def unpaired(run: xr.DataTree) -> list[str]:
    """Say of scenarios with different posteriors that their draws are no pairs."""
    keys = str(run.attrs.get("posteriors", "")).split()
    if len(set(keys)) < 2:
        return []
    return [
        f"{len(set(keys))} ensembles ({', '.join(dict.fromkeys(keys))}): scenarios of different"
        " posteriors are not paired draw by draw"
    ]


def without_regions(run: xr.DataTree, keep: Sequence[str]) -> xr.DataTree:
    """Run without the draws by region that nobody asked for."""
    if {"all", "regions"} & set(keep):
        return run
    outputs = run[outputs_group(run)].to_dataset()
    extra = [name for name in outputs.data_vars if str(name).endswith(BY_REGION)]
    slim = run.copy(deep=False)
    slim[outputs_group(slim)] = xr.DataTree(
        outputs.drop_vars([name for name in extra if name not in keep])
    )
    return slim


def portable(scenario: Scenario) -> Scenario:
    """Scenario whose origins name shipped files as in the repository, wherever it is installed."""
    homes = {f"{shown(priors())}/": "priors/", f"{shown(scenarios_folder())}/": "scenarios/"}

    def named(origin: str) -> str:
        for home, name in homes.items():
            origin = origin.replace(home, name, 1) if origin.startswith(home) else origin
        return origin

    return replace(scenario, origins={key: named(one) for key, one in scenario.origins.items()})


def deliver(
    run: xr.DataTree,
    scenarios: Sequence[Scenario],
    folder: Path,
    side: Mapping[str, Any],
) -> None:
    """Write a finished Run into a folder that appears whole or not at all.

    Parameters
    ----------
    run
        From `finished`.
    scenarios
        As resolved, in the order of the run.
    folder
        `outputs/<name>-<key>`; an older one of that name is replaced.
    side
        Times and command, for the side file that no digest covers.
    """

    def fill(partial: Path) -> Mapping[str, Any]:
        save(run, partial / "run.nc")
        table = run["summary"].to_dataset()
        summary_csv(table, partial / SUMMARY_FILE)
        for one in scenarios:
            name = "scenario.yaml" if len(scenarios) == 1 else f"scenario-{one.name}.yaml"
            (partial / name).write_text(to_yaml(portable(one), origin=True), encoding="utf-8")
        (partial / "figures").mkdir()
        basis = basis_of(run.attrs, [one.name for one in scenarios])
        figure = fan(table, run["observed_data"].to_dataset(), attributes=run.attrs, basis=basis)
        for ending in ("png", "svg"):
            save_figure(figure, partial / "figures" / f"total.{ending}")
        return side

    publish(folder, str(run.attrs["key"]), fill)

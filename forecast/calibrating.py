"""Making a posterior, and keeping it: what only a calibration needs is imported here."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from forecast import store
from forecast.analysis.diagnostics import convergence, sensitivity, told
from forecast.analysis.ledger import ledger
from forecast.calibration.calibrate import calibrate
from forecast.calibration.posterior import posterior_tree
from forecast.calibration.setup import set_up
from forecast.delivery import observed_dataset
from forecast.errors import Refusal
from forecast.export.ledger import ledger_csv, ledger_latex, ledger_markdown
from forecast.figures.calibrated_fan import calibrated_fan
from forecast.figures.style import save_figure
from forecast.figures.update import update
from forecast.files import publish
from forecast.posteriors import POSTERIOR_FILE, folder_of, key_of, needed
from forecast.provenance import code_digest, package_version, texts
from forecast.shipped import observations
from forecast.simulate.binding import canonical_units, check_binding
from forecast.simulate.engine import reference_cost
from forecast.spec.conversion import in_canonical_units
from forecast.spec.observation import read_observations
from forecast.spec.register import Register
from forecast.spec.scenario import Scenario
from forecast.spec.vintage import known_priors

type Progress = Callable[[int, int], None]


def make(
    scenario: Scenario,
    register: Register,
    outputs: Path,
    *,
    populations: int | None = None,
    command: str = "",
    progress: Progress | None = None,
) -> Path:
    """Calibrate a scenario and keep its posterior.

    Parameters
    ----------
    scenario
        With a calibration.
    register
    outputs
        Folder of the results.
    populations
        As many as the draws ask for if not given.
    command
        For the side file.
    progress
        Told of populations and stages done.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    Refusal
        If the calibration cannot be delivered.
    """
    began = time.monotonic()
    tree = posterior_in_memory(scenario, register, populations=populations, progress=progress)
    folder, key = folder_of(scenario, register, outputs), key_of(scenario, register)
    side = {
        "written": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "command": command,
        "seconds": round(time.monotonic() - began, 1),
        "populations": int(tree.attrs["populations"]),
        "notes": tree.attrs["notes"],
    }
    publish(folder, key, lambda partial: _fill(tree, partial, side))
    return folder


def posterior_in_memory(
    scenario: Scenario,
    register: Register,
    *,
    populations: int | None = None,
    progress: Progress | None = None,
) -> xr.DataTree:
    """Calibrate a scenario.

    Parameters
    ----------
    scenario
        With a calibration.
    register
    populations
        As many as the draws ask for if not given.
    progress
        Told of populations and stages done.

    Returns
    -------
    DataTree
        As from `posterior_tree`, with its convergence and what is to be said of it.

    Raises
    ------
    Refusal
        If the calibration cannot be delivered.
    """
    asked = scenario.calibration
    if asked is None:
        raise Refusal(f"{scenario.name}: its file has no block calibration, so there is no data")
    ready = in_canonical_units(scenario, canonical_units())
    check_binding(ready.priors)
    reference = known_priors(register.priors, register.vintages, scenario.vintage)
    cost = reference_cost(reference, ready.horizon)
    known = register.vintages[str(scenario.vintage)].as_of
    problem, aim = set_up(ready, known, read_observations(observations()), cost)
    found = calibrate(
        problem,
        aim,
        seed=asked.seed,
        particles=asked.particles,
        populations=populations or needed(scenario),
        progress=progress,
    )
    tree = posterior_tree(ready, found, _attributes(scenario, known, register, found.z.shape))
    tree["convergence"] = xr.DataTree(convergence(tree))
    tree["sensitivity"] = xr.DataTree(sensitivity(tree))
    tree.attrs["notes"] = "\n".join(told(tree))
    return tree


def _attributes(
    scenario: Scenario, known: str, register: Register, shape: Sequence[int]
) -> dict[str, Any]:
    assert scenario.calibration is not None, "a posterior has a calibration"
    return {
        "title": scenario.title,
        "Conventions": "CF-1.11",
        "scenario": scenario.name,
        "vintage": str(scenario.vintage),
        "known": known,
        "key": key_of(scenario, register),
        "seed": scenario.calibration.seed,
        "populations": int(shape[0]),
        "particles": int(shape[1]),
        "forecast_version": package_version(),
        "code_digest": code_digest(),
        "scenarios": texts([scenario]),
    }


def _fill(tree: xr.DataTree, partial: Path, side: Mapping[str, Any]) -> Mapping[str, Any]:
    store.save(tree, partial / POSTERIOR_FILE)
    rows = ledger(tree)
    ledger_csv(rows, partial / "priors.csv")
    ledger_markdown(rows, partial / "priors.md")
    ledger_latex(rows, partial / "priors.tex")
    (partial / "notes.txt").write_text(tree.attrs["notes"] + "\n", encoding="utf-8")
    (partial / "figures").mkdir()
    published = observed_dataset(read_observations(observations()))
    drawn = {"fan": calibrated_fan(tree, published=published), "update": update(tree, rows=rows)}
    for name, figure in drawn.items():
        for ending in ("png", "svg"):
            save_figure(figure, partial / "figures" / f"{name}.{ending}")
    return side

"""The Python face: the same names as the command line, returning plain xarray objects."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from forecast import delivery, store
from forecast.analysis.failures import failure_notes, failures
from forecast.analysis.summary import summary
from forecast.request import Precision, Request, request, sampling_settings
from forecast.simulate.ensemble import Progress, plan, simulate
from forecast.spec.scenario import Scenario


class Refusal(Exception):
    """A run that was computed and is not delivered, with the reason."""


def compute(
    asked: Request,
    *,
    progress: Progress | None = None,
    reference: np.ndarray | None = None,
) -> xr.DataTree:
    """Compute a request.

    Parameters
    ----------
    asked
    progress
        Told after each block.
    reference : 1
        The reference path, if it is known from an earlier run.

    Returns
    -------
    DataTree
        Finished: with summary and published numbers.

    Raises
    ------
    Refusal
        If more draws fail than the scenario accepts.
    """
    ready = plan(
        asked.scenarios, asked.register.priors, precision=asked.precision, reference=reference
    )
    tree = simulate(ready, keep=asked.keep, progress=progress)
    refuse_failures(tree, asked.scenarios)
    whole = delivery.finished(tree, summary(tree), asked.key)
    return delivery.without_regions(whole, asked.keep)


def refuse_failures(tree: xr.DataTree, scenarios: Sequence[Scenario]) -> None:
    """Refuse a run in which too many draws failed.

    Raises
    ------
    Refusal
        With counts, reasons and where in the space of inputs the failed draws lie.
    """
    found = failures(tree)
    draws = int(found["draws"])
    for one, count, where in zip(
        scenarios, found["count"].values, found["where"].values, strict=True
    ):
        if count.sum() > one.failed_share * draws:
            reasons = zip(found["reason"].values, count, strict=True)
            told = ", ".join(f"{number} {reason}" for reason, number in reasons if number)
            lie = f"; they lie at {where}" if where else ""
            raise Refusal(
                f"{one.name}: {count.sum()} of {draws} draws failed ({told}), more than the"
                f" {one.failed_share:.3%} that the scenario accepts (failed_share){lie}"
            )


def run(
    *references: str,
    draws: int | None = None,
    seed: int | None = None,
    method: str | None = None,
    settings: Sequence[str] = (),
    keep: Sequence[str] = (),
    precision: Precision = "double",
    progress: Progress | None = None,
) -> xr.DataTree:
    """Run scenarios in memory.

    Parameters
    ----------
    references
        Names of shipped scenarios or paths; ``base+pue-cap`` lays a policy over a world.
    draws, seed, method
        In place of the scenarios' own sampling.
    settings, keep, precision
        As for `request`.
    progress
        Told after each block.

    Returns
    -------
    DataTree
        Groups `prior`, `prior_predictive`, `constant_data`, `sample_stats_prior`,
        `observed_data` and `summary`; ArviZ reads it as it is.

    Raises
    ------
    InputErrors
        With every fault of every file.
    Refusal
        If more draws fail than a scenario accepts.
    """
    given = sampling_settings(draws=draws, seed=seed, method=method)
    asked = request(*references, settings=(*settings, *given), keep=keep, precision=precision)
    return compute(asked, progress=progress)


def save(tree: xr.DataTree, scenarios: Request, outputs: Path, command: str) -> Path:
    """Deliver a finished Run into its folder.

    Parameters
    ----------
    tree
        From `compute`.
    scenarios
        The request it answers.
    outputs
        Folder of the results.
    command
        For the side file.

    Returns
    -------
    Path
        The folder of the run.
    """
    folder = scenarios.folder(outputs)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    found = failures(tree)
    side = {
        "written": stamp,
        "command": command,
        "draws": int(found["draws"]),
        "failed": int(found["count"].sum()),
        "notes": failure_notes(found),
    }
    delivery.deliver(tree, scenarios.scenarios, folder, side)
    return folder


def load(path: str | Path) -> xr.DataTree:
    """Read a stored Run, the file or its folder.

    Raises
    ------
    ValueError
        If there is none.
    """
    return store.load(Path(path))



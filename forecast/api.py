"""The Python face: the same names as the command line, returning plain xarray objects."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from forecast import delivery, posteriors, store
from forecast.analysis.comparison import comparison
from forecast.analysis.explanation import beside_published, block_of, drivers, quantities_of
from forecast.analysis.failures import counted, failure_notes, failures
from forecast.analysis.paired import paired
from forecast.analysis.precision import parse_rules
from forecast.analysis.sameness import Comparison
from forecast.analysis.sameness import compare as same
from forecast.analysis.summary import summary
from forecast.axes import FIRST_YEAR
from forecast.errors import Refusal
from forecast.request import CHAINS, Precision, Request, request, sampling_settings
from forecast.simulate.again import plan_again
from forecast.simulate.engine import reference_cost
from forecast.simulate.ensemble import Plan, Progress, check_together, plan, simulate
from forecast.simulate.label import attributes, keys_of_posteriors
from forecast.simulate.posterior import Posterior
from forecast.simulate.variables import DEFAULT, chosen, every_output
from forecast.spec.scenario import Scenario
from forecast.spec.vintage import known_priors
from forecast.studies.audit import audit_run
from forecast.studies.stream import stream_summary
from forecast.studies.until import simulate_until


def compute(
    asked: Request,
    *,
    progress: Progress | None = None,
    drawn: Sequence[Posterior | None] = (),
) -> xr.DataTree:
    """Compute a request.

    Parameters
    ----------
    asked
    progress
        Told after each block.
    drawn
        Posteriors, one a scenario, from `find_posteriors`.

    Returns
    -------
    DataTree
        Finished: with summary and published numbers.

    Raises
    ------
    ValueError
        If two scenarios bear one name, or do not share horizon, sampling and dependence.
    Refusal
        If more draws fail than the scenario accepts.
    """
    _check_names(asked.scenarios)
    ready = _planned(asked, drawn)
    tree = simulate(ready, keep=asked.keep, progress=progress)
    failed = accepted(failures(tree), asked.scenarios)
    whole = delivery.finished(tree, summary(tree), asked.key, failed, dates(asked))
    return delivery.without_regions(whole, asked.keep)


def dates(asked: Request) -> dict[str, str]:
    """Scenario → date of its vintage."""
    known = asked.register.vintages
    return {one.name: known[one.vintage].as_of for one in asked.scenarios if one.vintage}


def _planned(asked: Request, drawn: Sequence[Posterior | None]) -> Plan:
    return plan(
        asked.scenarios,
        asked.register.priors,
        precision=asked.precision,
        reference=references(asked),
        posteriors=drawn,
    )


def references(asked: Request) -> np.ndarray:
    """Reference path of each scenario: the middle of what its vintage knows, `[scenario, year]`."""
    paths: dict[str | None, np.ndarray] = {}
    for one in asked.scenarios:
        if one.vintage not in paths:
            known = known_priors(asked.register.priors, asked.register.vintages, one.vintage)
            paths[one.vintage] = reference_cost(known, one.horizon, precision=asked.precision)
    return np.stack([paths[one.vintage] for one in asked.scenarios])


def find_posteriors(
    asked: Request, outputs: Path, *, command: str = "", progress: Progress | None = None
) -> list[Posterior | None]:
    """Posterior of each scenario, made and kept where there is none.

    Parameters
    ----------
    asked
    outputs
        Folder of the results.
    command
        For the side files.
    progress
        Told of populations and stages done.

    Returns
    -------
    list
        None for a scenario that draws from its priors.

    Raises
    ------
    ValueError
        If what is asked for cannot be run, told before anything is calibrated.
    Refusal
        If a calibration cannot be delivered, or has fewer draws than are asked for.
    """
    _check_names(asked.scenarios)
    check_together(asked.scenarios)
    chosen(asked.keep)
    found: list[Posterior | None] = []
    for one in asked.scenarios:
        if one.calibration is None:
            found.append(None)
            continue
        known = posteriors.posterior_of(one, asked.register, outputs)
        if known is None:
            # Imported where it is needed: a run that finds its posterior makes none.
            from forecast import calibrating

            calibrating.make(one, asked.register, outputs, command=command, progress=progress)
            known = posteriors.posterior_of(one, asked.register, outputs)
        found.append(known)
    return found


def calibrate(
    reference: str,
    *,
    settings: Sequence[str] = (),
    populations: int | None = None,
    progress: Progress | None = None,
) -> xr.DataTree:
    """Calibrate a scenario in memory.

    Parameters
    ----------
    reference
        A scenario with a block `calibration`.
    settings
        As for `request`.
    populations
        As many as its draws ask for if not given.
    progress
        Told of populations and stages done.

    Returns
    -------
    DataTree
        Groups `prior`, `posterior` and their predictives, `observed_data`, `report` and more.

    Raises
    ------
    InputErrors
        With every fault of every file.
    Refusal
        If the calibration cannot be delivered.
    """
    asked = request(reference, settings=settings)
    from forecast import calibrating

    return calibrating.posterior_in_memory(
        asked.scenarios[0], asked.register, populations=populations, progress=progress
    )


def _check_names(scenarios: Sequence[Scenario]) -> None:
    # A name is the label of the dim `scenario` and part of a file's name.
    names = [one.name for one in scenarios]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise ValueError(f"two scenarios are called {twice[0]!r}; give each a name of its own")


def accepted(found: xr.Dataset, scenarios: Sequence[Scenario]) -> xr.Dataset:
    """Failures that the scenarios accept.

    Raises
    ------
    Refusal
        If they are more, with counts, reasons and where in the space of inputs they lie.
    """
    draws = int(found["draws"])
    over = [
        note
        for number, one in enumerate(scenarios)
        if found["count"].values[number].sum() > one.failed_share * draws
        for note in failure_notes(found.isel(scenario=[number]))
    ]
    if over:
        shares = ", ".join(f"{one.name} accepts {one.failed_share:.3%}" for one in scenarios)
        raise Refusal("\n".join([*over, f"refused: too many ({shares}; key failed_share)"]))
    return found


def run(
    *references: str,
    draws: int | None = None,
    seed: int | None = None,
    method: str | None = None,
    settings: Sequence[str] = (),
    keep: Sequence[str] = (),
    precision: Precision = "double",
    prior: bool = False,
    outputs: Path | str = "outputs",
    progress: Progress | None = None,
) -> xr.DataTree:
    """Run scenarios in memory.

    Parameters
    ----------
    references
        Names of shipped scenarios or paths; ``base+pue-cap`` lays a policy over a world.
    draws, seed, method
        In place of the scenarios' own sampling.
    settings, keep, precision, prior
        As for `request`.
    outputs
        Folder where posteriors are kept; one that is missing is made there first.
    progress
        Told after each block.

    Returns
    -------
    DataTree
        Groups `posterior`, `posterior_predictive`, `constant_data`, `sample_stats` (`prior`,
        `prior_predictive` and `sample_stats_prior` for a run of the prior), `observed_data` and
        `summary`; ArviZ reads it as it is.

    Raises
    ------
    InputErrors
        With every fault of every file.
    Refusal
        If more draws fail than a scenario accepts.
    """
    given = sampling_settings(draws=draws, seed=seed, method=method)
    asked = request(
        *references, settings=(*settings, *given), keep=keep, precision=precision, prior=prior
    )
    drawn = find_posteriors(asked, Path(outputs), progress=progress)
    return compute(asked, progress=progress, drawn=drawn)


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
    known = {name: tree.attrs[name] for name in ("draws", "failed", "notes")}
    side = {"written": stamp, "command": command, **known}
    delivery.deliver(tree, scenarios.scenarios, folder, side)
    return folder


def stream(
    asked: Request, *, progress: Progress | None = None, drawn: Sequence[Posterior | None] = ()
) -> xr.DataTree:
    """Compute summaries alone, in constant memory, of any number of draws.

    Parameters
    ----------
    asked
    progress
        Told after each block.
    drawn
        Posteriors, one a scenario.

    Returns
    -------
    DataTree
        Finished, without draws.

    Raises
    ------
    ValueError
        If two scenarios bear one name, or do not share horizon, sampling and dependence.
    Refusal
        If more draws fail than the scenario accepts.
    """
    _check_names(asked.scenarios)
    ready = _planned(asked, drawn)
    table = stream_summary(ready, progress=progress)
    counts = table.attrs.pop("failed")
    reasons = list(next(iter(counts.values())))
    rows = [list(one.values()) for one in counts.values()]
    failed = counted(list(counts), reasons, rows, [""] * len(counts), table.attrs["draws"])
    tree = xr.DataTree()
    tree.attrs = attributes(ready.scenarios, ready.design, ready.precision)
    tree.attrs["posteriors"] = " ".join(keys_of_posteriors(ready.posteriors, len(ready.scenarios)))
    return delivery.finished(tree, table, asked.key, accepted(failed, asked.scenarios))


def compute_until(
    asked: Request,
    rule: str,
    *,
    ceiling: int,
    progress: Progress | None = None,
    drawn: Sequence[Posterior | None] = (),
) -> xr.DataTree:
    """Add draws until the Monte Carlo error meets a rule, or a ceiling is reached.

    Parameters
    ----------
    asked
    rule
        As in ``p95(total[2030]) rel 1%``.
    ceiling
        Most draws.
    progress
        Told after each block of each attempt.
    drawn
        Posteriors, one a scenario; their draws are a ceiling of their own.

    Returns
    -------
    DataTree
        Finished; what was attempted is in its attribute `until`.

    Raises
    ------
    ValueError
        If the rule does not parse or names what there is not.
    Refusal
        If more draws fail than the scenario accepts.
    """
    _check_names(asked.scenarios)
    tree, attempts = simulate_until(
        asked.scenarios,
        asked.register.priors,
        parse_rules(rule),
        ceiling=min([ceiling, *(CHAINS * one.draws for one in drawn if one)]),
        keep=asked.keep,
        precision=asked.precision,
        reference=references(asked),
        posteriors=drawn,
        progress=progress,
    )
    failed = accepted(failures(tree), asked.scenarios)
    whole = delivery.finished(tree, summary(tree), asked.key, failed, dates(asked))
    told = [str(one) for one in attempts[-1].assessments]
    verdict = "met" if attempts[-1].met else f"not met at the ceiling of {ceiling:,} draws"
    notes = [whole.attrs["notes"], *told, f"{rule}: {verdict}"]
    whole.attrs["notes"] = "\n".join(one for one in notes if one)
    return delivery.without_regions(whole, asked.keep)


def explain(
    reference: str,
    *,
    settings: Sequence[str] = (),
    years: Sequence[int] = (2025, 2030),
    blocks: Sequence[str] = (),
    change: tuple[int, int] = (2022, 2030),
    prior: bool = False,
    outputs: Path | str = "outputs",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Every quantity of the model, published numbers beside it, and what drives the change.

    Parameters
    ----------
    reference
        A scenario.
    settings
        As for `request`.
    years
        Of the quantities.
    blocks
        Which blocks; all if none is named.
    change
        Years of the decomposition.
    prior, outputs
        As for `run`.
    progress
        Told after each block.

    Returns
    -------
    dict
        `scenario`, `draws`, `years`, `quantities`, `published` and `change`, ready for JSON.

    Raises
    ------
    ValueError
        If a block or a year is not there.
    """
    asked = request(reference, settings=settings, keep=("all",), prior=prior)
    horizon = asked.scenarios[0].horizon
    for year in (*years, *change):
        if not FIRST_YEAR <= year <= horizon:
            raise ValueError(f"year {year} is not in the run, which has {FIRST_YEAR} to {horizon}")
    known = list(dict.fromkeys(block_of(one) for one in every_output()))
    if unknown := [one for one in blocks if one not in known]:
        raise ValueError(f"no block {unknown[0]!r}; the blocks are {', '.join(known)}")
    drawn = find_posteriors(asked, Path(outputs), progress=progress)
    whole = compute(asked, progress=progress, drawn=drawn)
    rows = quantities_of(whole, years)
    return {
        "scenario": asked.scenarios[0].name,
        "draws": asked.draws,
        "years": list(years),
        "quantities": [one for one in rows if not blocks or one["block"] in blocks],
        "published": beside_published(whole),
        "change": drivers(whole, *change),
    }


def audit(
    stored: xr.DataTree, *, scenario: str = "", year: int = 2030, progress: Progress | None = None
) -> xr.Dataset:
    """Make common modelling errors on the draws of a stored Run.

    Parameters
    ----------
    stored
        From `run` or `load`, with its draws.
    scenario
        Its name; the first of the run if none is given.
    year : yr
        After 2023.
    progress
        Told after each block.

    Returns
    -------
    Dataset
        Factor and TWh of each error, waterfall, carbon and hindcast; docs/audit.md.

    Raises
    ------
    ValueError
        If the run has no such scenario or year, keeps no draws, or is not computed again alike.
    """
    return audit_run(stored, scenario, year, progress=progress)


def rerun(stored: xr.DataTree, *, progress: Progress | None = None) -> Comparison:
    """Compute a stored Run again from its own attributes.

    Parameters
    ----------
    stored
    progress
        Told after each block.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If the Run keeps no draws.
    """
    ready = plan_again(stored)
    names = [str(name) for name in stored[store.outputs_group(stored)].data_vars]
    fresh = simulate(
        ready, keep=tuple(one for one in names if one not in DEFAULT), progress=progress
    )
    return same(stored, fresh)


def compare(stored: xr.DataTree, baseline: str = "") -> xr.Dataset:
    """Take the paired differences between the scenarios of a Run, draw by draw.

    Parameters
    ----------
    stored
        Of two scenarios or more, from `run` or `load`.
    baseline
        The scenario that the others are compared with; the first if none is given.

    Returns
    -------
    Dataset
        As from `analysis.comparison`.

    Raises
    ------
    ValueError
        If the run keeps no draws, has one scenario, or scenarios of different ensembles.
    """
    found = paired(stored)
    return comparison(found, baseline or found.scenarios[0])


def load(path: str | Path) -> xr.DataTree:
    """Read a stored Run, the file or its folder.

    Raises
    ------
    ValueError
        If there is none.
    """
    return store.load(Path(path))

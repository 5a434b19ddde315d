"""Arrays to a Run: names, dimensions, units and sources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from forecast.axes import FIRST_YEAR, LABELS, STATUS, STREAMS
from forecast.model.block import quantities
from forecast.model.demand import Inputs
from forecast.provenance import code_digest, package_version, texts
from forecast.sampling.design import Design
from forecast.sampling.draws import Draws
from forecast.simulate.binding import input_dims
from forecast.simulate.engine import Block
from forecast.simulate.posterior import CALIBRATED_YEAR, INNOVATIONS, Posterior
from forecast.simulate.variables import Variable
from forecast.spec.scenario import Scenario

DRAWS = ("chain", "draw")
RULE_YEAR: Final = "rule_year"
"""Name of the year in which the condition of a rule first held."""


@dataclass(frozen=True)
class Arrays:
    """Arrays that blocks are placed in.

    Attributes
    ----------
    variables : mapping
        Outputs to keep.
    outputs : mapping
        Name → `[draw, scenario, year, …]`, draws of all chains in a row.
    inputs : mapping
        Uncertain input → `[draw, scenario or 1, …]`; one where the scenarios share its prior.
    status : array
        `[draw, scenario]`.
    since : array
        `[draw, scenario, rule]`, yr: when the condition of each rule of an adaptive policy first
        held; infinite where it never did.
    """

    variables: Mapping[str, Variable]
    outputs: dict[str, np.ndarray]
    inputs: dict[str, np.ndarray]
    status: np.ndarray
    since: np.ndarray

    @classmethod
    def empty(
        cls,
        scenarios: Sequence[Scenario],
        design: Design,
        variables: Mapping[str, Variable],
        posteriors: Sequence[Posterior | None] = (),
    ) -> "Arrays":
        """Make room for all draws."""
        keys = keys_of_posteriors(posteriors, len(scenarios))
        count, years = design.chains * design.draws, scenarios[0].horizon - FIRST_YEAR + 1
        sizes = {name: len(labels) for name, labels in LABELS.items()} | {"year": years}

        def shape(dims: Sequence[str]) -> tuple[int, ...]:
            return (count, len(scenarios), *(sizes[one] for one in dims))

        outputs = {name: np.empty(shape(one.dims)) for name, one in variables.items()}
        inputs = {}
        for name, prior in scenarios[0].priors.items():
            others = [one.priors[name] for one in scenarios]
            if all(one.family == "fixed" for one in others):
                continue
            alike = all(one == prior for one in others) and len(set(keys)) == 1
            width = 1 if alike else len(scenarios)
            extra = [sizes[one] for one in input_dims(name)]
            inputs[name] = np.empty((count, width, *extra))
        status = np.empty((count, len(scenarios)), np.int8)
        rules = max(len(one.rules) for one in scenarios)
        return cls(variables, outputs, inputs, status, np.empty((*status.shape, rules)))

    def place(self, rows: slice, scenario: int, draws: Draws, block: Block) -> None:
        """Put the results of a block where they belong."""
        for name, array in self.inputs.items():
            if scenario < array.shape[1]:
                array[rows, scenario] = draws[name]
        for name, one in self.variables.items():
            self.outputs[name][rows, scenario] = np.moveaxis(one.values(block.leaves), 1, 0)
        self.status[rows, scenario] = block.status
        if block.since is not None:
            self.since[rows, scenario] = block.since.T


def keys_of_posteriors(posteriors: Sequence[Posterior | None], count: int) -> list[str]:
    """Name the ensemble of each scenario: the key of its posterior, or `prior`."""
    return [one.key if one else "prior" for one in posteriors] or ["prior"] * count


def _split(array: np.ndarray, design: Design) -> np.ndarray:
    return array.reshape(design.chains, design.draws, *array.shape[1:])


def _coordinates(scenarios: Sequence[Scenario], dims: set[str]) -> dict[str, Any]:
    # As pandas indices, which xarray takes as they are; for arrays it would first load pint.
    years = pd.Index(np.arange(FIRST_YEAR, scenarios[0].horizon + 1))
    labels = {name: pd.Index(np.array(values)) for name, values in LABELS.items()}
    known: dict[str, Any] = labels | {
        "scenario": pd.Index(np.array([one.name for one in scenarios])),
        "year": ("year", years, {"units": "yr", "long_name": "calendar year"}),
    }
    return {name: known[name] for name in sorted(dims) if name in known}


def _input_attributes(name: str, scenario: Scenario) -> dict[str, Any]:
    prior, field = scenario.priors[name], quantities(Inputs)[name]
    told = {"units": prior.unit, "long_name": field.metadata["doc"], "source": prior.source}
    more = {"as_of": prior.as_of, "grade": prior.grade, "scope": prior.scope, "role": prior.role}
    return told | {key: value for key, value in more.items() if value}


def _inputs(arrays: Arrays, scenarios: Sequence[Scenario], design: Design) -> xr.Dataset:
    found = {}
    for name, array in arrays.inputs.items():
        dims: tuple[str, ...] = (*DRAWS, "scenario", *input_dims(name))
        values = _split(array, design)
        if array.shape[1] == 1:
            dims, values = (*DRAWS, *input_dims(name)), values[:, :, 0]
        found[name] = (dims, values, _input_attributes(name, scenarios[0]))
    return xr.Dataset(found, _coordinates(scenarios, _dims(found)))


def _dims(variables: Mapping[str, tuple[Any, ...]]) -> set[str]:
    return {dim for one in variables.values() for dim in one[0]}


def outputs_of(arrays: Arrays, scenarios: Sequence[Scenario], design: Design) -> xr.Dataset:
    """Name the outputs alone: the group `prior_predictive`.

    Parameters
    ----------
    arrays
        Full.
    scenarios, design
    """
    found = {}
    for name, one in arrays.variables.items():
        told = {"units": one.unit, "long_name": one.long_name, "scope": one.scope}
        told |= {"formula": one.formula} if one.formula else {}
        dims = (*DRAWS, "scenario", *one.dims)
        found[name] = (dims, _split(arrays.outputs[name], design), told)
    return xr.Dataset(found, _coordinates(scenarios, _dims(found)))


def _constants(arrays: Arrays, scenarios: Sequence[Scenario], reference: np.ndarray) -> xr.Dataset:
    told = {"units": "1", "long_name": "cost of an AI service over 2023, reference path"}
    alike = (reference == reference[0]).all()
    dims: tuple[str, ...] = ("year",) if alike else ("scenario", "year")
    rows = reference[0] if alike else reference
    found: dict[str, Any] = {"reference_cost": (dims, rows, told)}
    if count := arrays.since.shape[-1]:
        said = [[one.when for one in scenario.rules] for scenario in scenarios]
        conditions = np.array([[*one, *[""] * (count - len(one))] for one in said])
        condition = {"long_name": "condition of each rule of an adaptive policy"}
        found["rule_condition"] = (("scenario", "rule"), conditions, condition)
    for name in scenarios[0].priors:
        if name in arrays.inputs:
            continue
        values = [one.priors[name].arguments["value"] for one in scenarios]
        rows = np.array([[*v.values()] if isinstance(v, dict) else v for v in values], float)
        same = all(np.array_equal(row, rows[0]) for row in rows)
        dims = input_dims(name) if same else ("scenario", *input_dims(name))
        found[name] = (dims, rows[0] if same else rows, _input_attributes(name, scenarios[0]))
    return xr.Dataset(found, _coordinates(scenarios, _dims(found)))


def _stats(arrays: Arrays, scenarios: Sequence[Scenario], design: Design) -> xr.Dataset:
    told = {
        "long_name": "whether a draw is valid, or why not",
        "units": "1",
        "flag_values": np.arange(len(STATUS), dtype=np.int8),
        "flag_meanings": " ".join(STATUS),
    }
    found: dict[str, Any] = {"status": ((*DRAWS, "scenario"), _split(arrays.status, design), told)}
    if arrays.since.shape[-1]:
        year = {"units": "yr", "long_name": "when the condition of a rule first held, or infinite"}
        found[RULE_YEAR] = ((*DRAWS, "scenario", "rule"), _split(arrays.since, design), year)
    return xr.Dataset(found, _coordinates(scenarios, {"scenario"}))


def labelled(
    arrays: Arrays,
    scenarios: Sequence[Scenario],
    design: Design,
    reference: np.ndarray,
    precision: str,
    posteriors: Sequence[Posterior | None] = (),
) -> xr.DataTree:
    """Name everything.

    Parameters
    ----------
    arrays
        Full.
    scenarios, design
    reference : 1
        `[scenario, year]`.
    precision
    posteriors
        One a scenario; none if draws are of the priors.

    Returns
    -------
    DataTree
        Groups `prior`, `prior_predictive`, `constant_data`, `sample_stats_prior`, or `posterior`,
        `posterior_predictive`, `constant_data`, `sample_stats` where any scenario is calibrated;
        it can be run again from its own attributes.
    """
    calibrated = any(posteriors)
    first, stats = ("posterior", "sample_stats") if calibrated else ("prior", "sample_stats_prior")
    inputs = _inputs(arrays, scenarios, design)
    if calibrated:
        inputs = inputs.assign(_innovations(posteriors, design))
    tree = xr.DataTree.from_dict(
        {
            f"/{first}": inputs,
            f"/{first}_predictive": outputs_of(arrays, scenarios, design),
            "/constant_data": _constants(arrays, scenarios, reference),
            f"/{stats}": _stats(arrays, scenarios, design),
        }
    )
    tree.attrs = attributes(scenarios, design, precision)
    tree.attrs["posteriors"] = " ".join(keys_of_posteriors(posteriors, len(scenarios)))
    if calibrated:
        held = [" ".join(sorted(one.inputs)) if one else "" for one in posteriors]
        tree.attrs["calibrated"] = "\n".join(held)
    return tree


def _innovations(posteriors: Sequence[Posterior | None], design: Design) -> dict[str, Any]:
    """Noise up to the last calibrated year, once where all scenarios share a posterior."""
    keys = keys_of_posteriors(posteriors, len(posteriors))
    years = max(one.innovations.shape[-1] for one in posteriors if one)
    parts = []
    for one in posteriors if len(set(keys)) > 1 else posteriors[:1]:
        part = np.full((design.chains, design.draws, len(STREAMS), years), np.nan)
        if one:
            taken = one.innovations[: design.chains, : design.draws]
            part[..., : taken.shape[-1]] = taken
        parts.append(part)
    told = {
        "units": "1",
        "long_name": "standard normal innovations of the noise, as calibrated, from 2015 on",
    }
    dims: tuple[str, ...] = (*DRAWS, "stream", CALIBRATED_YEAR)
    if len(parts) > 1:
        return {INNOVATIONS: (("scenario", *dims), np.stack(parts), told)}
    return {INNOVATIONS: (dims, parts[0], told)}


def attributes(
    scenarios: Sequence[Scenario], design: Design, precision: str
) -> dict[str, str | int]:
    """Attributes of the root of a Run: what it takes to run it again."""
    return {
        "title": "; ".join(one.title for one in scenarios),
        "Conventions": "CF-1.11",
        "forecast_version": package_version(),
        "code_digest": code_digest(),
        "method": design.method,
        "seed": design.seed,
        "chains": design.chains,
        "draws_per_chain": design.draws,
        "precision": precision,
        "scenarios": texts(scenarios),
    }

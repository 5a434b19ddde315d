"""The numbers of figures for which the model is asked again, from the run file alone."""

from dataclasses import replace
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.ledger import ledger
from forecast.plots.choice import Choice
from forecast.plots.data import chosen_of, names_of, told_of
from forecast.provenance import SEPARATOR, split_texts
from forecast.sensitivities import over_time
from forecast.simulate.ensemble import plan, simulate
from forecast.spec.text import from_yaml
from forecast.store import check_draws, inputs_group, outputs_group
from forecast.studies.audit import audit_run

FIRST: Final = 2022
"""First year of the shares of variance. (yr; definition)"""

PRIOR_DRAWS: Final = 8192
"""Draws of the prior beside a posterior. (definition)"""


def variance(run: xr.DataTree, choice: Choice) -> tuple[xr.Dataset, ...]:
    """Shares of the variance of a variable by year."""
    check_draws(run)
    shown = chosen_of(run, choice)
    ours = run if shown == names_of(run) else only(run, shown)
    last = int(run["summary"].to_dataset()["year"].values.max())
    if last < FIRST:
        raise ValueError(f"it begins in {FIRST}, and the run ends in {last}")
    try:
        found = over_time(ours, first=FIRST, variables=(choice.variable,))
    except ValueError as error:
        # What it says of the linear regression is for those who call it in Python.
        raise ValueError(str(error).partition(", or products=0")[0]) from error
    return (found.assign_attrs(found.attrs | told_of(run)),)


def only(run: xr.DataTree, scenarios: list[str]) -> xr.DataTree:
    """The Run with some of its scenarios alone.

    Parameters
    ----------
    run
    scenarios
        Of it.

    Returns
    -------
    DataTree
    """
    names = names_of(run)
    places = [names.index(one) for one in scenarios]
    parts = {}
    for name, group in run.children.items():
        found = group.to_dataset()
        if name == "summary":
            keep = np.isin(found["scenario"].values, scenarios)
            found = found.isel(row=np.flatnonzero(keep))
        elif "scenario" in found.dims:
            found = found.isel(scenario=places)
        parts[name] = xr.DataTree(found)
    texts = split_texts(run.attrs["scenarios"])
    less = xr.DataTree(children=parts)
    less.attrs = dict(run.attrs) | {
        "scenarios": f"\n{SEPARATOR}".join(texts[one] for one in places)
    }
    if run.attrs.get("posteriors"):
        keys = str(run.attrs["posteriors"]).split()
        less.attrs["posteriors"] = " ".join(keys[one] for one in places)
    return less


def audit(run: xr.DataTree, choice: Choice) -> tuple[xr.Dataset, ...]:
    """Modelling errors on the draws of a scenario."""
    check_draws(run)
    found = audit_run(run, chosen_of(run, choice, most=1)[0], choice.year)
    return (found.assign_attrs(found.attrs | told_of(run)),)


def update(run: xr.DataTree, choice: Choice) -> tuple[xr.Dataset, ...]:
    """The ledger of a calibrated scenario: its prior drawn again, beside the draws of the run.

    Raises
    ------
    ValueError
        If the scenario is not calibrated.
    """
    check_draws(run)
    name = chosen_of(run, choice, most=1)[0]
    number = names_of(run).index(name)
    keys = str(run.attrs.get("posteriors", "")).split()
    if not keys or keys[number] == "prior":
        raise ValueError(f"{name}: its draws are those of the prior, which nothing has updated")
    scenario = from_yaml(split_texts(run.attrs["scenarios"])[number])
    sampling = replace(scenario.sampling, draws=PRIOR_DRAWS)
    free = replace(scenario, calibration=None, sampling=sampling, rules=())
    reference = run["constant_data"].to_dataset()["reference_cost"].values
    prior = simulate(plan((free,), {}, precision=run.attrs["precision"], reference=reference))
    after = run[inputs_group(run)].to_dataset()
    calibrated = set(str(run.attrs.get("calibrated", "")).split())
    ours = [one for one in after.data_vars if str(one) in calibrated]
    total = run[outputs_group(run)].to_dataset()["demand"].sum("segment", skipna=False)
    tree = xr.DataTree(
        children={
            "prior": xr.DataTree(_of(prior[inputs_group(prior)].to_dataset(), 0)),
            "posterior": xr.DataTree(_of(after[ours], number)),
            "posterior_predictive": xr.DataTree(xr.Dataset({"total": total.isel(scenario=number)})),
        }
    )
    tree.attrs = {"title": scenario.title, "scenario": name, "vintage": str(scenario.vintage or "")}
    return (ledger(tree).assign_attrs(key=run.attrs.get("key", "")),)


def _of(group: xr.Dataset, number: int) -> xr.Dataset:
    return group.isel(scenario=number) if "scenario" in group.dims else group

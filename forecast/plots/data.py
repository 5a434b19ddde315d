"""The numbers of each figure, from what is stored alone: JAX is not needed."""

import numpy as np
import xarray as xr

from forecast.analysis.by_year import by_year
from forecast.analysis.comparison import comparison, scenario_place
from forecast.analysis.discovery import discover, meanings_of
from forecast.analysis.discovery_words import meaning_of
from forecast.analysis.ensemble import ensemble_of
from forecast.analysis.exceedance import exceedance as exceedance_of
from forecast.analysis.ledger import ledger
from forecast.analysis.paired import paired
from forecast.analysis.tornado import tornado as tornado_of
from forecast.axes import REGIONS, SEGMENTS
from forecast.figures.calibrated_fan import bands
from forecast.figures.paths import scenarios_of
from forecast.grammar import check_place, parse_conditions
from forecast.plots.choice import Choice

TOLD = ("title", "chains", "draws_per_chain", "seed", "failed", "basis", "key")
"""Attributes of a Run that its figures need."""

SEED = 1
"""Of resamples. (definition)"""

LEAST = 1e-9
"""Part of a level that a difference must have to be one. (1; definition)"""


def told_of(run: xr.DataTree) -> dict[str, object]:
    """What a figure says of the run that it shows."""
    return {name: run.attrs[name] for name in TOLD if name in run.attrs} | {
        "names": names_of(run),
    }


def names_of(run: xr.DataTree) -> list[str]:
    """Scenarios of a run."""
    return scenarios_of(run["summary"].to_dataset())


def chosen_of(run: xr.DataTree, choice: Choice, *, most: int = 0) -> list[str]:
    """Scenarios that are shown.

    Raises
    ------
    ValueError
        If the run has not one of them.
    """
    names = names_of(run)
    for one in choice.scenarios:
        scenario_place(names, one)
    shown = list(choice.scenarios) or names
    return shown[:most] if most else shown


def _whole(run: xr.DataTree, found: xr.Dataset) -> xr.Dataset:
    """The numbers with what is said of the run: its own seed and draws, not those of resamples."""
    return found.assign_attrs(found.attrs | told_of(run))


def _observed(run: xr.DataTree, *outputs: str) -> xr.Dataset:
    found = run["observed_data"].to_dataset()
    if not outputs or not found.sizes.get("observation"):
        return found
    return found.isel(observation=np.flatnonzero(np.isin(found["output"].values, outputs)))


def fan(run: xr.DataTree, choice: Choice) -> tuple[xr.Dataset, ...]:
    """Rows of the summary, and published numbers."""
    table = run["summary"].to_dataset()
    shown, panels = chosen_of(run, choice), ("total", "data_centres")
    keep = np.isin(table["variable"].values, panels) & (table["region"].values == "")
    rows = [np.flatnonzero(keep & (table["scenario"].values == one)) for one in shown]
    found = _whole(run, table.isel(row=np.concatenate(rows)))
    titles, names = str(run.attrs.get("title", "")).split("; "), names_of(run)
    if len(titles) == len(names):
        told = "; ".join(titles[names.index(one)] for one in shown)
        found = found.assign_attrs(title=told)
    return found, _observed(run, *panels)


def segments(run: xr.DataTree, choice: Choice) -> tuple[xr.Dataset, ...]:
    """The total and its segments by year, of one scenario."""
    shown = chosen_of(run, choice, most=1)
    series = [(one, "") for one in ("total", *SEGMENTS)]
    return (_whole(run, by_year(run["summary"].to_dataset(), shown, series)),)


def regions(run: xr.DataTree, choice: Choice) -> tuple[xr.Dataset, ...]:
    """A variable by region and year, and published numbers of regions."""
    shown = chosen_of(run, choice)
    variable = "data_centres" if choice.variable == "total" else choice.variable
    found = by_year(run["summary"].to_dataset(), shown, [(variable, one) for one in REGIONS])
    return _whole(run, found), _observed(run, variable)


def growth(run: xr.DataTree, choice: Choice) -> tuple[xr.Dataset, ...]:
    """The renewable share of growth, by location and by contract."""
    names = ("renewable_share_of_growth", "renewable_share_of_growth_market")
    series = [(one, "") for one in names]
    found = by_year(run["summary"].to_dataset(), chosen_of(run, choice), series)
    known = np.isfinite(found["p50"].values).any(axis=(0, 1))
    return (_whole(run, found.isel(year=np.flatnonzero(known))),)


def differences(run: xr.DataTree, choice: Choice) -> tuple[xr.Dataset, ...]:
    """Paired differences of a variable from the baseline, by scenario and year."""
    whole = paired(run, [choice.variable])
    check_place(choice.place, whole.rows)
    baseline = choice.baseline or whole.scenarios[0]
    found = comparison(whole, baseline)
    others = [one for one in chosen_of(run, choice) if one != baseline]
    ours = (found["variable"].values == choice.variable) & (found["region"].values == choice.region)
    if not others:
        raise ValueError(f"{baseline} is what others are compared with; name one of these as well")
    found = _rounded(found.sel(scenario=others).isel(outcome=np.flatnonzero(ours)))
    return (_whole(run, found.assign_attrs(year=choice.year)),)


def _rounded(found: xr.Dataset) -> xr.Dataset:
    """Differences that are the rounding of the levels alone are none."""
    least = LEAST * np.abs(found["base_mean"])
    for name in ("p05", "p10", "p50", "p90", "p95"):
        found[name] = found[name].where(np.abs(found[name]) > least, 0.0)
    nothing = (found["p05"] == 0) & (found["p95"] == 0)
    return found.assign(lower=found["lower"].where(~nothing, 0.0))


def tornado(run: xr.DataTree, choice: Choice) -> tuple[xr.Dataset, ...]:
    """Swings of an outcome, with the meaning of each input."""
    shown = chosen_of(run, choice, most=1)
    ensemble = ensemble_of(run, shown[0], [choice.variable])
    found = tornado_of(ensemble, choice.place, seed=SEED)
    meanings = meanings_of(run)
    told = [meaning_of(str(name), meanings) for name in found["input"].values]
    return (_whole(run, found.assign_coords(meaning=("input", np.array(told)))),)


def exceedance(run: xr.DataTree, choice: Choice) -> tuple[xr.Dataset, ...]:
    """Shares of draws above levels, and published numbers."""
    ensembles = [ensemble_of(run, one, [choice.variable]) for one in chosen_of(run, choice)]
    found, observed = exceedance_of(ensembles, choice.place), _observed(run, choice.variable)
    if observed.sizes.get("observation"):
        ours = (observed["year"].values == choice.year) & np.isin(
            observed["region"].values, (choice.region or "world", choice.region)
        )
        observed = observed.isel(observation=np.flatnonzero(ours))
    count = observed.sizes.get("observation", 0)
    return _whole(run, found.assign_attrs(published=count)), observed


def discovery(run: xr.DataTree, choice: Choice) -> tuple[xr.Dataset, ...]:
    """A box of inputs."""
    conditions = parse_conditions(choice.condition)
    rows = {name: run["summary"][name].values for name in ("variable", "region", "year")}
    for one in conditions:
        check_place(one.place, rows)
    shown = chosen_of(run, choice, most=1)
    ensemble = ensemble_of(run, shown[0], [one.place.variable for one in conditions])
    return (_whole(run, discover(ensemble, conditions, seed=SEED, meanings=meanings_of(run))),)


def calibrated_fan(tree: xr.DataTree, choice: Choice) -> tuple[xr.DataTree, xr.Dataset, xr.Dataset]:
    """The posterior itself, its quantiles by year before and after, and published numbers."""
    parts = {}
    for group in ("prior", "posterior"):
        outputs = tree[f"{group}_predictive"].to_dataset()
        for name in ("total", "data_centres"):
            for share, row in bands(outputs[name]).items():
                if share != "year":
                    parts[f"{group}_{name}_{share}"] = ("year", row)
    years = tree["posterior_predictive"].to_dataset()["year"].values
    return tree, xr.Dataset(parts, {"year": years}), tree["observed_data"].to_dataset()


def moved(tree: xr.DataTree, choice: Choice) -> tuple[xr.Dataset, ...]:
    """The ledger of inputs."""
    return (ledger(tree),)


def backtest(found: xr.Dataset, choice: Choice) -> tuple[xr.Dataset, ...]:
    """The backtest as it is."""
    return (found,)

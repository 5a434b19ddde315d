"""All draws of a scenario as plain arrays: what the analyses work on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import xarray as xr

from forecast.analysis.summary import EXACT, series, valid_outputs
from forecast.grammar import Place, check_place
from forecast.store import check_draws, inputs_group, stats_group

COLUMNS: Final = ("variable", "region", "year", "unit", "scope")
"""What says which outcome a row is."""

LEAST_DRAWS: Final = 64
"""Draws below which nothing is said of an ensemble. (definition)"""


@dataclass(frozen=True)
class Ensemble:
    """Inputs and outcomes of every valid draw of one scenario.

    Attributes
    ----------
    scenario : str
    inputs : tuple of str
        Columns of `x`: `adoption.rate`, `regions.ai[china]`; inputs that vary alone.
    units : tuple of str
        Of the inputs.
    x : array
        `[draw, input]`.
    rows : dict
        `variable`, `region` (empty for the world), `year`, `unit` and `scope` of each outcome.
    y : array
        `[draw, outcome]`, in the unit of the row; NaN where a draw has none.
    chain : array
        `[draw]`: the randomisation or population that each draw is of.
    dependent : str
        Why the inputs are dependent; empty if they are independent.
    """

    scenario: str
    inputs: tuple[str, ...]
    units: tuple[str, ...]
    x: np.ndarray
    rows: dict[str, np.ndarray]
    y: np.ndarray
    chain: np.ndarray
    dependent: str

    def of(self, places: Sequence[Place]) -> "Ensemble":
        """The same with chosen outcomes alone, in the order of the places.

        Raises
        ------
        ValueError
            If a place names none, with the column of the word.
        """
        chosen = [int(np.flatnonzero(check_place(one, self.rows))[0]) for one in places]
        return self.take_outcomes(np.array(chosen, int))

    def take_outcomes(self, chosen: np.ndarray) -> "Ensemble":
        """The same with chosen outcomes alone, by number or by mask."""
        rows = {name: column[chosen] for name, column in self.rows.items()}
        return replace(self, rows=rows, y=self.y[:, chosen])

    def values(self, place: Place) -> np.ndarray:
        """One outcome of every draw, `[draw]`."""
        return np.asarray(self.y[:, np.flatnonzero(check_place(place, self.rows))[0]])

    def unit(self, place: Place) -> str:
        """Unit of an outcome."""
        return str(self.rows["unit"][np.flatnonzero(check_place(place, self.rows))[0]])


def ensemble_of(
    run: xr.DataTree, scenario: str = "", variables: Sequence[str] = (), first: int = 0
) -> Ensemble:
    """Take the draws of one scenario out of a Run.

    Parameters
    ----------
    run
    scenario
        Its name; the first of the run if none is given.
    variables
        Of the summary, those that are wanted; all if none is given.
    first : yr
        First year that is wanted.

    Returns
    -------
    Ensemble

    Raises
    ------
    ValueError
        If the run has no such scenario or variable, keeps no draws, or has too few.
    """
    check_draws(run)
    stats, group = run[stats_group(run)].to_dataset(), run[inputs_group(run)].to_dataset()
    names = [str(one) for one in stats["scenario"].values]
    scenario = scenario or names[0]
    if scenario not in names:
        known = ", ".join(names)
        raise ValueError(f'the run has no scenario "{scenario}", expected one of {known}')
    place = names.index(scenario)
    valid = stats["status"].values[..., place].reshape(-1) == 0
    if valid.sum() < LEAST_DRAWS:
        raise ValueError(f"{int(valid.sum())} valid draws are too few, at least {LEAST_DRAWS}")
    with xr.set_options(**EXACT):  # type: ignore[no-untyped-call]
        rows, y = ensemble_rows(run, scenario, variables, first)
    inputs, units, x = inputs_of(group, place)
    chains, draws = (group.sizes[name] for name in ("chain", "draw"))
    return Ensemble(
        scenario=scenario,
        inputs=inputs,
        units=units,
        x=x[valid],
        rows=rows,
        y=y[valid],
        chain=np.repeat(np.arange(chains), draws)[valid],
        dependent=_dependence(run, place),
    )


def ensemble_rows(
    run: xr.DataTree, scenario: str, variables: Sequence[str], first: int
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Outcomes of one scenario, draws that failed as NaN.

    Parameters
    ----------
    run, scenario, variables, first
        As in `ensemble_of`.

    Returns
    -------
    dict, array
        Columns of the rows, and `[draw, outcome]` of all draws.

    Raises
    ------
    ValueError
        If there is no such variable.
    """
    outputs = valid_outputs(run)
    columns: dict[str, list[object]] = {name: [] for name in COLUMNS}
    laid, known = [], []
    for told, values in series(outputs.sel(scenario=[scenario])):
        known.append(told["variable"])
        if variables and told["variable"] not in variables:
            continue
        ours = values.isel(scenario=0)
        ours = ours.sel(year=ours["year"].values >= first).transpose("chain", "draw", "year")
        years = ours["year"].values
        laid.append(ours.values.reshape(-1, len(years)))
        columns["year"] += years.tolist()
        for name in ("variable", "region", "unit", "scope"):
            columns[name] += [told.get(name, "")] * len(years)
    if missing := [one for one in variables if one not in known]:
        from difflib import get_close_matches

        near = get_close_matches(missing[0], known, n=1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        raise ValueError(
            f'no variable "{missing[0]}"{hint}, expected one of {", ".join(dict.fromkeys(known))}'
        )
    return {name: np.array(column) for name, column in columns.items()}, np.hstack(laid)


def inputs_of(group: xr.Dataset, place: int) -> tuple[tuple[str, ...], tuple[str, ...], np.ndarray]:
    """Names, units and values, `[draw, input]`, of the inputs of one scenario that vary.

    Parameters
    ----------
    group
        Inputs of a Run.
    place
        Number of the scenario.
    """
    names, units, laid = [], [], []
    for name, values in group.data_vars.items():
        if name == "innovations":
            continue
        ours = values.isel(scenario=place) if "scenario" in values.dims else values
        rest = [str(dim) for dim in ours.dims[2:]]
        flat = ours.values.reshape(ours.shape[0] * ours.shape[1], -1)
        labels = [""]
        if rest:
            labels = [f"[{one}]" for one in ours[rest[0]].values] if len(rest) == 1 else labels
        for number, label in enumerate(labels):
            column = flat[:, number]
            if column.min() < column.max():
                names.append(f"{name}{label}")
                units.append(str(ours.attrs.get("units", "")))
                laid.append(column)
    draws = group.sizes["chain"] * group.sizes["draw"]
    x = np.stack(laid, axis=-1) if laid else np.empty((draws, 0))
    return tuple(names), tuple(units), x


def _dependence(run: xr.DataTree, place: int) -> str:
    posteriors = str(run.attrs.get("posteriors", "")).split()
    if posteriors and posteriors[place] != "prior":
        return "its draws are of a posterior, which ties inputs to each other"
    if "\ndependence:" in str(run.attrs["scenarios"]):
        return "its inputs are correlated by its block dependence"
    return ""

"""Draws of several scenarios side by side: the same worlds, one policy or another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from forecast.analysis.ensemble import LEAST_DRAWS, ensemble_rows, inputs_of
from forecast.analysis.summary import EXACT
from forecast.grammar import Place, check_place
from forecast.store import check_draws, inputs_group, stats_group


@dataclass(frozen=True)
class Paired:
    """Outcomes of every draw that is valid in all scenarios.

    Attributes
    ----------
    scenarios : tuple of str
    rows : dict
        `variable`, `region`, `year`, `unit` and `scope` of each outcome.
    y : array
        `[scenario, draw, outcome]`, in the unit of the row.
    chain : array
        `[draw]`.
    inputs : tuple of str
        Columns of `x`: inputs that vary, and are the same in all scenarios.
    x : array
        `[draw, input]`.
    draw : array
        `[draw]`: number of each draw in its chain, as in the run.
    """

    scenarios: tuple[str, ...]
    rows: dict[str, np.ndarray]
    y: np.ndarray
    chain: np.ndarray
    inputs: tuple[str, ...]
    x: np.ndarray
    draw: np.ndarray

    def at(self, place: Place) -> np.ndarray:
        """One outcome, `[scenario, draw]`.

        Raises
        ------
        ValueError
            If there is none, with the column of the word.
        """
        return np.asarray(self.y[:, :, np.flatnonzero(check_place(place, self.rows))[0]])

    def unit(self, place: Place) -> str:
        """Unit of an outcome."""
        return str(self.rows["unit"][np.flatnonzero(check_place(place, self.rows))[0]])

    def having(self, places: Sequence[Place]) -> "Paired":
        """The same without draws that lack an outcome in any scenario.

        A share of growth, say, is missing where nothing grew.

        Raises
        ------
        ValueError
            If there is no such outcome, or too few draws have it.
        """
        there = np.ones(self.y.shape[1], bool)
        for one in places:
            there &= np.isfinite(self.at(one)).all(0)
            if there.sum() < min(LEAST_DRAWS, len(there)):
                raise ValueError(
                    f"{one} is there in {int(there.sum())} of {len(there)} draws of all scenarios,"
                    f" too few to rank by: at least {LEAST_DRAWS}"
                )
        return self if there.all() else self.take_draws(there)

    def take_draws(self, chosen: np.ndarray) -> "Paired":
        """The same with some draws alone, or in another order; by mask or by number."""
        return replace(
            self,
            y=self.y[:, chosen],
            chain=self.chain[chosen],
            x=self.x[chosen],
            draw=self.draw[chosen],
        )


def paired(run: xr.DataTree, variables: Sequence[str] = (), first: int = 0) -> Paired:
    """Take the scenarios of a Run side by side.

    Parameters
    ----------
    run
        Of two scenarios or more.
    variables
        Of the summary, those that are wanted; all if none is given.
    first : yr
        First year that is wanted.

    Returns
    -------
    Paired

    Raises
    ------
    ValueError
        If the run keeps no draws, has one scenario, or scenarios of different ensembles.
    """
    check_draws(run)
    stats, group = run[stats_group(run)].to_dataset(), run[inputs_group(run)].to_dataset()
    names = tuple(str(one) for one in stats["scenario"].values)
    check_several(names)
    check_one_ensemble(str(run.attrs.get("posteriors", "")).split(), names)
    valid = (stats["status"].values == 0).all(axis=-1).reshape(-1)
    if valid.sum() < LEAST_DRAWS:
        raise ValueError(
            f"{int(valid.sum())} draws are valid in all scenarios, too few: at least {LEAST_DRAWS}"
        )
    with xr.set_options(**EXACT):  # type: ignore[no-untyped-call]
        found = [ensemble_rows(run, name, variables, first) for name in names]
    inputs, _, x = inputs_of(group, 0)
    own = [number for number, name in enumerate(inputs) if "scenario" not in _dims(group, name)]
    chains, draws = (group.sizes[name] for name in ("chain", "draw"))
    return Paired(
        scenarios=names,
        rows=found[0][0],
        y=np.stack([y[valid] for _, y in found]),
        chain=np.repeat(np.arange(chains), draws)[valid],
        inputs=tuple(inputs[number] for number in own),
        x=x[valid][:, own],
        draw=np.tile(np.arange(draws), chains)[valid],
    )


def _dims(group: xr.Dataset, column: str) -> tuple[str, ...]:
    return tuple(str(one) for one in group[column.partition("[")[0]].dims)


def check_several(names: Sequence[str]) -> None:
    """Refuse one scenario alone.

    Raises
    ------
    ValueError
    """
    if len(names) == 1:
        raise ValueError(
            f"there is one scenario, {names[0]}; a comparison needs two or more, as in"
            f" {names[0]} {names[0]}+pue-cap"
        )


def check_one_ensemble(keys: Sequence[str], names: Sequence[str]) -> None:
    """Refuse scenarios whose draws are no pairs.

    Parameters
    ----------
    keys
        Of the posterior of each scenario, `prior` where it has none; empty for one ensemble.
    names
        Of the scenarios.

    Raises
    ------
    ValueError
        With the reason.
    """
    if len(set(keys)) < 2:
        return
    other = next(number for number, key in enumerate(keys) if key != keys[0])
    raise ValueError(
        f"{names[0]} and {names[other]} are of different ensembles: each was calibrated to"
        " something else, so their first draws are different worlds, and so on; a difference of"
        " them would be noise. Lay policies over one world instead"
    )

"""Backtest: what was forecast as of an earlier date, against what was observed later.

The forecasts are posteriors: of scenarios whose vintage is of an earlier date, and of history cut
at a year. Nothing known at the date is scored. It is pseudo-out-of-sample all the same: whoever
chose the model's structure had seen the outturns.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast.analysis.backtest import BASES, COLUMNS, LABEL, METHODS, MODEL, together
from forecast.analysis.scoring import scores
from forecast.analysis.verdicts import month_of, told
from forecast.export.backtest import write
from forecast.files import publish
from forecast.provenance import CODE, code_digest, package_version
from forecast.spec.observation import Observation
from forecast.studies.forecasts import Forecast
from forecast.studies.naive import baselines_at
from forecast.studies.outturns import outturns, value_and_error, with_error

BESIDE: Final = (
    *(f"analysis/{name}.py" for name in ("backtest", "baselines", "scoring", "verdicts")),
    "export/backtest.py",
)
"""What decides the bytes of a backtest beside the code of runs."""


def backtest(forecasts: Sequence[Forecast], observations: Sequence[Observation]) -> xr.Dataset:
    """Score forecasts by what was observed later.

    Parameters
    ----------
    forecasts
        At least one.
    observations
        All there are.

    Returns
    -------
    Dataset
        `COLUMNS` by basis, `by` (the model or a baseline), forecast and observation, NaN where a
        forecast is not scored by an observation; `mean_…` over the observations of a forecast,
        `count` and `coverage_…`; `skill_…` of the model over each baseline and `matched`, the
        outturns that both forecast. What is to be said of it is in the attribute `notes`, a line
        each.
    """
    chosen = [outturns(observations, one) for one in forecasts]
    wanted = {one.id for each in chosen for one in each}
    every = [one for one in observations if one.id in wanted]
    known = {one.id: value_and_error(one) for one in every}
    places = {one.id: place for place, one in enumerate(every)}
    shape = (len(BASES), len(METHODS), len(forecasts), len(every))
    columns = {name: np.full(shape, np.nan) for name in COLUMNS}
    for number_, (forecast, own) in enumerate(zip(forecasts, chosen, strict=True)):
        for method, bare in _drawn(forecast, own, observations):
            for basis, name in enumerate(BASES):
                at = {k: with_error(v, known[k][1], k) for k, v in bare.items()}
                row = _scored(at if name == "observed" else bare, known)
                here = [places[one] for one in bare]
                for column, values in columns.items():
                    values[basis, METHODS.index(method), number_, here] = row[column]
    dims = ("basis", "by", "forecast", "observation")
    found = xr.Dataset({name: (dims, values, _units(name)) for name, values in columns.items()})
    found = found.assign_coords(basis=list(BASES), by=list(METHODS))
    found = found.assign_coords(_told_of(forecasts, every, known))
    found = found.assign(together(found))
    found.attrs = {"title": f"Backtest; {LABEL}", "label": LABEL}
    found.attrs["notes"] = "\n".join([*told(found), *_means(forecasts, observations)])
    return found


def _units(name: str) -> dict[str, str]:
    one = name == "pit" or name.startswith("inside") or name.endswith("log")
    return {"units": "1" if one else "TWh"}


def _drawn(
    forecast: Forecast, own: Sequence[Observation], observations: Sequence[Observation]
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Each method, and its draws of each outturn that it forecasts."""
    paths = forecast.paths
    if paths is None or not own:
        return
    yield (
        MODEL,
        {one.id: paths[one.output].sel(year=one.year).values.reshape(-1) for one in own},
    )
    for name, base in baselines_at(observations, forecast.known, forecast.until).items():
        covered = {
            one.id: base.draws(one.year)
            for one in own
            if one.output == "data_centres" and base.first <= one.year <= base.last
        }
        if covered:
            yield name, covered


def _scored(
    drawn: Mapping[str, np.ndarray], known: Mapping[str, tuple[float, float]]
) -> dict[str, np.ndarray]:
    found = scores(drawn, {one: known[one][0] for one in drawn})
    quarters = np.array([np.nanquantile(one, (0.25, 0.75)) for one in drawn.values()])
    more = {"p25": quarters[:, 0], "p75": quarters[:, 1]}
    return more | {str(name): one.values.astype(float) for name, one in found.data_vars.items()}


def _told_of(
    forecasts: Sequence[Forecast],
    every: Sequence[Observation],
    known: Mapping[str, tuple[float, float]],
) -> dict[str, Any]:
    """Coordinates that say what forecasts and observations are."""

    def texts(found: Sequence[object]) -> np.ndarray:
        return np.array([str(one) for one in found], dtype=str)

    alike = [_same_as(one, forecasts[:place]) for place, one in enumerate(forecasts)]
    found: dict[str, Any] = {
        "forecast": texts([one.name for one in forecasts]),
        "known": ("forecast", texts([one.known for one in forecasts])),
        "until": ("forecast", texts([one.until or "" for one in forecasts])),
        "used": ("forecast", texts([" ".join(one.used) for one in forecasts])),
        "same_as": ("forecast", texts(alike)),
        "reason": ("forecast", texts([one.reason for one in forecasts])),
        "draws": ("forecast", np.array([_draws(one) for one in forecasts], int)),
        "observation": texts([one.id for one in every]),
        "year": ("observation", np.array([one.year for one in every], int)),
    }
    for name in ("output", "publisher", "edition", "as_of", "source"):
        found[name] = ("observation", texts([getattr(one, name) for one in every]))
    value = {"units": "TWh", "long_name": "published value, over its factor"}
    error = {"units": "1", "long_name": "log standard deviation, shared errors included"}
    found["value"] = ("observation", np.array([known[one.id][0] for one in every]), value)
    found["sd"] = ("observation", np.array([known[one.id][1] for one in every]), error)
    return found


def _draws(one: Forecast) -> int:
    return one.paths.sizes["chain"] * one.paths.sizes["draw"] if one.paths is not None else 0


def _same_as(one: Forecast, earlier: Sequence[Forecast]) -> str:
    """Name of the first forecast with the same draws."""
    for other in earlier:
        if one.paths is not None and other.paths is not None and one.paths.equals(other.paths):
            return other.name
    return ""


def _means(forecasts: Sequence[Forecast], observations: Sequence[Observation]) -> Iterator[str]:
    """What the numbers are of."""
    yield f"{LABEL}; outturns are few, and those of one publisher share errors"
    cuts = [one for one in forecasts if one.until is not None]
    for date in dict.fromkeys(one.known for one in cuts):
        years = ", ".join(str(one.until) for one in cuts if one.known == date)
        yield (
            f"as of {years}: priors of {month_of(date)}, observations up to that year, as published"
            f" by {month_of(date)}; no earlier vintage of the priors exists"
        )
    yield (
        "observed: draws times the error of the published number, its publisher's and edition's"
        " included and drawn afresh (the tables show these); bare: draws alone; baselines alike"
    )
    scored = {one.id: one for each in forecasts for one in outturns(observations, each)}
    for one in scored.values():
        if one.factor:
            yield (
                f"{one.id}: {one.value:g} TWh of a wider class of sites over {one.factor['p50']:g},"
                " the middle of its factor"
            )
    said: dict[str, list[str]] = {}
    for each in forecasts:
        if each.paths is not None:
            for name, base in baselines_at(observations, each.known, each.until).items():
                said.setdefault(f"{name}: {base.said}", []).append(each.name)
    for text, names in said.items():
        yield f"baseline {text} (for {', '.join(names)})"


def key_of(parts: Sequence[str]) -> str:
    """Key of a backtest.

    Parameters
    ----------
    parts
        Of each forecast: its name, its dates and the key of its posterior, which holds the
        observations.

    Returns
    -------
    str
        Twelve hexadecimal digits.
    """
    found = hashlib.sha256()
    for part in [*parts, package_version(), code_digest((*CODE, *BESIDE))]:
        found.update(part.encode() + b"\0")
    return found.hexdigest()[:12]


def deliver(found: xr.Dataset, folder: Path, key: str, side: Mapping[str, Any]) -> None:
    """Write a backtest into a folder that appears whole or not at all.

    Parameters
    ----------
    found
        From `backtest`.
    folder
    key
        From `key_of`.
    side
        Times and command, which no digest covers.
    """
    stamped = found.assign_attrs(
        key=key, forecast_version=package_version(), code_digest=code_digest()
    )

    def fill(partial: Path) -> Mapping[str, Any]:
        from forecast.figures.backtest import backtest as draw
        from forecast.figures.style import save_figure

        write(stamped, partial)
        (partial / "figures").mkdir()
        for ending in ("png", "svg"):
            save_figure(draw(stamped), partial / "figures" / f"backtest.{ending}")
        return side

    publish(folder, key, fill)

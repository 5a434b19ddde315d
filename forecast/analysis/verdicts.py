"""What the numbers of a backtest say, in words."""

from calendar import month_name
from collections.abc import Iterator

import xarray as xr

from forecast.analysis.backtest import METHODS, MODEL, OUTPUTS
from forecast.analysis.scoring import LEVELS


def told(found: xr.Dataset) -> list[str]:
    """What the numbers say in words: failures first.

    Parameters
    ----------
    found
        From `studies.backtest`.

    Returns
    -------
    list of str
        A statement each, of the draws of observations.
    """
    lines = []
    for place, name in enumerate(found["forecast"].values.astype(str)):
        row = found.isel(forecast=place).sel(basis="observed")
        model = row.sel(by=MODEL)
        model = model.isel(observation=model["crps"].notnull().values)
        lines += [f"{name}: {one}" for one in _verdicts(model)]
        lines += [f"{name}: {one}" for one in _losses(row)]
    return lines


def _verdicts(model: xr.Dataset) -> Iterator[str]:
    """Statements on one forecast."""
    count, reason, alike = (
        model.sizes["observation"],
        str(model["reason"].values),
        str(model["same_as"].values),
    )
    if reason:
        yield f"{reason}; no forecast to score"
        return
    if alike:
        yield f"the same draws as {alike}, since no further observation is known to it"
    if not count:
        yield "nothing was observed since"
        return
    each = [model.isel(observation=place) for place in range(count)]
    for one in each:
        if not float(one["inside_90"]):
            yield _missed(one)
    ours = [one for one in each if str(one["output"].values) == "data_centres"]
    if ours:
        last = max(ours, key=lambda one: int(one["year"]))
        if float(last["inside_90"]):
            yield f"{_lying(last)}, inside the 90 % interval"
    inside = ", ".join(
        f"{int(model[f'inside_{level}'].sum())} inside their {level} % intervals"
        for level in LEVELS
    )
    yield f"of {_many(count, 'outturn')} {inside}"
    pit = model["pit"].values
    if count >= 3 and ((pit > 0.5).all() or (pit < 0.5).all()):
        side = "above" if pit[0] > 0.5 else "below"
        yield f"all {count} outturns lie {side} the median"


def _missed(one: xr.Dataset) -> str:
    date, until = str(one["known"].values), str(one["until"].values)
    year, side = int(one["year"]), "above" if float(one["pit"]) > 0.5 else "below"
    with_priors = f"what was observed up to {until}, with the priors of {month_of(date)},"
    what = with_priors if until else f"what was known on {date}"
    foresees = "hardly foresees" if 0.01 < float(one["pit"]) < 0.99 else "does not foresee"
    return (
        f"{_lying(one)}, {side} the 90 % interval of {float(one['p05']):.0f} to"
        f" {float(one['p95']):.0f} TWh: {what} {foresees} {year}"
    )


def _lying(one: xr.Dataset) -> str:
    return (
        f"the {float(one['value']):.3g} TWh of {int(one['year'])}"
        f" ({OUTPUTS[str(one['output'].values)]}) lie {percentile(float(one['pit']))}"
    )


def percentile(pit: float) -> str:
    """Say where a value lies among draws.

    Parameters
    ----------
    pit : 1
        Share of draws below it.

    Returns
    -------
    str
        As in `at the 97th percentile`.
    """
    if pit > 0.995 or pit < 0.005:
        side, rest = ("above", 1 - pit) if pit > 0.5 else ("below", pit)
        return f"{side} all but {100 * rest:.2g} % of draws" if rest else f"{side} every draw"
    whole = round(100 * pit)
    ending = "th" if whole % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10)
    return f"at the {whole}{ending or 'th'} percentile"


def _losses(row: xr.Dataset) -> Iterator[str]:
    """Baselines that the model does not beat."""
    for name in METHODS[1:]:
        one = row.sel(by=name)
        gained, count = float(one["skill_crps"]), int(one["matched"])
        if gained < 0:
            yield (
                f"worse than the baseline {name} on data centres (skill {gained:+.2f} in CRPS,"
                f" {_many(count, 'outturn')})"
            )


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def month_of(date: str) -> str:
    """Month and year of a date, YYYY-MM-DD, in words."""
    return f"{month_name[int(date[5:7])]} {date[:4]}"

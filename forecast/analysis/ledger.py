"""The ledger of inputs: what each was believed to be, by whom, and what history made of it."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast.analysis.explanation import SHARES

YEAR: Final = 2030
"""Year whose total the influence is taken of, if the tree has it. (yr; definition)"""

TOLD: Final = {
    "long_name": "long_name",
    "unit": "units",
    "source": "source",
    "as_of": "as_of",
    "grade": "grade",
    "scope": "scope",
}
"""Column of the ledger → attribute of the input."""

KEPT: Final = ("scenario", "title", "vintage", "known")
"""Attributes of the tree that the ledger bears too."""

QUANTILES: Final = ("p05", "p50", "p95")

SCORED: Final = 4096
"""Draws of a posterior that are ranked, about. (definition)"""


def ledger(tree: xr.DataTree) -> xr.Dataset:
    """Every input: its source, its prior and posterior, and how far history moved it.

    A draw is placed on the normal score of the prior: the standard normal quantile of its rank
    among the prior's draws. There the prior is standard normal whatever the unit and the shape of
    the input are. A score ends at the quantile of 1/(2(n+1)), n the number of prior draws.

    Parameters
    ----------
    tree
        With the groups `prior`, `posterior` and `posterior_predictive`; an input is what both the
        first and the second have.

    Returns
    -------
    Dataset
        Dim `input`; an input with labels has a row each, `name[label]`. The columns of `TOLD`;
        `prior_p05` … `posterior_p95` in the unit of the input; `posterior_score_p05` … in standard
        deviations of the prior; `shift`: mean score of the posterior less that of the prior, over
        the prior's standard deviation; `contraction`: one less the ratio of the standard
        deviations of the scores; `influence`: squared rank correlation, over the posterior, with
        the total in the year of the attribute `influence_year`. What has no meaning, as for an
        input that does not vary, is NaN. The attributes are `KEPT`, `prior_draws` and
        `posterior_draws`.
    """
    total = tree["posterior_predictive"].to_dataset()["total"]
    years = total["year"].values.tolist()
    year = YEAR if YEAR in years else years[-1]
    target = total.sel(year=year).transpose("chain", "draw").values.reshape(-1)
    step = max(1, target.size // SCORED)
    target = target[::step]
    ranks = _ranks(target) if np.isfinite(target).all() else None
    before, after = tree["prior"].to_dataset(), tree["posterior"].to_dataset()
    rows: list[dict[str, Any]] = []
    # A posterior may hold more than inputs, as the noise of past years; that has no prior here.
    for name, values in after[[one for one in after.data_vars if one in before]].items():
        told = after[name].attrs | before[name].attrs
        said = {column: str(told.get(had, "")) for column, had in TOLD.items()}
        later = dict(_by_label(str(name), values))
        for label, prior in _by_label(str(name), before[name]):
            rows.append({"input": label} | said | _moved(prior, later[label], target, ranks))
    columns = {
        key: ("input", np.array([one[key] for one in rows]))
        for key in (rows[0] if rows else ())
        if key != "input"
    }
    sizes = {
        f"{group}_draws": each.sizes.get("chain", 0) * each.sizes.get("draw", 0)
        for group, each in (("prior", before), ("posterior", after))
    }
    found = xr.Dataset(columns, {"input": np.array([one["input"] for one in rows], dtype=str)})
    kept = {name: tree.attrs[name] for name in KEPT if name in tree.attrs}
    return found.assign_attrs(kept | sizes | {"influence_year": int(year)})


def _by_label(name: str, values: xr.DataArray) -> Iterator[tuple[str, np.ndarray]]:
    """Draws of an input, `[chain · draw]`, one array a label."""
    rest = [dim for dim in values.dims if dim not in ("chain", "draw")]
    laid = values.transpose("chain", "draw", *rest)
    for place in np.ndindex(*laid.shape[2:]):
        labels = [str(laid[dim].values[at]) for dim, at in zip(rest, place, strict=True)]
        shown = f"{name}[{', '.join(labels)}]" if labels else name
        yield shown, laid.values[:, :, *place].reshape(-1)


def normal_scores(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Place numbers on the normal score of draws.

    `ndtri((below + not above + 1) / (2 (n + 1)))`, counted among n draws; a number of the draws
    themselves without ties so gets its van der Waerden score, `ndtri(k / (n + 1))`.

    Parameters
    ----------
    values : any unit
    among : same unit
        The draws.

    Returns
    -------
    array : 1
        As long as `values`.
    """
    # Imported here: every run loads this module with the figures, and none needs it.
    from scipy.special import ndtri

    ordered = np.sort(among)
    below = np.searchsorted(ordered, values, "left")
    least = np.searchsorted(ordered, values, "right")
    return np.asarray(ndtri((below + least + 1) / (2 * (len(ordered) + 1))))


def _moved(
    prior: np.ndarray, posterior: np.ndarray, total: np.ndarray, ranks: np.ndarray | None
) -> dict[str, float]:
    """Columns of one input that are numbers; `ranks` are those of the total, if none is missing."""
    before, after = prior[np.isfinite(prior)], posterior[np.isfinite(posterior)]
    # Ranks are dear and even a part of the draws tells them to a hundredth.
    some = after[:: max(1, after.size // SCORED)]
    old, new = normal_scores(before, before), normal_scores(some, before)
    width = float(old.std())
    row: dict[str, float] = {}
    for group, values in (("prior", before), ("posterior", after), ("posterior_score", new)):
        found = np.quantile(values, SHARES).tolist() if values.size else [np.nan] * 3
        row |= {f"{group}_{name}": one for name, one in zip(QUANTILES, found, strict=True)}
    if width > 0 and new.size:
        row["shift"] = float(new.mean() - old.mean()) / width
        row["contraction"] = 1 - float(new.std()) / width
    else:
        row |= {f"posterior_score_{name}": np.nan for name in QUANTILES}
        row |= {"shift": np.nan, "contraction": np.nan}
    row["influence"] = _influence(posterior[:: max(1, posterior.size // len(total))], total, ranks)
    return row


def _influence(values: np.ndarray, total: np.ndarray, ranks: np.ndarray | None) -> float:
    """Squared Spearman correlation; NaN where either does not vary."""
    known = np.isfinite(values) & np.isfinite(total)
    of_total = ranks if ranks is not None and known.all() else _ranks(total[known])
    both = [_ranks(values[known]), of_total]
    if known.sum() < 2 or any(np.ptp(one) == 0 for one in both):
        return float("nan")
    return float(np.corrcoef(np.stack(both))[0, 1] ** 2)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, ties at their mean; `scipy.stats` takes half a second to import."""
    ordered = np.sort(values)
    first, last = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    return np.asarray((first + last + 1) / 2)

"""A few draws that stand for all: which they are, how many each stands for, what sets it apart."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from forecast.analysis.ensemble import Ensemble

VARIABLES: Final = ("total", "ai", "crypto", "unserved")
"""Outcomes whose paths the storylines are to span; the first puts them in order."""

STARTS: Final = 4
"""Seeded starts, of which the one that leaves least is taken. (definition)"""

ROUNDS: Final = 200
"""Rounds of a start at the most; it ends where nothing changes, in some tens. (definition)"""

NAMED: Final = 5
"""Inputs named in words for each storyline. (definition)"""

LEAST_APART: Final = 0.15
"""Mean normal score of a group from which an input is named as telling it apart; less is what
any input of a single draw may show by chance. (1; definition)"""


@dataclass(frozen=True)
class Medoids:
    """Draws that stand for all.

    Attributes
    ----------
    draws : array
        `[storyline]`: number of each draw.
    nearest : array
        `[draw]`: the storyline that stands for it.
    explained : float
        Share of the variance of the features that lies between storylines.
    """

    draws: np.ndarray
    nearest: np.ndarray
    explained: float


def normal_scores(values: np.ndarray) -> np.ndarray:
    """Ranks as standard normal scores, column by column; equal values share their mean rank.

    Parameters
    ----------
    values : any unit
        `[draw, …]`.

    Returns
    -------
    1
        Of the same shape; NaN stays NaN.
    """
    from scipy.special import ndtri

    flat = pd.DataFrame(np.reshape(values, (len(values), -1)))
    shares = (flat.rank().to_numpy() - 0.5) / flat.notna().sum().to_numpy()
    return np.asarray(ndtri(shares)).reshape(np.shape(values))


def medoids(features: np.ndarray, count: int, seed: int = 0) -> Medoids:
    """Choose draws so that all lie near one of them.

    k-medoids under the squared distance, by turns: each draw goes to its nearest medoid, and each
    medoid becomes the draw of its group from which the group lies least far. That is the one
    nearest to the mean of the group, so a round costs no more than one of k-means. Seeded starts
    in proportion to the squared distance, each led by k-means to where medoids begin (by
    themselves they soon stand still); the best of them is taken.

    Parameters
    ----------
    features : 1
        `[draw, feature]`, on scales that may be compared.
    count
        Of storylines.
    seed

    Returns
    -------
    Medoids
        In no order.

    Raises
    ------
    ValueError
        If `count` is below 2 or above the number of draws that differ.

    References
    ----------
    Park and Jun (2009), doi:10.1016/j.eswa.2008.01.039; starts: Arthur and Vassilvitskii (2007),
    https://dl.acm.org/doi/10.5555/1283383.1283494
    """
    if count < 2:
        raise ValueError(f"{count} storylines: expected at least 2")
    if count > len(features):
        raise ValueError(f"{count} storylines of {len(features)} draws: expected fewer than draws")
    rng = np.random.default_rng(seed)
    best, least = None, np.inf
    for _ in range(STARTS):
        chosen = _settled(features, _centred(features, _start(features, count, rng)))
        distance = _distances(features, chosen)
        cost = float(distance.min(axis=1).sum())
        if cost < least:
            best, least = (chosen, distance.argmin(axis=1)), cost
    assert best is not None, "a start has a finite cost"
    spread = float(((features - features.mean(axis=0)) ** 2).sum())
    return Medoids(best[0], best[1], max(0.0, 1 - least / spread))


def _start(features: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    chosen = [int(rng.integers(len(features)))]
    far = _distances(features, np.array(chosen))[:, 0]
    while len(chosen) < count:
        if not far.sum() > 0:
            raise ValueError(f"{count} storylines: only {len(chosen)} of the draws differ")
        chosen.append(int(rng.choice(len(features), p=far / far.sum())))
        far = np.minimum(far, _distances(features, np.array(chosen[-1:]))[:, 0])
    return np.array(chosen)


def _centred(features: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Draws nearest to the means of k-means from a start; they all differ."""
    centres, before = features[chosen], np.full(len(features), -1)
    for _ in range(ROUNDS):
        nearest = np.stack([((features - one) ** 2).sum(axis=1) for one in centres]).argmin(axis=0)
        if np.array_equal(nearest, before) or len(np.unique(nearest)) < len(chosen):
            break
        before = nearest
        centres = np.stack([features[nearest == one].mean(axis=0) for one in range(len(chosen))])
    found: list[int] = []
    for one in centres:
        offset = ((features - one) ** 2).sum(axis=1)
        offset[found] = np.inf
        found.append(int(offset.argmin()))
    return np.array(found)


def _settled(features: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    # A group holds its own medoid, so it is never empty, and the cost falls in every round.
    for _ in range(ROUNDS):
        nearest = _distances(features, chosen).argmin(axis=1)
        moved = []
        for group in range(len(chosen)):
            members = np.flatnonzero(nearest == group)
            inside = features[members]
            offset = ((inside - inside.mean(axis=0)) ** 2).sum(axis=1)
            moved.append(int(members[offset.argmin()]))
        if (np.array(moved) == chosen).all():
            break
        chosen = np.array(moved)
    return chosen


def _distances(features: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Squared distances, `[draw, chosen]`; exact zeros of equal draws."""
    return np.stack([((features - features[one]) ** 2).sum(axis=1) for one in chosen], axis=1)


def apart(scores: np.ndarray, found: Medoids) -> tuple[np.ndarray, np.ndarray]:
    """How far the inputs of each storyline, and of the draws it stands for, lie from the middle.

    Parameters
    ----------
    scores : 1
        `[draw, input]`, from `normal_scores`.
    found

    Returns
    -------
    own, group : 1
        `[storyline, input]`: score of the draw; mean score of the draws it stands for. An input
        sets a storyline apart where both are large and of one sign: among many inputs some lie
        far out in any draw by chance, and in the mean of its group these are near 0.
    """
    groups = range(len(found.draws))
    mean = np.stack([scores[found.nearest == one].mean(axis=0) for one in groups])
    return scores[found.draws], mean


def storylines(ensemble: Ensemble, count: int, seed: int = 0, first: int = 0) -> xr.Dataset:
    """Draws that span the paths of `VARIABLES`, from low to high demand.

    Parameters
    ----------
    ensemble
        With these variables, for the world.
    count
        Of storylines.
    seed
    first : yr
        First year whose outcomes count.

    Returns
    -------
    Dataset
        `weight`: the share of draws that a storyline stands for, with `mcse_weight`; `draw`, its
        number among the valid draws; `path` and `percentile` over variable and year; `value`,
        `score` and `group_score` over input. `explained` in the attributes.

    Raises
    ------
    ValueError
        If `count` is below 2 or above the draws, or no year is left.
    """
    places = _places(ensemble, first)
    years = ensemble.rows["year"][places[0]]
    paths = np.stack([ensemble.y[:, one] for one in places], axis=1)
    whole = np.isfinite(paths).all(axis=(1, 2))
    if not whole.all():
        raise ValueError(f"{int((~whole).sum())} draws lack an outcome; storylines need them all")
    scores = normal_scores(paths)
    found = medoids(scores.reshape(len(scores), -1), count, seed)
    order = np.argsort(paths[found.draws, 0, -1], kind="stable")
    found = Medoids(found.draws[order], np.argsort(order)[found.nearest], found.explained)
    return _labelled(ensemble, found, paths, scores, years, places, seed)


def _places(ensemble: Ensemble, first: int) -> list[np.ndarray]:
    """Columns of each of the variables, the world's."""
    rows = ensemble.rows
    here = (rows["region"] == "") & (rows["year"] >= first)
    places = [np.flatnonzero(here & (rows["variable"] == one)) for one in VARIABLES]
    if missing := [one for one, place in zip(VARIABLES, places, strict=True) if not len(place)]:
        last = rows["year"].max() if len(rows["year"]) else 0
        raise ValueError(f"no {missing[0]} from {first} on; the last year of the run is {last}")
    return places


def _labelled(
    ensemble: Ensemble,
    found: Medoids,
    paths: np.ndarray,
    scores: np.ndarray,
    years: np.ndarray,
    places: list[np.ndarray],
    seed: int,
) -> xr.Dataset:
    from scipy.special import ndtr

    own, group = apart(normal_scores(ensemble.x), found)
    share, error = _weights(found.nearest, ensemble.chain, len(found.draws))
    line, path = ("storyline",), ("storyline", "variable", "year")
    told = ("storyline", "input")
    below = ndtr(scores[found.draws])
    parts = {
        "weight": (line, share, "share of draws that lie nearest to it"),
        "mcse_weight": (line, error, "Monte Carlo standard error of the weight"),
        "draw": (line, found.draws, "its number among the valid draws"),
        "path": (path, paths[found.draws], "its outcomes, in the unit of the variable"),
        "percentile": (path, below, "share of draws below its outcomes"),
        "value": (told, ensemble.x[found.draws], "its inputs, each in its unit"),
        "score": (told, own, "normal score of its inputs among all draws"),
        "group_score": (told, group, "mean score of the draws that it stands for"),
    }
    units = {"path": "of the variable", "value": "of the input"}
    variables = {
        name: (dims, values, {"long_name": meaning, "units": units.get(name, "1")})
        for name, (dims, values, meaning) in parts.items()
    }
    coords = {
        "storyline": np.arange(1, len(found.draws) + 1),
        "variable": list(VARIABLES),
        "year": years,
        "input": list(ensemble.inputs),
        "unit": ("variable", [str(ensemble.rows["unit"][one][0]) for one in places]),
        "input_unit": ("input", list(ensemble.units)),
    }
    attrs = {"scenario": ensemble.scenario, "explained": found.explained, "seed": seed}
    return xr.Dataset(variables, coords, attrs)


def _weights(nearest: np.ndarray, chain: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Shares of draws and their errors, the storylines held."""
    mine = nearest[:, None] == np.arange(count)
    by_chain = np.stack([mine[chain == one].mean(axis=0) for one in np.unique(chain)])
    if len(by_chain) < 2:
        return mine.mean(axis=0), np.full(count, np.nan)
    return mine.mean(axis=0), by_chain.std(axis=0, ddof=1) / np.sqrt(len(by_chain))


def name_of(found: xr.Dataset, number: int) -> str:
    """Name a storyline, `storyline 2 of 4 of base`."""
    return f"storyline {number} of {found.sizes['storyline']} of {found.attrs['scenario']}"


def story(found: xr.Dataset, number: int, named: int = NAMED) -> tuple[str, str]:
    """Tell a storyline in words.

    Parameters
    ----------
    found
        From `storylines`.
    number
        From 1.
    named
        Inputs that are named.

    Returns
    -------
    str, str
        Its outcomes in the last year, each with its percentile; the inputs that set it apart, each
        with its value and percentile, the most telling first.
    """
    from scipy.special import ndtr

    one = found.sel(storyline=number)
    year = int(found["year"][-1])
    ends = zip(
        found["variable"].values,
        one["path"].values[:, -1],
        found["unit"].values,
        one["percentile"].values[:, -1],
        strict=True,
    )
    outcomes = ", ".join(
        f"{name} {value:,.4g} {unit} (p{100 * share:.0f})" for name, value, unit, share in ends
    )
    group = one["group_score"].values
    telling = np.where(abs(group) >= LEAST_APART, one["score"].values * group, 0.0)
    first = [place for place in np.argsort(-telling, kind="stable") if telling[place] > 0][:named]
    inputs = "; ".join(
        f"{found['input'].values[place]} {one['value'].values[place]:.4g}"
        f" {found['input_unit'].values[place]}".removesuffix(" 1")
        + f" (p{100 * ndtr(one['score'].values[place]):.0f})"
        for place in first
    )
    return f"in {year}: {outcomes}", inputs or "no input"

"""Sobol indices of a scenario's priors, from a design of their own."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import xarray as xr

from forecast.analysis.sobol import Indices, check_counts, indices, second_order
from forecast.axes import FIRST_YEAR
from forecast.request import BYTES, Request
from forecast.sampling.design import Design
from forecast.sampling.draws import points, prepare_points
from forecast.simulate.engine import noise
from forecast.simulate.ensemble import Progress
from forecast.studies.pick_freeze import JOINED, End, Study, end, prepare
from forecast.studies.states import states

ROOM: Final = 1_200_000_000
"""Memory for what the second order keeps of the model's outcomes. (B; definition)"""

LONG_NAMES: Final = {
    "first": "first-order Sobol index: share of the variance by the input alone",
    "total": "total Sobol index: share of the variance by the input and all it interacts with",
    "second": "second-order Sobol index: share of the variance by the interaction of two inputs",
}


def sobol_indices(
    asked: Request,
    *,
    base: int = 1024,
    second: bool = False,
    groups: bool = False,
    bootstraps: int = 100,
    seed: int | None = None,
    variables: tuple[str, ...] = (),
    first: int = FIRST_YEAR,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Sobol indices of every uncertain input, for every outcome.

    Parameters
    ----------
    asked
        One scenario that draws from its priors.
    base
        Draws of each base sample, best a power of two; the model runs `base` times two and the
        number of inputs, about twice that for the second order.
    second
        Whether to find the second order of pairs.
    groups
        Take whole blocks of the model as inputs; the first order is then a closed index.
    bootstraps
        Resamples of the base draws, for intervals.
    seed
        Of the design; the scenario's own if none is given.
    variables, first
        As in `pick_freeze.prepare`.
    progress
        Told after each run over the base draws.

    Returns
    -------
    Dataset
        `first`, `first_low`, `first_high`, `total`, `total_low` and `total_high` by `input` and
        `outcome`, and `left_out`, the base draws that failed for an input; `second`, `second_low`
        and `second_high` by `input`, `other` and `outcome` if asked for.

    Raises
    ------
    ValueError
        As in `pick_freeze.prepare`; if numbers are out of range; if the second order of all
        outcomes takes too much memory.
    """
    check_counts(base, bootstraps)
    study = prepare(asked, groups=groups, variables=variables, first=first)
    size = len(study.inputs)
    if second:
        _check_room(size, base, len(study.rows["year"]))
    design = _design(study, base, seed)
    ends = both_ends(study, design)
    laid = states(
        study, ends, _masks(size, second), total=2 + size * (1 + second), progress=progress
    )
    a, b = next(laid), next(laid)
    failed = np.isnan(a).all(1) | np.isnan(b).all(1)
    left_out = np.zeros(size, int)
    options = {"bootstraps": bootstraps, "seed": design.seed}
    if second:
        ab, ba = np.empty((size, *a.shape)), np.empty((size, *a.shape))
        for place in range(size):
            ab[place], ba[place] = next(laid), next(laid)
        left_out[:] = (failed | np.isnan(ab).all(2)).sum(1)
        found = indices(a, b, ab, **options)
        pairs = second_order(a, b, ab, ba, **options)
        return _labelled(study, design, found, left_out, bootstraps, pairs)

    def counted() -> Iterator[np.ndarray]:
        for place, one in enumerate(laid):
            left_out[place] = (failed | np.isnan(one).all(1)).sum()
            yield one

    found = indices(a, b, counted(), **options)
    return _labelled(study, design, found, left_out, bootstraps)


def _masks(size: int, second: bool) -> Iterator[np.ndarray]:
    # Both base samples, then for each input `a` with it of `b`, and its opposite where needed.
    yield np.zeros(size, bool)
    yield np.ones(size, bool)
    for place in range(size):
        mask = np.arange(size) == place
        yield mask
        if second:
            yield ~mask


def _design(study: Study, base: int, seed: int | None) -> Design:
    seed = study.scenario.sampling.seed if seed is None else seed
    return Design("sobol", seed, chains=2, draws=base)


def both_ends(study: Study, design: Design) -> tuple[End, End]:
    """Two independent base samples.

    Both are scrambles of the inputs' own columns of the Sobol sequence, which are independent as
    randomisations. Draw by draw they are not: the first digit of a point and of its partner in
    the other always agree or always differ. So the second is taken in a random order.

    Parameters
    ----------
    study
    design
        With two chains.

    Returns
    -------
    tuple of End
    """
    prepared = prepare_points(study.moving, design, study.groups)
    order = np.random.default_rng(design.seed).permutation(design.draws)
    found = []
    for number, index in enumerate((np.arange(design.draws), order)):
        chain = np.full(design.draws, number)
        laid = points(prepared, chain=chain, index=index)
        innovations = noise(design.seed, study.scenario.horizon, chain, index)
        found.append(end(study, laid, innovations))
    return found[0], found[1]


def _check_room(size: int, base: int, outcomes: int) -> None:
    if (needed := 2 * size * base * outcomes * BYTES) > ROOM:
        most = int(outcomes * ROOM / needed)
        raise ValueError(
            f"the second order of {outcomes:,} outcomes takes {needed / 1e9:.1f} GB, at most"
            f" {ROOM / 1e9:.1f} GB are allowed: ask for at most {most:,} outcomes (fewer variables,"
            " a later first year) or for fewer base draws"
        )


def _labelled(
    study: Study,
    design: Design,
    found: Indices,
    left_out: np.ndarray,
    bootstraps: int,
    pairs: tuple[np.ndarray, ...] = (),
) -> xr.Dataset:
    def told(name: str) -> dict[str, str]:
        which, _, side = name.partition("_")
        ends = {"": "", "low": ", low end of the interval", "high": ", high end of the interval"}
        return {"units": "1", "long_name": LONG_NAMES[which] + ends[side]}

    laid: dict[str, Any] = {
        n: (("input", "outcome"), one, told(n)) for n, one in found._asdict().items()
    }
    names = ("second", "second_low", "second_high") if pairs else ()
    laid |= {
        n: (("input", "other", "outcome"), one, told(n))
        for n, one in zip(names, pairs, strict=True)
    }
    count = {"units": "1", "long_name": "base draws that failed and were left out"}
    laid["left_out"] = (("input",), left_out, count)
    coordinates = {name: ("outcome", column) for name, column in study.rows.items()}
    labels = np.array(list(study.inputs))
    coordinates["input"] = ("input", labels)
    if pairs:
        coordinates["other"] = ("other", labels)
    title = f"Sobol indices of the priors of {study.scenario.name}"
    return xr.Dataset(laid, coordinates).assign_attrs(
        attributes(study, design, title),
        bootstraps=bootstraps,
        evaluations=design.draws * (2 + len(labels) * (2 if pairs else 1)),
        notes="\n".join(_notes(design.draws, int(left_out.sum()))),
    )


def attributes(study: Study, design: Design, title: str) -> dict[str, str | int]:
    """What a study says of itself."""
    together = [name for name, ours in study.inputs.items() if JOINED in name and ours]
    return {
        "title": title,
        "scenario": study.scenario.name,
        "seed": design.seed,
        "base": design.draws,
        "together": "\n".join(f"{one}: one input, taken together" for one in together),
    }


def _notes(base: int, failed: int) -> Iterator[str]:
    if base & (base - 1):
        below = 1 << (base.bit_length() - 1)
        yield (
            f"{base:,} base draws are no power of two, at which Sobol points are balanced:"
            f" {below:,} or {2 * below:,} would be better"
        )
    if failed:
        yield f"{failed:,} base draws failed, over all inputs, and were left out (see left_out)"

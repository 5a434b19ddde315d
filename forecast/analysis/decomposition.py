"""The change of demand between two years, split into named drivers, draw by draw."""

from collections.abc import Mapping, Sequence
from math import factorial
from typing import Final

import numpy as np
import xarray as xr

from forecast.store import outputs_group

AI_ALL: Final = ("year_to_year_noise", "limits_to_growth")
"""Drivers that every part of AI demand shares."""

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "conventional": ("workloads", "energy_per_workload", "pue", "year_to_year_noise"),
    "generative": (
        "applications",
        "tokens_per_request",
        "rebound",
        "model_size",
        "hardware",
        "number_formats",
        "software",
        *AI_ALL,
    ),
    "other_ai": ("other_ai_services", *AI_ALL),
    "training": ("training_and_research", *AI_ALL),
    "customisation": ("customisation", *AI_ALL),
    "crypto": ("crypto",),
}
"""Part of demand → the drivers it is a product of."""

DRIVERS: Final = tuple(dict.fromkeys(one for names in PARTS.values() for one in names))


def shapley_product(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Split the change of a product between its factors.

    The Shapley value of a factor is its mean contribution over all orders in which the factors
    move from start to end.

    Parameters
    ----------
    start, end : any units
        `[factor, draw]`.

    Returns
    -------
    Unit of the product
        `[factor, draw]`; the sum over factors is the change of the product.

    References
    ----------
    Shapley (1953), doi:10.1515/9781400881970-018; Sun (1998),
    doi:10.1016/S0140-9883(97)00028-2, for energy decomposition
    """
    count = len(start)
    products = [np.ones(start.shape[1:])]
    for before, after in zip(start, end, strict=True):
        # Subset number b has factor k at its end where bit k of b is set.
        products = [one * before for one in products] + [one * after for one in products]
    found = np.zeros(start.shape)
    for subset in range(2**count):
        size = subset.bit_count()
        for factor in range(count):
            if not subset >> factor & 1:
                weight = factorial(size) * factorial(count - size - 1) / factorial(count)
                moved = products[subset | 1 << factor] - products[subset]
                found[factor] += weight * moved
    return found


def factors(outputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every part of demand as a product of drivers.

    Parameters
    ----------
    outputs
        Dotted output → `[draw, year, …]`.

    Returns
    -------
    TWh, as a product over the first axis
        Part → `[driver, draw, year]`, in the order of `PARTS`; constants ride on the first driver.
    """
    served = outputs["totals.ai"] / outputs["totals.ai_demand"]
    split = outputs["inference.inference"] + outputs["training.training"]
    split = split + outputs["customisation.customisation"]
    noise = np.exp(outputs["noise"])
    # AI demand over its IT energy is PUE times noise; what is not noise is constant in time.
    meter = outputs["totals.ai_demand"] / split / noise[..., 1]
    conventional = [
        outputs["conventional.workloads"],
        outputs["conventional.intensity"],
        outputs["conventional.pue"],
        noise[..., 0],
    ]
    constant = outputs["conventional.demand"] / np.prod(conventional, axis=0)
    generative = [
        outputs["adoption.applications"],
        outputs["adoption.length"],
        outputs["inference.rebound"],
        outputs["size_mix.mean_parameters"] * outputs["efficiency.shrinkage"],
        1.0 / outputs["efficiency.hardware"],
        outputs["efficiency.precision"],
        1.0 / outputs["efficiency.software"],
    ]
    level = outputs["inference.generative"] * meter / np.prod(generative, axis=0)
    shared = [noise[..., 1], served]
    return {
        "conventional": np.stack([conventional[0] * constant, *conventional[1:]]),
        "generative": np.stack([generative[0] * level, *generative[1:], *shared]),
        "other_ai": np.stack([outputs["adoption.other"] * meter, *shared]),
        "training": np.stack([outputs["training.training"] * meter, *shared]),
        "customisation": np.stack([outputs["customisation.customisation"] * meter, *shared]),
        "crypto": outputs["crypto.demand"][None],
    }


def split_change(
    outputs: Mapping[str, np.ndarray], years: Sequence[int], first: int, last: int
) -> dict[str, np.ndarray]:
    """Split the change of the total between two years.

    Parameters
    ----------
    outputs
        Dotted output → `[draw, year, …]`.
    years
        Of the year axis.
    first, last
        Between which years.

    Returns
    -------
    TWh
        Driver → `[draw]`; they sum to the change of the total in every draw.
    """
    places = [list(years).index(one) for one in (first, last)]
    found = {name: np.zeros(len(outputs["totals.total"])) for name in DRIVERS}
    for part, product in factors(outputs).items():
        start, end = (product[..., place] for place in places)
        for name, moved in zip(PARTS[part], shapley_product(start, end), strict=True):
            found[name] += moved
    return found


def decomposition(run: xr.DataTree, first: int, last: int) -> xr.Dataset:
    """Split the change of the total of a Run that keeps all outputs.

    Parameters
    ----------
    run
        With ``keep=("all",)``.
    first, last
        Between which years.

    Returns
    -------
    Dataset
        `change` (driver, chain, draw, scenario) in TWh; attributes name the years.

    Raises
    ------
    ValueError
        If a year is not in the run or the outputs are not kept.
    """
    outputs = run[outputs_group(run)].to_dataset()
    years = outputs["year"].values.tolist()
    for year in (first, last):
        if year not in years:
            raise ValueError(f"year {year} is not in the run, which has {years[0]} to {years[-1]}")
    if "totals.ai" not in outputs:
        raise ValueError("the run does not keep all outputs: run it with --keep all")
    shape = tuple(outputs.sizes[dim] for dim in ("chain", "draw", "scenario"))
    flat = {
        str(name): values.values.reshape(-1, *values.shape[3:])
        for name, values in outputs.data_vars.items()
        if "." in str(name) or name == "noise"
    }
    parts = split_change(flat, years, first, last)
    told = {"units": "TWh", "long_name": f"contribution to the change {first} to {last}"}
    values = np.stack([one.reshape(shape) for one in parts.values()])
    dims = ("driver", "chain", "draw", "scenario")
    found = xr.Dataset({"change": (dims, values, told)}, {"driver": list(parts)})
    return found.assign_attrs(first=first, last=last)

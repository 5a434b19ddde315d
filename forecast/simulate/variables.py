"""The outputs that a Run names: where each comes from, its dimensions, unit and scope."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from forecast.model.block import quantities
from forecast.model.demand import Outputs
from forecast.spec.faults import nearest

type Leaves = Mapping[str, np.ndarray]
"""Dotted name of an output → `[year, draw, …]`."""


@dataclass(frozen=True)
class Variable:
    """One output of a Run.

    Attributes
    ----------
    dims : tuple of str
        After chain, draw and scenario.
    unit, long_name : str
    scope : str
        What the number covers.
    formula : str
        How it follows from other quantities, where the model says so.
    values : callable
        From the model's outputs to `[year, draw, …]`.
    """

    dims: tuple[str, ...]
    unit: str
    long_name: str
    scope: str
    values: Callable[[Leaves], np.ndarray]
    formula: str = ""


ELECTRICITY = "electricity at the meter, PUE included, networks excluded"
ALL = f"data centres, AI and crypto; {ELECTRICITY}"
CENTRES = f"data centres and AI, crypto excluded; {ELECTRICITY}"
AI = f"AI; {ELECTRICITY}"
WORLD = "world electricity demand (Ember: generation plus net imports, losses included)"
SITES = "data centres and AI, crypto excluded"


def _leaf(name: str, scope: str, *, summed: str = "") -> Variable:
    field = quantities(Outputs)[name]
    dims = tuple(one.removeprefix("*") for one in field.type.dim_str.split())  # type: ignore[union-attr]
    axis = dims.index(summed) + 1 if summed else 0

    def values(leaves: Leaves) -> np.ndarray:
        return leaves[name].sum(axis) if summed else leaves[name]

    kept = tuple(one for one in dims if one != summed)
    told = field.metadata
    return Variable(kept, told["unit"], told["doc"], scope, values, told["formula"])


def _regional(long_name: str, scope: str, segments: slice) -> Variable:
    def values(leaves: Leaves) -> np.ndarray:
        return leaves["regional"][:, :, segments].sum(2)

    return Variable(("year", "region"), "TWh", long_name, scope, values)


DEFAULT: Final[dict[str, Variable]] = {
    "demand": _leaf("demand", ELECTRICITY),
    "ai_demand": _leaf("totals.ai_demand", f"AI before limits; {ELECTRICITY}"),
    "unserved": _leaf("totals.unserved", f"AI; {ELECTRICITY}"),
    "share_of_world_demand": _leaf("totals.share_of_world_demand", f"{ALL}; over {WORLD}"),
    "emissions": _leaf("emissions.emissions", f"{ALL}; life-cycle gCO2e/kWh", summed="region"),
    "emissions_co2": _leaf("emissions.emissions_co2", f"{ALL}; combustion alone (IEA)"),
    "renewable_share": _leaf("emissions.renewable_share", f"{ALL}; by location"),
    "renewable_share_market": _leaf("emissions.renewable_share_market", f"{ALL}; by contract"),
    "workloads": _leaf("conventional.workloads", "conventional data centres"),
    "pue": _leaf("facilities.pue", SITES),
    "load_factor": _leaf("facilities.load_factor", SITES),
    "installed_capacity": _leaf("facilities.installed", SITES),
}
"""Kept in every Run."""

BY_REGION: Final[dict[str, Variable]] = {
    "total_by_region": _regional("all segments by region", ALL, slice(None)),
    "data_centres_by_region": _regional("conventional and AI by region", CENTRES, slice(0, 4)),
    "unserved_by_region": _leaf("limits.unserved", f"AI; {ELECTRICITY}"),
}
"""Summarised in every Run, kept draw by draw on request."""


def every_output() -> dict[str, Variable]:
    """Find every quantity of the model under its own dotted name, for `--keep` and `explain`."""
    return {name: _leaf(name, "see docs/model.md") for name in quantities(Outputs)}


def chosen(keep: tuple[str, ...]) -> dict[str, Variable]:
    """Variables of a Run beyond those of every Run.

    Parameters
    ----------
    keep
        Names of `every_output` or `BY_REGION`; ``regions`` for all of the latter, ``all``.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If a name is none of these.
    """
    outputs = every_output()
    found: dict[str, Variable] = {}
    for name in keep:
        if name == "all":
            found |= BY_REGION | outputs
        elif name == "regions":
            found |= BY_REGION
        elif name in BY_REGION | outputs:
            found[name] = (BY_REGION | outputs)[name]
        else:
            near = nearest(name, ["all", "regions", *BY_REGION, *outputs])
            hint = f'; did you mean "{near}"?' if near else ""
            raise ValueError(f"no output is called {name!r}{hint} (forecast list outputs)")
    return found

"""Figures of the session's run, as it is and as if it had another number of scenarios."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from forecast.figures.fan import fan

NAMES = (
    "base",
    "low",
    "central",
    "base+pue-cap+connection-cap",
    "_odd $x_1$ <b>&",
    "high",
    "seventh",
    "eighth",
)
LEVELS = (1.0, 0.6, 0.99, 0.97, 1.01, 1.5, 0.8, 0.7)


@pytest.fixture(scope="session")
def summary(run: xr.DataTree) -> xr.Dataset:
    return run["summary"].to_dataset()


@pytest.fixture(scope="session")
def observed(run: xr.DataTree) -> xr.Dataset:
    return run["observed_data"].to_dataset()


@pytest.fixture(scope="session")
def several(summary: xr.Dataset) -> Callable[[int], xr.Dataset]:
    """A summary with so many scenarios: base, and base at other levels."""
    base = summary.isel(row=summary["scenario"].values == "base")

    def scaled(name: str, level: float) -> xr.Dataset:
        names = ("row", np.full(base.sizes["row"], name))
        numbers = {key: one * level for key, one in base.items() if one.dtype.kind == "f"}
        return base.assign(numbers).assign(scenario=names)

    def make(count: int) -> xr.Dataset:
        parts = [scaled(*one) for one in list(zip(NAMES, LEVELS, strict=True))[:count]]
        return xr.concat(parts, dim="row")

    return make


@pytest.fixture(scope="session")
def drawn(
    several: Callable[[int], xr.Dataset], observed: xr.Dataset, run: xr.DataTree
) -> Callable[..., Figure]:
    """Draw a fan chart of so many scenarios, so many millimetres wide."""

    def draw(count: int, *, width: float = 180.0) -> Figure:
        titles = "; ".join(f"World {number} of $many_ <titles> \\frac" for number in range(count))
        attributes = {**run.attrs, "title": titles}
        return fan(several(count), observed, attributes=attributes, width=width)

    return draw

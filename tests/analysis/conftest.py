"""What the tests of the analysis share: runs by hand, and of the shipped world with settings."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from forecast.axes import SEGMENTS, STATUS
from forecast.spec.scenario import Method, Scenario

YEARS = range(2015, 2036)


@pytest.fixture(scope="session")
def shipped_run(
    scenario: Callable[..., Scenario], simulated: Callable[..., xr.DataTree]
) -> Callable[..., xr.DataTree]:
    """Run the priors of the register with some settings."""

    def run(*settings: str, draws: int = 256, method: Method = "sobol") -> xr.DataTree:
        return simulated(
            scenario("base", "vintage=iea-2026", *settings, draws=draws, method=method)
        )

    return run


@pytest.fixture
def by_hand() -> Callable[..., xr.DataTree]:
    """A Run of given demand, `[chain, draw, scenario, year, segment]`."""

    def make(
        demand: np.ndarray,
        *,
        share: np.ndarray | None = None,
        status: np.ndarray | None = None,
        inputs: dict[str, xr.DataArray] | None = None,
    ) -> xr.DataTree:
        dims = ("chain", "draw", "scenario", "year")
        short = demand.shape[:4]
        coords = {
            "scenario": [f"s{number}" for number in range(short[2])],
            "year": list(YEARS)[: short[3]],
        }
        green = np.full(short, 0.5) if share is None else share
        codes = np.zeros(short[:3], np.int8) if status is None else status
        meter = {"units": "TWh", "scope": "meter"}
        part = {"units": "1", "scope": "part"}
        outputs = {
            "demand": ((*dims, "segment"), demand, meter),
            "renewable_share": (dims, green, part),
            "renewable_share_market": (dims, green / 2, part),
        }
        flags = {
            "flag_values": np.arange(len(STATUS), dtype=np.int8),
            "flag_meanings": " ".join(STATUS),
        }
        named = {name: coords[name] for name in ("scenario",)}
        return xr.DataTree.from_dict(
            {
                "/prior": xr.Dataset(inputs or {}),
                "/prior_predictive": xr.Dataset(outputs, coords | {"segment": list(SEGMENTS)}),
                "/sample_stats_prior": xr.Dataset({"status": (dims[:3], codes, flags)}, named),
            }
        )

    return make

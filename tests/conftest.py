"""What all tests may share: one small Run."""

import pytest
import xarray as xr

import forecast.api


@pytest.fixture(scope="session")
def run() -> xr.DataTree:
    """8 × 32 draws of the shipped base and of a policy over it, finished; not to be changed."""
    return forecast.api.run("base.yaml", "base+pue-cap", draws=256)

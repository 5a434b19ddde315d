"""The part of the spread that year-to-year noise makes."""

from collections.abc import Callable

import numpy as np
import pytest

from forecast.simulate.ensemble import plan
from forecast.spec.register import Register
from forecast.spec.scenario import Scenario
from forecast.studies.noise import noise_variance

type Read = Callable[..., Scenario]
QUIET = ("noise.conventional=0", "noise.ai=0", "crypto.volatility=0")


@pytest.mark.slow
def test_without_noise_nothing_is_left_and_with_little_else_it_is_all(
    register: Register, scenario: Read
) -> None:
    quiet = noise_variance(plan([scenario("base", *QUIET, draws=512)], register.priors))
    # Up to 2021 the history of mining has an error that is noise as well.
    np.testing.assert_allclose(quiet["noise"].sel(year=slice(2022, None)), 0, atol=1e-12)
    assert (quiet["variance"].sel(variable="total", year=2030) > 0).all()
    one = scenario("base", draws=512)
    loud = noise_variance(plan([one], register.priors))
    crypto = loud.sel(variable="crypto", year=2030)
    assert 0 < float(crypto["noise"]) < float(crypto["variance"])
    # The sum of independent noises: that of crypto and that of data centres.
    parts = loud["noise"].sel(year=2030, variable=["data_centres", "crypto"]).sum()
    total = loud.sel(variable="total", year=2030)
    error = loud["noise_error"].sel(year=2030, variable=["data_centres", "crypto"]).sum()
    assert abs(float(parts - total["noise"])) < 4 * float(error + total["noise_error"])

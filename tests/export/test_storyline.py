"""A draw as a scenario file: run, it gives the path of the draw."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from forecast.analysis.ensemble import ensemble_of
from forecast.export.storyline import DRAWS, NOISE, file_name, storyline_text, write_storylines
from forecast.spec.compose import KEBAB
from forecast.spec.register import Register
from forecast.spec.resolve import read_scenario
from forecast.spec.scenario import Scenario

HEAD = {"title": "Storyline 1 of 2", "summary": 'with "quotes"', "vintage": "iea-2024"}
HEAD |= {"horizon": 2035, "source": "definition"}


def _again(
    text: str, folder: Path, register: Register, simulated: Callable[..., xr.DataTree]
) -> xr.DataTree:
    (file,) = write_storylines({"one.yaml": text}, folder)
    return simulated(read_scenario(str(file), register=register))


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 37])
@pytest.mark.parametrize("reference", ["base", "base+pue-cap"])
def test_without_noise_a_file_gives_the_path_of_its_draw(
    number: int,
    reference: str,
    tmp_path: Path,
    register: Register,
    scenario: Callable[..., Scenario],
    simulated: Callable[..., xr.DataTree],
) -> None:
    """To rounding: every input is in the file, levers and those that the world fixes as well."""
    settings = [f"{one}=0" for one in NOISE]
    # A constant that the world changes, and not the register.
    run = simulated(scenario(reference, *settings, "limits.life_spread=0.7"))
    text = storyline_text(run, reference, number, HEAD)
    again = _again(text, tmp_path, register, simulated)
    expected = run["prior_predictive"].to_dataset().isel(scenario=0)
    expected = expected.stack(one=("chain", "draw"), create_index=False).isel(one=number)
    found = again["prior_predictive"].to_dataset().isel(scenario=0)
    assert found.sizes["chain"] * found.sizes["draw"] == DRAWS
    for name in ("demand", "unserved", "emissions", "installed_capacity"):
        whole = found[name].transpose("chain", "draw", *expected[name].dims).values
        target = np.broadcast_to(expected[name].values, whole.shape)
        np.testing.assert_allclose(whole, target, rtol=1e-9, atol=1e-9)


def test_with_noise_the_median_lies_within_the_noise_of_the_draw(
    run: xr.DataTree,
    tmp_path: Path,
    register: Register,
    simulated: Callable[..., xr.DataTree],
) -> None:
    # Conventional demand carries noise of 2 % a year that persists: 3 % in the long run.
    ensemble = ensemble_of(run, "base", ["conventional"])
    again = _again(storyline_text(run, "base", 5, HEAD), tmp_path, register, simulated)
    demand = again["prior_predictive"]["demand"].sel(segment="conventional").values
    found = demand.reshape(DRAWS, -1)
    ratio = np.log(np.median(found, axis=0) / ensemble.y[5])
    assert abs(ratio).max() < 4 * 0.02 / np.sqrt(1 - 0.7**2)
    spread = np.log(found).std(axis=0)[-1]
    assert spread == pytest.approx(0.02 / np.sqrt(1 - 0.7**2), rel=0.35)


def test_noise_may_be_left_out(
    run: xr.DataTree, tmp_path: Path, register: Register, simulated: Callable[..., xr.DataTree]
) -> None:
    text = storyline_text(run, "base", 5, HEAD, noise=False)
    demand = _again(text, tmp_path, register, simulated)["prior_predictive"]["demand"]
    np.testing.assert_array_equal(demand.min(("chain", "draw")), demand.max(("chain", "draw")))


def test_a_file_fixes_every_input_and_has_no_calibration(
    run: xr.DataTree, tmp_path: Path, register: Register
) -> None:
    text = storyline_text(run, "base+pue-cap", 5, HEAD)
    (file,) = write_storylines({"one.yaml": text}, tmp_path)
    found = read_scenario(str(file), register=register)
    assert {one.family for one in found.priors.values()} == {"fixed"}
    assert found.calibration is None
    assert (found.title, found.summary) == ("Storyline 1 of 2", 'with "quotes"')
    cap = found.priors["conventional.pue_cap"].arguments["value"]
    assert set(cap.values()) == {1.3}
    rate = ensemble_of(run, "base+pue-cap", ["total"])
    column = rate.inputs.index("adoption.rate")
    assert found.priors["adoption.rate"].arguments["value"] == rate.x[5, column]


def test_failed_draws_do_not_count(run: xr.DataTree) -> None:
    changed = run.copy()
    status = run["sample_stats_prior"]["status"].copy(deep=True)
    status[0, :5] = 1
    changed["sample_stats_prior"] = xr.DataTree(
        run["sample_stats_prior"].to_dataset().assign(status=status)
    )
    assert storyline_text(changed, "base", 0, HEAD) == storyline_text(run, "base", 5, HEAD)


def test_what_is_not_there_is_told(run: xr.DataTree) -> None:
    with pytest.raises(ValueError, match='no scenario "bas", expected one of base, base'):
        storyline_text(run, "bas", 0, HEAD)
    with pytest.raises(ValueError, match="draw 256: expected one of 0 to 255"):
        storyline_text(run, "base", 256, HEAD)


def test_the_name_of_a_file_is_that_of_a_scenario() -> None:
    assert KEBAB.fullmatch(file_name("base+pue-cap", 2).removesuffix(".yaml"))

"""Runs whose inputs and noise are given: used bit for bit, paired where shared, run again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from forecast import api, delivery, store
from forecast.analysis.failures import failures
from forecast.analysis.summary import summary
from forecast.axes import STREAMS
from forecast.simulate.engine import evaluate, noise
from forecast.simulate.ensemble import block_of, plan, simulate
from forecast.simulate.posterior import Posterior, posterior_of_run
from forecast.spec.register import Register
from forecast.spec.scenario import Scenario

type Read = Callable[..., Scenario]
type Make = Callable[..., Posterior]

CHAINS, DRAWS, YEARS = 8, 16, 8
"""Of the posterior; it knows the noise of 2015 to 2022."""


@pytest.fixture(scope="module")
def make(register: Register, scenario: Read) -> Make:
    """Posterior of given name: draws of the priors under another seed, shifted noise."""

    def draw(key: str, *, seed: int = 99, years: int = YEARS, leave: str = "") -> Posterior:
        world = scenario("base", f"sampling.seed={seed}", draws=CHAINS * DRAWS)
        ((draws, _),) = block_of(plan([world], register.priors), 0, CHAINS * DRAWS)
        moving = {k for k, one in world.priors.items() if one.family != "fixed"} - {leave}
        inputs = {k: draws[k].reshape(CHAINS, DRAWS, *draws[k].shape[1:]) for k in sorted(moving)}
        rng = np.random.default_rng(seed)
        return Posterior(key, inputs, rng.normal(size=(CHAINS, DRAWS, len(STREAMS), years)))

    return draw


@pytest.fixture(scope="module")
def first(make: Make) -> Posterior:
    return make("aaaaaaaaaaaa")


@pytest.fixture(scope="module")
def second(make: Make) -> Posterior:
    """Of other draws and of more years."""
    return make("bbbbbbbbbbbb", seed=7, years=12)


@pytest.fixture(scope="module")
def simulated_from(register: Register) -> Callable[..., xr.DataTree]:
    """Run scenarios, each from its posterior."""

    def run(*pairs: tuple[Scenario, Posterior | None], keep: tuple[str, ...] = ()) -> xr.DataTree:
        scenarios, posteriors = zip(*pairs, strict=True)
        return simulate(plan(scenarios, register.priors, posteriors=posteriors), keep=keep)

    return run


@pytest.fixture(scope="module")
def whole(
    simulated_from: Callable[..., xr.DataTree], scenario: Read, first: Posterior
) -> xr.DataTree:
    """All draws of the posterior."""
    return simulated_from((scenario(draws=CHAINS * DRAWS), first))


def _bytes(values: xr.DataArray) -> bytes:
    return values.transpose("chain", "draw", ...).values.tobytes()


def test_groups_say_that_they_are_of_a_posterior(whole: xr.DataTree) -> None:
    groups = {"posterior", "posterior_predictive", "constant_data", "sample_stats"}
    assert set(whole.children) == groups
    assert store.inputs_group(whole) == "posterior"
    assert store.outputs_group(whole) == "posterior_predictive"
    assert store.stats_group(whole) == "sample_stats"
    assert whole.attrs["posteriors"] == "aaaaaaaaaaaa"


def test_inputs_are_those_of_the_posterior_bit_for_bit(
    whole: xr.DataTree, first: Posterior
) -> None:
    group = whole["posterior"]
    assert len(first.inputs) > 80
    for name, values in first.inputs.items():
        assert _bytes(group[name]) == values.tobytes(), name
    assert _bytes(group["innovations"]) == first.innovations.tobytes()


def test_noise_is_as_given_up_to_its_last_year_and_fresh_after(
    whole: xr.DataTree, first: Posterior, register: Register, scenario: Read
) -> None:
    world = scenario(draws=CHAINS * DRAWS)
    chain, index = (one.ravel() for one in np.indices((CHAINS, DRAWS)))
    fresh = noise(world.sampling.seed, world.horizon, chain, index)
    given = {
        name: np.hstack([first.innovations[chain, index, place], fresh[name][:, YEARS:]])
        for place, name in enumerate(STREAMS)
    }
    assert all(one.shape == (CHAINS * DRAWS, 21) for one in given.values())
    # The inputs that nobody calibrated are levers and constants.
    bare = plan([world], register.priors)
    ((draws, _),) = block_of(bare, 0, CHAINS * DRAWS)
    draws |= {name: values[chain, index] for name, values in first.inputs.items()}
    expected = np.moveaxis(evaluate(draws, given, bare.reference[0]).leaves["demand"], 1, 0)
    found = whole["posterior_predictive"]["demand"].isel(scenario=0)
    assert expected.reshape(CHAINS, DRAWS, 21, 5).tobytes() == _bytes(found)
    other = np.moveaxis(evaluate(draws, fresh, bare.reference[0]).leaves["demand"], 1, 0)
    assert not np.array_equal(other, expected)


def test_fewer_draws_are_the_first_of_each_chain(
    whole: xr.DataTree,
    simulated_from: Callable[..., xr.DataTree],
    scenario: Read,
    first: Posterior,
) -> None:
    few = simulated_from((scenario(draws=CHAINS * 5), first))
    for group in ("posterior", "posterior_predictive", "sample_stats"):
        for name, values in few[group].data_vars.items():
            assert values.sizes["draw"] == 5
            assert _bytes(values) == _bytes(whole[group][name].isel(draw=slice(5))), name


def test_more_draws_than_are_stored_are_refused(
    scenario: Read, register: Register, first: Posterior
) -> None:
    world = scenario(draws=CHAINS * DRAWS + 1)
    with pytest.raises(ValueError, match="base: 128 draws are stored"):
        plan([world], register.priors, posteriors=[first])


def test_a_policy_is_paired_and_a_neutral_one_changes_nothing(
    simulated_from: Callable[..., xr.DataTree], scenario: Read, first: Posterior
) -> None:
    world = scenario()
    neutral = replace(scenario("base", "crypto.restriction.value=0"), name="neutral")
    capped = scenario("base+pue-cap")
    run = simulated_from((world, first), (neutral, first), (capped, first))
    assert run.attrs["posteriors"] == " ".join(["aaaaaaaaaaaa"] * 3)
    for name, values in run["posterior"].data_vars.items():
        assert "scenario" not in values.dims, name
    outputs = run["posterior_predictive"].to_dataset()
    for name, values in outputs.data_vars.items():
        gap = values.sel(scenario="neutral") - values.sel(scenario="base")
        assert (gap == 0).all(), name
    pue = outputs["pue"].sel(year=2035)
    assert (pue.sel(scenario="base+pue-cap") <= pue.sel(scenario="base")).all()
    early = outputs["demand"].sel(year=slice(None, 2023))
    same = early.sel(scenario="base+pue-cap") == early.sel(scenario="base")
    assert same.all()


def test_two_posteriors_are_told_apart(
    simulated_from: Callable[..., xr.DataTree],
    scenario: Read,
    first: Posterior,
    second: Posterior,
) -> None:
    other = replace(scenario(), name="other")
    both = simulated_from((scenario(), first), (other, second))
    assert both.attrs["posteriors"] == "aaaaaaaaaaaa bbbbbbbbbbbb"
    for place, (one, name) in enumerate(((first, "base"), (second, "other"))):
        for label, values in one.inputs.items():
            found = both["posterior"][label].sel(scenario=name)
            assert _bytes(found) == values[:, :8].tobytes(), label
        back = posterior_of_run(both, place)
        assert back is not None
        assert back.key == one.key
        assert back.innovations.tobytes() == one.innovations[:, :8].tobytes()
        alone = simulated_from((replace(scenario(), name=name), one))
        paired = both["posterior_predictive"]["demand"].sel(scenario=[name])
        assert _bytes(paired) == _bytes(alone["posterior_predictive"]["demand"])


def test_a_prior_beside_a_posterior_is_said(
    simulated_from: Callable[..., xr.DataTree],
    simulated: Callable[..., xr.DataTree],
    scenario: Read,
    first: Posterior,
) -> None:
    bare = replace(scenario(), name="bare")
    both = simulated_from((scenario(), first), (bare, None))
    assert both.attrs["posteriors"] == "aaaaaaaaaaaa prior"
    assert posterior_of_run(both, 1) is None
    alone = simulated(bare)["prior_predictive"]["demand"]
    beside = both["posterior_predictive"]["demand"].sel(scenario=["bare"])
    assert _bytes(beside) == _bytes(alone)


def test_without_posteriors_a_run_is_of_the_prior(
    simulated_from: Callable[..., xr.DataTree],
    simulated: Callable[..., xr.DataTree],
    scenario: Read,
) -> None:
    run = simulated_from((scenario(), None))
    assert run.attrs["posteriors"] == "prior"
    assert posterior_of_run(run, 0) is None
    xr.testing.assert_identical(run, simulated(scenario()))


@pytest.mark.parametrize(
    "case", ["one", "policy", "two of other years", "two of other inputs", "beside a prior"]
)
def test_a_stored_run_is_run_again_bit_for_bit(
    case: str,
    simulated_from: Callable[..., xr.DataTree],
    scenario: Read,
    make: Make,
    first: Posterior,
    second: Posterior,
    tmp_path: Path,
) -> None:
    world, other = scenario(draws=24), replace(scenario(draws=24), name="other")
    fixed = replace(scenario("base", "limits.pue=1.2", draws=24), name="fixed")
    pairs = {
        "one": [(world, first)],
        "policy": [(world, first), (scenario("base+pue-cap", draws=24), first)],
        "two of other years": [(world, first), (other, second)],
        "two of other inputs": [(world, first), (fixed, make("c" * 12, leave="limits.pue"))],
        "beside a prior": [(world, None), (other, second)],
    }
    bare = simulated_from(*pairs[case], keep=("limits.tightness",))
    run = delivery.finished(bare, summary(bare), "key", failures(bare))
    store.save(run, tmp_path / "run.nc")
    stored = store.load(tmp_path)
    xr.testing.assert_identical(stored, run)
    found = api.rerun(stored)
    assert (found.identical, found.largest) == (True, 0)
    changed = stored.copy(deep=True)
    changed["posterior_predictive"]["demand"].values[0, 0, 0, 15, 2] *= 1 + 1e-12
    assert not api.rerun(changed).identical

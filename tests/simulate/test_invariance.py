"""The bits of a draw hang on its own chain and index, and on nothing that is done beside it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.model.block import quantities
from forecast.model.demand import Outputs
from forecast.sampling.draws import Draws, points, quantiles
from forecast.sampling.streams import BLOCK
from forecast.simulate.engine import Block, evaluate, noise
from forecast.simulate.ensemble import Plan, block_of, blocks, plan, simulate
from forecast.spec.register import Register
from forecast.spec.scenario import Method, Scenario

type Simulated = Callable[..., xr.DataTree]
type Read = Callable[..., Scenario]

few = settings(max_examples=4, deadline=None, derandomize=True)


def same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    return (
        one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    )


def differing(one: xr.DataTree, other: xr.DataTree, groups: tuple[str, ...] = ()) -> list[str]:
    """Variables of the first whose bits the second does not have."""
    chosen = groups or ("prior", "prior_predictive", "sample_stats_prior")
    return [
        f"{group}/{name}"
        for group in chosen
        for name, values in one[group].data_vars.items()
        if not same_bits(values.values, other[group][str(name)].values)
    ]


@pytest.fixture(scope="session")
def misplaced(ready: Plan, whole: xr.DataTree) -> Callable[..., list[str]]:
    """Inputs and outputs of some draws that are not those of the whole run.

    A function, since Hypothesis prints what it is given, and a run is long.
    """

    def compare(chain: np.ndarray, index: np.ndarray, draws: Draws, block: Block) -> list[str]:
        inputs, outputs = whole["prior"], whole["prior_predictive"]
        found = [
            str(name)
            for name, values in inputs.data_vars.items()
            if not same_bits(values.values[chain, index], np.ascontiguousarray(draws[str(name)]))
        ]
        found += [
            name
            for name in quantities(Outputs)
            if not same_bits(
                outputs[name].values[chain, index, 0],
                np.ascontiguousarray(np.moveaxis(block.leaves[name], 1, 0)),
            )
        ]
        status = whole["sample_stats_prior"]["status"].values[chain, index, 0]
        return found if same_bits(status, block.status) else [*found, "status"]

    return compare


@pytest.fixture(scope="session")
def permuted(ready: Plan, misplaced: Callable[..., list[str]]) -> Callable[[int, int], list[str]]:
    """What differs where so many draws are computed in an order that a seed gives."""
    design = ready.design

    def compute(count: int, seed: int) -> list[str]:
        flat = np.random.default_rng(seed).permutation(design.chains * design.draws)[:count]
        chain, index = flat // design.draws, flat % design.draws
        laid = points(ready.points, chain=chain, index=index)
        draws = quantiles(ready.first, laid, count=count)
        innovations = noise(design.seed, ready.scenarios[0].horizon, chain, index)
        return misplaced(chain, index, draws, evaluate(draws, innovations, ready.reference[0]))

    return compute


@pytest.fixture(scope="session")
def cut(ready: Plan, misplaced: Callable[..., list[str]]) -> Callable[[int, int], list[str]]:
    """What differs where blocks are cut elsewhere."""
    design = ready.design

    def compute(start: int, count: int) -> list[str]:
        stop = min(start + count, design.chains * design.draws)
        ((draws, block),) = block_of(ready, start, stop)
        chain, index = np.divmod(np.arange(start, stop), design.draws)
        return misplaced(chain, index, draws, block)

    return compute


@few
@given(st.integers(1, BLOCK), st.integers(0, 2**32 - 1))
def test_draws_do_not_depend_on_their_order_or_number(
    permuted: Callable[[int, int], list[str]], count: int, seed: int
) -> None:
    assert permuted(count, seed) == []


@few
@given(st.integers(0, 2_815), st.integers(1, BLOCK))
def test_draws_do_not_depend_on_where_blocks_are_cut(
    cut: Callable[[int, int], list[str]], start: int, count: int
) -> None:
    assert cut(start, count) == []


@given(st.integers(1, 20_000))
def test_blocks_hold_every_draw_once(total: int) -> None:
    ranges = blocks(total)
    assert all(0 < stop - start <= BLOCK for start, stop in ranges)
    assert [place for bounds in ranges for place in range(*bounds)] == list(range(total))


def test_bits_do_not_depend_on_threads(
    ready: Plan, whole: xr.DataTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in (1, 5):
        monkeypatch.setattr("os.cpu_count", lambda count=count: count)
        assert differing(simulate(ready), whole) == []


def test_bits_do_not_depend_on_what_is_kept(ready: Plan, whole: xr.DataTree) -> None:
    plain = simulate(ready)
    assert set(plain["prior_predictive"].data_vars) < set(whole["prior_predictive"].data_vars)
    assert differing(plain, whole) == []
    for name, values in plain["prior_predictive"].data_vars.items():
        assert values.attrs == whole["prior_predictive"][str(name)].attrs


@pytest.mark.slow
def test_bits_do_not_depend_on_scenarios_run_together(scenario: Read, simulated: Simulated) -> None:
    changed = (
        "adoption.rate={family: triangular, low: 0.5, mode: 0.7, high: 1}",
        "conventional.energy_2015=210",  # fixed here, uncertain elsewhere
        "noise.ai={family: uniform, low: 0.04, high: 0.1}",  # fixed elsewhere
        "limits.pue.p95=1.4",
    )
    alone = [scenario(), scenario("base+pue-cap"), scenario("base", *changed)]
    alone[2] = replace(alone[2], name="changed")
    together = simulated(*alone)
    for number, one in enumerate(alone):
        own = simulated(one)
        for group in ("prior", "prior_predictive", "sample_stats_prior"):
            for name, values in own[group].data_vars.items():
                found = together[group][str(name)]
                found = found.isel(scenario=number) if "scenario" in found.dims else found
                values = values.isel(scenario=0) if "scenario" in values.dims else values
                assert same_bits(np.ascontiguousarray(found), np.ascontiguousarray(values)), name


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_first_draws_of_a_longer_run_are_the_same_bits(
    method: Method, scenario: Read, simulated: Simulated
) -> None:
    short = simulated(scenario(draws=8 * 40, method=method))
    long = simulated(scenario(draws=8 * 80, method=method))
    assert short["prior"].sizes["draw"] == 40
    prefix = long.isel(draw=slice(40))
    assert differing(short, prefix) == []
    rest = long.isel(draw=slice(40, None))
    assert differing(short, rest) != []


@pytest.mark.slow
def test_an_input_more_or_less_moves_no_other(
    register: Register, scenario: Read, simulated: Simulated
) -> None:
    base = scenario()
    more = scenario("base", "noise.ai={family: uniform, low: 0.04, high: 0.1}")
    less = scenario("base", "conventional.energy_2015=210")
    turned = replace(base, priors=dict(reversed(base.priors.items())))
    run = simulated(base)
    inputs = run["prior"]
    for other, gone in ((more, set()), (less, {"conventional.energy_2015"})):
        found = simulated(other)["prior"]
        assert set(inputs.data_vars) - set(found.data_vars) == gone
        for name in set(inputs.data_vars) - gone:
            assert same_bits(inputs[name].values, found[name].values), name
    assert differing(run, simulated(turned)) == []


def test_scenarios_share_their_draws(register: Register, scenario: Read) -> None:
    pair = plan([scenario(), scenario("base+pue-cap")], register.priors)
    (first, plain), (second, capped) = block_of(pair, 0, 64)
    uncertain = [
        name for name, prior in pair.scenarios[0].priors.items() if prior.family != "fixed"
    ]
    assert all(same_bits(first[name], second[name]) for name in uncertain)
    crypto = "crypto.demand"
    assert same_bits(plain.leaves[crypto], capped.leaves[crypto])
    assert (capped.leaves["conventional.pue"][-1] <= plain.leaves["conventional.pue"][-1]).all()
    assert (capped.leaves["conventional.pue"][-1] < plain.leaves["conventional.pue"][-1]).any()

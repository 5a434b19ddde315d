"""One compiled program: how often it is compiled, what it does with bad draws, its precision."""

from collections.abc import Callable

import jax
import numpy as np
import pytest
import xarray as xr

from forecast.axes import STATUS
from forecast.sampling.draws import quantiles
from forecast.sampling.streams import BLOCK
from forecast.simulate import engine
from forecast.simulate.engine import evaluate, laid, noise, years_to
from forecast.simulate.ensemble import Plan, block_of, plan, simulate
from forecast.spec.register import Register
from forecast.spec.scenario import Scenario

type Read = Callable[..., Scenario]
type Simulated = Callable[..., xr.DataTree]

ENERGY = "conventional.energy_2015"


def compiled() -> int:
    return engine._block._cache_size()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.slow
def test_scenarios_ranges_and_families_share_one_program(
    whole: xr.DataTree, scenario: Read, simulated: Simulated
) -> None:
    before = compiled()
    assert before >= 1
    wide = scenario("base", f"{ENERGY}={{family: loguniform, low: 50, high: 900}}")
    fixed = scenario("base", f"{ENERGY}=210", "sampling.seed=5", draws=8)
    for one in (wide, fixed, scenario("base+pue-cap", draws=8 * 300)):
        simulated(one)
    simulated(scenario("base", method="latin"), keep=("all",))
    assert compiled() == before


def test_settings_of_the_host_change_no_bit(ready: Plan, whole: xr.DataTree) -> None:
    before = compiled()
    with jax.enable_x64(True):
        ((_, block),) = block_of(ready, 0, 300)
    demand = whole["prior_predictive"]["demand"].values.reshape(-1, 1, 21, 5)[:300, 0]
    assert np.moveaxis(block.leaves["demand"], 1, 0).tobytes() == demand.tobytes()
    assert compiled() == before


def test_draws_of_no_possible_future_are_told_why(ready: Plan, whole: xr.DataTree) -> None:
    ((draws, valid),) = block_of(ready, 0, 8)
    crypto, shares, pue = "crypto.energy_2022", "regions.crypto", "limits.pue"
    given = draws | {name: draws[name].copy() for name in (crypto, shares, pue)}
    given[crypto][[1, 5]] = np.nan, 1e6
    given[shares][3] = -0.1, 0.5, 0.3, 0.2, 0.1
    given[pue][6] = np.inf
    innovations = noise(ready.design.seed, 2035, np.zeros(8, int), np.arange(8))
    found = evaluate(given, innovations, ready.reference[0])
    names = [STATUS[code] for code in found.status]
    reasons = {1: "not_finite", 3: "negative", 5: "above_world", 6: "not_finite"}
    assert names == [reasons.get(number, "valid") for number in range(8)]
    assert not valid.status.any()
    kept = [0, 2, 4, 7]
    for name, values in valid.leaves.items():
        assert values[:, kept].tobytes() == found.leaves[name][:, kept].tobytes(), name


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("only", [(), ("totals.total",)], ids=["all", "some"])
def test_no_input_that_is_no_number_counts_as_valid(
    ready: Plan, bad: float, only: tuple[str, ...]
) -> None:
    """Each in a draw of its own: limits and maxima of the model hide some of them."""
    count = 256
    ((draws, _),) = block_of(ready, 0, count)
    given = {name: values.copy() for name, values in draws.items()}
    innovations = noise(ready.design.seed, 2035, np.zeros(count, int), np.arange(count))
    arrays = [*given.values(), *innovations.values()]
    for place, values in enumerate(arrays):
        values.reshape(count, -1)[place, -1] = bad
    assert len(arrays) < count
    found = evaluate(given, innovations, ready.reference[0], only=only)
    assert (found.status[: len(arrays)] == STATUS.index("not_finite")).all()
    assert not found.status[len(arrays) :].any()


def test_what_is_handed_over_once_gives_the_same_bits(ready: Plan) -> None:
    ((draws, block),) = block_of(ready, 0, 300)
    innovations = noise(ready.design.seed, 2035, np.zeros(300, int), np.arange(300))
    handed = {name: laid(values) for name, values in draws.items()}
    noisy = {name: laid(values) for name, values in innovations.items()}
    found = evaluate(handed, noisy, ready.reference[0])
    assert len(found.status) == BLOCK
    for name, values in block.leaves.items():
        assert values.tobytes() == found.leaves[name][:, :300].tobytes(), name


def test_padding_is_cut(ready: Plan) -> None:
    ((_, block),) = block_of(ready, 0, 3)
    assert len(block.status) == 3
    assert {values.shape[:2] for values in block.leaves.values()} == {(21, 3)}
    assert BLOCK > 3


def test_noise_is_drawn_for_every_stream_and_year(ready: Plan) -> None:
    found = noise(7, 2035, np.zeros(4, int), np.arange(4))
    assert {values.shape for values in found.values()} == {(4, 21)}
    assert len({values.tobytes() for values in found.values()}) == len(found) == 3
    assert list(years_to(2035)) == list(range(2015, 2036))


def test_reference_path_is_the_cost_at_the_middle_of_every_input(
    register: Register, ready: Plan
) -> None:
    # A median is the quantile at one half: the middle of many draws of each scalar input.
    halves = quantiles(
        ready.first,
        {
            name: np.full((1, len(prior.columns)) if len(prior.columns) > 1 else (1,), 0.5)
            for name, prior in register.priors.items()
        },
        count=1,
    )
    ((draws, _),) = block_of(ready, 0, 2_048)
    for name, values in draws.items():
        if values.ndim == 1 and register.priors[name].family != "discrete":
            ranks = (values < halves[name]).mean() if np.ptp(values) else 0.5
            assert abs(ranks - 0.5) < 0.02, name
    assert ready.reference.shape == (1, 21)
    assert ready.reference[0, 2023 - 2015] == pytest.approx(1, rel=1e-12)
    assert (np.diff(ready.reference) < 0).all()


@pytest.fixture(scope="session")
def single(register: Register, scenario: Read) -> Plan:
    return plan([scenario(draws=1_024)], register.priors, precision="single")


@pytest.mark.slow
def test_single_precision_agrees_with_double(
    register: Register, scenario: Read, single: Plan
) -> None:
    low = simulate(single)["prior_predictive"]
    high = simulate(plan([scenario(draws=1_024)], register.priors))["prior_predictive"]
    gaps = {}
    for name in high.data_vars:
        middle = high[name].median(("chain", "draw"))
        gap = abs(low[name].median(("chain", "draw")) - middle)
        # A median of nothing is nothing in both.
        gaps[str(name)] = float((gap / middle.where(middle != 0, 1)).max())
    assert max(gaps.values()) < 1e-3, gaps
    assert max(gaps.values()) > 1e-12  # or it was double after all


@pytest.mark.slow
def test_single_precision_does_not_depend_on_order_either(single: Plan) -> None:
    ((draws, block),) = block_of(single, 0, 1_024)
    chain, index = np.divmod(np.arange(1_024), single.design.draws)
    innovations = noise(single.design.seed, 2035, chain, index)
    turned = evaluate(
        {name: values[::-1] for name, values in draws.items()},
        {name: values[::-1] for name, values in innovations.items()},
        single.reference[0],
        precision="single",
    )
    for name, values in block.leaves.items():
        assert values.dtype == np.float32
        assert np.ascontiguousarray(values[:, ::-1]).tobytes() == turned.leaves[name].tobytes()

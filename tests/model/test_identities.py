"""What must hold in every draw: sums, conservation, bounds, neutral levers, and directions."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from forecast.axes import FACILITIES, SEGMENTS

type Values = dict[str, np.ndarray]
type Simulate = Callable[..., Values]
type InForce = Callable[[Values, str, int], np.ndarray]

YEARS = 21
ROUNDING = 1e-12
SUM = {"rtol": 1e-12}
SERVED_BY_DEFINITION = slice(0, 9)  # 2015 to 2023
LIMITED = slice(9, None)
CONVENTIONAL, CRYPTO = SEGMENTS.index("conventional"), SEGMENTS.index("crypto")
AI = slice(1, 4)

# The program is the same for all examples and deterministic, so an example is 512 draws.
few = settings(max_examples=8, deadline=None, derandomize=True)


@pytest.fixture(scope="session", params=["draws", "pressed"])
def inputs(request: pytest.FixtureRequest) -> Values:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def out(simulate: Simulate, inputs: Values) -> Values:
    return simulate(inputs)


def yearly(values: np.ndarray) -> np.ndarray:
    """An input beside outputs by year (and label, if it has labels)."""
    return values[:, np.newaxis]


# --- Sums ---


def test_segments_and_regions_sum_to_the_total(out: Values) -> None:
    segments, regional = out["demand"], out["regional"]
    assert_allclose(regional.sum((2, 3)), out["totals.total"], **SUM)
    assert_allclose(regional.sum(3), segments, **SUM)
    assert_allclose(segments[..., AI].sum(-1), out["totals.ai"], **SUM)
    assert_allclose(segments[..., CONVENTIONAL], out["conventional.demand"], **SUM)
    # Where a policy ends nearly all mining, cancellation leaves the rest of what there would be.
    lost = np.abs(segments[..., CRYPTO] - out["crypto.demand"])
    assert np.all(lost <= ROUNDING * out["crypto.free"])
    assert_allclose(segments[..., :CRYPTO].sum(-1), out["totals.data_centres"], **SUM)
    assert_allclose(regional[:, :, AI].sum(2), out["limits.served"], **SUM)
    assert np.all(regional >= 0)


def test_regional_shares_are_those_of_the_groups(out: Values) -> None:
    regional, segments = out["regional"], out["demand"]
    moved = {"conventional": out["conventional.pue_region"], "crypto": out["crypto.left"]}
    for segment, group in ((CONVENTIONAL, "conventional"), (CRYPTO, "crypto")):
        weight = out[f"regions.{group}"] * moved[group]
        weight = weight / np.maximum(weight.sum(-1, keepdims=True), 1e-300)
        expected = segments[..., segment, np.newaxis] * weight
        assert_allclose(regional[:, :, segment], expected, **SUM)
    assert_allclose(out["limits.demand"].sum(-1), out["totals.ai_demand"], **SUM)
    # Within AI each region has the same split, that of what is wanted at IT level.
    asked = [out["inference.inference"], out["training.training"]]
    ratio = regional[:, :, 1] / regional[:, :, 2]
    assert_allclose(ratio, np.broadcast_to((asked[0] / asked[1])[..., np.newaxis], ratio.shape))


@pytest.mark.parametrize(
    "name",
    [
        "conventional.mix",
        "size_mix.mix",
        "regions.conventional",
        "regions.ai",
        "regions.crypto",
        "facilities.procurable",
    ],
)
def test_shares_sum_to_one(out: Values, name: str) -> None:
    assert_allclose(out[name].sum(-1), 1, **SUM)
    assert np.all((out[name] >= 0) & (out[name] <= 1))


def test_conventional_regions_are_it_energy_by_pue(out: Values) -> None:
    """Regions share IT energy; their electricity is that by their own PUE, also under a cap."""
    it = out["regional"][:, :, CONVENTIONAL] / out["conventional.pue_region"]
    whole = out["conventional.demand"] / out["conventional.pue"]
    assert_allclose(it, whole[..., np.newaxis] * out["regions.conventional"], **SUM)
    mean = (out["regions.conventional"] * out["conventional.pue_region"]).sum(-1)
    assert_allclose(mean, out["conventional.pue"], **SUM)


def test_shares_of_the_world(out: Values) -> None:
    world = out["electricity.world"]
    assert_allclose(out["electricity.regional"].sum(-1), world, rtol=1e-9)
    assert_allclose(out["totals.share_of_world_demand"] * world, out["totals.total"], **SUM)
    by_region = (out["electricity.intensity"] * out["electricity.regional"]).sum(-1)
    assert_allclose(out["electricity.intensity_world"] * world, by_region, rtol=1e-9)


def test_what_is_served_and_what_is_not_is_what_is_asked(out: Values) -> None:
    asked, served, unserved = (out[f"limits.{name}"] for name in ("demand", "served", "unserved"))
    assert_allclose(served + unserved, asked, **SUM)
    assert_allclose(out["totals.ai"] + out["totals.unserved"], out["totals.ai_demand"], **SUM)
    assert np.all(served > 0)
    assert np.all(unserved >= 0)
    assert_array_equal(served[:, SERVED_BY_DEFINITION], asked[:, SERVED_BY_DEFINITION])
    assert_array_equal(unserved[:, SERVED_BY_DEFINITION], 0)


def test_capacity_is_not_exceeded(out: Values) -> None:
    """Nor is more lost to the smooth limit than the twelfth root of two allows."""
    capacity = out["limits.capacity"][:, LIMITED]
    least = np.minimum(out["limits.demand"][:, LIMITED], capacity)
    ratio = out["limits.served"][:, LIMITED] / least
    assert np.all(ratio <= 1 + ROUNDING)
    assert np.all(ratio >= 2 ** (-1 / 12) - ROUNDING)
    assert np.mean(least == capacity) > 0.05


# --- Facilities ---


def test_facilities_sum_to_data_centres(out: Values) -> None:
    whole = out["totals.data_centres"]
    electricity, it = out["facilities.electricity"].sum(-1), out["facilities.it"].sum(-1)
    installed = out["facilities.installed"].sum(-1)
    assert_allclose(electricity, whole, **SUM)
    assert_allclose(it * out["facilities.pue"], whole, **SUM)
    assert_allclose(installed * 8.76 * out["facilities.load_factor"], whole, **SUM)


@pytest.mark.parametrize("facility", range(3), ids=FACILITIES)
def test_energy_is_power_by_hours_by_load_and_it_by_pue(
    inputs: Values, out: Values, in_force: InForce, facility: int
) -> None:
    """By facility, over the conventional and the AI part with the factors of each."""
    hosts = inputs["limits.hyperscale_share"]
    hosts = yearly([hosts, 1 - hosts, np.zeros_like(hosts)][facility])
    special = out["totals.ai"] * hosts
    electricity = out["facilities.electricity"][..., facility]
    ordinary = electricity - special
    own_pue = out["conventional.pue_facility"][..., facility]
    own_load = yearly(inputs["conventional.load_factor"][:, facility])
    free, cap = (yearly(yearly(inputs[one])) for one in ("limits.pue", "measures.pue_cap_ai"))
    pue = free - np.maximum(free - cap, 0) * in_force(inputs, "measures.pue_cap_ai", YEARS)
    special_it = (out["limits.served"] / pue).sum(-1) * hosts
    it = ordinary / own_pue + special_it
    installed = ordinary / own_load + special / yearly(inputs["limits.load_factor"])
    # Where AI is nearly all of a site, the conventional part is what cancellation leaves of it.
    assert_allclose(out["facilities.it"][..., facility], it, rtol=1e-10)
    assert_allclose(out["facilities.installed"][..., facility] * 8.76, installed, rtol=1e-10)
    conventional_it = out["conventional.demand"] / out["conventional.pue"]
    expected = conventional_it * out["conventional.mix"][..., facility]
    assert_allclose(ordinary / own_pue, expected, rtol=1e-9)
    assert np.all(electricity >= out["facilities.it"][..., facility])


# --- Emissions ---


def test_contracts_match_no_more_than_is_used(out: Values) -> None:
    used = out["regional"].sum(2)
    matched = out["emissions.matched"]
    hourly = used - out["emissions.emissions"][..., 2] * 1000 / out["electricity.intensity"]
    assert np.all(hourly >= -ROUNDING * used)
    assert np.all(hourly <= matched + ROUNDING * used)
    assert np.all(matched <= used - out["regional"][:, :, CRYPTO])
    assert np.any(matched > 0.5 * used)


def test_supply_is_conserved(out: Values) -> None:
    """What contracts take from the residual mix is what its users emit more."""
    whole, matched = out["electricity.regional"], out["emissions.matched"]
    emitted = whole * out["electricity.intensity"]
    assert_allclose((whole - matched) * out["emissions.residual"], emitted, **SUM)
    market = out["emissions.emissions"][..., 1] * 1000
    others = (whole - out["regional"].sum(2)) * out["emissions.residual"]
    assert_allclose(market + others, emitted, rtol=1e-10)


def test_renewable_supply_is_conserved(out: Values) -> None:
    world, used = out["electricity.world"], out["totals.total"]
    matched = out["emissions.matched"].sum(-1)
    mine = out["emissions.renewable_share_market"] * used
    residual = (mine - matched) / (used - matched)
    supply = out["electricity.renewable"] * world
    assert_allclose(matched + (world - matched) * residual, supply, rtol=1e-9)
    assert_array_equal(out["emissions.renewable_share"], out["electricity.renewable"])


def test_accounts_are_ordered(inputs: Values, out: Values, in_force: InForce) -> None:
    """Contracts never raise their holder's account, and residual mixes never lower it."""
    location, market, hourly = np.moveaxis(out["emissions.emissions"], -1, 0)
    used, matched = out["regional"].sum(2), out["emissions.matched"]
    bought_away = (used - matched) * out["electricity.intensity"] / 1000
    assert_allclose(location, used * out["electricity.intensity"] / 1000, **SUM)
    for account in (market, hourly):
        assert np.all(account >= bought_away * (1 - ROUNDING))
        assert np.all(account <= location * (1 + ROUNDING))
    own = yearly(yearly(inputs["emissions.hourly_share"]))
    least = yearly(yearly(inputs["measures.procurement_hourly"]))
    most, force = np.maximum(least, own), in_force(inputs, "measures.procurement", YEARS)
    # Of what is matched, at least the own share by the hour, at most that of the floor; exactly
    # one of them where the policy reaches nobody or everybody.
    highest, lowest = (share * bought_away + (1 - share) * location for share in (own, most))
    assert np.all(hourly <= highest * (1 + ROUNDING))
    assert np.all(hourly >= lowest * (1 - ROUNDING))
    assert_allclose(hourly[force == 0], highest[force == 0], rtol=1e-10)
    assert_allclose(hourly[force == 1], lowest[force == 1], rtol=1e-10)
    expected = location.sum(-1) * yearly(inputs["electricity.co2_share"])
    assert_allclose(out["emissions.emissions_co2"], expected, **SUM)


# --- What changes nothing ---


@pytest.mark.parametrize(
    "neutral",
    [
        {"conventional.pue_cap": 50, "conventional.pue_cap_full": 2015},
        {
            "conventional.pue_cap": 1,
            "conventional.pue_cap_start": 2035,
            "conventional.pue_cap_full": 2050,
        },
        {"limits.connection_cap": 1e6, "limits.connection_cap_full": 2015},
        {
            "limits.connection_cap": 0,
            "limits.connection_cap_start": 2035,
            "limits.connection_cap_full": 2050,
        },
        {"crypto.restriction_start": 2015, "crypto.restriction_full": 2015},
        {
            "crypto.restriction": 1,
            "crypto.restriction_start": 2035,
            "crypto.restriction_full": 2050,
        },
    ],
    ids=["loose-pue-cap", "late-pue-cap", "loose-cap", "late-cap", "no-ban", "late-ban"],
)
def test_neutral_lever_changes_no_bit(
    simulate: Simulate, draws: Values, neutral: dict[str, float]
) -> None:
    """A lever that is not in force up to the horizon, or that allows what happens anyway."""
    levers = {name: np.full_like(draws[name], value) for name, value in neutral.items()}
    before, after = simulate(draws), simulate(draws | levers)
    for name in before:
        assert_array_equal(after[name], before[name], err_msg=name)


def test_the_future_moves_no_bit_of_the_past(
    simulate: Simulate, pressed: Values, noise: Callable[[int], Values]
) -> None:
    now = 13  # 2028
    later = {name: values.copy() for name, values in noise(YEARS).items()}
    for values in later.values():
        values[:, now + 1 :] *= -1
    before, after = simulate(pressed), simulate(pressed, **later)
    for name in before:
        assert_array_equal(after[name][:, : now + 1], before[name][:, : now + 1], err_msg=name)
    assert np.all(after["totals.total"][:, now + 1 :] != before["totals.total"][:, now + 1 :])


# --- Directions ---


@few
@given(higher=st.floats(1e-3, 0.5), facility=st.sampled_from(FACILITIES))
def test_more_pue_is_never_less_conventional_demand(
    simulate: Simulate, draws: Values, higher: float, facility: str
) -> None:
    """At the floor of one facility; demand of 2015 is an input, so that year stays."""
    name = f"conventional.pue_floor_{facility}"
    before, after = simulate(draws), simulate(draws | {name: draws[name] + higher})
    ratio = after["conventional.demand"] / before["conventional.demand"]
    assert np.all(ratio >= 1 - ROUNDING)
    assert np.all(ratio[:, -1] > 1)


@few
@given(strict=st.floats(1, 1.6), loose=st.floats(1, 1.6), start=st.integers(2015, 2033))
def test_stricter_pue_cap_is_never_more_conventional_demand(
    simulate: Simulate, draws: Values, strict: float, loose: float, start: int
) -> None:
    strict, loose = sorted((strict, loose))

    def capped(cap: float) -> np.ndarray:
        levers = {
            "conventional.pue_cap": np.full_like(draws["conventional.pue_cap"], cap),
            "conventional.pue_cap_start": np.full_like(draws["conventional.pue_cap_start"], start),
            "conventional.pue_cap_full": np.full_like(
                draws["conventional.pue_cap_full"], start + 2
            ),
        }
        return simulate(draws | levers)["conventional.demand"]

    assert np.all(capped(strict) <= capped(loose) * (1 + ROUNDING))


@few
@given(cap=st.floats(0.05, 3), tighter=st.floats(0, 0.9))
def test_tighter_connection_cap_serves_no_more_where_it_first_binds(
    simulate: Simulate, pressed: Values, cap: float, tighter: float
) -> None:
    """Later years may differ either way: what is short quickens efficiency and orders."""
    loose, tight = (
        simulate(pressed | {"limits.connection_cap": pressed["limits.connection_cap"] * factor})
        for factor in (cap, cap * tighter)
    )
    binds = np.any(loose["limits.sites"] != tight["limits.sites"], axis=2)
    first = np.where(binds.any(1), binds.argmax(1), YEARS)
    years = np.arange(YEARS)
    before, at = years < yearly(first), years == yearly(first)
    assert_array_equal(tight["limits.served"][before], loose["limits.served"][before])
    assert np.all(tight["limits.served"][at] <= loose["limits.served"][at] * (1 + ROUNDING))
    assert np.sum(tight["limits.served"][at] < loose["limits.served"][at]) > 20


@few
@given(factor=st.floats(1.01, 1.6))
def test_more_load_factor_never_serves_less(
    simulate: Simulate, pressed: Values, factor: float
) -> None:
    """In the first year with limits; in all years if nothing answers to tightness."""
    still = pressed | {
        "limits.order_elasticity": np.zeros_like(pressed["limits.order_elasticity"]),
        "efficiency.incentive": np.zeros_like(pressed["efficiency.incentive"]),
    }
    for inputs, years in ((pressed, slice(0, 10)), (still, slice(None))):
        more = inputs | {"limits.load_factor": inputs["limits.load_factor"] * factor}
        before, after = (simulate(some)["limits.served"][:, years] for some in (inputs, more))
        assert np.all(after >= before * (1 - ROUNDING))
        assert np.any(after > before * 1.005)

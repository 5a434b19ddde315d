"""What a measure does, where it does it, and that it does nothing where it is not in force.

Closed forms stand here where a measure has one: they are of `docs/model.md`, Measures, and need
nothing of the model but the shares of regions.
"""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from forecast.axes import REGIONS

type Values = dict[str, np.ndarray]
type Simulate = Callable[..., Values]
type InForce = Callable[[Values, str, int], np.ndarray]

YEARS = 21
ROUNDING = 1e-12
CLOSE = {"rtol": 1e-11}
ANSWERED = {"adoption.ceiling": 1e6}  # use answers to cost without bound
START, FULL = 2026, 2030
NOW = START - 2015 + 1  # number of years up to the start
CRYPTO = 4

# Strengths at which a measure is neutral, and at which it acts; by the name of its reach and ramp.
NEUTRAL = {
    "conventional.pue_cap": {"conventional.pue_cap": 9},
    "crypto.restriction": {"crypto.restriction": 0},
    "adoption.carbon_price": {"adoption.carbon_price": 0},
    "measures.pue_cap_ai": {"measures.pue_cap_ai": 9},
    "measures.hardware_standard": {"measures.hardware_standard": 0},
    "measures.lean_serving": {"measures.lean_serving": 0},
    "measures.right_sizing": {"measures.right_sizing": 0},
    "measures.reuse": {"measures.reuse": 0},
    "measures.flexible_load": {
        "measures.flexible_load": 0,
        "measures.flexible_load_curtailment": 0,
    },
    "measures.procurement": {"measures.procurement": 0, "measures.procurement_hourly": 0},
    "measures.reporting": {"measures.reporting": 0},
}
ACTING = {
    "conventional.pue_cap": {"conventional.pue_cap": 1.01},
    "crypto.restriction": {"crypto.restriction": 0.7},
    "adoption.carbon_price": {"adoption.carbon_price": 200},
    "measures.pue_cap_ai": {"measures.pue_cap_ai": 1.01},
    "measures.hardware_standard": {"measures.hardware_standard": 0.4},
    "measures.lean_serving": {"measures.lean_serving": 0.4},
    "measures.right_sizing": {"measures.right_sizing": 0.6},
    "measures.reuse": {"measures.reuse": 3},
    "measures.flexible_load": {
        "measures.flexible_load": 2,
        "measures.flexible_load_curtailment": 0.2,
    },
    "measures.procurement": {"measures.procurement": 0.95, "measures.procurement_hourly": 0.9},
    "measures.reporting": {"measures.reporting": 1},
}
# Outputs that a measure cannot touch, as beginnings of their names.
UNTOUCHED = {
    "conventional.pue_cap": (
        "crypto",
        "limits",
        "inference",
        "training",
        "efficiency",
        "totals.ai",
    ),
    "crypto.restriction": ("conventional", "limits", "inference", "facilities", "totals.ai"),
    "adoption.carbon_price": ("conventional", "crypto", "size_mix"),
    "measures.pue_cap_ai": ("conventional", "crypto", "size_mix", "adoption"),
    "measures.hardware_standard": ("conventional", "crypto", "size_mix", "adoption"),
    "measures.lean_serving": ("conventional", "crypto", "size_mix", "adoption"),
    "measures.right_sizing": ("conventional", "crypto", "adoption"),
    "measures.reuse": ("conventional", "crypto", "size_mix", "adoption"),
    "measures.flexible_load": ("conventional", "crypto", "size_mix", "adoption"),
    "measures.procurement": ("demand", "regional", "totals", "facilities", "limits"),
    "measures.reporting": ("",),
}


def _set(inputs: Values, said: dict[str, float]) -> Values:
    """Inputs with some set to one number each, in every draw and for every label."""
    return inputs | {name: np.full_like(inputs[name], value) for name, value in said.items()}


def _acting(inputs: Values, name: str, reach: object = 1.0) -> Values:
    """Inputs with a measure at work from 2027 on, in full from 2030."""
    full = np.broadcast_to(np.asarray(reach, float), inputs[f"{name}_reach"].shape)
    set_here = ACTING[name] | {f"{name}_start": START, f"{name}_full": FULL}
    return _set(inputs, set_here) | {f"{name}_reach": full}


def _same(after: Values, before: Values, where: object = slice(None)) -> None:
    for name in before:
        assert_array_equal(after[name][:, where], before[name][:, where], err_msg=name)


@pytest.fixture(scope="session")
def tight(draws: Values) -> Values:
    """Without measures, but with sites that bind in most draws."""
    return draws | {"limits.site_scale": draws["limits.site_scale"] * 0.3}


@pytest.fixture(scope="session")
def still(tight: Values) -> Values:
    """The same where nothing answers to scarcity and use does not answer to cost."""
    return _set(
        tight,
        {"limits.order_elasticity": 0, "efficiency.incentive": 0, "adoption.ceiling": 1},
    )


@pytest.fixture(scope="session")
def of_tight(simulate: Simulate, tight: Values) -> Values:
    return simulate(tight)


@pytest.fixture(scope="session")
def of_still(simulate: Simulate, still: Values) -> Values:
    return simulate(still)


@pytest.fixture(scope="session")
def on_the_world(still: Values, of_still: Values, in_force: InForce) -> Callable[..., np.ndarray]:
    """Share of the world's AI that a measure reaches, `[draw, year]`."""

    def share(name: str, reach: object) -> np.ndarray:
        where = in_force(_acting(still, name, reach), name, YEARS)
        return (of_still["regions.ai"] * where).sum(-1)

    return share


# --- Where a measure is not in force ---


def test_every_lever_with_a_reach_is_here(draws: Values) -> None:
    assert {f"{name}_reach" for name in ACTING} == {
        name for name in draws if name.endswith("_reach")
    }
    levers = {name for name in draws if name.startswith("measures.")}
    ends = ("_reach", "_start", "_full")
    named = {one for said in ACTING.values() for one in said}
    assert {name for name in levers if not name.endswith(ends)} <= named


@pytest.mark.parametrize("name", ACTING)
def test_no_strength_no_reach_and_no_year_are_the_same_bits(
    simulate: Simulate, pressed: Values, name: str
) -> None:
    """Whatever else is at work and however it binds."""
    late = {f"{name}_start": 2035, f"{name}_full": 2050}
    zero = simulate(_set(pressed, NEUTRAL[name]))
    _same(simulate(_set(pressed, {f"{name}_reach": 0})), zero)
    _same(simulate(_set(pressed, late)), zero)
    acts = simulate(pressed)
    moved = [one for one in zero if np.any(acts[one] != zero[one])]
    assert bool(moved) == (name != "measures.reporting")


@pytest.mark.parametrize("name", ACTING)
def test_nothing_moves_up_to_the_start_and_nothing_else_after(
    simulate: Simulate, tight: Values, of_tight: Values, name: str
) -> None:
    after = simulate(_acting(tight, name))
    _same(after, of_tight, slice(0, NOW))
    moved = [one for one in after if np.any(after[one][:, NOW] != of_tight[one][:, NOW])]
    assert bool(moved) == (name != "measures.reporting")
    for one in after:
        if one.startswith(UNTOUCHED[name]):
            assert_array_equal(after[one], of_tight[one], err_msg=one)


# --- Which way, and how far ---


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("conventional.pue_cap", "conventional.demand"),
        ("measures.pue_cap_ai", "totals.ai_demand"),
        ("measures.hardware_standard", "totals.ai_demand"),
        ("measures.lean_serving", "totals.ai_demand"),
        ("measures.right_sizing", "totals.ai_demand"),
        ("measures.reuse", "totals.ai_demand"),
        ("adoption.carbon_price", "inference.tokens"),
        ("crypto.restriction", "crypto.demand"),
    ],
)
def test_more_reach_is_less_demand(
    simulate: Simulate, still: Values, name: str, output: str
) -> None:
    """In every draw and year, from no reach over half to all of it."""
    if name == "adoption.carbon_price":
        still = _set(still, ANSWERED)
    none, half, whole = (simulate(_acting(still, name, reach))[output] for reach in (0, 0.5, 1))
    assert np.all(half <= none * (1 + ROUNDING))
    assert np.all(whole <= half * (1 + ROUNDING))
    assert np.mean(whole[:, NOW:] < none[:, NOW:] * (1 - 1e-9)) > 0.8


REACH = (0.9, 0.1, 0.5, 0, 1)


def test_energy_saved_is_strength_by_what_is_reached(
    simulate: Simulate, still: Values, of_still: Values, on_the_world: Callable[..., np.ndarray]
) -> None:
    """Standards save on all of AI, lean serving on inference alone; use stays as it is here."""
    far = _set(still, {"efficiency.hardware_ceiling": 1e30})
    of_far, standard = simulate(far), simulate(_acting(far, "measures.hardware_standard", REACH))
    left = 1 - 0.4 * on_the_world("measures.hardware_standard", REACH)
    for name in ("inference.generative", "training.classes", "customisation.tuning"):
        assert_allclose(standard[name], of_far[name] * left, err_msg=name, **CLOSE)
    assert_array_equal(standard["training.frontier"], of_still["training.frontier"])

    lean = simulate(_acting(still, "measures.lean_serving", REACH))
    left = 1 - 0.4 * on_the_world("measures.lean_serving", REACH)
    assert_allclose(lean["inference.generative"], of_still["inference.generative"] * left, **CLOSE)
    assert_array_equal(lean["training.training"], of_still["training.training"])


def test_a_standard_passes_no_physical_ceiling(
    simulate: Simulate, still: Values, of_still: Values
) -> None:
    name = "efficiency.hardware"
    strong = _set(
        still, {"measures.hardware_standard": 0.9, "measures.hardware_standard_full": 2027}
    )
    after = simulate(strong)[name]
    assert np.all(after >= of_still[name])
    assert np.all(after <= still["efficiency.hardware_ceiling"][:, np.newaxis] * (1 + ROUNDING))
    assert np.mean(after[:, -1] > 0.99 * still["efficiency.hardware_ceiling"]) > 0.05


def test_small_models_take_over_what_large_ones_lose(
    simulate: Simulate, still: Values, of_still: Values, on_the_world: Callable[..., np.ndarray]
) -> None:
    after = simulate(_acting(still, "measures.right_sizing", REACH))["size_mix.mix"]
    before = of_still["size_mix.mix"]
    left = 1 - 0.6 * on_the_world("measures.right_sizing", REACH)[..., np.newaxis]
    assert_allclose(after[..., 2:], before[..., 2:] * left, **CLOSE)
    assert_array_equal(after[..., 1], before[..., 1])
    assert_allclose(after.sum(-1), 1, **CLOSE)


def test_reuse_shares_base_models_alone(
    simulate: Simulate, still: Values, of_still: Values, on_the_world: Callable[..., np.ndarray]
) -> None:
    after = simulate(_acting(still, "measures.reuse", REACH))
    # Where it reaches, a base model serves four times as many; elsewhere as many as before.
    reached = on_the_world("measures.reuse", REACH)
    factor = 1 / (1 - reached + reached / 4)
    for name in ("training.base_models", "training.classes"):
        assert_allclose(after[name] * factor, of_still[name], err_msg=name, **CLOSE)
    for name in ("training.frontier", "customisation.tuning", "adoption.new_applications"):
        assert_array_equal(after[name], of_still[name], err_msg=name)
    assert np.all(after["customisation.preparation"] <= of_still["customisation.preparation"])


def test_rebound_takes_back_some_of_what_is_saved(
    simulate: Simulate, still: Values, of_still: Values
) -> None:
    """Cheaper tokens are used more, so that less is saved than without an answer to cost."""
    free = _set(still, ANSWERED)
    name = "measures.lean_serving"
    output = "inference.generative"
    answered = simulate(_acting(free, name))[output] / simulate(free)[output]
    direct = simulate(_acting(still, name))[output] / of_still[output]
    assert np.all(answered >= direct * (1 - ROUNDING))
    assert np.mean(answered[:, NOW:] > direct[:, NOW:] * 1.001) > 0.9


def test_flexible_load_connects_more_and_curtailment_serves_less(
    simulate: Simulate, still: Values, of_still: Values
) -> None:
    name = "measures.flexible_load"
    more, less = (
        simulate(_acting(still, name) | {idle: still[idle]})
        for idle in ("measures.flexible_load_curtailment", "measures.flexible_load")
    )
    for one in ("limits.sites", "limits.served"):
        assert np.all(more[one] >= of_still[one] * (1 - ROUNDING)), one
        assert np.mean(more[one] > of_still[one] * 1.01) > 0.05, one
    assert_array_equal(less["limits.sites"], of_still["limits.sites"])
    kept = np.r_[np.ones(NOW), 0.95, 0.9, 0.85, np.full(YEARS - NOW - 3, 0.8)]
    expected = of_still["limits.capacity"] * kept[:, np.newaxis]
    assert_allclose(less["limits.capacity"], expected, **CLOSE)
    assert np.all(less["limits.served"] <= of_still["limits.served"] * (1 + ROUNDING))
    assert np.mean(less["limits.served"] < of_still["limits.served"] * 0.99) > 0.05


def test_contracts_move_their_accounts_alone(
    simulate: Simulate, still: Values, of_still: Values
) -> None:
    after = simulate(_acting(still, "measures.procurement"))
    new, old = after["emissions.emissions"], of_still["emissions.emissions"]
    assert_array_equal(new[..., 0], old[..., 0])
    assert np.all(new[..., 1:] <= old[..., 1:] * (1 + ROUNDING))
    assert np.all(new[:, NOW:, :, 1:] < old[:, NOW:, :, 1:])
    # In full, 95 % of data centres of every type and region are matched.
    centres = after["regional"][:, FULL - 2015 :, :CRYPTO].sum(2)
    share = after["emissions.matched"][:, FULL - 2015 :] / centres
    own = max(still["emissions.matched_hyperscale"].max(), 0.95)
    assert np.all((share >= 0.95 - ROUNDING) & (share <= own + ROUNDING))


# --- In one region alone ---


@pytest.mark.parametrize("region", range(len(REGIONS)), ids=REGIONS)
def test_a_cap_in_one_region_leaves_the_pue_of_the_others(
    simulate: Simulate, draws: Values, region: int
) -> None:
    here = np.arange(len(REGIONS)) == region
    name = "conventional.pue_cap"
    # Without the limit, which would answer to what is saved.
    far = draws | {"conventional.share_limit": draws["conventional.share_limit"] * 1e3}
    before, after = simulate(far), simulate(_acting(far, name, here))
    old, new = before["conventional.pue_region"], after["conventional.pue_region"]
    assert_array_equal(new[..., ~here], old[..., ~here])
    # Floors of PUE lie above 1.01, so that every facility type meets the cap.
    assert_allclose(new[:, FULL - 2015 :, region], 1.01, **CLOSE)
    assert np.all(new[:, NOW:, region] < old[:, NOW:, region])
    it = before["conventional.demand"] / before["conventional.pue"]
    saved = it * before["regions.conventional"][..., region] * (old - new)[..., region]
    difference = before["conventional.demand"] - after["conventional.demand"]
    assert_allclose(difference, saved, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("measures.pue_cap_ai", "limits.demand"),
        ("measures.flexible_load", "limits.served"),
        ("measures.procurement", "emissions.matched"),
        ("crypto.restriction", "crypto.left"),
    ],
)
def test_a_measure_on_sites_stays_in_its_region(
    simulate: Simulate, still: Values, of_still: Values, name: str, output: str
) -> None:
    for region in range(len(REGIONS)):
        here = np.arange(len(REGIONS)) == region
        after = simulate(_acting(still, name, here))
        assert_array_equal(after[output][..., ~here], of_still[output][..., ~here])
        assert np.any(after[output][..., here] != of_still[output][..., here])


def test_mining_that_ends_in_one_region_stays_in_the_others(
    simulate: Simulate, draws: Values
) -> None:
    before = simulate(draws)["regional"][:, :, CRYPTO]
    for region in range(len(REGIONS)):
        here = np.arange(len(REGIONS)) == region
        after = simulate(_acting(draws, "crypto.restriction", here))["regional"][:, :, CRYPTO]
        left = np.where(here, 0.3, 1)
        assert_allclose(after[:, FULL - 2015 :], before[:, FULL - 2015 :] * left, **CLOSE)

"""Every measure derived a second time, in NumPy and from `docs/model.md` alone.

Of a run without policies come the paths that no lever touches. All that levers touch, feedback of
limits and of rules included, is worked out here again for policies that pull every lever at once.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose, assert_array_equal

from forecast import api

type Values = dict[str, np.ndarray]

SETTINGS = ("sampling.draws=128",)
FACILITIES = ("hyperscale", "colocation", "enterprise")
SIZES = ("small", "medium", "large", "frontier")
DIFFERENCES = ("unserved", "tightness", "incentive")  # near zero, from numbers that are not

ALIASES = {
    "ai_demand": "totals.ai_demand",
    "unserved": "totals.unserved",
    "share_of_world_demand": "totals.share_of_world_demand",
    "emissions_co2": "emissions.emissions_co2",
    "renewable_share_market": "emissions.renewable_share_market",
    "pue": "facilities.pue",
    "load_factor": "facilities.load_factor",
    "installed_capacity": "facilities.installed",
    "emissions": "world_emissions",
}

PARTLY = """title: Every lever in part, from 2025 on, with uncertain strengths
levers:
  conventional.pue_cap: {value: {hyperscale: 1.1, colocation: 1.15, enterprise: 1.4}}
  conventional.pue_cap_reach: {value: {united_states: 0.3, china: 1, europe: 0.7}}
  conventional.pue_cap_start: 2025
  conventional.pue_cap_full: 2032
  measures.pue_cap_ai: {family: uniform, low: 1, high: 1.2}
  measures.pue_cap_ai_reach: {value: {united_states: 0.5, china: 0, rest_of_world: 0.1}}
  measures.hardware_standard: {family: uniform, low: 0, high: 0.5}
  measures.hardware_standard_reach: {value: {united_states: 0.2, asia_pacific: 0.6}}
  measures.hardware_standard_full: 2034
  measures.lean_serving: 0.4
  measures.lean_serving_reach: {value: {united_states: 0.8, europe: 0.1}}
  measures.right_sizing: {family: uniform, low: 0, high: 1}
  measures.right_sizing_reach: {value: {united_states: 0.6, china: 0.2}}
  measures.reuse: {family: uniform, low: 0, high: 20}
  measures.reuse_reach: {value: {united_states: 0.1, europe: 0.9}}
  measures.flexible_load: {family: uniform, low: 0, high: 2}
  measures.flexible_load_curtailment: 0.1
  measures.flexible_load_reach: {value: {united_states: 0.4, china: 0}}
  measures.procurement: 0.8
  measures.procurement_hourly: {family: uniform, low: 0, high: 1}
  measures.procurement_reach: {value: {united_states: 0.9, china: 0.1, europe: 0}}
  measures.reporting: 1
  adoption.carbon_price: {family: uniform, low: 0, high: 500}
  adoption.carbon_price_reach: {value: {united_states: 0.1, china: 0.5}}
  limits.connection_cap: {value: {united_states: 4, china: 2, europe: 0.5}}
  limits.connection_cap_full: 2033
  crypto.restriction: {family: uniform, low: 0, high: 0.9}
  crypto.restriction_reach: {value: {united_states: 0.5, europe: 0}}
source: "judgement: a test"
"""
EARLY = """title: Strong measures that begin in the past
levers:
  conventional.pue_cap: {value: {hyperscale: 1.3, colocation: 1.05, enterprise: 1}}
  conventional.pue_cap_reach: {value: {china: 0.4}}
  conventional.pue_cap_start: 2016
  conventional.pue_cap_full: 2019
  measures.pue_cap_ai: 1
  measures.pue_cap_ai_start: 2019
  measures.hardware_standard: 0.9
  measures.hardware_standard_reach: {value: {united_states: 0.9}}
  measures.hardware_standard_start: 2020
  measures.lean_serving: 0.95
  measures.lean_serving_start: 2022
  measures.lean_serving_full: 2040
  measures.right_sizing: 0.95
  measures.right_sizing_start: 2021
  measures.right_sizing_full: 2024
  measures.reuse: 90
  measures.reuse_full: 2028
  measures.flexible_load: 9
  measures.flexible_load_curtailment: 0.6
  measures.flexible_load_start: 2023
  measures.flexible_load_full: 2024
  measures.procurement: 0.9
  measures.procurement_hourly: 0.9
  measures.procurement_start: 2020
  measures.procurement_full: 2022
  adoption.carbon_price: 1000
  adoption.carbon_price_start: 2021
  limits.connection_cap: {value: {united_states: 0.2, china: 0, europe: 0.1}}
  limits.connection_cap_start: 2022
  limits.connection_cap_full: 2023
  crypto.restriction: 0.8
  crypto.restriction_start: 2019
  crypto.restriction_full: 2022
source: "judgement: a test"
"""
WAITING = """title: Two levers once the total is high, one of them in force already
levers:
  measures.right_sizing: 0.2
  measures.right_sizing_start: 2027
  measures.right_sizing_full: 2040
when: "total > 700 TWh"
watched_from: 2026
delay: 2
then: {measures.right_sizing: 0.8, crypto.restriction: 0.5}
source: "judgement: a test"
"""


def growth(t: float, a: np.ndarray, b: np.ndarray | float, f: np.ndarray) -> np.ndarray:
    """Fading growth as the sum over whole years that the closed form stands for."""
    if t < 0:
        return a * t
    return sum((b + (a - b) * np.exp(-f * k) for k in range(int(t))), np.zeros_like(a))


def limited(x: np.ndarray, limit: np.ndarray) -> np.ndarray:
    least = np.minimum(x, limit)  # taken out first, so that no power overflows
    return least * ((least / x) ** 12 + (least / limit) ** 12) ** (-1 / 12)


def ramp(v: Values, lever: str, y: int) -> np.ndarray:
    start, full = v[f"{lever}_start"], v[f"{lever}_full"]
    return np.clip((y - full) / np.maximum(full - start, 1) + 1, 0, 1)[:, None]


def force(v: Values, lever: str, y: int) -> np.ndarray:
    return v[f"{lever}_reach"] * ramp(v, lever, y)


def facilities_pue(v: Values, now: Values, y: int) -> Values:
    floor = np.stack([v[f"conventional.pue_floor_{one}"] for one in FACILITIES], -1)
    decline = np.exp(-v["conventional.pue_decline"] * (y - 2020))[:, None]
    free = floor + (v["conventional.pue_2020"] - floor) * decline
    over = np.maximum(free - v["conventional.pue_cap"], 0)
    mix, reached = now["conventional.mix"], force(v, "conventional.pue_cap", y)
    facility = free - over * total(now["regions.conventional"] * reached)[:, None]
    return {
        "conventional.pue_facility": facility,
        "conventional.pue": total(mix * facility),
        "conventional.pue_region": total(mix * free)[:, None]
        - reached * total(mix * over)[:, None],
    }


def total(x: np.ndarray) -> np.ndarray:
    return x.sum(-1)


def over_world(v: Values, now: Values, lever: str, y: int) -> np.ndarray:
    """Strength times reach, over the regions that AI is drawn in."""
    return v[lever] * total(now["regions.ai"] * force(v, lever, y))


def technology(v: Values, now: Values, y: int, gain: np.ndarray) -> Values:
    t, of = max(y - 2023, 0), "efficiency."
    fading = [v[f"{of}hardware_growth_first"], v[f"{of}hardware_growth_last"]]
    free = v[f"{of}hardware_2023"] * np.exp(
        growth(y - 2023, *fading, v[f"{of}hardware_fade"]) + gain
    )
    standard = over_world(v, now, "measures.hardware_standard", y)
    algorithms = growth(
        t, v[f"{of}algorithmic_first"], v[f"{of}algorithmic_last"], v[f"{of}algorithmic_fade"]
    )
    lean = over_world(v, now, "measures.lean_serving", y)
    mix, smaller = now["size_mix.mix"].copy(), over_world(v, now, "measures.right_sizing", y)
    moved = mix[:, 2:] * smaller[:, None]
    mix[:, 2:] -= moved
    mix[:, 0] += total(moved)
    return {
        "efficiency.incentive": gain,
        "efficiency.hardware": limited(free / (1 - standard), v[f"{of}hardware_ceiling"]),
        "efficiency.software": v[f"{of}software_total"]
        ** (1 - np.exp(-v[f"{of}software_rate"] * t - gain)),
        "efficiency.precision": now["efficiency.precision"] * (1 - lean),
        "efficiency.shrinkage": np.exp(-v[f"{of}algorithmic_energy_share"] * (algorithms + gain)),
        "size_mix.mix": mix,
        "size_mix.mean_parameters": total(mix * parameters(v)),
    }


def parameters(v: Values) -> np.ndarray:
    return np.stack([v[f"size_mix.parameters_{one}"] for one in SIZES], -1)


def inference(v: Values, now: Values, y: int, tech: Values, reference: float) -> Values:
    def energy(size: np.ndarray, hardware: np.ndarray) -> np.ndarray:
        operations = 2 * size * (1 + v["inference.context_overhead"])
        retrieval = 1 + v["inference.retrieval_share"] * v["inference.retrieval_overhead"]
        return operations * retrieval / (hardware * v["inference.utilisation"])

    token = energy(tech["size_mix.mean_parameters"], tech["efficiency.hardware"])
    token = token * tech["efficiency.shrinkage"] * tech["efficiency.precision"]
    token = token / tech["efficiency.software"]
    unit = token / energy(now["parameters_2023"], v["efficiency.hardware_2023"])
    taxed = now["electricity.intensity"] * now["regions.ai"]
    taxed = v["adoption.carbon_price"] * total(taxed * force(v, "adoption.carbon_price", y))
    price = np.exp(v["adoption.power_price_growth"] * max(y - 2023, 0))
    price = price + taxed / 1000 / v["adoption.power_price"]
    share = v["adoption.energy_cost_share"]
    cost = share * unit * price + (1 - share) * unit ** v["adoption.hardware_pass_through"]
    ceiling = v["adoption.ceiling"]
    answer = np.clip((cost / reference) ** -v["adoption.elasticity"], 1 / ceiling, ceiling)
    rebound = answer if y > 2023 else np.ones_like(cost)
    tokens = now["adoption.tokens_reference"] * rebound
    return {
        "adoption.price_index": price,
        "inference.token_energy": token,
        "inference.unit_energy": unit,
        "inference.cost": cost,
        "inference.rebound": rebound,
        "inference.tokens": tokens,
        "inference.generative": tokens * token / 3.6e15,
        "inference.inference": tokens * token / 3.6e15 + now["adoption.other"],
    }


def training(v: Values, now: Values, y: int, tech: Values) -> Values:
    reached = total(now["regions.ai"] * force(v, "measures.reuse", y))
    models = now["adoption.new_applications"] / v["training.applications_per_model"]
    models = models * (1 - reached) + models * reached / (1 + v["measures.reuse"])
    size = parameters(v)[:, :3] * tech["efficiency.shrinkage"][:, None]
    operations = 6 * size**2 * now["training.tokens_per_parameter"][:, None]
    joules = operations / (tech["efficiency.hardware"] * v["training.utilisation"])[:, None]
    mean = total(v["training.class_share"] * joules) / 3.6e15
    bottom_up = (models * mean + now["training.frontier"]) / v["training.final_run_share"]
    weight = v["training.anchor_weight"]
    trained = np.exp((1 - weight) * np.log(bottom_up) + weight * np.log(now["training.anchor"]))
    of, used = "customisation.", now["adoption.applications"]
    full = v[f"{of}full_share"]
    run = full / v[f"{of}full_saving"] + (1 - full) / v[f"{of}peft_saving"]
    tuning = used * v[f"{of}runs"] * run * mean
    retrieval = used * v[f"{of}retrieval_share"] / v[f"{of}retrieval_saving"] * mean
    hours = models * v[f"{of}model_node_hours"] + used * v[f"{of}application_node_hours"]
    preparation = hours * v[f"{of}node_power"] / 1e9
    return {
        "training.base_models": models,
        "training.pretraining": joules / 3.6e12,
        "training.classes": models * mean,
        "training.bottom_up": bottom_up,
        "training.training": trained,
        f"{of}pretraining_mean": 1000 * mean,
        f"{of}tuning": tuning,
        f"{of}retrieval": retrieval,
        f"{of}preparation": preparation,
        f"{of}customisation": tuning + retrieval + preparation,
    }


@dataclass
class State:
    """What a year hands on: stocks, the tightness of every year so far, gains, sights of a rule."""

    gain: np.ndarray
    sites: np.ndarray
    additions: dict[int, np.ndarray] = field(default_factory=dict)
    tightness: dict[int, np.ndarray] = field(default_factory=dict)


def ordered(v: Values, y: int, state: State) -> np.ndarray:
    lead, nothing = np.rint(v["limits.lead_time"]).astype(int), np.zeros_like(state.gain)
    seen = np.choose(lead - 1, [state.tightness.get(y - k, nothing) for k in (1, 2, 3)])
    most = v["limits.order_maximum"]
    orders = np.clip(np.exp(v["limits.order_elasticity"] * seen), 1 / most, most)
    rising = growth(y - 2024, v["limits.additions_growth"], 0, v["limits.additions_fade"])
    return v["limits.additions_2024"] * v["limits.host_factor"] * np.exp(rising) * orders


def alive(v: Values, age: int) -> np.ndarray:
    return 1 / (1 + np.exp(-(v["limits.life"] - age) / v["limits.life_spread"]))


def limits(v: Values, now: Values, y: int, wanted_it: np.ndarray, state: State) -> Values:
    ai, pue = now["regions.ai"], v["limits.pue"][:, None]
    over = np.maximum(pue - v["measures.pue_cap_ai"][:, None], 0)
    pue = pue - over * force(v, "measures.pue_cap_ai", y)
    demand = wanted_it[:, None] * ai * pue
    state.additions[y] = ordered(v, y, state) if y >= 2024 else np.zeros_like(wanted_it)
    first = v["limits.chips_2023"] * v["limits.host_factor"]
    chips = first * alive(v, max(y - 2023, 0) + 1) / alive(v, 1)
    chips = chips + sum(new * alive(v, y - made) for made, new in state.additions.items())
    flexible = force(v, "measures.flexible_load", y)
    if y > 2023:
        scale = v["limits.site_scale"] * np.exp(v["limits.site_growth"] * (y - 2024))
        most = scale[:, None] * v["limits.site_additions"]
        most = most * (1 + v["measures.flexible_load"][:, None] * flexible)
        capped = np.maximum(most - v["limits.connection_cap"], 0)
        most = most - capped * ramp(v, "limits.connection_cap", y)
        lacking = ai * (chips * (1 + v["limits.spare_sites"]))[:, None] - state.sites
        state.sites = state.sites + np.clip(lacking, 0, most)
    given_up = v["measures.flexible_load_curtailment"][:, None] * flexible
    power = np.minimum(ai * chips[:, None], state.sites) * 8.76
    capacity = power * v["limits.load_factor"][:, None] * pue * (1 - given_up)
    served = limited(demand, capacity) if y > 2023 else demand
    tightness = np.log(total(demand) / total(capacity))
    if y >= 2023:  # seen as nothing before
        state.tightness[y] = tightness
    if y > 2023:
        state.gain = state.gain + v["efficiency.incentive"] * np.maximum(tightness, 0)
    return {
        "limits.chips": chips,
        "limits.additions": state.additions[y],
        "limits.sites": state.sites,
        "limits.capacity": capacity,
        "limits.demand": demand,
        "limits.served": served,
        "limits.unserved": demand - served,
        "limits.tightness": tightness,
        "pue_ai": total(served) / total(served / pue),
    }


def by_region(v: Values, now: Values, y: int, made: Values) -> Values:
    shares = now["regions.conventional"] * made["conventional.pue_region"]
    conventional = made["conventional.demand"][:, None] * shares / total(shares)[:, None]
    streams = ("inference.inference", "training.training", "customisation.customisation")
    it = np.stack([made[one] for one in streams], -1)
    ai = (it / total(it)[:, None])[:, :, None] * made["limits.served"][:, None]
    left = 1 - v["crypto.restriction"][:, None] * force(v, "crypto.restriction", y)
    mined = now["crypto.free"]
    mined = limited(mined, now["crypto.revenue_limit"]) if y > 2022 else mined
    crypto = mined[:, None] * now["regions.crypto"] * left  # where mining ends, nothing is left
    regional = np.concatenate([conventional[:, None], ai, crypto[:, None]], 1)
    return {
        "regional": regional,
        "demand": total(regional),
        "total_by_region": regional.sum(1),
        "data_centres_by_region": regional[:, :4].sum(1),
        "unserved_by_region": made["limits.unserved"],
        "crypto.left": left,
        "crypto.demand": total(crypto),
        "totals.ai": total(made["limits.served"]),
        "totals.data_centres": regional[:, :4].sum((1, 2)),
        "totals.total": regional.sum((1, 2)),
        "totals.ai_demand": total(made["limits.demand"]),
        "totals.unserved": total(made["limits.unserved"]),
        "totals.share_of_world_demand": regional.sum((1, 2)) / now["electricity.world"],
    }


def hosts(v: Values) -> np.ndarray:
    share = v["limits.hyperscale_share"]
    return np.stack([share, 1 - share, np.zeros_like(share)], -1)


def facilities(v: Values, now: Values, made: Values) -> Values:
    weight = now["conventional.mix"] * made["conventional.pue_facility"]
    weight = weight / total(weight)[:, None]
    own = made["conventional.demand"][:, None] * weight
    ai = made["totals.ai"][:, None] * hosts(v)
    it = own / made["conventional.pue_facility"] + ai / made["pue_ai"][:, None]
    load = own / v["conventional.load_factor"] + ai / v["limits.load_factor"][:, None]
    return {
        "facilities.electricity": own + ai,
        "facilities.it": it,
        "facilities.installed": load / 8.76,
        "facilities.pue": total(own + ai) / total(it),
        "facilities.load_factor": total(own + ai) / total(load),
        "facilities.procurable": weight,
    }


def emissions(v: Values, now: Values, y: int, made: Values) -> Values:
    begun = np.clip((y - 2024) / np.maximum(2024 - v["emissions.matched_start"], 1) + 1, 0, 1)
    own = [v["emissions.matched_hyperscale"], v["emissions.matched_colocation"], 0 * begun]
    own = (np.stack(own, -1) * begun[:, None])[:, :, None]
    reached = force(v, "measures.procurement", y)[:, None]
    asked = np.maximum(v["measures.procurement"][:, None, None], own)
    regional = made["regional"]
    held = made["facilities.procurable"][:, :, None] * regional[:, :1]
    held = held + hosts(v)[:, :, None] * regional[:, 1:4].sum(1, keepdims=True)
    inside, outside = held * reached, held * (1 - reached)
    wanted = (own * outside + asked * inside).sum(1)
    hour = v["emissions.hourly_share"][:, None, None]
    best = np.maximum(v["measures.procurement_hourly"][:, None, None], hour)
    hourly = (own * hour * outside + asked * best * inside).sum(1)
    intensity, supply = now["electricity.intensity"], now["electricity.regional"]
    matched = np.minimum(wanted, now["electricity.renewable"][:, None] * supply)
    hourly = np.where(wanted > 0, hourly * matched / np.where(wanted > 0, wanted, 1), 0)
    residual = intensity * supply / (supply - matched)
    drawn = regional.sum(1)
    accounts = [drawn * intensity, (drawn - matched) * residual]
    accounts = np.stack([*accounts, (drawn - hourly) * intensity], -1) / 1000
    m, e, world = total(matched), total(drawn), now["electricity.world"]
    rest = (now["electricity.renewable"] * world - m) / (world - m)
    return {
        "emissions.matched": matched,
        "emissions.residual": residual,
        "emissions.emissions": accounts,
        "world_emissions": accounts.sum(1),
        "emissions.emissions_co2": total(accounts[:, :, 0]) * v["electricity.co2_share"],
        "emissions.renewable_share_market": (m + (e - m) * rest) / e,
    }


class Rule:
    """`WAITING`, draw by draw: seen in a year, in force two years later."""

    def __init__(self) -> None:
        self.seen: np.ndarray | float = np.inf

    def look(self, y: int, made: Values) -> None:
        if y >= 2026:
            holds = (made["totals.total"] > 700) & np.isinf(self.seen)
            self.seen = np.where(holds, y, self.seen)

    def levers(self, v: Values, y: int) -> Values:
        found, last = dict(v), self.seen + 1  # last year without the rule
        for name, then in (("measures.right_sizing", 0.8), ("crypto.restriction", 0.5)):
            found[name] = np.where(y > last, then, v[name])
            found[f"{name}_full"] = np.where(y > last, last + 1, v[f"{name}_full"])
            found[f"{name}_start"] = np.where(y > last, last, v[f"{name}_start"])
        return found


def derived(v: Values, free: Values, reference: np.ndarray, rule: Rule | None = None) -> Values:
    """All that levers touch, `[draw, year, …]`, from inputs and paths that they do not touch."""
    start = {name: path[:, 2023 - 2015] for name, path in free.items()}
    in_2023 = total(start["size_mix.mix"] * parameters(v))
    stock = v["limits.chips_2023"] * v["limits.host_factor"] * (1 + v["limits.spare_sites"])
    state = State(np.zeros_like(stock), start["regions.ai"] * stock[:, None])
    first = {name: path[:, 0] for name, path in free.items()}
    none = v | {"conventional.pue_cap_reach": 0 * v["conventional.pue_cap_reach"]}
    pue_2015 = facilities_pue(none, first, 2015)
    years: list[Values] = []
    for k in range(len(reference)):
        y, now = 2015 + k, {name: path[:, k] for name, path in free.items()}
        now["parameters_2023"] = in_2023
        u = rule.levers(v, y) if rule else v
        made = facilities_pue(u, now, y)
        relative = made["conventional.pue"] / pue_2015["conventional.pue"]
        asked = v["conventional.energy_2015"] * now["conventional.workloads"] * relative
        asked = asked * now["conventional.intensity"] * np.exp(now["noise"][:, 0])
        most = v["conventional.share_limit"] * now["electricity.world"]
        made["conventional.demand"] = limited(asked, most)
        tech = technology(u, now, y, state.gain)
        made |= tech | inference(u, now, y, tech, reference[k]) | training(u, now, y, tech)
        streams = ("inference.inference", "training.training", "customisation.customisation")
        it = sum(made[one] for one in streams) * np.exp(now["noise"][:, 1])
        made |= limits(u, now, y, it, state)
        made |= by_region(u, now, y, made)
        made |= facilities(u, now, made)
        made |= emissions(u, now, y, made)
        if rule:
            rule.look(y, made)
        years.append(made)
    return {name: np.stack([one[name] for one in years], 1) for name in years[0]}


def values(data: xr.Dataset, scenario: str) -> Values:
    """Arrays of a group with draws first, for one scenario; numbers are repeated for each draw."""
    found = {}
    for name, one in data.data_vars.items():
        one = one.sel(scenario=scenario) if "scenario" in one.dims else one
        if "chain" in one.dims:
            one = one.stack(all=("chain", "draw")).transpose("all", ...)
            found[str(name)] = one.values
        else:
            found[str(name)] = np.broadcast_to(one.values, (128, *one.shape))
    return found


def ran(folder: Path, **policies: str) -> xr.DataTree:
    """The shipped base and policies over it, from the priors, with every output."""
    for name, text in policies.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    laid = [f"base+{folder / name}.yaml" for name in policies]
    return api.compute(
        api.request("base.yaml", *laid, prior=True, settings=SETTINGS, keep=("all",))
    )


def second(tree: xr.DataTree, scenario: str, rule: Rule | None = None) -> Values:
    inputs = tree["constant_data"].to_dataset(), tree["prior"].to_dataset()
    v = values(inputs[0], scenario) | values(inputs[1], scenario)
    free = values(tree["prior_predictive"].to_dataset(), "base")
    return derived(v, free, v["reference_cost"][0], rule)


def check(tree: xr.DataTree, scenario: str, made: Values) -> None:
    """Every output that there is: as derived, or else as it is without the policy."""
    outputs = tree["prior_predictive"].to_dataset()
    theirs, base = values(outputs, scenario), values(outputs, "base")
    for name, got in theirs.items():
        known = made.get(name, made.get(ALIASES.get(name, "")))
        if known is None:
            assert_array_equal(got, base[name], err_msg=name)
        else:
            known = np.broadcast_to(known, got.shape)
            near = 1e-9 if any(one in name for one in DIFFERENCES) else 0
            assert_allclose(got, known, rtol=1e-10, atol=near, err_msg=name)
            assert abs(got - base[name]).max() > 0, f"{name} does not move"


@pytest.fixture(scope="module")
def combined(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    return ran(tmp_path_factory.mktemp("policies"), partly=PARTLY, early=EARLY)


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["partly", "early"])
def test_what_policies_touch_is_as_derived_and_the_rest_is_untouched(
    combined: xr.DataTree, policy: str
) -> None:
    check(combined, f"base+{policy}", second(combined, f"base+{policy}"))


@pytest.mark.slow
def test_a_policy_that_waits_is_as_derived_in_the_year_of_each_draw(tmp_path: Path) -> None:
    tree, rule = ran(tmp_path, waiting=WAITING), Rule()
    made = second(tree, "base+waiting", rule)
    sight = values(tree["sample_stats_prior"].to_dataset(), "base+waiting")["rule_year"][:, 0]
    assert_array_equal(sight, rule.seen)
    assert len(np.unique(sight)) > 5  # years of their own, and draws where it never comes
    theirs = values(tree["prior_predictive"].to_dataset(), "base+waiting")
    for name in ("totals.total", "crypto.demand", "limits.sites", "emissions.emissions"):
        assert_allclose(theirs[name], made[name], rtol=1e-10, err_msg=name)

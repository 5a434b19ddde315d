"""The model a second time: plain NumPy over all draws at once, from `docs/model.md` alone.

It shares no code with `forecast.model`, so that a wrong equation there shows as a difference here,
and it is what the benchmark compares the engine with. Inside, the draw axis is last (years first,
then the small axis), so that inputs broadcast as they are and a year's values lie side by side;
outputs are handed over with the draw axis first.
"""

from types import SimpleNamespace

import numpy as np

Values = dict[str, np.ndarray]

FIRST_YEAR = 2015
START = 2023  # last year in which what is served is what is wanted
LAST_KNOWN = 2025  # last year of known world electricity
JOULES_PER_TWH = 3.6e15
TWH_PER_GW = 8.76  # a gigawatt for a year


def demand(inputs: Values, innovations: Values, reference: np.ndarray) -> Values:
    """All outputs of the model.

    Parameters
    ----------
    inputs
        Dotted name → `[draw]`, or `[draw, label]` for a vector.
    innovations
        `conventional`, `ai`, `crypto` → standard normal `[draw, year]`, years from 2015.
    reference
        Path of the cost of a service at the central inputs, `[year]`.

    Returns
    -------
    Dotted name → `[draw, year, ...]`.
    """
    given = by_block(inputs)
    shocks = {name: values.T for name, values in innovations.items()}
    years = np.arange(FIRST_YEAR, FIRST_YEAR + len(reference))[:, np.newaxis]
    noise = noise_paths(given, shocks, years)
    grid = electricity(given.electricity, years)
    where = regions(given.regions, years)
    base = conventional(
        given.conventional, years, noise["conventional"], grid["world"], where["conventional"]
    )
    paying = in_force(given.adoption, "carbon_price", years)
    taxed = (grid["intensity"] * where["ai"] * paying).sum(1)
    use = adoption(given.adoption, years, taxed)
    sizes = size_mix(given.size_mix, given.measures, years, where["ai"])
    ai = artificial_intelligence(given, years, use, sizes, where["ai"], noise["ai"], reference)
    coins = crypto(given.crypto, years, shocks["crypto"], noise["crypto"], where["crypto"])
    regional = regional_demand(base, ai, coins, where)
    sums = totals(regional, ai, grid)
    sites = facilities(given, base, ai["limits"]["served"], years)
    carbon = emissions(given, years, regional, sites["procurable"], grid)
    parts = {
        "electricity": grid,
        "conventional": base,
        "adoption": use,
        "size_mix": sizes,
        "regions": where,
        **ai,
        "crypto": coins,
        "totals": sums,
        "facilities": sites,
        "emissions": carbon,
    }
    out = {
        f"{part}.{name}": values
        for part, some in parts.items()
        for name, values in some.items()
        if not name.startswith("_")
    }
    out["regional"] = regional
    out["demand"] = regional.sum(2)
    out["noise"] = np.stack([noise["conventional"], noise["ai"], noise["crypto"]], 1)
    return {name: np.moveaxis(values, -1, 0) for name, values in out.items()}


def by_block(inputs: Values) -> SimpleNamespace:
    """Inputs as `given.block.field`, the draw axis last."""
    blocks: dict[str, SimpleNamespace] = {}
    for name, values in inputs.items():
        block, _, field = name.partition(".")
        setattr(blocks.setdefault(block, SimpleNamespace()), field, np.asarray(values, float).T)
    return SimpleNamespace(**blocks)


# --- Notation ---


def fading_growth(t, first, last, fade):
    """Sum of a log growth rate that fades from `first` to `last`, from year 0 to year t."""
    after = np.maximum(t, 0)
    with np.errstate(invalid="ignore"):
        weight = np.where(fade == 0, after, np.expm1(-fade * after) / np.expm1(-fade))
    return last * after + (first - last) * weight + first * np.minimum(t, 0)


def smooth_limit(x, limit):
    """What is had of x under a limit: x (1 + (x / limit)^12)^(-1/12)."""
    return x * np.exp(-np.logaddexp(0, 12 * np.log(x / limit)) / 12)


def missing(x, limit):
    """What is not had of x under a limit, without cancellation."""
    return -x * np.expm1(-np.logaddexp(0, 12 * np.log(x / limit)) / 12)


def ramp(years, start, full):
    """Share in force of a measure."""
    return np.clip((years - full) / np.maximum(full - start, 1) + 1, 0, 1)


def in_force(block, name: str, years):
    """Where and how far a measure is in force, `[year, region, draw]`."""
    levers = vars(block)
    when = ramp(years, levers[f"{name}_start"], levers[f"{name}_full"])
    return levers[f"{name}_reach"] * when[:, np.newaxis]


def on_the_world(block, name: str, years, shares):
    """Strength of a measure times the share of the world's AI that it reaches, `[year, draw]`."""
    return vars(block)[name] * (shares * in_force(block, name, years)).sum(1)


def softmax(values, axis):
    weights = np.exp(values - values.max(axis, keepdims=True))
    return weights / weights.sum(axis, keepdims=True)


# --- Blocks without feedback ---


def noise_paths(given, shocks: Values, years) -> Values:
    """AR(1) on a log scale, zero before the first year."""
    ones = np.ones_like(years, float)
    kinds = {
        "conventional": (given.noise.persistence, given.noise.conventional * ones),
        "ai": (given.noise.persistence, given.noise.ai * ones),
        "crypto": (given.crypto.persistence, given.crypto.volatility * (years > 2022)),
    }
    paths = {}
    for name, (persistence, sigma) in kinds.items():
        path = sigma * shocks[name]
        for i in range(1, len(years)):
            path[i] += persistence * path[i - 1]
        paths[name] = path
    return paths


def electricity(e, years) -> Values:
    known = np.minimum(years[:, 0], LAST_KNOWN) - FIRST_YEAR
    beyond = np.maximum(years - LAST_KNOWN, 0)
    world = e.world[known] * np.exp(e.world_growth * beyond)
    odds = e.renewable / (1 - e.renewable)
    odds = odds[known] * np.exp(e.renewable_growth * beyond)
    decline = np.where(years >= 2024, e.intensity_decline, e.intensity_decline_past)
    intensity = e.intensity_2024 * np.exp(-decline * (years - 2024))[:, np.newaxis]
    return {
        "world": world,
        "regional": world[:, np.newaxis] * e.regional_share,
        "renewable": odds / (1 + odds),
        "intensity": intensity,
        "intensity_world": (intensity * e.regional_share).sum(1),
    }


def conventional(c, years, noise, world, shares) -> Values:
    t = years - FIRST_YEAR
    workloads = np.exp(
        fading_growth(t, c.workload_growth_first, c.workload_growth_last, c.workload_fade)
    )
    intensity = np.exp(
        -fading_growth(t, c.intensity_decline_first, c.intensity_decline_last, c.intensity_fade)
    )
    u = np.clip(years, c.mix_start, c.mix_end) - 2024
    colocation = c.colocation_level + c.colocation_slope * u + c.colocation_bend * u**2
    enterprise = c.enterprise_level + c.enterprise_slope * u + c.enterprise_bend * u**2
    mix = softmax(np.stack([np.zeros_like(colocation), colocation, enterprise], 1), 1)
    floor = np.stack([c.pue_floor_hyperscale, c.pue_floor_colocation, c.pue_floor_enterprise])
    free = floor + (c.pue_2020 - floor) * np.exp(-c.pue_decline * (years - 2020))[:, np.newaxis]
    over = np.maximum(free - c.pue_cap, 0)
    capped = in_force(c, "pue_cap", years)
    pue_facility = free - over * (shares * capped).sum(1)[:, np.newaxis]
    region = (mix * free).sum(1)[:, np.newaxis] - capped * (mix * over).sum(1)[:, np.newaxis]
    pue = (mix * pue_facility).sum(1)
    unbounded = c.energy_2015 * workloads * intensity * pue / (mix * free).sum(1)[0] * np.exp(noise)
    return {
        "workloads": workloads,
        "intensity": intensity,
        "mix": mix,
        "pue_facility": pue_facility,
        "pue": pue,
        "pue_region": region,
        "demand": smooth_limit(unbounded, c.share_limit * world),
    }


def adoption(a, years, intensity_world) -> Values:
    t = years - START
    after = np.maximum(t, 0)

    def logistic(t):
        return a.saturation / (1 + (a.saturation - 1) * np.exp(-a.rate * t))

    grown = logistic(t)
    longer = np.exp(fading_growth(after, a.length_growth, a.length_growth_last, a.length_fade))
    requests = a.tokens_2023 / (a.applications_2023 * 365 * a.length_2023)
    return {
        "applications": a.applications_2023 * grown,
        "new_applications": a.applications_2023 * (grown - logistic(t - 1)),
        "requests": np.broadcast_to(requests, grown.shape),
        "length": a.length_2023 * longer,
        "tokens_reference": a.tokens_2023 * grown * longer,
        "other": a.other_2023 * np.exp(fading_growth(t, a.other_growth, 0, a.other_fade)),
        "price_index": np.exp(a.power_price_growth * after)
        + a.carbon_price * intensity_world / 1000 / a.power_price,
    }


def parameters_2023(s):
    """Active parameters of the four classes."""
    return np.stack(
        [s.parameters_small, s.parameters_medium, s.parameters_large, s.parameters_frontier]
    )


def size_mix(s, measures, years, shares) -> Values:
    drift = np.stack(
        [s.drift_small, s.drift_medium, np.zeros_like(s.drift_small), s.drift_frontier]
    )
    grown = fading_growth(np.maximum(years - START, 0), 1, 0, s.drift_fade)
    mix = softmax(np.log(s.share_2023) + drift * grown[:, np.newaxis], 1)
    moved = on_the_world(measures, "right_sizing", years, shares)
    small, medium, large, frontier = (mix[:, place] for place in range(4))
    free = (mix[START - FIRST_YEAR] * parameters_2023(s)).sum(0)
    mix = np.stack(
        [
            small + moved * (large + frontier),
            medium,
            large * (1 - moved),
            frontier * (1 - moved),
        ],
        1,
    )
    mean = (mix * parameters_2023(s)).sum(1)
    return {"mix": mix, "mean_parameters": mean, "_free_2023": free}


def regions(r, years) -> Values:
    drift = np.stack(
        [
            r.drift_united_states,
            r.drift_china,
            r.drift_europe,
            r.drift_asia_pacific,
            np.zeros_like(r.drift_china),
        ]
    )
    moved = drift * fading_growth(years - 2024, 1, 0, r.drift_fade)[:, np.newaxis]
    return {
        "conventional": softmax(np.log(r.conventional) + moved, 1),
        "ai": softmax(np.log(r.ai) + moved, 1),
        "crypto": np.broadcast_to(r.crypto, moved.shape),
    }


def crypto(c, years, shock, noise, shares) -> Values:
    known = np.minimum(years[:, 0], 2021) - FIRST_YEAR
    observed = c.history[known] * np.exp(c.history_error * shock)
    modelled = c.energy_2022 * np.exp(fading_growth(years - 2022, c.drift, 0, c.drift_fade) + noise)
    free = np.where(years < 2022, observed, modelled)
    revenue = c.revenue_2024 * np.exp(c.revenue_growth * (years - 2024)) * 1e9
    revenue_limit = revenue / c.power_price / 1e6
    mined = np.where(years > 2022, smooth_limit(free, revenue_limit), free)
    left = 1 - c.restriction * in_force(c, "restriction", years)
    return {
        "free": free,
        "revenue_limit": revenue_limit,
        "demand": mined * (shares * left).sum(1),
        "left": left,
    }


# --- AI: a loop over years, since limits feed back on efficiency and orders ---


def artificial_intelligence(
    given, years, use, sizes, shares, noise, reference
) -> dict[str, Values]:
    """Blocks efficiency, inference, training, customisation and limits."""
    m = given.measures
    efficiency_paths = efficiency_free(given.efficiency, years)
    standard = on_the_world(m, "hardware_standard", years, shares)
    lean = on_the_world(m, "lean_serving", years, shares)
    reached = (shares * in_force(m, "reuse", years)).sum(1)
    training_paths = training_free(given, years, use, 1 - reached + reached / (1 + m.reuse))
    pue = pue_of_ai(given, years)
    flexible = in_force(m, "flexible_load", years)
    stock = Stock(given.limits, years, shares, pue, m, flexible)
    gain = np.zeros_like(given.efficiency.incentive)
    results: dict[str, list[Values]] = {}
    for i, year in enumerate(years[:, 0]):
        now_use = {name: values[i] for name, values in use.items()}
        free = {name: v[i] for name, v in efficiency_paths.items()}
        free["hardware"] = free["hardware"] - np.log(1 - standard[i])
        arc = efficiency(free, given, gain)
        arc["precision"] = arc["precision"] * (1 - lean[i])
        inferred = inference(given, year, arc, now_use, sizes, i, reference[i])
        trained = training(given, arc, {name: v[i] for name, v in training_paths.items()})
        custom = customisation(given, now_use, trained)
        at_it = inferred["inference"] + trained["training"] + custom["customisation"]
        limited = stock.serve(i, at_it * np.exp(noise[i]) * shares[i] * pue[i])
        if year > START:
            gain = gain + given.efficiency.incentive * np.maximum(limited["tightness"], 0)
        for name, values in (
            ("efficiency", arc),
            ("inference", inferred),
            ("training", trained),
            ("customisation", custom),
            ("limits", limited),
        ):
            results.setdefault(name, []).append(values)
    return {
        block: {name: np.stack([some[name] for some in by_year]) for name in by_year[0]}
        for block, by_year in results.items()
    }


def efficiency_free(e, years) -> Values:
    """Log gains as they would be without limits."""
    t = years - START
    after = np.maximum(t, 0)
    return {
        "hardware": fading_growth(
            t, e.hardware_growth_first, e.hardware_growth_last, e.hardware_fade
        ),
        "software": e.software_rate * after,
        "precision": e.precision_2029 ** np.clip(t / 6, 0, 1),
        "algorithmic": fading_growth(
            after, e.algorithmic_first, e.algorithmic_last, e.algorithmic_fade
        ),
    }


def efficiency(free: Values, given, gain) -> Values:
    e = given.efficiency
    return {
        "incentive": gain,
        "hardware": smooth_limit(
            e.hardware_2023 * np.exp(free["hardware"] + gain), e.hardware_ceiling
        ),
        "software": e.software_total ** (1 - np.exp(-free["software"] - gain)),
        "precision": free["precision"],
        "shrinkage": np.exp(-e.algorithmic_energy_share * (free["algorithmic"] + gain)),
    }


def inference(given, year, arc: Values, use: Values, sizes: Values, i, reference) -> Values:
    a, n = given.adoption, given.inference

    def energy(parameters, hardware):
        overhead = (1 + n.context_overhead) * (1 + n.retrieval_share * n.retrieval_overhead)
        return 2 * parameters / (hardware * n.utilisation) * overhead

    mean_parameters = sizes["mean_parameters"]
    token_energy = energy(mean_parameters[i], arc["hardware"])
    token_energy = token_energy * arc["shrinkage"] * arc["precision"] / arc["software"]
    unit_energy = token_energy / energy(sizes["_free_2023"], given.efficiency.hardware_2023)
    share = a.energy_cost_share
    cost = share * unit_energy * use["price_index"]
    cost = cost + (1 - share) * unit_energy**a.hardware_pass_through
    most = np.log(a.ceiling)
    rebound = np.exp(np.clip(-a.elasticity * np.log(cost / reference), -most, most))
    if year <= START:
        rebound = np.ones_like(rebound)
    tokens = use["tokens_reference"] * rebound
    generative = tokens * token_energy / JOULES_PER_TWH
    return {
        "token_energy": token_energy,
        "unit_energy": unit_energy,
        "cost": cost,
        "rebound": rebound,
        "tokens": tokens,
        "generative": generative,
        "inference": generative + use["other"],
    }


def pue_of_ai(given, years):
    """PUE of AI sites, `[year, region, draw]`."""
    pue = given.limits.pue
    over = np.maximum(pue - given.measures.pue_cap_ai, 0)
    return pue - over * in_force(given.measures, "pue_cap_ai", years)


def training_free(given, years, use: Values, reuse) -> Values:
    """What of training does not depend on efficiency."""
    r = given.training
    t = years - START
    risen = 1 - np.exp(-r.tokens_per_parameter_rate * np.maximum(t, 0))
    rise = r.tokens_per_parameter_ceiling / r.tokens_per_parameter_2023
    grown = fading_growth(
        t, r.frontier_power_growth + r.frontier_duration_growth, 0, r.frontier_fade
    )
    grown = np.exp(grown + r.frontier_runs_growth * t)
    at_meter = r.frontier_runs_2023 * r.frontier_energy_2023 * grown / 1000
    return {
        "tokens_per_parameter": r.tokens_per_parameter_2023 * rise**risen,
        "base_models": use["new_applications"] / r.applications_per_model * reuse,
        "frontier": at_meter / given.limits.pue,
        "anchor": r.anchor_2023 * np.exp(fading_growth(t, r.anchor_growth, 0, r.anchor_fade)),
    }


def training(given, arc: Values, free: Values) -> Values:
    r = given.training
    parameters = parameters_2023(given.size_mix)[:3] * arc["shrinkage"]
    flop = 6 * parameters * (free["tokens_per_parameter"] * parameters)
    each = flop / (arc["hardware"] * r.utilisation) / JOULES_PER_TWH
    classes = free["base_models"] * (r.class_share * each).sum(0)
    bottom_up = (classes + free["frontier"]) / r.final_run_share
    weight = r.anchor_weight
    return {
        **free,
        "pretraining": 1000 * each,
        "classes": classes,
        "bottom_up": bottom_up,
        "training": bottom_up ** (1 - weight) * free["anchor"] ** weight,
    }


def customisation(given, use: Values, trained: Values) -> Values:
    c = given.customisation
    pretraining_mean = (given.training.class_share * trained["pretraining"]).sum(0)
    saved = c.full_share / c.full_saving + (1 - c.full_share) / c.peft_saving
    tuning = use["applications"] * c.runs * saved * pretraining_mean / 1000
    indexes = c.retrieval_share / c.retrieval_saving
    retrieval = use["applications"] * indexes * pretraining_mean / 1000
    node_hours = trained["base_models"] * c.model_node_hours
    node_hours = node_hours + use["applications"] * c.application_node_hours
    preparation = node_hours * c.node_power / 1e9
    return {
        "pretraining_mean": pretraining_mean,
        "tuning": tuning,
        "retrieval": retrieval,
        "preparation": preparation,
        "customisation": tuning + retrieval + preparation,
    }


class Stock:
    """Accelerators and energised sites, year after year."""

    def __init__(self, limits, years, shares, pue, measures, flexible):
        self.given = limits
        self.pue = pue
        self.kept = 1 - measures.flexible_load_curtailment * flexible
        self.years = years[:, 0]
        self.shares = shares
        age = years - FIRST_YEAR
        self.alive = 1 / (1 + np.exp(-(limits.life - age) / limits.life_spread))
        growth = fading_growth(years - 2024, limits.additions_growth, 0, limits.additions_fade)
        planned = limits.additions_2024 * limits.host_factor * np.exp(growth)
        self.planned = planned * (years >= 2024)
        after = np.maximum(years - START, 0)
        alive = 1 / (1 + np.exp(-(limits.life - after - 1) / limits.life_spread))
        self.old = limits.chips_2023 * limits.host_factor * alive / self.alive[1]
        free = limits.site_scale * np.exp(limits.site_growth * (years - 2024))
        free = free[:, np.newaxis] * limits.site_additions
        free = free * (1 + measures.flexible_load * flexible)
        capped = ramp(years, limits.connection_cap_start, limits.connection_cap_full)
        above = np.maximum(free - limits.connection_cap, 0)
        self.most = free - above * capped[:, np.newaxis]
        self.sites = shares[START - FIRST_YEAR] * limits.chips_2023 * limits.host_factor
        self.sites = self.sites * (1 + limits.spare_sites)
        self.additions = np.zeros_like(planned)
        self.tightness = np.zeros_like(planned)

    def serve(self, i: int, asked) -> Values:
        """One year on: order, build, connect, serve."""
        limits, share, year = self.given, self.shares[i], self.years[i]
        self.additions[i] = self.planned[i] * self.orders(i)
        chips = self.old[i] + (self.additions[: i + 1] * self.alive[i::-1]).sum(0)
        if year > START:
            room = share * chips * (1 + limits.spare_sites) - self.sites
            self.sites = self.sites + np.clip(room, 0, self.most[i])
        capacity = np.minimum(share * chips, self.sites)
        capacity = capacity * TWH_PER_GW * limits.load_factor * self.pue[i] * self.kept[i]
        served = smooth_limit(asked, capacity) if year > START else asked
        self.tightness[i] = np.log(asked.sum(0) / capacity.sum(0))
        return {
            "chips": chips,
            "additions": self.additions[i],
            "sites": self.sites,
            "capacity": capacity,
            "demand": asked,
            "served": served,
            "unserved": missing(asked, capacity) if year > START else np.zeros_like(asked),
            "tightness": self.tightness[i],
        }

    def orders(self, i: int):
        """Answer to the tightness of a lead time ago, which is unseen before 2023."""
        limits = self.given
        lead = limits.lead_time.astype(int)
        seen = self.tightness[i - lead, np.arange(lead.size)]
        seen = np.where(self.years[i] - lead >= START, seen, 0)
        most = np.log(limits.order_maximum)
        return np.exp(np.clip(limits.order_elasticity * seen, -most, most))


# --- What follows from demand ---


def regional_demand(base: Values, ai: dict[str, Values], coins: Values, where: Values):
    """Demand by year, segment and region, TWh."""
    parts = [ai[name][name] for name in ("inference", "training", "customisation")]
    whole = sum(parts)
    served = ai["limits"]["served"]
    ordinary = where["conventional"] * base["pue_region"]
    mining = where["crypto"] * coins["left"]
    mined = mining.sum(1)[:, np.newaxis]
    mining = np.divide(mining, mined, out=np.zeros_like(mining), where=mined > 0)
    return np.stack(
        [
            base["demand"][:, np.newaxis] * ordinary / ordinary.sum(1)[:, np.newaxis],
            *((part / whole)[:, np.newaxis] * served for part in parts),
            coins["demand"][:, np.newaxis] * mining,
        ],
        1,
    )


def totals(regional, ai: dict[str, Values], grid: Values) -> Values:
    limits = ai["limits"]
    by_segment = regional.sum(2)
    served = limits["served"].sum(1)
    data_centres = by_segment[:, 0] + served
    total = data_centres + by_segment[:, 4]
    return {
        "ai": served,
        "data_centres": data_centres,
        "total": total,
        "ai_demand": limits["demand"].sum(1),
        "unserved": limits["unserved"].sum(1),
        "share_of_world_demand": total / grid["world"],
    }


def facilities(given, base: Values, served, years) -> Values:
    hyperscale = given.limits.hyperscale_share
    hosts = np.stack([hyperscale, 1 - hyperscale, np.zeros_like(hyperscale)])
    weight = base["mix"] * base["pue_facility"] / base["pue"][:, np.newaxis]
    own = base["demand"][:, np.newaxis] * weight
    hosted = served.sum(1)[:, np.newaxis] * hosts
    electricity = own + hosted
    at_it = (served / pue_of_ai(given, years)).sum(1)
    it = own / base["pue_facility"] + at_it[:, np.newaxis] * hosts
    installed = own / given.conventional.load_factor + hosted / given.limits.load_factor
    installed = installed / TWH_PER_GW
    whole = electricity.sum(1)
    return {
        "electricity": electricity,
        "it": it,
        "installed": installed,
        "pue": whole / it.sum(1),
        "load_factor": whole / installed.sum(1) / TWH_PER_GW,
        "procurable": weight,
    }


def emissions(given, years, regional, weight, grid: Values) -> Values:
    e, h = given.emissions, given.limits.hyperscale_share
    conventional, ai = regional[:, 0], regional[:, 1:4].sum(1)
    floor = in_force(given.measures, "procurement", years)
    began = ramp(years, e.matched_start, 2024)[:, np.newaxis]

    own = (e.matched_hyperscale * began, e.matched_colocation * began, 0 * began)
    hosted = (h, 1 - h, 0 * h)
    wanted, by_hour = 0, 0
    for f, mine in enumerate(own):
        of_type = conventional * weight[:, f : f + 1] + ai * hosted[f]
        asked = np.maximum(mine, given.measures.procurement)
        hours = np.maximum(e.hourly_share, given.measures.procurement_hourly)
        wanted = wanted + of_type * (mine * (1 - floor) + asked * floor)
        by_hour = by_hour + of_type * (mine * e.hourly_share * (1 - floor) + asked * hours * floor)
    intensity, whole = grid["intensity"], grid["regional"]
    matched = np.minimum(wanted, grid["renewable"][:, np.newaxis] * whole)
    by_hour = by_hour * np.divide(matched, wanted, out=np.ones_like(wanted), where=wanted > 0)
    residual = intensity * whole / (whole - matched)
    used = regional.sum(1)
    location = used * intensity / 1000
    market = (used - matched) * residual / 1000
    hourly = (used - by_hour) * intensity / 1000
    contracts, consumption, world = matched.sum(1), used.sum(1), grid["world"]
    left = (grid["renewable"] * world - contracts) / (world - contracts)
    return {
        "matched": matched,
        "residual": residual,
        "emissions": np.stack([location, market, hourly], 2),
        "emissions_co2": location.sum(1) * given.electricity.co2_share,
        "renewable_share": grid["renewable"],
        "renewable_share_market": (contracts + (consumption - contracts) * left) / consumption,
    }

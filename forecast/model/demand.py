"""The composition: the equations of one year in order, and the loop over years."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.axes import FIRST_YEAR
from forecast.model.adoption import Adoption, AdoptionPath, adoption, rebound, service_cost
from forecast.model.block import block, part, quantity
from forecast.model.conventional import (
    Conventional,
    ConventionalPath,
    conventional,
    free_pue,
)
from forecast.model.crypto import START_YEAR, Crypto, CryptoPath, crypto
from forecast.model.customisation import Customisation, CustomisationPath, customisation
from forecast.model.efficiency import BASE_YEAR, Efficiency, EfficiencyPath, efficiency
from forecast.model.electricity import Electricity, ElectricityPath, electricity
from forecast.model.emissions import Emissions, EmissionsPath, contracted, emissions
from forecast.model.facilities import FacilitiesPath, ai_hosts, facilities
from forecast.model.inference import Inference, generative_energy, token_energy, token_energy_2023
from forecast.model.limits import (
    Limits,
    LimitsPath,
    LimitsState,
    alive,
    first_state,
    limits,
    next_state,
)
from forecast.model.measures import (
    Measures,
    ai_pue,
    by_standard,
    flexible,
    force,
    leaner,
    reused,
    right_sized,
)
from forecast.model.paths import noise_level
from forecast.model.regions import Regions, RegionsPath, regions
from forecast.model.size_mix import SizeMix, SizeMixPath, free_mix, parameters_2023
from forecast.model.training import Training, TrainingPath, training


@block
class Noise:
    """Inputs of the year-to-year noise."""

    persistence: Float[Array, ""] = quantity("1", "share of a deviation that remains a year later")
    conventional: Float[Array, ""] = quantity("1", "sd of innovations, log conventional energy")
    ai: Float[Array, ""] = quantity("1", "sd of innovations, log AI demand")


@block
class Inputs:
    """Everything the model takes that has a prior."""

    conventional: Conventional = part("conventional data centres")
    efficiency: Efficiency = part("arc of AI efficiency")
    adoption: Adoption = part("adoption of AI")
    size_mix: SizeMix = part("sizes of generative models")
    inference: Inference = part("inference")
    training: Training = part("training")
    customisation: Customisation = part("customisation")
    limits: Limits = part("limits to growth")
    crypto: Crypto = part("cryptocurrency mining")
    regions: Regions = part("regions")
    electricity: Electricity = part("the world's electricity")
    emissions: Emissions = part("emissions")
    measures: Measures = part("what policies do to AI")
    noise: Noise = part("year-to-year noise")


@block
class Innovations:
    """Standard normal innovations of the year-to-year noise, one stream each."""

    conventional: Float[Array, "*year"] = quantity("1", "of log conventional energy")
    ai: Float[Array, "*year"] = quantity("1", "of log AI demand")
    crypto: Float[Array, "*year"] = quantity("1", "of log crypto energy")


@block
class InferencePath:
    """Outputs of inference."""

    token_energy: Float[Array, "*year"] = quantity(
        "J", "IT energy per output token", "2 P (1 + context) (1 + RAG) precision / (F u software)"
    )
    unit_energy: Float[Array, "*year"] = quantity("1", "energy per token over 2023", "e / e(2023)")
    cost: Float[Array, "*year"] = quantity(
        "1", "cost of a service over 2023", "s · I · p + (1 - s) I^ω"
    )
    rebound: Float[Array, "*year"] = quantity(
        "1", "factor on use from a cost off the reference path", "(c / c_ref)^-ε, clipped"
    )
    tokens: Float[Array, "*year"] = quantity("tokens", "output tokens", "reference · rebound")
    generative: Float[Array, "*year"] = quantity(
        "TWh", "IT energy of generated tokens", "tokens · e / 3.6e15"
    )
    inference: Float[Array, "*year"] = quantity(
        "TWh", "IT energy of inference", "generative + other"
    )


@block
class TotalsPath:
    """Sums that a reader asks for first."""

    total: Float[Array, "*year"] = quantity("TWh", "all segments", "Σ segments")
    data_centres: Float[Array, "*year"] = quantity("TWh", "conventional and AI", "total - crypto")
    ai: Float[Array, "*year"] = quantity("TWh", "three AI segments, served", "Σ_r served")
    ai_demand: Float[Array, "*year"] = quantity(
        "TWh", "AI demand before limits, at the meter", "(inference + training + customisation) PUE"
    )
    unserved: Float[Array, "*year"] = quantity("TWh", "AI demand not served", "Σ_r unserved")
    share_of_world_demand: Float[Array, "*year"] = quantity(
        "1", "total over world electricity demand (Ember)", "total / world"
    )


@block
class Outputs:
    """Everything the model gives."""

    demand: Float[Array, "*year segment"] = quantity(
        "TWh", "electricity by segment, served, at the meter", "segments of the world"
    )
    regional: Float[Array, "*year segment region"] = quantity(
        "TWh", "electricity by segment and region", "sums over regions to demand"
    )
    totals: TotalsPath = part("totals")
    conventional: ConventionalPath = part("conventional data centres")
    efficiency: EfficiencyPath = part("arc of AI efficiency")
    adoption: AdoptionPath = part("adoption of AI")
    size_mix: SizeMixPath = part("sizes of generative models")
    inference: InferencePath = part("inference")
    training: TrainingPath = part("training")
    customisation: CustomisationPath = part("customisation")
    limits: LimitsPath = part("limits to growth")
    crypto: CryptoPath = part("cryptocurrency mining")
    regions: RegionsPath = part("regions")
    facilities: FacilitiesPath = part("facility types")
    electricity: ElectricityPath = part("the world's electricity")
    emissions: EmissionsPath = part("emissions")
    noise: Float[Array, "*year stream"] = quantity(
        "1",
        "level noise on log conventional energy, log AI demand, log crypto energy",
        "φ a(y - 1) + σ ε(y)",
    )


@block
class Anchors:
    """What later years are measured against, once a draw."""

    pue_2015: Float[Array, ""] = quantity("1", "PUE of conventional sites in 2015, without policy")
    token_energy_2023: Float[Array, ""] = quantity("J", "IT energy per output token in 2023")
    kept: Float[Array, " age"] = quantity("1", "share of a vintage alive at each whole age")


@block
class State:
    """What one year hands to the next."""

    limits: LimitsState = part("stocks and memory of the limits")
    conventional: Float[Array, ""] = quantity("1", "level noise, log conventional energy")
    ai: Float[Array, ""] = quantity("1", "level noise, log AI demand")
    crypto: Float[Array, ""] = quantity("1", "level noise, log crypto energy")


def next_noise(
    inputs: Inputs, state: State, year: Float[Array, ""], innovations: Innovations
) -> tuple[Array, Array, Array]:
    """Level noise of the year: conventional, AI and crypto, which starts after 2022."""
    persistence = inputs.noise.persistence
    volatility = jnp.where(year > START_YEAR, inputs.crypto.volatility, 0.0)
    return (
        noise_level(
            state.conventional, persistence, inputs.noise.conventional, innovations.conventional
        ),
        noise_level(state.ai, persistence, inputs.noise.ai, innovations.ai),
        noise_level(state.crypto, inputs.crypto.persistence, volatility, innovations.crypto),
    )


def inference(
    inputs: Inputs,
    anchors: Anchors,
    year: Float[Array, ""],
    volumes: AdoptionPath,
    mix: SizeMixPath,
    gains: EfficiencyPath,
    reference: Float[Array, ""],
) -> InferencePath:
    """Inference of one year, with the rebound of its cost."""
    energy = token_energy(inputs.inference, mix.mean_parameters, gains)
    unit = energy / anchors.token_energy_2023
    cost = service_cost(inputs.adoption, unit, volumes.price_index)
    factor = rebound(inputs.adoption, cost, reference)
    factor = jnp.where(year > BASE_YEAR, factor, 1.0)
    tokens = volumes.tokens_reference * factor
    generative = generative_energy(tokens, energy)
    return InferencePath(
        token_energy=energy,
        unit_energy=unit,
        cost=cost,
        rebound=factor,
        tokens=tokens,
        generative=generative,
        inference=generative + volumes.other,
    )


def regional_demand(
    ordinary: ConventionalPath,
    ai: Float[Array, " ai"],
    mined: CryptoPath,
    served: Float[Array, " region"],
    shares: RegionsPath,
) -> Float[Array, "segment region"]:
    """Electricity by segment and region, served; `ai` is the split of AI, any level.

    A measure that reaches some regions alone moves their part of a segment.
    """
    split = ai / jnp.sum(ai)
    at_sites, at_mines = shares.conventional * ordinary.pue_region, shares.crypto * mined.left
    return jnp.concatenate(
        [
            jnp.expand_dims(ordinary.demand * at_sites / jnp.sum(at_sites), 0),
            jnp.outer(split, served),
            jnp.expand_dims(_spread(mined.demand, at_mines), 0),
        ]
    )


def _spread(amount: Float[Array, ""], weight: Float[Array, " region"]) -> Float[Array, " region"]:
    """Spread an amount by weights, which are all zero where nothing is left of it."""
    whole = jnp.sum(weight)
    return amount * weight / jnp.where(whole > 0.0, whole, 1.0)


def emissions_of(
    inputs: Inputs,
    year: Float[Array, ""],
    supply: ElectricityPath,
    regional: Float[Array, "segment region"],
    sites: FacilitiesPath,
) -> EmissionsPath:
    """Emissions of all segments in one year, with the contracts of hyperscale and colocation."""
    ordinary, special = regional[0], regional[1] + regional[2] + regional[3]
    hosts = ai_hosts(inputs.limits)
    contracts = contracted(
        inputs.emissions, inputs.measures, year, ordinary, special, sites.procurable, hosts
    )
    whole = ordinary + special + regional[4]
    return emissions(contracts, supply, whole, inputs.electricity.co2_share)


def carbon_intensity(
    inputs: Inputs, supply: ElectricityPath, year: Float[Array, ""], share: Float[Array, " region"]
) -> Float[Array, ""]:
    """Mean carbon intensity of the AI that pays a carbon price, gCO2e/kWh, the rest as none."""
    levers = inputs.adoption
    reached = force(
        year, levers.carbon_price_reach, levers.carbon_price_start, levers.carbon_price_full
    )
    return jnp.sum(supply.intensity * share * reached)


def year_of(
    inputs: Inputs,
    anchors: Anchors,
    state: State,
    year: Float[Array, ""],
    innovations: Innovations,
    reference: Float[Array, ""],
) -> tuple[State, Outputs]:
    """One year of the model, top to bottom.

    Parameters
    ----------
    inputs, anchors, state
    year : yr
    innovations : 1
        Standard normals of the year.
    reference : 1
        Cost of an AI service over 2023 on the reference path.

    Returns
    -------
    State after the year, and Outputs of the year

    References
    ----------
    docs/model.md, section by section in this order.
    """
    supply = electricity(inputs.electricity, year)
    noise = next_noise(inputs, state, year, innovations)
    shares = regions(inputs.regions, year)
    ordinary = conventional(
        inputs.conventional, year, noise[0], anchors.pue_2015, supply.world, shares.conventional
    )

    measures = inputs.measures
    saved = by_standard(measures, year, shares.ai)
    free = efficiency(inputs.efficiency, year, state.limits.incentive, saved)
    gains = leaner(measures, year, shares.ai, free)
    volumes = adoption(inputs.adoption, year, carbon_intensity(inputs, supply, year, shares.ai))
    sizes = parameters_2023(inputs.size_mix)
    mix = right_sized(measures, year, shares.ai, free_mix(inputs.size_mix, year), sizes)
    serving = inference(inputs, anchors, year, volumes, mix, gains, reference)
    # Frontier runs are known at the meter of sites as they are, whatever a policy makes of these.
    known, shared = inputs.limits.pue, volumes.new_applications * reused(measures, year, shares.ai)
    trained = training(inputs.training, year, shared, sizes[:-1], gains, known)
    share = inputs.training.class_share
    models, energies = trained.base_models, trained.pretraining
    custom = customisation(inputs.customisation, volumes.applications, models, energies, share)

    split = jnp.stack([serving.inference, trained.training, custom.customisation])
    by_region = ai_pue(measures, year, known)
    asked = jnp.sum(split) * jnp.exp(noise[1]) * shares.ai * by_region
    met = limits(
        inputs.limits,
        state.limits,
        year,
        anchors.kept,
        asked,
        shares.ai,
        by_region,
        flexible(measures, year),
    )
    ai = jnp.sum(met.served)

    mined = crypto(inputs.crypto, year, noise[2], innovations.crypto, shares.crypto)
    regional = regional_demand(ordinary, split, mined, met.served, shares)
    pue = jnp.sum(met.served) / jnp.sum(met.served / by_region)
    sites = facilities(inputs.conventional, inputs.limits, ordinary, ai, pue)
    total = ordinary.demand + ai + mined.demand
    after = State(next_state(state.limits, met, year, inputs.efficiency.incentive), *noise)
    return after, Outputs(
        demand=jnp.sum(regional, axis=-1),
        regional=regional,
        totals=TotalsPath(
            total=total,
            data_centres=ordinary.demand + ai,
            ai=ai,
            ai_demand=jnp.sum(asked),
            unserved=jnp.sum(met.unserved),
            share_of_world_demand=total / supply.world,
        ),
        conventional=ordinary,
        efficiency=gains,
        adoption=volumes,
        size_mix=mix,
        inference=serving,
        training=trained,
        customisation=custom,
        limits=met,
        crypto=mined,
        regions=shares,
        facilities=sites,
        electricity=supply,
        emissions=emissions_of(inputs, year, supply, regional, sites),
        noise=jnp.stack(noise),
    )


def begin(
    inputs: Inputs, reference: Float[Array, " year"]
) -> tuple[Float[Array, " year"], Anchors, State]:
    """Years, anchors and the state before the first year.

    Parameters
    ----------
    inputs
    reference : 1
        Its length sets the years.

    Returns
    -------
    Years, Anchors, State
    """
    ages = jnp.arange(reference.shape[0], dtype=reference.dtype)
    years = FIRST_YEAR + ages
    base, sizes = jnp.full_like(ages[0], BASE_YEAR), parameters_2023(inputs.size_mix)
    mean = jnp.sum(free_mix(inputs.size_mix, base) * sizes)
    hardware = inputs.efficiency.hardware_2023
    shares = regions(inputs.regions, base)
    anchors = Anchors(
        pue_2015=free_pue(inputs.conventional, years[0]),
        token_energy_2023=token_energy_2023(inputs.inference, mean, hardware),
        kept=alive(inputs.limits, ages),
    )
    zero = jnp.zeros_like(inputs.limits.pue)
    return years, anchors, State(first_state(inputs.limits, ages, shares.ai), zero, zero, zero)


def demand(inputs: Inputs, innovations: Innovations, reference: Float[Array, " year"]) -> Outputs:
    """Demand of one draw over all years, 2015 on.

    Parameters
    ----------
    inputs
        Scalars and small vectors, in canonical units.
    innovations : 1
        Standard normals by year; their length sets the years.
    reference : 1
        Cost of an AI service over 2023 on the reference path, for the rebound.

    Returns
    -------
    Outputs, each with the year as its first axis

    References
    ----------
    docs/model.md.
    """
    years, anchors, start = begin(inputs, reference)

    def step(
        state: State, row: tuple[Float[Array, ""], Innovations, Float[Array, ""]]
    ) -> tuple[State, Outputs]:
        return year_of(inputs, anchors, state, *row)

    return jax.lax.scan(step, start, (years, innovations, reference))[1]

"""Training of base models: classes by amortisation, frontier runs, and a top-down anchor."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.model.block import block, quantity
from forecast.model.efficiency import BASE_YEAR, EfficiencyPath
from forecast.model.inference import JOULES_PER_TWH
from forecast.model.paths import fading_growth

OPERATIONS = 6.0
"""Floating-point operations per parameter and training token, forward and backward. (FLOP; Kaplan
et al. (2020), arXiv:2001.08361, section 2.1)"""

GWH_PER_TWH = 1000.0
"""(GWh/TWh; definition)"""


@block
class Training:
    """Inputs of the block."""

    applications_per_model: Float[Array, ""] = quantity(
        "1", "applications that one base model serves: the amortisation of pre-training"
    )
    class_share: Float[Array, " base_size"] = quantity(
        "1", "share of base models by class: small, medium, large"
    )
    tokens_per_parameter_2023: Float[Array, ""] = quantity(
        "tokens", "training tokens per parameter in 2023"
    )
    tokens_per_parameter_ceiling: Float[Array, ""] = quantity("tokens", "what it rises to")
    tokens_per_parameter_rate: Float[Array, ""] = quantity("1/yr", "how fast it rises there")
    utilisation: Float[Array, ""] = quantity("1", "model FLOP utilisation in training (MFU)")
    frontier_runs_2023: Float[Array, ""] = quantity("1", "frontier runs in 2023")
    frontier_runs_growth: Float[Array, ""] = quantity("1/yr", "log growth of their number")
    frontier_energy_2023: Float[Array, ""] = quantity(
        "GWh", "energy of one frontier run in 2023, at the meter"
    )
    frontier_power_growth: Float[Array, ""] = quantity("1/yr", "log growth of a run's power")
    frontier_duration_growth: Float[Array, ""] = quantity("1/yr", "log growth of a run's duration")
    frontier_fade: Float[Array, ""] = quantity("1/yr", "how fast both growths fade")
    final_run_share: Float[Array, ""] = quantity(
        "1", "final runs in the compute of research and training together"
    )
    anchor_2023: Float[Array, ""] = quantity(
        "TWh", "training and research in 2023 seen from the top, before PUE"
    )
    anchor_growth: Float[Array, ""] = quantity("1/yr", "its log growth in 2023")
    anchor_fade: Float[Array, ""] = quantity("1/yr", "how fast that growth fades")
    anchor_weight: Float[Array, ""] = quantity(
        "1", "weight of the anchor in the log mean with the bottom-up sum"
    )


@block
class TrainingPath:
    """Outputs of the block."""

    base_models: Float[Array, "*year"] = quantity(
        "1", "base models trained in the year", "new applications / applications per model"
    )
    tokens_per_parameter: Float[Array, "*year"] = quantity(
        "tokens", "training tokens per parameter", "rises from d(2023) to its ceiling"
    )
    pretraining: Float[Array, "*year base_size"] = quantity(
        "GWh", "IT energy to pre-train one base model", "6 P_k² d / (F MFU)"
    )
    classes: Float[Array, "*year"] = quantity(
        "TWh", "IT energy of the final runs of the classes", "Σ_k runs_k E_pretrain,k"
    )
    frontier: Float[Array, "*year"] = quantity(
        "TWh", "IT energy of the final frontier runs", "n_f E_f / PUE_ai"
    )
    bottom_up: Float[Array, "*year"] = quantity(
        "TWh", "training and research from the bottom", "(classes + frontier) / final-run share"
    )
    anchor: Float[Array, "*year"] = quantity(
        "TWh", "training and research from the top", "anchor(2023) exp(Σ growth)"
    )
    training: Float[Array, "*year"] = quantity(
        "TWh", "IT energy of training and research", "bottom_up^(1 - w) anchor^w"
    )


def pretraining_energy(
    parameters: Float[Array, " base_size"],
    tokens_per_parameter: Float[Array, ""],
    hardware: Float[Array, ""],
    utilisation: Float[Array, ""],
) -> Float[Array, " base_size"]:
    """IT energy of one pre-training run.

    Parameters
    ----------
    parameters : 1
    tokens_per_parameter : tokens
    hardware : FLOP/J
        At dense 16-bit.
    utilisation : 1
        Model FLOP utilisation.

    Returns
    -------
    TWh

    References
    ----------
    Six operations per parameter and token: Kaplan et al. (2020), arXiv:2001.08361.
    """
    operations = OPERATIONS * parameters * (tokens_per_parameter * parameters)
    return operations / (hardware * utilisation) / JOULES_PER_TWH


def frontier_energy(
    inputs: Training, elapsed: Float[Array, ""], pue: Float[Array, ""]
) -> Float[Array, ""]:
    """IT energy of the final frontier runs of a year.

    Parameters
    ----------
    inputs
    elapsed : yr
        Since 2023.
    pue : 1
        Of AI sites, since frontier runs are known at the meter.

    Returns
    -------
    TWh

    References
    ----------
    Definition (docs/model.md, Training).
    """
    growth = inputs.frontier_power_growth + inputs.frontier_duration_growth
    run = fading_growth(elapsed, growth, jnp.zeros_like(growth), inputs.frontier_fade)
    grown = jnp.exp(run + inputs.frontier_runs_growth * elapsed)
    return inputs.frontier_runs_2023 * inputs.frontier_energy_2023 * grown / GWH_PER_TWH / pue


def training(
    inputs: Training,
    year: Float[Array, ""],
    new_applications: Float[Array, ""],
    parameters: Float[Array, " base_size"],
    efficiency: EfficiencyPath,
    pue: Float[Array, ""],
) -> TrainingPath:
    """IT energy of training and research in one year.

    Parameters
    ----------
    inputs
    year : yr
    new_applications : 1
        Deployed on top of those of the year before.
    parameters : 1
        Active parameters of the classes in 2023.
    efficiency
        Of the year.
    pue : 1
        Of AI sites.

    Returns
    -------
    TrainingPath of the year

    References
    ----------
    Definition (docs/model.md, Training).
    """
    elapsed = year - BASE_YEAR
    ceiling, first = inputs.tokens_per_parameter_ceiling, inputs.tokens_per_parameter_2023
    risen = -jnp.expm1(-inputs.tokens_per_parameter_rate * jnp.maximum(elapsed, 0.0))
    data = first * jnp.exp(jnp.log(ceiling / first) * risen)
    one = pretraining_energy(
        parameters * efficiency.shrinkage, data, efficiency.hardware, inputs.utilisation
    )
    models = new_applications / inputs.applications_per_model
    classes = models * jnp.sum(inputs.class_share * one)
    frontier = frontier_energy(inputs, elapsed, pue)
    bottom_up = (classes + frontier) / inputs.final_run_share
    zero = jnp.zeros_like(elapsed)
    anchor = fading_growth(elapsed, inputs.anchor_growth, zero, inputs.anchor_fade)
    top_down = jnp.log(inputs.anchor_2023) + anchor
    weight = inputs.anchor_weight
    return TrainingPath(
        base_models=models,
        tokens_per_parameter=data,
        pretraining=one * GWH_PER_TWH,
        classes=classes,
        frontier=frontier,
        bottom_up=bottom_up,
        anchor=jnp.exp(top_down),
        training=jnp.exp((1.0 - weight) * jnp.log(bottom_up) + weight * top_down),
    )

"""Customisation: fine-tuning, parameter-efficient tuning, retrieval indexes, data preparation."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from forecast.model.block import block, quantity

KWH_PER_TWH = 1e9
"""(kWh/TWh; definition)"""

GWH_PER_TWH = 1000.0
"""(GWh/TWh; definition)"""


@block
class Customisation:
    """Inputs of the block."""

    runs: Float[Array, ""] = quantity("1/yr", "tuning runs per application")
    full_share: Float[Array, ""] = quantity("1", "share of runs that tune all weights")
    full_saving: Float[Array, ""] = quantity("1", "pre-training over full fine-tuning, energy")
    peft_saving: Float[Array, ""] = quantity("1", "pre-training over PEFT, energy")
    retrieval_saving: Float[Array, ""] = quantity(
        "1", "pre-training over building and renewing a retrieval index, energy"
    )
    retrieval_share: Float[Array, ""] = quantity("1", "share of applications with an index")
    model_node_hours: Float[Array, ""] = quantity(
        "h", "data preparation per base model, node-hours"
    )
    application_node_hours: Float[Array, ""] = quantity(
        "h", "data preparation per application and year, node-hours"
    )
    node_power: Float[Array, ""] = quantity("kW", "average draw of a preparation node")


@block
class CustomisationPath:
    """Outputs of the block."""

    pretraining_mean: Float[Array, "*year"] = quantity(
        "GWh", "pre-training of the mean base model", "Σ_k share_k E_pretrain,k"
    )
    tuning: Float[Array, "*year"] = quantity(
        "TWh", "fine-tuning", "N runs (share_full full + share_peft PEFT)"
    )
    retrieval: Float[Array, "*year"] = quantity("TWh", "retrieval indexes", "N share index")
    preparation: Float[Array, "*year"] = quantity(
        "TWh", "data preparation", "(models · h_model + N · h_application) · node power"
    )
    customisation: Float[Array, "*year"] = quantity(
        "TWh", "IT energy of customisation", "tuning + retrieval + preparation"
    )


def customisation(
    inputs: Customisation,
    applications: Float[Array, ""],
    base_models: Float[Array, ""],
    pretraining: Float[Array, " base_size"],
    class_share: Float[Array, " base_size"],
) -> CustomisationPath:
    """IT energy of customisation in one year.

    Parameters
    ----------
    inputs
    applications : 1
        Deployed in the year.
    base_models : 1
        Trained in the year.
    pretraining : GWh
        Of one base model, by class.
    class_share : 1

    Returns
    -------
    CustomisationPath of the year

    References
    ----------
    Savings over pre-training: the seed talk (docs/model.md, Customisation).
    """
    mean = jnp.sum(class_share * pretraining)
    full, peft = mean / inputs.full_saving, mean / inputs.peft_saving
    per_run = inputs.full_share * full + (1.0 - inputs.full_share) * peft
    tuning = applications * inputs.runs * per_run / GWH_PER_TWH
    index = mean / inputs.retrieval_saving / GWH_PER_TWH
    retrieval = applications * inputs.retrieval_share * index
    hours = base_models * inputs.model_node_hours + applications * inputs.application_node_hours
    preparation = hours * inputs.node_power / KWH_PER_TWH
    return CustomisationPath(
        pretraining_mean=mean,
        tuning=tuning,
        retrieval=retrieval,
        preparation=preparation,
        customisation=tuning + retrieval + preparation,
    )

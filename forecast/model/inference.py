"""Inference: energy of a token and of the services that serve them."""

from jaxtyping import Array, Float

from forecast.model.block import block, quantity
from forecast.model.efficiency import EfficiencyPath

OPERATIONS = 2.0
"""Floating-point operations per active parameter and token, forward pass. (FLOP; Kaplan et al.
(2020), arXiv:2001.08361, section 2.1)"""

JOULES_PER_TWH = 3.6e15
"""(J/TWh; definition)"""


@block
class Inference:
    """Inputs of the block."""

    utilisation: Float[Array, ""] = quantity(
        "1", "delivered share of peak while decoding, idle time included"
    )
    context_overhead: Float[Array, ""] = quantity(
        "1", "energy of reading the prompt and the context, over that of writing the output"
    )
    retrieval_share: Float[Array, ""] = quantity("1", "share of requests that use retrieval (RAG)")
    retrieval_overhead: Float[Array, ""] = quantity(
        "1", "energy that retrieval adds to such a request, over the request without it"
    )


def token_energy_2023(
    inputs: Inference, mean_parameters: Float[Array, ""], hardware: Float[Array, ""]
) -> Float[Array, ""]:
    """IT energy per output token at the efficiency of 2023.

    Parameters
    ----------
    inputs
    mean_parameters : 1
        Active parameters per token.
    hardware : FLOP/J
        At dense 16-bit.

    Returns
    -------
    J

    References
    ----------
    Two operations per parameter and token: Kaplan et al. (2020), arXiv:2001.08361. Definition
    (docs/model.md, Inference).
    """
    writing = OPERATIONS * mean_parameters / (hardware * inputs.utilisation)
    overhead = 1.0 + inputs.retrieval_share * inputs.retrieval_overhead
    return writing * (1.0 + inputs.context_overhead) * overhead


def token_energy(
    inputs: Inference, mean_parameters: Float[Array, ""], efficiency: EfficiencyPath
) -> Float[Array, ""]:
    """IT energy per output token in one year.

    Parameters
    ----------
    inputs
    mean_parameters : 1
        Active parameters per token at the sizes of 2023.
    efficiency
        Of the year, as scalars.

    Returns
    -------
    J

    References
    ----------
    Definition (docs/model.md, Inference).
    """
    base = token_energy_2023(inputs, mean_parameters, efficiency.hardware)
    return base * efficiency.shrinkage * efficiency.precision / efficiency.software


def generative_energy(tokens: Float[Array, ""], energy: Float[Array, ""]) -> Float[Array, ""]:
    """IT energy of generated tokens.

    Parameters
    ----------
    tokens : tokens
        Output tokens in the year.
    energy : J
        Per token.

    Returns
    -------
    TWh
    """
    return tokens * energy / JOULES_PER_TWH

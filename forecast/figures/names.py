"""What a reader calls the variables and regions of a summary."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "total": "Data centres, AI and crypto",
        "data_centres": "Data centres and AI, without crypto",
        "ai": "AI",
        "conventional": "Conventional",
        "crypto": "Crypto",
        "ai_inference": "AI inference",
        "ai_training": "AI training",
        "ai_customisation": "AI customisation",
        "ai_demand": "AI before limits",
        "unserved": "AI that is not served",
        "share_of_world_demand": "Share of the world's electricity",
        "emissions_location": "Emissions by location",
        "emissions_market": "Emissions by contract",
        "emissions_hourly": "Emissions matched by the hour",
        "emissions_co2": "CO₂ of combustion",
        "renewable_share": "Renewable share by location",
        "renewable_share_market": "Renewable share by contract",
        "renewable_share_of_growth": "Renewable share of growth, by location",
        "renewable_share_of_growth_market": "Renewable share of growth, by contract",
        "pue": "PUE",
        "united_states": "United States",
        "china": "China",
        "europe": "Europe",
        "asia_pacific": "Asia Pacific without China",
        "rest_of_world": "Rest of the world",
    }
)
"""Variable or region → its name; what is not here is told by its own word."""


def named(word: str) -> str:
    """Name of a variable or region."""
    plain = word.replace("_", " ")
    return NAMES.get(word, plain[:1].upper() + plain[1:])


def unit_named(unit: str) -> str:
    """Unit as an axis says it; energy and emissions are of a year.

    Parameters
    ----------
    unit
        Of a row of the summary.

    Returns
    -------
    str
        Empty for a plain number.
    """
    if unit == "1":
        return ""
    yearly = unit.endswith("Wh") or unit.startswith("Mt")
    return f"{unit} a year" if yearly else unit

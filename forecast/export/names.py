"""The names of the summary's variables, statistics, regions and units in the IAMC format."""

from typing import Final

_CENTRES: Final = "Final Energy|Data Centres"

VARIABLES: Final[dict[str, str]] = {
    "total": "Final Energy|Data Centres and Crypto|Electricity",
    "data_centres": f"{_CENTRES}|Electricity",
    "conventional": f"{_CENTRES}|Conventional|Electricity",
    "ai": f"{_CENTRES}|AI|Electricity",
    "ai_inference": f"{_CENTRES}|AI|Inference|Electricity",
    "ai_training": f"{_CENTRES}|AI|Training|Electricity",
    "ai_customisation": f"{_CENTRES}|AI|Customisation|Electricity",
    "crypto": "Final Energy|Crypto|Electricity",
    "ai_demand": f"{_CENTRES}|AI|Electricity|Before Limits",
    "unserved": f"{_CENTRES}|AI|Electricity|Unserved",
    "share_of_world_demand": "Final Energy|Data Centres and Crypto|Electricity|Share of World",
    "emissions_location": "Emissions|Kyoto Gases|Data Centres and Crypto|Location-Based",
    "emissions_market": "Emissions|Kyoto Gases|Data Centres and Crypto|Market-Based",
    "emissions_hourly": "Emissions|Kyoto Gases|Data Centres and Crypto|Hourly Matched",
    "emissions_co2": "Emissions|CO2|Data Centres and Crypto|Location-Based",
    "renewable_share": "Renewable Share|Data Centres and Crypto|Location-Based",
    "renewable_share_market": "Renewable Share|Data Centres and Crypto|Market-Based",
    "renewable_share_of_growth": "Renewable Share|Data Centres and Crypto|Growth|Location-Based",
    "renewable_share_of_growth_market": (
        "Renewable Share|Data Centres and Crypto|Growth|Market-Based"
    ),
    "workloads": "Activity|Data Centres|Conventional|Workloads",
    "pue": "Power Usage Effectiveness|Data Centres",
    "load_factor": "Load Factor|Data Centres",
    "installed_capacity_hyperscale": "Capacity|Data Centres|Hyperscale",
    "installed_capacity_colocation": "Capacity|Data Centres|Colocation",
    "installed_capacity_enterprise": "Capacity|Data Centres|Enterprise",
}
"""Variable of the summary → IAMC variable, before the statistic."""

SUFFIXES: Final[dict[str, str]] = {
    "mean": "Mean",
    "p05": "5th Percentile",
    "p10": "10th Percentile",
    "p50": "Median",
    "p90": "90th Percentile",
    "p95": "95th Percentile",
}
"""Statistic → last part of an IAMC variable; its Monte Carlo standard error stands behind it."""

ERROR: Final = "Monte Carlo Standard Error"
"""Part of the name behind the statistic that it is the error of."""

REGIONS: Final[dict[str, str]] = {
    "": "World",
    "united_states": "United States",
    "china": "China",
    "europe": "Europe",
    "asia_pacific": "Other Asia Pacific",
    "rest_of_world": "Rest of World",
}
"""Region of the summary → IAMC region."""

UNITS: Final[dict[str, str]] = {
    "TWh": "TWh/yr",
    "MtCO2": "Mt CO2/yr",
    "MtCO2e": "Mt CO2-equiv/yr",
    "GW": "GW",
    "1": "",
}
"""Unit of the summary → IAMC unit; a bare number has none."""

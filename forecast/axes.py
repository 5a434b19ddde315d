"""The names of the dimensions and their fixed labels. An axis is named here and nowhere else."""

from typing import Final

SEGMENTS: Final = ("conventional", "ai_inference", "ai_training", "ai_customisation", "crypto")
"""Parts that demand is split into; they sum to the total."""

REGIONS: Final = ("united_states", "china", "europe", "asia_pacific", "rest_of_world")
"""`asia_pacific` is Asia Pacific other than China; the five sum to the world."""

FACILITIES: Final = ("hyperscale", "colocation", "enterprise")
"""Who runs the site."""

SIZES: Final = ("small", "medium", "large", "frontier")
"""Classes of generative models by active parameters."""

BASE_SIZES: Final = ("small", "medium", "large")
"""Classes whose base models are counted by amortisation; frontier runs are counted one by one."""

ACCOUNTS: Final = ("location", "market", "hourly")
"""Ways to account for the emissions of the same demand."""

GROUPS: Final = ("conventional", "ai", "crypto")
"""Segment groups that share one regional distribution."""

STREAMS: Final = ("conventional", "ai", "crypto")
"""Streams of year-to-year noise."""

STATUS: Final = ("valid", "not_finite", "negative", "above_world")
"""Why a draw fails: no number, a negative amount, more than the world's electricity."""

PAST_YEARS: Final = tuple(str(year) for year in range(2015, 2022))
"""Years in which crypto mining is observed."""

KNOWN_YEARS: Final = tuple(str(year) for year in range(2015, 2026))
"""Years in which the world's electricity is observed."""

LABELS: Final[dict[str, tuple[str, ...]]] = {
    "segment": SEGMENTS,
    "region": REGIONS,
    "facility": FACILITIES,
    "size": SIZES,
    "base_size": BASE_SIZES,
    "past_year": PAST_YEARS,
    "known_year": KNOWN_YEARS,
    "stream": STREAMS,
    "account": ACCOUNTS,
    "group": GROUPS,
}
"""Dimension name → its labels, for every dimension with fixed labels."""

FIRST_YEAR: Final = 2015
"""First year of every trajectory (the indices of the model are one in this year)."""

LAST_YEAR: Final = 2050
"""Latest horizon that a scenario may ask for."""

WATCHED: Final[dict[str, str]] = {
    "total": "TWh",
    "data_centres": "TWh",
    "ai": "TWh",
    "conventional": "TWh",
    "crypto": "TWh",
    "ai_demand": "TWh",
    "unserved": "TWh",
    "share_of_world_demand": "1",
    "emissions_location": "MtCO2e",
    "emissions_market": "MtCO2e",
    "emissions_hourly": "MtCO2e",
}
"""What a rule may watch in the world, in order → its unit."""

WATCHED_BY_REGION: Final = ("total", "data_centres", "unserved")
"""What a rule may watch in a region, in order; each over `REGIONS`."""

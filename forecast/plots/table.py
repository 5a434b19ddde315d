"""The table of figures: a line a figure, and nothing that takes time to import."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class Kind:
    """A figure that can be drawn of a stored result.

    Attributes
    ----------
    told : str
        What it shows, in a line.
    data : str
        ``module:function``: (result, choice) → Datasets that the picture takes.
    picture : str
        ``module:function`` that draws them; its module says `title` and `said` of them as well.
    result : str
        One of `RESULTS`: what it is a figure of.
    """

    told: str
    data: str
    picture: str
    result: str = "run"

    @property
    def model(self) -> bool:
        """Whether its numbers ask the model again."""
        return self.data.startswith("forecast.plots.again:")


RESULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "run": "run.nc",
        "posterior": "posterior.nc",
        "backtest": "backtest.nc",
    }
)
"""What a figure may be of → its file in a folder of results."""

FIGURES: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "fan": Kind(
            "demand by year, with history, the IEA's cases and published forecasts",
            "forecast.plots.data:fan",
            "forecast.figures.fan:picture",
        ),
        "segments": Kind(
            "demand by segment: stacked medians, and the interval of the total",
            "forecast.plots.data:segments",
            "forecast.figures.segments:segments",
        ),
        "differences": Kind(
            "what policies change: paired differences from the baseline",
            "forecast.plots.data:differences",
            "forecast.figures.differences:differences",
        ),
        "tornado": Kind(
            "how far an outcome goes from p10 to p90 of each input",
            "forecast.plots.data:tornado",
            "forecast.figures.tornado:tornado",
        ),
        "variance": Kind(
            "where the spread comes from, year by year (asks the model again)",
            "forecast.plots.again:variance",
            "forecast.figures.variance:variance",
        ),
        "update": Kind(
            "inputs before and after history: prior to posterior (draws the prior again)",
            "forecast.plots.again:update",
            "forecast.figures.update:moved",
        ),
        "exceedance": Kind(
            "the chance that an outcome is above a level",
            "forecast.plots.data:exceedance",
            "forecast.figures.exceedance:exceedance",
        ),
        "audit": Kind(
            "modelling errors, one after the other (asks the model again)",
            "forecast.plots.again:audit",
            "forecast.figures.waterfall:waterfall",
        ),
        "regions": Kind(
            "demand by region, with what was published of it",
            "forecast.plots.data:regions",
            "forecast.figures.regions:regions",
        ),
        "growth": Kind(
            "renewable electricity over the growth of demand",
            "forecast.plots.data:growth",
            "forecast.figures.growth:growth",
        ),
        "discovery": Kind(
            "the box of a few inputs inside which an outcome is frequent",
            "forecast.plots.data:discovery",
            "forecast.figures.discovery:discovery",
        ),
        "calibrated-fan": Kind(
            "demand before and after history was taken in",
            "forecast.plots.data:calibrated_fan",
            "forecast.figures.calibrated_fan:picture",
            "posterior",
        ),
        "moved": Kind(
            "inputs that history moved or narrowed most",
            "forecast.plots.data:moved",
            "forecast.figures.update:moved",
            "posterior",
        ),
        "backtest": Kind(
            "what was forecast, and what was observed later",
            "forecast.plots.data:backtest",
            "forecast.figures.backtest:backtest",
            "backtest",
        ),
    }
)
"""Name → figure, in the order in which they are told and drawn."""


def figure_of(name: str, result: str) -> Kind:
    """Find a figure by its name.

    Parameters
    ----------
    name
    result
        What there is to draw: one of `RESULTS`.

    Returns
    -------
    Kind

    Raises
    ------
    ValueError
        If there is none, with the nearest; or it is of another kind of result.
    """
    ours = [one for one, kind in FIGURES.items() if kind.result == result]
    if name not in FIGURES:
        near = get_close_matches(name, list(FIGURES), n=1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        raise ValueError(f'no figure "{name}"{hint}; of a {result} there are {", ".join(ours)}')
    found = FIGURES[name]
    if found.result != result:
        raise ValueError(
            f"{name} is a figure of a {found.result}, and this is a {result}; of it there are"
            f" {', '.join(ours)}"
        )
    return found

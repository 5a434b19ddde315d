"""What of a result a figure shows."""

from dataclasses import dataclass

from forecast.grammar import Place


@dataclass(frozen=True)
class Choice:
    """What a figure shows, where it lets one choose.

    Attributes
    ----------
    scenarios : tuple of str
        Of the run; all if none is named, or the first where a figure shows one.
    baseline : str
        What policies are compared with; the first scenario if it is not named.
    place : Place
        The outcome of a figure of one number per draw; its variable, region or year is what others
        take of it.
    where : str
        The outcome of a discovery; its tenth with the largest outcome if it is not said.
    """

    scenarios: tuple[str, ...] = ()
    baseline: str = ""
    place: Place = Place("total", "", 2030)
    where: str = ""

    @property
    def variable(self) -> str:
        """Of the summary."""
        return self.place.variable

    @property
    def region(self) -> str:
        """Empty for the world."""
        return self.place.region

    @property
    def year(self) -> int:
        """Of the outcome."""
        return self.place.year

    @property
    def condition(self) -> str:
        """The outcome of a discovery."""
        return self.where or f"{self.place} > p90"

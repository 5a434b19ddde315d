"""Studies that take each input of the model from one of two ends, and run the model there.

Inputs of one group of the scenario's dependence are one input: they are taken together, after they
were made dependent, so the inputs of a study are independent of each other. The year-to-year noise
of all streams is one input more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from forecast.axes import FIRST_YEAR
from forecast.request import Precision, Request
from forecast.sampling.draws import Draws, Quantiles, prepare_quantiles, quantiles, varying
from forecast.simulate.engine import reference_cost
from forecast.simulate.ensemble import plan
from forecast.simulate.rules import refuse_rules
from forecast.spec.dependence import Dependence, without
from forecast.spec.prior import Prior
from forecast.spec.scenario import Scenario
from forecast.spec.vintage import known_priors
from forecast.studies.series import Series, needed, wanted

NOISE: Final = "noise"
"""Name of the year-to-year noise among the inputs."""

JOINED: Final = " + "
"""What joins the names of inputs that are one."""


@dataclass(frozen=True)
class Study:
    """What a study needs of a scenario; from `prepare`.

    Attributes
    ----------
    scenario : Scenario
        In canonical units.
    reference : array
        Cost of an AI service on the reference path, `[year]`.
    precision : str
    moving : dict
        Input → its prior, of those that are uncertain.
    groups : tuple of Dependence
        Between these.
    quantiles : Quantiles
        Of all inputs.
    inputs : dict
        Input of the study → the inputs of the model that are taken together; none for the noise.
    series : tuple of Series
        What is kept.
    first : int
        First year that is kept.
    outputs : tuple of str
        Of the model, those that the series are made of.
    """

    scenario: Scenario
    reference: np.ndarray
    precision: Precision
    moving: Mapping[str, Prior]
    groups: tuple[Dependence, ...]
    quantiles: Quantiles
    inputs: Mapping[str, tuple[str, ...]]
    series: tuple[Series, ...]
    first: int
    outputs: tuple[str, ...]

    @property
    def years(self) -> range:
        """Years that are kept."""
        return range(self.first, self.scenario.horizon + 1)

    @property
    def rows(self) -> dict[str, np.ndarray]:
        """Columns that say what each outcome is, in the order of `states`."""
        count = len(self.years)
        found = {
            name: np.repeat([getattr(one, name) for one in self.series], count)
            for name in ("variable", "unit", "scope")
        }
        region = np.full(count * len(self.series), "")
        return found | {"region": region, "year": np.tile(self.years, len(self.series))}


@dataclass(frozen=True)
class End:
    """Values of every input in some draws: `draws` by input, `noise` by stream."""

    draws: Draws
    noise: dict[str, np.ndarray]

    @property
    def count(self) -> int:
        """Number of draws."""
        return len(next(iter(self.noise.values())))


def prepare(
    asked: Request, *, groups: bool = False, variables: Sequence[str] = (), first: int = FIRST_YEAR
) -> Study:
    """Make a scenario ready for a study.

    Parameters
    ----------
    asked
        One scenario that draws from its priors.
    groups
        Take whole blocks of the model together: the part of an input's name before the dot.
    variables
        Of the summary, those that are wanted; all that are not by region if none is given.
    first : yr
        First year that is wanted.

    Returns
    -------
    Study

    Raises
    ------
    ValueError
        If there is not one scenario, it is calibrated, or a variable or the year is not there.
    """
    if len(asked.scenarios) != 1:
        names = ", ".join(one.name for one in asked.scenarios)
        raise ValueError(f"expected one scenario, got {len(asked.scenarios)}: {names}")
    scenario = asked.scenarios[0]
    if scenario.calibration is not None:
        raise ValueError(
            f"{scenario.name} is calibrated, and inputs of a posterior depend on each other: they"
            " cannot be moved one by one. Use indices from given draws or Shapley effects, or"
            " study its priors (--prior)"
        )
    refuse_rules(scenario, "Sobol indices and Morris screening")
    if not FIRST_YEAR <= first <= scenario.horizon:
        raise ValueError(
            f"the first year must lie in {FIRST_YEAR} to {scenario.horizon}, got {first}"
        )
    known = known_priors(asked.register.priors, asked.register.vintages, scenario.vintage)
    reference = reference_cost(known, scenario.horizon, precision=asked.precision)
    ready = plan([scenario], asked.register.priors, precision=asked.precision, reference=reference)
    priors = ready.scenarios[0].priors
    moving = varying([priors])
    dependent = without(scenario.dependence, set(priors) - set(moving))
    series = wanted(variables)
    return Study(
        scenario=ready.scenarios[0],
        reference=reference,
        precision=asked.precision,
        moving=moving,
        groups=dependent,
        quantiles=prepare_quantiles(priors),
        inputs=inputs_of(list(moving), [one.names for one in dependent], blocks=groups),
        series=series,
        first=first,
        outputs=needed(series),
    )


def inputs_of(
    names: Sequence[str], together: Sequence[Sequence[str]], *, blocks: bool = False
) -> dict[str, tuple[str, ...]]:
    """Inputs of a study: those of the model, joined where they depend on each other.

    Parameters
    ----------
    names
        Uncertain inputs of the model.
    together
        Sets of them that depend on each other.
    blocks
        Join those of a block as well.

    Returns
    -------
    dict
        Name, joined by ` + ` → inputs of the model; the noise comes last, with none.
    """
    home = {name: name for name in names}
    block = {name: name.partition(".")[0] for name in names}
    sets = [list(one) for one in together]
    if blocks:
        sets += [[one for one in names if block[one] == b] for b in dict.fromkeys(block.values())]
    for one in sets:
        gone = {home[name] for name in one}
        target = next(name for name in names if home[name] in gone)
        home = {name: home[target] if at in gone else at for name, at in home.items()}
    joined: dict[str, list[str]] = {}
    for name in names:
        joined.setdefault(home[name], []).append(name)
    told = {
        JOINED.join(dict.fromkeys(block[one] if blocks else one for one in ours)): tuple(ours)
        for ours in joined.values()
    }
    return told | {NOISE: ()}


def end(study: Study, points: Mapping[str, np.ndarray], noise: dict[str, np.ndarray]) -> End:
    """Values of all inputs at points of the unit cube.

    Parameters
    ----------
    study
    points : 1
        Of the inputs that are uncertain, after dependence.
    noise : 1
        Stream → `[draw, year]`.
    """
    count = len(next(iter(noise.values())))
    return End(quantiles(study.quantiles, points, count=count), noise)

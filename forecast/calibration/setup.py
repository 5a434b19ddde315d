"""From a scenario and published numbers to a problem, with what cannot work told beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast.axes import FIRST_YEAR
from forecast.calibration.density import metalog, nodes_around, split_lognormal
from forecast.calibration.entropy import Beliefs
from forecast.calibration.latent import latent
from forecast.calibration.observables import Evidence, Quantity, evidence
from forecast.calibration.problem import Problem
from forecast.errors import Refusal
from forecast.spec.calibration import Calibration
from forecast.spec.observation import Observation
from forecast.spec.scenario import Scenario
from forecast.spec.vintage import known_by

APART = 4.0
"""Distance of two numbers of one quantity, in their own standard deviations, that contradicts.
(1; definition)"""

REACH = 6.0
"""Distance of a number from the nearest draw of the prior, in its standard deviations, beyond which
the prior does not reach it. (1; definition)"""


@dataclass(frozen=True)
class Aim:
    """What is laid over history.

    Attributes
    ----------
    nodes : array
        Logarithms of the target's quantity.
    log_density : array
        At the nodes: that of the target, or the kernel of a case.
    beliefs : Beliefs
    cuts : tuple of float
        Logs of the stated quantiles of a target; empty for a case.
    shares : tuple of float
        Their probabilities.
    case : bool
        Whether the density is a kernel to multiply by, not a marginal to have.
    """

    nodes: np.ndarray
    log_density: np.ndarray
    beliefs: Beliefs
    cuts: tuple[float, ...]
    shares: tuple[float, ...]
    case: bool


def usable(
    observations: Sequence[Observation], known: str, until: int | None
) -> tuple[Observation, ...]:
    """Observations that history is tied to.

    Parameters
    ----------
    observations
        All there are.
    known
        Date up to which things were known.
    until : yr, optional
        Last year.

    Returns
    -------
    tuple of Observation
        Outturns and beliefs about past years of the world, which no prior holds already.
    """
    return tuple(
        one
        for one in observations
        if one.kind in ("outturn", "belief")
        and one.held_by is None
        and one.region == "world"
        and known_by(one.as_of, known)
        and FIRST_YEAR <= one.year <= (until or one.year)
    )


def set_up(
    scenario: Scenario,
    known: str,
    observations: Sequence[Observation],
    reference: np.ndarray,
) -> tuple[Problem, Aim | None]:
    """Make a calibration ready.

    Parameters
    ----------
    scenario
        In canonical units, with a calibration.
    known
        Date of its vintage.
    observations
        All there are.
    reference : 1
        Cost of an AI service on the reference path, `[year]`.

    Returns
    -------
    Problem, Aim or None
        No aim where history stands alone.

    Raises
    ------
    Refusal
        If there is nothing to calibrate to, or two numbers of one quantity contradict each other.
    ValueError
        If no distribution goes through the stated quantiles.
    """
    asked = scenario.calibration
    assert asked is not None, "a scenario that is calibrated says to what"
    used = usable(observations, known, asked.until)
    if not used:
        until = f" up to {asked.until}" if asked.until else ""
        raise Refusal(f"{scenario.name}: nothing was observed{until} and known on {known}")
    data = evidence(used)
    if exact := [one.id for one, sd in zip(used, data.sd, strict=True) if not sd > 0]:
        raise Refusal(f"{', '.join(exact)}: no error is given, and no number is without one")
    check_contradictions(data)
    by_id = {one.id: one for one in observations}
    stated = [by_id[one] for one in _stated(asked)]
    extra = tuple(Quantity(one.output, one.year) for one in stated)
    last = max(one.year for one in (*used, *stated))
    problem = Problem(latent(scenario, last), data, extra, reference)
    return problem, _aim(asked, by_id) if extra else None


def _stated(asked: Calibration) -> list[str]:
    """Ids of what is stated about the future, the target's quantity first."""
    first = [asked.case] if asked.case else list(asked.target.values())[1:2]
    return [*first, *asked.beliefs]


def _aim(asked: Calibration, by_id: dict[str, Observation]) -> Aim:
    believed = [by_id[one] for one in asked.beliefs]
    beliefs = Beliefs(
        np.log([_value(one) for one in believed]) if believed else np.zeros(0),
        np.array([one.relation == "at_least" for one in believed], bool),
    )
    if asked.case:
        centre = float(np.log(_value(by_id[asked.case])))
        nodes = nodes_around(centre)
        kernel = -0.5 * np.square((nodes - centre) / asked.case_log_sd)
        return Aim(nodes, kernel, beliefs, (), (), case=True)
    shares = tuple(sorted(asked.target))
    values = [_value(by_id[asked.target[share]]) for share in shares]
    stated = dict(zip(shares, values, strict=True))
    nodes = nodes_around(float(np.log(values[1])))
    if asked.shape == "metalog":
        heights = metalog(stated, nodes)
    else:
        heights = split_lognormal(stated).log_density(nodes)
    return Aim(nodes, heights, beliefs, tuple(np.log(values).tolist()), shares, case=False)


def _value(one: Observation) -> float:
    assert one.value is not None, "what a target names is a number"
    return one.value


def check_contradictions(data: Evidence) -> None:
    """Refuse numbers of one quantity that cannot all be right.

    Parameters
    ----------
    data

    Raises
    ------
    Refusal
        Naming both, their values and how far they are apart.
    """
    told = []
    values = np.exp(data.value)
    for first in range(len(data.value)):
        for second in range(first):
            if data.quantities[first] != data.quantities[second]:
                continue
            both = [first, second]
            part = data.covariance[np.ix_(both, both)]
            sd = float(np.sqrt(part[0, 0] + part[1, 1] - 2 * part[0, 1]))
            gap = abs(float(data.value[first] - data.value[second]))
            if gap > APART * max(sd, 1e-9):
                one, other = data.observations[first], data.observations[second]
                told.append(
                    f"{one.id} and {other.id} contradict each other: {data.quantities[first]} is"
                    f" {values[first]:.4g} and {values[second]:.4g} {one.unit},"
                    f" {gap / max(sd, 1e-9):.1f} of their own errors apart"
                )
    if told:
        raise Refusal("\n".join(told))


def check_reach(data: Evidence, seen: np.ndarray) -> None:
    """Refuse numbers that no draw of the prior comes near.

    Parameters
    ----------
    data
    seen : 1
        `[draw, quantity]`, logarithms of what the prior says.

    Raises
    ------
    Refusal
        Naming each, with what the prior reaches.
    """
    told = []
    for place, one in enumerate(data.observations):
        values = seen[np.isfinite(seen[:, place]), place]
        away = np.abs(values - data.value[place]).min() / data.sd[place]
        if away > REACH:
            low, high = np.exp([values.min(), values.max()])
            told.append(
                f"{one.id}: {data.quantities[place]} of {np.exp(data.value[place]):.4g} {one.unit}"
                f" is out of the prior's reach, which is {low:.4g} to {high:.4g}"
            )
    if told:
        raise Refusal("\n".join(told))

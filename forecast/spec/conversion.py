"""Priors in another unit."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from forecast import units
from forecast.spec.family import FAMILIES
from forecast.spec.faults import Faults
from forecast.spec.prior import Prior
from forecast.spec.rules import Rule
from forecast.spec.scenario import Scenario


def in_canonical_units(scenario: Scenario, canonical: Mapping[str, str]) -> Scenario:
    """Scenario with every prior in the unit that the model takes it in.

    Parameters
    ----------
    scenario : Scenario
    canonical : mapping from name of an input to unit
        Inputs that are not named are left alone.

    Returns
    -------
    Scenario

    Raises
    ------
    InputErrors
        For each unit that cannot be turned into the canonical one, at the line that gave it.
    """
    faults = Faults()
    pairs = {
        name: (prior.unit, canonical[name])
        for name, prior in scenario.priors.items()
        if name in canonical and canonical[name] != prior.unit
    }
    rules = tuple(_rule_in_units(one, canonical) for one in scenario.rules)
    scenario = replace(scenario, rules=rules) if scenario.rules else scenario
    found, refused = units.factors(pairs.values())
    priors = dict(scenario.priors)
    for name, pair in pairs.items():
        if pair in refused:
            file, _, line = scenario.origins.get(f"{name}.unit", scenario.name).rpartition(":")
            place = (file, int(line)) if file and line.isdigit() else (file or line, 0)
            problem = f"{refused[pair]}; the model takes {pair[1]}"
            faults.file(place[0], problem, place[1], 1, path=f"{name}.unit")
        else:
            priors[name] = in_unit(priors[name], pair[1], found[pair])
    faults.raise_any()
    return replace(scenario, priors=priors) if pairs else scenario


def _rule_in_units(rule: Rule, canonical: Mapping[str, str]) -> Rule:

    then = {
        name: convert_prior(one, canonical.get(name, one.unit)) for name, one in rule.then.items()
    }
    return replace(rule, then=then)


def convert_prior(prior: Prior, unit: str) -> Prior:
    """Prior in another unit.

    Parameters
    ----------
    prior : Prior
    unit : str

    Returns
    -------
    Prior
        The same object where it has that unit already.

    Raises
    ------
    UnitError
        Where its unit cannot be turned into the other.
    """
    if prior.unit == unit:
        return prior
    return in_unit(prior, unit, units.factor(prior.unit, unit))


def in_unit(prior: Prior, unit: str, factor: float) -> Prior:
    """Prior in another unit.

    Parameters
    ----------
    prior : Prior
    unit : str
        The new unit.
    factor : float
        What values in the old unit are multiplied with (`forecast.units.factor`).

    Returns
    -------
    Prior
        All arguments that carry the unit, and the domain, rescaled; log and logit forms stay
        exact, since quantiles, medians and bounds are rescaled together.
    """

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * factor

    return replace(
        prior,
        unit=unit,
        arguments=rescaled(prior.family, prior.arguments, factor),
        at_least=scaled(prior.at_least),
        at_most=scaled(prior.at_most),
    )


def rescaled(family: str, arguments: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Arguments of a family in another unit.

    Parameters
    ----------
    family : str
    arguments : mapping
    factor : float

    Returns
    -------
    dict
    """
    unitless = FAMILIES[family].unitless
    return {
        key: value if key in unitless else _times(value, factor) for key, value in arguments.items()
    }


def _times(value: Any, factor: float) -> Any:
    if isinstance(value, dict) and "family" in value:
        head = {"weight": value["weight"], "family": value["family"]}
        rest = {key: each for key, each in value.items() if key not in head}
        return {**head, **rescaled(value["family"], rest, factor)}
    if isinstance(value, dict):
        return {key: _times(each, factor) for key, each in value.items()}
    if isinstance(value, list):
        return [_times(each, factor) for each in value]
    return value * factor

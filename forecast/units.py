"""Canonical units, and conversion into them; pint is loaded only where units differ."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pint import UnitRegistry

CANONICAL: Final = (
    "1",
    "%",
    "TWh",
    "GWh",
    "MWh",
    "kWh",
    "Wh",
    "GW",
    "MW",
    "kW",
    "W",
    "J",
    "1/yr",
    "1/yr^2",
    "yr",
    "h",
    "tokens",
    "tokens/d",
    "FLOP/J",
    "gCO2e/kWh",
    "MtCO2e",
    "USD/MWh",
    "USD/tCO2e",
    "GUSD/yr",
)
"""Spellings used throughout. An energy stands for energy a year where it is a flow: "TWh"."""

_DEFINITIONS: Final = (
    # The model's year has 365 days (TWh = GW × 8.76), not pint's Julian 365.25.
    "year = 365 * day = yr = a = annum",
    "token = [token]",
    "FLOP = [floating_point_operation]",
    "USD = [currency]",
    "gCO2e = [carbon_dioxide_equivalent]",
    "tCO2e = 1e6 * gCO2e",
)
_UNIT: Final = r"(?:%|[^\W\d_]\w*)(?:(?:\*\*|\^)-?[0-9])?"
_PRODUCT: Final = re.compile(rf"(?=.{{1,60}}$)(?:1|{_UNIT})(?: ?[*/ ] ?{_UNIT})*")
_ENERGY: Final = "[length] ** 2 * [mass] / [time] ** 2"
_POWER: Final = "[length] ** 2 * [mass] / [time] ** 3"


class UnitError(ValueError):
    """A unit that is not known, or cannot be turned into the one that is wanted."""


def convert(values: Iterable[float], given: str, wanted: str) -> list[float]:
    """Numbers in another unit.

    Parameters
    ----------
    values : iterable of float
        In `given`.
    given, wanted : str
        Units.

    Returns
    -------
    list of float
        In `wanted`.

    Raises
    ------
    UnitError
        Where one unit is unknown, has an offset, or measures something else than the other.
    """
    scale = factor(given, wanted)
    return [value * scale for value in values]


def factor(given: str, wanted: str) -> float:
    """Find the number that turns values in one unit into values in another.

    Parameters
    ----------
    given, wanted : str
        Units.

    Returns
    -------
    float

    Raises
    ------
    UnitError
        Where one unit is unknown, has an offset, or measures something else than the other.
    """
    found, refused = factors([(given, wanted)])
    if refused:
        raise UnitError(refused[given, wanted])
    return found[given, wanted]


def factors(
    pairs: Iterable[tuple[str, str]],
) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], str]]:
    """Factors for many pairs of units at once: building pint's registry takes half a second.

    Parameters
    ----------
    pairs : iterable of (given, wanted)

    Returns
    -------
    dict
        Factor of each pair that can be converted.
    dict
        Reason for each pair that cannot.
    """
    wanted = set(pairs)
    found = {pair: 1.0 for pair in wanted if pair[0] == pair[1] in CANONICAL}
    refused: dict[tuple[str, str], str] = {}
    if len(found) < len(wanted):
        registry = _registry()
        for pair in wanted - found.keys():
            try:
                found[pair] = _factor(registry, *pair)
            except UnitError as error:
                refused[pair] = str(error)
    return found, refused


def unknown(units: Iterable[str]) -> dict[str, str]:
    """Units that cannot be used, with the reason; canonical spellings cost nothing.

    Parameters
    ----------
    units : iterable of str

    Returns
    -------
    dict of str to str
    """
    return {pair[0]: reason for pair, reason in factors((unit, unit) for unit in units)[1].items()}


def _registry() -> "UnitRegistry[Any]":
    import pint

    registry: UnitRegistry[Any] = pint.UnitRegistry(on_redefinition="ignore")
    for definition in _DEFINITIONS:
        registry.define(definition)
    return registry


def _factor(registry: "UnitRegistry[Any]", given: str, wanted: str) -> float:
    first, second = _parsed(registry, given), _parsed(registry, wanted)
    energy = registry.get_dimensionality(_ENERGY)
    power = registry.get_dimensionality(_POWER)
    flows = _annual_energy(first, power), _annual_energy(second, power)
    if flows[0] is not None and second.dimensionality == energy:
        first = flows[0]
    elif flows[1] is not None and first.dimensionality == energy:
        second = flows[1]
    elif {first.dimensionality, second.dimensionality} == {power, energy} or (
        first.dimensionality == second.dimensionality == power
        and (flows[0] is None) != (flows[1] is None)
    ):
        raise UnitError(
            f"{given} to {wanted}: between a power and an energy a year stands a load factor "
            f"(TWh = GW × 8.76 × load factor); give the number itself in {wanted}"
        )
    elif first.dimensionality != second.dimensionality:
        raise UnitError(f"{given} does not measure the same as {wanted}")
    scale = float(registry.Quantity(1.0, first).to(second).magnitude)
    # The way through base units leaves 1000.0000000000001 and the like.
    short = float(f"{scale:.12g}")
    return short if abs(short - scale) <= 1e-15 * abs(scale) else scale


def _parsed(registry: "UnitRegistry[Any]", text: str) -> Any:
    """Read a unit.

    Raises
    ------
    UnitError
        Where pint does not know it, or it has an offset, or holds a number.
    """
    # Text from a file meets a parser of expressions: it gets products of units alone (9**9**9
    # would take a day), and whatever it trips over is a wrong unit.
    if not _PRODUCT.fullmatch(text):
        raise UnitError(f"unknown unit {text[:60]!r}")
    try:
        quantity = registry.Quantity(text if text.startswith("1") else f"1 {text}")
        zero = registry.Quantity(0.0, quantity.units).to_base_units().magnitude
    except Exception as error:
        raise UnitError(f"unknown unit {text!r}") from error
    if quantity.magnitude != 1:
        raise UnitError(f"{text} holds a number; a unit is wanted")
    if zero != 0:
        raise UnitError(f"{text} has an offset, which a spread cannot have")
    return quantity.units


def _annual_energy(unit: Any, power: Any) -> Any | None:
    """Energy of a unit that is written as an energy a year (TWh/yr), else None."""
    if unit.dimensionality != power or dict(unit._units).get("year") != -1:
        return None
    return unit * unit._REGISTRY.Unit("year")

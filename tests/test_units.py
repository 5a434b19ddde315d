"""Factors against definitions of the units: SI prefixes, the hour, the joule, 365 days."""

import subprocess
import sys

import pytest

from forecast.units import CANONICAL, UnitError, convert, factor, factors, unknown

FACTORS = {
    ("GW", "MW"): 1000.0,
    ("GWh", "TWh"): 0.001,
    ("TWh/yr", "TWh"): 1.0,
    ("GWh/year", "TWh"): 0.001,
    ("TWh", "GWh/a"): 1000.0,
    ("PJ", "TWh"): 1 / 3.6,
    ("%", "1"): 0.01,
    ("1", "%"): 100.0,
    ("%/yr", "1/yr"): 0.01,
    ("yr", "h"): 8760.0,
    ("tokens/d", "tokens/yr"): 365.0,
    ("Ttokens/d", "tokens/d"): 1e12,
    ("TFLOP/J", "FLOP/J"): 1e12,
    ("kgCO2e/MWh", "gCO2e/kWh"): 1.0,
    ("tCO2e", "MtCO2e"): 1e-6,
    ("USD/kWh", "USD/MWh"): 1000.0,
}
REFUSED = {
    ("GW", "TWh"): "load factor",
    ("TWh", "GW"): "load factor",
    ("GW", "TWh/yr"): "load factor",
    ("TWh/yr", "MW"): "load factor",
    ("MtCO2e", "TWh"): "does not measure the same",
    ("tokens", "tokens/d"): "does not measure the same",
    ("degC", "K"): "offset",
    ("TWH", "TWh"): "unknown unit",
    ("2 GW", "GW"): "unknown unit",
    ("", "1"): "unknown unit",
    ("9**9**9**9", "1"): "unknown unit",
    ("GW" * 50, "GW"): "unknown unit",
    ("__import__('os')", "1"): "unknown unit",
}


def test_factors_of_many_pairs_at_once() -> None:
    found, refused = factors([*FACTORS, *REFUSED])
    assert found == pytest.approx(FACTORS, rel=1e-15)
    assert refused.keys() == REFUSED.keys()
    for pair, words in REFUSED.items():
        assert words in refused[pair]


def test_powers_of_ten_are_exact() -> None:
    found, _ = factors(FACTORS)
    exact = [pair for pair, value in FACTORS.items() if value not in (1 / 3.6,)]
    assert [found[pair] for pair in exact] == [FACTORS[pair] for pair in exact]


def test_one_pair_is_converted_or_refused() -> None:
    assert convert([1.0, 2.5], "GW", "MW") == [1000.0, 2500.0]
    with pytest.raises(UnitError, match="load factor"):
        factor("GW", "TWh")


def test_every_canonical_unit_is_known_to_pint_as_well() -> None:
    # A spelling with a blank before it is no canonical one, so pint must read it.
    assert unknown([unit.replace("/", " / ") for unit in CANONICAL]) == {}


def test_canonical_units_do_not_load_pint() -> None:
    code = (
        "import sys; from forecast.units import CANONICAL, unknown, factor;"
        "assert unknown(CANONICAL) == {} and factor('GW', 'GW') == 1;"
        "assert 'pint' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

"""The engine against a second derivation of its equations, output by output."""

from collections.abc import Callable

import numpy as np
import pytest

from forecast.model.block import quantities
from forecast.model.demand import Inputs, Outputs

type Values = dict[str, np.ndarray]
type Model = Callable[[Values, Values, np.ndarray], Values]

TOLERANCE = 1e-10
# Logs that cross zero: a difference of logs is the relative difference of what they are logs of.
LOGS = {"limits.tightness", "noise"}


def scale(name: str, values: np.ndarray, total: np.ndarray) -> np.ndarray | float:
    """What a difference is measured against."""
    if name in LOGS:
        return 1.0
    if quantities(Outputs)[name].metadata["unit"] == "TWh":
        return total.reshape(total.shape + (1,) * (values.ndim - 2))
    return np.abs(values)


@pytest.mark.slow
@pytest.mark.parametrize("last", [2035, 2050])
@pytest.mark.parametrize("some", ["draws", "pressed"])
def test_every_output_agrees(
    request: pytest.FixtureRequest,
    noise: Callable[[int], Values],
    reference: Callable[[int], np.ndarray],
    mapped: Model,
    numpy_demand: Model,
    some: str,
    last: int,
) -> None:
    inputs, years = request.getfixturevalue(some), last - 2014
    expected = numpy_demand(inputs, noise(years), reference(years))
    found = mapped(inputs, noise(years), reference(years))
    assert set(found) == set(expected)
    assert set(inputs) == set(quantities(Inputs))
    worst = {}
    for name, values in expected.items():
        assert found[name].shape == values.shape, name
        assert np.all(np.isfinite(found[name])), name
        allowed = TOLERANCE * scale(name, values, expected["totals.total"])
        worst[name] = np.max(np.abs(found[name] - values) - allowed)
    assert {name: excess for name, excess in worst.items() if excess > 0} == {}


def test_draws_reach_every_branch(
    pressed: Values,
    noise: Callable[[int], Values],
    reference: Callable[[int], np.ndarray],
    numpy_demand: Model,
) -> None:
    """The comparison would mean little if limits, levers and clips were idle in it."""
    out = numpy_demand(pressed, noise(21), reference(21))
    free = numpy_demand(
        pressed
        | {
            "conventional.pue_cap": np.full_like(pressed["conventional.pue_cap"], 9.0),
            "measures.procurement": np.zeros_like(pressed["measures.procurement"]),
            "measures.flexible_load": np.zeros_like(pressed["measures.flexible_load"]),
            "measures.right_sizing": np.zeros_like(pressed["measures.right_sizing"]),
        },
        noise(21),
        reference(21),
    )
    after = np.arange(21) > 8
    rebound, ceiling = (
        out["inference.rebound"][:, after],
        pressed["adoption.ceiling"][:, np.newaxis],
    )
    for name, share in {
        "unserved": out["limits.unserved"] > 0.3 * out["limits.demand"],
        "slack": out["limits.tightness"][:, after] < 0,
        "sites bind": np.diff(out["limits.sites"][:, after], axis=1) > 0,
        "rebound up": rebound > 1,
        "rebound down": rebound < 1,
        "rebound at its floor": np.isclose(rebound, 1 / ceiling, rtol=1e-12),
        "revenue binds": out["crypto.free"] > out["crypto.revenue_limit"],
        "gains": out["efficiency.incentive"] > 0.1,
        "carbon price": out["adoption.price_index"] > 1.5,
        "PUE cap": out["conventional.pue_region"] < free["conventional.pue_region"] - 0.01,
        "contracts": out["emissions.matched"] > 1.05 * free["emissions.matched"],
        "flexible load": out["limits.sites"] > 1.01 * free["limits.sites"],
        "right-sizing": out["size_mix.mean_parameters"] < 0.9 * free["size_mix.mean_parameters"],
        "mining ended somewhere": out["crypto.left"] < 0.5,
    }.items():
        assert np.mean(share) > 0.01, name


@pytest.mark.slow
def test_every_input_moves_an_output(
    pressed: Values,
    noise: Callable[[int], Values],
    reference: Callable[[int], np.ndarray],
    numpy_demand: Model,
) -> None:
    """An input that the reference ignores would be compared with nothing."""
    few = {name: values[:64] for name, values in pressed.items()}
    shocks = {name: values[:64] for name, values in noise(21).items()}
    before = numpy_demand(few, shocks, reference(21))
    idle = []
    for name, values in few.items():
        moved = {
            "limits.lead_time": lambda lead: lead % 3 + 1,
            "conventional.mix_start": lambda year: year + 1,
            "conventional.mix_end": lambda year: year - 1,
        }.get(name, lambda x: x * 1.01 + 1e-3)(values)
        after = numpy_demand(few | {name: moved}, shocks, reference(21))
        same = (np.allclose(after[one], before[one], rtol=1e-8, atol=0) for one in after)
        idle += [name] if all(same) else []
    # The duty to report is without effect by construction.
    assert [one for one in idle if not one.startswith("measures.reporting")] == []
    assert sum(one.startswith("measures.reporting") for one in idle) == 4

"""Making a run ready, and telling how far it is."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from forecast.errors import InputErrors
from forecast.simulate.binding import canonical_units, check_binding, input_dims
from forecast.simulate.ensemble import Plan, draws_per_chain, plan, simulate
from forecast.simulate.variables import BY_REGION, DEFAULT, chosen, every_output
from forecast.spec.register import Register
from forecast.spec.scenario import Scenario

type Read = Callable[..., Scenario]


@pytest.mark.parametrize(("asked", "each"), [(1, 1), (8, 1), (9, 2), (16_384, 2_048)])
def test_draws_are_rounded_up_to_whole_chains(asked: int, each: int) -> None:
    assert draws_per_chain(asked) == each


@pytest.mark.parametrize(
    ("what", "setting"),
    [("horizon", "horizon=2040"), ("sampling", "sampling.seed=1"), ("dependence", "dependence=[]")],
)
def test_scenarios_of_one_run_share_one_design(
    what: str, setting: str, register: Register, scenario: Read
) -> None:
    other = replace(scenario("base", setting), name="other")
    with pytest.raises(ValueError, match=f"{what} of other differs from base"):
        plan([scenario(), other], register.priors)


def test_two_scenarios_of_one_name_are_refused(register: Register, scenario: Read) -> None:
    with pytest.raises(ValueError, match="two scenarios of the run are called base"):
        plan([scenario(), scenario()], register.priors)


def test_progress_is_told_after_each_block(ready: Plan) -> None:
    told: list[tuple[int, int]] = []
    simulate(ready, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def test_every_misfit_between_priors_and_model_is_told(register: Register) -> None:
    check_binding(register.priors)
    gone = {name: one for name, one in register.priors.items() if name != "limits.pue"}
    strange = replace(gone["adoption.rate"], name="adoption.raet")
    wrong = replace(gone["crypto.volatility"], unit="TWh")
    flat = replace(gone["regions.crypto"], family="fixed", arguments={"value": 0.2})
    changed = {"adoption.raet": strange, "crypto.volatility": wrong, "regions.crypto": flat}
    with pytest.raises(InputErrors) as caught:
        check_binding(gone | changed)
    told = str(caught.value)
    assert "priors/limits.yaml: pue: missing" in told
    assert 'raet: no block of forecast/model takes it (did you mean "adoption.rate"?)' in told
    assert "priors/crypto.yaml: volatility: unit must be 1" in told
    assert "priors/regions.yaml: crypto: labels must be" in told
    assert len(caught.value.errors) == 4


def test_inputs_know_their_units_and_dims() -> None:
    assert canonical_units()["conventional.energy_2015"] == "TWh"
    assert input_dims("limits.pue") == ()
    assert input_dims("regions.ai") == ("region",)


def test_outputs_to_keep_are_chosen_by_name() -> None:
    assert chosen(()) == {}
    assert set(chosen(("regions",))) == set(BY_REGION)
    assert set(chosen(("all",))) == set(BY_REGION) | set(every_output())
    assert set(chosen(("limits.tightness", "total_by_region"))) == {
        "limits.tightness",
        "total_by_region",
    }
    with pytest.raises(ValueError, match="no output is called 'demands'"):
        chosen(("demands",))
    assert {"demand", "unserved", "share_of_world_demand"} <= set(DEFAULT)

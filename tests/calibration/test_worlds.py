"""The shipped worlds on the real model, with few particles: what they promise."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
import xarray as xr

import forecast
from forecast import calibrating
from forecast.analysis.diagnostics import convergence, sensitivity, told
from forecast.calibration.calibrate import Calibrated, Compiled, calibrate, compile_problem
from forecast.calibration.density import nodes_around
from forecast.calibration.posterior import posterior_tree
from forecast.calibration.problem import Problem
from forecast.calibration.setup import Aim, set_up
from forecast.errors import Refusal
from forecast.request import Request, request
from forecast.shipped import observations
from forecast.simulate.binding import canonical_units
from forecast.simulate.engine import reference_cost
from forecast.spec.conversion import in_canonical_units
from forecast.spec.observation import read_observations
from forecast.spec.vintage import known_priors
from forecast.store import outputs_group

PARTICLES = 256

pytestmark = pytest.mark.slow


class Prepared(NamedTuple):
    """A shipped world made ready, its programs shared by all tests."""

    asked: Request
    problem: Problem
    aim: Aim
    compiled: Compiled


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    asked = request("base.yaml")
    register, one = asked.register, asked.scenarios[0]
    known = known_priors(register.priors, register.vintages, one.vintage)
    ready = in_canonical_units(one, canonical_units())
    date = register.vintages[one.vintage].as_of
    found = read_observations(observations())
    problem, aim = set_up(ready, date, found, reference_cost(known, ready.horizon))
    return Prepared(asked, problem, aim, compile_problem(problem))


def _done(one: Prepared, seed: int, aim: Aim | None = None) -> Calibrated:
    return calibrate(
        one.problem, aim or one.aim, seed=seed, particles=PARTICLES, compiled=one.compiled
    )


@pytest.fixture(scope="module")
def done(prepared: Prepared) -> Calibrated:
    """The base, calibrated once for all that is asked of it."""
    return _done(prepared, 2024)


@pytest.fixture(scope="module")
def base(prepared: Prepared, done: Calibrated) -> xr.DataTree:
    scenario = in_canonical_units(prepared.asked.scenarios[0], canonical_units())
    tree = posterior_tree(scenario, done, {"scenario": "base", "known": "2024"})
    tree["convergence"] = xr.DataTree(convergence(tree))
    tree["sensitivity"] = xr.DataTree(sensitivity(tree))
    tree.attrs["notes"] = "\n".join(told(tree))
    return tree


def _total(tree: xr.DataTree, year: int) -> np.ndarray:
    return tree["posterior_predictive"]["total"].sel(year=year).values.ravel()


@pytest.mark.parametrize("seed", [2024, 1, 2])
def test_the_cases_are_the_quantiles_of_2026(
    prepared: Prepared, done: Calibrated, seed: int
) -> None:
    found = done if seed == 2024 else _done(prepared, seed)
    values = np.exp(found.seen[..., len(prepared.problem.data.observations)])
    assert np.quantile(values, [0.1, 0.5, 0.9]) == pytest.approx([620, 800, 1050], rel=0.005)
    # And before the last resampling into strata, on draws that the tilt was not fitted on.
    for share, case in ((10, 620), (50, 800), (90, 1050)):
        assert found.report[f"unstratified_p{share:02.0f}"] == pytest.approx(case, rel=0.1)


def test_the_density_of_2026_does_not_jump_at_the_cases(base: xr.DataTree) -> None:
    values = np.log(_total(base, 2026))
    for case in np.log([620, 800, 1050]):
        below = ((values > case - 0.04) & (values <= case)).sum()
        above = ((values > case) & (values <= case + 0.04)).sum()
        # Plain reweighting by strata made it jump 13-fold at 800 TWh.
        assert 1 / 2 < above / below < 2


def test_history_keeps_what_was_observed(base: xr.DataTree) -> None:
    total = _total(base, 2022)
    assert abs(np.log(np.median(total) / 460)) < 0.073
    crypto = base["posterior_predictive"]["crypto"].sel(year=2026).values
    assert np.median(crypto) == pytest.approx(160, rel=0.04)
    ai = base["posterior_predictive"]["ai"].sel(year=2026).values
    assert np.median(ai) > 73


def test_what_is_delivered_needs_no_weights(base: xr.DataTree) -> None:
    weighted = [
        name
        for group in base.subtree
        for name in group.data_vars
        if "weight" in str(name) and "." not in str(name)
    ]
    assert weighted == []
    rate = base["posterior"]["conventional.energy_2015"].values
    assert len(np.unique(rate)) == rate.size
    # A prefix of each population is a fair subsample: its strata have their shares.
    values = base["posterior_predictive"]["total"].sel(year=2026).values[:, :64]
    assert np.mean(values < 620) == pytest.approx(0.1, abs=0.05)
    assert np.mean(values < 800) == pytest.approx(0.5, abs=0.08)


def test_the_price_is_told_with_and_without_the_beliefs(base: xr.DataTree) -> None:
    report = base["report"].to_dataset()
    alone, together = float(report["divergence_target_alone"]), float(report["divergence"])
    assert 1.0 < alone < together + 0.1
    assert "nats from history with the beliefs beside it" in base.attrs["notes"]
    assert "do not fit together" in base.attrs["notes"]


def test_a_case_is_a_world_of_its_own(prepared: Prepared) -> None:
    centre = np.log(620)
    nodes = nodes_around(float(centre))
    kernel = -0.5 * np.square((nodes - centre) / 0.02)
    aim = Aim(nodes, kernel, prepared.aim.beliefs, (), (), case=True)
    done = _done(prepared, 5, aim)
    values = done.seen[..., len(prepared.problem.data.observations)]
    assert values.std() == pytest.approx(0.02, rel=0.15)
    assert np.median(values) == pytest.approx(centre, abs=0.01)
    assert done.report["divergence"] > 0.5


def test_two_institutions_that_contradict_each_other_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = read_observations(observations())
    one = next(o for o in real if o.id == "iea24_total_2022")
    twice = (*real, replace(one, id="another", publisher="another", value=1000.0))
    monkeypatch.setattr(calibrating, "read_observations", lambda _: twice)
    with pytest.raises(Refusal, match=r"another and iea24_total_2022 contradict each other"):
        forecast.calibrate("history.yaml")


def test_a_run_draws_from_its_posterior_and_policies_are_paired(
    tmp_path: Any, make_run: Callable[..., xr.DataTree]
) -> None:
    run = make_run("history.yaml", "history+pue-cap", outputs=tmp_path)
    assert outputs_group(run) == "posterior_predictive"
    assert len(set(run.attrs["posteriors"].split())) == 1
    demand = run["posterior_predictive"]["demand"]
    before = demand.sel(year=2026)
    gap = before.sel(scenario="history") - before.sel(scenario="history+pue-cap")
    assert bool((gap == 0).all())
    later = demand.sel(year=2035, segment="conventional")
    assert bool((later.sel(scenario="history+pue-cap") <= later.sel(scenario="history")).all())
    assert "history: calibrated, as known in January 2024; the 2025 outturn" in run.attrs["notes"]
    again = make_run("history.yaml", outputs=tmp_path)
    assert list(tmp_path.iterdir()) == list(tmp_path.glob("posterior-history-*"))
    alone = again["posterior_predictive"]["demand"]
    assert bool((alone.sel(scenario="history") == demand.sel(scenario="history")).all())


@pytest.fixture
def make_run() -> Callable[..., xr.DataTree]:
    from forecast import api

    def make(*names: str, outputs: Any) -> xr.DataTree:
        settings = [f"calibration.particles={PARTICLES}"]
        return api.run(*names, draws=8 * PARTICLES, settings=settings, outputs=outputs)

    return make

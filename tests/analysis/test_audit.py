"""The audit against the second model with other inputs, identities, and games worked by hand."""

import importlib.util
from collections.abc import Callable, Mapping
from itertools import permutations
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import xarray as xr

import forecast.api
from forecast.analysis import audit as module
from forecast.analysis.audit import TOGETHER, accounts, audit, every_subset, shapley_of
from forecast.analysis.audit_account import (
    ai,
    conventional,
    development,
    electricity,
    fading_growth,
    generative,
    under_limit,
)
from forecast.analysis.audit_account import arc as curves_of
from forecast.analysis.audit_apart import APART, apart
from forecast.analysis.audit_terms import OUTPUTS, Terms, terms_of
from forecast.spec.audit import read_audit

type Values = dict[str, np.ndarray]

YEAR = 2031
NUMBERS = {
    "level_factor": 2.0,
    "pue_2018": 1.58,
    "nameplate": 1.0,
    "compound_from": 2023.0,
    "compound_to": 2025.0,
}
BREAKS = {
    "scope_break_up": [(2020, 269.0), (2022, 460.0)],
    "scope_break_down": [(2022, 460.0), (2024, 416.0)],
}
BESIDE = (2022, 2023, 2025)


@pytest.fixture(scope="module")
def terms(whole: xr.DataTree) -> Terms:
    return terms_of(whole, "base", YEAR, extreme=0.95, beside=BESIDE)


@pytest.fixture(scope="module")
def made(terms: Terms) -> Values:
    return accounts(terms, NUMBERS)


@pytest.fixture(scope="module")
def found(terms: Terms) -> xr.Dataset:
    return audit(terms, NUMBERS, BREAKS)


def _second_model() -> ModuleType:
    path = Path(__file__).parents[1] / "model" / "numpy_model.py"
    spec = importlib.util.spec_from_file_location("numpy_model", path)
    assert spec is not None
    assert spec.loader is not None
    model = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(model)
    return model


@pytest.fixture(scope="module")
def second(terms: Terms, whole: xr.DataTree) -> Callable[..., Values]:
    """Outputs of the independent model in `YEAR`, with some inputs changed."""
    model = _second_model()
    years = whole["prior_predictive"]["year"].values
    noise = whole["prior_predictive"]["noise"].isel(scenario=0).values.reshape(-1, len(years), 3)
    given = terms.given
    before = np.concatenate([np.zeros_like(noise[:, :1]), noise[:, :-1]], axis=1)
    kept = given["noise.persistence"][:, None]
    shocks = {
        name: (noise[..., place] - kept * before[..., place]) / given[f"noise.{name}"][:, None]
        for place, name in enumerate(("conventional", "ai"))
    }
    shocks["crypto"] = np.zeros_like(shocks["ai"])
    reference = whole["constant_data"]["reference_cost"].values

    def run(**changes: float | np.ndarray) -> Values:
        inputs = dict(given)
        for name, value in changes.items():
            key = name.replace("__", ".")
            inputs[key] = np.broadcast_to(value, given[key].shape)
        outputs = model.demand(inputs, shocks, reference.reshape(-1)[: len(years)])
        return {name: values[:, list(years).index(YEAR)] for name, values in outputs.items()}

    return run


OPEN = {"efficiency__incentive": 0.0, "adoption__elasticity": 0.0}
STILL = {
    "efficiency__hardware_growth_first": 0.0,
    "efficiency__hardware_growth_last": 0.0,
    "efficiency__software_total": 1.0,
    "efficiency__precision_2029": 1.0,
    "efficiency__algorithmic_energy_share": 0.0,
}
SCRATCH = {
    "customisation__full_saving": 1.0,
    "customisation__peft_saving": 1.0,
    "customisation__retrieval_share": 0.0,
    "inference__retrieval_share": 0.0,
}


@pytest.mark.parametrize("year", [2024, 2028, 2035])
def test_with_no_error_the_total_of_the_run_comes_out(whole: xr.DataTree, year: int) -> None:
    one = terms_of(whole, "base", year, extreme=0.95)
    total = whole["prior_predictive"]["demand"].isel(scenario=0).sel(year=year).sum("segment")
    np.testing.assert_allclose(
        electricity(one, frozenset(), NUMBERS), total.values.reshape(-1), rtol=1e-9
    )


@pytest.mark.parametrize(
    ("errors", "changes"),
    [
        ((), {}),
        (("frozen_efficiency",), STILL),
        (("frontier_only",), {"size_mix__share_2023": np.array([1e-300] * 3 + [1.0])}),
        (("from_scratch",), SCRATCH),
        (("frozen_efficiency", "from_scratch"), STILL | SCRATCH),
    ],
)
def test_errors_are_what_the_second_model_gives_with_other_inputs(
    terms: Terms,
    second: Callable[..., Values],
    errors: tuple[str, ...],
    changes: Mapping[str, float],
) -> None:
    """Without the loop both ways, so that a changed input moves nothing beside what it should."""
    those = frozenset({"no_closed_loop", *errors})
    curves = curves_of(terms, those)
    ours, theirs = generative(terms, those, curves), second(**OPEN, **changes)
    np.testing.assert_allclose(ours, theirs["inference.generative"], rtol=1e-9)
    if "frontier_only" not in errors:
        custom = development(terms, those, curves)[1]
        np.testing.assert_allclose(custom, theirs["customisation.customisation"], rtol=1e-9)


def test_every_base_model_a_frontier_one(terms: Terms, second: Callable[..., Values]) -> None:
    those = frozenset({"no_closed_loop", "frontier_only"})
    ours = development(terms, those, curves_of(terms, those))
    loose = frozenset({"no_closed_loop"})
    known = development(terms, loose, curves_of(terms, loose))
    theirs = second(
        **OPEN,
        training__class_share=np.array([0.0, 0.0, 1.0]),
        size_mix__parameters_large=terms.given["size_mix.parameters_frontier"],
    )
    np.testing.assert_allclose(ours[1], theirs["customisation.customisation"], rtol=1e-9)
    added = theirs["training.classes"] - second(**OPEN)["training.classes"]
    np.testing.assert_allclose(ours[0] - known[0], added, rtol=1e-6, atol=1e-12)


def test_frozen_efficiency_scales_training_by_what_it_is_made_of(
    terms: Terms, second: Callable[..., Values]
) -> None:
    those = frozenset({"frozen_efficiency"})
    ours = development(terms, those, curves_of(terms, those))[0]
    before, after = second(), second(**STILL, **OPEN)
    faster = before["efficiency.hardware"] / after["efficiency.hardware"]
    final = before["training.classes"] + before["training.frontier"]
    frozen = after["training.classes"] + before["training.frontier"] * faster
    np.testing.assert_allclose(ours, before["training.training"] * frozen / final, rtol=1e-8)


def test_without_reuse_every_new_application_trains_its_own(
    terms: Terms, second: Callable[..., Values]
) -> None:
    loose, own = frozenset({"no_closed_loop"}), frozenset({"no_closed_loop", "no_reuse"})
    curves = curves_of(terms, loose)
    added = development(terms, own, curves)[0] - development(terms, loose, curves)[0]
    shared, each = second(**OPEN), second(**OPEN, training__applications_per_model=1.0)
    wanted = each["training.classes"] - shared["training.classes"]
    # The sum it is taken from is much the larger in some draws.
    np.testing.assert_allclose(added, wanted, rtol=1e-6)


def test_an_own_model_is_not_charged_twice(terms: Terms) -> None:
    both, scratch = frozenset({"no_reuse", "from_scratch"}), frozenset({"from_scratch"})
    curves = curves_of(terms, scratch)
    sums = [sum(development(terms, one, curves)) for one in (both, scratch)]
    now, runs = terms.now, terms.given["customisation.runs"]
    held = now["adoption.applications"] * runs > now["adoption.new_applications"]
    assert held.any()
    assert not held.all()
    np.testing.assert_array_equal(sums[0][held], sums[1][held])
    beyond = now["adoption.new_applications"] > now["adoption.applications"] * runs * 1.01
    beyond &= now["training.base_models"] < 0.001 * now["adoption.new_applications"]
    assert (sums[0] > sums[1])[beyond].all()


def test_without_limits_ai_is_what_is_asked_for(terms: Terms, whole: xr.DataTree) -> None:
    asked = whole["prior_predictive"]["ai_demand"].isel(scenario=0).sel(year=YEAR)
    free = frozenset({"no_limits"})
    np.testing.assert_allclose(ai(terms, free, NUMBERS), asked.values.reshape(-1), rtol=1e-9)
    double = electricity(terms, free | {"wrong_level"}, NUMBERS)
    np.testing.assert_allclose(double, 2 * electricity(terms, free, NUMBERS), rtol=1e-12)


def test_one_pue_for_all_is_that_times_it_energy(terms: Terms, whole: xr.DataTree) -> None:
    outputs = whole["prior_predictive"].to_dataset().isel(scenario=0).sel(year=YEAR)
    energy = outputs["facilities.it"].sum("facility").values.reshape(-1)
    old = frozenset({"old_pue"})
    ours = ai(terms, old, NUMBERS) + conventional(terms, old, NUMBERS)
    share = terms.now["conventional.demand"] / terms.now["electricity.world"]
    # Far from its limit, a share of the world's electricity, which is at the meter.
    far = share < 0.2 * terms.given["conventional.share_limit"]
    assert far.mean() > 0.5
    np.testing.assert_allclose(ours[far], 1.58 * energy[far], rtol=1e-6)


def test_extreme_use_is_one_that_a_twentieth_exceeds(terms: Terms) -> None:
    curves = curves_of(terms, frozenset())
    everybody = generative(terms, frozenset({"extreme_use"}), curves)
    raised = everybody / generative(terms, frozenset(), curves)
    assert np.mean(raised < 1) == pytest.approx(0.05, abs=2 / len(raised))
    use = terms.now["adoption.tokens_reference"] / terms.now["adoption.applications"]
    np.testing.assert_allclose(raised * use, raised[0] * use[0], rtol=1e-12)


def test_the_loop_matters_only_where_something_answers(terms: Terms) -> None:
    loop = frozenset({"no_closed_loop"})
    at_rest = {"efficiency.incentive": 0.0, "inference.rebound": 1.0}
    rest = {name: np.full_like(terms.extreme, value) for name, value in at_rest.items()}
    outputs = {**terms.outputs, YEAR: {**terms.now, **rest}}
    still = Terms(YEAR, terms.shape, outputs, terms.given, terms.extreme)
    np.testing.assert_array_equal(
        electricity(still, loop, NUMBERS), electricity(still, frozenset(), NUMBERS)
    )
    assert (electricity(terms, loop, NUMBERS) != electricity(terms, frozenset(), NUMBERS)).any()


@pytest.mark.parametrize("subset", [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 0b101100110, 511])
def test_a_subset_is_the_account_with_these_errors(
    terms: Terms, subsets: np.ndarray, subset: int
) -> None:
    those = frozenset(name for k, name in enumerate(TOGETHER) if subset // 2**k % 2)
    wanted = electricity(terms.part(slice(0, 64)), those, NUMBERS)
    np.testing.assert_allclose(subsets[subset], wanted, rtol=1e-12)


@pytest.fixture(scope="module")
def subsets(terms: Terms) -> np.ndarray:
    return every_subset(terms.part(slice(0, 64)), NUMBERS)


def test_steps_and_means_over_orders_sum_to_the_whole_in_every_draw(made: Values) -> None:
    whole = made["level"][-1] - made["level"][0]
    for name in ("contribution", "shapley"):
        np.testing.assert_allclose(made[name].sum(0), whole, rtol=1e-9)
    factor = np.exp(made["shapley_log"].sum(0))
    np.testing.assert_allclose(factor, made["level"][-1] / made["level"][0], rtol=1e-9)


def test_blocks_and_the_order_of_draws_change_nothing(
    terms: Terms, made: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK", 999)
    backwards = terms.part(slice(None, None, -1))
    again = accounts(backwards, NUMBERS)
    for name, values in made.items():
        np.testing.assert_allclose(
            again[name][..., ::-1], values, rtol=1e-9, atol=1e-8, err_msg=name
        )


def test_shapley_of_a_game_is_the_mean_over_all_orders() -> None:
    totals = np.random.default_rng(1).normal(size=(16, 3))
    wanted = np.zeros((4, 3))
    orders = list(permutations(range(4)))
    for order in orders:
        subset = 0
        for error in order:
            wanted[error] += (totals[subset | 1 << error] - totals[subset]) / len(orders)
            subset |= 1 << error
    np.testing.assert_allclose(shapley_of(totals), wanted)
    # Two factors by hand: (a - 1)(1 + b) / 2 and (b - 1)(1 + a) / 2.
    product = np.array([[1.0], [3.0], [5.0], [15.0]])
    np.testing.assert_allclose(shapley_of(product)[:, 0], [6.0, 8.0])


def test_the_table_tells_what_the_draws_are(found: xr.Dataset, made: Values) -> None:
    names = found["error"].values.tolist()
    assert names == [*TOGETHER, "all_together", "all_but_no_limits", *APART]
    frozen = made["total"][TOGETHER.index("frozen_efficiency")] / made["level"][0]
    told = found["factor"].sel(error="frozen_efficiency")
    np.testing.assert_allclose(
        told.sel(statistic=["p10", "p50", "p90"]), np.quantile(frozen, [0.1, 0.5, 0.9])
    )
    assert float(told.sel(statistic="mean")) == pytest.approx(frozen.mean())
    by_chain = np.median(frozen.reshape(8, -1), axis=1)
    error = float(found["mcse_factor"].sel(error="frozen_efficiency", statistic="p50"))
    assert error == pytest.approx(by_chain.std(ddof=1) / np.sqrt(8))
    alone = made["total"] - made["level"][0]
    rest = made["level"][-1] - made["level"][0] - alone.sum(0)
    assert float(found["interaction"].sel(statistic="p50")) == pytest.approx(np.median(rest))
    assert found.attrs["identity"] < 1e-12


def test_every_subset_is_told_by_the_names_of_its_errors(found: xr.Dataset) -> None:
    total = found["subset_total"]
    assert total.sizes["subset"] == 2 ** len(TOGETHER)
    for one in TOGETHER:
        alone = found["total"].sel(error=one).values
        np.testing.assert_array_equal(total.sel(subset=one).values, alone)
    for place, last in enumerate(["reference", *TOGETHER]):
        name = "+".join(TOGETHER[:place]) or last
        np.testing.assert_array_equal(total.sel(subset=name), found["level"].sel(step=last))


def test_accounts_of_another_kind(terms: Terms, whole: xr.DataTree) -> None:
    outputs = whole["prior_predictive"].to_dataset().isel(scenario=0)
    demand = outputs["demand"].sel(year=YEAR).values.reshape(-1, 5)
    served = demand[:, 1:4].sum(1)
    ours = apart(terms, NUMBERS, BREAKS)
    installed = outputs["installed_capacity"].sel(year=YEAR).sum("facility").values.reshape(-1)
    np.testing.assert_allclose(ours["nameplate"], installed * 8.76 + demand[:, 4], rtol=1e-9)
    # No policy moves the PUE of AI here, so that all regions have that of the input.
    over = terms.given["limits.host_factor"] * terms.given["limits.pue"]
    wanted = demand[:, 0] + demand[:, 4] + served / over
    np.testing.assert_allclose(ours["chip_power"], wanted, rtol=1e-9)
    early = outputs["demand"].sel(year=[2023, 2025]).values.reshape(-1, 2, 5)[..., 1:4].sum(-1)
    years = np.array([2023, 2025]) - 2025.0
    slope = (np.log(early[:, 1]) - np.log(early[:, 0])) / (years[1] - years[0])
    grown = early[:, 1] * np.exp(slope * (YEAR - 2025))
    np.testing.assert_allclose(
        ours["compound_growth"], demand[:, 0] + demand[:, 4] + grown, rtol=1e-9
    )
    for name, points in BREAKS.items():
        line = np.polyfit([year - 2020 for year, _ in points], np.log([b for _, b in points]), 1)
        np.testing.assert_allclose(ours[name], np.exp(np.polyval(line, YEAR - 2020)), rtol=1e-9)


def test_training_alone_is_its_share_of_what_is_asked_for(terms: Terms, whole: xr.DataTree) -> None:
    outputs = whole["prior_predictive"].to_dataset().isel(scenario=0).sel(year=YEAR)
    names = ("training.training", "inference.inference", "customisation.customisation")
    training, *rest = (outputs[name].values.reshape(-1) for name in names)
    asked = outputs["ai_demand"].values.reshape(-1)
    alone = ai(terms, frozenset({"training_only", "no_limits"}), NUMBERS)
    np.testing.assert_allclose(alone, asked * training / (training + sum(rest)), rtol=1e-9)
    held = ai(terms, frozenset({"training_only"}), NUMBERS)
    assert (held <= alone * (1 + 1e-12)).all()
    assert (held < 0.9 * alone).any()


@pytest.mark.parametrize(("year", "there"), [(2024, False), (2025, False), (2026, True)])
def test_growth_is_compounded_only_after_it_was_seen(
    whole: xr.DataTree, year: int, there: bool
) -> None:
    one = terms_of(whole, "base", year, extreme=0.95, beside=BESIDE)
    told = audit(one, NUMBERS, BREAKS).sel(error="compound_growth")
    assert bool(told["factor"].notnull().all()) is there


def test_carbon_stands_beside_the_accounts_of_the_run(
    found: xr.Dataset, terms: Terms, whole: xr.DataTree
) -> None:
    outputs = whole["prior_predictive"].to_dataset().isel(scenario=0).sel(year=YEAR)
    for account in ("location", "market", "hourly"):
        own = np.median(outputs["emissions"].sel(account=account).values)
        told = float(found["carbon"].sel(account=account, statistic="p50"))
        assert told == pytest.approx(own)
    total = outputs["demand"].sum("segment").values.reshape(-1)
    mean = outputs["electricity.intensity_world"].values.reshape(-1)
    average = float(found["carbon"].sel(account="grid_average", statistic="p50"))
    # TWh times g/kWh is 10^9 g, a thousandth of a megatonne.
    assert average == pytest.approx(np.median(total * mean * 1e-3))
    assert (found["carbon_factor"].sel(account="market", statistic=["p10", "p90"]) == 1).all()
    share = float(found["share_of_world"].sel(statistic="p50"))
    assert share == pytest.approx(np.median(outputs["share_of_world_demand"].values))


def test_failed_draws_are_left_out(whole: xr.DataTree) -> None:
    broken = whole.copy(deep=True)
    status = broken["sample_stats_prior"]["status"].values.copy()
    status[0, :3] = 1
    stats = broken["sample_stats_prior"].to_dataset()
    stats["status"] = (("chain", "draw", "scenario"), status)
    broken["sample_stats_prior"] = xr.DataTree(stats)
    one = terms_of(broken, "base", YEAR, extreme=0.95, beside=BESIDE)
    told = audit(one, NUMBERS, BREAKS)
    assert told.attrs["draws"] == status.size - 3
    rest = whole["prior_predictive"]["demand"].sel(year=YEAR).sum("segment").values.reshape(-1)[3:]
    assert float(told["reference_total"].sel(statistic="p90")) == pytest.approx(
        np.quantile(rest, 0.9)
    )


def test_an_account_that_misses_the_run_is_refused(terms: Terms) -> None:
    off = {**terms.now, "totals.total": terms.now["totals.total"] * 1.00001}
    wrong = Terms(YEAR, terms.shape, {**terms.outputs, YEAR: off}, terms.given, terms.extreme)
    with pytest.raises(ValueError, match="misses the total of the run by 1.0e-05"):
        audit(wrong, NUMBERS, BREAKS)


@pytest.mark.parametrize(
    ("name", "year", "told"),
    [
        ("bse", 2030, 'no scenario "bse", expected one of base'),
        ("base", 2023, "year 2023: one error is to freeze efficiency at 2023, .* 2024 to 2035"),
        ("base", 2036, "year 2036 is not in the run, which has 2015 to 2035"),
    ],
)
def test_what_cannot_be_audited_is_told(
    whole: xr.DataTree, name: str, year: int, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        terms_of(whole, name, year, extreme=0.95)


def test_the_limit_is_that_of_the_definition() -> None:
    asked, limit = np.meshgrid([0.0, 1e-3, 0.9, 1.0, 1.1, 40.0], [0.5, 1.0, 7.0])
    with np.errstate(divide="ignore"):
        wanted = asked * (1 + (asked / limit) ** 12) ** (-1 / 12)
    np.testing.assert_allclose(under_limit(asked, limit), wanted, rtol=1e-12)
    assert under_limit(np.array([3.0]), np.array([0.0])) == 0
    assert under_limit(np.array([1e200]), np.array([2.0])) == pytest.approx(2.0)


def test_growth_is_the_sum_of_yearly_rates() -> None:
    for fade in (0.0, 0.3):
        rates = [0.1 + (0.5 - 0.1) * np.exp(-fade * year) for year in range(7)]
        ours = fading_growth(7.0, np.array(0.5), np.array(0.1), np.array(fade))
        assert float(ours) == pytest.approx(sum(rates))


def test_a_stored_run_is_audited_with_the_shipped_words(run: xr.DataTree) -> None:
    told = forecast.api.audit(run, scenario="base+pue-cap", year=2034)
    texts = read_audit()
    known = {one.id for one in texts.errors.errors}
    assert {*TOGETHER, *APART, "no_perspective"} == known
    assert told["mistake"].values.tolist() == [one.id for one in texts.hindcast.mistakes]
    demand = run["prior_predictive"]["demand"].sel(scenario="base+pue-cap", year=2034)
    assert float(told["reference_total"].sel(statistic="mean")) == pytest.approx(
        float(demand.sum("segment").mean())
    )
    assert (told.attrs["outturn"], told.attrs["outturn_revised"]) == (350.0, 324.0)
    assert (
        told["title"].sel(error="old_pue") == "One old PUE, and the grid's average carbon, for all"
    )
    assert told.attrs["draws"] == 256
    assert not set(OUTPUTS) & {str(one) for one in run["prior_predictive"].data_vars}


def test_a_run_of_another_version_is_not_audited(run: xr.DataTree) -> None:
    other = run.copy(deep=True)
    demand = other["prior_predictive"]["demand"]
    other["prior_predictive"]["demand"] = demand * 1.01
    with pytest.raises(ValueError, match="of another version of forecast; run the scenario again"):
        forecast.api.audit(other)
    with pytest.raises(ValueError, match="year 2014 is not in the run, which has 2015 to 2035"):
        forecast.api.audit(run, year=2014)
    with pytest.raises(ValueError, match='no scenario "high", expected one of base, base.pue-cap'):
        forecast.api.audit(run, scenario="high")

"""Claims and other uses against figures taken from the run by hand."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose

from forecast.analysis.claims import QUANTITIES, draws_of, judge
from forecast.analysis.perspective import perspective
from forecast.errors import InputErrors
from forecast.spec.claims import ClaimEntry, UseEntry, read_claims, read_uses
from forecast.spec.register import read_register


def claim(
    quantity: str | None, low: float | None, high: float | None, **more: object
) -> ClaimEntry:
    told = {"id": "one", "says": "so", "section": "here", "unit": "1", "boundary": "all"}
    return ClaimEntry(**told, quantity=quantity, low=low, high=high, **more)


def flat(run: xr.DataTree, name: str, **at: object) -> np.ndarray:
    return run["prior_predictive"][name].sel(**at).values.reshape(-1)


def test_figures_are_those_of_the_run(whole: xr.DataTree) -> None:
    draws = draws_of(whole, "base")
    total = {year: flat(whole, "demand", year=year, scenario="base") for year in (2022, 2026)}
    total = {year: one.reshape(-1, 5).sum(-1) for year, one in total.items()}
    assert_allclose(QUANTITIES["total_2022"](draws), total[2022])
    assert_allclose(QUANTITIES["total_2026_over_2022"](draws), total[2026] / total[2022])
    workloads = flat(whole, "workloads", year=2022, scenario="base")
    assert_allclose(QUANTITIES["workloads_growth"](draws), 100 * (workloads - 1))
    peft = whole["prior"]["customisation.peft_saving"].values.reshape(-1)
    full = whole["prior"]["customisation.full_saving"].values.reshape(-1)
    share = whole["prior"]["customisation.full_share"].values.reshape(-1)
    assert_allclose(QUANTITIES["peft_saving"](draws), peft)
    mixed = QUANTITIES["customisation_saving"](draws)
    assert_allclose(1 / mixed, share / full + (1 - share) / peft)
    assert np.all((mixed >= np.minimum(full, peft)) & (mixed <= np.maximum(full, peft)))


def test_verdicts_follow_the_interval(whole: xr.DataTree) -> None:
    draws = draws_of(whole, "base")
    low, middle, high = np.quantile(QUANTITIES["total_2022"](draws), [0.1, 0.5, 0.9])

    def verdict(low: float | None, high: float | None, **more: object) -> str:
        return str(judge(claim("total_2022", low, high, **more), draws)["verdict"])

    assert verdict(middle - 1, middle + 1) == "agrees"
    assert verdict(low + 1, low + 1) == "agrees"  # one number, inside p10 to p90
    assert verdict(None, middle + 1) == "agrees"
    assert verdict(middle + 1, None) == "partly"
    assert verdict(high + 1, None) == "disagrees"
    assert verdict(None, low - 1) == "disagrees"
    assert verdict(middle - 1, middle + 1, same_source=True) == "same source"
    assert verdict(high + 1, None, same_source=True) == "disagrees"
    assert verdict(None, None, why_not="another unit") == "not comparable"
    told = judge(claim("total_2022", high + 1, None), draws)
    assert told["inside"] == pytest.approx(0.1, abs=0.01)
    assert "the median is below it by" in str(told["why"])
    assert judge(claim(None, 1, 2, why_not="no data"), draws) == {
        "verdict": "not comparable",
        "why": "no data",
    }
    with pytest.raises(ValueError, match="no quantity nothing; there are total_2022"):
        judge(claim("nothing", 1, 2), draws)


def test_every_shipped_claim_can_be_judged_and_says_why_where_not(whole: xr.DataTree) -> None:
    draws = draws_of(whole, "base")
    (talk,) = read_claims()
    assert len(talk.claims) > 25
    for one in talk.claims:
        found = judge(one, draws)
        assert (found["verdict"] == "not comparable") == bool(one.why_not), one.id
        assert one.why_not or one.quantity, one.id
        assert one.why_not or not (one.low is None and one.high is None), one.id
        if one.quantity:
            assert found["p10"] <= found["p50"] <= found["p90"], one.id


def test_a_figure_whose_prior_is_of_the_talk_is_not_called_agreement() -> None:
    (talk,) = read_claims()
    priors = read_register().priors
    inputs = {
        "software_total": "efficiency.software_total",
        "full_saving": "customisation.full_saving",
        "peft_saving": "customisation.peft_saving",
        "retrieval_saving": "customisation.retrieval_saving",
        "applications_per_model": "training.applications_per_model",
        "preparation_per_model": "customisation.model_node_hours",
        "precision_2029": "efficiency.precision_2029",
        "frontier_2023": "training.frontier_energy_2023",
    }
    for one in talk.claims:
        if one.quantity in inputs and not one.why_not:
            of_the_talk = "McClellan" in priors[inputs[one.quantity]].source
            assert one.same_source == of_the_talk, one.id


def test_a_demand_over_a_use_is_a_ratio_draw_by_draw(run: xr.DataTree) -> None:
    uses = read_uses()
    found = perspective(run, uses, [2025, 2030], "base+pue-cap")
    total = run["prior_predictive"]["demand"].sum("segment").sel(scenario="base+pue-cap", year=2030)
    world = uses[0].value
    one = found.sel(variable="total", year=2030).isel(use=0)
    assert float(one["p90"]) == pytest.approx(np.quantile(total.values, 0.9) / world)
    assert float(one["mcse"]) > 0
    assert found["use"].values.tolist() == [each.name for each in uses]


def test_uses_and_claims_say_where_they_are_from(tmp_path: Path) -> None:
    assert {one.kind for one in read_uses()} == {"denominator", "use", "country"}
    (tmp_path / "uses.yaml").write_text(
        "title: Mine\nuses:\n  - {id: one, name: One, kind: use, value: -1, unit: GWh, year: 2020,"
        " scope: all, source: hearsay, as_of: 2020, grade: E}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputErrors) as caught:
        read_uses(tmp_path)
    told = str(caught.value)
    for fault in ("expected a number above 0", "expected one of TWh", "grade", "an address, a DOI"):
        assert fault in told, fault
    assert isinstance(read_uses()[0], UseEntry)

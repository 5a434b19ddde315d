"""Draws as plain arrays: that they are those of the Run."""

import numpy as np
import pytest
import xarray as xr

from forecast.analysis.ensemble import ensemble_of
from forecast.grammar import parse_place


def test_draws_are_those_of_the_run(run: xr.DataTree) -> None:
    one = ensemble_of(run, "base")
    outputs, inputs = run["prior_predictive"].to_dataset(), run["prior"].to_dataset()
    total = outputs["demand"].sel(scenario="base", year=2030).sum("segment").values.reshape(-1)
    np.testing.assert_array_equal(one.values(parse_place("total[2030]")), total)
    place = one.inputs.index("limits.additions_2024")
    np.testing.assert_array_equal(
        one.x[:, place], inputs["limits.additions_2024"].values.reshape(-1)
    )
    assert one.unit(parse_place("total[2030]")) == "TWh"
    assert one.chain.tolist() == sorted(one.chain.tolist())
    assert len(one.inputs) == len(one.units) == one.x.shape[1]
    assert (one.x.std(0) > 0).all()


def test_labels_of_vectors_are_inputs_of_their_own(run: xr.DataTree) -> None:
    one = ensemble_of(run)
    place = one.inputs.index("regions.ai[china]")
    values = run["prior"].to_dataset()["regions.ai"].sel(region="china")
    np.testing.assert_array_equal(one.x[:, place], values.values.reshape(-1))


def test_failed_draws_are_left_out(run: xr.DataTree) -> None:
    changed = run.copy(deep=True)
    stats = changed["sample_stats_prior"].to_dataset()
    stats["status"][0, 0, 0] = 1
    changed["sample_stats_prior"] = xr.DataTree(stats)
    assert len(ensemble_of(changed, "base").x) == len(ensemble_of(run, "base").x) - 1


def test_outcomes_are_chosen(run: xr.DataTree) -> None:
    one = ensemble_of(run, variables=["total", "crypto"], first=2030)
    assert set(one.rows["variable"]) == {"total", "crypto"}
    assert one.rows["year"].min() == 2030
    few = one.of([parse_place("crypto[2031]"), parse_place("total[2030]")])
    assert few.rows["variable"].tolist() == ["crypto", "total"]
    assert few.y.shape == (len(one.x), 2)


def test_dependence_is_told(run: xr.DataTree) -> None:
    assert "block dependence" in ensemble_of(run).dependent


def test_what_is_not_there_is_told(run: xr.DataTree) -> None:
    with pytest.raises(ValueError, match='no scenario "bse", expected one of base, base'):
        ensemble_of(run, "bse")
    with pytest.raises(ValueError, match='no variable "totl" \\(did you mean "total"'):
        ensemble_of(run, variables=["totl"])
    bare = xr.DataTree.from_dict({"/summary": xr.Dataset()})
    with pytest.raises(ValueError, match="keeps no draws"):
        ensemble_of(bare)
    few = xr.DataTree.from_dict(
        {
            f"/{name}": run[name].to_dataset().isel(draw=slice(4))
            for name in ("prior", "prior_predictive", "sample_stats_prior")
        }
    )
    few.attrs = run.attrs
    with pytest.raises(ValueError, match="32 valid draws are too few, at least 64"):
        ensemble_of(few)

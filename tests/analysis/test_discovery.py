"""The labelled wrapper: what a planted box is told as, and what is refused."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from forecast.analysis.discovery import discover
from forecast.analysis.discovery_outcome import LEAST_EITHER, halves, outcome
from forecast.analysis.discovery_words import (
    box_sentence,
    condition_words,
    meaning_of,
    number,
    percent,
    with_unit,
)
from forecast.analysis.ensemble import Ensemble
from forecast.analysis.prim import Rule
from forecast.export.results import keep
from forecast.grammar import parse_conditions

DRAWS = 4000
NAMES = ("limits.chips", "regions.ai[china]", "adoption.rate", "noise.level")


def planted(dependent: str = "", chains: int = 4) -> Ensemble:
    """Demand is high where chips are above 7 GW and the share lies between 0.2 and 0.6."""
    rng = np.random.default_rng(2)
    x = rng.random((DRAWS, 4)) * [10, 1, 1, 1]
    inside = (x[:, 0] >= 7) & (x[:, 1] >= 0.2) & (x[:, 1] <= 0.6)
    total = np.where(inside, 1300, 900) + 100 * rng.random(DRAWS)
    unserved = np.where(np.arange(DRAWS) % 4 == 0, np.nan, x[:, 0])
    rows = {
        "variable": np.array(["total", "unserved", "pue"]),
        "region": np.array(["", "china", ""]),
        "year": np.array([2030, 2030, 2030]),
        "unit": np.array(["TWh", "TWh", "1"]),
        "scope": np.array(["meter"] * 3),
    }
    y = np.stack([total, unserved, 1 + x[:, 2]], axis=1)
    chain = np.repeat(np.arange(chains), DRAWS // chains)
    return Ensemble("base", NAMES, ("GW", "1", "1/yr", "1"), x, rows, y, chain, dependent)


@pytest.fixture(scope="module")
def found() -> xr.Dataset:
    meanings = {"limits.chips": "chips added in 2024", "regions.ai": "share of AI demand"}
    conditions = parse_conditions("total[2030] > 1200 TWh")
    tied = "its draws are of a posterior, which ties inputs to each other"
    return discover(planted(tied), conditions, meanings=meanings, resamples=10)


def test_a_planted_box_is_found_in_units_of_its_inputs(found: xr.Dataset) -> None:
    inside = found.isel(input=np.flatnonzero(found["restricted"].values))
    assert set(inside["input"].values) == {"limits.chips", "regions.ai[china]"}
    assert found["input"].values[:2].tolist() == inside["input"].values.tolist()
    chips, china = (found.sel(input=name) for name in NAMES[:2])
    assert float(chips["limit"].sel(side="low")) == pytest.approx(7, abs=0.1)
    assert math.isnan(float(chips["limit"].sel(side="high")))
    assert chips["unit"].item() == "GW"
    assert china["limit"].values == pytest.approx([0.2, 0.6], abs=0.02)
    # Inputs are uniform, so that a limit is its own quantile.
    assert float(chips["quantile"].sel(side="low")) == pytest.approx(0.7, abs=0.03)
    assert china["quantile"].values == pytest.approx([0.2, 0.6], abs=0.03)
    for name in ("p", "p_held_out"):
        assert (china[name].values < 1e-6).all()
    assert china["stability"].values.tolist() == [1, 1]
    assert (china["limit_p05"] <= china["limit"] + 0.01).all()
    assert (china["limit_p95"] >= china["limit"] - 0.01).all()
    assert float(found.sel(input="noise.level")["either_stability"]) < 0.5


def test_numbers_are_of_draws_that_were_held_out(found: xr.Dataset) -> None:
    ensemble = planted()
    cases = ensemble.y[:, 0] > 1200
    held = ensemble.chain % 2 == 1
    inside = np.ones(DRAWS, bool)
    for column, name in enumerate(NAMES):
        low, high = found["limit"].sel(input=name).values
        x = ensemble.x[:, column]
        inside &= (x >= np.nan_to_num(low, nan=-1)) & (x <= np.nan_to_num(high, nan=99))
    for sample, chosen in (("held_out", held), ("found_on", ~held)):
        one = found.sel(sample=sample)
        assert int(one["draws"]) == chosen.sum()
        assert int(one["with_outcome"]) == cases[chosen].sum()
        assert float(one["density"]) == cases[chosen & inside].mean()
        assert float(one["coverage"]) == inside[chosen & cases].mean()
        assert float(one["mass"]) == inside[chosen].mean()
    assert float(found["leaf_mass"].sum()) == pytest.approx(1)
    assert float(found["leaf_coverage"].sum()) == pytest.approx(1)
    told = found["leaf_density"] * found["leaf_mass"]
    assert float(told.sum()) == pytest.approx(cases[held].mean())


def test_the_sentence_says_the_box_in_words(found: xr.Dataset) -> None:
    said = box_sentence(found)
    assert said.startswith("base: total above 1,200 TWh in 2030 (12 % of 4,000 draws): most often")
    assert "limits.chips (chips added in 2024) is at least 7" in said
    assert "regions.ai[china] (share of AI demand) is between 0." in said
    assert " GW" in said
    held = found.sel(sample="held_out")
    assert f"inside this box {percent(float(held['density']))} have it (density)" in said
    assert f"{percent(float(held['coverage']))} of all that have it lie inside (coverage)" in said
    assert "of 2,000 draws that the box was not found on" in said
    assert "describes draws and not causes: its draws are of a posterior" in said
    independent = discover(planted(), parse_conditions("total[2030] > 1200"), resamples=2)
    assert box_sentence(independent).endswith("The box describes draws and not causes.")


def test_unstable_limits_are_named(found: xr.Dataset) -> None:
    assert "resamples limit" not in box_sentence(found)
    weak = found.copy()
    weak["either_stability"] = xr.where(weak["input"] == "limits.chips", 0.45, 1.0)
    assert "Fewer than half of the resamples limit limits.chips: do not" in box_sentence(weak)


def test_what_no_input_tells_apart_is_said() -> None:
    ensemble = planted()
    mixed = np.random.default_rng(3).permutation(ensemble.y)
    found = discover(replace(ensemble, y=mixed), parse_conditions("total[2030] > 1200"))
    assert "no limit of any input tells these draws from the others." in box_sentence(found)
    assert not found["restricted"].any()
    assert found.sel(sample="held_out")["coverage"] == 1


def test_draws_without_the_number_are_left_out() -> None:
    ensemble = planted()
    conditions = parse_conditions("unserved[china, 2030] > 7 TWh and pue[2030] < p50")
    cases, known = outcome(ensemble, conditions)
    assert (~known).sum() == DRAWS // 4
    assert not cases[~known].any()
    found = discover(ensemble, conditions, resamples=2)
    assert (found.attrs["missing"], found.attrs["draws"]) == (DRAWS // 4, 3 * DRAWS // 4)
    assert found.attrs["share"] == pytest.approx(0.15, abs=0.02)
    assert float(found["limit"].sel(input="limits.chips", side="low")) == pytest.approx(7, abs=0.1)
    # The percentile is of all draws, as the condition is.
    median = number(float(np.median(ensemble.y[:, 2])))
    told = f"unserved of china above 7 TWh in 2030 and pue below its p50 of {median} in 2030"
    assert told in box_sentence(found)


def test_halves_are_of_whole_chains() -> None:
    chain = np.repeat([0, 1, 2, 5], 10)
    first, said = halves(chain, 1)
    assert [first[chain == one].mean() for one in (0, 1, 2, 5)] == [1, 0, 1, 0]
    assert said == "2 of 4 chains"
    alone, told = halves(np.zeros(101), 1)
    assert (alone.sum(), told) == (51, "a random half of the draws")
    assert not np.array_equal(alone, halves(np.zeros(101), 2)[0])


def test_the_trajectory_starts_with_all_draws(found: xr.Dataset) -> None:
    assert found["peeled"].values[0] == ""
    assert all(" >= " in one or " <= " in one for one in found["peeled"].values[1:])
    for name in ("", "_held_out"):
        assert found[f"box_coverage{name}"].values[0] == 1
    product = found["box_coverage"] * found["box_density"]
    assert found.attrs["chosen"] == product.values.argmax()
    asked = discover(
        planted(), parse_conditions("total[2030] > 1200"), rule=Rule(number=3), resamples=2
    )
    assert asked.attrs["chosen"] == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("totl[2030] > 1", 'column 1: no variable "totl"'),
        ("total[2031] > 1", "column 7: the year must lie in 2030 to 2030, got 2031"),
        ("pue[2030] > 1 and total[2030] > 9 GW", 'column 19: total.2030. is in TWh, got "GW"'),
        ("pue[2030] > 1 %", 'column 1: pue.2030. is a share or ratio without unit, got "%"'),
        ("total[2030] > 9000", "holds in none of 4,000 draws; .*\ntotal.2030. reaches: min 900, "),
        ("total[2030] > 1", "holds in all of 4,000 draws; .* 25 draws without it in each half"),
        ("total[2030] > p99.5", "holds in 20 of 4,000 draws; .* with it in each half .* are "),
    ],
)
def test_what_cannot_be_asked_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        discover(planted(), parse_conditions(text))
    with pytest.raises(ValueError, match="there is no condition"):
        discover(planted(), ())


def test_reach_is_that_of_the_draws() -> None:
    ensemble = planted()
    levels = np.quantile(ensemble.y[:, 0], [0, 0.05, 0.5, 0.95, 1])
    names = ("min", "p05", "p50", "p95", "max")
    said = ", ".join(f"{name} {number(one)}" for name, one in zip(names, levels, strict=True))
    with pytest.raises(ValueError, match=f"reaches: {said} TWh"):
        discover(ensemble, parse_conditions("total[2030] > 9000"))
    empty = replace(ensemble, y=np.where([True, False, False], np.nan, ensemble.y))
    with pytest.raises(ValueError, match=r"total\[2030\] is missing in every draw"):
        discover(empty, parse_conditions("total[2030] > 9000 and pue[2030] > 1"))


def test_the_least_number_is_enough() -> None:
    ensemble = planted()
    for count, fine in ((LEAST_EITHER, True), (LEAST_EITHER - 1, False)):
        y = ensemble.y.copy()
        y[:, 0] = 0
        for chain in range(4):
            most = np.flatnonzero(ensemble.chain == chain)[np.argsort(-ensemble.x[:1000, 0])]
            y[most[: count if chain < 2 else 0], 0] = 1
        ours, conditions = replace(ensemble, y=y), parse_conditions("total[2030] > 0.5")
        if fine:
            assert (
                discover(ours, conditions, resamples=2).sel(sample="held_out")["with_outcome"]
                == count
            )
        else:
            with pytest.raises(ValueError, match=f"there are {count} and {count}"):
                discover(ours, conditions)


def test_a_result_is_kept_and_read_again(found: xr.Dataset, tmp_path: Path) -> None:
    files = keep(found, tmp_path, "discovery")
    with xr.open_dataset(files[0], engine="h5netcdf") as again:
        xr.testing.assert_allclose(again.load()["limit"], found["limit"])
        assert again.attrs["condition"] == "total[2030] > 1200 TWh"
    assert {one.name for one in files[1:]} == {
        f"discovery-{name}.csv" for name in ("box", "input", "input-side", "leaf", "sample")
    }
    independent = discover(planted(), parse_conditions("total[2030] > 1200"), resamples=2)
    keep(independent, tmp_path, "discovery")


def test_words() -> None:
    assert [number(one) for one in (0.01234, 5.1, 1234.5, 1.5e14, -2000)] == [
        "0.0123",
        "5.1",
        "1,234",
        "1.5e+14",
        "-2,000",
    ]
    assert [with_unit(2.0, unit) for unit in ("GW", "1/yr", "1", "")] == ["2 GW", "2/yr", "2", "2"]
    shares = (0.0, 0.0004, 0.05, 0.0996, 0.5, 0.9961, 1.0, math.nan)
    assert [percent(one) for one in shares] == [
        "0 %",
        "under 0.1 %",
        "5.0 %",
        "10 %",
        "50 %",
        "over 99 %",
        "100 %",
        "no",
    ]
    assert meaning_of("a.b[china]", {"a.b": "of b", "a.b[europe]": "no"}) == "of b"
    assert meaning_of("a.c", {"a.b": "of b"}) == ""
    (one,) = parse_conditions("data_centres[2030] <= 5")
    assert condition_words(one, "TWh", np.zeros(3)) == "data centres at or below 5 TWh in 2030"

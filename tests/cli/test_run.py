"""`forecast run` on all that is shipped; what a process alone can show is in test_run_process."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import Result
from scipy import stats

from forecast.axes import REGIONS, SEGMENTS

type Call = Callable[..., Result]
type Rows = dict[tuple[str, str, int], dict[str, Any]]

FEW = ("--draws", "64", "--prior")
WILD = ("--set", "adoption.other_2023={p05: 300, p50: 20000, p95: 300000}")
"""TWh of AI in 2023, when no limit holds yet; the world had 29,000."""
THREE = ("base", "lower.yaml", "base+pue-cap", *FEW, "--keep", "regions")
LOWER = """\
title: A lower world
extends: base
inputs:
  conventional.energy_2015: {p05: 146, p50: 193, p95: 250}
  conventional.workload_growth_first: {p05: 0.207, p50: 0.236, p95: 0.265}
  conventional.workload_fade: {p05: 0.036, p50: 0.068, p95: 0.13}
  conventional.intensity_decline_first: {p05: 0.136, p50: 0.165, p95: 0.194}
  crypto.energy_2022: {p05: 60, p50: 110, p95: 165}
  adoption.tokens_2023: {p05: 1.4e14, p50: 3.6e14, p95: 1.05e15}
  adoption.other_2023: {p05: 3.8, p50: 9.4, p95: 20}
"""
NUMBERS = ("mean", "p05", "p10", "p50", "p90", "p95")
KEYS = ("scenario", "variable", "scope", "region", "year", "unit")
ERRORS = ("mcse", "mcse_mean", "mcse_p05", "mcse_p10", "mcse_p90", "mcse_p95")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory; all that is shipped; no compile cache in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("forecast.cli.cache.use_cache", lambda: None)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that these tests share, so that what one has run another finds."""
    return tmp_path_factory.mktemp("outputs")


@pytest.fixture
def found(call: Call, outputs: Path) -> Callable[..., dict[str, Any]]:
    """What `--json` prints, one object and nothing else."""

    def invoke(*args: str) -> dict[str, Any]:
        result = call("run", *args, "--json", "--output", str(outputs))
        assert (result.exit_code, result.stderr) == (0, "")
        assert "NaN" not in result.stdout
        assert len(result.stdout.splitlines()) == 1
        told: dict[str, Any] = json.loads(result.stdout)
        assert list(told) == ["run", "draws", "failed", "rows"]
        return told

    return invoke


def _world(told: dict[str, Any]) -> Rows:
    rows = [one for one in told["rows"] if one["region"] is None]
    return {(one["scenario"], one["variable"], one["year"]): one for one in rows}


def _open(told: dict[str, Any]) -> xr.DataTree:
    with xr.open_datatree(Path(told["run"]) / "run.nc", engine="h5netcdf") as tree:
        return tree.load()


@pytest.mark.slow
def test_json_has_every_row_that_programs_are_promised(found: Callable[..., Any]) -> None:
    told = found("base.yaml", *FEW)
    assert (told["draws"], told["failed"]) == (64, 0)
    for row in told["rows"]:
        assert row.keys() >= {*KEYS, *NUMBERS, *ERRORS}
        assert all(row[key] for key in ("scenario", "variable", "scope", "unit"))
        assert row["region"] is None or row["region"] in REGIONS
    rows = _world(told)
    variables = {variable for _, variable, _ in rows}
    assert variables >= {"total", "data_centres", "ai", *SEGMENTS}
    assert variables >= {"share_of_world_demand", "renewable_share", "unserved", "pue"}
    assert variables >= {"emissions_location", "emissions_market", "emissions_hourly"}
    for variable in ("total", "ai", "crypto", "share_of_world_demand", "emissions_location"):
        assert {year for _, name, year in rows if name == variable} == set(range(2015, 2036))
        one = rows["base", variable, 2030]
        assert one["p05"] < one["p10"] < one["p50"] < one["p90"] < one["p95"]
        assert all(one[error] > 0 for error in ERRORS)
    assert rows["base", "total", 2030]["unit"] == "TWh"


@pytest.mark.slow
def test_numbers_are_those_of_the_draws(found: Callable[..., Any]) -> None:
    told = found("base", *FEW)
    demand = _open(told)["prior_predictive"]["demand"].sel(scenario="base", year=2030)
    rows = _world(told)
    sums = {"total": SEGMENTS, "ai": SEGMENTS[1:4], "data_centres": SEGMENTS[:4]}
    for variable, segments in (*sums.items(), *((one, (one,)) for one in SEGMENTS)):
        draws = demand.sel(segment=list(segments)).sum("segment").values.ravel()
        row = rows["base", variable, 2030]
        assert draws.size == 64
        np.testing.assert_allclose(row["mean"], draws.mean(), rtol=1e-8)
        for name in NUMBERS[1:]:
            # Any rule of interpolation lies between the neighbours in order.
            order, share = np.sort(draws), float(name[1:]) / 100
            below, above = order[int(63 * share) - 1], order[int(63 * share) + 2]
            assert below <= row[name] <= above
    with (Path(told["run"]) / "summary.csv").open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert len(lines) == len(told["rows"])
    for line, row in zip(lines, told["rows"], strict=True):
        assert {line[key] or None for key in KEYS} == {
            str(row[key]) if row[key] is not None else None for key in KEYS
        }
        assert float(line["p50"] or "inf") == (np.inf if row["p50"] is None else row["p50"])


@pytest.mark.slow
def test_scenarios_are_paired_draw_by_draw(found: Callable[..., Any]) -> None:
    Path("lower.yaml").write_text(LOWER)
    told = found(*THREE)
    both = _open(told)
    inputs = both["prior"].to_dataset()
    changed = [name for name, one in inputs.data_vars.items() if "scenario" in one.dims]
    assert 4 < len(changed) < len(inputs.data_vars) / 2
    for name in changed:
        base, lower, capped = (
            inputs[name].isel(scenario=place).values.ravel() for place in range(3)
        )
        assert base.tobytes() == capped.tobytes()
        assert stats.spearmanr(base, lower).statistic == pytest.approx(1, abs=1e-12)
        assert np.any(base != lower)
    alone = _open(found("base", *FEW))
    for name, values in alone["prior_predictive"].data_vars.items():
        beside = both["prior_predictive"][name].sel(scenario=["base"])
        assert beside.values.tobytes() == values.values.tobytes(), name
    capped, base = (
        both["prior_predictive"]["pue"].sel(scenario=one, year=2035)
        for one in ("base+pue-cap", "base")
    )
    assert bool((capped <= base).all())
    assert bool((capped < base).any())
    assert Path(told["run"]).name.startswith("base+2-more-")
    assert {one.name for one in Path(told["run"]).glob("scenario-*.yaml")} == {
        "scenario-base.yaml",
        "scenario-lower.yaml",
        "scenario-base+pue-cap.yaml",
    }


@pytest.mark.slow
def test_regions_are_kept_on_request_and_sum_to_the_world(found: Callable[..., Any]) -> None:
    Path("lower.yaml").write_text(LOWER)
    kept = _open(found(*THREE))["prior_predictive"]
    total = kept["demand"].sum("segment")
    np.testing.assert_allclose(kept["total_by_region"].sum("region"), total, rtol=1e-12)
    told = found("base", *FEW)
    assert "total_by_region" not in _open(told)["prior_predictive"]
    regions = {one["region"] for one in told["rows"] if one["variable"] == "total"}
    assert regions == {None, *REGIONS}


@pytest.mark.slow
def test_draws_are_added_until_the_rule_is_met(
    call: Call, found: Callable[..., Any], outputs: Path
) -> None:
    rule = "p95(total[2030]) rel 5%"
    words = ("base", "--draws", "16", "--prior", "--until")
    told = found(*words, rule)
    assert told["draws"] > 16
    one = _world(told)["base", "total", 2030]
    assert one["mcse_p95"] < 0.05 * one["p95"]
    again = call("run", *words, rule, "--output", str(outputs))
    assert f"{rule}: met" in again.stdout
    strict = call("run", *words, rule.replace("5%", "0.001%"), "--ceiling", "64")
    assert strict.exit_code == 0
    assert "not met at the ceiling of 64 draws" in strict.stdout


@pytest.mark.slow
def test_a_streamed_summary_agrees_with_the_draws(found: Callable[..., Any]) -> None:
    whole, streamed = found("base", *FEW), found("base", *FEW, "--summary-only")
    assert streamed["run"] != whole["run"]
    tree = _open(streamed)
    assert "prior" not in tree.children
    assert (streamed["draws"], streamed["failed"]) == (64, 0)
    bound = tree["summary"].attrs["quantile_error_relative"]
    assert bound < 0.01
    old, new = _world(whole), _world(streamed)
    assert old.keys() == new.keys()
    for key in (("base", variable, 2030) for variable in ("total", "ai", "crypto", "workloads")):
        assert new[key]["mean"] == pytest.approx(old[key]["mean"], rel=1e-8)
        for name in NUMBERS[1:]:
            # The bound is of the sketch; 64 draws leave the rule of interpolation open.
            near = (
                2 * bound
                + 3 * old[key]["mcse" if name == "p50" else f"mcse_{name}"] / old[key][name]
            )
            assert new[key][name] == pytest.approx(old[key][name], rel=near)


@pytest.mark.slow
def test_failed_draws_are_counted_placed_and_left_out(
    call: Call, found: Callable[..., Any], outputs: Path
) -> None:
    wild = ("base", *FEW, *WILD, "--set", "failed_share=1")
    told = found(*wild)
    assert 5 < told["failed"] < 60
    tree = _open(told)
    status = tree["sample_stats_prior"]["status"]
    assert int((status != 0).sum()) == told["failed"]
    assert str(status.attrs["flag_meanings"]).split()[int(status.max())] == "above_world"
    demand = tree["prior_predictive"]["demand"].sum("segment").sel(year=2030)
    valid = demand.values[status.values == 0]
    row = _world(told)["base", "total", 2030]
    assert valid.size == 64 - told["failed"]
    np.testing.assert_allclose(row["mean"], valid.mean(), rtol=1e-8)
    said = call("run", *wild, "--output", str(outputs)).stdout
    assert f"{told['failed']} of 64 draws failed ({told['failed']} above_world)" in said
    assert "adoption.other_2023" in said.partition("they lie at")[2]


@pytest.mark.slow
def test_too_many_failures_are_refused_with_the_reason(call: Call) -> None:
    for more in ((), ("--summary-only",)):
        result = call("run", "base", *FEW, *WILD, *more)
        assert result.exit_code == 3
        assert "above_world" in result.stderr
        assert "failed_share" in result.stderr
        assert list(Path().iterdir()) == []


BAD = {
    "unknown scenario": (("bsae.yaml",), 'no such scenario (did you mean "base"?)'),
    "unknown method": (("base", "--method", "sobl"), "'sobl' is not one of"),
    "no draws": (("base", "--draws", "0"), "0 is not in the range"),
    "unknown option": (("base", "--drawz", "8"), "--drawz"),
    "no scenario": ((), "Missing argument"),
    "wrong value": (("base", "--set", "adoption.rate.p50=x"), "expected a number, got text 'x'"),
    "wrong order": (("base", "--set", "adoption.rate.p50=9"), "adoption.rate"),
    "unknown input": (("base", "--set", "adoption.rat=1"), 'did you mean "adoption.rate"?'),
    "no value": (("base", "--set", "sampling.seed"), "expected path=value"),
    "a policy alone": (("pue-cap",), 'did you mean "base+pue-cap"?'),
    "unknown output": (("base", "--keep", "totl"), "no output is called 'totl'"),
    "wrong rule": (("base", "--until", "p95[total] 1"), "column"),
    "rule on nothing": (("base", "--until", "p95(nothing[2030]) rel 1%"), "nothing"),
    "two ways at once": (
        ("base", "--summary-only", "--until", "mean(total[2030]) rel 1%"),
        "leave",
    ),
    "keep of nothing kept": (("base", "--summary-only", "--keep", "regions"), "--keep"),
    "one scenario twice": (("base", "base"), "two scenarios are called 'base'"),
    "different horizon": (("base", "mine.yaml"), "horizon of mine differs from base"),
    "a file as output": (("base", "--output", "mine.yaml"), "mine.yaml is a file"),
    "below a file": (("base", "--output", "mine.yaml/runs"), "mine.yaml is a file"),
    "more than memory": (("base", "--draws", "1000000000"), "--summary-only"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_a_user_can_mend_is_said_and_nothing_is_written(call: Call, name: str) -> None:
    Path("mine.yaml").write_text("title: Mine\nextends: base\nhorizon: 2030\n")
    words, told = BAD[name]
    result = call(
        "run", *(FEW if "--draws" not in words and "--drawz" not in words else FEW[2:]), *words
    )
    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.output
    assert list(Path().iterdir()) == [Path("mine.yaml")]


def test_a_file_here_wins_over_the_shipped_one_and_it_is_said(call: Call) -> None:
    """Said before anything is computed, here before a refusal."""
    Path("base.yaml").write_text("title: Mine\nextends: base\nsampling: {seed: 5}\n")
    mine, shipped = (
        call("run", name, *FEW, "--keep", "nothing").stdout.splitlines()
        for name in ("base.yaml", "base")
    )
    assert mine[0].startswith("base: Mine (")
    assert mine[0].endswith("scenarios/base.yaml, base.yaml)")
    assert mine[1].endswith("seed 5")
    assert shipped[0].startswith("base: The whole uncertainty, with ")
    assert shipped[0].endswith("scenarios/base.yaml)")


@pytest.mark.slow
def test_a_file_of_ones_own_runs_from_another_folder(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And again, when the side file of its run is gone."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "away").mkdir()
    (tmp_path / "mine" / "world.yaml").write_text("title: Mine\nextends: base\n")
    monkeypatch.chdir(tmp_path / "away")
    words = ("run", "../mine/world.yaml", *FEW)
    first = call(*words)
    assert first.exit_code == 0
    assert first.stdout.splitlines()[0].endswith("mine/world.yaml)")
    (folder,) = Path("outputs").iterdir()
    assert folder.name.startswith("world-")
    before = (folder / "run.nc").read_bytes()
    (folder / "log.json").write_text("")
    assert "found: computed before" not in call(*words).stdout
    assert json.loads((folder / "log.json").read_text())["draws"] == 64
    assert (folder / "run.nc").read_bytes() == before
    assert "found: computed before" in call(*words).stdout

"""`forecast explain` on all that is shipped."""

import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner, Result

import forecast.api
from forecast.cli.main import group
from forecast.model.demand import Outputs

FEW = ("--draws", "64", "--prior")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory; all that is shipped; no compile cache in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("forecast.cli.cache.use_cache", lambda: None)


@pytest.fixture(scope="module")
def said() -> Iterator[tuple[Result, Result]]:
    """What the command prints: tables of two blocks, and everything as JSON."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("forecast.cli.cache.use_cache", lambda: None)
        words = ["explain", "base.yaml", *FEW]
        some = ["--block", "training", "--block", "crypto", "--year", "2035"]
        both = ["--year", "2015", "--year", "2030", "--json"]
        yield tuple(CliRunner().invoke(group, [*words, *more]) for more in (some, both))


@pytest.fixture(scope="module")
def told(said: tuple[Result, Result]) -> dict[str, Any]:
    assert (said[1].exit_code, said[1].stderr) == (0, "")
    assert "NaN" not in said[1].stdout
    found: dict[str, Any] = json.loads(said[1].stdout)
    return found


@pytest.fixture(scope="module")
def outputs() -> xr.Dataset:
    run = forecast.api.run("base", draws=64, keep=["all"], prior=True)
    return run["prior_predictive"].to_dataset().sel(scenario="base")


@pytest.mark.slow
def test_every_block_of_the_model_is_shown(told: dict[str, Any]) -> None:
    blocks = {one.name for one in fields(Outputs) if is_dataclass(one.type)}
    shown = {one["block"] for one in told["quantities"]}
    assert {"conventional", "efficiency", "training", "limits", "crypto", "emissions"} <= blocks
    assert blocks <= shown


@pytest.mark.slow
def test_tables_are_of_the_blocks_and_years_asked_for(
    said: tuple[Result, Result], told: dict[str, Any]
) -> None:
    tables, _ = said
    assert tables.exit_code == 0
    lines = [line.strip() for line in tables.stdout.splitlines()]
    blocks = {one["block"] for one in told["quantities"]}
    assert [line for line in lines if line in blocks] == ["training", "crypto"]
    assert all(word in tables.stdout for word in ("formula", "at percentile", "Shapley"))
    heads = [line.split() for line in lines if line.startswith("quantity")]
    assert heads == [["quantity", "unit", "2035", "formula"]] * 2


@pytest.mark.slow
def test_quantities_have_unit_formula_and_the_draws_quantiles(
    told: dict[str, Any], outputs: xr.Dataset
) -> None:
    assert told["years"] == [2015, 2030]
    for one in told["quantities"]:
        assert one["unit"], one["name"]
        assert one["formula"], one["name"]
        assert len(one["values"]) == 2
    rows = {(one["block"], one["name"]): one for one in told["quantities"]}
    for block, name in (("training", "frontier"), ("conventional", "pue"), ("totals", "total")):
        draws = outputs[f"{block}.{name}"].sel(year=2030).values.ravel()
        wanted = np.quantile(draws, [0.05, 0.5, 0.95])
        np.testing.assert_allclose(rows[block, name]["values"][1], wanted, rtol=1e-12)


@pytest.mark.slow
def test_published_numbers_stand_beside_the_draws(
    told: dict[str, Any], outputs: xr.Dataset
) -> None:
    (one,) = (row for row in told["published"] if (row["output"], row["year"]) == ("total", 2022))
    total = outputs["demand"].sum("segment").sel(year=2022)
    assert (one["published"], one["unit"]) == (460, "TWh")
    assert one["percentile"] == pytest.approx(float((total < 460).mean()))
    known = {(row["output"], row["year"]) for row in told["published"]}
    assert {("data_centres", 2024), ("data_centres", 2025), ("workloads", 2022)} <= known


@pytest.mark.slow
def test_drivers_sum_to_the_change(told: dict[str, Any], outputs: xr.Dataset) -> None:
    change = told["change"]
    assert (change["first"], change["last"]) == (2022, 2030)
    total = outputs["demand"].sum("segment")
    grown = (total.sel(year=2030) - total.sel(year=2022)).values.ravel()
    np.testing.assert_allclose(change["total"], np.quantile(grown, [0.05, 0.5, 0.95]), rtol=1e-12)
    assert change["residue"] < 1e-9
    assert len(change["drivers"]) > 8
    sizes = [one["mean"] for one in change["drivers"]]
    # Terms of thousands of TWh cancel to hundreds.
    assert sum(sizes) == pytest.approx(grown.mean(), abs=1e-9 * np.abs(sizes).max())


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("base", "--block", "trainig"), "no block 'trainig'"),
        (("base", "--year", "1999"), "year 1999 is not in the run"),
        (("base", "--to", "2036"), "year 2036 is not in the run"),
        (("bsae",), 'did you mean "base"?'),
        (("base", "--set", "adoption.rate.p50=x"), "expected a number"),
        (("base", "--draws", "3"), "3 is not in the range"),
    ],
    ids=lambda words: words[-1] if isinstance(words, tuple) else "",
)
def test_what_a_user_can_mend_is_said(
    refused: Callable[..., str], words: tuple[str, ...], problem: str
) -> None:
    assert problem in refused("explain", *words)
    assert list(Path().iterdir()) == []

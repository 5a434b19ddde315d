import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xarray as xr
from ruamel.yaml import YAML

from forecast.axes import REGIONS as NAMES
from forecast.export import DRAWS, FORMATS
from forecast.export.draws import draws
from forecast.export.iamc import iamc
from forecast.export.names import REGIONS, SUFFIXES, VARIABLES
from forecast.export.tables import summary_csv

HEADS = (
    "scenario,variable,scope,region,year,unit,mean,p05,p10,p50,p90,p95,"
    "mcse,mcse_mean,mcse_p05,mcse_p10,mcse_p90,mcse_p95"
)
IAMC = ["Model", "Scenario", "Region", "Variable", "Unit"]
TOTAL = "Final Energy|Data Centres and Crypto|Electricity"


@pytest.fixture(scope="session")
def table(run: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = tmp_path_factory.mktemp("csv") / "summary.csv"
    summary_csv(run["summary"].to_dataset(), path)
    return pd.read_csv(path, keep_default_na=False, na_values={"mean": "", "p50": "", "mcse": ""})


@pytest.fixture(scope="session")
def wide(run: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = tmp_path_factory.mktemp("iamc") / "table.csv"
    iamc(run, path)
    years = {str(year): "" for year in range(2015, 2036)}
    return pd.read_csv(path, keep_default_na=False, na_values=years)


@pytest.fixture
def regional(run: xr.DataTree) -> xr.DataTree:
    """The run with an output by region, and with a draw that failed."""
    outputs, stats = run["prior_predictive"].to_dataset(), run["sample_stats_prior"].to_dataset()
    rng = np.random.default_rng(1)
    shape = [outputs.sizes[name] for name in ("chain", "draw", "scenario", "year")]
    values = (("chain", "draw", "scenario", "year", "region"), rng.random((*shape, len(NAMES))))
    status = stats["status"].copy(deep=True)
    status[0, 1, 1] = 1
    pue = outputs["pue"].copy(deep=True)
    pue[0, 1, 1] = np.nan
    changed = run.copy(deep=False)
    changed["prior_predictive"] = xr.DataTree(
        outputs.assign(total_by_region=values, pue=pue).assign_coords(region=list(NAMES))
    )
    changed["sample_stats_prior"] = xr.DataTree(stats.assign(status=status))
    return changed


def test_the_heads_of_the_table(run: xr.DataTree, tmp_path: Path) -> None:
    summary_csv(run["summary"].to_dataset(), tmp_path / "x.csv")
    written = (tmp_path / "x.csv").read_bytes()
    assert written.decode("utf-8").startswith(f"{HEADS}\nbase,total,")
    assert b"\r" not in written


def test_rows_hold_what_the_draws_say(run: xr.DataTree, table: pd.DataFrame) -> None:
    demand = run["prior_predictive"]["demand"]
    for scenario in ("base", "base+pue-cap"):
        total = demand.sel(scenario=scenario, year=2030).sum("segment")
        chosen = (table["scenario"] == scenario) & (table["variable"] == "total")
        chosen &= (table["region"] == "") & (table["year"] == 2030)
        (row,) = table[chosen].to_dict("records")
        assert row["unit"] == "TWh"
        assert row["mean"] == pytest.approx(float(total.mean()), rel=1e-8)
        for name, share in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95)):
            expected = np.quantile(total.values, share)
            assert float(row[name]) == pytest.approx(expected, rel=1e-8)
        medians = np.median(total.values, axis=1)
        expected = medians.std(ddof=1) / np.sqrt(len(medians))
        assert row["mcse"] == pytest.approx(expected, rel=1e-7)


def test_every_row_and_number_is_there(run: xr.DataTree, table: pd.DataFrame) -> None:
    summary = run["summary"].to_dataset()
    assert len(table) == summary.sizes["row"]
    for name in ("scenario", "variable", "scope", "region", "year", "unit"):
        assert table[name].tolist() == summary[name].values.tolist()
    for name in ("mean", "p50"):
        np.testing.assert_allclose(table[name], summary[name].values, rtol=1e-8)
    np.testing.assert_allclose(table["mcse"], summary["mcse_p50"].values, rtol=1e-8)


def test_what_is_missing_is_an_empty_cell(run: xr.DataTree, tmp_path: Path) -> None:
    summary = run["summary"].to_dataset().isel(row=[0])
    holes = summary.assign(p05=("row", [np.nan]), mean=("row", [0.0]), p95=("row", [1e-12]))
    summary_csv(holes, tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["p05"], row["mean"], row["p95"], row["region"]) == ("", "0", "1e-12", "")


def test_what_else_a_summary_holds_comes_last(run: xr.DataTree, tmp_path: Path) -> None:
    summary = run["summary"].to_dataset().isel(row=slice(2))
    summary_csv(summary.assign(bound=("row", [1.0, 2.0])), tmp_path / "x.csv")
    lines = (tmp_path / "x.csv").read_text().splitlines()
    assert lines[0] == f"{HEADS},bound"
    assert [line.rpartition(",")[2] for line in lines[1:]] == ["1", "2"]


def test_parquet_holds_the_same_with_what_it_is(
    run: xr.DataTree, table: pd.DataFrame, tmp_path: Path
) -> None:
    assert FORMATS["parquet"].write(run, tmp_path / "x.parquet") == [tmp_path / "x.parquet"]
    read = pq.read_table(tmp_path / "x.parquet")
    assert read.column_names == HEADS.split(",")
    assert read["variable"].to_pylist() == table["variable"].tolist()
    np.testing.assert_array_equal(read["p50"].to_numpy(), run["summary"]["p50"].values, strict=True)
    metadata = read.schema.metadata
    assert metadata[b"key"].decode() == run.attrs["key"]
    assert metadata[b"seed"] == b"2026"
    assert read.schema.field("p50").metadata[b"units"] == b"in the column unit"
    assert read.schema.field("year").metadata[b"units"] == b"yr"


def test_parquet_has_nulls_where_there_is_nothing(run: xr.DataTree, tmp_path: Path) -> None:
    summary = run["summary"].to_dataset()
    holes = run.copy(deep=False)
    holes["summary"] = xr.DataTree(summary.assign(p50=summary["p50"].where(summary["year"] > 2016)))
    FORMATS["parquet"].write(holes, tmp_path / "x.parquet")
    read = pq.read_table(tmp_path / "x.parquet")
    assert read["p50"].null_count == int((summary["year"] <= 2016).sum()) > 0
    assert read["mean"].null_count == 0


def test_the_iamc_table_is_the_summary_laid_wide(wide: pd.DataFrame, table: pd.DataFrame) -> None:
    assert wide.columns.tolist() == [*IAMC, *map(str, range(2015, 2036))]
    assert not wide.duplicated(IAMC).any()
    for column, suffix in {"p50": "Median", "mcse": "Median|Monte Carlo Standard Error"}.items():
        expected = table.assign(
            Scenario=table["scenario"],
            Region=table["region"].map(REGIONS),
            Variable=table["variable"].map(VARIABLES) + f"|{suffix}",
        ).pivot(index=IAMC[1:4], columns="year", values=column)
        found = wide[wide["Variable"].isin(set(expected.index.get_level_values("Variable")))]
        found = found.set_index(IAMC[1:4])[expected.columns.map(str)].sort_index()
        expected = expected.dropna(how="all").sort_index()
        assert found.index.tolist() == expected.index.tolist()
        np.testing.assert_array_equal(found.to_numpy(), expected.to_numpy())


def test_iamc_units_and_regions(wide: pd.DataFrame) -> None:
    units = wide.groupby("Variable")["Unit"].unique()
    assert units[f"{TOTAL}|Median"].tolist() == ["TWh/yr"]
    assert units[f"{TOTAL}|Share of World|Median"].tolist() == [""]
    assert units["Emissions|CO2|Data Centres and Crypto|Location-Based|Mean"].tolist() == [
        "Mt CO2/yr"
    ]
    assert set(wide["Region"]) == {
        "World",
        "United States",
        "China",
        "Europe",
        "Other Asia Pacific",
        "Rest of World",
    }


def test_iamc_means_add_up(wide: pd.DataFrame) -> None:
    def means(variable: str, region: str = "World") -> np.ndarray:
        chosen = (wide["Variable"] == f"{variable}|Mean") & (wide["Region"] == region)
        return wide[chosen & (wide["Scenario"] == "base")].iloc[0, 5:].to_numpy(float)

    centres = "Final Energy|Data Centres"
    parts = [f"{centres}|AI|{name}|Electricity" for name in ("Inference", "Training")]
    parts += [f"{centres}|AI|Customisation|Electricity"]
    ai = means(f"{centres}|AI|Electricity")
    np.testing.assert_allclose(sum(map(means, parts)), ai, rtol=1e-7)
    all_centres = means(f"{centres}|Electricity")
    np.testing.assert_allclose(
        means(f"{centres}|Conventional|Electricity") + ai, all_centres, rtol=1e-7
    )
    total = means(TOTAL)
    crypto = means("Final Energy|Crypto|Electricity")
    np.testing.assert_allclose(crypto + all_centres, total, rtol=1e-7)
    regions = [means(TOTAL, region) for region in REGIONS.values() if region != "World"]
    np.testing.assert_allclose(sum(regions), total, rtol=1e-7)


def test_iamc_metadata_is_by_model_and_scenario(run: xr.DataTree, tmp_path: Path) -> None:
    iamc(run, tmp_path / "x.csv")
    with (tmp_path / "x.meta.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["model"], row["scenario"]) for row in rows] == [
        (f"forecast {run.attrs['forecast_version']}", name) for name in ("base", "base+pue-cap")
    ]
    assert [row["title"] for row in rows] == run.attrs["title"].split("; ")
    assert all(row["key"] == run.attrs["key"] for row in rows)
    assert all(row["draws_per_chain"] == "32" for row in rows)


def test_iamc_codelists_hold_just_what_the_table_has(
    run: xr.DataTree, wide: pd.DataFrame, tmp_path: Path
) -> None:
    *_, variables, regions = iamc(run, tmp_path / "x.csv")
    yaml = YAML(typ="safe", pure=True)
    listed = {name: told for one in yaml.load(variables) for name, told in one.items()}
    assert set(wide["Variable"]) == set(listed)
    units = dict(zip(wide["Variable"], wide["Unit"], strict=True))
    assert {name: told["unit"] for name, told in listed.items()} == units
    # nomenclature refuses these in a description.
    assert not any(set(told["description"]) & set(':;"{}') for told in listed.values())
    assert set(wide["Region"]) == set(yaml.load(regions)[0]["common"])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("variable", "warp_drive", "the variable 'warp_drive' has no name in the IAMC format"),
        ("unit", "furlong", "the unit 'furlong' has no name"),
        ("region", "atlantis", "the region 'atlantis' has no name"),
    ],
)
def test_what_has_no_iamc_name_is_refused_and_nothing_written(
    run: xr.DataTree, tmp_path: Path, name: str, value: str, message: str
) -> None:
    changed = run.copy(deep=False)
    summary = run["summary"].to_dataset().isel(row=slice(2))
    changed["summary"] = xr.DataTree(summary.assign({name: ("row", np.array([value] * 2))}))
    with pytest.raises(ValueError, match=message):
        iamc(changed, tmp_path / "x.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_a_summary_is_refused(run: xr.DataTree, tmp_path: Path) -> None:
    bare = run.copy(deep=False)
    del bare["summary"]
    for one in FORMATS.values():
        with pytest.raises(ValueError, match="carries no summary"):
            one.write(bare, tmp_path / "x.csv")


def _frame(tree: xr.DataTree, name: str, **chosen: str) -> pd.Series:
    """An output by chain, draw, scenario and year, as xarray lays it out."""
    series = tree["prior_predictive"][name].sel(chosen).reset_coords(drop=True).to_series()
    return series.reorder_levels(["chain", "draw", "scenario", "year"]).sort_index()


WIDE = {
    "conventional": ("demand", {"segment": "conventional"}),
    "crypto": ("demand", {"segment": "crypto"}),
    "pue": ("pue", {}),
    "emissions_market": ("emissions", {"account": "market"}),
    "installed_capacity_colocation": ("installed_capacity", {"facility": "colocation"}),
    "total_europe": ("total_by_region", {"region": "europe"}),
}


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_draws_wide(regional: xr.DataTree, tmp_path: Path, ending: str) -> None:
    path, *beside = draws(regional, tmp_path / f"x{ending}", form="wide")
    read: Callable[[Path], Any] = pd.read_csv if ending == ".csv" else pd.read_parquet
    found = read(path)
    assert len(found) == 8 * 32 * 2 * 21
    keyed = found.set_index(["chain", "draw", "scenario", "year"])
    keyed.index = keyed.index.set_levels(keyed.index.levels[2].astype(str), level=2)
    keyed = keyed.sort_index()
    for column, (name, chosen) in WIDE.items():
        np.testing.assert_array_equal(keyed[column], _frame(regional, name, **chosen))
    failed = found[found["status"] != "valid"]
    assert set(zip(failed["chain"], failed["draw"], failed["scenario"], strict=True)) == {
        (0, 1, "base+pue-cap")
    }
    assert set(failed["status"]) == {"not_finite"}
    assert [one.name for one in beside] == (["x.columns.csv"] if ending == ".csv" else [])


def test_wide_draws_say_what_they_are(regional: xr.DataTree, tmp_path: Path) -> None:
    _, beside = draws(regional, tmp_path / "x.csv", form="wide")
    told = pd.read_csv(beside, index_col="column").fillna("")
    demand = regional["prior_predictive"]["demand"].attrs
    assert told.loc["crypto", "units"] == "TWh"
    assert told.loc["crypto", "scope"] == demand["scope"]
    with (tmp_path / "x.csv").open() as stream:
        heads = next(csv.reader(stream))
    assert heads == ["chain", "draw", "scenario", "year", "status", *told.index]
    draws(regional, tmp_path / "x.parquet", form="wide")
    field = pq.read_schema(tmp_path / "x.parquet").field("crypto")
    assert field.metadata[b"units"] == b"TWh"
    assert field.metadata[b"scope"].decode() == demand["scope"]


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_draws_long(run: xr.DataTree, tmp_path: Path, ending: str) -> None:
    (path,) = draws(run, tmp_path / f"x{ending}", form="long")
    found = pq.read_table(path).to_pandas() if ending == ".parquet" else pd.read_csv(path)
    chosen = found[found["variable"].astype(str) == "ai_training"]
    assert set(chosen["unit"].astype(str)) == {"TWh"}
    keyed = chosen.assign(scenario=chosen["scenario"].astype(str)).set_index(
        ["chain", "draw", "scenario", "year"]
    )
    expected = _frame(run, "demand", segment="ai_training")
    np.testing.assert_array_equal(keyed["value"].sort_index(), expected)
    outputs = run["prior_predictive"].to_dataset()
    assert len(found) == sum(one.size for one in outputs.data_vars.values())


def test_streamed_runs_have_no_draws_to_write(run: xr.DataTree, tmp_path: Path) -> None:
    bare = run.copy(deep=False)
    del bare["prior_predictive"]
    for one in DRAWS.values():
        with pytest.raises(ValueError, match="keeps none to export"):
            one.write(bare, tmp_path / f"x{one.ending}")
    with pytest.raises(ValueError, match=r"ends in \.csv, \.parquet"):
        draws(run, tmp_path / "x.txt", form="long")
    assert list(tmp_path.iterdir()) == []


def test_formats_name_all_that_they_write(run: xr.DataTree, tmp_path: Path) -> None:
    for number, one in enumerate((*FORMATS.values(), *DRAWS.values())):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / f"x{one.ending}"
        assert one.write(run, path)[0] == path
        assert set(folder.iterdir()) == set(one.paths(path))


def test_every_statistic_has_its_name() -> None:
    assert list(SUFFIXES) == ["mean", "p05", "p10", "p50", "p90", "p95"]
    assert len(set(VARIABLES.values())) == len(VARIABLES)
    assert not any(set(name) & set(':;"*') for name in VARIABLES.values())
    assert json.dumps(list(VARIABLES.values())).isascii()

"""Every shipped vintage holds what was known at its date, and claims no more than is known now."""

import calendar
import math
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

import forecast.api
from forecast import shipped
from forecast.spec.observation import read_observations
from forecast.spec.register import Register
from forecast.spec.resolve import read_scenario

FILES = {
    file.stem: YAML(typ="safe", pure=True).load(file)
    for file in sorted((shipped.priors() / "vintages").glob("*.yaml"))
}
OLD = [name for name, said in FILES.items() if said.get("inputs")]
LEVELS = {"p05": -1.6448536, "p50": 0.0, "p95": 1.6448536}


def _last_day(said: Any) -> date:
    """Last day of a date that may be a year, a month or a day."""
    parts = [int(part) for part in str(said).split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    day = parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1]
    return date(year, month, day)


def _scaled(entry: dict[str, Any]) -> list[float]:
    """5, 50 and 95 % quantile on the scale on which the prior is (nearly) normal or uniform."""
    family = entry["family"]
    if family == "normal":
        return [entry["mean"] + z * entry["sd"] for z in LEVELS.values()]
    if family in ("uniform", "loguniform"):
        ends = [entry["low"], entry["high"]]
        low, high = ends if family == "uniform" else [math.log(end) for end in ends]
        return [low + share * (high - low) for share in (0.05, 0.5, 0.95)]
    assert family == "quantiles"
    lower, upper = entry.get("lower", 0), entry.get("upper")
    values = [entry[level] for level in LEVELS]
    return [math.log((one - lower) / (1 if upper is None else upper - one)) for one in values]


def _merged(entry: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Entry with an override, where the family stays or becomes normal."""
    return {**entry, **over}


@pytest.fixture(params=FILES)
def vintage(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_vintages_are_those_of_the_editions() -> None:
    assert list(FILES) == ["iea-2024", "iea-2025", "iea-2026"]
    dates = [said["as_of"] for said in FILES.values()]
    assert dates == sorted(dates)


def test_every_prior_as_resolved_was_known(vintage: str, register: Register) -> None:
    until = FILES[vintage]["as_of"]
    found = read_scenario(
        "outlook" if vintage == "iea-2026" else "base",
        register=register,
        settings=[f"vintage={vintage}"],
    )
    assert found.vintage == vintage
    assert set(found.priors) == set(register.priors)
    for name, prior in found.priors.items():
        if prior.role != "lever":
            assert _last_day(prior.as_of) <= until, name
    for group in found.dependence:
        assert _last_day(group.as_of) <= until, group.name


def test_every_entry_says_where_it_comes_from(vintage: str) -> None:
    for name, over in FILES[vintage].get("inputs", {}).items():
        assert over["grade"] == "D", name
        leads = "https://" in over["source"] or "doi:10." in over["source"]
        assert leads or over["source"] == "judgement", name
        assert len(over["why"]) > 10, name


def test_nothing_is_declared_that_the_register_knew_by_then(
    vintage: str, entries: dict[str, dict[str, Any]]
) -> None:
    for name in FILES[vintage].get("inputs", {}):
        assert _last_day(entries[name]["as_of"]) > FILES[vintage]["as_of"], name


def test_no_vintage_is_surer_than_the_register(
    vintage: str, entries: dict[str, dict[str, Any]]
) -> None:
    judged = 0
    for name, over in FILES[vintage].get("inputs", {}).items():
        here, there = _merged(entries[name], over), entries[name]
        if there["family"] == "fixed":
            continue  # a number without spread can only be widened
        judged += 1
        if here["family"] == "logistic_normal":
            assert here["log_sd"] >= there["log_sd"], name
        elif here["family"] == "discrete":
            assert _variance(here) >= _variance(there), name
        else:
            assert here["family"] == there["family"], name
            (low, _, high), (least, _, most) = _scaled(here), _scaled(there)
            assert high - low >= (most - least) * (1 - 1e-3), name
    assert judged > 40 or vintage == "iea-2026"


def _variance(entry: dict[str, Any]) -> float:
    weights = np.array(entry["weights"]) / sum(entry["weights"])
    values = np.array(entry["values"])
    return float(weights @ values**2 - (weights @ values) ** 2)


def test_a_middle_that_moved_says_why(vintage: str, entries: dict[str, dict[str, Any]]) -> None:
    for name, over in FILES[vintage].get("inputs", {}).items():
        here, there = _merged(entries[name], over), entries[name]
        if here["family"] in ("quantiles", "normal") and here["family"] == there["family"]:
            moved = abs(_scaled(here)[1] - _scaled(there)[1])
            spread = _scaled(there)[2] - _scaled(there)[0]
            told = "Recentred" in over["why"] or "kept as the middle" in over["why"]
            assert moved < spread / 4 or told, name


@pytest.mark.parametrize("key", ["world", "renewable"])
@pytest.mark.parametrize(("name", "last"), [("iea-2024", 2022), ("iea-2025", 2024)])
def test_years_that_were_not_published_are_arithmetic(
    name: str, last: int, key: str, entries: dict[str, dict[str, Any]]
) -> None:
    there = entries[f"electricity.{key}"]["value"]
    here = FILES[name]["inputs"][f"electricity.{key}"]["value"]
    assert list(here) == list(there)
    growth = np.polyfit([2015, last], np.log([there["2015"], there[str(last)]]), 1)[0]
    for year, value in here.items():
        if int(year) <= last:
            assert value == there[year]
        else:
            expected = there[str(last)] * math.exp(growth * (int(year) - last))
            assert value == pytest.approx(expected, rel=2e-4)


def test_every_observation_file_reads() -> None:
    folder = shipped.observations()
    files = {file.stem for file in folder.glob("*.yaml")}
    assert {one.vintage for one in read_observations(folder)} == files


@pytest.fixture(scope="module")
def prior_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], xr.DataTree]:
    """8 × 512 draws of the prior as known at a date, without calibration."""

    def run(name: str) -> xr.DataTree:
        path = tmp_path_factory.mktemp("vintage") / "known.yaml"
        sampling = "sampling: {draws: 4096, seed: 7}"
        path.write_text(f"title: Known\nvintage: {name}\n{sampling}\nsource: judgement\n")
        return forecast.api.run(str(path), prior=True)

    return run


@pytest.mark.slow
@pytest.mark.parametrize("name", OLD)
def test_the_prior_of_an_old_vintage_is_sane(
    name: str, prior_of: Callable[[str], xr.DataTree]
) -> None:
    found = prior_of(name)["prior_predictive"]
    demand = found["demand"].isel(scenario=0).stack(one=("chain", "draw"))
    assert demand.sizes["one"] == 4096
    total = demand.sum("segment").sel(year=2022)
    assert abs(float(total.median()) / 460 - 1) < 0.15
    centres = demand.sum("segment") - demand.sel(segment="crypto", drop=True)
    for year, outturn in ((2024, 416), (2025, 485)):
        low, high = np.quantile(centres.sel(year=year), [0.05, 0.95])
        assert low < outturn < high
    most = found["share_of_world_demand"].max("year")
    assert float((most > 1).mean()) < 1e-3

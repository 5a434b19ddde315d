"""The folder of a run: what is in it, the same bytes twice, and no path of the machine."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from forecast import api, delivery, shipped
from forecast.delivery import finished, observed_dataset, portable, without_regions
from forecast.files import LOG, MANIFEST, RUN_FILE, complete, read_log
from forecast.request import Request, request
from forecast.rows import SUMMARY_FILE, read_rows
from forecast.spec.observation import read_observations
from forecast.spec.text import from_yaml


@pytest.fixture(scope="module")
def asked() -> Request:
    return request("base.yaml", "base+pue-cap", settings=["sampling.draws=256"], prior=True)


@pytest.fixture(scope="module")
def folder(run: xr.DataTree, asked: Request, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return api.save(run, asked, tmp_path_factory.mktemp("outputs"), "forecast run base.yaml")


@pytest.mark.slow
def test_the_folder_holds_the_whole_answer(folder: Path, asked: Request, run: xr.DataTree) -> None:
    assert folder.name == f"base+1-more-{asked.key}"
    assert complete(folder, asked.key)
    names = {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}
    assert names == {
        *(RUN_FILE, SUMMARY_FILE, MANIFEST, LOG),
        *("scenario-base.yaml", "scenario-base+pue-cap.yaml"),
        *("figures/total.png", "figures/total.svg"),
    }
    xr.testing.assert_identical(api.load(folder), run)
    assert len(read_rows(folder)) == run["summary"].sizes["row"]
    side = read_log(folder)
    assert side["command"] == "forecast run base.yaml"
    assert (side["draws"], side["failed"], side["notes"]) == (256, 0, run.attrs["notes"])
    assert side["written"].endswith("Z")


@pytest.mark.slow
def test_the_same_run_is_the_same_files(
    folder: Path, run: xr.DataTree, asked: Request, tmp_path: Path
) -> None:
    again = api.save(run, asked, tmp_path, "another command")
    for file in folder.rglob("*"):
        if file.is_file() and file.name != LOG:
            assert file.read_bytes() == (again / file.relative_to(folder)).read_bytes(), file.name


def test_scenarios_are_told_with_the_origin_of_each_value(folder: Path, asked: Request) -> None:
    texts = [
        (folder / f"scenario-{one.name}.yaml").read_text(encoding="utf-8")
        for one in asked.scenarios
    ]
    assert [from_yaml(text) for text in texts] == list(asked.scenarios)
    assert "# priors/conventional.yaml:" in texts[0]
    assert "# scenarios/pue-cap.yaml:" in texts[1]
    assert "# --set" in texts[0]


def test_no_path_of_the_machine_is_delivered(folder: Path) -> None:
    home = str(shipped.priors().parent)
    manifest = json.loads((folder / MANIFEST).read_text())
    for name in manifest["files"]:
        content = (folder / name).read_bytes()
        assert home.encode() not in content, name
        assert str(folder.parent).encode() not in content, name


def test_origins_of_shipped_files_do_not_hang_on_where_they_lie(
    asked: Request, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = portable(asked.scenarios[1]).origins
    monkeypatch.chdir(tmp_path)
    elsewhere = request("base.yaml", "base+pue-cap", settings=["sampling.draws=256"], prior=True)
    assert elsewhere.key == asked.key
    assert portable(elsewhere.scenarios[1]).origins == here
    own = replace(asked.scenarios[0], origins={"horizon": "mine.yaml:3"})
    assert portable(own).origins == {"horizon": "mine.yaml:3"}


def test_published_numbers_are_a_group(run: xr.DataTree) -> None:
    found = read_observations(shipped.observations())
    table = observed_dataset(found)
    given = [one for one in found if one.value is not None]
    assert table.sizes["observation"] == len(given) > 20
    place = [one.id for one in given].index("iea24_total_2022")
    assert float(table["value"][place]) == 460
    assert str(table["segments"][place].item()).split(",")[-1] == "crypto"
    xr.testing.assert_identical(table, run["observed_data"].to_dataset())


def test_regions_are_kept_on_request_alone(run: xr.DataTree) -> None:
    full = run.copy(deep=False)
    outputs = run["prior_predictive"].to_dataset()
    extra = {"total_by_region": outputs["pue"], "unserved_by_region": outputs["pue"]}
    full["prior_predictive"] = xr.DataTree(outputs.assign(extra))
    everything, some, none = (
        set(without_regions(full, keep)["prior_predictive"].data_vars)
        for keep in (("regions",), ("total_by_region",), ())
    )
    assert everything - some == {"unserved_by_region"}
    assert some - none == {"total_by_region"}
    assert none == set(outputs.data_vars)
    assert set(full["prior_predictive"].data_vars) == everything


def test_a_finished_run_says_what_failed(run: xr.DataTree) -> None:
    counts = np.array([[0, 0, 3], [0, 0, 0]])
    scenarios, reasons = ["base", "base+pue-cap"], ["not_finite", "negative", "above_world"]
    failed = xr.Dataset(
        {
            "count": (("scenario", "reason"), counts),
            "where": ("scenario", np.array(["limits.pue 1.1 to 1.2 1", ""])),
            "draws": 256,
        },
        {"scenario": scenarios, "reason": reasons},
    )
    whole = finished(run, run["summary"].to_dataset(), "0123456789ab", failed)
    assert (whole.attrs["draws"], whole.attrs["failed"]) == (256, 3)
    assert whole.attrs["notes"].startswith("base: 3 of 256 draws failed (3 above_world)")
    assert "limits.pue" in whole.attrs["notes"]
    assert run.attrs["failed"] == 0


def test_a_delivery_that_fails_leaves_nothing(
    run: xr.DataTree, asked: Request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: Any, **kwargs: Any) -> Callable[[], None]:
        raise OSError("no space left on device")

    monkeypatch.setattr(delivery, "fan", fails)
    with pytest.raises(OSError, match="no space left"):
        api.save(run, asked, tmp_path / "outputs", "forecast run")
    assert list((tmp_path / "outputs").iterdir()) == []

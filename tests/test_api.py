"""The Python face: the same names as the command line, plain xarray back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import xarray as xr

import forecast
from forecast import api, store
from forecast.analysis.failures import counted
from forecast.errors import InputErrors
from forecast.request import Request, request

TOO_MUCH = "crypto.energy_2022=1000000"
WIDE = "crypto.energy_2022={family: lognormal, median: 100, log_sd: 4}"


def test_public_names_are_those_of_the_library() -> None:
    assert forecast.run is api.run
    assert forecast.load is api.load
    assert forecast.Refusal is api.Refusal
    assert forecast.InputErrors is InputErrors
    assert forecast.__version__
    assert {"run", "load", "Refusal", "InputErrors"} <= set(dir(forecast))
    with pytest.raises(AttributeError, match="no attribute 'rnu'"):
        _ = forecast.rnu


def test_a_run_is_finished(run: xr.DataTree) -> None:
    assert set(run.children) == {
        *("prior", "prior_predictive", "constant_data", "sample_stats_prior"),
        *("observed_data", "summary"),
    }
    assert run["prior_predictive"]["demand"].sizes["draw"] == 32
    assert (run.attrs["draws"], run.attrs["failed"]) == (256, 0)
    notes = run.attrs["notes"].splitlines()
    for note, name in zip(notes, ("base", "base+pue-cap"), strict=True):
        assert note.startswith(f"{name}: uncalibrated priors, as known in January 2024; the 2025 ")
    assert (
        run.attrs["key"]
        == request("base.yaml", "base+pue-cap", settings=["sampling.draws=256"], prior=True).key
    )
    assert not any(str(name).endswith("_by_region") for name in run["prior_predictive"].data_vars)
    assert set(run["summary"]["scenario"].values) == {"base", "base+pue-cap"}


def test_options_are_those_of_the_files() -> None:
    told: list[tuple[int, int]] = []
    run = forecast.run(
        "base",
        draws=20,
        seed=3,
        method="random",
        settings=["limits.pue.p95=1.4"],
        keep=["total_by_region"],
        prior=True,
        progress=lambda done, total: told.append((done, total)),
    )
    assert (run.attrs["method"], run.attrs["seed"], run.attrs["draws"]) == ("random", 3, 24)
    assert "p95: 1.4" in run.attrs["scenarios"]
    assert "total_by_region" in run["prior_predictive"].data_vars
    assert "unserved_by_region" not in run["prior_predictive"].data_vars
    assert told == [(1, 1)]


def test_faults_are_those_of_the_files() -> None:
    with pytest.raises(InputErrors, match="bse: no scenario|bse"):
        forecast.run("bse")
    with pytest.raises(ValueError, match="no output is called 'demnd'"):
        forecast.run("base", draws=8, keep=["demnd"], prior=True)
    with pytest.raises(ValueError, match="no run here"):
        forecast.load("nowhere")


@pytest.mark.parametrize(
    ("references", "keep", "told"),
    [
        (("base",), ("demnd",), "no output is called 'demnd'"),
        (("base", "base"), (), "two scenarios are called 'base'"),
        (("base", "mine.yaml"), (), "horizon of mine differs from base"),
    ],
)
def test_what_cannot_be_run_is_told_before_anything_is_calibrated(
    references: tuple[str, ...],
    keep: tuple[str, ...],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("it was calibrated")

    monkeypatch.setattr("forecast.calibrating.make", refuse)
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text("title: Mine\nextends: base\nhorizon: 2030\n")
    with pytest.raises(ValueError, match=told):
        forecast.run(*references, keep=keep)
    assert [one.name for one in Path().iterdir()] == ["mine.yaml"]


def test_a_run_whose_draws_fail_is_refused_with_the_reason() -> None:
    with pytest.raises(forecast.Refusal) as caught:
        forecast.run("base", draws=64, settings=[WIDE], prior=True)
    told = str(caught.value)
    assert "of 64 draws failed" in told
    assert "above_world" in told
    assert "they lie at crypto.energy_2022" in told
    assert "refused: too many (base accepts 0.100%; key failed_share)" in told


def test_a_run_whose_draws_fail_is_delivered_where_that_is_accepted() -> None:
    run = forecast.run("base", draws=16, settings=[TOO_MUCH, "failed_share=1"], prior=True)
    assert (run.attrs["failed"], run.attrs["draws"]) == (16, 16)
    assert "16 of 16 draws failed (16 above_world)" in run.attrs["notes"]
    assert np.isnan(run["summary"]["mean"].values).all()


@pytest.mark.parametrize(("failed", "refused"), [(0, False), (10, False), (11, True)])
def test_the_share_that_fails_is_judged_by_scenario(failed: int, refused: bool) -> None:
    scenarios = request("base", "base+pue-cap", settings=["failed_share=0.01"]).scenarios
    names, reasons = [one.name for one in scenarios], ["not_finite", "negative", "above_world"]
    found = counted(names, reasons, [[0, 0, 0], [failed, 0, 0]], ["", "there"], 1_000)
    if not refused:
        assert api.accepted(found, scenarios) is found
        return
    with pytest.raises(api.Refusal) as caught:
        api.accepted(found, scenarios)
    assert str(caught.value).startswith("base+pue-cap: 11 of 1000 draws failed (11 not_finite)")


@pytest.fixture
def no_other_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is shipped can be read."""

    def refuse(package: str) -> NoReturn:
        raise AssertionError(f"{package} was looked for")

    monkeypatch.setattr("forecast.shipped._folder", refuse)


@pytest.mark.slow
def test_a_stored_run_is_run_again_from_its_file_alone(
    run: xr.DataTree, tmp_path: Path, no_other_file: None
) -> None:
    store.save(run, tmp_path / "run.nc")
    stored = forecast.load(tmp_path)
    found = api.rerun(stored)
    assert (found.identical, found.largest, found.notes) == (True, 0, ())


@pytest.mark.parametrize("precision", ["double", pytest.param("single", marks=pytest.mark.slow)])
def test_whatever_was_run_is_run_again(precision: api.Precision) -> None:
    stored = api.run(
        "base+pue-cap",
        draws=16,
        method="random",
        settings=["conventional.energy_2015=210", "title=dashes---"],
        keep=["all"],
        precision=precision,
        prior=True,
    )
    assert api.rerun(stored).identical


def test_a_stored_run_that_was_changed_is_found(run: xr.DataTree) -> None:
    stored = run.copy(deep=True)
    stored["prior_predictive"]["demand"].values[0, 0, 1, 15, 2] *= 1 + 1e-12
    stored.attrs["code_digest"] = "0" * 16
    found = api.rerun(stored)
    assert not found.identical
    assert found.where == "prior_predictive/demand"
    assert found.largest < 1e-11
    assert any(note.startswith("code_digest") for note in found.notes)


@pytest.fixture(scope="module")
def asked() -> Callable[..., Request]:
    """The priors of the shipped base, with few draws."""

    def make(*settings: str) -> Request:
        return request("base", settings=["sampling.draws=256", *settings], prior=True)

    return make


@pytest.mark.slow
def test_a_streamed_run_has_the_rows_of_a_whole_one(
    asked: Callable[..., Request], run: xr.DataTree
) -> None:
    streamed = api.stream(asked())
    assert "prior_predictive" not in streamed.children
    table = streamed["summary"].to_dataset()
    whole = run["summary"].to_dataset()
    whole = whole.isel(row=np.flatnonzero(whole["scenario"].values == "base"))
    for name in ("variable", "scope", "region", "year", "unit"):
        assert table[name].values.tolist() == whole[name].values.tolist()
    np.testing.assert_allclose(table["mean"].values, whole["mean"].values, rtol=1e-9)
    assert (streamed.attrs["draws"], streamed.attrs["failed"]) == (256, 0)
    with pytest.raises(ValueError, match="keeps no draws"):
        api.rerun(streamed)


def test_a_streamed_run_whose_draws_fail_is_refused(asked: Callable[..., Request]) -> None:
    with pytest.raises(api.Refusal, match=r"256 of 256 draws failed \(256 above_world\)"):
        api.stream(asked(TOO_MUCH))


@pytest.mark.parametrize(
    ("rule", "draws", "verdict"),
    [
        ("mean(total[2030]) rel 50%", 256, "met"),
        ("mean(total[2030]) rel 0.001%", 512, "not met at the ceiling of 512 draws"),
    ],
)
def test_draws_are_added_until_the_rule_is_met(
    asked: Callable[..., Request], rule: str, draws: int, verdict: str
) -> None:
    run = api.compute_until(asked(), rule, ceiling=512)
    assert run.attrs["draws"] == draws
    assert run["prior_predictive"].sizes["draw"] == draws // 8
    assert run.attrs["notes"].endswith(f"{rule}: {verdict}")


def test_a_rule_that_names_nothing_is_refused(asked: Callable[..., Request]) -> None:
    with pytest.raises(ValueError, match="column 6"):
        api.compute_until(asked(), "mean(totl[2030]) rel 1%", ceiling=512)


def test_an_explanation_is_ready_for_json() -> None:
    found = api.explain(
        "base",
        settings=["sampling.draws=64"],
        years=(2030,),
        blocks=("crypto", "totals"),
        prior=True,
    )
    assert json.loads(json.dumps(found)) == json.loads(json.dumps(found, allow_nan=False))
    assert (found["scenario"], found["draws"], found["years"]) == ("base", 64, [2030])
    assert {one["block"] for one in found["quantities"]} == {"crypto", "totals"}
    assert found["published"]
    assert found["change"]["residue"] < 1e-9
    assert (found["change"]["first"], found["change"]["last"]) == (2022, 2030)


def test_what_cannot_be_explained_is_refused() -> None:
    with pytest.raises(ValueError, match="year 2040 is not in the run, which has 2015 to 2035"):
        api.explain("base", years=(2040,))
    with pytest.raises(ValueError, match="year 1999"):
        api.explain("base", change=(1999, 2030))
    with pytest.raises(ValueError, match="no block 'cypto'; the blocks are"):
        api.explain("base", settings=["sampling.draws=8"], blocks=("cypto",))

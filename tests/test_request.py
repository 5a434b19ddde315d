"""What is to be run, resolved, and the key of its result."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from forecast import shipped
from forecast.errors import InputErrors
from forecast.request import request, sampling_settings


def test_a_request_is_resolved() -> None:
    asked = request("base", "base+pue-cap", settings=["sampling.draws=1001"])
    assert [one.name for one in asked.scenarios] == ["base", "base+pue-cap"]
    assert asked.draws == 1_008
    assert asked.precision == "double"
    assert asked.folder(Path("outputs")) == Path(f"outputs/base+1-more-{asked.key}")
    assert len(asked.register.priors) == len(asked.scenarios[0].priors)


def test_the_key_hangs_on_precision_and_on_what_is_kept() -> None:
    keys = [
        request("base").key,
        request("base", precision="single").key,
        request("base", keep=("regions",)).key,
        request("base", extra={"until": "p95(total[2030]) rel 1%"}).key,
    ]
    assert len(set(keys)) == len(keys)


def test_the_key_does_not_hang_on_the_order_of_what_is_kept() -> None:
    one = request("base", keep=("regions", "limits.tightness", "regions"))
    other = request("base", keep=("limits.tightness", "regions"))
    assert (one.key, one.keep) == (other.key, other.keep)


@pytest.mark.parametrize(
    ("reference", "home", "old"),
    [
        ("outlook", "conventional.yaml", "  p50: 200\n  p95: 275"),
        ("base", "vintages/iea-2024.yaml", "    p50: 200\n    p95: 319"),
    ],
)
def test_the_key_hangs_on_what_is_known_behind_the_reference_path(
    tmp_path: Path, reference: str, home: str, old: str
) -> None:
    # The same resolved scenario over two registers: the rebound is held against another path.
    priors = tmp_path / "priors"
    shutil.copytree(shipped.priors(), priors)
    file = priors / home
    assert file.read_text().count(old) == 1
    file.write_text(file.read_text().replace(old, old.replace("p50: 200", "p50: 201")))
    setting = ["conventional.energy_2015={p05: 150, p50: 210, p95: 275}"]
    one = request(reference, settings=setting)
    other = request(reference, settings=setting, priors=priors)
    assert one.scenarios == other.scenarios
    assert one.key != other.key


def test_the_prior_can_be_asked_for_in_place_of_the_posterior() -> None:
    calibrated, bare = request("base", "outlook"), request("base", "outlook", prior=True)
    assert all(one.calibration for one in calibrated.scenarios)
    assert not any(one.calibration for one in bare.scenarios)
    for one, other in zip(calibrated.scenarios, bare.scenarios, strict=True):
        assert replace(one, calibration=None) == other
    assert calibrated.key != bare.key
    assert request("base", prior=True).key == request("base", prior=True).key


def test_draws_are_rounded_up_to_whole_chains() -> None:
    """Eight, or as many populations as the draws of a calibrated scenario need."""
    for draws, chains, total in ((1, 8, 8), (16_384, 8, 16_384), (16_385, 9, 16_389)):
        asked = request("base", settings=[f"sampling.draws={draws}"])
        assert (asked.chains, asked.draws) == (chains, total)
    bare = request("base", settings=["sampling.draws=16385"], prior=True)
    assert (bare.chains, bare.draws) == (8, 16_392)
    small = ["sampling.draws=1000", "calibration.particles=64"]
    asked = request("base+pue-cap", settings=small)
    assert (asked.chains, asked.draws) == (16, 1_008)


def test_the_size_is_said_before_and_about_right(tmp_path: Path) -> None:
    small, large = request("base", settings=["sampling.draws=1000"]), request("base")
    assert large.megabytes == pytest.approx(16.384 * small.megabytes, rel=0.01)
    assert 20 < large.megabytes < 200


def test_every_fault_is_told() -> None:
    with pytest.raises(InputErrors) as caught:
        request("base", "bse", settings=["sampling.seed=-1", "limits.pue=0.5"])
    told = str(caught.value)
    for word in ("bse", "seed", "limits.pue"):
        assert word in told


def test_options_become_settings() -> None:
    assert sampling_settings(draws=None, seed=None, method=None) == []
    assert sampling_settings(draws=8, seed=0, method="latin") == [
        *("sampling.draws=8", "sampling.seed=0", "sampling.method=latin")
    ]

"""What is to be run, resolved, and the key of its result."""

import shutil
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


def test_the_key_hangs_on_the_register_behind_the_reference_path(tmp_path: Path) -> None:
    # The same resolved scenario over two registers: the rebound is held against another path.
    priors = tmp_path / "priors"
    shutil.copytree(shipped.priors(), priors)
    file = priors / "conventional.yaml"
    file.write_text(file.read_text().replace("p50: 205", "p50: 206", 1))
    setting = ["conventional.energy_2015={p05: 150, p50: 210, p95: 275}"]
    one, other = request("base", settings=setting), request("base", settings=setting, priors=priors)
    assert one.scenarios == other.scenarios
    assert one.key != other.key


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

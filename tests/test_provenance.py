"""The key of a run: what it hangs on, and what not."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from forecast import provenance, shipped
from forecast.provenance import (
    beside_digest,
    code_digest,
    posterior_key,
    run_key,
    run_name,
    split_texts,
    texts,
)
from forecast.spec.register import Register, read_register
from forecast.spec.resolve import read_scenario
from forecast.spec.scenario import Scenario
from forecast.spec.text import from_yaml
from forecast.spec.vintage import known_priors

SETTINGS = {"precision": "double", "keep": ""}


@pytest.fixture(scope="module")
def register() -> Register:
    return read_register()


@pytest.fixture(scope="module")
def base(register: Register) -> Scenario:
    return read_scenario("base", register=register)


@pytest.fixture(scope="module")
def key(register: Register) -> Callable[..., str]:
    """Key of a shipped scenario with some settings."""

    def of(*settings: str, reference: str = "base") -> str:
        return run_key([read_scenario(reference, register=register, settings=settings)], SETTINGS)

    return of


def test_the_key_hangs_on_every_input(base: Scenario) -> None:
    keys = {run_key([base], SETTINGS)}
    some = dict(list(base.priors.items())[::6])
    for name, prior in some.items():
        value = next(iter(prior.arguments))
        changed = replace(prior, arguments={**prior.arguments, value: -1})
        keys.add(run_key([replace(base, priors={**base.priors, name: changed})], SETTINGS))
    assert len(keys) == 1 + len(some) > 20


def test_the_key_hangs_on_how_the_draws_are_laid(key: Callable[..., str]) -> None:
    settings = [
        (),
        ("sampling.seed=1",),
        ("sampling.draws=8",),
        ("sampling.method=random",),
        ("horizon=2040",),
        ("dependence=[]",),
        ("conventional.energy_2015=210",),
        ("conventional.energy_2015=210.00000000000003",),
    ]
    keys = [key(*one) for one in settings] + [key(reference="base+pue-cap")]
    assert len(set(keys)) == len(keys)
    assert key() == key()


def test_the_key_hangs_on_the_settings_and_the_order_of_scenarios(
    base: Scenario, register: Register
) -> None:
    other = read_scenario("base+pue-cap", register=register)
    keys = [
        run_key([base], SETTINGS),
        run_key([base], SETTINGS | {"precision": "single"}),
        run_key([base], SETTINGS | {"keep": "regions"}),
        run_key([base, other], SETTINGS),
        run_key([other, base], SETTINGS),
    ]
    assert len(set(keys)) == len(keys)
    assert run_key([base], dict(reversed(SETTINGS.items()))) == keys[0]
    assert all(len(one) == 12 and set(one) <= set("0123456789abcdef") for one in keys)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package whose code may be changed."""
    root = tmp_path / "forecast"
    shutil.copytree(Path(provenance.__file__).parent, root)
    monkeypatch.setattr(provenance, "__file__", str(root / "provenance.py"))
    return root


@pytest.mark.parametrize(
    "name",
    [
        "axes.py",
        "calibration/tilt.py",
        "model/demand.py",
        "sampling/joe-kuo.csv",
        "simulate/engine.py",
    ],
)
def test_the_key_hangs_on_the_code(package: Path, base: Scenario, name: str) -> None:
    before = run_key([base], SETTINGS)
    file = package / name
    content = file.read_bytes()
    file.write_bytes(content + b"\n")
    assert run_key([base], SETTINGS) != before
    file.write_bytes(content)
    assert run_key([base], SETTINGS) == before
    moved = file.with_name(f"other_{file.name}")
    file.rename(moved)
    assert run_key([base], SETTINGS) != before


def test_the_key_does_not_hang_on_what_decides_no_number(package: Path, base: Scenario) -> None:
    before = run_key([base], SETTINGS)
    (package / "figures" / "fan.py").write_text("")
    (package / "model" / "__pycache__").mkdir(exist_ok=True)
    (package / "model" / "__pycache__" / "demand.cpython-312.pyc").write_bytes(b"")
    (package / "model" / "notes.txt").write_text("a note")
    assert run_key([base], SETTINGS) == before


def test_the_key_hangs_on_the_version(base: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    before = run_key([base], SETTINGS)
    monkeypatch.setattr(provenance, "package_version", lambda: "9.9.9")
    assert run_key([base], SETTINGS) != before


def test_the_key_does_not_hang_on_where_or_in_which_order_files_are_read(
    key: Callable[..., str], base: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, code = run_key([base], SETTINGS), code_digest()
    assert key(reference="base.yaml") == before
    monkeypatch.chdir(tmp_path)
    glob, rglob = Path.glob, Path.rglob
    monkeypatch.setattr(Path, "glob", lambda *a, **k: reversed([*glob(*a, **k)]))
    monkeypatch.setattr(Path, "rglob", lambda *a, **k: reversed([*rglob(*a, **k)]))
    copy = tmp_path / "elsewhere"
    shutil.copytree(shipped.priors(), copy)
    again = read_scenario("base", register=read_register(copy))
    assert run_key([again], SETTINGS) == before
    assert code_digest() == code


def test_settings_in_another_order_are_the_same_run(key: Callable[..., str]) -> None:
    one, other = "limits.pue.p95=1.4", "sampling.seed=3"
    assert key(one, other) == key(other, one) != key(one)


def test_what_stands_beside_the_scenarios_has_a_digest(register: Register, tmp_path: Path) -> None:
    before = beside_digest(register.priors, shipped.observations())
    assert beside_digest(dict(reversed(register.priors.items())), shipped.observations()) == before
    prior = register.priors["adoption.rate"]
    changed = replace(prior, arguments={**prior.arguments, "p50": 0.123})
    others = {**register.priors, "adoption.rate": changed}
    assert beside_digest(others, shipped.observations()) != before
    copy = tmp_path / "observations"
    shutil.copytree(shipped.observations(), copy)
    assert beside_digest(register.priors, copy) == before
    with (copy / "history.yaml").open("a") as stream:
        stream.write("# a new line\n")
    assert beside_digest(register.priors, copy) != before


@pytest.fixture(scope="module")
def posterior(register: Register) -> Callable[..., str]:
    """Key of the posterior of a shipped scenario with some settings."""

    def of(*settings: str, reference: str = "base", observations: Path | None = None) -> str:
        found = read_scenario(reference, register=register, settings=settings)
        known = known_priors(register.priors, register.vintages, found.vintage)
        return posterior_key(found, known, observations or shipped.observations())

    return of


@pytest.mark.parametrize(
    ("reference", "setting"),
    [
        ("base", "sampling.draws=8"),
        ("base", "sampling.seed=3"),
        ("base", "sampling.method=random"),
        ("base", "horizon=2050"),
        ("base", "title=Another"),
        ("base", "summary=Another."),
        ("base", "failed_share=0.5"),
        ("base", "adoption.carbon_price.value=50"),
        ("base+pue-cap", "title=Another"),
    ],
)
def test_the_key_of_a_posterior_does_not_hang_on_what_comes_after_it(
    posterior: Callable[..., str], reference: str, setting: str
) -> None:
    assert posterior(setting, reference=reference) == posterior()


def test_the_key_of_a_posterior_hangs_on_what_it_rests_on(
    posterior: Callable[..., str], base: Scenario, register: Register, tmp_path: Path
) -> None:
    settings = [
        "calibration.seed=1",
        "calibration.particles=128",
        "calibration.until=2020",
        "calibration.beliefs=[]",
        "calibration.target.shape=metalog",
        "vintage=iea-2025",
        "dependence=[]",
        "conventional.energy_2015.p50=210",
        "crypto.energy_2022=100",
    ]
    keys = [posterior(), *(posterior(one) for one in settings)]
    keys += [posterior(reference=one) for one in ("history", "low", "central", "high", "outlook")]
    copy = tmp_path / "observations"
    shutil.copytree(shipped.observations(), copy)
    assert posterior(observations=copy) == keys[0]
    file = copy / "iea-2024.yaml"
    file.write_text(file.read_text().replace("value: 460", "value: 461", 1))
    keys.append(posterior(observations=copy))
    # The reference path, which no setting of the scenario moves.
    prior = register.priors["adoption.rate"]
    other = replace(prior, arguments={**prior.arguments, "p50": 0.123})
    moved = {**register.priors, "adoption.rate": other}
    keys.append(posterior_key(base, moved, shipped.observations()))
    assert len(set(keys)) == len(keys)
    assert all(len(one) == 12 and set(one) <= set("0123456789abcdef") for one in keys)


def test_the_key_of_a_posterior_hangs_on_the_code(
    package: Path, posterior: Callable[..., str]
) -> None:
    before = posterior()
    file = package / "calibration" / "smc.py"
    file.write_bytes(file.read_bytes() + b"\n")
    assert posterior() != before


def test_scenarios_come_back_from_their_text(base: Scenario) -> None:
    awkward = replace(base, name="other", title="dashes---", summary="a\n---\nb\n--- \n")
    for scenarios in ([base], [awkward, base]):
        assert [from_yaml(text) for text in split_texts(texts(scenarios))] == scenarios


def test_names_are_fit_for_a_folder(base: Scenario) -> None:
    assert run_name([base]) == "base"
    assert run_name([base, base]) == "base+1-more"
    strange = replace(base, name="a b/../c" + "é" * 99)
    assert run_name([strange]).startswith("a-b-..-c")
    assert "/" not in run_name([strange])
    assert len(run_name([strange, base])) <= 70

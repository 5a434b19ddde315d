import math
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result

from forecast import shipped


def test_a_line_says_what_a_scenario_is_made_of(
    ok: Callable[..., str], raw_priors: dict[str, dict[str, Any]]
) -> None:
    levers = sum(entry.get("role") == "lever" for entry in raw_priors.values())
    uncertain = sum(
        entry.get("role") != "lever" and entry["family"] != "fixed" for entry in raw_priors.values()
    )
    counts = f"{len(raw_priors)} inputs, {uncertain} uncertain, {levers} levers"
    line = ok("validate", "base.yaml").splitlines()[0]
    where = shipped.scenarios() / "base.yaml"
    assert line == f"base.yaml: valid ({where}; {counts}; horizon 2035; vintage iea-2026)"


def test_it_names_the_next_free_column(
    ok: Callable[..., str], raw_priors: dict[str, dict[str, Any]]
) -> None:
    # A vector of K shares takes K - 1 columns, every other input one.
    widths = {
        name: len(entry["median"]) - 1 if entry["family"] == "logistic_normal" else 1
        for name, entry in raw_priors.items()
    }
    free = max(entry["column"] + widths[name] for name, entry in raw_priors.items())
    assert ok("validate", "base").splitlines()[-1] == f"next free Sobol column: {free}"


def test_without_a_name_everything_shipped_is_checked(
    installed: Callable[..., Any],
) -> None:
    done = installed("validate")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    checked = [line.partition(":")[0] for line in lines if " inputs, " in line]
    assert {"base.yaml", "pue-cap.yaml"} <= set(checked)
    assert checked == sorted(checked)
    assert any(line.startswith("observations: valid (") for line in lines)


def test_a_policy_alone_is_laid_over_base(ok: Callable[..., str]) -> None:
    assert ok("validate", "pue-cap.yaml").startswith("pue-cap.yaml: valid over base (")
    assert ok("validate", "base+pue-cap").startswith("base+pue-cap: valid (")


def test_all_faults_of_all_files_come_in_one_pass(refused: Callable[..., str]) -> None:
    Path("one.yaml").write_text("title: One\nextends: base\nhorizn: 2040\n")
    Path("two.yaml").write_text(
        "title: Two\nextends: base\ninputs:\n  adoption.rat: 1\n  adoption.rate: {p50: x}\n"
    )
    said = refused("validate", "one.yaml", "two.yaml", "three.yaml")
    assert said.splitlines() == [
        'one.yaml:3:1: horizn: unknown key (did you mean "horizon"?)',
        'three.yaml: no such scenario (did you mean "one.yaml"?)',
        'two.yaml:4:3: inputs.adoption.rat: no such input (did you mean "adoption.rate"?)',
        "two.yaml:5:24: inputs.adoption.rate.p50: expected a number, got text 'x'",
    ]


def test_faults_of_priors_observations_and_scenarios_come_together(
    refused: Callable[..., str],
) -> None:
    shutil.copytree(shipped.priors(), "priors")
    for path, old, new in (
        ("priors/adoption.yaml", "grade: D", "grade: E"),
        ("priors/observations/history.yaml", "kind: outturn", "kind: outtern"),
    ):
        text = Path(path).read_text()
        assert old in text
        Path(path).write_text(text.replace(old, new, 1))
    said = refused("validate", "bass", "--priors", "priors")
    assert re.search(
        r"^priors/adoption\.yaml:\d+:\d+: .*grade: expected one of A, B, C", said, re.M
    )
    assert re.search(r"^priors/observations/history\.yaml:\d+:\d+: .*kind: expected", said, re.M)
    assert 'bass: no such scenario (did you mean "base"?)' in said


def test_a_folder_of_priors_replaces_the_shipped_one(ok: Callable[..., str]) -> None:
    shutil.copytree(shipped.priors(), "priors")
    file = Path("priors/adoption.yaml")
    column = 990
    file.write_text(
        file.read_text()
        + f'\nextra:\n  family: normal\n  mean: 0\n  sd: 1\n  unit: "1"\n  column: {column}\n'
        "  source: judgement\n  as_of: 2026-11\n  grade: D\n  why: a test\n"
    )
    said = ok("validate", "base", "--priors", "priors")
    assert said.splitlines()[-1] == f"next free Sobol column: {column + 1}"


def test_a_repaired_correlation_is_told(call: Callable[..., Result], tmp_path: Path) -> None:
    # With signs flipped these are three equal correlations below -1/2, which cannot be; by
    # symmetry the nearest matrix has -1/2 everywhere, and τ = 2/π arcsin(1/2) = 1/3.
    shutil.copytree(shipped.priors(), "priors")
    rate, length, other = "adoption.rate", "adoption.length_2023", "adoption.other_2023"
    Path("priors/dependence.yaml").write_text(
        "- name: impossible\n  pairs:\n"
        f"    - {{between: [{rate}, {length}], kendall: 0.9}}\n"
        f"    - {{between: [{rate}, {other}], kendall: 0.9}}\n"
        f"    - {{between: [{length}, {other}], kendall: -0.9}}\n"
        "  source: judgement\n  as_of: 2026-11\n  grade: D\n  why: a test\n"
    )
    result = call("validate", "base", "--priors", "priors")
    assert result.exit_code == 0
    assert "dependence group impossible" in result.stdout
    number = r"(-?\d[\d.e-]*)"
    found = re.findall(rf"^  (\S+), (\S+): asked {number}, given {number}$", result.stdout, re.M)
    assert {(a, b): float(asked) for a, b, asked, _ in found} == {
        (rate, length): 0.9,
        (rate, other): 0.9,
        (length, other): -0.9,
    }
    for *_, asked, given in found:
        assert math.isclose(float(given), math.copysign(1 / 3, float(asked)), abs_tol=1e-3)


def test_the_installed_script_ends_with_the_right_code(
    installed: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "tab.yaml").write_text("title: x\n\tsummary: y\n")
    failed = installed("validate", "tab.yaml")
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr == "tab.yaml:2:1: tab used for indentation; use spaces\n"

import pickle
from pathlib import Path

import pytest

from forecast.errors import InputError, InputErrors, shown


def test_error_reads_like_a_compilers() -> None:
    error = InputError("priors/facility.yaml", 4, 3, "pue.famly", "unknown key", "family")
    assert str(error) == (
        'priors/facility.yaml:4:3: pue.famly: unknown key (did you mean "family"?)'
    )


def test_parts_that_are_unknown_leave_no_gap() -> None:
    assert str(InputError("base.yaml", 0, 0, "", "empty file")) == "base.yaml: empty file"


def test_errors_are_sorted_by_file_and_line_and_told_once() -> None:
    late, early = InputError("a", 10, 1, "", "late"), InputError("a", 9, 8, "", "early")
    other = InputError("b", 1, 1, "", "other")
    errors = InputErrors([other, late, early, late])
    assert errors.errors == (early, late, other)
    assert str(errors) == "a:9:8: early\na:10:1: late\nb:1:1: other"


def test_errors_survive_a_process_boundary() -> None:
    errors = InputErrors([InputError("a", 1, 1, "x", "wrong")])
    assert pickle.loads(pickle.dumps(errors)).errors == errors.errors


def test_paths_are_relative_below_the_working_directory_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(Path("priors/a.yaml")) == "priors/a.yaml"
    assert shown(tmp_path / "a.yaml") == "a.yaml"
    assert shown(tmp_path.parent / "a.yaml") == str(tmp_path.parent / "a.yaml")

from pathlib import Path

import pytest

from forecast.errors import InputErrors
from forecast.spec.observation import Scope, read_observations

HERE = Path(__file__).parent


def test_observations_are_read_with_what_their_publication_says() -> None:
    *_, outturn, case = read_observations(HERE / "register" / "observations")
    assert (outturn.vintage, outturn.id, outturn.value, outturn.unit) == (
        "iea-2026",
        "dc-2024",
        416.0,
        "TWh",
    )
    assert outturn.quantiles is None
    assert outturn.region == "world"
    assert outturn.error == 0.07
    assert outturn.source == "IEA, Energy and AI, https://www.iea.org/reports/energy-and-ai"
    assert (outturn.as_of, outturn.edition, outturn.published) == ("2026-04", "2026", "2026-04")
    assert outturn.scope == Scope(
        segments=("conventional", "ai_inference", "ai_training", "ai_customisation"),
        networks="excluded",
        basis="consumption",
        level="facility",
    )
    assert case.quantiles == {0.1: 300.0, 0.5: 400.0, 0.9: 600.0}
    assert (case.case, case.as_of, case.region) == ("base", "2026-05-01", "united_states")
    assert case.scope == Scope(segments="all facilities")
    assert (outturn.factor, outturn.relation, outturn.held_by) == (None, "equal", None)
    assert case.factor == {"p05": 1.1, "p50": 1.2, "p95": 1.3}
    assert (case.relation, case.held_by) == ("at_least", "facility.pue")


def test_errors_are_those_of_the_publication_unless_a_number_says_otherwise() -> None:
    *_, outturn, case = read_observations(HERE / "register" / "observations")
    assert (outturn.error, outturn.biases) == (0.07, (0.05, 0.04))
    assert (case.error, case.biases) == (0.02, (0.0, 0.0))


def test_an_identity_is_unique_over_all_files() -> None:
    text = (HERE / "register" / "observations" / "iea-2026.yaml").read_text()
    for name in ("a", "b"):
        Path(f"{name}.yaml").write_text(text)
    with pytest.raises(InputErrors) as caught:
        read_observations(Path())
    assert [str(error) for error in caught.value.errors] == [
        "b.yaml:9:9: observations[0].id: dc-2024 is taken, at a.yaml:9",
        "b.yaml:18:9: observations[1].id: dc-2030-base is taken, at a.yaml:18",
    ]


def test_an_empty_folder_is_refused() -> None:
    with pytest.raises(InputErrors, match="^nowhere: no observations here"):
        read_observations(Path("nowhere"))

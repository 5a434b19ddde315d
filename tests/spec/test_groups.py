from forecast.spec.dependence import Dependence, Pair
from forecast.spec.register import Register


def test_groups_are_read_as_written(register: Register) -> None:
    assert register.dependence == (
        Dependence(
            name="growth",
            copula="gaussian",
            pairs=(
                Pair("adoption.rate", "adoption.saturation", "kendall", 0.5),
                Pair("adoption.rate", "facility.pue", "spearman", -0.3),
            ),
            source="judgement",
            as_of="2024",
            grade="D",
            why="What grows fast grows far.",
        ),
    )
    assert register.dependence[0].names == (
        "adoption.rate",
        "adoption.saturation",
        "facility.pue",
    )

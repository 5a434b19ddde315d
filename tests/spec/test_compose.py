from collections.abc import Callable
from pathlib import Path

import pytest

from forecast.spec.compose import locate
from forecast.spec.scenario import Scenario

HERE = Path(__file__).parent / "scenarios"
WORLD = "title: Mine\nextends: base\n"


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


def test_a_shipped_name_with_or_without_its_ending() -> None:
    assert locate("base") == locate("base.yaml") == HERE / "base.yaml"


def test_a_file_here_wins_only_when_the_ending_is_written() -> None:
    write("base.yaml", WORLD)
    assert locate("base.yaml") == Path("base.yaml")
    assert locate("./base.yaml") == Path("base.yaml")
    assert locate("base") == HERE / "base.yaml"


def test_a_reference_that_leads_nowhere_gives_the_nearest() -> None:
    write("my-world.yaml", WORLD)
    assert locate("bas") == "base"
    assert locate("./my-word.yaml") == "my-world.yaml"
    assert locate("my-word.yaml") == "my-world.yaml"
    assert locate("zzz") == ""
    for hopeless in ("x" * 5000, "a\0b", "./" + "x" * 5000, "x" * 5000 + "/a.yaml", "a\0b/c.yaml"):
        assert locate(hopeless) == ""


def test_the_file_that_was_taken_is_recorded(resolve: Callable[..., Scenario]) -> None:
    write("fast.yaml", "title: Mine\nsampling: {seed: 1}\n")
    assert resolve("fast.yaml").files == ("fast.yaml",)
    assert resolve("fast").files == (str(HERE / "base.yaml"), str(HERE / "fast.yaml"))


def test_a_composition_is_named_by_its_parts(resolve: Callable[..., Scenario]) -> None:
    write("mine/my-cap.yaml", "title: Mine\nextends: power-cap\nlevers: {facility.cap: 3}\n")
    scenario = resolve("base.yaml+power-cap+mine/my-cap.yaml")
    assert scenario.name == "base+power-cap+my-cap"
    assert scenario.title == "The whole uncertainty + Power capped + Mine"
    assert scenario.priors["facility.cap"].arguments == {"value": 3.0}


def test_a_policy_lies_over_the_one_that_it_extends(
    resolve: Callable[..., Scenario], refused: Callable[..., str]
) -> None:
    caps = ["base+power-cap+tight-cap", "base+tight-cap", "base"]
    values = [resolve(name).priors["facility.cap"].arguments["value"] for name in caps]
    assert values == [0.5, 0.5, 10.0]
    # The other way round, the loose cap would undo the tight one unseen.
    assert "tight-cap sets facility.cap otherwise" in refused("base+tight-cap+power-cap")


def test_extends_looks_beside_the_file_first(resolve: Callable[..., Scenario]) -> None:
    write("mine/base.yaml", "title: Own base\nsampling: {seed: 5}\n")
    write("mine/world.yaml", "title: Mine\nextends: base.yaml\n")
    assert resolve("mine/world.yaml").sampling.seed == 5
    write("mine/world.yaml", "title: Mine\nextends: base\n")
    assert resolve("mine/world.yaml").sampling.seed == 20260


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("bas", 'bas: no such scenario (did you mean "base"?)'),
        ("base+pwer-cap", 'pwer-cap: no such scenario (did you mean "power-cap"?)'),
        (
            "power-cap",
            "power-cap: power-cap is a policy (it sets levers only) and needs a world under it "
            '(did you mean "base+power-cap"?)',
        ),
        (
            "power-cap+tight-cap",
            "power-cap+tight-cap: power-cap is a policy (it sets levers only) and needs a world "
            'under it (did you mean "base+power-cap+tight-cap"?)',
        ),
        (
            "base+fast",
            "base+fast: fast is a world, not a policy: it has vintage, sampling, horizon, inputs; "
            "only policies follow a +",
        ),
        ("base+", "+: a name is missing beside +"),
        ("./nowhere/x.yaml", "./nowhere/x.yaml: no such file"),
        ("./", ".: is a folder, expected a YAML file"),
    ],
)
def test_refused(refused: Callable[..., str], reference: str, expected: str) -> None:
    assert expected in refused(reference).split("\n")


def test_a_cycle_is_shown(refused: Callable[..., str]) -> None:
    write("a.yaml", "title: A\nextends: b.yaml\n")
    write("b.yaml", "title: B\nextends: c.yaml\n")
    write("c.yaml", "title: C\nextends: b.yaml\n")
    told = "c.yaml:2:10: extends: extends itself: b.yaml -> c.yaml -> b.yaml"
    assert told in refused("a.yaml").split("\n")


def test_the_name_of_a_file_is_checked(refused: Callable[..., str]) -> None:
    write("My World.yaml", WORLD)
    assert refused("My World.yaml") == (
        "My World.yaml: My World: the name of a scenario is lower case with hyphens "
        '(did you mean "my-world"?)'
    )

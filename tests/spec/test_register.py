import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from forecast.errors import InputErrors
from forecast.spec.prior import Prior
from forecast.spec.register import Register, block_names, next_free_column, read_priors

HERE = Path(__file__).parent


def prior(name: str, column: int, shares: int = 0) -> Prior:
    if shares:
        median = {str(label): 1 / shares for label in range(shares)}
        arguments = {"median": median, "log_sd": 1.0}
        return Prior(
            name=name, family="logistic_normal", arguments=arguments, unit="1", column=column
        )
    return Prior(name=name, family="fixed", arguments={"value": 1.0}, unit="1", column=column)


def test_priors_keep_the_order_of_files_and_entries(register: Register) -> None:
    assert list(register.priors) == [
        "adoption.rate",
        "adoption.saturation",
        "adoption.intensity",
        "facility.pue",
        "facility.cap",
        "facility.shares",
        "facility.floors",
    ]
    assert list(register.vintages) == ["early", "iea-2026"]
    assert read_priors(HERE / "register") == register.priors
    assert block_names(register.priors) == ("adoption", "facility")


@pytest.mark.parametrize(
    ("priors", "free"),
    [
        ([], 1),
        ([prior("a.a", 1)], 2),
        ([prior("a.a", 7), prior("a.b", 3)], 8),
        ([prior("a.a", 7, shares=5)], 11),
        ([prior("a.a", 1000), prior("a.b", 1)], 2),
    ],
)
def test_next_free_column_lies_above_all_that_are_taken(priors: list[Prior], free: int) -> None:
    assert next_free_column({each.name: each for each in priors}) == free


def test_faults_of_all_files_are_told_together() -> None:
    shutil.copytree(HERE / "register", "priors")
    bad = {"Facility": "facility", "sampling": "adoption"}
    for name, source in bad.items():
        shutil.copy(HERE / "register" / f"{source}.yaml", f"priors/{name}.yaml")
    Path("priors/empty.yaml").write_text("")
    with pytest.raises(InputErrors) as caught:
        read_priors(Path("priors"))
    told = [str(error) for error in caught.value.errors]
    assert "priors/Facility.yaml: Facility: the name of a block is snake_case" in told
    assert (
        "priors/sampling.yaml: sampling: no block may bear the name of a key of scenario files"
        in told
    )
    assert "priors/empty.yaml: empty file" in told
    clashes = [line for line in told if "belongs to" in line]
    # Every input of the copies clashes with its original; each is offered columns of its own.
    assert len(clashes) == 7
    offered = [int(line.rpartition(" ")[2]) for line in clashes]
    assert min(offered) == 9
    assert len(set(offered)) == 7


def test_a_folder_without_priors_is_refused() -> None:
    with pytest.raises(InputErrors, match="^nowhere: no priors here"):
        read_priors(Path("nowhere"))


def test_reading_loads_nothing_heavy() -> None:
    code = (
        "import sys; from pathlib import Path; from forecast.spec.resolve import read_scenarios;"
        "from forecast.spec.register import read_register;"
        f"read_register(Path({str(HERE / 'register')!r}));"
        "heavy = {'jax', 'xarray', 'scipy', 'pandas', 'numpy', 'pint'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

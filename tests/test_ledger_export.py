import csv
import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from forecast.export.ledger import (
    LATEX,
    LEDGERS,
    latex_text,
    ledger_csv,
    ledger_latex,
    ledger_markdown,
    markdown_text,
)

NASTY = r"a_b & 5 % #1 $x$ {y} ~z ^2 \frac <i> |bar|"


@pytest.fixture
def ledger() -> xr.Dataset:
    words = ("long_name", "unit", "source", "as_of", "grade", "scope")
    columns = {name: ("input", np.array([NASTY, "plain"])) for name in words}
    numbers = [
        f"{group}_{name}"
        for group in ("prior", "posterior", "posterior_score")
        for name in ("p05", "p50", "p95")
    ]
    for place, name in enumerate((*numbers, "shift", "contraction", "influence")):
        columns[name] = ("input", np.array([place + 1 / 3, np.nan]))
    attributes = {"title": "A & B", "prior_draws": 8, "posterior_draws": 4, "influence_year": 2030}
    return xr.Dataset(columns, {"input": ["block.one_two[small]", "b"]}, attributes)


def test_csv_gives_everything_back(ledger: xr.Dataset, tmp_path: Path) -> None:
    ledger_csv(ledger, tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as stream:
        first, second = csv.DictReader(stream)
    assert first["source"] == NASTY
    assert second["source"] == "plain"
    assert set(first) == {"input", *map(str, ledger.data_vars)}
    for name, values in ledger.data_vars.items():
        if values.dtype.kind == "f":
            assert float(first[str(name)]) == pytest.approx(float(values[0]), rel=1e-8)
            assert second[str(name)] == ""


def test_no_letter_of_latex_stands_bare(ledger: xr.Dataset, tmp_path: Path) -> None:
    ledger_latex(ledger, tmp_path / "x.tex")
    text = (tmp_path / "x.tex").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith((r"block.", "b "))]
    assert len(rows) == 2
    for row in rows:
        body = row.removesuffix(r" \\")
        # Ten ends of columns; all other marks are escaped or part of a command.
        assert len(re.findall(r"(?<!\\)&", body)) == 10
        bare = re.sub(r"\\[&%#$_{}]|\\[a-z]+(\{\})?", "", body).replace(" & ", " ")
        assert not set("_&%#${}~^\\") & set(bare), bare
    assert r"\endlastfoot" in text
    assert r"A \& B" in text
    assert text.count(r"\midrule") == 2


def test_the_parts_of_latex_balance(ledger: xr.Dataset, tmp_path: Path) -> None:
    ledger_latex(ledger, tmp_path / "x.tex")
    text = (tmp_path / "x.tex").read_text(encoding="utf-8")
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")


@pytest.mark.parametrize("letter", "_&%#${}~^\\")
def test_every_special_letter_of_latex_is_known(letter: str) -> None:
    assert latex_text(letter) == LATEX[letter] != letter


def test_latex_text_by_hand() -> None:
    assert latex_text("5 % of\n$a_b") == r"5 \% of \$a\_\allowbreak{}b"
    assert latex_text(r"\x{~^}") == r"\textbackslash{}x\{\textasciitilde{}\textasciicircum{}\}"


def test_markdown_has_one_cell_a_column(ledger: xr.Dataset, tmp_path: Path) -> None:
    ledger_markdown(ledger, tmp_path / "x.md")
    lines = (tmp_path / "x.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 4
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {12}
    assert r"\_b \& 5 % \#1 \$x\$" in table[2]
    assert "1.33 (0.333 to 2.33)" in table[2]
    assert "4 draws of the posterior" in lines[-1]
    assert "in 2030" in lines[-1]


def test_markdown_text_by_hand() -> None:
    assert markdown_text("a|b\n*c* [d](e)") == r"a\|b \*c\* \[d\](e)"


@pytest.mark.parametrize("ending", LEDGERS)
def test_every_file_is_whole_and_replaced(ledger: xr.Dataset, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"x{ending}"
    path.write_text("old")
    LEDGERS[ending](ledger, path)
    assert path.read_text(encoding="utf-8").endswith("\n")
    assert "old" not in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]

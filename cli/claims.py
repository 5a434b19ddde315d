"""`forecast claims`: what a talk says beside the engine's own figures."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .options import Faults, Refused, example, json_option, mendable
from .runs import output_option

if TYPE_CHECKING:
    from forecast.analysis.claims import Draws
    from forecast.spec.claims import ClaimEntry, Talk

SCENARIOS: Final = ("base", "outlook")
"""What was known when the talk was held, and now. (definition)"""

DRAWS: Final = 4096
"""Draws of each. (definition)"""


@click.command(epilog=example("forecast claims --markdown claims.md"))
@click.option(
    "--scenario", "scenarios", multiple=True, help="Whose figures; base and outlook if not given."
)
@click.option("--markdown", type=click.Path(path_type=Path), help="Write the table into a file.")
@click.option("--prior", is_flag=True, help="Draw from the priors, uncalibrated.")
@click.option("--draws", type=click.IntRange(min=64), default=DRAWS, help="Draws of each; 4096.")
@output_option
@json_option
@mendable
def command(
    scenarios: tuple[str, ...],
    markdown: Path | None,
    prior: bool,
    draws: int,
    output: Path,
    as_json: bool,
) -> None:
    """Hold every claim of the talk against the engine's own figure and interval.

    A claim agrees where the median of the draws lies in the claimed range, or a single number
    between p10 and p90; partly where p10 to p90 reaches into the range; of the same source where
    the prior behind the figure is of the talk itself; and it is not comparable where unit, boundary
    or denominator differ, with the reason.
    """
    from forecast.spec.claims import read_claims

    talks = read_claims()
    names = scenarios or SCENARIOS
    found = {name: _draws(name, draws, output, prior=prior) for name in names}
    from forecast.analysis.claims import judge

    rows = [
        {
            "talk": talk.title,
            **_told(claim),
            "figures": {name: judge(claim, one) for name, one in found.items()},
        }
        for talk in talks
        for claim in talk.claims
    ]
    if markdown is not None:
        from forecast.files import written

        text = _markdown(talks, rows, names, draws)
        written(markdown, lambda there: there.write_text(text, encoding="utf-8"))
    if as_json:
        from .columns import print_json

        print_json({"scenarios": list(names), "draws": draws, "claims": rows})
        return
    _show(rows, names)
    if markdown is not None:
        click.echo(f"table: {markdown}")


def _draws(name: str, draws: int, output: Path, *, prior: bool) -> "Draws":
    from forecast.request import request, sampling_settings

    settings = sampling_settings(draws=draws, seed=None, method=None)
    asked = request(name, settings=settings, prior=prior, keep=("all",))
    from .cache import use_cache
    from .interrupt import interruptible

    use_cache()
    from forecast import api
    from forecast.analysis.claims import draws_of
    from forecast.errors import Refusal

    try:
        with interruptible():
            drawn = api.find_posteriors(asked, output, command=f"forecast claims ({name})")
            tree = api.compute(asked, drawn=drawn)
            return draws_of(tree, asked.scenarios[0].name)
    except Refusal as error:
        raise Refused(str(error)) from error
    except ValueError as error:
        raise Faults(str(error)) from error


def _told(claim: "ClaimEntry") -> dict[str, Any]:
    return {
        "id": claim.id,
        "says": claim.says,
        "section": claim.section,
        "claimed": claimed(claim.low, claim.high),
        "low": claim.low,
        "high": claim.high,
        "unit": claim.unit,
        "boundary": claim.boundary,
        "denominator": claim.denominator,
        "note": claim.note,
        "newer": [one.model_dump() for one in claim.newer],
    }


def claimed(low: float | None, high: float | None) -> str:
    """Write a range that may be open."""
    if low is None and high is None:
        return "no number"
    if low is None or high is None:
        return f"at most {high:,g}" if low is None else f"at least {low:,g}"
    return f"{low:,g}" if low == high else f"{low:,g} to {high:,g}"


def figure(one: dict[str, Any]) -> str:
    """Write the engine's figure: p50 with p10 and p90, to three digits."""
    if "p50" not in one:
        return "-"
    low, middle, high = (f"{one[key]:,.3g}" for key in ("p10", "p50", "p90"))
    if "e+" in low + middle + high:
        low, middle, high = (f"{one[key]:,.0f}" for key in ("p10", "p50", "p90"))
    return middle if low == high else f"{middle} ({low} to {high})"


def _show(rows: list[dict[str, Any]], names: tuple[str, ...]) -> None:
    from .columns import print_columns

    cells = []
    for row in rows:
        unit = "" if row["unit"] == "1" else f" {row['unit']}"
        line = [row["says"], f"{row['claimed']}{unit if row['claimed'] != 'no number' else ''}"]
        for name in names:
            one = row["figures"][name]
            line += [figure(one), one["verdict"]]
        cells.append(line)
    heads = ["claim", "claimed"]
    for name in names:
        heads += [f"{name}, p50 (p10 to p90)", "verdict"]
    print_columns(heads, cells)
    for name in names:
        verdicts = [row["figures"][name]["verdict"] for row in rows]
        counted = ", ".join(f"{verdicts.count(one)} {one}" for one in dict.fromkeys(verdicts))
        click.echo(f"\n{name}: of {len(rows)} claims {counted}")
    click.echo("")
    for row in rows:
        told = [*_reasons(row, names), *([row["note"]] if row["note"] else [])]
        told += [f"since then: {one['says']} ({one['source']})" for one in row["newer"]]
        if told:
            click.echo(f"{row['says']}: {'; '.join(told)}")


def _reasons(row: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    """Reasons of the verdicts: once where all say the same, else by scenario."""
    said = {name: row["figures"][name]["why"] for name in names}
    if len(set(said.values())) == 1:
        return [one for one in set(said.values()) if one]
    return [f"{name}: {why}" for name, why in said.items() if why]


def _markdown(
    talks: "tuple[Talk, ...]", rows: list[dict[str, Any]], names: tuple[str, ...], draws: int
) -> str:
    lines = ["# Claims beside the engine's own figures", ""]
    for talk in talks:
        lines += [f"{talk.author}, *{talk.title}* ({talk.as_of}): {talk.source}.", ""]
    lines += [
        f"Made by `forecast claims --markdown FILE`, {draws:,} draws of each scenario. A claim"
        " agrees where the median lies in the claimed range, or a single number between p10 and"
        " p90; partly where p10 to p90 reaches into it; same source where the prior behind the"
        " figure is of the talk itself. What is not comparable says why.",
        "",
    ]
    heads = ["claim", "claimed", "unit", "boundary"]
    for name in names:
        heads += [f"`{name}`, p50 (p10 to p90)", "verdict"]
    heads.append("why")
    lines += [f"| {' | '.join(heads)} |", f"| {' | '.join(['---'] * len(heads))} |"]
    for row in rows:
        over = f"; over {row['denominator']}" if row["denominator"] else ""
        cells = [row["says"], row["claimed"], row["unit"], row["boundary"] + over]
        for name in names:
            cells += [figure(row["figures"][name]), row["figures"][name]["verdict"]]
        told = [*_reasons(row, names), *([row["note"]] if row["note"] else [])]
        told += [f"since then: {one['says']} ({one['source']})" for one in row["newer"]]
        cells.append("; ".join(told))
        lines.append(f"| {' | '.join(one.replace('|', '/') for one in cells)} |")
    return "\n".join(lines) + "\n"

"""`forecast backtest`."""

import json
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .interrupt import interruptible
from .options import (
    Faults,
    Refused,
    example,
    json_option,
    mendable,
    scenarios_argument,
    set_option,
)
from .progress import progress_bar

if TYPE_CHECKING:
    import xarray as xr

    from forecast.spec.observation import Observation
    from forecast.spec.register import Register
    from forecast.spec.scenario import Scenario
    from forecast.studies.forecasts import Forecast

SCENARIOS: Final = ("history", "base")
YEARS: Final = (2018, 2020, 2022)
"""What is scored if nothing is named."""

HISTORY: Final = "history"
"""The scenario that is cut at a year."""


@click.command("backtest", epilog=example("forecast backtest history --as-of 2018"))
@scenarios_argument(required=False)
@click.option(
    "--as-of",
    "years",
    type=click.IntRange(2015, 2050),
    multiple=True,
    metavar="YEAR",
    help="History with observations up to that year alone; may be given again.",
)
@set_option
@click.option("--output", type=click.Path(path_type=Path), default=Path("outputs"))
@click.option("--force", is_flag=True, help="Score again what is there.")
@json_option
@mendable
def command(
    scenarios: tuple[str, ...],
    years: tuple[int, ...],
    settings: tuple[str, ...],
    output: Path,
    **options: Any,
) -> None:
    """Score what was forecast at an earlier date against what was observed later.

    SCENARIO is one whose vintage is of an earlier date. With no scenario and no year: history and
    base of January 2024, and history as of 2018, 2020 and 2022. Posteriors that are missing are
    made first.
    """
    if not scenarios and not years:
        scenarios, years = SCENARIOS, YEARS
    with interruptible():
        folder, found = _scored(scenarios, years, settings, output, options)
    if options["as_json"]:
        click.echo(json.dumps(_told(found, folder), allow_nan=False))
        return
    _show(found)
    click.echo(f"\nresult: {folder}")
    click.echo(f"figure: {folder / 'figures' / 'backtest.png'}")


def _scored(
    names: Sequence[str],
    years: Sequence[int],
    settings: Sequence[str],
    output: Path,
    options: dict[str, Any],
) -> tuple[Path, "xr.Dataset"]:
    from forecast.request import request

    asked = request(*names, *([HISTORY] if years else []), settings=settings)
    from .cache import use_cache

    use_cache()
    from forecast import posteriors
    from forecast.export.backtest import BACKTEST_FILE, read
    from forecast.files import complete
    from forecast.shipped import observations
    from forecast.spec.observation import read_observations
    from forecast.studies import backtest as study
    from forecast.studies.forecasts import cut

    register = asked.register
    chosen: list[tuple[str, Scenario, int | None]]
    chosen = [(one.name, one, None) for one in asked.scenarios[: len(names)]]
    for year in dict.fromkeys(sorted(years)):
        _check(asked.scenarios[-1])
        chosen.append((f"{HISTORY} as of {year}", cut(asked.scenarios[-1], year), year))
    for _, one, _ in chosen:
        _check(one)
    parts = [f"{name} {year} {posteriors.key_of(one, register)}" for name, one, year in chosen]
    key = study.key_of(parts)
    folder = output / f"backtest-{key}"
    talk = not options["as_json"]
    if not options["force"] and complete(folder, key, BACKTEST_FILE):
        if talk:
            click.echo("found: scored before with the same key, every file as it was written")
        return folder, read(folder)
    known = read_observations(observations())
    drawn = [_forecast(*one, register, known, output, talk=talk) for one in chosen]
    if all(one.paths is None for one in drawn):
        raise Refused("\n".join(f"{one.name}: {one.reason}" for one in drawn))
    found = study.backtest(drawn, known)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    side = {"written": stamp, "command": _words(), "notes": found.attrs["notes"]}
    study.deliver(found, folder, key, side)
    return folder, found


def _check(scenario: "Scenario") -> None:
    if scenario.calibration is None or scenario.vintage is None:
        lacks = "vintage" if scenario.calibration else "block calibration"
        raise Faults(f"{scenario.name}: it has no {lacks}, so there is no date to forecast from")


def _words() -> str:
    return shlex.join(["forecast", *sys.argv[1:]])


def _forecast(
    name: str,
    scenario: "Scenario",
    year: int | None,
    register: "Register",
    observations: "Sequence[Observation]",
    output: Path,
    *,
    talk: bool,
) -> "Forecast":
    """Draws of a posterior, made where it is missing; why there is none, where it is refused."""
    from forecast import calibrating, posteriors
    from forecast.calibration.setup import usable
    from forecast.errors import Refusal
    from forecast.studies.forecasts import NOTHING, Forecast, read_paths

    known = register.vintages[str(scenario.vintage)].as_of
    assert scenario.calibration is not None, "what is not calibrated was refused before"
    if not usable(observations, known, scenario.calibration.until):
        return Forecast(name, known, year, reason=NOTHING)
    folder = posteriors.folder_of(scenario, register, output)
    try:
        if not posteriors.populations_stored(folder, posteriors.key_of(scenario, register)):
            with progress_bar(f"calibrating {name}", shown=talk, unit="stages") as progress:
                folder = calibrating.make(
                    scenario, register, output, command=_words(), progress=progress
                )
        paths, used = read_paths(folder / posteriors.POSTERIOR_FILE)
    except Refusal as error:
        return Forecast(name, known, year, reason=f"refused: {error}")
    return Forecast(name, known, year, paths, used)


def _told(found: "xr.Dataset", folder: Path) -> dict[str, Any]:
    from forecast.export.backtest import rows, summaries

    return {
        "backtest": str(folder),
        "label": found.attrs["label"],
        "forecasts": summaries(found),
        "rows": rows(found),
        "notes": found.attrs["notes"].splitlines(),
    }


def _show(found: "xr.Dataset") -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from forecast.export.backtest import tables

    from .tables import console_for_tables

    console = console_for_tables()
    for one in tables(found):
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for place, head in enumerate(one.heads):
            words = head in ("forecast", "known", "outturn", "")
            table.add_column(head, justify="left" if words else "right", no_wrap=place == 0)
        for row in one.rows:
            table.add_row(*row)
        # A title of its own width: inside a table it would be broken at the table's.
        console.print(one.title)
        console.print(table)
    for line in found.attrs["notes"].splitlines():
        click.echo(line)

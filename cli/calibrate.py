"""`forecast calibrate`."""

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from .interrupt import interruptible
from .options import Faults, Refused, mendable, set_option
from .progress import progress_bar

EXAMPLE = "Example: forecast calibrate base.yaml"


@click.command("calibrate", epilog=EXAMPLE)
@click.argument("scenario")
@set_option
@click.option(
    "--populations", type=click.IntRange(min=8), help="Independent populations; 8 if not given."
)
@click.option("--output", type=click.Path(path_type=Path), default=Path("outputs"))
@click.option("--force", is_flag=True, help="Calibrate again what is there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@mendable
def command(scenario: str, settings: tuple[str, ...], output: Path, **options: Any) -> None:
    """Tie a scenario to history, and to the published cases that it names.

    Writes a posterior: equally weighted draws of inputs and noise, what the data moved, and the
    ledger of priors. `forecast run` finds it by its key and makes it where it is missing.
    """
    with interruptible():
        folder, notes = _calibrated(scenario, settings, output, options)
    if options["as_json"]:
        click.echo(json.dumps({"posterior": str(folder), "notes": notes.splitlines()}))
        return
    click.echo(notes)
    click.echo(f"\nresult: {folder}")
    click.echo(f"figure: {folder / 'figures' / 'fan.png'}")
    click.echo(f"priors: {folder / 'priors.md'}")


def _calibrated(
    scenario: str, settings: tuple[str, ...], output: Path, options: dict[str, Any]
) -> tuple[Path, str]:
    from forecast.request import request

    asked = request(scenario, settings=settings)
    from .cache import use_cache

    use_cache()
    from forecast import calibrating, posteriors
    from forecast.errors import Refusal
    from forecast.files import read_log

    one = asked.scenarios[0]
    folder = posteriors.folder_of(one, asked.register, output)
    key = posteriors.key_of(one, asked.register)
    wanted = options["populations"] or (posteriors.needed(one) if one.calibration else 0)
    talk = not options["as_json"]
    try:
        if options["force"] or posteriors.populations_stored(folder, key) < max(wanted, 1):
            with progress_bar("calibrating", shown=talk, unit="stages") as progress:
                calibrating.make(
                    one,
                    asked.register,
                    output,
                    populations=options["populations"],
                    command=shlex.join(["forecast", *sys.argv[1:]]),
                    progress=progress,
                )
        elif talk:
            click.echo("found: calibrated before with the same key, every file as it was written")
    except Refusal as error:
        raise Refused(str(error)) from error
    except ValueError as error:
        raise Faults(str(error)) from error
    return folder, str(read_log(folder)["notes"])

"""`forecast run`."""

import json
import os
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .interrupt import interruptible
from .options import (
    Faults,
    Refused,
    mendable,
    scenarios_argument,
    set_option,
)
from .progress import progress_bar

if TYPE_CHECKING:
    from forecast.request import Request

EXAMPLE = "Example: forecast run base.yaml base+pue-cap --draws 4096"
CEILING = 1_048_576


@click.command("run", epilog=EXAMPLE)
@scenarios_argument
@set_option
@click.option("--draws", type=click.IntRange(min=1), help="Draws in all, rounded up to 8 x m.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the draws.")
@click.option("--method", type=click.Choice(["sobol", "latin", "random"]), help="Design.")
@click.option("--precision", type=click.Choice(["double", "single"]), default="double")
@click.option(
    "--keep", multiple=True, metavar="OUTPUT", help='Keep its draws too; "regions" or "all".'
)
@click.option("--until", metavar="RULE", help='Draw until it holds: "p95(total[2030]) rel 1%".')
@click.option(
    "--ceiling", type=click.IntRange(min=8), default=CEILING, help=f"Most draws, {CEILING:,}."
)
@click.option("--summary-only", is_flag=True, help="Stream any number of draws, keep none.")
@click.option("--prior", is_flag=True, help="Draw from the priors, uncalibrated.")
@click.option(
    "--posterior",
    type=click.Path(path_type=Path),
    help="Draw from a frozen set, for all scenarios.",
)
@click.option("--output", type=click.Path(path_type=Path), default=Path("outputs"))
@click.option("--force", is_flag=True, help="Compute again what is there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@mendable
def command(
    scenarios: tuple[str, ...],
    settings: tuple[str, ...],
    keep: tuple[str, ...],
    output: Path,
    **options: Any,
) -> None:
    """Run scenarios and store the result under outputs/.

    SCENARIO is the name of a shipped scenario, a path to a file of your own, or a policy laid over
    a world with "+". Several scenarios share one design: they are paired draw by draw.
    """
    from forecast.request import request, sampling_settings

    _check_words(options, keep)
    if options["posterior"] and options["prior"]:
        raise click.UsageError("--prior draws from the priors; leave it or --posterior out")
    told = {name: options[name] for name in ("draws", "seed", "method")}
    asked = request(
        *scenarios,
        settings=(*settings, *sampling_settings(**told)),
        keep=keep,
        precision=options["precision"],
        prior=options["prior"],
        extra=_extra(options),
    )
    talk = not (options["quiet"] or options["as_json"])
    if talk:
        _announce(asked, options)
    folder = asked.folder(output)
    if not options["force"] and _found(folder, asked.key):
        if talk:
            click.echo("found: computed before with the same key, every file as it was written")
    else:
        _check_place(output)
        with interruptible():
            _compute(asked, output, options, talk=talk)
    _report(folder, asked, options)


def _check_words(options: dict[str, Any], keep: tuple[str, ...]) -> None:
    if options["summary_only"] and options["until"]:
        raise click.UsageError("--summary-only keeps no draws to judge --until by; leave one out")
    if options["summary_only"] and keep:
        raise click.UsageError("--summary-only keeps no draws; leave it or --keep out")


def _found(folder: Path, key: str) -> bool:
    from forecast.files import complete, read_log

    # No digest covers the side file, and without it the run cannot be reported.
    try:
        return complete(folder, key) and {"draws", "failed", "notes"} <= read_log(folder).keys()
    except (OSError, ValueError, AttributeError):
        return False


def _check_place(output: Path) -> None:
    # Before computing: what took an hour shall not end for want of a folder.
    known = next(one for one in (output, *output.absolute().parents) if one.exists())
    if not known.is_dir():
        raise Faults(f"{output}: no folder can be made here, {known} is a file")
    if not os.access(known, os.W_OK | os.X_OK):
        raise Faults(f"{output}: nothing can be written in {known}")


def _extra(options: dict[str, Any]) -> dict[str, str]:
    # Only what changes the result belongs to its key.
    found = {}
    if options["until"]:
        found["until"] = f"{options['until']} up to {options['ceiling']}"
    if options["summary_only"]:
        found["summary_only"] = "yes"
    if options["posterior"]:
        from forecast.files import digest

        if not options["posterior"].is_file():
            raise Faults(f"{options['posterior']}: no such file")
        found["posterior"] = digest(options["posterior"])
    return found


def _announce(asked: "Request", options: dict[str, Any]) -> None:
    for one in asked.scenarios:
        click.echo(f"{one.name}: {one.title} ({', '.join(one.files)})")
    sampling = asked.scenarios[0].sampling
    total = asked.draws
    rounded = f", rounded up from {sampling.draws:,}" if total != sampling.draws else ""
    laid = f"{sampling.method}, {asked.chains} randomisations"
    if asked.scenarios[0].calibration:
        laid = f"calibrated, {asked.chains} independent populations"
    click.echo(
        f"{total:,} draws{rounded}: {laid} of {total // asked.chains:,}, seed {sampling.seed}"
    )
    if not options["summary_only"] and not options["until"]:
        size = asked.megabytes
        told = "under 1 MB" if size < 1 else f"about {size:,.0f} MB"
        click.echo(f"size: {told} on disk")


def _compute(asked: "Request", output: Path, options: dict[str, Any], *, talk: bool) -> None:
    from .cache import use_cache

    use_cache()
    from forecast import api
    from forecast.errors import Refusal

    started = time.monotonic()
    told = shlex.join(["forecast", *sys.argv[1:]])
    try:
        with progress_bar("calibrating", shown=talk, unit="stages") as progress:
            drawn = _drawn(asked, output, options, told, progress)
        with progress_bar("drawing", shown=talk) as progress:
            if options["summary_only"]:
                tree = api.stream(asked, progress=progress, drawn=drawn)
            elif options["until"]:
                rule, ceiling = options["until"], options["ceiling"]
                tree = api.compute_until(
                    asked, rule, ceiling=ceiling, progress=progress, drawn=drawn
                )
            else:
                tree = api.compute(asked, progress=progress, drawn=drawn)
    except Refusal as error:
        raise Refused(str(error)) from error
    except ValueError as error:
        raise Faults(str(error)) from error
    except MemoryError as error:
        raise Faults(f"{asked.draws:,} draws: {error}; --summary-only keeps none") from error
    api.save(tree, asked, output, told)
    if talk:
        click.echo(f"computed in {time.monotonic() - started:.1f} s")


def _drawn(
    asked: "Request", output: Path, options: dict[str, Any], told: str, progress: Any
) -> list[Any]:
    from forecast import api

    if options["posterior"]:
        from forecast.frozen import load_frozen

        return [load_frozen(options["posterior"], one) for one in asked.scenarios]
    return list(api.find_posteriors(asked, output, command=told, progress=progress))


def _report(folder: Path, asked: "Request", options: dict[str, Any]) -> None:
    if options["quiet"]:
        return
    from forecast.files import read_log
    from forecast.rows import read_rows

    rows, log = read_rows(folder), read_log(folder)
    if options["as_json"]:
        found = {"run": str(folder), "draws": log["draws"], "failed": log["failed"], "rows": rows}
        click.echo(json.dumps(found, allow_nan=False))
        return
    from .tables import summary_tables

    summary_tables(rows, [one.name for one in asked.scenarios])
    if log["notes"]:
        click.echo(log["notes"])
    click.echo(f"\nresult: {folder}")
    click.echo(f"figure: {folder / 'figures' / 'total.png'}")

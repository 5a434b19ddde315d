"""`forecast explain`."""

import json
from pathlib import Path
from typing import Any

import click

from .interrupt import interruptible
from .options import Faults, Refused, mendable, set_option
from .progress import progress_bar

EXAMPLE = "Example: forecast explain base.yaml --block training --year 2030"


@click.command("explain", epilog=EXAMPLE)
@click.argument("scenario")
@set_option
@click.option(
    "--year", "years", type=int, multiple=True, help="Years shown; 2025 and 2030 if none."
)
@click.option("--block", "blocks", multiple=True, help="Blocks shown; all if none.")
@click.option("--from", "first", type=int, default=2022, help="First year of the decomposition.")
@click.option("--to", "last", type=int, default=2030, help="Last year of the decomposition.")
@click.option(
    "--draws", type=click.IntRange(min=64), default=4096, help="Draws; 4,096 if not given."
)
@click.option("--prior", is_flag=True, help="Draw from the priors, uncalibrated.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("outputs"))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@mendable
def command(
    scenario: str,
    settings: tuple[str, ...],
    years: tuple[int, ...],
    blocks: tuple[str, ...],
    **options: Any,
) -> None:
    """Show every quantity of the model, block by block, and what drives the change.

    Each quantity with its formula, unit and p05, p50, p95; published numbers beside the draws; and
    the change of the total between two years split into named drivers (Shapley values, per draw).
    """
    with interruptible():
        found = _explained(scenario, settings, years, blocks, options)
    if options["as_json"]:
        click.echo(json.dumps(found, allow_nan=False))
        return
    from .tables import explanation_tables

    explanation_tables(found)


def _explained(
    scenario: str,
    settings: tuple[str, ...],
    years: tuple[int, ...],
    blocks: tuple[str, ...],
    options: dict[str, Any],
) -> dict[str, Any]:
    from .cache import use_cache

    use_cache()
    from forecast import api
    from forecast.errors import Refusal

    told = [*settings, f"sampling.draws={options['draws']}"]
    try:
        with progress_bar("drawing", shown=not options["as_json"]) as progress:
            return api.explain(
                scenario,
                settings=told,
                years=years or (2025, 2030),
                blocks=blocks,
                change=(options["first"], options["last"]),
                prior=options["prior"],
                outputs=options["output"],
                progress=progress,
            )
    except Refusal as error:
        raise Refused(str(error)) from error
    except ValueError as error:
        raise Faults(str(error)) from error
    except MemoryError as error:
        raise Faults(f"{options['draws']:,} draws: {error}") from error

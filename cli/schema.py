"""`forecast schema`: JSON Schema of the files, so that an editor completes and underlines."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .files import write_new
from .options import Word, example, force_option, mendable

if TYPE_CHECKING:
    from forecast.spec.schema import Kind


@click.command(epilog=example("forecast schema scenario -o scenario.schema.json"))
@click.argument(
    "kind",
    type=Word(("scenario", "vintage", "priors", "dependence", "observations")),
    default="scenario",
    metavar="[scenario|vintage|priors|dependence|observations]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write it to a file in place of printing it.",
)
@force_option
@mendable
def command(kind: "Kind", output: Path | None, force: bool) -> None:
    """Print the JSON Schema of a kind of file: of a scenario, unless you name another.

    It knows all inputs and vintages. Editors with a YAML language server complete and underline
    by it where the first line of a file is "# yaml-language-server: $schema=scenario.schema.json".
    """
    from forecast.spec.register import read_register
    from forecast.spec.schema import json_schema

    register = read_register() if kind in ("scenario", "vintage") else None
    text = json.dumps(json_schema(kind, register), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
    else:
        write_new(output, text + "\n", force=force)
        click.echo(output)

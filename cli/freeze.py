"""`forecast freeze`."""

import re
from pathlib import Path

import click

from .interrupt import interruptible
from .options import Faults, Refused, mendable, set_option

EXAMPLE = "Example: forecast freeze base.yaml --name base-2024 --version 1.0"
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")


@click.command("freeze", epilog=EXAMPLE)
@click.argument("scenario")
@set_option
@click.option("--name", required=True, help="Of the set: letters, digits, dots, hyphens.")
@click.option("--version", required=True, help="Of the set, as 1.0.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("outputs"))
@click.option("--to", "file", type=click.Path(path_type=Path), help="NAME-VERSION.nc if not given.")
@click.option("--force", is_flag=True, help="Replace what is there.")
@mendable
def command(
    scenario: str,
    settings: tuple[str, ...],
    name: str,
    version: str,
    output: Path,
    *,
    file: Path | None,
    force: bool,
) -> None:
    """Export the posterior of a scenario as a named, versioned set of draws.

    `forecast run SCENARIO --posterior FILE` draws from it, wherever and whenever: the set carries
    the draws themselves, so that no other version calibrates differently.
    """
    for word in (name, version):
        if not WORD.fullmatch(word):
            raise Faults(f"{word!r}: expected letters, digits, dots and hyphens")
    target = file or Path(f"{name}-{version}.nc")
    if target.exists() and not force:
        raise Faults(f"{target}: is there already; --force replaces it")
    with interruptible():
        digest = _frozen(scenario, settings, output, target, name, version)
    click.echo(f"{name} {version}, digest {digest}")
    click.echo(f"result: {target}")


def _frozen(
    scenario: str, settings: tuple[str, ...], output: Path, target: Path, name: str, version: str
) -> str:
    from forecast.request import request

    asked = request(scenario, settings=settings)
    from forecast import posteriors
    from forecast.errors import Refusal
    from forecast.frozen import freeze

    one = asked.scenarios[0]
    if one.calibration is None:
        raise Refused(f"{one.name}: its file has no block calibration, so there is no posterior")
    folder = posteriors.folder_of(one, asked.register, output)
    if not posteriors.populations_stored(folder, posteriors.key_of(one, asked.register)):
        raise Refused(f"{one.name}: not calibrated yet; first: forecast calibrate {scenario}")
    try:
        return freeze(folder, target, name=name, version=version)
    except Refusal as error:
        raise Refused(str(error)) from error

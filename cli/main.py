"""The `forecast` command: commands by task, each imported when it is called."""

import gc
import os
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Final, NoReturn

import click

TASKS: Final[dict[str, dict[str, str]]] = {
    "Forecast": {
        "run": "run scenarios and store the result",
        "rerun": "compute a stored run again and compare",
        "calibrate": "tie a scenario to history and to published cases",
        "freeze": "a calibrated scenario as a named set of draws",
        "explain": "every quantity of the model, block by block",
        "backtest": "score what was forecast against what came later",
        "export": "a stored run as csv, parquet or iamc",
        "plot": "figures for papers, with their numbers and captions",
        "report": "runs as one page to explore, which needs no network",
    },
    "Ask a run": {
        "sensitivity": "which inputs drive an outcome",
        "discover": "which inputs make an outcome happen",
        "storylines": "a few draws that stand for all, as scenario files",
        "value": "options under uncertainty, and what knowing more is worth",
        "threshold": "when a quantity passes a level, and how likely",
        "audit": "what common modelling errors make of a forecast",
        "claims": "what a talk claims beside the engine's figures",
        "perspective": "demand beside other uses of electricity",
        "compare": "policies against each other, draw by draw",
        "optimise": "levers under a budget, for the most effect",
    },
    "Write and check scenarios": {
        "init": "start a scenario file",
        "validate": "check scenarios and priors",
        "lint": "common modelling errors in a scenario",
        "show": "a scenario as resolved",
        "diff": "what two scenarios differ in",
        "list": "scenarios, inputs, outputs",
        "schema": "JSON Schema for editors",
    },
    "Set up": {
        "completion": "completion for your shell",
    },
}
"""Task → command → what it does; the module of a command bears its name."""


COLLECT_AFTER: Final = 200_000
"""Objects made between two looks for cycles of them. (definition)"""


class TaskGroup(click.Group):
    """Commands by task; a module is imported only when its command is called or asked for help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands, in the order of the tasks."""
        return [name for commands in TASKS.values() for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"{__package__}.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or say which was probably meant."""
        name = args[0] if args else ""
        if name and self.get_command(ctx, name) is None and not ctx.resilient_parsing:
            from difflib import get_close_matches

            near = get_close_matches(name, self.list_commands(ctx), n=1)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            raise click.UsageError(f'no command "{name}"{hint}', ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands of each task, importing none."""
        for task, commands in TASKS.items():
            with formatter.section(task):
                formatter.write_dl(list(commands.items()))


@click.group(
    cls=TaskGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: forecast run base.yaml",
)
@click.version_option(package_name="dc-forecast", prog_name="forecast")
def group() -> None:
    """Forecast the electricity demand of data centres, AI and crypto."""


def called(args: list[str] | None = None) -> int:
    """Call a command; what a user can mend ends without a traceback.

    Parameters
    ----------
    args
        Words of the command; those of the process if there are none.

    Returns
    -------
    int
        The exit code.
    """
    try:
        code = group.main(args, prog_name="forecast", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("interrupted; nothing half-written is left", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """Be the process `forecast`: call the command and end."""
    # A command makes many objects and few cycles: looking for these less often saves a tenth.
    gc.set_threshold(COLLECT_AFTER)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal whose encoding lacks a sign shows a question mark in its place.
            stream.reconfigure(errors="replace")
    code = called()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 1
    # At once: an orderly end takes libraries apart piece by piece, a tenth of a run, and after an
    # interrupt it would wait for threads that they left behind, up to a minute. Every file of ours
    # is closed and synced by now.
    os._exit(code)

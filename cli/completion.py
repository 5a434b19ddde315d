"""`forecast completion`: the script by which a shell completes commands, options and scenarios."""

import os
from pathlib import PurePath

import click
from click.shell_completion import ShellComplete, get_completion_class

from .options import Word, example

SHELLS = ("bash", "zsh", "fish")


@click.command(epilog=example("forecast completion bash > forecast.bash"))
@click.argument("shell", type=Word(SHELLS), required=False, metavar="[bash|zsh|fish]")
def command(shell: str | None) -> None:
    """Print the script that completes commands, options and scenarios in your shell.

    The shell is that of $SHELL unless you name one. To install it, add the line eval "$(forecast
    completion bash)" to ~/.bashrc; or eval "$(forecast completion zsh)" to ~/.zshrc, below
    compinit; or write the script for fish to ~/.config/fish/completions/forecast.fish. It works
    in the next shell that you open.
    """
    name = shell or PurePath(os.environ.get("SHELL", "")).name
    found = get_completion_class(name) if name in SHELLS else None
    if found is None:
        raise click.UsageError(f"say which shell: {', '.join(SHELLS)}")
    root = click.get_current_context().find_root()
    script = found(root.command, {}, "forecast", "_FORECAST_COMPLETE")
    # Not the class's own: that of bash starts a bash to ask for its version.
    click.echo(ShellComplete.source(script))

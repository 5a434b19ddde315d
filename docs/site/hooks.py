"""Pages of the site that are made from the code and the data, so that they cannot drift."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from forecast.cli.main import TASKS, group
from forecast.spec.prior import Prior
from forecast.spec.register import read_register

PUBLIC = ("run", "calibrate", "load", "compare", "audit", "explain", "rerun", "save", "stream")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    pages = {
        "index.md": _index(),
        "cli.md": _commands(),
        "api.md": _python(),
        "ledger.md": _ledger(),
    }
    text, pictures = _gallery().pictures()
    pages["gallery.md"] = text
    for name, content in {**pages, **pictures}.items():
        files.append(File.generated(config, name, content=content))
    return files


def _gallery() -> ModuleType:
    """The module beside this one: a hook is a file, and no package that could be imported from."""
    spec = spec_from_file_location("gallery", Path(__file__).with_name("gallery.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _index() -> str:
    """Start page: the README, whose links point from the root of the repository."""
    with open("README.md", encoding="utf-8") as stream:
        text = stream.read()
    kept = text.replace("](docs/", "](")
    # What stands beside the documentation is named, not linked.
    for name in ("CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "CITATION.cff"):
        kept = kept.replace(f"[{name}]({name})", f"`{name}`")
    return kept


def _commands() -> str:
    lines = ["# Command line", ""]
    root = click.Context(group, info_name="forecast")
    for task, commands in TASKS.items():
        lines += [f"## {task}", ""]
        for name, what in commands.items():
            command = group.get_command(root, name)
            assert command is not None, name
            context = click.Context(command, info_name=name, parent=root)
            lines += [f"### forecast {name}", "", f"{what}.", "", "```text"]
            lines += [command.get_help(context), "```", ""]
    return "\n".join(lines)


def _python() -> str:
    lines = ["# Python", "", "The names of the command line, returning plain xarray objects.", ""]
    lines += [f"::: forecast.api.{name}\n" for name in PUBLIC]
    lines += ["::: forecast.plots.making.plot\n", "::: forecast.plots.making.Made\n"]
    return "\n".join(lines)


def _ledger() -> str:
    register = read_register()
    lines = [
        "# Inputs, levers and their sources",
        "",
        "Every input of the model as `priors/` has it: what is believed, since when, by whom, and"
        " how good the evidence is (A to D). What a calibration makes of them is in `priors.md`"
        " beside each posterior.",
        "",
    ]
    blocks: dict[str, list[Prior]] = {}
    for prior in register.priors.values():
        blocks.setdefault(prior.name.partition(".")[0], []).append(prior)
    for block, priors in blocks.items():
        lines += [f"## {block}", "", "| input | belief | unit | as of | grade | why | source |"]
        lines += ["| --- | --- | --- | --- | --- | --- | --- |"]
        lines += [_row(one) for one in priors]
        lines.append("")
    return "\n".join(lines)


def _row(prior: Prior) -> str:
    lever = " (lever)" if prior.role == "lever" else ""
    cells: list[Any] = [
        f"`{prior.name.partition('.')[2]}`{lever}",
        f"{prior.family}: {_arguments(prior.arguments)}",
        prior.unit,
        prior.as_of,
        prior.grade,
        prior.why,
        prior.source,
    ]
    return "| " + " | ".join(str(one).replace("|", "/").replace("\n", " ") for one in cells) + " |"


def _arguments(told: Any) -> str:
    if isinstance(told, dict):
        return ", ".join(f"{key} {_arguments(value)}" for key, value in told.items())
    if isinstance(told, list | tuple):
        return ", ".join(map(_arguments, told))
    return f"{told:g}" if isinstance(told, float) else str(told)

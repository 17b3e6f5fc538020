"""Writes ``docs/cli.md`` for ``make docs``: every command with its arguments and options."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TypeAlias

import typer
from typer.core import TyperArgument, TyperOption

from . import app

Parameter: TypeAlias = TyperArgument | TyperOption

_HEAD = """# The command

Written from the command's own help by `make docs`, not by hand; `baowen COMMAND --help` shows the same. Defaults are in
brackets. What the commands are for, with examples: [README.md](../README.md#shell).
"""


def reference() -> str:
    """Return the page as Markdown."""
    commands = typer.main.get_group(app).commands
    sections = (
        _section(name, command.help or "", [p for p in command.params if isinstance(p, TyperArgument | TyperOption)])
        for name, command in commands.items()
    )
    return "\n".join([_HEAD, *sections])


def _section(name: str, meaning: str, parameters: list[Parameter]) -> str:
    usage = " ".join(["baowen", name, *(_names(p) for p in parameters if isinstance(p, TyperArgument))])
    rows = [_row(f"`{_names(parameter)}`", _meaning(parameter)) for parameter in parameters]
    return "\n".join([f"## {usage}", "", meaning, "", "| | |", "| --- | --- |", *rows, ""])


def _names(parameter: Parameter) -> str:
    """The names as they are typed; optional arguments are in brackets."""
    if isinstance(parameter, TyperOption):
        value = f" {parameter.metavar}" if parameter.metavar else ""
        return ", ".join((*parameter.opts, *parameter.secondary_opts)) + value
    word = parameter.metavar or str(parameter.name).upper()
    return word if parameter.required or word.startswith("[") else f"[{word}]"


def _meaning(parameter: Parameter) -> str:
    value = parameter.default
    shown = isinstance(value, str | int | float | Path) and not isinstance(value, bool) and value
    return f"{parameter.help} [{value}]" if shown else str(parameter.help)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(reference())

"""docs/commands.md, written from the program itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from syndicator.cli import app

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """\
# Commands

    syndicator [--config DIR] COMMAND

`syndicator` stands for the program wherever you have installed it: `.venv/bin/syndicator` in a folder made as
README.md says, unless you have put that folder's `bin` into your PATH.

DIR is the config folder; without `--config` it is `SYNDICATOR_CONFIG`, else `config` below the current
folder. Data goes to stdout, words to stderr, so that output can be piped. Times are RFC 3339 in UTC. Colours
appear on a terminal only, and not if `NO_COLOR` is set. An error is one line that says what and why, and
under it `try:` with what to do.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | failed |
| 2 | the command line or the config has a mistake |
| 3 | another daemon holds the database |

This page is written from the program; after a change there this renews it:

    UPDATE_DOCS=1 .venv/bin/pytest tests/test_documented.py
"""


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that call it, in the order of `--help`."""
    yield from _below(typer.main.get_command(app), ())


def _below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, each in command.commands.items():
        if hasattr(each, "commands"):
            yield from _below(each, (*words, name))
        else:
            yield (*words, name), each


def render() -> str:
    """Write the whole page."""
    return "\n".join([HEAD, *(_section(words, command) for words, command in commands())])


def _section(words: tuple[str, ...], command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    usage = " ".join(["syndicator", *words, *(["[OPTIONS]"] if options else []), *map(_place, arguments)])
    lines = [f"## {' '.join(words)}", "", f"    {usage}", "", command.help.strip(), ""]
    if command.params:
        lines += ["| | | |", "|---|---|---|"]
        lines += [f"| `{_place(p)}` | | {_said(p)} |" for p in arguments]
        lines += [f"| `{p.opts[0]}` | {_value(p)} | {_said(p)} |" for p in options]
        lines.append("")
    return "\n".join(lines)


def _place(argument: Any) -> str:
    shown = (argument.metavar or argument.name).strip("[]").upper()
    shown = shown if argument.nargs == 1 or shown.endswith("…") else f"{shown}…"
    return shown if argument.required else f"[{shown}]"


def _value(option: Any) -> str:
    if option.is_flag:
        return ""
    return f"`{option.metavar or option.name.upper()}`"


def _said(parameter: Any) -> str:
    said = parameter.help.rstrip(".") + "."
    if parameter.param_type_name == "option" and parameter.required:
        said += " Required."
    elif isinstance(parameter.default, str) and parameter.default:
        said += f" Default: `{parameter.default}`."
    return said.replace("|", "\\|")

"""What a command line lacks, in one line and a remedy, as all our errors are: no box, no library's words."""

from __future__ import annotations

import re
import sys
from typing import Any, Final, NoReturn

import typer
from typer.core import TyperGroup

from syndicator.cli.terminal import say

# What the library says → how we say it.
_WORDS: Final = (
    (re.compile(r"Value error, "), ""),
    (re.compile(r"Input should be a valid (?:integer|number).*"), "must be a number"),
    (re.compile(r"Input should be less than or equal to "), "must be at most "),
    (re.compile(r"Input should be greater than or equal to "), "must be at least "),
    (re.compile(r"Input should be "), "must be "),
    (re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)"), r"one word too many: \1"),
    (re.compile(r"No such command (.*?)\.(?: (?=Did))?"), r"there is no command \1; "),
    (re.compile(r"; Did you mean "), "; did you mean "),
    (re.compile(r"No such option: (\S+)"), r"there is no option \1"),
    (re.compile(r"Option (.*) requires an? (?:argument|value)\.?"), r"\1 wants a value"),
)  # fmt: skip


class Commands(TyperGroup):
    """The commands; a usage error is told as all others are, and ends with exit code 2."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command line and exit, as the library does, but for the words."""
        try:
            code = super().main(*args, **extra | {"standalone_mode": False})
        except typer.Abort:
            say("stopped")
            sys.exit(1)
        except Exception as error:
            if not hasattr(error, "format_message"):  # what all errors of usage have, and no others
                raise
            _refuse(error)
        sys.exit(code if isinstance(code, int) else 0)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; one of two words (`digest plan`) beside the one that its first word names.

        That one takes a name of the admin's as its next word, which may be `plan`: then `--to` tells.
        """
        two = " ".join(args[:2])
        has_to = any(word == "--to" or word.startswith("--to=") for word in args)
        if two in self.commands and len(args) > 1 and not has_to:
            args = [two, *args[2:]]
        return super().resolve_command(ctx, args)


def _refuse(error: Any) -> NoReturn:
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        sys.exit(2)
    context = error.ctx
    where = f"{context.command_path}: " if context else ""
    say(f"{where}{_told(error)}")
    if context:
        is_option = type(error).__name__ == "NoSuchOption"
        say(f"  try: {context.command_path + ' --help' if is_option else _form(context)}")
    sys.exit(2)


def _told(error: Any) -> str:
    """Say what is wrong in a line."""
    name = _name_of(error)
    if type(error).__name__ == "MissingParameter":
        return f"{name} is missing"
    said = error.message
    for pattern, words in _WORDS:
        said = pattern.sub(words, said)
    said = said.strip(" ;").removesuffix(".")
    if near := getattr(error, "possibilities", None):
        return f"{said}; did you mean {' or '.join(sorted(near))}?"
    return f"{name}: {said}" if name else said


def _name_of(error: Any) -> str:
    """Name the option or argument that an error is about; empty if it is about none."""
    if hint := getattr(error, "param_hint", None):
        return hint if isinstance(hint, str) else " / ".join(hint)
    param = getattr(error, "param", None)
    return _named(param) if param is not None else ""


def _named(param: Any) -> str:
    if param.param_type_name == "argument":
        return str(param.metavar or param.name.upper())
    return " / ".join(max(param.opts, key=len).split())


def _form(context: Any) -> str:
    """Write how a command is called: its arguments, those that may lack in brackets."""
    arguments = [param for param in context.command.params if param.param_type_name == "argument"]
    options = [
        f"{_named(param)} {param.metavar or param.name.upper()}"
        for param in context.command.params
        if param.param_type_name == "option" and param.required
    ]
    words = [
        ("{}" if param.required else "[{}]").format(_named(param))
        + ("…" if param.nargs == -1 and not _named(param).endswith("…") else "")
        for param in arguments
    ]
    is_group = hasattr(context.command, "commands")
    return " ".join([context.command_path, *(["--help"] if is_group else [*words, *options] or ["--help"])])

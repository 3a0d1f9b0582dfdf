"""`syndicator check`: every problem of all config files at once."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from syndicator.model import Catalog


def check(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print the problems as JSON.")] = False,
) -> None:
    """Check all config files and run the topics' own tests.

    Says what is wrong as FILE:LINE:COLUMN: KEY: what; what to do. Exit code 2 if anything is. What is no
    mistake and yet worth a look is told on stderr as a note: an address in two sources, a missing file.

    Example: `syndicator --config /etc/syndicator check`
    """
    from dataclasses import asdict

    from syndicator.catalog import load_all
    from syndicator.catalog.notes import notes
    from syndicator.cli.common import print_json, say
    from syndicator.errors import ConfigError

    try:
        settings, catalog = load_all(ctx.obj.config, os.environ)
    except ConfigError as error:
        if json:
            print_json([asdict(problem) for problem in error.problems])
        else:
            for problem in error.problems:
                say(str(problem))
        raise typer.Exit(2) from None
    for note in notes(ctx.obj.config, catalog.sources, settings.fetch.allow_private):
        say(f"note: {note}")
    if json:
        print_json([])
    else:
        sys.stdout.write(f"{ctx.obj.config.absolute().name}: {_counted(catalog)}: no problems\n")


def _counted(catalog: Catalog) -> str:
    """Say how much there is: `12 sources, 2 topics`."""
    amounts = (("source", len(catalog.sources)), ("topic", len(catalog.topics)))
    return ", ".join(f"{amount:,} {noun}{'' if amount == 1 else 's'}" for noun, amount in amounts)

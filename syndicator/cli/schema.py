"""`syndicator schema`: the JSON Schemas by which editors complete and check config files."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer


class FileKind(StrEnum):
    """The kinds of config file; the words are those of `catalog.schema.FILES`."""

    SETTINGS = "settings"
    SOURCES = "sources"
    TOPIC = "topic"
    ALIASES = "aliases"


def schema(
    kind: Annotated[
        FileKind | None, typer.Argument(metavar="KIND", help="Which kind of file.", show_default=False)
    ] = None,
    write: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the schemas of all kinds into DIR.")
    ] = None,
    tables: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Renew the tables of keys in FILE, a Markdown text.", dir_okay=False
        ),
    ] = None,
) -> None:
    """Print the JSON Schema of one kind of config file, or write those of all.

    Example: `syndicator schema topic`; after an update `syndicator schema --write config/schema`
    """
    from syndicator.catalog import document
    from syndicator.cli.common import say
    from syndicator.errors import SyndicatorError

    if kind is None and write is None and tables is None:
        raise typer.BadParameter(
            "give one of settings, sources, topic, aliases, or --write DIR", param_hint="KIND"
        )
    try:
        if write is not None:
            write.mkdir(parents=True, exist_ok=True)
            for each in FileKind:
                (write / document.file_name(each)).write_text(document.json_schema(each), encoding="utf-8")
            say(f"wrote {len(FileKind)} schemas into {write}")
        if tables is not None:
            tables.write_text(document.tables(tables.read_text(encoding="utf-8")), encoding="utf-8")
            say(f"renewed the tables of {tables}")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SyndicatorError(
            f"{write or tables}: {said}", hint="give a place that can be written"
        ) from error
    if kind is not None:
        sys.stdout.write(document.json_schema(kind))

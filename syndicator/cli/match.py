"""`syndicator match`: which topics a file of articles belongs to, line by line."""

from __future__ import annotations

import gc
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syndicator.cli import lines

if TYPE_CHECKING:
    from syndicator.match import Index


def match(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE.jsonl", help="Articles, one JSON object a line; - reads stdin.")
    ],
    topics: Annotated[
        Path | None,
        typer.Option(
            help="Folder of topic files; `aliases.yaml` beside it is read too.",
            show_default="the topics of the config folder",
            metavar="DIR",
            exists=True,
            file_okay=False,
        ),
    ] = None,
) -> None:
    """Say which topics each article of FILE belongs to, and why.

    Reads {"id","title","text"|"html","lang"?,"tags"?,"source"?,"author"?,"url"?} and answers each line, in
    its order, with {"id","topics":[{"slug","score","because":[…]}]}. A line that cannot be read is named on
    stderr; the others are answered all the same, and the exit status is 1.

    Example: syndicator match articles.jsonl --topics config/topics
    """
    from syndicator.catalog import load_topics
    from syndicator.match import Index

    with lines.opened(file) as stream:
        index = Index(load_topics(topics or context.obj.config / "topics").values())
        gc.freeze()  # thousands of topics stay to the end: the collector need not walk them again and again
        bad = lines.answer(stream, file, lambda row: _answer(row, index))
    if bad:
        raise typer.Exit(1)


def _answer(row: dict[str, Any], index: Index) -> bytes:
    """Return the line of output for one object of the input. Raises BadLine."""
    found = [
        {"slug": one.topic, "score": one.score, "because": list(one.because)}
        for one in index.match(lines.article(row))
    ]
    return lines.written({"id": row["id"], "topics": found})

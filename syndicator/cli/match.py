"""`syndicator match`: which topics a file of articles belongs to, line by line."""

from __future__ import annotations

import gc
import json
import sys
from contextlib import nullcontext
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from typing import BinaryIO

    from syndicator.match import Index
    from syndicator.model import Article

MAX_LINE: Final = 16 * 1024 * 1024  # octets
STDIN: Final = "-"

_FORM: Final = 'one object a line: {"id": …, "title": "…", "text": "…" or "html": "…"}'


class BadLine(Exception):
    """A line that is no article; the message says why."""


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

    with _opened(file) as stream:
        index = Index(load_topics(topics or context.obj.config / "topics").values())
        gc.freeze()  # thousands of topics stay to the end: the collector need not walk them again and again
        bad = 0
        for number, line in enumerate(_lines(stream), start=1):
            try:
                answer = _answer(line, index)
            except BadLine as why:
                bad += 1
                typer.echo(f"{file}:{number}: {why}\n  try: {_FORM}", err=True)
            else:
                sys.stdout.buffer.write(answer)  # UTF-8 whatever the locale is
                if file == STDIN:
                    sys.stdout.buffer.flush()  # somebody may be waiting at the other end
    if bad:
        raise typer.Exit(1)


def _opened(file: str) -> AbstractContextManager[BinaryIO]:
    """Open FILE or stdin for reading octets. Raises typer.BadParameter (exit 2)."""
    if file == STDIN:
        return nullcontext(sys.stdin.buffer)
    try:
        return open(file, "rb")  # noqa: PTH123 - the caller closes it
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint="FILE.jsonl") from error


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield lines, each cut at one octet over the limit; what follows of a longer one is dropped."""
    while line := stream.readline(MAX_LINE + 1):
        rest = line
        while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE + 1)
        yield line


def _answer(line: bytes, index: Index) -> bytes:
    """Return the line of output for one line of input; empty for a blank one. Raises BadLine."""
    if not line.strip():
        return b""
    if len(line) > MAX_LINE:
        raise BadLine(f"longer than {MAX_LINE // 1024 // 1024} MiB")
    try:
        row = json.loads(line)
    except RecursionError as error:
        raise BadLine("nested too deep") from error
    except ValueError as error:
        raise BadLine(f"not JSON: {error}") from error
    if not isinstance(row, dict) or not isinstance(row.get("id"), str | int):
        raise BadLine("not an object with an id")
    found = [
        {"slug": one.topic, "score": one.score, "because": list(one.because)}
        for one in index.match(_article(row))
    ]
    try:
        return (json.dumps({"id": row["id"], "topics": found}, ensure_ascii=False) + "\n").encode()
    except UnicodeEncodeError as error:
        raise BadLine("half a character (a lone surrogate)") from error


def _article(row: dict[str, Any]) -> Article:
    """Make an article of one object of the input; unknown keys are left alone. Raises BadLine."""
    from syndicator.model import Article

    text = _text(row, "text")
    if not text and (html := _text(row, "html")):
        from syndicator.normalise import clean, to_text

        text = to_text(clean(html))
    return Article(
        source=_text(row, "source"),
        key=str(row["id"]),
        title=_text(row, "title"),
        text=text,
        language=_text(row, "lang"),
        tags=_texts(row, "tags"),
        authors=_texts(row, "author"),
        url=_text(row, "url"),
    )


def _text(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadLine(f"{key} is no text")
    return value


def _texts(row: dict[str, Any], key: str) -> tuple[str, ...]:
    """Read a list of texts, or one text alone."""
    value = row.get(key)
    if value is None or isinstance(value, str):
        return (value,) if value else ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadLine(f"{key} is no list of texts")
    return tuple(value)

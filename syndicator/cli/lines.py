"""Files of articles, one JSON object a line: how `match` and `group` read them and report bad lines."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

import typer

from syndicator.cli.terminal import say
from syndicator.controls import in_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from typing import BinaryIO

    from syndicator.model import Article

MAX_LINE: Final = 16 * 1024 * 1024  # octets
STDIN: Final = "-"

FORM: Final = 'one object a line: {"id": …, "title": "…", "text": "…" or "html": "…"}'


class BadLine(Exception):
    """A line that is no article; the message says why."""


def answer(stream: BinaryIO, file: str, reply: Callable[[dict[str, Any]], bytes]) -> int:
    """Write what `reply` says to each line, and name the bad ones on stderr; return how many they are."""
    bad = 0
    for number, line in enumerate(_lines(stream), start=1):
        try:
            said = reply(_row(line)) if line.strip() else b""
        except BadLine as why:
            bad += 1
            say(f"{file}:{number}: {why}\n  try: {FORM}")
        else:
            sys.stdout.buffer.write(said)  # UTF-8 whatever the locale is
            if file == STDIN:
                sys.stdout.buffer.flush()  # somebody may be waiting at the other end
    return bad


def opened(file: str) -> AbstractContextManager[BinaryIO]:
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


def _row(line: bytes) -> dict[str, Any]:
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
    return row


def written(value: dict[str, Any]) -> bytes:
    """Write an answer as a line. Raises BadLine."""
    try:
        line = json.dumps(value, ensure_ascii=False) + "\n"
        return (in_json(line) if sys.stdout.isatty() else line).encode()
    except UnicodeEncodeError as error:
        raise BadLine("half a character (a lone surrogate)") from error


def article(row: dict[str, Any], *, is_dated: bool = False) -> Article:
    """Make an article of one object of the input; unknown keys are left alone. Raises BadLine.

    `is_dated`: published_at is a known key.
    """
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
        published_at=_time(row, "published_at") if is_dated else None,
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


def _time(row: dict[str, Any], key: str) -> datetime | None:
    text = _text(row, key)
    if not text:
        return None
    from syndicator.cli.common import parse_time

    try:
        return parse_time(text)
    except typer.BadParameter as error:
        raise BadLine(f"{key} is no time in the form of RFC 3339") from error

"""`syndicator extract`: what the extract stage makes of an article's page, without keeping it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from syndicator.cli.terminal import put, say
from syndicator.controls import in_json

if TYPE_CHECKING:
    from syndicator.cli.common import Context
    from syndicator.extract import Page

_REMOTE: Final = ("http://", "https://")
_GZIP: Final = b"\x1f\x8b"
_FEED: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<(?:\?[^>]*|!--(?:[^-]|-(?!->))*--)>\s*)*<(?:rss|feed|rdf:RDF|atom:feed)[\s>]"
    rb'|(?:\xef\xbb\xbf)?\s*\{[^{}]*"https?://jsonfeed\.org/version/'
)


def extract(
    ctx: typer.Context,
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH|URL…", help="Pages, gzipped ones too, or their addresses.")
    ],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Write one JSON object a page.")] = False,
    url: Annotated[
        str,
        typer.Option("--url", metavar="BASE", help="Where a file was found: relative links lead from there."),
    ] = "",
    urls: Annotated[
        Path | None,
        typer.Option("--urls", metavar="FILE", help="Lines of PATH, TAB, BASE: an address for each file."),
    ] = None,
) -> None:
    """Show the article that would be read from pages; nothing is stored.

    Each PATH is answered in its order, with its article or with what is wrong. The exit status is 1 if any
    could not be read.

    Example: syndicator extract --jsonl page.html https://example.org/news/1
    """
    from syndicator.errors import ParseError
    from syndicator.extract import extract as read

    bases = _bases(urls)
    show = _show_line if jsonl else _show_text
    failed = 0
    for path in paths:
        try:
            body, content_type, found_at = _load(path, ctx.obj)
            _refuse_feed(path, body)
            page = read(body, url=found_at or bases.get(path) or url, content_type=content_type)
        except ParseError as error:
            failed += 1
            _complain(path, error, jsonl=jsonl)
        else:
            show(path, page)
    if failed:
        raise typer.Exit(1)


def _refuse_feed(path: str, body: bytes) -> None:
    """Say of a feed that it is one; its entries in one heap would look like an article."""
    from syndicator.errors import ParseError

    if _FEED.match(body[:5_000]):
        raise ParseError("a-feed", "is a feed, and no page", hint=f"syndicator parse {path}")


def _bases(file: Path | None) -> dict[str, str]:
    """Read the address of each path; lines without a TAB say nothing."""
    if file is None:
        return {}
    try:
        lines = file.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint="--urls") from error
    pairs = (line.partition("\t") for line in lines)
    return {path: base.strip() for path, tab, base in pairs if tab}


def _load(path: str, ctx: Context) -> tuple[bytes, str, str]:
    """Give a page's bytes, content type and address; ParseError where there are none."""
    if path.startswith(_REMOTE):
        from syndicator.cli.common import fetch_once

        return fetch_once(path, ctx, "page")
    from syndicator.errors import ParseError
    from syndicator.extract.guard import MAX_BYTES

    try:
        with Path(path).open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ParseError("file", f"cannot be opened: {reason}") from error
    return (_unzipped(body, MAX_BYTES + 1) if body.startswith(_GZIP) else body), "", ""


def _unzipped(body: bytes, limit: int) -> bytes:
    """Unpack gzip (RFC 1952) up to `limit` octets; a file that was cut short gives what there is of it."""
    import zlib

    from syndicator.errors import ParseError

    try:
        return zlib.decompressobj(wbits=31).decompress(body, limit)
    except zlib.error as error:
        raise ParseError("file", f"is no readable gzip file: {error}") from error


def _show_line(path: str, page: Page) -> None:
    from syndicator.cli.common import rfc3339
    from syndicator.normalise import clean

    _write({
        "path": path,
        "url": page.url,
        "title": page.title,
        "text": page.text,
        "html": clean(page.html, page.url),
        "published_at": rfc3339(page.published_at),
        "authors": page.authors,
        "tags": page.tags,
        "language": page.language,
        "canonical_url": page.canonical_url,
        "image": page.image,
        "obstacle": page.obstacle,
    })  # fmt: skip


def _write(row: dict[str, Any]) -> None:
    """Write one line at once, in UTF-8 whatever the locale is; a name that is no UTF-8 is escaped."""
    line = json.dumps(row, ensure_ascii=False) + "\n"
    line = in_json(line) if sys.stdout.isatty() else line
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _show_text(path: str, page: Page) -> None:
    """Print an article as a person reads it."""
    date = f"{page.published_at:%Y-%m-%d %H:%M} UTC" if page.published_at else ""
    facts = (page.site, date, ", ".join(page.authors), ", ".join(page.tags), page.language)
    put(page.title or path)
    if said := " · ".join(fact for fact in facts if fact):
        put(said)
    if page.obstacle:
        say(f"{path}: looks like no article ({page.obstacle})")
    put(f"\n{page.text}\n")


def _complain(path: str, error: Any, *, jsonl: bool) -> None:
    if jsonl:
        _write({"path": path, "error": {"kind": error.kind, "message": error.message}})
        return
    hint = f"\n    try: {error.hint}" if error.hint else ""
    say(f"{path}: {error.message}{hint}")

"""`syndicator parse`: what the parse and normalise stages make of a feed or a mail, without keeping it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from syndicator.cli.terminal import put, say
from syndicator.controls import in_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from syndicator.cli.common import Context
    from syndicator.model import Article, ParsedFeed

_REMOTE: Final = ("http://", "https://")
_MAIL: Final = "message/rfc822"


def parse(
    ctx: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH|URL…", help="Feed documents or their addresses; newsletters as `.eml`."),
    ],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Write one JSON object a document.")] = False,
    url: Annotated[
        str,
        typer.Option("--url", metavar="BASE", help="Where a file was found: relative links lead from there."),
    ] = "",
) -> None:
    """Show what would be read from feed documents and newsletters; nothing is stored.

    Each PATH is answered in its order, with its articles or with what is wrong. The exit status is 1 if any
    could not be read. A file that ends in .eml is a mail. If it is no issue of a newsletter, but a
    confirmation, a greeting or a report, its kind and a note stand where the articles would, and of a
    confirmation the link.

    Example: syndicator parse --jsonl news.xml letter.eml https://example.org/feed.xml
    """
    from datetime import UTC, datetime

    from syndicator.errors import ParseError
    from syndicator.model import Source
    from syndicator.normalise import normalise
    from syndicator.settings import Site

    show = _show_line if jsonl else _show_table
    failed = 0
    for path in paths:
        try:
            body, content_type, found_at = _load(path, ctx.obj)
            is_mail = content_type.startswith(_MAIL)
            feed = _letter(body) if is_mail else _document(body, content_type, found_at or url)
            source = Source(name="parse", url=found_at or url, kind="newsletter" if is_mail else "feed")
            articles = normalise(feed, source=source, now=datetime.now(UTC), languages=Site().languages)
        except ParseError as error:
            failed += 1
            _complain(path, error, jsonl=jsonl)
        else:
            show(path, feed, articles)
    if failed:
        raise typer.Exit(1)


def _document(body: bytes, content_type: str, url: str) -> ParsedFeed:
    from syndicator.parse import parse as read

    return read(body, content_type=content_type, url=url)


def _letter(raw: bytes) -> ParsedFeed:
    """Read one mail; ParseError of its kind (confirmation, welcome, loop, other) where it is no issue."""
    from syndicator.errors import ParseError
    from syndicator.model import ParsedFeed
    from syndicator.parse import guard, newsletter

    guard.check_size(raw)
    mail = newsletter.read(raw)
    if mail.kind != "issue":
        hint = f"whoever wants it opens {mail.confirm_url}" if mail.confirm_url else ""
        raise ParseError(mail.kind, mail.note, hint=hint, url=mail.confirm_url)
    return ParsedFeed(
        format="mail", title=mail.title, url=mail.homepage, language=mail.language, entries=mail.entries
    )


def _load(path: str, ctx: Context) -> tuple[bytes, str, str]:
    """Give a document's bytes, content type and address; ParseError where there are none."""
    if path.startswith(_REMOTE):
        from syndicator.cli.common import fetch_once

        return fetch_once(path, ctx)
    from syndicator.errors import ParseError
    from syndicator.parse.guard import MAX_BYTES

    try:
        with Path(path).open("rb") as file:
            is_mail = path.lower().endswith(".eml")
            return file.read(MAX_BYTES + 1), _MAIL if is_mail else "", ""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ParseError("file", f"cannot be opened: {reason}") from error


def _show_line(path: str, feed: ParsedFeed, articles: tuple[Article, ...]) -> None:
    from syndicator.normalise import head

    publisher = {**head(feed)._asdict(), "format": feed.format}
    _write({"path": path, "feed": publisher, "articles": list(_objects(articles))})


def _write(row: dict[str, Any]) -> None:
    """Write one line at once, in UTF-8 whatever the locale is; a name that is no UTF-8 is escaped."""
    line = json.dumps(row, ensure_ascii=False) + "\n"
    line = in_json(line) if sys.stdout.isatty() else line
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _objects(articles: tuple[Article, ...]) -> Iterator[dict[str, Any]]:
    """Give the articles in the form that the contract of the command line names A."""
    for article in articles:
        yield {
            "id": article.key,
            "guid": article.guid,
            "url": article.url,
            "title": article.title,
            "published_at": _time(article.published_at),
            "updated_at": _time(article.updated_at),
            "authors": article.authors,
            "tags": article.tags,
            "language": article.language,
            "summary": article.summary,
            "content_html": article.content_html,
            "text": article.text,
            "image": article.image,
            "enclosures": [
                {"url": each.url, "type": each.type, "length": each.length} for each in article.enclosures
            ],
        }


def _time(moment: datetime | None) -> str | None:
    from syndicator.cli.common import rfc3339

    return rfc3339(moment)


def _show_table(path: str, feed: ParsedFeed, articles: tuple[Article, ...]) -> None:
    from syndicator.cli.common import print_table
    from syndicator.normalise import head
    from syndicator.normalise.plain import one_line

    title = one_line(head(feed).title, 80) or path
    amount = f"{len(articles):,} article{'' if len(articles) == 1 else 's'}"
    put(f"{title} · {feed.format} · {amount}")
    rows = [
        [
            f"{article.published_at:%Y-%m-%d %H:%M}" if article.published_at else "",
            one_line(article.title, 70),
            article.language,
            one_line(", ".join(article.tags), 30),
            str(len(article.text)),
        ]
        for article in articles
    ]
    print_table(["published", "title", "language", "tags", "characters#"], rows, empty="no articles")


def _complain(path: str, error: Any, *, jsonl: bool) -> None:
    if jsonl:
        link = {"confirm_url": error.url} if error.url else {}
        _write({"path": path, "error": {"kind": error.kind, "message": error.message} | link})
        return
    hint = f"\n    try: {error.hint}" if error.hint else ""
    say(f"{path}: {error.message}{hint}")

"""One page of one article, from bytes to a `Page`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from syndicator.controls import without_controls
from syndicator.errors import ParseError
from syndicator.extract import (
    authors,
    charset,
    furniture,
    guard,
    metadata,
    obstacle,
    published,
    render,
    shown,
    tree,
    trim,
    vote,
)
from syndicator.extract import blocks as ballots
from syndicator.extract.address import base_of

if TYPE_CHECKING:
    from datetime import datetime

    from lxml.html import HtmlElement

    from syndicator.extract.metadata import Metadata
    from syndicator.model import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An article as its page has it. Instants are UTC; addresses absolute where `url` was given."""

    url: str  # where it was found
    canonical_url: str = ""  # what the page says its address is; empty if it is silent
    title: str = ""  # without the site's name
    html: str = ""  # the publisher's markup of the article alone: no scripts, no classes; not yet cleaned
    text: str = ""  # the same without markup and captions, a line for each block
    published_at: datetime | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    image: str = ""
    site: str = ""  # the publisher's name
    obstacle: str = ""  # error, robot, login, consent: what stands there instead of an article


def extract(body: bytes, *, url: str, content_type: str = "", hint: Entry | None = None) -> Page:
    """Find the article in a page.

    `body` is decoded (no Content-Encoding left), `content_type` as the server said it, `hint` the entry
    that led here: its title is believed where the page has none.

    Raises:
        ParseError: of the kinds empty, not-a-page, too-big, too-deep, no-text and broken, and nothing else,
            whatever the bytes are.
    """
    guard.check_bytes(body)
    try:
        return _page(charset.decode(body, content_type), url, hint)
    except (ParseError, MemoryError):
        raise
    except Exception as error:  # two extractors and what hostile input finds in them
        raise ParseError("broken", f"cannot be read as a page: {error!r:.200}") from error


def _page(text: str, url: str, hint: Entry | None) -> Page:
    root = tree.parse(text)
    base = base_of(root, url)
    found = metadata.read(root, base)
    title = found.title or (hint.title if hint and not hint.title_is_html else "")
    body = tree.strip_unseen(root)
    # lxml makes a new object for each element that nobody holds: a fifth of the time
    alive = list(body.iter())
    careful = guard.check_tree(alive)
    found = _completed(found, body, root, title, url, careful=careful)
    tree.settle(body)
    ballot = furniture.prune(body, ballots.ballot(body))
    choice = vote.choose(body, ballot, url=url, careful=careful)
    places: Any = render.whole_tables(ballot, trim.trimmed(ballot, choice, title))
    plain = render.plain(ballot, places)
    if not plain:
        raise ParseError("no-text", "the page holds no text of an article")
    return Page(
        url=url,
        canonical_url=without_controls(found.canonical_url),
        title=without_controls(title),
        html=without_controls(render.markup(ballot, places, base)),
        text=without_controls(plain),
        published_at=found.published_at,
        authors=tuple(without_controls(name) for name in found.authors),
        tags=tuple(without_controls(name) for name in found.tags),
        language=found.language,
        image=without_controls(found.image),
        site=without_controls(found.site),
        obstacle=obstacle.name(title, plain),
    )


def _completed(
    found: Metadata, body: HtmlElement, root: HtmlElement, title: str, url: str, *, careful: bool
) -> Metadata:
    """Add what a page shows to what it declares."""
    at, writers = found.published_at, found.authors
    if at is None or not found.are_persons:
        seen = shown.read(body, title)
        at = at or published.guessed(seen)
        if not found.are_persons:
            ours = metadata.house_names(found.site, url)
            writers = authors.chosen(writers, authors.guessed(seen, ours))
    at = published.in_address(url, at) or (published.by_htmldate(root, url) if careful else None)
    return replace(found, published_at=at, authors=writers)

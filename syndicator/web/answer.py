"""The answer to a request for a document: 200, 226, 304 or 412, with every header that belongs to it.

Headers are made once a second and kept with the document, so that a busy one costs a look and a write.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from syndicator.publish import coding as codings
from syndicator.publish import delta, httpdate
from syndicator.publish.conditional import outcome, tags
from syndicator.web.security import HEADERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from syndicator.web.changes import Changes
    from syndicator.web.files import Headers, Held

Answer: TypeAlias = "tuple[int, Headers, bytes]"

ALLOWED: Final = "GET, HEAD, OPTIONS"
REQUESTED: Final = (
    "A-IM, Accept, Cache-Control, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, Range"
)
EXPOSED: Final = "Content-Encoding, Date, Delta-Base, ETag, IM, Link"
ASKED: Final = frozenset(
    name.encode()
    for name in (
        "accept-encoding",
        "a-im",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "user-agent",
    )
)
_ALWAYS: Final = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_VARY: Final = (b"vary", b"Accept-Encoding")
_OPEN: Final = [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", EXPOSED.encode())]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document lies, and how it is served."""

    path: str
    label: str
    media_type: str
    is_feed: bool = True  # a script of any site may read it
    is_private: bool = False


def asked(scope_headers: Headers) -> dict[str, str]:
    """Pick the headers that decide about a document; what is there twice is one list (RFC 9110 5.3)."""
    found: dict[str, str] = {}
    for name, value in scope_headers:
        if name in ASKED:
            key, text = name.decode(), value.decode("latin-1")
            found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def answer(
    held: Held, place: Place, method: str, headers: Mapping[str, str], *, now: datetime, changes: Changes
) -> Answer:
    """Answer a GET or HEAD. The bytes of a HEAD are left out; its headers are those of the GET."""
    coding, body = held.coded(codings.wanted(headers.get("accept-encoding", "")))
    tag = held.tag(coding)
    status = outcome(headers, etag=tag, modified_at=held.modified_at, now=now)
    if status == 412:
        return _failed(tag, now)
    second = int(now.timestamp())
    if held.second != second:
        held.heads.clear()
        held.second = second
    if status == 200 and method == "GET" and "a-im" in headers:
        changed = _delta(held, place, headers, coding, now)
        if changed:
            return changed
    head = held.heads.get((coding, status))
    if head is None:
        head = held.heads[coding, status] = _head(held, place, coding, len(body), status, now, changes)
    return status, head, body if status == 200 and method == "GET" else b""


def _head(
    held: Held, place: Place, coding: str, length: int, status: int, now: datetime, changes: Changes
) -> Headers:
    age = changes.max_age(held.label.sources, now.timestamp())
    scope = "private" if place.is_private else "public"
    head = [
        (b"date", httpdate.write(now).encode()),
        (b"etag", held.tag(coding).encode()),
        (
            b"cache-control",
            f"{scope}, max-age={age}, stale-while-revalidate=60, stale-if-error=86400".encode(),
        ),
        _VARY,
        *_shared(place),
    ]
    if status == 304:  # RFC 9110 15.4.5: no more than what a cache needs
        return head
    return head + _of_bytes(held, place, coding, length, now)


def _of_bytes(held: Held, place: Place, coding: str, length: int, now: datetime) -> Headers:
    modified_at = min(held.modified_at, now.replace(microsecond=0))  # never ahead of Date (RFC 9110 8.8.2.1)
    head = [
        (b"content-type", f"{place.media_type}; charset=utf-8".encode()),
        (b"content-length", str(length).encode()),
        (b"last-modified", httpdate.write(modified_at).encode()),
        (b"accept-ranges", b"none"),
        *_ALWAYS,
    ]
    if coding != codings.IDENTITY:
        head.append((b"content-encoding", coding.encode()))
    if held.label.link and not place.is_private:
        head.append((b"link", held.label.link.encode()))
    return head


def _shared(place: Place) -> Headers:
    private = [(b"x-robots-tag", b"noindex, nofollow")] if place.is_private else []
    return private + (_OPEN if place.is_feed else [])


def _delta(held: Held, place: Place, headers: Mapping[str, str], coding: str, now: datetime) -> Answer | None:
    """Answer 226 with what came after the newest version that the client names; None: there is no delta.

    The tag is that of the whole document, which the client now has (RFC 3229 4.2 and 10.4.1).
    """
    if not delta.asks(headers["a-im"], headers.get("user-agent", "")):
        return None
    named = tags(headers.get("if-none-match", ""))
    since = held.since(named)
    if since is None:
        return None
    cut = held.delta(since, coding)
    if cut is None:
        return None
    packing, body = cut
    if packing != coding and not codings.takes_plain(headers.get("accept-encoding", "")):
        return None
    base = next(tag for tag in named if held.since([tag]) == since)
    return (
        226,
        [
            (b"date", httpdate.write(now).encode()),
            (b"etag", held.tag(coding).encode()),
            (b"im", b"feed"),
            (b"delta-base", base.encode("latin-1")),
            (b"cache-control", b"private, no-store, im" if place.is_private else b"no-store, im"),
            (b"vary", b"Accept-Encoding, A-IM, If-None-Match"),
            *_shared(place),
            *_of_bytes(held, place, packing, len(body), now),
        ],
        body,
    )


def _failed(tag: str, now: datetime) -> Answer:
    said = b"This is not the version that you asked for.\n"
    return (
        412,
        [
            (b"date", httpdate.write(now).encode()),
            (b"etag", tag.encode()),
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(said)).encode()),
            (b"cache-control", b"no-store"),
            *_ALWAYS,
        ],
        said,
    )


def options(place: Place, now: datetime) -> Answer:
    """Answer OPTIONS: what may be done here and, for feeds, what a script of any site may (CORS)."""
    head = [(b"date", httpdate.write(now).encode()), (b"allow", ALLOWED.encode()), *_ALWAYS]
    if place.is_feed:
        head += [
            *_OPEN,
            (b"access-control-allow-methods", ALLOWED.encode()),
            (b"access-control-allow-headers", REQUESTED.encode()),
            (b"access-control-max-age", b"86400"),
        ]
    return 204, head, b""

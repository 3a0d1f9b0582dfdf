"""Whether a GET is answered 200 or 304: RFC 9110 13.2.2, decided here and by no framework.

Frameworks get this wrong: one answers 304 on an agreeing date although If-None-Match differs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def is_not_modified(headers: Mapping[str, str], *, etag: str, modified_at: datetime) -> bool:
    """Whether a GET or HEAD with these (lower-case) header names may be answered 304.

    `etag` is the strong tag with its quotes. If-None-Match, where present, decides alone; only without it
    does If-Modified-Since, at a second's precision. A date that cannot be read is ignored.
    """
    wanted = headers.get("if-none-match")
    if wanted is not None:
        return _matches(wanted, etag)
    since = headers.get("if-modified-since")
    if since is None:
        return False
    try:
        date = parsedate_to_datetime(since)
    except (ValueError, TypeError, IndexError, OverflowError):
        return False
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return modified_at.replace(microsecond=0) <= date


def _matches(wanted: str, etag: str) -> bool:
    """Compare weakly (RFC 9110 8.8.3.2): a tag that a proxy weakened still matches."""
    if wanted.strip() == "*":
        return True
    return etag in {tag.strip().removeprefix("W/") for tag in wanted.split(",")}

"""Whether a GET or HEAD is answered 200, 304 or 412: RFC 9110 13.2.2, decided here and by no framework.

Frameworks get this wrong: one answers 304 on an agreeing date although If-None-Match differs.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from syndicator.publish import httpdate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Outcome: TypeAlias = Literal[200, 304, 412]

TAG: Final = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')  # RFC 9110 8.8.3; a comma may stand in one


def outcome(headers: Mapping[str, str], *, etag: str, modified_at: datetime, now: datetime) -> Outcome:
    """Decide by the preconditions among these (lower-case) header names, in the order that the RFC sets.

    `etag` is the strong tag of what would be sent, with its quotes; `modified_at` is in whole seconds. The
    two that ask by date count only where the one that asks by tag is absent; a date that is no HTTP-date, or
    more than one, is ignored. One that lies ahead of `now` counts as any other (the RFC makes no exception).
    """
    if (wanted := headers.get("if-match")) is not None:
        if not _names(wanted, etag, weakly=False):
            return 412
    elif (limit := _date(headers, "if-unmodified-since", now)) and modified_at > limit:
        return 412
    if (known := headers.get("if-none-match")) is not None:
        return 304 if _names(known, etag, weakly=True) else 200
    since = _date(headers, "if-modified-since", now)
    return 304 if since and modified_at <= since else 200


def tags(field: str) -> list[str]:
    """Read the tags of a list, each with its quotes and without its mark of weakness."""
    return [found[2] for found in TAG.finditer(field)]


def stamp(now: datetime, before: datetime | None) -> datetime:
    """Date a new version: in whole seconds, and later than the version `before`.

    Two versions of one second would have the same date, and who asks by date would never get the second.
    """
    whole = now.replace(microsecond=0)
    if before is None or whole > before:
        return whole
    return before.replace(microsecond=0) + timedelta(seconds=1)


def _names(field: str, etag: str, *, weakly: bool) -> bool:
    """Whether a list of tags names this one. Weakly, one that a proxy has weakened does too."""
    if field == etag or field.strip(" \t") == "*":  # mostly it is just the one
        return True
    return any(found[2] == etag and (weakly or not found[1]) for found in TAG.finditer(field))


def _date(headers: Mapping[str, str], name: str, now: datetime) -> datetime | None:
    said = headers.get(name)
    return httpdate.read(said, now=now) if said is not None else None

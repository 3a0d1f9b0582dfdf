"""Pure: what the fields of an HTTP answer say about time and validators (RFC 9110, 9111)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multidict import MultiMapping

LONGEST_WAIT = timedelta(days=30)
"""No server makes us wait longer than this, whatever it writes into a field."""

MAX_VALIDATOR = 1024
"""Characters; a longer validator is not kept."""


def instant(value: str) -> datetime | None:
    """Return an HTTP date (RFC 9110 5.6.7, or as mail software writes it) in UTC, None if it is none."""
    try:
        found = parsedate_to_datetime(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def retry_after(fields: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long Retry-After (RFC 9110 10.2.3) asks us to stay away, None if it says nothing usable.

    A date counts from the server's own Date, so that a wrong clock there does no harm, else from `now`.
    """
    value = fields.get("Retry-After", "").strip()
    if _is_number(value):
        return _seconds(value)
    until = instant(value) if value else None
    return None if until is None else _bounded(until - _sent_at(fields, now))


def fresh_for(fields: MultiMapping[str], now: datetime) -> timedelta | None:
    """Return how long the answer stays fresh (RFC 9111 4.2.1), less its Age; None if it does not say.

    Zero is said too: by no-cache, no-store, or an Expires that is past or no date (5.3). All lines of
    Cache-Control count; of several max-age the longest. Where there is one, Expires does not count.
    """
    directives = _directives(",".join(fields.getall("Cache-Control", [])))
    if directives.keys() & {"no-cache", "no-store"}:
        return timedelta(0)
    if ages := [_seconds(age) for age in directives.get("max-age", []) if _is_number(age)]:
        age = fields.get("Age", "").strip()
        return _bounded(max(ages) - (_seconds(age) if _is_number(age) else timedelta(0)))
    if "Expires" not in fields:
        return None
    expires = instant(fields.get("Expires", ""))
    return timedelta(0) if expires is None else _bounded(expires - _sent_at(fields, now))


def validator(fields: Mapping[str, str], name: str) -> str:
    """Return ETag or Last-Modified as it came; nothing if it could not be sent back byte for byte."""
    value = fields.get(name, "")
    return value if len(value) <= MAX_VALIDATOR and value.isprintable() else ""


def plain(value: str) -> str:
    """Return a field's value without what is not printable (bytes that are no UTF-8, controls)."""
    return "".join(character for character in value if character.isprintable())


def _directives(value: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for directive in value.lower().split(","):
        name, _, argument = directive.partition("=")
        found.setdefault(name.strip(), []).append(argument.strip().strip('"'))
    return found


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit()


def _sent_at(fields: Mapping[str, str], now: datetime) -> datetime:
    return instant(fields.get("Date", "")) or now


def _seconds(digits: str) -> timedelta:
    # More than nine digits are beyond any wait, and a very long number is costly to convert.
    return _bounded(timedelta(seconds=int(digits))) if len(digits) <= 9 else LONGEST_WAIT


def _bounded(span: timedelta) -> timedelta:
    return min(max(span, timedelta(0)), LONGEST_WAIT)

"""Dates as publishers write them, as aware UTC datetimes to the second; None for what is no date.

Two strict readers of the standard library and one for East Asia come first; what they leave is feedparser's,
which reads more languages but takes `2026年3月1日` for the current month. A date without a zone is UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST: Final = 100
_ZERO: Final = re.compile(r"(?:^|\s)000\d\b")  # the year of a date that was never set; email.utils reads 2001
_MIDNIGHT: Final = re.compile(r"(?<![\d:])24:00(?!\d)")
_NUMERIC: Final = re.compile(
    r"""(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?
        (?:[T\s,]*(?P<hour>\d{1,2})\s*[:：时點点]\s*(?P<minute>\d{1,2})(?:\s*[:：分]\s*(?P<second>\d{1,2}))?[秒分]?
           (?:[.,]\d+)?\s*(?P<zone>Z|(?:GMT|UTC)?\s*[+-]\d{1,2}:?\d{2}|GMT|UTC)?)?""",
    re.VERBOSE | re.IGNORECASE,
)
_OFFSET: Final = re.compile(r"([+-])(\d{1,2}):?(\d{2})")


def from_struct(moment: Sequence[int] | None) -> datetime | None:
    """Read feedparser's struct_time, which is in UTC."""
    if not moment:
        return None
    year, month, day, hour, minute, second = moment[:6]
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def from_text(text: str) -> datetime | None:
    """Read RFC 3339, RFC 5322 and the numeric forms of East Asia; `24:00` is the next day's midnight."""
    text = " ".join(text[:_LONGEST].split())
    if _ZERO.search(text):
        return None
    late = timedelta(days=1) if _MIDNIGHT.search(text) else timedelta(0)
    text = _MIDNIGHT.sub("00:00", text)
    for reader in (datetime.fromisoformat, parsedate_to_datetime, _numeric):
        try:
            moment = reader(text)
            return _utc(moment + late) if moment else None
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def _utc(moment: datetime) -> datetime:
    moment = moment.replace(microsecond=0)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _numeric(text: str) -> datetime | None:
    found = _NUMERIC.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (
        int(found[part] or 0) for part in ("year", "month", "day", "hour", "minute", "second")
    )
    moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    offset = _OFFSET.search(found["zone"] or "")
    if not offset:
        return moment
    away = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    return moment - away if offset[1] == "+" else moment + away

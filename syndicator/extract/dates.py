"""The readers of a date, as pages write them: for machines, with digits, with the names of months."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST: Final = 100
_FIRST_YEAR: Final = 1990
_LAST_YEAR: Final = 2100  # whoever knows the time judges the rest
_MONTH_NAMES: Final = """
    jan january januar janvier janv enero ene gennaio gen janeiro января january januari ledna stycznia ocak
    feb february februar février fevrier fév févr febrero febbraio fevereiro fev февраля februari února lutego
    mar march märz mär mrz mars marzo março марта maart mrt březen března marca maaliskuuta mart
    apr april avril avr abril abr aprile апреля dubna kwietnia huhtikuuta nisan
    may mai mayo maggio mag maio мая mei maj května maja toukokuuta mayıs
    jun june juni juin junio giugno giu junho июня června czerwca kesäkuuta haziran
    jul july juli juillet juil julio luglio lug julho июля července lipca heinäkuuta temmuz
    aug august août aout agosto ago августа augustus augusti srpna sierpnia elokuuta ağustos
    sep sept september septembre septiembre setiembre settembre set setembro сентября září września eylül
    oct october oktober okt octobre octubre ottobre ott outubro out октября října października lokakuuta ekim
    nov november novembre noviembre novembro ноября listopadu listopada marraskuuta kasım
    dec december dezember dez décembre decembre déc diciembre dic dicembre dezembro декабря grudnia aralık
"""
_MONTHS: Final = {
    name: number
    for number, names in enumerate(_MONTH_NAMES.strip().splitlines(), 1)
    for name in names.split()
}
_NUMERIC: Final = re.compile(
    r"""(?<!\d)(?P<year>(?:19|20)\d{2})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})(?!\d)\s*日?
        (?:[T\s,，]*(?P<hour>\d{1,2})\s*[:：时時點点]\s*(?P<minute>\d{1,2})(?:\s*[:：分]\s*(?P<second>\d{1,2}))?[秒分]?
           (?:[.,]\d+)?\s*(?P<zone>Z|(?:GMT|UTC)?\s*[+-]\d{1,2}:?\d{2}|GMT|UTC)?)?""",
    re.VERBOSE | re.IGNORECASE,
)
_DAY_FIRST: Final = re.compile(
    r"""(?<![\d.])(?P<day>\d{1,2})\s?(?P<mark>[-./])\s?(?P<month>\d{1,2})\s?(?P=mark)\s?
        (?P<year>(?:19|20)\d{2})(?!\d)""",
    re.VERBOSE,
)
_SHORT_YEAR: Final = re.compile(r"(?<![\d.])(\d\d)\.(\d\d)\.(\d\d)(?![\d.])")  # as only German has it
_NAMED: Final = re.compile(
    r"""
      (?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.|º)?[\s-]*(?:de\s+|of\s+)?
        (?P<name>[^\W\d_]{3,13})\.?,?[\s-]*(?:de[l]?\s+)?(?P<year>(?:19|20)\d{2})(?!\d)
      |(?P<name2>[^\W\d_]{3,13})\.?\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year2>(?:19|20)\d{2})(?!\d)
    """,
    re.VERBOSE,
)
_CLOCK: Final = re.compile(
    r"""[\s,|@·•–-]*(?:(?:um|at|à|a\s+las|alle|kl\.?|ore|às)\s+)?(?P<hour>\d{1,2})\s?(?:[:h.])\s?(?P<minute>\d{2})
        (?::\d{2})?(?!\d|\.\d)\s*(?P<half>[ap])?\.?(?:m\b)?""",
    re.VERBOSE | re.IGNORECASE,
)
_HALVES: Final = re.compile(r"\d\s?[ap]\.?m\b", re.IGNORECASE)  # email.utils drops them
_OFFSET: Final = re.compile(r"([+-])(\d{1,2}):?(\d{2})")


def from_text(text: str) -> datetime | None:
    """Read RFC 3339, RFC 5322, the numeric forms of East Asia and Europe, and months by name, as UTC.

    None for what is no date. What has no zone is taken for UTC; what lies before 1990 is no date of a page.
    """
    text = " ".join(text[:_LONGEST].split())
    if not any(mark.isdigit() for mark in text):
        return None
    if found := _attempt(datetime.fromisoformat, text):
        return found
    if not _HALVES.search(text) and (found := _attempt(parsedate_to_datetime, text)):
        return found
    return in_words(text)


def in_words(text: str) -> datetime | None:
    """Find a date among the words of a line: `Berlin, 3. März 2026, 14:05 Uhr`."""
    text = " ".join(text[: 2 * _LONGEST].split())
    for reader in (_numeric, _named, _day_first, _short_year):
        if found := _attempt(reader, text):
            return found
    return None


def _attempt(reader: Callable[[str], datetime | None], text: str) -> datetime | None:
    try:
        moment = reader(text)
        if moment and _FIRST_YEAR <= moment.year < _LAST_YEAR:
            return _utc(moment)
    except (ValueError, OverflowError, TypeError, IndexError):
        pass
    return None


def _utc(moment: datetime) -> datetime:
    moment = moment.replace(microsecond=0)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _numeric(text: str) -> datetime | None:
    found = _NUMERIC.search(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (
        int(found[part] or 0) for part in ("year", "month", "day", "hour", "minute", "second")
    )
    if hour > 23 or minute > 59:
        hour = minute = second = 0
    moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    offset = _OFFSET.search(found["zone"] or "")
    if not offset:
        return moment
    away = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    return moment - away if offset[1] == "+" else moment + away


def _named(text: str) -> datetime | None:
    for found in _NAMED.finditer(text):
        month = _MONTHS.get((found["name"] or found["name2"]).casefold())
        if month:
            day = datetime(
                int(found["year"] or found["year2"]), month, int(found["day"] or found["day2"]), tzinfo=UTC
            )
            return day + _clock(text[found.end() :])
    return None


def _day_first(text: str) -> datetime | None:
    found = _DAY_FIRST.search(text)
    if not found:
        return None
    day, month = int(found["day"]), int(found["month"])
    day, month = (month, day) if month > 12 else (day, month)
    return datetime(int(found["year"]), month, day, tzinfo=UTC) + _clock(text[found.end() :])


def _short_year(text: str) -> datetime | None:
    found = _SHORT_YEAR.search(text)
    if not found:
        return None
    day, month, year = (int(part) for part in found.groups())
    return datetime(2000 + year if year < 70 else 1900 + year, month, day, tzinfo=UTC)


def _clock(rest: str) -> timedelta:
    """Read the time of day that follows a date, or midnight."""
    found = _CLOCK.match(rest)
    if not found:
        return timedelta(0)
    hour, minute = int(found["hour"]), int(found["minute"])
    if found["half"] and 1 <= hour <= 12:
        hour = hour % 12 + 12 * (found["half"] in "pP")
    return timedelta(hours=hour, minutes=minute) if hour <= 23 and minute <= 59 else timedelta(0)

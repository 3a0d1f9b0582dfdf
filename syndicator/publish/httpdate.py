"""HTTP-date: the three forms that RFC 9110 5.6.7 tells everybody to read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Final

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHORT: Final = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_LONG: Final = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_MONTH: Final = f"(?P<month>{'|'.join(MONTHS)})"
_TIME: Final = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_FORMS: Final = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"{_SHORT}, (?P<day>\d\d) {_MONTH} (?P<year>\d{{4}}) {_TIME} GMT",  # IMF-fixdate, which we write
        rf"{_LONG}, (?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_TIME} GMT",  # RFC 850
        rf"{_SHORT} {_MONTH} (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})",  # C's asctime()
    )
)
_FUTURE: Final = 50  # years ahead that a year of two digits may be


def write(instant: datetime) -> str:
    """Write an instant as IMF-fixdate, in whole seconds."""
    return format_datetime(instant.astimezone(UTC), usegmt=True)


def read(text: str, *, now: datetime) -> datetime | None:
    """Read a date in any of the three forms; None for what is none of them, or no day of any calendar.

    A year of two digits that would lie more than 50 years ahead of `now` is of the century before.
    """
    found = next((match for form in _FORMS if (match := form.fullmatch(text.strip(" \t")))), None)
    if found is None:
        return None
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += now.year // 100 * 100
        if year > now.year + _FUTURE:
            year -= 100
    second = int(found["second"])
    leap = second == 60  # a leap second is the start of the next minute
    try:
        date = datetime(
            year,
            MONTHS.index(found["month"]) + 1,
            int(found["day"]),
            int(found["hour"]),
            int(found["minute"]),
            59 if leap else second,
            tzinfo=UTC,
        )
        return date + timedelta(seconds=1) if leap else date
    except (ValueError, OverflowError):
        return None

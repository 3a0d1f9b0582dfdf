"""Dates that name things: zones (`CET`), halves of the day (`10:00 PM`, `下午3:05`), months in many tongues.

The strict readers of `instant` know offsets, 24 hours and English months. What is found here is written in
those terms for them, or read at once; the names of months are CLDR's, by Babel, loaded when one is needed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

if TYPE_CHECKING:
    from collections.abc import Mapping

# As feeds use them: BST is British, IST Indian. What email.utils reads itself (EST, PDT …) is not repeated.
_ZONES: Final[Mapping[str, str]] = {
    "wet": "+0000", "west": "+0100", "cet": "+0100", "met": "+0100", "mez": "+0100", "cest": "+0200",
    "mest": "+0200", "mesz": "+0200", "bst": "+0100", "eet": "+0200", "eest": "+0300", "msk": "+0300",
    "sast": "+0200", "pkt": "+0500", "ist": "+0530", "wib": "+0700", "ict": "+0700", "hkt": "+0800",
    "sgt": "+0800", "awst": "+0800", "jst": "+0900", "kst": "+0900", "acst": "+0930", "aest": "+1000",
    "aedt": "+1100", "nzst": "+1200", "nzdt": "+1300", "brt": "-0300", "art": "-0300", "clt": "-0400",
    "at": "-0400", "et": "-0500", "ct": "-0600", "mt": "-0700", "pt": "-0800", "akst": "-0900",
    "hst": "-1000",
}  # fmt: skip
_ZONE: Final = re.compile(
    r"(?<=\d)\s*\(?(" + "|".join(sorted(_ZONES, key=len, reverse=True)) + r")\)?$", re.IGNORECASE
)
_HALF: Final = re.compile(r"(\d{1,2})(:\d{2}(?::\d{2})?)?\s*([ap])\.?\s?m\b\.?", re.IGNORECASE)
_HAN_HALF: Final = re.compile(r"(凌晨|早上|上午|中午|下午|傍晚|晚上)\s*(\d{1,2})(?=\s*[:：时時点點])")
_LATE: Final = frozenset({"中午", "下午", "傍晚", "晚上"})

_LANGUAGES: Final = (
    "en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "sk", "ru", "uk", "bg",
    "ro", "hu", "tr", "el", "ca", "id",
)  # fmt: skip
_MONTH_FIRST: Final = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
_SPELLED: Final = re.compile(
    r"""(?<!\d)(?P<day>\d{1,2})[.º]?\s*(?:de\s+)?(?P<month>[^\W\d_]{3,12})\.?,?\s*(?:del?\s+)?(?P<year>\d{4})(?!\d)
        (?:г\.?)?(?:[^\d+-]{1,8}(?P<hour>\d{1,2})[:.hч](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?)?
        (?:\s*(?:GMT|UTC)?\s*(?P<sign>[+-])(?P<zone_hour>\d{2}):?(?P<zone_minute>\d{2}))?""",
    re.VERBOSE | re.IGNORECASE,
)


def in_figures(text: str) -> str:
    """Write a named zone as an offset, and hours of a half day as of 24; the rest stays."""
    text = _HALF.sub(lambda found: f"{_hour(found[1], late=found[3] in 'pP')}{found[2] or ':00'}", text)
    text = _HAN_HALF.sub(lambda found: str(_hour(found[2], late=found[1] in _LATE)), text)
    return _ZONE.sub(lambda found: f" {_ZONES[found[1].lower()]}", text)


def _hour(said: str, *, late: bool) -> int:
    hour = int(said)
    return hour if hour > 12 else hour % 12 + 12 * late


def read(text: str) -> datetime | None:
    """Read `27. November 2026 10:00`, `November 27th, 2026`, `Пт, 27 ноя 2026 …`; without a zone UTC.

    None for anything else. Raises ValueError or OverflowError for what is no day or time.
    """
    found = _SPELLED.search(_MONTH_FIRST.sub(r"\2 \1 \3", text))
    month = _months().get(_plain(found["month"])) if found else None
    if not found or not month:
        return None
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    moment = datetime(int(found["year"]), month, int(found["day"]), hour, minute, min(second, 59), tzinfo=UTC)
    if not found["sign"]:
        return moment
    away = timedelta(hours=int(found["zone_hour"]), minutes=int(found["zone_minute"]))
    return moment - away if found["sign"] == "+" else moment + away


@cache
def _months() -> Mapping[str, int]:
    """Names of months and their beginnings of three letters; the earlier language of _LANGUAGES wins."""
    from babel import Locale  # noqa: PLC0415 - few feeds need it

    known: dict[str, int] = {}
    for language in _LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in Locale(language).months[context][width].items():
                    word = _plain(re.split(r"[\s'’]", name)[-1])  # Catalan has `de novembre`, `d’agost`
                    for each in {word, word[:3]}:
                        if len(each) >= 3:
                            known.setdefault(each, number)
    return known


def _plain(word: str) -> str:
    """Drop case, marks and the dot of an abbreviation."""
    bare = normalize("NFKD", word.casefold().rstrip("."))
    return "".join(char for char in bare if char.isalpha())

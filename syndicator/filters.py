"""The Jinja filters: dates in words, text in columns. Pure functions, and the table `FILTERS` naming them.

`zone` is an IANA name and `language` a BCP 47 tag throughout; an unknown one is an error of the template
or of the config, and surfaces as `errors.TemplateError` where the template is rendered.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, get_timezone_location
from babel.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Text = TypeVar("Text", bound=str)

# Where a line may break inside a text: at white space, and before or after a wide character. Punctuation
# that must not begin a line stays with what it follows, an opening bracket with what it precedes (the
# short form of the Chinese rules of line breaking, GB/T 15834).
_WIDE = (
    "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6"
)
_NEVER_FIRST = "、。，．：；？！…—·）］｝〕〉》」』】’”％"
_NEVER_LAST = "（［｛〔〈《「『【‘“"
_CHUNK = re.compile(
    rf"\s+|[{_NEVER_LAST}]*(?:[{_WIDE}]|[^\s{_WIDE}{_NEVER_LAST}{_NEVER_FIRST}]+|[{_NEVER_FIRST}])[{_NEVER_FIRST}]*"
    rf"|[{_NEVER_LAST}]+"
)
# A sentence ends at a full stop with space behind it (not after one capital: an initial), or at a wide one.
_SENTENCE = re.compile(r"(?s).{20,}?(?:(?<![ .][A-Z])[.!?…][\"'”’»)]*(?=\s|$)|[。！？][”’」』）]*)")
_TRAILING = " ,;:，；：、—–-("
_SPACES = re.compile(r"[ \t]{2,}")
_EDGES = re.compile(r"[ \t]*\n[ \t]*")
_GAPS = re.compile(r"\n{3,}")


def day(at: datetime, zone: str, language: str) -> str:
    """Write the whole date at `zone`: Tuesday, November 24, 2026; 2026年11月24日星期二."""
    return format_date(at.astimezone(ZoneInfo(zone)).date(), "full", locale=_locale(language))


def date(at: datetime, zone: str, language: str) -> str:
    """Write the date in short at `zone`: Nov 24, 2026; 2026年11月24日."""
    return format_skeleton("yMMMd", at, tzinfo=ZoneInfo(zone), locale=_locale(language))


def stamp(at: datetime, zone: str, language: str, beside: datetime | None = None) -> str:
    """Write date and time at `zone`: Nov 24, 07:05; 11月24日 07:05.

    The year is told only where it differs from that of `beside`, e.g. the date of the mail.
    """
    local = at.astimezone(ZoneInfo(zone))
    if beside is not None and local.year != beside.astimezone(ZoneInfo(zone)).year:
        return date(at, zone, language)
    return f"{format_skeleton('MMMd', local, locale=_locale(language))}{_comma(language)}{local:%H:%M}"


def moment(at: datetime, zone: str, language: str) -> str:
    """Write an instant in full: Nov 24, 2026, 07:05 UTC; 2026年11月24日 07:05 UTC."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{date(at, zone, language)}{_comma(language)}{local:%H:%M %Z}"


def rfc3339(at: datetime) -> str:
    """Write an instant for machines, in UTC and whole seconds: 2026-11-24T07:05:00Z."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def city(zone: str, language: str) -> str:
    """Name a zone as people do: Asia/Shanghai is Shanghai, 上海. Zones of no place keep their name."""
    if "/" not in zone or zone.startswith("Etc/"):
        return zone
    return get_timezone_location(zone, locale=_locale(language), return_city=True).rpartition("/")[2]


def number(count: int, language: str) -> str:
    """Group the digits as `language` does: 1,382."""
    return format_decimal(count, locale=_locale(language))


def autonym(language: str) -> str:
    """Call a language what its speakers do: English, 中文; one that nobody knows by its tag."""
    try:
        return _locale(language).get_display_name() or language
    except (ValueError, UnknownLocaleError):
        return language


def path(url: str) -> str:
    """Give the path of `url` without its last slash, so that pages work behind any host name."""
    return urlsplit(url).path.rstrip("/")


def mailto(address: str, *subject: str) -> str:
    """Write a mailto: address with the words of its subject (RFC 6068)."""
    return f"mailto:{quote(address, safe='@')}?subject={quote(' '.join(map(str, subject)), safe='')}"


def wrap(text: str, width: int = 76) -> str:
    """Fill lines of at most `width` columns, a wide character counting two; a longer word stays whole.

    Any white space, line ends included, is one space. Own code because Jinja's `wordwrap` counts
    characters, not columns, breaks no line of Chinese, and takes twice as long (43 µs an excerpt to 18).
    """
    lines: list[str] = []
    line, used, gap = "", 0, ""
    for chunk in _CHUNK.findall(text.strip()):
        if chunk.isspace():
            gap = " "
            continue
        columns = _columns(chunk)
        if line and used + len(gap) + columns > width:
            lines.append(line)
            line, used, gap = "", 0, ""
        line, used, gap = line + gap + chunk, used + len(gap) + columns, ""
    return "\n".join([*lines, line])


def sentence(text: str, width: int) -> str:
    """Cut `text` to its first sentence, or within that to `width` columns, at a word and with an ellipsis."""
    found = _SENTENCE.match(text.strip())
    first = found[0] if found else text.strip()
    line = wrap(first, width).partition("\n")[0]
    if len(line) == len(first) and _columns(line) <= width:
        return first
    return line[: _fitting(line, width - 1)].rstrip(_TRAILING) + "…"


def _fitting(text: str, width: int) -> int:
    """Count the characters that fit into `width` columns."""
    used = 0
    for index, char in enumerate(text):
        used += _columns(char)
        if used > width:
            return index
    return len(text)


def tidy(text: Text) -> Text:
    """Strip every line, squeeze runs of spaces and of empty lines.

    A mail's body is then canonical as it stands (RFC 6376 3.4.4), so that its DKIM hash is that of its bytes.
    """
    squeezed = _GAPS.sub("\n\n", _EDGES.sub("\n", _SPACES.sub(" ", text))).strip() + "\n"
    return type(text)(squeezed)


def _comma(language: str) -> str:
    return " " if _locale(language).language in ("ja", "ko", "zh") else ", "


def _columns(chunk: str) -> int:
    if chunk.isascii():
        return len(chunk)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in chunk
    )


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


FILTERS: Mapping[str, Callable[..., str]] = {
    "day": day,
    "date": date,
    "stamp": stamp,
    "moment": moment,
    "rfc3339": rfc3339,
    "city": city,
    "number": number,
    "autonym": autonym,
    "path": path,
    "mailto": mailto,
    "wrap": wrap,
    "sentence": sentence,
    "tidy": tidy,
}

"""The kinds of value that config files hold: how each is written, checked and described to editors.

A check that fails raises `Said(what, remedy)`, which `problems` turns into a line for the admin.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import zoneinfo
from datetime import time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, PlainValidator, ValidationInfo, WithJsonSchema

from syndicator.match import (
    NO_ALIASES,
    Reference,
    RuleError,
    parse_line,
    parse_mask,
    parse_positive,
    parse_query,
    parse_spelling,
    parse_tag,
)
from syndicator.model import Category, Expr, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SLUG: Final = re.compile(r"[a-z0-9-]{1,64}")

_SPANS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION: Final = re.compile(r"([0-9]{1,6})([smhd])")
_CLOCK: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}")  # BCP 47, as far as feeds go
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322 3.2.3
_ADDRESS: Final = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>{_LABEL}(?:\.{_LABEL})*)")
_MAILBOX: Final = re.compile(r'(?:(?P<quoted>"[^"\\]*")|(?P<name>[^<>"]*))\s*<(?P<address>[^<>]*)>')


class Said(ValueError):
    """What is wrong with a value and what to do, in the words that an admin reads.

    `column` (from 1, else 0) points into the text, `at` names a key below the one that is checked; `is_rule`:
    the value is one of a rule.
    """

    def __init__(
        self, what: str, remedy: str, *, column: int = 0, at: str = "", is_rule: bool = False
    ) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.column = column
        self.at = at
        self.is_rule = is_rule


def nearest(word: str, known: Iterable[str]) -> str:
    """Say `did you mean 'title'?` of the nearest known word, or list them all; empty if there are none."""
    names = sorted(known)
    if close := difflib.get_close_matches(word, names, n=1):
        return f"did you mean '{close[0]}'?"
    return f"known here: {', '.join(names[:20])}{' …' if len(names) > 20 else ''}" if names else ""


def is_slug(text: str) -> bool:
    """Whether `text` is a name that can stand in an address: small letters, digits, hyphens, at most 64."""
    return SLUG.fullmatch(text) is not None


def is_language(text: str) -> bool:
    """Whether `text` looks like a language tag (BCP 47), such as en or zh-Hant."""
    return _LANGUAGE.fullmatch(text) is not None


def check_line(text: str) -> str:
    """Check a text of one line."""
    text = text.strip()
    if not text:
        raise Said("empty", "write a text, or delete the key")
    return visible(text, 300)


def _prose(text: str) -> str:
    """Check a text that may be folded over lines, and make it one line."""
    return visible(" ".join(text.split()), 2000)


def _text(text: str) -> str:
    """Check a text of many lines; where they end stays."""
    visible(re.sub(r"[\t\r\n]", " ", text), 20_000)
    return text


def visible(text: str, limit: int) -> str:
    """Check a text for characters that nobody sees, and for its length."""
    if control := _CONTROL.search(text):
        raise Said(f"the invisible character U+{ord(control[0]):04X}", "delete it")
    if len(text) > limit:
        raise Said(f"{len(text):,} characters", f"keep it under {limit:,}")
    return text


def _slug(text: str) -> str:
    if not is_slug(text):
        raise Said(f"'{text[:70]}' is no name", "use up to 64 small letters, digits and hyphens")
    return text


def _duration(value: Any) -> timedelta:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not match or not int(match[1]):
        raise Said(f"{show(value)} is no span of time", "write a number and s, m, h or d, such as 15m")
    span = timedelta(**{_SPANS[match[2]]: int(match[1])})
    if span > timedelta(days=3660):
        raise Said(f"{value} is more than ten years", "write at most 3660d")
    return span


def _clock(value: Any) -> time:
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise Said(f"{show(value)} is no time of day", 'write hours and minutes, such as "07:00"')
    return time(int(match[1]), int(match[2]))


def _zone(text: str) -> str:
    try:
        return zoneinfo.ZoneInfo(text).key
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        cities = {name.rpartition("/")[2]: name for name in zoneinfo.available_timezones()}
        if text in cities:
            raise Said(f"unknown time zone '{text}'", f"did you mean '{cities[text]}'?") from None
        close = difflib.get_close_matches(text, cities.values(), n=1)
        hint = f"did you mean '{close[0]}'?" if close else "write an IANA name, such as Asia/Shanghai"
        raise Said(f"unknown time zone '{text[:70]}'", hint) from None


def _language(text: str) -> str:
    if not is_language(text):
        raise Said(f"'{text[:70]}' is no language", "write a tag such as en, zh or zh-Hant")
    return text


def parse_address(text: str) -> str:
    """Check one bare address (RFC 5322 addr-spec without quoting, RFC 5321 lengths) and return it."""
    match = _ADDRESS.fullmatch(text)
    if not match or len(match["local"]) > 64 or len(match["domain"]) > 253:
        raise Said(f"'{text[:70]}' is no mail address", "write one address, such as news@example.org")
    return text


def parse_mailbox(text: str) -> tuple[str, str]:
    """Cut `News <news@example.org>` or a bare address into name and address. One address only."""
    text = check_line(text)
    match = _MAILBOX.fullmatch(text)
    if not match:
        return "", parse_address(text)
    if match["name"] and re.search(r"[,;@]", match["name"]):
        raise Said("more than one address", 'write one; a comma in the name wants quotes: "Last, First" <…>')
    name = match["name"] if match["quoted"] is None else match["quoted"].strip('"')
    return " ".join(name.split()), parse_address(match["address"].strip())


def _mailbox(text: str) -> str:
    parse_mailbox(text)
    return text


def _host(text: str) -> str:
    if not (_HOST.fullmatch(text) or _is_ip(text)):
        raise Said(f"'{text[:70]}' is no host", "write a name or an address, without http:// and port")
    return text


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _reach(text: str) -> str:
    """Check a host or a network."""
    if "/" not in text:
        return _host(text)
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        raise Said(f"'{text[:70]}' is no network: {error}", "write one such as 192.168.0.0/16") from None
    return text


def _listen(text: str) -> str:
    """Check HOST:PORT, or the path of a socket."""
    text = check_line(text)
    if "/" in text:
        return text
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 <= int(port) <= 65535 and host):
        raise Said(f"'{text[:70]}' is no place to listen at", "write one such as 127.0.0.1:2424, or a path")
    _host(host.strip("[]"))
    return text


def _base_url(text: str) -> str:
    text = check_line(text).rstrip("/")
    parts = parts_of(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Said(f"'{text[:70]}' is no address of a site", "write one such as https://news.example.org")
    return text


def parts_of(text: str) -> SplitResult:
    """Cut an address into its parts, the port checked."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # a bad one is only found when asked for
    except ValueError as error:
        raise Said(f"'{text[:70]}' is no address: {error}", "write one such as https://example.org") from None
    return parts


def _database(text: str) -> str:
    if text != "sqlite" and not text.startswith(("postgresql://", "postgres://")):
        # The value is not repeated: it may hold a password.
        raise Said("neither sqlite nor an address of PostgreSQL", "write sqlite or postgresql://HOST/NAME")
    return text


def _ruled(parse: Callable[..., Any], limit: int = 1000) -> Callable[[Any, ValidationInfo], Any]:
    """Make a check of a function of the rule language; the aliases are the context of the validation."""

    def check(value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str):
            raise Said(f"{show(value)} is not text", "put it in quotes", is_rule=True)
        try:
            return parse(visible(value.replace("\n", " "), limit), info.context or NO_ALIASES)
        except RuleError as error:
            raise Said(error.message, error.remedy, column=error.column) from None

    return check


def show(value: Any) -> str:
    """Name a value in a message as the admin wrote it, or its kind where that would be long."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value[:70]}'"
    return (
        str(value)
        if isinstance(value, int | float)
        else ("a list" if isinstance(value, list) else "a mapping")
    )


def described(**keywords: Any) -> WithJsonSchema:
    """Describe a text to editors (JSON Schema)."""
    return WithJsonSchema({"type": "string", **keywords})


Line = Annotated[str, AfterValidator(check_line), described(maxLength=300)]
Prose = Annotated[str, AfterValidator(_prose), described(maxLength=2000)]
Text = Annotated[str, AfterValidator(_text), described(maxLength=20_000)]
Slug = Annotated[str, AfterValidator(_slug), described(pattern=f"^{SLUG.pattern}$")]
Duration = Annotated[timedelta, BeforeValidator(_duration), described(pattern=f"^{_DURATION.pattern}$")]
Clock = Annotated[time, BeforeValidator(_clock), described(pattern=f"^{_CLOCK.pattern}$")]
Zone = Annotated[str, AfterValidator(_zone), described(examples=["UTC", "Europe/Berlin", "Asia/Shanghai"])]
Language = Annotated[str, AfterValidator(_language), described(pattern=f"^{_LANGUAGE.pattern}$")]
Address = Annotated[str, AfterValidator(parse_address), described(format="email")]
Mailbox = Annotated[str, AfterValidator(_mailbox), described()]
Host = Annotated[str, AfterValidator(_host), described()]
Listen = Annotated[str, AfterValidator(_listen), described()]
Reach = Annotated[str, AfterValidator(_reach), described()]
BaseUrl = Annotated[str, AfterValidator(_base_url), described(pattern="^https?://")]
Database = Annotated[str, AfterValidator(_database), described(pattern="^(sqlite$|postgres(ql)?://)")]
RuleLine = Annotated[Expr, PlainValidator(_ruled(parse_line)), described(maxLength=500)]
PositiveLine = Annotated[Expr, PlainValidator(_ruled(parse_positive)), described(maxLength=500)]
Query = Annotated[Expr, PlainValidator(_ruled(parse_query, 10_000)), described(maxLength=10_000)]
MaskLine = Annotated[tuple[Term, ...], PlainValidator(_ruled(parse_mask)), described(maxLength=500)]
Tag = Annotated[Category, PlainValidator(_ruled(parse_tag)), described()]
Spelling = Annotated[
    Term | Reference, PlainValidator(_ruled(lambda text, _: parse_spelling(text))), described(maxLength=500)
]

"""The kinds of value that say where a source is and how it is reached: addresses, secrets, selectors.

A secret is a reference (`{file: …}` or `{env: …}`) as long as it is in the catalog; `secrets` reads it.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Final, Literal

from cssselect import SelectorError
from cssselect.xpath import HTMLTranslator
from pydantic import AfterValidator, BeforeValidator, PlainValidator, WithJsonSchema

from syndicator.catalog.fields import Said, check_line, described, parse_address, parts_of, show, visible

WEB: Final = ("http", "https")
MAILBOXES: Final = ("imap", "imaps", "maildir", "lmtp")

_PICTURES: Final = (".png", ".jpg", ".jpeg", ".gif")
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # RFC 9110 5.6.2
_KEY_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,98}[A-Za-z0-9])?")  # RFC 6376 3.1
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,200}")
_URI: Final = re.compile(r"[!$%&'()*+,/:;=?@\[\]_.~0-9A-Za-z-]+", re.ASCII)  # RFC 3986 2, no fragment
_COOKIE: Final = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")  # RFC 6265 4.1.1
_OURS: Final = frozenset(
    (
        "accept-encoding", "connection", "content-length", "host", "if-modified-since", "if-none-match",
        "keep-alive", "range", "te", "trailer", "transfer-encoding", "upgrade",
    )
)  # fmt: skip
"""Fields that a pull sets itself; another value would break the answer."""

_SECRET: Final = {
    "authorization": "use auth:, or give {file: NAME} or {env: NAME}",
    "proxy-authorization": "write it into the proxy's address, from a file",
    "cookie": "use cookies:, or give {file: NAME} or {env: NAME}",
}
"""Fields whose value never stands in a config file."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that stands in the config (`text`), or where it is to be read from: a file, the environment."""

    kind: Literal["text", "file", "env"]
    value: str = field(repr=False)


def _key_name(text: str) -> str:
    if not _KEY_NAME.fullmatch(text):
        raise Said(
            f"'{text[:70]}' is no name of a key", "use letters, digits, dots and hyphens, such as s2026"
        )
    return text


def _network(text: str) -> str:
    """Check an address or a network."""
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        what = f"'{text[:70]}' is no address or network: {error}"
        raise Said(what, "write one such as 10.0.0.5 or 192.168.0.0/16") from None
    return text


def source_url(text: str) -> str:
    """Check a source's address by its scheme; `schema.sources` says which kind of source may have it."""
    text = check_line(text)
    scheme, colon, rest = text.partition(":")
    if not colon or scheme not in _CHECKS:
        remedy = "begin it with https://, http:// or file:, a newsletter's with imaps://, maildir: or lmtp:"
        raise Said(f"'{text[:70]}' is no address", remedy)
    _CHECKS[scheme](text, rest)
    return text


def picture(text: str) -> str:
    """Check the address of a picture that feeds may name; RSS knows three kinds."""
    text = check_line(text)
    parts = parts_of(text)
    if (
        parts.scheme not in WEB
        or not parts.hostname
        or " " in text
        or not parts.path.lower().endswith(_PICTURES)
    ):
        remedy = "write one such as https://news.example.org/logo.png; feeds know PNG, JPEG and GIF"
        raise Said(f"'{text[:70]}' is no address of a picture", remedy)
    return text


def _returns_place(text: str) -> str:
    """Check where mail comes back: `lmtp`, or a mailbox."""
    if text == "lmtp":
        return text
    if text.partition(":")[0] not in ("maildir", "imap", "imaps"):
        raise Said(f"'{text[:70]}' is no such place", "write lmtp, maildir:PATH or imaps://HOST/FOLDER")
    return source_url(text)


def _web(text: str, _rest: str) -> None:
    if " " in text:
        raise Said(f"'{text[:70]}' is no address", "write %20 where a space is meant")
    if not parts_of(text).hostname:
        raise Said(f"'{text[:70]}' names no host", "write one such as https://example.org/feed.xml")


def _file(text: str, _rest: str) -> None:
    parts = parts_of(text)
    if not (parts.path and parts.netloc in ("", "localhost")):
        raise Said(f"'{text[:70]}' names no file here", "write file:path, relative to the config folder")


def _imap(text: str, _rest: str) -> None:
    parts = parts_of(text)
    if "@" in parts.netloc:
        raise Said("a login does not belong in the address", "write auth: {username: …, password_file: …}")
    if not parts.hostname or parts.query or parts.fragment:
        raise Said(f"'{text[:70]}' names no mailbox", "write one such as imaps://mail.example.org/INBOX")


def _maildir(text: str, rest: str) -> None:
    if not rest.strip("/") or rest.startswith("//"):
        raise Said(f"'{text[:70]}' names no folder", "write maildir:PATH, relative to the config folder")


def _lmtp(_text: str, rest: str) -> None:
    parse_address(rest)


_CHECKS: Final = {
    "http": _web,
    "https": _web,
    "file": _file,
    "imap": _imap,
    "imaps": _imap,
    "maildir": _maildir,
    "lmtp": _lmtp,
}


def check_proxy(text: str) -> str:
    """Check a proxy's address, `http://[user:password@]host:port`; a message never repeats it."""
    parts = parts_of(text) if text.startswith(("http://", "https://")) else None
    if parts is None or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise Said("no address of a proxy", "write one such as http://proxy.example.org:3128")
    return text.rstrip("/")


def _hub(text: str) -> str:
    """Check the address of a hub, which every feed will name."""
    text = check_line(text)
    parts = parts_of(text)
    if parts.scheme not in WEB or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise Said(f"'{text[:70]}' is no address of a hub", "write one such as https://hub.example.org/")
    if not _URI.fullmatch(text):
        raise Said(f"'{text[:70]}' holds what no address may", "write it in ASCII, spaces as %20")
    return text


def _proxy(text: str) -> str:
    """Check a proxy's address that stands in a config file, where no password may stand."""
    text = check_proxy(check_line(text))
    if parts_of(text).password:
        remedy = "write the whole address into a file, and give proxy: {file: NAME}"
        raise Said("a password does not belong in this file", remedy)
    return text


def _day(value: Any) -> date:
    """Read a day; YAML may have read it already."""
    try:
        return value if type(value) is date else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Said(f"{show(value)} is no day", "write one such as 2026-12-01") from None


def _secret(value: Any) -> Secret:
    """Read a text, `{file: NAME}` or `{env: NAME}`."""
    if isinstance(value, str):
        return Secret("text", visible(value, 4096))
    if isinstance(value, dict) and len(value) == 1:
        (kind, name), *_ = value.items()
        if kind == "file" and isinstance(name, str):
            return Secret("file", check_line(name))
        if kind == "env" and isinstance(name, str):
            return Secret("env", variable(name))
    raise Said(
        f"{show(value)} is neither text nor a place to read it from", "write {file: NAME} or {env: NAME}"
    )


def variable(text: str) -> str:
    """Check the name of a variable of the environment."""
    if not _VARIABLE.fullmatch(text):
        raise Said(f"'{text[:70]}' is no name of a variable", "write its name alone, without $")
    return text


def _proxy_or_place(value: Any) -> Secret:
    return Secret("text", _proxy(value)) if isinstance(value, str) else _secret(value)


def _headers(value: Any) -> dict[str, Secret]:
    """Check fields of a request: names, and values that are texts or places to read them from."""
    checked: dict[str, Secret] = {}
    for name, one in _pairs(value).items():
        if not _TOKEN.fullmatch(name):
            raise Said(f"'{name[:70]}' is no name of a header", "write one such as X-Api-Key", at=name)
        if name.lower() in _OURS:
            raise Said("set by every pull itself", "delete it", at=name)
        checked[name] = _at(name, one)
        if checked[name].kind == "text" and (remedy := _SECRET.get(name.lower())):
            raise Said("a secret does not belong in this file", remedy, at=name)
    return checked


def _cookies(value: Any) -> dict[str, Secret]:
    """Check cookies: names, and values that are texts or places to read them from."""
    checked: dict[str, Secret] = {}
    for name, one in _pairs(value).items():
        if not _TOKEN.fullmatch(name):
            raise Said(f"'{name[:70]}' is no name of a cookie", "write letters, digits, - and _", at=name)
        checked[name] = _at(name, one)
        if checked[name].kind == "text" and not is_cookie(checked[name].value):
            raise Said("holds what no cookie may", "leave out spaces, quotes, commas and ;", at=name)
    return checked


def is_cookie(text: str) -> bool:
    """Whether a text can be a cookie's value (RFC 6265 4.1.1, cookie-octet)."""
    return _COOKIE.fullmatch(text) is not None


def _pairs(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Said(f"must hold names with values, not {show(value)}", "write {Name: value}")
    if len(value) > 30:
        raise Said("has too many entries", "give at most 30")
    return value


def _at(name: str, value: Any) -> Secret:
    try:
        return _secret(value)
    except Said as said:
        raise Said(said.what, said.remedy, at=name) from None


def _selector(text: str) -> str:
    """Check a CSS selector (Selectors Level 3, as far as a page that is not running can answer it)."""
    text = check_line(text)
    try:
        HTMLTranslator().css_to_xpath(text)
    except SelectorError as error:
        said = " ".join(str(error).split())[:120]
        raise Said(f"no selector: {said}", "write one such as 'article h2 a'") from None
    return text


_PLACE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "file": {
            "type": "string",
            "description": "File with the value alone, below the config folder.",
        },
        "env": {"type": "string", "description": "Variable of the environment with the value."},
    },
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}
_TEXT_OR_PLACE: Final[dict[str, Any]] = {"anyOf": [{"type": "string"}, _PLACE]}
_NAMED: Final[dict[str, Any]] = {"type": "object", "additionalProperties": _TEXT_OR_PLACE}

SourceUrl = Annotated[
    str, AfterValidator(source_url), described(pattern="^(https?://|file:|imaps?://|maildir:|lmtp:)")
]
ReturnsPlace = Annotated[
    str, AfterValidator(_returns_place), described(pattern="^(lmtp$|imaps?://|maildir:)")
]
ProxyUrl = Annotated[str, AfterValidator(lambda text: check_proxy(check_line(text))), described()]
HubUrl = Annotated[str, AfterValidator(_hub), described(pattern="^https?://")]
Proxy = Annotated[Secret, PlainValidator(_proxy_or_place), WithJsonSchema(_TEXT_OR_PLACE)]
Headers = Annotated[dict[str, Secret], PlainValidator(_headers), WithJsonSchema(_NAMED)]
Cookies = Annotated[dict[str, Secret], PlainValidator(_cookies), WithJsonSchema(_NAMED)]
Network = Annotated[str, AfterValidator(_network), described()]
Variable = Annotated[str, AfterValidator(variable), described(pattern=f"^{_VARIABLE.pattern}$")]
Selector = Annotated[str, AfterValidator(_selector), described(maxLength=300)]
Picture = Annotated[str, AfterValidator(picture), described(pattern="^https?://")]
Day = Annotated[date, BeforeValidator(_day), described(format="date")]
KeyName = Annotated[str, AfterValidator(_key_name), described(pattern=f"^{_KEY_NAME.pattern}$")]

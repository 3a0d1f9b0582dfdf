"""Addresses in mails: where a tracking redirect leads, if it says so, and what in it names the subscriber."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

MAX_URL: Final = 4_000  # characters

_MAILER: Final = re.compile(r"^(?:clicks?|links?|trk|track|tracking|email|mail|go|r|t|e|elink|ct)\d*\.[^/]+/")
# Redirects that carry their target in the clear: a pattern of host and path → the parameter that has it.
_CARRIES: Final = (
    (re.compile(r"(?:^|\.)safelinks\.protection\.outlook\.com/"), "url"),
    (re.compile(r"^(?:www\.)?google\.[a-z.]{2,6}/url"), "q"),
    (re.compile(r"^(?:www\.)?google\.[a-z.]{2,6}/url"), "url"),
    (re.compile(r"^l\.(?:facebook|instagram)\.com/l\.php"), "u"),
    (re.compile(r"^(?:www\.)?linkedin\.com/redir"), "url"),
    (re.compile(r"^link\.zhihu\.com/"), "target"),
    *((_MAILER, name) for name in ("url", "u", "redirect")),
    (re.compile(r"(?:^|\.)mandrillapp\.com/track/click"), "url"),
    (re.compile(r"(?:^|\.)feedburner\.com/~r|/redirect\.php|/track/click"), "url"),
)  # fmt: skip
_SHARES: Final = ("url", "u", "text", "body", "link", "mini")
_OPAQUE: Final = re.compile(
    r"/ls/click\b|/ss/c/|/track/click|/wf/click|/uni/ls/|list-manage\.com/track|substack\.com/(?:redirect|app-link)|email\.[^/]*/c/"
    r"|^(?:click|links?|trk|track|tracking|clicks|elink|url\d+)\d*\.[^/]+/|/e[23]?t/to/|/lt\.php|/acemlna|hubspotlinks|hs-sales-engage"
    r"|sendibt\d|mailchi\.mp/click|r\.mail\.|awstrack\.me|createsend\d*\.com/t/|cmail\d+\.com/t/"
)
_SPACE: Final = re.compile("[\x00-\x20\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TARGET: Final = re.compile(r"https?(?::|%3A|%253A)(?:/|%2F|%252F){2}[^\s\"'<>]+", re.IGNORECASE)
_AWS: Final = re.compile(r"awstrack\.me/L\d/(https?[^/]+)/")
_PROOFPOINT: Final = re.compile(r"urldefense(?:\.proofpoint)?\.com/v3/__(https?://?.+?)__;")
_CODED: Final = re.compile(r"(?:aHR0c|eyJ)[A-Za-z0-9_+-]{8,}={0,2}")
_JSON_KEYS: Final = ("e", "href", "url", "u", "target", "link")
_ROUNDS: Final = 4
_PERSONAL: Final = frozenset({
    "mc_eid", "_hsenc", "mkt_tok", "ck_subscriber_id", "vero_id", "oly_enc_id", "oly_anon_id", "_ke", "email",
    "e-mail", "emailaddress", "email_address", "subscriber_id", "subscriberid", "recipient_id", "recipient",
    "bbemail", "token", "jwt", "access_token", "auth_token", "login_token", "user_id", "userid", "uid_hash",
})  # fmt: skip


def is_web(url: str) -> bool:
    """Whether it is an http or https address with a host, and nothing in it that no address holds."""
    if _SPACE.search(url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)


def is_opaque(url: str) -> bool:
    """Whether it is a redirect of a mailer that does not say where it leads."""
    return bool(_OPAQUE.search(_bare(url)))


def unwrapped(url: str) -> str:
    """Follow redirects as far as their own address says where they lead; nothing is asked of anybody."""
    url = url.strip()[:MAX_URL]
    for _ in range(_ROUNDS):
        target = _target(url)
        if not target or target == url:
            break
        url = target
    return without_person(url)


def without_person(url: str) -> str:
    """Drop the parameters that name or log in the subscriber; a redirect that hides its target stays."""
    if "?" not in url or is_opaque(url):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets around what is no IPv6 address: nobody can follow it
        return url
    if not any(
        name.lower() in _PERSONAL for name, _ in parse_qsl(parts.query[:MAX_URL], keep_blank_values=True)
    ):
        return url
    kept = [
        pair for pair in parts.query.split("&") if unquote(pair.partition("=")[0]).lower() not in _PERSONAL
    ]
    return urlunsplit(parts._replace(query="&".join(kept)))


def shared(url: str) -> str:
    """Give what a link for sharing would share; empty if it shares no address."""
    try:
        query = parse_qsl(urlsplit(url).query[:MAX_URL])
    except ValueError:
        return ""
    for name, value in query:
        found = _TARGET.search(value) if name.lower() in _SHARES else None
        if found and is_web(found[0]):
            return unwrapped(found[0])
    return ""


def spellings(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Give the forms in which links carry an e-mail address, in lower case: plain, escaped, coded, hashed."""
    forms: list[str] = []
    for address in addresses:
        octets = address.encode()
        forms += [
            address,
            quote(address, safe="").lower(),
            address.replace("@", "="),  # VERP
            urlencode({"a": address})[2:].lower(),
            base64.urlsafe_b64encode(octets).decode().rstrip("=")[:-1].lower(),
            hashlib.md5(octets, usedforsecurity=False).hexdigest(),
            hashlib.sha1(octets, usedforsecurity=False).hexdigest(),
            hashlib.sha256(octets).hexdigest(),
        ]
    return tuple(dict.fromkeys(forms))


def _bare(url: str) -> str:
    return url.partition("://")[2].lower() or url.lower()


def _target(url: str) -> str:
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query)
    except ValueError:
        return ""
    bare = _bare(url)
    for place, name in _CARRIES:
        if place.search(bare):
            value = next((value for key, value in query if key.lower() == name), "")
            if is_web(value):
                return value
    if found := _AWS.search(url) or _PROOFPOINT.search(url):
        value = unquote(found[1])
        return value if is_web(value) else ""
    return next((value for value in map(_coded, _CODED.findall(parts.path + "?" + parts.query)) if value), "")


def _coded(text: str) -> str:
    """Read base64 of an address, or of JSON that holds one under a known name."""
    padded = text.rstrip("=").replace("-", "+").replace("_", "/")
    padded = padded[: len(padded) - (len(padded) % 4 == 1)]
    try:
        said = binascii.a2b_base64(padded + "=" * (-len(padded) % 4)).decode("utf-8", "ignore")
        if said.startswith("{"):
            value = json.loads(said)
            said = next((str(value[key]) for key in _JSON_KEYS if isinstance(value.get(key), str)), "")
    except (ValueError, RecursionError):
        return ""
    return said if is_web(said) and said.isprintable() and " " not in said else ""

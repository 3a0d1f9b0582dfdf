"""What the header of a mail tells: whose it is, to whom it went, when, and whether it is no issue at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from email.utils import getaddresses, parseaddr
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from syndicator.parse import instant
from syndicator.parse.newsletter.words import decoded

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.parse.newsletter.mime import Part

_NO_ATOM: Final = r"\s<>@,;:\"()\[\]\x00-\x1f\x7f\ud800-\udfff"  # surrogates: octets of no known charset
_ADDRESS: Final = re.compile(rf"[^{_NO_ATOM}]{{1,64}}@[^{_NO_ATOM}]{{1,253}}")
_ANGLED: Final = re.compile(r"<\s*([^<>\s]{1,2000})\s*>")
_LIST_ID: Final = re.compile(r"^(?P<name>.*?)\s*<(?P<id>[^<>\s]+)>")
_TO_US: Final = (
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Forwarded-To",
    "X-Delivered-To",
    "To",
    "Cc",
)
_MAX_ADDRESSES: Final = 20
_MAX_NESTED: Final = 20
_LATE: Final = timedelta(days=1)  # a Date after the arrival by more than this is a wrong clock
_EARLY: Final = timedelta(days=400)  # and so is one before it by more than this


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The header of one mail, read."""

    subject: str
    sender: str  # an address, or empty
    sender_name: str
    handed_on_by: frozenset[str]  # addresses of Sender, Reply-To and Resent-From
    recipients: tuple[str, ...]  # the addresses it was sent to: personal, never to be published
    guid: str  # Message-ID without its brackets, or a hash
    sent_at: datetime | None
    list_id: str
    list_name: str
    language: str
    homepage: str
    archived_at: str  # where this very mail can be read (RFC 5064)
    leave_urls: frozenset[str]  # List-Unsubscribe (RFC 2369)


def of(part: Part, raw: bytes, arrived_at: datetime | None) -> Facts:
    """Read the header of a whole mail, `part`; `raw` names it where it has no Message-ID."""
    name, sender = parseaddr(_shallow(part.raw_field("From")))
    found = _ADDRESS.search(sender) or _ADDRESS.search(part.field("From"))
    listed = _LIST_ID.match(part.field("List-Id"))
    message_id = _ANGLED.search(part.raw_field("Message-ID"))
    return Facts(
        subject=part.field("Subject"),
        sender=found[0].lower() if found else "",
        sender_name=_name(decoded(name) or _before_address(part.field("From"))),
        handed_on_by=_others(part),
        recipients=_recipients(part),
        guid=decoded(message_id[1]) if message_id else sha256(raw).hexdigest(),
        sent_at=_sent_at(part, arrived_at),
        list_id=listed["id"].lower() if listed else "",
        list_name=_name(listed["name"]) if listed else "",
        language=part.field("Content-Language").split(",")[0].strip()[:35],
        homepage=_web(part, "List-Url") or _web(part, "List-Archive"),
        archived_at=_web(part, "Archived-At") or _post(part),
        leave_urls=frozenset(_ANGLED.findall(part.raw_field("List-Unsubscribe"))),
    )


def _name(text: str) -> str:
    name = text.strip(" \"'")
    return "" if _ADDRESS.fullmatch(name) or name.startswith("=?") else name[:200]


def _shallow(field: str) -> str:
    """Bound what email.utils reads: it calls itself for each bracket within brackets, and for each colon."""
    field = field[:2_000]
    for sign in "(:":
        if field.count(sign) > _MAX_NESTED:
            field = field.replace(sign, "")
    return field


def _before_address(text: str) -> str:
    return text.partition("<")[0] if "<" in text else ""


def _others(part: Part) -> frozenset[str]:
    fields = (part.raw_field(name)[:2_000] for name in ("Sender", "Reply-To", "Resent-From"))
    return frozenset(address.lower() for field in fields for address in _ADDRESS.findall(field))


def _recipients(part: Part) -> tuple[str, ...]:
    values = [_shallow(value) for name in _TO_US for value in part.fields(name)[:5]]
    found = [address.lower() for _, address in getaddresses(values) if "@" in address]
    found += [address.lower() for value in values for address in _ADDRESS.findall(value)]
    return tuple(dict.fromkeys(found))[:_MAX_ADDRESSES]


def _sent_at(part: Part, arrived_at: datetime | None) -> datetime | None:
    """Give the Date, unless it disagrees with the newest Received line (the last server's own clock)."""
    said = instant.from_text(part.field("Date").partition("(")[0])
    traces = (
        instant.from_text(trace.rpartition(";")[2].partition("(")[0]) for trace in part.fields("Received")
    )
    arrived = next((moment for moment in traces if moment), None) or arrived_at
    if said is None or arrived is None:
        return said or arrived
    return arrived if said > arrived + _LATE or said < arrived - _EARLY else said


def _web(part: Part, name: str) -> str:
    field = part.raw_field(name)
    urls = _ANGLED.findall(field) or field.split()[:1]
    return next((url for url in urls if url.startswith(("https://", "http://"))), "")


def _post(part: Part) -> str:
    """Some senders put the address of the issue where RFC 2369 wants that for replies."""
    url = _web(part, "List-Post")
    try:
        return url if len(urlsplit(url).path) > 1 else ""
    except ValueError:
        return ""

"""The header of a digest mail: a table of fields, each a function of the facts.

RFC 5322 (format), RFC 2369 and 2919 (List-…), RFC 8058 (one-click unsubscribe), RFC 3834 (automatic mail).
A new field is a function and its row; a field whose facts are missing is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING

from syndicator import address
from syndicator.digest.fields import CRLF, block, mailbox, phrase, unstructured, uri
from syndicator.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._-]+@[A-Za-z0-9._:\[\]-]+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the header of one message is made of; an empty string is a missing fact."""

    sender: str  # an address
    recipient: str  # an address
    subject: str  # plain text, hostile
    date: datetime  # aware
    message_id: str  # with its angle brackets; see `message.message_id`
    sender_name: str = ""  # plain text
    list_id: str = ""  # the topic's slug; the sender's domain is added
    list_name: str = ""  # the topic's title
    unsubscribe_url: str = ""  # http: or https:, with an opaque token
    unsubscribe_mailto: str = ""  # mailto:
    help_url: str = ""
    archive_url: str = ""
    reply_to: str = ""  # an address
    language: str = ""  # BCP 47
    stream: str = ""  # how often it comes: daily, weekly …


def _message_id(facts: Facts) -> str:
    if not _MESSAGE_ID.fullmatch(facts.message_id):
        raise DeliveryError(f"{facts.message_id!r} is no message identifier")
    return facts.message_id


def _list_id(facts: Facts) -> str | None:
    sender = address.parse(facts.sender)
    if not facts.list_id or sender is None:
        return None
    name = phrase(facts.list_name, indent=len("List-Id: "))
    identifier = f"<{label(facts.list_id)}.{sender.domain}>"
    return f"{name}{CRLF} {identifier}" if name else identifier


def _list_unsubscribe(facts: Facts) -> str | None:
    # RFC 2369 section 2: in the order of preference; each whole, or mail clients show no button.
    ways = [uri(way) for way in (facts.unsubscribe_url, facts.unsubscribe_mailto) if way]
    return f",{CRLF} ".join(ways) or None


def _list_unsubscribe_post(facts: Facts) -> str | None:
    # RFC 8058 3.1 asks for https; with http the field would promise what a mail client must not do.
    return "List-Unsubscribe=One-Click" if facts.unsubscribe_url.startswith("https:") else None


def _feedback_id(facts: Facts) -> str | None:
    # What large receivers count complaints by: topic, rhythm, kind of mail, sender; nothing of the reader.
    sender = address.parse(facts.sender)
    if not facts.list_id or sender is None:
        return None
    said = [label(facts.list_id), label(facts.stream or "mail"), "digest", sender.domain.strip("[]")]
    return ":".join(part.replace(":", "-") for part in said)


HEADERS: Mapping[str, Callable[[Facts], str | None]] = {
    "From": lambda facts: mailbox("From", facts.sender_name, facts.sender),
    "To": lambda facts: mailbox("To", "", facts.recipient),
    "Subject": lambda facts: unstructured("Subject", facts.subject) or None,
    "Date": lambda facts: format_datetime(facts.date),
    "Message-ID": _message_id,
    "Reply-To": lambda facts: mailbox("Reply-To", "", facts.reply_to) if facts.reply_to else None,
    "List-Id": _list_id,
    "List-Unsubscribe": _list_unsubscribe,
    "List-Unsubscribe-Post": _list_unsubscribe_post,
    "List-Help": lambda facts: uri(facts.help_url) if facts.help_url else None,
    "List-Archive": lambda facts: uri(facts.archive_url) if facts.archive_url else None,
    "List-Post": lambda facts: "NO" if facts.list_id else None,
    "Feedback-ID": _feedback_id,
    "Content-Language": lambda facts: label(facts.language) if facts.language else None,
    "Auto-Submitted": lambda _: "auto-generated",
    "Precedence": lambda facts: "bulk" if facts.list_id else None,
}
PERSONAL = frozenset({"To", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"})


class Header:
    """The header of an edition: what all its messages share is written once.

    Raises DeliveryError where a fact cannot stand in a header.
    """

    def __init__(self, facts: Facts) -> None:
        self._shared = {name: tell(facts) for name, tell in HEADERS.items() if name not in PERSONAL}

    def fields(self, facts: Facts) -> list[tuple[str, str]]:
        """Give (name, folded body) of all fields whose facts exist, for the facts of one message."""
        told = (
            (name, tell(facts) if name in PERSONAL else self._shared[name]) for name, tell in HEADERS.items()
        )
        return [(name, body) for name, body in told if body is not None]


def header(facts: Facts, *more: tuple[str, str]) -> bytes:
    """Serialise the fields whose facts exist, then `more` (name, body): ASCII, CRLF, checked.

    Raises DeliveryError where a fact cannot stand in a header.
    """
    return block([*Header(facts).fields(facts), *more])


def label(slug: str) -> str:
    """Write a slug as one label of a domain (RFC 2919 section 2): letters, digits and hyphens."""
    slug = re.sub(r"[\W_]+", "-", slug).strip("-") or "list"
    return slug if slug.isascii() else "xn--" + slug.encode("punycode").decode("ascii")

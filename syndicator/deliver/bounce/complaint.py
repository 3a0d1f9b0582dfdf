"""Complaints: what readers' mail providers report (RFC 5965, and the forms of Hotmail that are older)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from syndicator.deliver.bounce import kind, status
from syndicator.deliver.bounce.mime import HEADERS_ONLY, Part, header
from syndicator.model import Refusal, Returned

if TYPE_CHECKING:
    from collections.abc import Iterator

_REPORT: Final = "message/feedback-report"
_IN_TEXT = re.compile(r"(?mi)^feedback-type:")
_HOTMAIL = re.compile(r"(?i)complaint about message from")
_OUR_FAULT: Final = ("auth-failure", "dkim", "dmarc")  # RFC 6591: what a receiver says of our signing
_NAMES: Final = ("original-rcpt-to", "removal-recipient")
_REDACTED = re.compile(r"(?i)redacted|undisclosed|x{4,}@")


@dataclass(frozen=True, slots=True)
class Accusation:
    """Who complained, and of what."""

    recipients: list[Returned]
    tags: tuple[str, ...]  # of Feedback-Type, in lower case


def read(mail: Part) -> Accusation | None:
    """Read a complaint; None if the mail is none, or says that ours was no spam."""
    fields = _fields(mail)
    if fields is None:
        if not _HOTMAIL.search(kind.subject(mail)):
            return None
        fields = {"feedback-type": ["abuse"]}
    tags = tuple(each.strip().lower()[:40] for each in fields.get("feedback-type", ["abuse"]))
    if "not-spam" in tags:
        return None
    found = [status.one_address(value) for name in _NAMES for value in fields.get(name, [])]
    found = [each for each in found if each and not _REDACTED.search(each)]
    if not found:
        found = [each for part in originals(mail) if (each := _recipient(part))][:1]
    refusal = Refusal(reason="complaint", verdict="dead", hard=False)
    if set(tags) & set(_OUR_FAULT):
        refusal = Refusal(reason="auth", verdict="ours", hard=False)
    return Accusation(
        [Returned(address=each, refusal=refusal) for each in dict.fromkeys(found) or [""]], tags
    )


def originals(mail: Part) -> Iterator[Part]:
    """Give the headers of the mails that a report encloses, as parts without bodies."""
    for part in mail.walk():
        if part.kind in HEADERS_ONLY:
            yield Part(header(part.octets.lstrip(b"\n"))[0], b"")
        elif part.kind.startswith("message/") and part.parts:
            yield part.parts[0]


def _fields(mail: Part) -> dict[str, list[str]] | None:
    """Find the report; some senders have it in a part of plain text."""
    parts = list(mail.walk())
    for part in parts:
        if part.kind == _REPORT:
            return status.feedback(part.text)
    if mail.parameter("report-type").lower() == "feedback-report":
        for part in parts:
            if part.kind == "text/plain" and _IN_TEXT.search(part.text):
                return status.feedback(part.text)
        return {}
    return None


def _recipient(original: Part) -> str:
    for name in ("x-hmxmroriginalrecipient", "delivered-to", "x-original-to", "to"):
        found = status.one_address(original.get(name))
        if found and not _REDACTED.search(found):
            return found
    return ""

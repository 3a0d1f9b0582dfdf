"""Mailgun: HMAC-SHA256 of timestamp and token. The signature says nothing of the body.

So a token that somebody has seen would sign whatever they like: it is good once (`Heard.once`), and its
timestamp must be from this day.
"""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING, Any, Final

from syndicator.deliver.hooks.told import (
    COMPLAINT,
    UNREADABLE,
    Heard,
    Refused,
    document,
    failure,
    is_fresh,
    text,
    told,
    within,
)

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.deliver.hooks.told import Posted, Told

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,200}", re.ASCII)
_REPLY = re.compile(r"[45]\d\d", re.ASCII)  # codes from 600 are Mailgun's own
_NOT_TRIED: Final = {"suppress-complaint": "complaint", "suppress-unsubscribe": "unsubscribe"}


def read(posted: Posted, key: str, now: datetime) -> Heard | Refused:
    """Read a report; `key` is the HTTP webhook signing key of the account."""
    report = document(posted.body)
    signature, event = within(report, "signature"), within(report, "event-data")
    if not isinstance(signature, dict) or not isinstance(event, dict):
        return UNREADABLE
    stamp, token, claimed = (text(signature, name) for name in ("timestamp", "token", "signature"))
    if not _TOKEN.fullmatch(token):
        return Refused(403, "there is no token")
    right = hmac.new(key.encode(), (stamp + token).encode(), "sha256").hexdigest()
    if not hmac.compare_digest(right.encode(), claimed.encode()):
        return Refused(403, "the signature is wrong; see mailgun.key_file")
    if not is_fresh(stamp, now):
        return Refused(403, "the timestamp is not of this day")
    found = _event(event)
    return Heard((found,), once=token) if found else Heard()


def _event(event: dict[str, Any]) -> Told | None:
    id_, address = text(event, "id", limit=300), text(event, "recipient")
    facts: dict[str, Any] = {
        "sender": text(event, "envelope", "sender"),
        "message_id": text(event, "message", "headers", "message-id"),
    }
    match text(event, "event"):
        case "complained":
            return told(id_, "complaint", address, COMPLAINT, **facts)
        case "unsubscribed":
            return told(id_, "unsubscribe", address, **facts)
        case "failed":
            return _failed(event, id_, address, facts)
        case _:
            return None


def _failed(event: dict[str, Any], id_: str, address: str, facts: dict[str, Any]) -> Told | None:
    reason = text(event, "reason")
    match _NOT_TRIED.get(reason):
        case "complaint":
            return told(id_, "complaint", address, COMPLAINT, **facts)
        case "unsubscribe":
            return told(id_, "unsubscribe", address, **facts)
    status = within(event, "delivery-status")
    said = text(status, "message") or text(status, "description")
    code = text(status, "code")
    is_final = text(event, "severity") != "temporary"
    refusal = failure(
        said,
        status=text(status, "enhanced-code"),
        reply_code=code if _REPLY.fullmatch(code) else "",
        named="refused" if is_final else "unknown",
        hard=text(status, "bounce-type") != "soft" and reason != "suppress-bounce",
        final=is_final,
    )
    return told(id_, "bounce", address, refusal, said=said, **facts)

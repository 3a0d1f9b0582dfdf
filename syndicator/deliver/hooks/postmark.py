"""Postmark, which signs nothing: a secret in the address, or as the password of basic authentication.

Its MessageID is Postmark's own; whom a report is about, it tells by the address alone.
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING, Any, Final

from syndicator.deliver.hooks.told import COMPLAINT, UNREADABLE, Heard, Refused, document, failure, text, told

if TYPE_CHECKING:
    from datetime import datetime

    from syndicator.deliver.hooks.told import Posted, Told

ROWS: Final = {
    "HardBounce": ("refused", True),
    "BadEmailAddress": ("user-unknown", True),
    "SoftBounce": ("unknown", False),
    "Transient": ("network", False),
    "DnsError": ("network", False),
    "AddressChange": ("moved", False),
    "ManuallyDeactivated": ("refused", False),
    "SpamNotification": ("spam", False),
    "Blocked": ("reputation", False),
    "DMARCPolicy": ("auth", False),
    "VirusNotification": ("content", False),
    "Unknown": ("unknown", False),
}
"""Types of bounces: the row of the table, and whether Postmark calls them hard. Others are no bounces."""

DELAYED: Final = frozenset({"Transient"})  # it is tried again


def read(posted: Posted, key: str, now: datetime) -> Heard | Refused:  # noqa: ARG001  nothing is dated by a signature
    """Read a report; `key` is the secret."""
    given = [posted.query.get("secret", ""), _password(posted.headers.get("authorization", ""))]
    if not any(hmac.compare_digest(each.encode(), key.encode()) for each in given):
        return Refused(401, "the secret is missing or wrong; see postmark.secret_file")
    report = document(posted.body)
    if not isinstance(report, dict):
        return UNREADABLE
    match text(report, "RecordType"):
        case "Bounce" | "SpamComplaint":
            found = _bounce(report)
        case "SubscriptionChange":
            found = _change(report)
        case _:
            found = None
    return Heard((found,)) if found else Heard()


def _password(field: str) -> str:
    """Read the password of basic authentication (RFC 7617); empty if there is none."""
    scheme, _, coded = field[:1_000].partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(coded.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _bounce(report: dict[str, Any]) -> Told | None:
    number, kind = text(report, "ID", limit=100), text(report, "Type")
    id_, address, said = number and f"bounce:{number}", text(report, "Email"), text(report, "Details")
    if kind == "SpamComplaint" or text(report, "RecordType") == "SpamComplaint":
        return told(id_, "complaint", address, COMPLAINT, said=said)
    if kind == "Unsubscribe":
        return told(id_, "unsubscribe", address, said=said)
    if kind not in ROWS:
        return None
    named, hard = ROWS[kind]
    # Not Description: it has examples of what may be the matter, not what is.
    refusal = failure(said, named=named, hard=hard, final=kind not in DELAYED)
    return told(id_, "bounce", address, refusal, said=said or text(report, "Description"))


def _change(report: dict[str, Any]) -> Told | None:
    """Take it that somebody gets no more mail of ours; what an admin did there is nothing that came back."""
    if report.get("SuppressSending") is not True:
        return None
    names = ("MessageID", "Recipient", "ChangedAt")
    id_, address = (
        ":".join(["change", *(text(report, n, limit=300) for n in names)]),
        text(report, "Recipient"),
    )
    match text(report, "SuppressionReason"), text(report, "Origin"):
        case "SpamComplaint", _:
            return told(id_, "complaint", address, COMPLAINT)
        case "ManualSuppression", "Recipient":
            return told(id_, "unsubscribe", address)
        case _:
            return None

"""SendGrid's signed event webhook: ECDSA with SHA-256 over the timestamp and the body as it came."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from syndicator.deliver.hooks.told import (
    COMPLAINT,
    UNREADABLE,
    Heard,
    Refused,
    document,
    failure,
    is_fresh,
    listed,
    text,
    told,
)

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    from syndicator.deliver.hooks.told import Posted, Told

SIGNATURE: Final = "x-twilio-email-event-webhook-signature"
TIMESTAMP: Final = "x-twilio-email-event-webhook-timestamp"

CLASSES: Final = {
    "invalid address": "user-unknown",
    "technical": "network",
    "content": "content",
    "reputation": "reputation",
    "frequency or volume too high": "rate",
    "mailbox unavailable": "refused",
}
"""Values of `bounce_classification`: the row of the table."""

DROPPED: Final = {"bounced address": "refused", "invalid": "refused", "spam content": "content"}
"""Why SendGrid did not even try: the row of the table."""


def read_key(key: str) -> EllipticCurvePublicKey:
    """Read a public key as SendGrid shows it: base64 of its DER. Raises ValueError."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  only who needs it pays for it
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    try:
        found = load_der_public_key(base64.b64decode(key, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, ec.EllipticCurvePublicKey):
        raise ValueError("is no public key for ECDSA")  # noqa: TRY004  the text is wrong, not its type
    return found


def read(posted: Posted, key: str, now: datetime) -> Heard | Refused:
    """Read a report; `key` is the verification key of the webhook."""
    stamp = posted.headers.get(TIMESTAMP, "")
    if not _is_signed(posted, stamp, key):
        return Refused(403, "the signature is wrong or missing; see sendgrid.public_key")
    if not is_fresh(stamp, now):
        return Refused(403, "the timestamp is not of this day")
    report = document(posted.body)
    if not isinstance(report, list):
        return UNREADABLE
    events = (_event(each) for each in listed(report) if isinstance(each, dict))
    return Heard(tuple(each for each in events if each))


def _is_signed(posted: Posted, stamp: str, key: str) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    try:
        signature = base64.b64decode(posted.headers.get(SIGNATURE, ""), validate=True)
        read_key(key).verify(signature, stamp.encode() + posted.body, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _event(event: dict[str, Any]) -> Told | None:
    id_, address, said = text(event, "sg_event_id", limit=300), text(event, "email"), text(event, "reason")
    name, message_id = text(event, "event"), text(event, "smtp-id")
    if name == "dropped":
        name = {"unsubscribed address": "unsubscribe", "spam reporting address": "spamreport"}.get(
            said.lower(), name
        )
    match name:
        case "spamreport":
            return told(id_, "complaint", address, COMPLAINT, message_id=message_id)
        case "unsubscribe" | "group_unsubscribe":
            return told(id_, "unsubscribe", address, message_id=message_id)
        case "bounce":
            is_hard = text(event, "type") != "blocked"
            named = CLASSES.get(
                text(event, "bounce_classification").lower(), "refused" if is_hard else "unknown"
            )
            refusal = failure(said, status=text(event, "status"), named=named, hard=is_hard)
        case "dropped":
            refusal = failure("", named=DROPPED.get(said.lower(), "unknown"))
        case "deferred":
            said = text(event, "response")
            refusal = failure(said, status=text(event, "status"), final=False)
        case _:
            return None
    return told(id_, "bounce", address, refusal, message_id=message_id, said=said)

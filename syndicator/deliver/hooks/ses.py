"""Amazon SES through SNS: RSA over some fields, by a certificate that lies at a host of SNS.

Only topics that are configured are listened to, and only the certificate of the topic's own region is asked
for; so nobody else's topic, and no host of theirs, comes into it.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from syndicator.deliver.hooks.told import (
    COMPLAINT,
    OUR_SIGNING,
    UNREADABLE,
    Heard,
    Refused,
    document,
    failure,
    is_fresh,
    listed,
    text,
    told,
    within,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syndicator.deliver.hooks.told import Posted, Told

MAX_MESSAGE: Final = 1024 * 1024  # characters; SNS has 256 KB at most

SIGNED: Final = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
    ),
}  # fmt: skip
"""Kinds of messages and the fields that are signed, in this order; one that is missing is left out."""

ROWS: Final = {
    "NoEmail": "user-unknown",
    "General": "refused",
    "Suppressed": "refused",
    "OnAccountSuppressionList": "refused",
    "MailboxFull": "mailbox-full",
    "MessageTooLarge": "too-large",
    "CustomTimeoutExceeded": "expired",
    "ContentRejected": "content",
    "AttachmentRejected": "content",
}
"""Values of `bounceSubType`: the row of the table, unless the bounce passes."""

_NOT_TRIED: Final = ("Suppressed", "OnAccountSuppressionList")
_ARN = re.compile(r"arn:aws(?:-[a-z-]{1,20})?:sns:([a-z0-9-]{4,30}):\d{12}:[A-Za-z0-9_-]{1,256}", re.ASCII)
_CERTIFICATE = re.compile(
    r"https://(sns\.([a-z0-9-]{4,30})\.amazonaws\.com(?:\.cn)?)/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Key:
    """The topics that are listened to, and the certificate (PEM) that lies at `certificate_url`."""

    topics: tuple[str, ...]
    certificate: bytes


def is_topic(arn: str) -> bool:
    """Whether this is the name of a topic of SNS."""
    return _ARN.fullmatch(arn) is not None


def certificate_url(posted: Posted, topics: tuple[str, ...]) -> str | Refused:
    """Tell where the certificate for a message lies: on a host of SNS in the region of a topic of ours."""
    message = document(posted.body)
    if not isinstance(message, dict):
        return UNREADABLE
    arn, url = text(message, "TopicArn"), text(message, "SigningCertURL")
    topic, place = _ARN.fullmatch(arn), _CERTIFICATE.fullmatch(url)
    if topic is None or arn not in topics:
        return Refused(403, "the topic is none of ses.topics")
    if place is None or place[2] != topic[1]:
        return Refused(403, "the certificate lies at no host of SNS in the topic's region")
    return url


def read(posted: Posted, key: Key, now: datetime) -> Heard | Refused:
    """Read a message. The one that asks whether we want a topic gives the address that says yes."""
    url = certificate_url(posted, key.topics)
    if isinstance(url, Refused):
        return url
    message = document(posted.body)
    if not _is_signed(message, key.certificate, now):
        return Refused(403, "the signature is wrong, or of no kind that we know")
    if not is_fresh(_seconds(text(message, "Timestamp")), now):
        return Refused(403, "the timestamp is not of this day")
    if text(message, "Type") == "SubscriptionConfirmation":
        return Heard(visit=_confirmation(message, url))
    event = document(text(message, "Message", limit=MAX_MESSAGE))
    return Heard(tuple(_events(event)) if isinstance(event, dict) else ())


def _is_signed(message: dict[str, Any], pem: bytes, now: datetime) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  only who needs it pays for it
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415

    names = SIGNED.get(text(message, "Type"))
    # Version 1 is what topics have unless told otherwise. What SHA-1 is weak at, finding two texts with one
    # hash, takes who signs one of them; here that is Amazon.
    methods: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303
    method = methods.get(text(message, "SignatureVersion"))
    if names is None or method is None:
        return False
    values = [(name, message[name]) for name in names if isinstance(message.get(name), str)]
    said = "".join(f"{name}\n{value}\n" for name, value in values)
    try:
        certificate = load_pem_x509_certificate(pem)
        key = certificate.public_key()
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            return False
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        signature = base64.b64decode(text(message, "Signature"), validate=True)
        key.verify(signature, said.encode(), padding.PKCS1v15(), method)
    except (InvalidSignature, ValueError):
        return False
    return True


def _seconds(stamp: str) -> str:
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return ""
    return str(int(at.timestamp())) if at.tzinfo and at.year > 1970 else ""


def _confirmation(message: dict[str, Any], url: str) -> str:
    """Make the address that confirms, of signed parts and the host that the certificate came from."""
    place = _CERTIFICATE.fullmatch(url)
    assert place is not None  # noqa: S101  it is a `certificate_url`
    asked = {"Action": "ConfirmSubscription", "TopicArn": text(message, "TopicArn")}
    return f"https://{place[1]}/?{urlencode(asked | {'Token': text(message, 'Token')})}"


def _events(event: dict[str, Any]) -> Iterator[Told]:
    mail = within(event, "mail")
    header = {text(each, "name").lower(): text(each, "value") for each in listed(mail, "headers")[:200]}
    facts: dict[str, Any] = {
        "sender": text(mail, "source"),
        "message_id": header.get("message-id", "") or text(mail, "commonHeaders", "messageId"),
        "clues": tuple(header[n] for n in ("return-path", "list-unsubscribe") if header.get(n)),
    }
    match text(event, "eventType") or text(event, "notificationType"):
        case "Bounce":
            found = _bounces(within(event, "bounce"), facts)
        case "Complaint":
            found = _complaints(within(event, "complaint"), facts)
        case "Subscription":
            found = _departures(event, mail, facts)
        case _:
            return
    yield from (each for each in found if each)


def _bounces(bounce: Any, facts: dict[str, Any]) -> Iterator[Told | None]:
    kind, sub = text(bounce, "bounceType"), text(bounce, "bounceSubType")
    named = "unknown" if kind != "Permanent" and sub == "General" else ROWS.get(sub, "unknown")
    for each in listed(bounce, "bouncedRecipients"):
        address, said = text(each, "emailAddress"), text(each, "diagnosticCode")
        id_ = f"bounce:{text(bounce, 'feedbackId', limit=300)}:{address[:300]}"
        if sub == "UnsubscribedRecipient":
            yield told(id_, "unsubscribe", address, **facts)
            continue
        refusal = failure(
            said,
            status=text(each, "status"),
            named=named,
            hard=kind == "Permanent" and sub not in _NOT_TRIED,
            final=text(each, "action").lower() != "delayed",
        )
        yield told(id_, "bounce", address, refusal, said=said, **facts)


def _complaints(complaint: Any, facts: dict[str, Any]) -> Iterator[Told | None]:
    kind = text(complaint, "complaintFeedbackType").lower()
    if kind == "not-spam":
        return
    refusal = OUR_SIGNING if kind == "auth-failure" else COMPLAINT
    for each in listed(complaint, "complainedRecipients"):
        address = text(each, "emailAddress")
        id_ = f"complaint:{text(complaint, 'feedbackId', limit=300)}:{address[:300]}"
        yield told(id_, "complaint", address, refusal, said=kind, **facts)


def _departures(event: dict[str, Any], mail: Any, facts: dict[str, Any]) -> Iterator[Told | None]:
    if within(event, "subscription", "newTopicPreferences", "unsubscribeAll") is not True:
        return
    for each in listed(mail, "destination"):
        address = text(each)
        id_ = f"leave:{text(mail, 'messageId', limit=300)}:{address[:300]}"
        yield told(id_, "unsubscribe", address, **facts)

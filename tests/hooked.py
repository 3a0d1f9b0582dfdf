"""What mail providers post, in their shapes, and signed by the rules that they document."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from syndicator.deliver.hooks.told import Posted

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECRET = "0123456789abcdef-of-postmark"
SIGNING = "key-of-mailgun-0123456789"
ARN = "arn:aws:sns:eu-west-1:123456789012:returns"
PLACE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem"
ANNA = "anna@reader.example"

_EC = ec.generate_private_key(ec.SECP256R1())
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = base64.b64encode(
    _EC.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()


def certificate(*, begins: datetime = NOW - timedelta(days=1)) -> bytes:
    """Make the certificate of the topic's region."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_RSA.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=300))
    )
    return made.sign(_RSA, hashes.SHA256()).public_bytes(Encoding.PEM)


CERTIFICATE = certificate()


def mailgun(
    event: dict[str, Any], *, at: datetime = NOW, token: str = "a" * 50, key: str = SIGNING
) -> Posted:
    """Post an event of Mailgun."""
    stamp = str(int(at.timestamp()))
    code = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    signature = {"timestamp": stamp, "token": token, "signature": code}
    return Posted(json.dumps({"signature": signature, "event-data": event}).encode())


def sendgrid(events: Any, *, at: datetime = NOW) -> Posted:
    """Post events of SendGrid."""
    body, stamp = json.dumps(events).encode(), str(int(at.timestamp()))
    signature = _EC.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return Posted(
        body,
        {
            "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
            "x-twilio-email-event-webhook-timestamp": stamp,
        },
    )


def postmark(report: dict[str, Any], *, secret: str = SECRET) -> Posted:
    """Post a report of Postmark."""
    return Posted(json.dumps(report).encode(), {}, {"secret": secret})


def ses(
    event: Any, *, version: str = "2", kind: str = "Notification", at: datetime = NOW, **changes: Any
) -> Posted:
    """Post an event of SES as SNS wraps it; `changes` come after it was signed."""
    message = {
        "Type": kind,
        "MessageId": "11111111-2222-3333-4444-555555555555",
        "TopicArn": ARN,
        "Message": event if isinstance(event, str) else json.dumps(event),
        "Timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.123Z",
        "SignatureVersion": version,
        "SigningCertURL": PLACE,
    }
    if kind == "SubscriptionConfirmation":
        message |= {"Token": "t0k3n", "SubscribeURL": "https://evil.example/?Action=ConfirmSubscription"}
    names = sorted(
        {"Message", "MessageId", "Timestamp", "TopicArn", "Type", "Token", "SubscribeURL"} & set(message)
    )
    said = "".join(f"{name}\n{message[name]}\n" for name in names).encode()
    method = hashes.SHA1() if version == "1" else hashes.SHA256()
    message["Signature"] = base64.b64encode(_RSA.sign(said, padding.PKCS1v15(), method)).decode()
    return Posted(json.dumps(message | changes).encode())


def ses_bounce(
    kind: str = "Permanent",
    sub: str = "General",
    said: str = "",
    status: str = "",
    address: str = ANNA,
    **mail: Any,
) -> dict[str, Any]:
    """Write a bounce as SES tells it."""
    each = {"emailAddress": address, "action": "failed", "status": status, "diagnosticCode": said}
    return {
        "notificationType": "Bounce",
        "bounce": {"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": [each], "feedbackId": "f1"},
        "mail": {
            "source": "bounces+tok@news.example",
            "messageId": "ses-1",
            "destination": [address],
            **mail,
        },
    }


def mailgun_failed(said: str, severity: str = "permanent", **more: Any) -> dict[str, Any]:
    """Write a failure as Mailgun tells it."""
    status = {"message": said, "code": 550, "bounce-type": more.pop("bounce_type", "hard")}
    return {
        "event": "failed", "id": "mg1", "severity": severity, "recipient": ANNA, "delivery-status": status,
        "message": {"headers": {"message-id": "e1.1@news.example"}},
    } | more  # fmt: skip

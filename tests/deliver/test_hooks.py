"""Reports of mail providers: who may speak, and what their words mean. Pure."""

# ruff: noqa: E501 - tables
from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hooked import (
    ANNA,
    ARN,
    CERTIFICATE,
    NOW,
    PLACE,
    PUBLIC,
    SECRET,
    SIGNING,
    certificate,
    mailgun,
    mailgun_failed,
    postmark,
    sendgrid,
    ses,
    ses_bounce,
)

from syndicator.deliver.hooks import mailgun as mg
from syndicator.deliver.hooks import postmark as pm
from syndicator.deliver.hooks import sendgrid as sg
from syndicator.deliver.hooks import ses as amazon
from syndicator.deliver.hooks.told import AHEAD, MAX_EVENTS, WINDOW, Heard, Posted, Refused

KEY = amazon.Key((ARN,), CERTIFICATE)
UNKNOWN = "smtp; 550 5.1.1 <anna@reader.example>: user unknown"
DAY = timedelta(days=1)


def heard(found: Heard | Refused) -> list[tuple[str, str, bool]]:
    """Say what events are: kind, reason, and whether one is enough."""
    assert isinstance(found, Heard), found
    told = [each.back for each in found.events]
    assert all(back.named == ANNA for back in told)
    return [
        (back.kind, back.recipients[0].refusal.reason if back.recipients else "",
         bool(back.recipients) and back.recipients[0].refusal.hard)
        for back in told
    ]  # fmt: skip


def status(found: Heard | Refused | str) -> int:
    assert isinstance(found, Refused), found
    return found.status


# Words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (ses_bounce(said=UNKNOWN, status="5.1.1"), ("bounce", "user-unknown", True)),
        (ses_bounce(sub="NoEmail"), ("bounce", "user-unknown", True)),
        (ses_bounce(), ("bounce", "refused", False)),
        (ses_bounce("Transient", said=UNKNOWN), ("bounce", "user-unknown", False)),
        (ses_bounce("Transient", "MailboxFull"), ("bounce", "mailbox-full", False)),
        (ses_bounce("Transient", "ContentRejected"), ("bounce", "content", False)),
        (ses_bounce("Permanent", "ContentRejected", UNKNOWN), ("bounce", "content", False)),
        (ses_bounce("Undetermined", "Undetermined"), ("bounce", "unknown", False)),
        (ses_bounce(said="smtp; 550 5.7.1 blocked: spam"), ("bounce", "spam", False)),
        (ses_bounce("Permanent", "OnAccountSuppressionList", UNKNOWN), ("bounce", "user-unknown", False)),
        (ses_bounce("Permanent", "UnsubscribedRecipient"), ("unsubscribe", "", False)),
        ({"eventType": "Complaint", "complaint": {"feedbackId": "f", "complainedRecipients": [{"emailAddress": ANNA}]}},
         ("complaint", "complaint", False)),
        ({"eventType": "Complaint", "complaint": {"feedbackId": "f", "complaintFeedbackType": "auth-failure",
          "complainedRecipients": [{"emailAddress": ANNA}]}}, ("complaint", "auth", False)),
        ({"eventType": "Subscription", "mail": {"messageId": "m", "destination": [ANNA]},
          "subscription": {"newTopicPreferences": {"unsubscribeAll": True}}}, ("unsubscribe", "", False)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", ["1", "2"])
def test_what_ses_says(event: Any, expected: tuple[str, str, bool], version: str) -> None:
    assert heard(amazon.read(ses(event, version=version), KEY, NOW)) == [expected]


@pytest.mark.parametrize(
    "event",
    [
        "Successfully validated SNS topic",
        {"eventType": "Delivery", "mail": {}},
        {"eventType": "Complaint", "complaint": {"feedbackId": "f", "complaintFeedbackType": "not-spam",
         "complainedRecipients": [{"emailAddress": ANNA}]}},
        {"notificationType": "Bounce", "bounce": [], "mail": 7},
        {"eventType": "Subscription", "mail": {"destination": ["\ud800", 7]}, "subscription": {
            "newTopicPreferences": {"unsubscribeAll": True}}},
        ses_bounce(address="nobody"),
        "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_nothing_to_ses(event: Any) -> None:
    assert amazon.read(ses(event), KEY, NOW) == Heard()


def test_where_ses_tells_our_names() -> None:
    fields = [
        {"name": "Message-ID", "value": "<e1.7@news.example>"},
        {"name": "List-Unsubscribe", "value": "<x>"},
    ]
    found = amazon.read(ses(ses_bounce(headers=fields)), KEY, NOW)
    assert isinstance(found, Heard)
    assert found.events[0].message_id == "<e1.7@news.example>"
    assert found.events[0].back.sent_to == ("bounces+tok@news.example",)
    assert found.events[0].back.clues == ("<x>",)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (mailgun_failed("550 5.1.1 user unknown"), ("bounce", "user-unknown", True)),
        (mailgun_failed("550 5.1.1 user unknown", bounce_type="soft"), ("bounce", "user-unknown", False)),
        (mailgun_failed("550 5.1.1 user unknown", "temporary"), ("bounce", "user-unknown", False)),
        (mailgun_failed("Not delivering to previously bounced address", reason="suppress-bounce"),
         ("bounce", "refused", False)),
        (mailgun_failed("550 5.7.1 message rejected as spam"), ("bounce", "spam", False)),
        (mailgun_failed("mailbox full"), ("bounce", "mailbox-full", False)),
        (mailgun_failed("", reason="suppress-complaint"), ("complaint", "complaint", False)),
        (mailgun_failed("", reason="suppress-unsubscribe"), ("unsubscribe", "", False)),
        ({"event": "complained", "id": "x", "recipient": ANNA}, ("complaint", "complaint", False)),
        ({"event": "unsubscribed", "id": "x", "recipient": ANNA}, ("unsubscribe", "", False)),
    ],
)  # fmt: skip
def test_what_mailgun_says(event: Any, expected: tuple[str, str, bool]) -> None:
    found = mg.read(mailgun(event), SIGNING, NOW)
    assert heard(found) == [expected]
    assert isinstance(found, Heard)
    assert found.once == "a" * 50


def test_mailgun_tells_our_name_for_the_message() -> None:
    found = mg.read(mailgun(mailgun_failed("no")), SIGNING, NOW)
    assert isinstance(found, Heard)
    assert found.events[0].message_id == "<e1.1@news.example>"
    assert mg.read(mailgun({"event": "delivered", "id": "x", "recipient": ANNA}), SIGNING, NOW) == Heard()


BOUNCE = {
    "RecordType": "Bounce",
    "ID": 42,
    "Email": ANNA,
    "Description": "e.g. unknown user, mailbox not found",
}


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (BOUNCE | {"Type": "HardBounce", "Details": UNKNOWN}, ("bounce", "user-unknown", True)),
        (BOUNCE | {"Type": "HardBounce"}, ("bounce", "refused", False)),
        (BOUNCE | {"Type": "BadEmailAddress"}, ("bounce", "user-unknown", True)),
        (BOUNCE | {"Type": "SoftBounce", "Details": UNKNOWN}, ("bounce", "user-unknown", False)),
        (BOUNCE | {"Type": "SpamNotification", "Details": UNKNOWN}, ("bounce", "spam", False)),
        (BOUNCE | {"Type": "DMARCPolicy"}, ("bounce", "auth", False)),
        (BOUNCE | {"Type": "Unsubscribe"}, ("unsubscribe", "", False)),
        (BOUNCE | {"RecordType": "SpamComplaint"}, ("complaint", "complaint", False)),
        ({"RecordType": "SubscriptionChange", "Recipient": ANNA, "SuppressSending": True, "Origin": "Recipient",
          "SuppressionReason": "ManualSuppression"}, ("unsubscribe", "", False)),
    ],
)  # fmt: skip
def test_what_postmark_says(report: Any, expected: tuple[str, str, bool]) -> None:
    assert heard(pm.read(postmark(report), SECRET, NOW)) == [expected]


@pytest.mark.parametrize(
    "report",
    [
        BOUNCE | {"Type": "AutoResponder"},
        BOUNCE | {"Type": "HardBounce", "ID": None},
        {"RecordType": "Open"},
        {"RecordType": "SubscriptionChange", "Recipient": ANNA, "SuppressSending": False},
        {"RecordType": "SubscriptionChange", "Recipient": ANNA, "SuppressSending": True, "Origin": "Customer",
         "SuppressionReason": "ManualSuppression"},
    ],
)  # fmt: skip
def test_what_is_nothing_to_postmark(report: Any) -> None:
    assert pm.read(postmark(report), SECRET, NOW) == Heard()


EVENT = {"email": ANNA, "sg_event_id": "sg1", "smtp-id": "<e1.3@news.example>"}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"event": "bounce", "type": "bounce", "reason": "550 5.1.1 user unknown"}, ("bounce", "user-unknown", True)),
        ({"event": "bounce", "type": "bounce", "reason": "no", "bounce_classification": "Invalid Address"},
         ("bounce", "user-unknown", True)),
        ({"event": "bounce", "type": "bounce", "reason": "no"}, ("bounce", "refused", False)),
        ({"event": "bounce", "type": "blocked", "reason": "550 5.1.1 user unknown"}, ("bounce", "user-unknown", False)),
        ({"event": "bounce", "type": "bounce", "reason": "user unknown", "bounce_classification": "Reputation"},
         ("bounce", "reputation", False)),
        ({"event": "deferred", "response": "452 4.2.2 mailbox full"}, ("bounce", "mailbox-full", False)),
        ({"event": "dropped", "reason": "Bounced Address"}, ("bounce", "refused", False)),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, ("unsubscribe", "", False)),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, ("complaint", "complaint", False)),
        ({"event": "spamreport"}, ("complaint", "complaint", False)),
        ({"event": "group_unsubscribe"}, ("unsubscribe", "", False)),
    ],
)  # fmt: skip
def test_what_sendgrid_says(event: Any, expected: tuple[str, str, bool]) -> None:
    others = [{"event": "delivered"} | EVENT, 7, None, {"event": "bounce"}]
    found = sg.read(sendgrid([*others, EVENT | event]), PUBLIC, NOW)
    assert heard(found) == [expected]
    assert isinstance(found, Heard)
    assert found.events[0].message_id == "<e1.3@news.example>"


# Who may speak ----------------------------------------------------------------------------------------


def test_what_is_not_signed_is_refused() -> None:
    failed = mailgun_failed("no")
    for posted, now in (
        (mailgun(failed, key="another key of somebody"), NOW),
        (mailgun(failed, token="short"), NOW),
        (mailgun(failed, at=NOW - WINDOW - DAY), NOW),
        (mailgun(failed, at=NOW + 2 * AHEAD), NOW),
    ):
        assert status(mg.read(posted, SIGNING, now)) == 403
    spam = [EVENT | {"event": "spamreport"}]
    good = sendgrid(spam)
    for posted in (
        Posted(good.body),
        Posted(good.body + b" ", good.headers),
        Posted(good.body, {**good.headers, sg.TIMESTAMP: str(int(NOW.timestamp()) + 1)}),
        Posted(good.body, {**good.headers, sg.SIGNATURE: "%%%"}),
        sendgrid(spam, at=NOW - WINDOW - DAY),
        sendgrid(spam, at=NOW + 2 * AHEAD),
    ):
        assert status(sg.read(posted, PUBLIC, NOW)) == 403
    basic = "Basic " + base64.b64encode(f"us:{SECRET}".encode()).decode()
    body = postmark(BOUNCE).body
    assert pm.read(Posted(body, {"authorization": basic}), SECRET, NOW) == Heard()
    for posted in (
        postmark(BOUNCE, secret=""),
        postmark(BOUNCE, secret=SECRET + "x"),
        Posted(body, {"authorization": basic + "!"}),
        Posted(body, {"authorization": "Bearer " + SECRET}),
    ):
        assert status(pm.read(posted, SECRET, NOW)) == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"TopicArn": "arn:aws:sns:eu-west-1:999999999999:returns"},
        {"SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem"},
        {
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem"
        },
        {"SigningCertURL": "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"},
        {"SigningCertURL": "https://evil@sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"},
        {"SigningCertURL": "https://bucket.s3.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com/../x/SimpleNotificationService-1.pem"},
        {"SigningCertURL": None},
        {"Message": json.dumps(ses_bounce(address="ben@reader.example"))},
        {"Message": "\ud800"},
        {"Type": "UnsubscribeConfirmation"},
        {"Subject": "added"},
        {"SignatureVersion": "3"},
        {"SignatureVersion": "1"},
        {"Signature": "%"},
        {"Timestamp": "2026-03-10T12:00:01.123Z"},
    ],
)
def test_what_sns_did_not_sign_is_refused(changes: dict[str, Any]) -> None:
    assert status(amazon.read(ses(ses_bounce(), **changes), KEY, NOW)) == 403


def test_a_message_of_sns_is_good_for_a_day_under_a_certificate_that_is() -> None:
    assert status(amazon.read(ses(ses_bounce(), at=NOW - WINDOW - DAY), KEY, NOW)) == 403
    old = replace(KEY, certificate=certificate(begins=NOW - timedelta(days=400)))
    assert status(amazon.read(ses(ses_bounce()), old, NOW)) == 403
    assert status(amazon.read(ses(ses_bounce()), replace(KEY, certificate=b"x"), NOW)) == 403
    assert status(amazon.certificate_url(ses(ses_bounce()), ())) == 403
    assert amazon.certificate_url(ses(ses_bounce()), (ARN,)) == PLACE


def test_a_topic_is_confirmed_at_the_host_of_its_certificate() -> None:
    """Whatever SubscribeURL says."""
    found = amazon.read(ses("You have chosen", kind="SubscriptionConfirmation"), KEY, NOW)
    assert found == Heard(
        visit="https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"
        "&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012%3Areturns&Token=t0k3n"
    )
    forged = ses("You have chosen", kind="SubscriptionConfirmation", Token="other")
    assert status(amazon.read(forged, KEY, NOW)) == 403


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"{", b"[" * 100_000, b"7", b"null", b'{"a":' * 50_000, b"9" * 9_000]
)
def test_what_no_provider_sends_is_refused(body: bytes) -> None:
    assert status(mg.read(Posted(body), SIGNING, NOW)) == 400
    assert status(pm.read(Posted(body, {}, {"secret": SECRET}), SECRET, NOW)) == 400
    assert status(sg.read(Posted(body), PUBLIC, NOW)) == 403
    assert status(amazon.read(Posted(body), KEY, NOW)) == 400


def test_a_report_has_an_end() -> None:
    many = [
        {"event": "spamreport", "email": ANNA, "sg_event_id": str(number)} for number in range(MAX_EVENTS + 9)
    ]
    found = sg.read(sendgrid(many), PUBLIC, NOW)
    assert isinstance(found, Heard)
    assert len(found.events) == MAX_EVENTS
    long = mailgun_failed("x " * 100_000 + "\0\ud800")
    found = mg.read(mailgun(long), SIGNING, NOW)
    assert isinstance(found, Heard)
    assert len(found.events[0].back.excerpt) <= 500

"""Mails that came back, written for the tests in the manner of many mailers, and what they are."""

# ruff: noqa: E501, ISC004 - lines of mails
from __future__ import annotations

import base64

OURS = "bounces@news.example"
COPY = "Return-Path: <bounces+tok@news.example>\nTo: anna@reader.example\nSubject: Daily\n\nHello\n"


def report(groups: str, *, text: str = "It failed.", copy: str = COPY, subject: str = "Undelivered") -> bytes:
    """Write an RFC 3464 notification around groups of recipients."""
    return (
        f"From: Mail System <MAILER-DAEMON@mx.example>\nTo: {OURS}\nSubject: {subject}\n"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status;\n boundary="b/1"\n\n'
        f"--b/1\nContent-Type: text/plain\n\n{text}\n\n"
        f"--b/1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{groups}\n"
        f"--b/1\nContent-Type: message/rfc822\n\n{copy}\n--b/1--\n"
    ).encode()


def words(text: str, *, sender: str = "MAILER-DAEMON@mx.example", subject: str = "failure notice") -> bytes:
    """Write a bounce without anything for machines."""
    return f"From: {sender}\nTo: {OURS}\nSubject: {subject}\n\n{text}\n".encode()


def group(address: str, diagnostic: str, status: str = "5.1.1", action: str = "failed") -> str:
    """Write the group of one recipient."""
    return (
        f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; {diagnostic}\n\n"
    )


UNKNOWN = "550 5.1.1 <anna@reader.example>: User unknown"
ONE = [("anna@reader.example", "user-unknown", True)]

BOUNCES: dict[str, tuple[bytes, list[tuple[str, str, bool]]]] = {
    "notification": (report(group("anna@reader.example", UNKNOWN)), ONE),
    "several recipients": (
        report(group("anna@reader.example", UNKNOWN) + group("ben@reader.example", "452 4.2.2 over quota", "4.2.2")),
        [*ONE, ("ben@reader.example", "mailbox-full", False)],
    ),
    "two recipients in one group": (
        report(group("anna@reader.example", UNKNOWN).strip() + "\n" + group("ben@reader.example", "550 5.1.2 Host unknown")),
        [*ONE, ("ben@reader.example", "host-unknown", True)],
    ),
    "the original recipient is the one we wrote to": (
        report("Original-Recipient: rfc822;anna@reader.example\n" + group("elsewhere@b.example", "550 no such user")),
        ONE,
    ),
    "one of those behind an alias says little of the alias": (
        words("The following addresses had permanent fatal errors:\n\n<ben@elsewhere.example>\n    (expanded from: <anna@reader.example>)\n    550 5.1.1 user unknown"),
        [("ben@elsewhere.example", "user-unknown", True), ("anna@reader.example", "user-unknown", False)],
    ),
    "utf-8 address (RFC 6533)": (
        report(group("x", UNKNOWN).replace("rfc822; x", r"utf-8; \x{4E2D}@reader.example")),
        [("中@reader.example", "user-unknown", True)],
    ),
    "a delay is not final": (
        report(group("anna@reader.example", "450 4.1.1 User unknown", "4.1.1", "delayed")),
        [("anna@reader.example", "user-unknown", False)],
    ),
    "a success is no failure": (report(group("anna@reader.example", "250 ok", "2.0.0", "delivered")), []),
    "a transcript says more than the status": (
        report(
            "Final-Recipient: RFC822; anna@reader.example\nAction: failed\nStatus: 5.5.0\n\n",
            text="----- Transcript of session follows -----\nmail.local: unknown user: anna\n",
        ),
        ONE,
    ),
    "a relay's own status does not make an address dead": (
        report(group("anna@reader.example", "550 go away", "5.1.1")),
        [("anna@reader.example", "refused", False)],
    ),
    "CR alone ends lines": (report(group("anna@reader.example", UNKNOWN)).replace(b"\n", b"\r"), ONE),
    "the boundary is lost": (
        report(group("anna@reader.example", UNKNOWN)).replace(b'\n boundary="b/1"', b""),
        ONE,
    ),
    "the report is base64": (
        report("GROUP").replace(
            b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nGROUP",
            b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
            + base64.encodebytes(group("anna@reader.example", UNKNOWN).encode()),
        ),
        ONE,
    ),
    "passed on inside another mail": (
        b"From: Postmaster <postmaster@relay.example>\nContent-Type: multipart/mixed; boundary=o\n\n"
        b"--o\nContent-Type: message/rfc822\n\n" + report(group("anna@reader.example", UNKNOWN)) + b"\n--o\n\n-- \nConfidential\n--o--\n",
        ONE,
    ),
    "forwarded with marks of quotation": (
        words(
            "See below.\n\nBegin forwarded message:\n\n"
            + "".join(
                f"> {line}\n"
                for line in f"From: MAILER-DAEMON@b.example\nSubject: Returned mail\n\nFailed:\n<anna@reader.example>\n   (reason: {UNKNOWN})".split("\n")
            ),
            sender="Ben <ben@reader.example>",
            subject="Fwd: Returned mail: see transcript for details",
        ),
        ONE,
    ),
    "qmail": (
        words(
            "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to "
            "the following addresses.\n\n<anna@reader.example>:\n192.0.2.1 does not like recipient.\nRemote host "
            f"said: {UNKNOWN}\nGiving up on 192.0.2.1.\n\n<ben@reader.example>:\nSorry, I couldn't find any host named "
            f"reader.example. (#5.1.2)\n\n--- Below this line is a copy of the message.\n\n{COPY}"
        ),
        [*ONE, ("ben@reader.example", "host-unknown", True)],
    ),
    "Exim": (
        b"X-Failed-Recipients: anna@reader.example\n"
        + words(
            "A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent "
            "error. The following address(es) failed:\n\n  anna@reader.example\n    host mx.reader.example "
            f"[192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<anna@reader.example>:\n    {UNKNOWN}\n"
            f"\n------ This is a copy of the message, including all the headers. ------\n\n{COPY}"
        ),
        ONE,
    ),
    "our sender is what Exim's server refuses": (
        words(
            "The following address(es) failed:\n\n  anna@reader.example\n    SMTP error from remote mail server after "
            "MAIL FROM:<bounces@news.example>:\n    550 5.1.1 no such user"
        ),
        [("anna@reader.example", "policy", False)],
    ),
    "Exchange of old, as HTML": (
        b"From: System Administrator <postmaster@b.example>\nSubject: Undeliverable: Daily\nContent-Type: text/html\n\n"
        b"<p>Your message<br>&nbsp; To:&nbsp; list@news.example<br>did not reach the following recipient(s):<br>"
        b"anna@reader.example on Thu, 11 Jul 2002<br>The recipient name is not recognized</p>",
        ONE,
    ),
    "a yet waiting one": (
        words("Your message to anna@reader.example has not yet been delivered: no such user", subject="Warning: delayed"),
        [("anna@reader.example", "user-unknown", False)],
    ),
    "Chinese, in GB 18030": (
        (
            b"From: postmaster@mail.example\nSubject: =?gb18030?B?z7XNs83L0MU=?=\n"
            b"Content-Type: text/plain; charset=gb18030\n\n"
            + "您的邮件无法投递到以下收件人：\nanna@reader.example\n原因：550 该用户不存在\n".encode("gb18030")
        ),
        ONE,
    ),
    "German": (
        words(
            "Die folgende Adresse ist fehlgeschlagen:\n\nanna@reader.example:\n550 5.1.1 Empfängeradresse unbekannt",
            subject="Unzustellbar: Daily",
        ),
        ONE,
    ),
    "Japanese": (
        words("以下のメールアドレスへの送信に失敗しました。\nanna@reader.example\n宛先のアドレスが存在しません", subject="エラー"),
        ONE,
    ),
    "nobody named but in the copy": (
        words(f"Message could not be delivered: no such user\n\n--- Original message ---\n{COPY}"),
        ONE,
    ),
    "a notification of SES, folded by mail": (
        b'From: no-reply@sns.example\n\n{"Type":"Notification","Message":"{\\"notificationType\\":\\"Bounce\\",\\"bounce\\":'
        b'{\\"bounceType\\":\\"Permanent\\",\\"bouncedRecipients\\":\n [{\\"emailAddress\\":\\"anna@reader.example\\",'
        b'\\"status\\":\\"5.1.1\\",\\"diagnosticCode\\":\\"smtp; 550 5.1.1 user unknown\\"}]}}"}\n',
        ONE,
    ),
}  # fmt: skip


def complaint(kind: str = "abuse", recipient: str = "Original-Rcpt-To: anna@reader.example\n") -> bytes:
    """Write an RFC 5965 report."""
    return (
        f"From: fbl@provider.example\nTo: {OURS}\nSubject: Email Feedback Report\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nAbuse.\n"
        f"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nVersion: 1\n{recipient}"
        f"--b\nContent-Type: message/rfc822\n\n{COPY}\n--b--\n"
    ).encode()


OTHERS: dict[str, tuple[bytes, str]] = {
    "complaint": (complaint(), "complaint"),
    "complaint of Hotmail": (
        b"From: staff@hotmail.example\nSubject: complaint about message from 192.0.2.1\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
        b"X-HmXmrOriginalRecipient: anna@reader.example\nTo: undisclosed@reader.example\n\nHello\n--b--\n",
        "complaint",
    ),
    "a report that it was no spam": (complaint("not-spam"), "other"),
    "unsubscribe": (words("", sender="anna@reader.example", subject="unsubscribe"), "unsubscribe"),
    "unsubscribe by Apple": (
        b"Auto-Submitted: auto-replied\nX-Apple-Unsubscribe: true\n" + words("x", sender="a@b.example", subject="x"),
        "unsubscribe",
    ),
    "unsubscribe in the text": (words("Please unsubscribe me", sender="a@b.example", subject=""), "unsubscribe"),
    "unsubscribe in Chinese": (words("", sender="a@b.example", subject="退订"), "unsubscribe"),
    "out of office": (
        words("I am away.", sender="anna@reader.example", subject="Out of office: Daily"),
        "auto-reply",
    ),
    "RFC 3834": (
        b"Auto-Submitted: auto-replied (vacation)\n" + words("Back on Monday", sender="a@b.example", subject="Re: Daily"),
        "auto-reply",
    ),
    "away, with an empty sender": (
        b"Return-Path: <>\nX-Autoreply: yes\n" + words("Away until Monday", sender="a@b.example", subject="Away"),
        "auto-reply",
    ),
    "away in Chinese": (words("您好", sender="a@b.example", subject="自动回复：日报"), "auto-reply"),
    "away in German": (words("Guten Tag", sender="a@b.example", subject="Abwesenheitsnotiz"), "auto-reply"),
    "a person's answer": (words("Thanks, nice!", sender="a@b.example", subject="Re: Daily"), "other"),
    "about the word": (
        words("How do I unsubscribe my cat from food?", sender="a@b.example", subject="A question"),
        "other",
    ),
    "nothing": (b"", "other"),
    "not a mail": (bytes(range(256)), "other"),
}  # fmt: skip

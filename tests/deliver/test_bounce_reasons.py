"""The table of reasons: what servers say, in many tongues, and what it must be taken for."""

from __future__ import annotations

import re

import pytest
from budget import cpu_budget
from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.deliver.bounce.judge import MAX_SAID, judged
from syndicator.deliver.bounce.phrases import PHRASES
from syndicator.deliver.bounce.reasons import BY_NAME, BY_STATUS, REASONS

SAID = {
    "user-unknown": [
        "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in virtual mailbox table",
        "550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking",
        "550 5.1.1 <a@b.example>: Email address could not be found, or was misspelled (G8)",
        "553 5.3.0 <a@b.example>... Addressee unknown, relay=[192.0.2.1]",
        "550 No such user here",
        "550 No such user (a)",
        "550 Mailbox not found. http://service.mail.example/cgi-bin/help",
        "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)",
        "550 #5.1.0 Address rejected.",
        "550 5.4.1 <a@b.example>: Recipient address rejected: Access denied",
        "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient a@b.example not found by SMTP address lookup",
        "554 delivery error: dd This user doesn't have a b.example account (a@b.example) [0] - mta4001",
        "550 5.1.1 unknown or illegal alias: a@b.example",
        "550 Invalid recipient a@b.example (#5.1.1)",
        "550 5.1.1 User does not exist: a@b.example",
        "550 5.1.1 Mailbox does not exist!",
        "550 5.1.1 a is not a valid mailbox",
        "550 5.1.1 Unknown Local-Part b in <a@b.example>",
        "550 5.7.0 User not found: a",
        "550 <a@b.example> is not a known user",
        "550 5.1.1 no such recipient",
        "550 No such mailbox",
        "550 5.1.1 The recipient's e-mail address was not found in the recipient's e-mail system",
        "550 That address does not exist here",
        "User a (a@b.example) not listed in Domino Directory",
        "550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient.",
        "550 5.1.1 Empfängeradresse unbekannt",
        "550 Benutzer unbekannt",
        "550 5.1.1 El usuario no existe",
        "550 Utente sconosciuto",
        "550 Пользователь не найден",
        "550 User not exist 收件人不存在",
        "550 该用户不存在",
        "550 5.1.1 宛先のメールアドレスが存在しません",
        "5.1.0 - Unknown address error 550-'Invalid recipient'",
        "550 Unknown user: a@b.example",
        "550 5.1.1 Recipient unknown",
        "550 5.1.3 bad address syntax",
        "The recipient name is not recognized MSEXCH:IMS:SITE:X 0 (000C05A6) Unknown Recipient",
        "550 unknown user",
        "no such user",
        "550 no mailbox by that name is currently available",
        "551 5.1.1 sorry, this recipient is not in my validrcptto list",
        "553 sorry, this recipient is not in my rcpthosts or user does not exist",
        "550 5.1.1 Not our Customer",
        "550 5.1.1 Address unknown",
        "550 a@b.example unknown user account",
        "450 4.1.1 <a@b.example>: Recipient address rejected: User unknown in local recipient table",
        "550 5.0.0 Can't find recipient",
        "550 #5.1.1 Bad destination email address",
        "550 5.1.1 There is no one at this address",
        "550 non existent user",
        "The user you are trying to contact does not exist",
        "address not present in directory",
        "550 No existe este usuario",
    ],
    "host-unknown": [
        "Host or domain name not found. Name service error for name=b.example type=MX: Host not found",
        "550 5.1.2 <a@b.example>... Host unknown (Name server: b.example: host not found)",
        "Sorry, I couldn't find any host named b.example. (#5.1.2)",
        "Unrouteable address",
        "No such domain.",
        "all relevant MX records point to non-existent hosts",
        "DNS lookup failure: host b.example not found",
        "550 5.4.310 DNS domain b.example does not exist",
        "550 Domain name not found",
        "The domain b.example does not exist",
        "unknown host",
        "Bad destination host 'DNS Hard Error looking up b.example (MX): NXDomain'",
    ],
    "moved": [
        "550 5.1.6 recipient no longer on server: a@b.example",
        "551 5.1.6 The recipient has moved, try <c@d.example>",
        "550 This person is no longer with us",
        "550 The account is no longer in use",
    ],
    "not-accepting": [
        "an MX or SRV record indicated no SMTP service",
        "Domain b.example does not accept mail (nullMX)",
        "550 Host does not accept mail",
        "No mx record found for domain=b.example",
        "521 5.3.2 System not accepting network messages",
        "556 5.1.10 Recipient address has null MX",
        "550 host does not receive mail",
    ],
    "mailbox-full": [
        "550 5.2.2 <a@b.example>... Mailbox Full",
        "552-5.2.2 The email account that you tried to reach is over quota",
        "452 4.2.2 The recipient's inbox is out of storage space",
        "5.1.0 - Unknown address error 550-'5.2.2 <a@b.example>... Mailbox Full'",
        "552 Quota exceeded (mailbox for user is full)",
        "552 RCPT TO:<a@b.example> Mailbox disk quota exceeded",
        "User mailbox exceeds allowed size: a@b.example",
        "Sorry, your message cannot be delivered. This account is over quota.",
        "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException",
        "422 the recipient's mailbox is over its storage limit",
        "550 Mailbox is full / Blocks limit exceeded / Inode limit exceeded",
        "552 收件人邮箱已满",
        "550 5.2.2 User has exceeded mailbox quota",
        "452 Insufficient disk space; try again later",
        "As their mailbox is full.",
        "the user is over the quota",
        "maildir has overdrawn his diskspace quota",
        "552 5.2.2 Postfach voll",
    ],
    "disabled": [
        "550-5.2.1 The email account that you tried to reach is disabled.",
        "550 5.2.1 The email account that you tried to reach is inactive.",
        "554 30 Sorry, your message cannot be delivered. This mailbox is disabled (554.30).",
        "525 5.7.13 <a@b.example>: Recipient address rejected: User account disabled",
        "550 Mailbox is frozen. See http://mail.example/err/3/",
        "550 5.2.1 Account suspended",
        "550 user account is locked",
        "550 账号已停用",
        "550 a@b.example: account expired",
        "The account has been deleted",
    ],
    "auth": [
        "550-5.7.26 Unauthenticated email from b.example is not accepted due to domain's DMARC policy",
        "550 5.7.1 192.0.2.2 is not allowed to send from <b.example> per it's SPF Record",
        "554 5.7.5 permanent error evaluating DMARC policy",
        "550 5.7.1 DKIM verification failed, user unknown",
        "550 5.7.515 Access denied, sending domain B.EXAMPLE doesn't meet the required authentication level",
        "550 5.7.23 The message was rejected because of Sender Policy Framework violation",
        "421-4.7.26 This mail has been rate limited because it is unauthenticated. SPF did not pass",
    ],
    "ptr": [
        "554 5.7.1 [C14] Missing reverse DNS for 192.0.2.2",
        "550-5.7.25 The IP address sending this message does not have a PTR record setup",
        "450 4.7.1 Client host rejected: cannot find your hostname, [192.0.2.2]",
        "450 4.7.25 Client host rejected: cannot find your reverse hostname, [192.0.2.2]",
    ],
    "reputation": [
        "554 5.7.1 Service unavailable; Client host [192.0.2.2] blocked using zen.spamhaus.org",
        "550 5.7.606 Access denied, banned sending IP [192.0.2.2]",
        "550 5.7.1 Unfortunately, messages from [192.0.2.2] weren't sent. You are on our block list (S3140)",
        "421 HL:REP 163 smtp8, please see http://mail.163.example/help",
        "550 Suspected bounce attacks, please check http://service.example; connection denied",
        "553 http://www.spamhaus.org/query/bl?ip=192.0.2.222",
        "421 4.7.0 [TSS04] Messages from 192.0.2.2 temporarily deferred due to user complaints",
        "550 5.7.1 IP address blacklisted by recipient",
        "554 IP is rejected, smtp auth error limit exceed",
        "550 5.1.1 User unknown; your IP is on a blacklist",
    ],
    "rate": [
        "450-4.2.1 The user you are trying to contact is receiving mail at a rate that prevents",
        "421-4.7.28 Our system has detected an unusual rate of unsolicited mail",
        "550 Domain frequency limited. http://service.mail.example",
        "454 Throttling failure: Maximum sending rate exceeded.",
        "452 4.5.3 Too many recipients",
        "421 4.7.0 [TSS04] Messages temporarily deferred due to unexpected volume",
        "550 5.7.1 Daily sending quota exceeded: messages per hour limit",
    ],
    "connections": [
        "421 4.7.0 too many concurrent SMTP connections; please try again later.",
        "421 Too many connections from your IP",
        "452 4.3.2 Connection rate limit exceeded.",
    ],
    "tls": ["530 5.7.0 Must issue a STARTTLS command first", "550 5.7.10 Encryption required"],
    "spam": [
        "550 5.7.1 message content rejected",
        "554 5.7.1 This message was identified as SPAM",
        "550-REJECTED - Blacklisted URL in message.",
        "554 DT:SPM 163 smtp2, please see http://mail.163.example/help/help_spam_16.htm",
        "550 Mail content denied. http://service.mail.example/cgi-bin/help?id=20022",
        "550 5.7.350 Remote server returned message detected as spam",
        "550 High probability of spam",
        "554 Your message looks like SPAM to me",
        "550 该邮件被判定为垃圾邮件",
    ],
    "content": [
        "550 Virus Detected; Content Rejected",
        "550-5.7.1 This message is not RFC 5322 compliant. There are multiple Subject headers",
        "552-5.7.0 This message was blocked because its attachment type is not allowed: blocked attachment",
    ],
    "policy": [
        "553 5.1.8 <a@c.example>... Domain of sender address does not exist",
        "550 5.7.1 Unable to relay for a@b.example",
        "554 5.7.1 <a@b.example>: Relay access denied",
        "550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy",
        "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required",
        "554 5.7.9 Message not accepted for policy reasons.",
        "550 5.7.1 Sender address rejected: not logged in",
        "550 Verification failed for <a@c.example> Sender verify failed",
        "553 Requested action not taken: NULL sender is not allowed",
        "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required",
        "Connected to 192.0.2.112 but my name was rejected. Remote host said: 501 5.0.0 Invalid domain name",
        "550 5.7.1 Closed mailing list: you are not a member",
        "550 Administrative prohibition",
        "550 your domain does not exist",
        "550 cannot find your domain",
        "550 unable to verify sender: user unknown",
        "550 invalid HELO name, host not found",
        "550 client host unknown",
        "501 invalid address syntax in MAIL FROM",
        "550 Message contains invalid address in header",
    ],
    "too-large": [
        "552 5.3.4 Message size exceeds fixed limit",
        "552 5.2.3 Message length exceeds limit set by recipient",
        "This mail message has exceeded the maximum incoming message size.",
        "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient",
    ],
    "expired": [
        "retry timeout exceeded",
        "554 4.4.7 Message expired: unable to deliver in 840 minutes.<421 4.4.2 Connection timed out>",
        "Delivery time expired",
        "Envelope expired",
    ],
    "network": [
        "connect to mx.b.example[192.0.2.1]:25: Connection timed out",
        "lost connection with mx.b.example[192.0.2.1] while performing the HELO handshake",
        "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)",
        "No route to host",
    ],
    "loop": ["554 5.4.6 Too many hops 26 (25 max)", "mail for b.example loops back to myself"],
    "greylisted": ["450 4.2.0 <a@b.example>: Recipient rejected: Greylisted", "451 try again in 300 s"],
    "system": [
        "554 5.3.0 unknown mailer error 255",
        "451 4.3.0 Internal server error",
        "421 Service temporarily unavailable",
        "procmail: Couldn't create mailbox: No such user",
        "Command died with status 1",
        "451 4.3.5 Server configuration problem",
    ],
    "filtered": [
        "550 : User unknown",
        "550 Requested action not taken: mailbox unavailable",
        "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)",
        "550 Unknown user a@b.example (in reply to end of DATA command)",
        "550 you have been blocked by the recipient",
    ],
    "refused": ["550 no", "554 5.0.0 rejected"],
    "unknown": ["", "450 later", "250 fine"],
}  # fmt: skip
CASES = [(reason, said) for reason, listed in SAID.items() for said in listed]
OURS = [said for reason, said in CASES if reason in BY_NAME and BY_NAME[reason].verdict == "ours"]


@pytest.mark.parametrize(("reason", "said"), CASES)
def test_what_servers_say(reason: str, said: str) -> None:
    found = judged(said)
    assert found.reason == reason
    assert (found.verdict, found.hard) == (BY_NAME[reason].verdict, BY_NAME[reason].hard)


@pytest.mark.parametrize("said", OURS)
def test_a_refusal_of_us_is_never_hard(said: str) -> None:
    """Not even where the report around it calls the address unknown, as Sendmail does of any 550."""
    for status in ("", "5.1.1", "5.1.2", "5.0.0"):
        for more in ("", "550 5.1.1 <a@b.example>... User unknown"):
            found = judged(said, status=status, more=more)
            assert (found.verdict, found.hard) == ("ours", False)


def test_what_is_not_final_is_not_hard() -> None:
    for reason, said in CASES:
        assert not judged(said, final=False).hard, reason


@pytest.mark.parametrize(
    ("said", "status", "status_of_report", "reply_code"),
    [
        ("550 5.7.1 blocked", "5.7.1", "5.1.1", "550"),  # the words are nearer
        ("550 5.0.0 no such user", "5.1.1", "5.1.1", "550"),  # and the report where they are vague
        ("no such user", "5.1.1", "5.1.1", ""),
        ("host mx.example[192.0.2.5] said: 450 4.2.2 full", "4.2.2", "", "450"),
        ("no such user at 192.0.2.550", "", "", ""),
        ("version 5.1.1.2 of a mailer", "", "", ""),
    ],
)
def test_codes(said: str, status: str, status_of_report: str, reply_code: str) -> None:
    found = judged(said, status=status_of_report)
    assert (found.status, found.reply_code) == (status, reply_code)


def test_the_table_is_whole() -> None:
    assert set(PHRASES) == {each.name for each in REASONS}
    assert not [each.name for each in REASONS if each.hard and each.verdict != "dead"]
    assert all(re.fullmatch(r"\d\.\d{1,3}", status) for status in BY_STATUS)
    assert sum(len(each.statuses.split()) for each in REASONS) == len(BY_STATUS), "one reason a code"
    first_dead = next(number for number, each in enumerate(REASONS) if each.hard)
    assert all(each.verdict != "ours" for each in REASONS[first_dead:]), "what is ours is asked first"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_any_words(said: str) -> None:
    found = judged(said)
    assert not (found.hard and found.verdict != "dead")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(sorted({word for _, said in CASES for word in said.split()})), max_size=800))
def test_long_words_cost_little(listed: list[str]) -> None:
    with cpu_budget():
        judged((" ".join(listed) * 3)[: 2 * MAX_SAID])

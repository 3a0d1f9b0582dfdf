"""Answers as servers give them: who is dead, and who only refuses us."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.deliver.refusal import suppression

DEAD = [
    (550, "5.1.1 User unknown", "user-unknown"),
    (
        550,
        "5.1.1 <anna@example.net>: Recipient address rejected: User unknown in virtual alias table",
        "user-unknown",
    ),
    (550, "5.1.1 User unknown in relay recipient table", "user-unknown"),
    (550, "5.1.1 User not listed in the directory", "user-unknown"),
    (554, "5.1.1 no valid recipients", "user-unknown"),
    (
        550,
        "5.1.1 That account does not exist. Check it\n5.1.1 https://mail.example/?p=NoSuchUser&policy=1",
        "user-unknown",
    ),
    (550, "5.1.1 <spam@policy.example> is unknown here", "user-unknown"),  # an address is nobody's verdict
    (550, "5.1.2 Host unknown", "host-unknown"),
    (501, "5.1.3 Bad recipient address syntax", "user-unknown"),
    (551, "5.1.6 Mailbox has moved", "moved"),
    (556, "5.1.10 Recipient address has null MX", "not-accepting"),
    (554, "User unknown", "user-unknown"),
    (550, "5.7.1 User unknown", "user-unknown"),  # words are surer than codes
    (550, "5.4.1 Recipient address rejected: Access denied", "user-unknown"),  # as Exchange Online says it
    (521, "Server does not accept mail", "not-accepting"),
    (550, "User unknown", "user-unknown"),
    (550, "No such user here", "user-unknown"),
    (550, "no such mailbox", "user-unknown"),
    (550, "Mailbox not found", "user-unknown"),
    (550, "Invalid recipient", "user-unknown"),
    (550, "Unknown local user", "user-unknown"),
    (550, "<anna@example.net>: user does not exist", "user-unknown"),
    (550, "user <anna@example.net> does not exist", "user-unknown"),
    (550, "account doesn't exist", "user-unknown"),
    (550, "No mailbox here by that name", "user-unknown"),
    (550, "5.0.0 This user doesn't have an example.com account", "user-unknown"),
    (550, "5.1.0 Address rejected: no such user", "user-unknown"),
]

NOT_DEAD = [
    # refusals of us
    (550, "5.7.1 Relaying denied"),
    (550, "5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy"),
    (550, "5.7.27 SPF"),
    (550, "5.7.515 Access denied, the sending domain does not meet the required authentication level"),
    (550, "5.1.1 rejected because of spam"),
    (550, "5.1.1 Access denied"),
    (550, "5.1.1 Sender rejected"),
    (550, "5.1.8 Bad sender's system address"),
    (550, "5.1.7 Bad sender's mailbox address"),
    (550, "5.2.1 The user is receiving mail at a rate that prevents more messages"),
    (550, "Blocked, see https://list.example/?ip=192.0.2.1"),
    (550, "Your IP is blacklisted, no such user"),
    (550, "no reverse DNS (PTR) for 192.0.2.1"),
    (550, "relay not permitted"),
    (550, "authentication required"),
    (550, "too many recipients"),
    (550, "Message rejected"),
    (550, "Requested action not taken: mailbox unavailable"),
    (550, ""),
    (553, "sorry, that domain isn't in my list of allowed rcpthosts"),
    (552, "5.2.2 Mailbox full"),
    (552, "5.3.4 Message too big"),
    (550, "5.1.4 Ambiguous address"),
    (550, "5.4.4 Unable to route"),
    (550, "5.6.1 Content not supported"),
    (550, "5.2.1 The account that you tried to reach is disabled"),  # it may come back
    # not for ever
    (450, "4.1.1 User unknown"),
    (450, "5.1.1 User unknown"),
    (451, "User unknown"),
    (421, "5.1.1 closing"),
    (550, "4.1.1 User unknown"),
    (250, "5.1.1 User unknown"),
    (0, "5.1.1 User unknown"),
]


def test_servers_disagree_enough() -> None:
    assert len(DEAD) + len(NOT_DEAD) >= 50


@pytest.mark.parametrize(("code", "reply", "reason"), DEAD)
def test_dead(code: int, reply: str, reason: str) -> None:
    assert suppression(code, reply) == reason


@pytest.mark.parametrize(("code", "reply"), NOT_DEAD)
def test_not_dead(code: int, reply: str) -> None:
    assert suppression(code, reply) == ""


@given(st.sampled_from(DEAD), st.sampled_from(["spam", "Blocked", "policy", "rate limited", "SPF"]))
def test_a_word_against_us_spares_the_address(answer: tuple[int, str, str], word: str) -> None:
    code, reply, _ = answer
    assert suppression(code, f"{reply}, {word}") == ""


@given(st.integers(0, 999), st.text())
def test_any_answer_is_read(code: int, reply: str) -> None:
    assert suppression(code, reply) == "" or 500 <= code <= 599

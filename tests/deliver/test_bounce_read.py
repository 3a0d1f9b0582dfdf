"""Mails that came back, of every kind and however broken: what they are and whom they are about."""

from __future__ import annotations

from random import Random

import pytest
import returned
from budget import cpu_budget
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syndicator.deliver.bounce import MAX_BYTES, mime, read
from syndicator.deliver.bounce.status import MAX_RECIPIENTS

EVERYTHING = [each[0] for each in (*returned.BOUNCES.values(), *returned.OTHERS.values())]


@pytest.mark.parametrize("name", returned.BOUNCES)
def test_bounces(name: str) -> None:
    raw, people = returned.BOUNCES[name]
    found = read(raw)
    assert found.kind == "bounce"
    told = [(each.address, each.refusal.reason, each.refusal.hard) for each in found.recipients]
    assert told == people


@pytest.mark.parametrize("name", returned.OTHERS)
def test_what_is_no_bounce(name: str) -> None:
    raw, kind = returned.OTHERS[name]
    assert read(raw).kind == kind


def test_line_ends_make_no_difference() -> None:
    for raw in EVERYTHING:
        assert read(raw.replace(b"\n", b"\r\n")) == read(raw)


def test_who_complains() -> None:
    (one,) = read(returned.complaint()).recipients
    assert (one.address, one.refusal.reason, one.refusal.hard) == ("anna@reader.example", "complaint", False)
    (enclosed,) = read(returned.complaint(recipient="")).recipients
    assert enclosed.address == "anna@reader.example", "from the mail that it encloses"
    redacted = read(returned.complaint(recipient="Original-Rcpt-To: redacted@reader.example\n"))
    assert redacted.recipients[0].address == "anna@reader.example"
    signing = read(returned.complaint("auth-failure"))
    assert (signing.kind, signing.recipients[0].refusal.verdict) == ("complaint", "ours")


def test_where_our_tokens_are() -> None:
    raw = returned.report(
        returned.group("anna@reader.example", returned.UNKNOWN),
        copy="Return-Path: <bounces+abc@news.example>\n"
        "List-Unsubscribe: <https://n.example/u/t>,\n <mailto:u@n.example>\n\n",
    )
    found = read(b"Delivered-To: bounces+abc@news.example\n" + raw)
    assert found.sent_to[0] == "bounces+abc@news.example"
    assert found.clues == ("<bounces+abc@news.example>", "<https://n.example/u/t>, <mailto:u@n.example>")
    in_text = read(
        returned.words(
            f"<anna@reader.example>:\nno such user\n--- Below this line is a copy\n\n{returned.COPY}"
        )
    )
    assert in_text.clues == ("<bounces+tok@news.example>",)


HOSTILE = {
    "nested multiparts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(9_000)
    ),
    "nested mails": b"Content-Type: message/rfc822\n\n" * 30_000,
    "parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx@y.example\n" * 60_000,
    "fields": b"A: b\n" * 200_000,
    "a long field": b"To: " + b"a@b.example, " * 100_000 + b"\n\n",
    "a folded field": b"To: a\n" + b" b\n" * 300_000,
    "recipients": returned.report("".join(returned.group(f"a{n}@b.example", "550 no") for n in range(9_000))),
    "recipients in words": returned.words("".join(f"<a{n}@b.example>:\nno user\n" for n in range(9_000))),
    "no blanks": returned.words("<a@b.example>: " + "mailbox" * 200_000),
    "blanks": returned.words("<a@b.example>:" + " " * 1_500_000 + "full"),
    "a word again and again": returned.words("<a@b.example>: " + "user " * 300_000),
    "brackets": returned.words("<a@b.example>: " + "<" * 1_500_000),
    "at signs": returned.words("<a@b.example>: " + "@" * 1_500_000),
    "links": returned.words("<a@b.example>: " + "https://" * 200_000),
    "dots": returned.words("<a@b.example>: " + "5.1." * 400_000),
    "tags": b"From: MAILER-DAEMON\nContent-Type: text/html\n\n" + b"<style>" * 200_000,
    "open tags": b"From: MAILER-DAEMON\nContent-Type: text/html\n\n" + b"<a " * 500_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\n\n",
    "JSON": b"\n" + b'{"a":' * 30_000 + b"}",
    "too large": b"From: MAILER-DAEMON\n\n" + b"x" * (MAX_BYTES + 1_000_000),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mails_cost_little(name: str) -> None:
    with cpu_budget(0):
        found = read(HOSTILE[name])
    assert len(found.recipients) <= MAX_RECIPIENTS
    assert len(found.sent_to) <= 300
    assert len(found.clues) <= 20
    assert sum(1 for _ in mime.parse(HOSTILE[name]).walk()) <= mime.MAX_PARTS


def test_charsets_that_are_none_of_mail_are_not_used() -> None:
    raw = "From: MAILER-DAEMON\nContent-Type: text/plain; charset={}\n\n<a@b.example>: no such user\n"
    for charset in ("unicode_escape", "punycode", "idna", "zlib", "rot13", "utf-7", "x" * 500, "\x00"):
        (one,) = read(raw.format(charset).encode()).recipients
        assert one.refusal.reason == "user-unknown"


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(EVERYTHING), st.sampled_from(EVERYTHING), st.integers(0, 2**32).map(Random))
def test_mutilated_mails(one: bytes, other: bytes, random: Random) -> None:
    """Cut, doubled, mixed and with octets changed: something is said of it, and in bounds."""
    raw = bytearray(one)
    for _ in range(random.randrange(1, 6)):
        place = random.randrange(len(raw) + 1)
        until = min(len(raw), place + random.randrange(200))
        match random.randrange(4):
            case 0:
                del raw[place:until]
            case 1:
                raw[place:place] = raw[place:until] * 3
            case 2:
                raw[place:until] = other[place:until]
            case _:
                raw[place:place] = random.choice(
                    [b"\n", b"\r", b"\n\n", b"--b/1", b"=", b"\xff\xfe", b"<", b"\x00"]
                )
    found = read(bytes(raw))
    assert found.kind in ("bounce", "complaint", "unsubscribe", "auto-reply", "other")
    for each in found.recipients:
        assert "\n" not in each.address
        assert not (each.refusal.verdict == "ours" and each.refusal.hard)
        assert not (each.refusal.hard and not each.refusal.final)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3_000))
def test_any_octets(raw: bytes) -> None:
    read(raw)

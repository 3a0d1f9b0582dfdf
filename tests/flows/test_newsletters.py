"""From mails to feeds: by a Maildir, by LMTP to the daemon; and what must never be an article."""

from __future__ import annotations

import json
import smtplib
from email.utils import getaddresses
from html import escape
from typing import TYPE_CHECKING

import feedparser
import pytest
from letters import FIELDS, HOME, STORY, SUBSCRIBER, TOP, letter
from program import free_port

from syndicator.model import Source
from syndicator.pipeline.reading import may_publish

if TYPE_CHECKING:
    from pathlib import Path

    from program import Program

TO_CONFIRM = f"{HOME}/c?token=1&email=a%40b.example"
CONFIRM = f'<p>Please confirm your subscription.</p><p><a href="{escape(TO_CONFIRM)}">Confirm</a></p>'


def subscribe(program: Program, url: str, **more: object) -> None:
    source = {"name": "weekly", "kind": "newsletter", "url": url, **more}
    path = program.config / "sources" / "letters.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"sources": [source]}), encoding="utf-8")
    program.topic("rivers", title="Rivers", any=["rivers"])


def post(box: Path, *mails: bytes) -> None:
    for place in ("tmp", "new", "cur"):
        (box / place).mkdir(parents=True, exist_ok=True)
    for number, mail in enumerate(mails):
        (box / "new" / f"{len(list((box / 'cur').iterdir()))}.{number}.test").write_bytes(mail)


def entries(body: bytes) -> list[tuple[str, str]]:
    return [(entry.title, entry.link) for entry in feedparser.parse(body).entries]


def feed(program: Program) -> bytes:
    return program.run("feed", "rivers", "--format", "rss").stdout.encode()


@pytest.mark.parametrize(
    ("sender", "senders", "may"),
    [
        ("ed@paper.example", (), True),
        ("ed@paper.example", ("ed@paper.example",), True),
        ("ed@paper.example", ("paper.example",), True),
        ("ed@mail.paper.example", ("paper.example",), True),
        ("ed@notpaper.example", ("paper.example",), False),
        ("paper.example@evil.example", ("paper.example",), False),
        ("bo@paper.example", ("ed@paper.example", "letters.example"), False),
        ("", ("paper.example",), False),
    ],
)
def test_who_may_publish(sender: str, senders: tuple[str, ...], may: bool) -> None:
    assert may_publish(Source(name="a", url="maildir:a", senders=senders), sender) is may


def test_mail_of_strangers_is_told_and_not_published(program: Program) -> None:
    box = program.config / "box"
    stranger = letter(Subject="Rivers of gold", From="spam@evil.example", Message_ID="<s@evil.example>")
    post(box, letter(), stranger)
    (sender,) = getaddresses([FIELDS["From"]])
    subscribe(program, "maildir:box", senders=[sender[1].upper()])
    assert program.once()["articles"] == 1
    assert "mail of a stranger, not published: spam@evil.example" in program.run("status", "--json").stdout


def test_a_maildir(embedded: Program) -> None:
    box = embedded.config / "box"
    ours = letter(Subject="Rivers of ours", From="News <desk@desk.example>", Message_ID="<o@desk.example>")
    post(
        box, letter(), letter(CONFIRM, Subject="Confirm your subscription", Message_ID="<c@x.example>"), ours
    )
    subscribe(embedded, "maildir:box")
    assert embedded.once()["articles"] == 1
    assert entries(feed(embedded)) == [("Rivers rise", f"{HOME}/issues/7")]
    assert SUBSCRIBER.encode() not in feed(embedded)
    assert b">The Weekly Letter</source>" in feed(embedded)
    assert not list((box / "new").iterdir())
    assert len(list((box / "cur").glob("*:2,S"))) == 3
    said = (
        embedded.run("status", "--json").stdout + embedded.run("sources", "show", "weekly", "--json").stdout
    )
    assert said.count(TO_CONFIRM) == 2
    assert "our own digests" in said

    post(box, letter())  # the same mail once more: the same article
    assert embedded.once("2099-01-01T00:00:00+00:00")["articles"] == 0
    assert len(entries(feed(embedded))) == 1


def test_issues_that_share_an_address_are_two(program: Program) -> None:
    latest = TOP.replace("/issues/7", "/latest")
    one, two = (
        letter(latest + STORY, Subject=f"Rivers {n}", Message_ID=f"<{n}@letter.example>") for n in "ab"
    )
    post(program.config / "box", one)
    subscribe(program, "maildir:box")
    program.once()
    post(program.config / "box", two)
    program.once("2099-01-01T00:00:00+00:00")
    assert sorted(title for title, _ in entries(feed(program))) == ["Rivers a", "Rivers b"]


def test_one_article_for_each_link(program: Program) -> None:
    items = "".join(
        f'<h3><a href="https://n.example/{n}">Rivers in the land of {n}</a></h3><p>What is known so far.</p>'
        for n in ("Oz", "Nod")
    )
    post(program.config / "box", letter(TOP + items))
    subscribe(program, "maildir:box", articles="links")
    program.once()
    assert sorted(entries(feed(program))) == [
        ("Rivers in the land of Nod", "https://n.example/Nod"),
        ("Rivers in the land of Oz", "https://n.example/Oz"),
    ]


def test_mail_that_is_handed_over(program: Program) -> None:
    port = free_port()
    program.configure(inbound={"lmtp": f"127.0.0.1:{port}"})
    subscribe(program, f"lmtp:{SUBSCRIBER}", every={"min": "1h", "max": "2h"})
    program.start()
    banner = "".join(program.said.readline() for _ in range(4))
    assert f"newsletters arrive at 127.0.0.1:{port} (LMTP)" in banner
    with smtplib.LMTP("127.0.0.1", port) as client:
        client.sendmail("a@letter.example", [SUBSCRIBER], letter())
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("a@letter.example", ["stranger@reader.example"], letter())
    program.until(lambda: entries(program.get("/topics/rivers.rss").body), timeout=60)
    # Long before the hour is over: what arrives is a hint to pull.
    with smtplib.LMTP("127.0.0.1", port) as client:
        second = letter(
            TOP.replace("/7", "/8") + STORY, Subject="Rivers fall", Message_ID="<issue-8@letter.example>"
        )
        client.sendmail("a@letter.example", [SUBSCRIBER], second)
    program.until(lambda: len(entries(program.get("/topics/rivers.rss").body)) == 2, timeout=60)
    program.stop()

"""Mail that came back, taken with real parts on each database: scores, limits, tokens, mailboxes."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from fetch.imap_server import PASSWORD, USER, ImapServer

from syndicator.assembly import assemble
from syndicator.deliver.transport import Outcome
from syndicator.model import Edition
from syndicator.pipeline import returns
from syndicator.pipeline.letters import return_address
from syndicator.post import Post
from syndicator.settings import Fetch, Mail, Returns, Settings
from syndicator.store import deliveries, editions, erase, notices, subscribers
from syndicator.store import returns as rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from syndicator.pipeline.parts import Parts

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FULL, GONE, OURS, OFF = (
    "452 4.2.2 mailbox full",
    "550 5.1.1 user unknown",
    "550 5.7.1 spam",
    "550 5.2.1 account disabled",
)


class Desk:
    """A program with readers who have got an edition; `moment` is its time."""

    parts: Parts

    def __init__(self) -> None:
        self.moment = NOW

    async def bounce(
        self, reader: int, said: str, *, address: str = "", action: str = "failed", n: int = 0
    ) -> bool:
        to = return_address(self.parts, "bounce", reader)
        mail = (
            f"From: MAILER-DAEMON@mx.example\nSubject: Undelivered {n}\n"
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
            f"Final-Recipient: rfc822; {address or f'r{reader}@reader.example'}\n"
            f"Action: {action}\nDiagnostic-Code: smtp; {said}\n"
        )
        return await returns.take(self.parts, mail.encode(), recipient=to)

    async def reason(self, reader: int) -> str:
        address = f"r{reader}@reader.example"
        async with self.parts.store.read() as conn:
            found = await subscribers.suppressed(conn, [address])
        return found[address].reason if found else ""

    async def listed(self) -> list[rows.Kept]:
        async with self.parts.store.read() as conn:
            return await rows.list_newest(conn)

    async def told(self) -> list[str]:
        async with self.parts.store.read() as conn:
            return [each.text for each in await notices.list_open(conn)]


@asynccontextmanager
async def opened(folder: Path, database: str, **keys: object) -> AsyncIterator[Desk]:
    desk = Desk()
    (folder / "config").mkdir(exist_ok=True)
    where = database if database.startswith("postgresql") else "sqlite"
    mail = Mail(returns=replace(Returns(address="bounces@news.example", place="lmtp"), **keys))
    settings = Settings(
        config=folder / "config", root=folder, state=folder / "var", mail=mail,
        fetch=Fetch(allow_private=("127.0.0.0/8",)),
        database=where.replace("postgresql+psycopg", "postgresql"),
    )  # fmt: skip
    settings.state.mkdir(exist_ok=True)
    async with assemble(settings, clock=lambda: desk.moment) as parts:
        desk.parts = parts
        edition = Edition(
            id="e1", slot="daily@07:00@UTC", subject="S", html="<p>", text="t", topics=("ships",),
            language="en", articles=1, created_at=NOW,
        )  # fmt: skip
        async with parts.store.write() as conn:
            await editions.add(conn, 1, edition)
            readers = []
            for number in range(1, 6):
                address = f"r{number}@reader.example"
                id_ = await subscribers.put(conn, address, language="", slot=None, now=NOW)
                await subscribers.subscribe(conn, id_, ["ships", "trade"], state="active", now=NOW)
                readers.append((id_, address))
            await deliveries.plan(conn, "e1", readers, now=NOW)
        yield desk


@pytest.fixture
async def desk(tmp_path: Path, database_url: str) -> AsyncIterator[Desk]:
    async with opened(tmp_path, database_url) as made:
        yield made


async def test_a_dead_address_is_suppressed_at_once_and_a_full_one_in_time(desk: Desk) -> None:
    await desk.bounce(1, GONE)
    assert await desk.reason(1) == "user-unknown"
    for day in range(7):
        desk.moment = NOW + day * DAY
        assert await desk.reason(2) == ""
        await desk.bounce(2, FULL, n=day)
        await desk.bounce(2, FULL, n=100 + day)  # twice in a day is once
    assert await desk.reason(2) == "mailbox-full"
    for day in range(4):
        desk.moment = NOW + day * DAY
        assert await desk.reason(3) == ""
        await desk.bounce(3, OFF, n=day)
    assert await desk.reason(3) == "disabled"


async def test_who_was_erased_is_not_written_down_again(desk: Desk) -> None:
    await desk.bounce(1, GONE)
    async with desk.parts.store.write() as conn:
        gone = await erase.erase(conn, "r1@reader.example", now=NOW)
    assert gone.suppression is not None
    assert await desk.bounce(1, GONE, n=1), "it is taken, so that the mailbox lets go of it"
    assert [row.address for row in await desk.listed()] == [""]


async def test_what_is_rare_is_forgotten(desk: Desk) -> None:
    for month in range(8):
        desk.moment = NOW + month * 30 * DAY
        await desk.bounce(1, OFF, n=month)
    assert await desk.reason(1) == ""


async def test_what_suppresses_nobody(desk: Desk) -> None:
    for day in range(20):
        desk.moment = NOW + day * DAY
        await desk.bounce(1, OURS, n=day)
        await desk.bounce(2, GONE, action="delayed", n=day)
    await desk.bounce(3, GONE, address="elsewhere@forwarded.example")
    assert [await desk.reason(reader) for reader in (1, 2, 3)] == ["", "", ""]
    assert await desk.told() == ["reader.example refuses our mail: spam 5.7.1"], "once, however often"


async def test_the_same_mail_counts_once(desk: Desk) -> None:
    for _ in range(5):
        assert await desk.bounce(1, OFF)
    assert len(await desk.listed()) == 1


async def test_refusals_at_smtp_time_go_the_same_way(desk: Desk) -> None:
    async with desk.parts.store.read() as conn:
        first, second, *_ = await deliveries.list_all(conn)
    for day in range(4):
        desk.moment = NOW + day * DAY
        async with desk.parts.store.write() as conn:
            outcome = Outcome(kind="refused", reply=OFF, code=550)
            await returns.note_refusal(desk.parts, conn, replace(first, attempts=day), outcome)
    async with desk.parts.store.write() as conn:
        dead = Outcome(kind="refused", reply=GONE, code=550, suppress="user-unknown")
        await returns.note_refusal(desk.parts, conn, second, dead)
    assert (await desk.reason(1), await desk.reason(2)) == ("disabled", "user-unknown")
    assert {each.kind for each in await desk.listed()} == {"refusal"}


async def test_a_day_has_limits(tmp_path: Path, database_url: str) -> None:
    async with opened(tmp_path, database_url, suppress_per_day=2, per_day=4) as desk:
        for reader in (1, 2, 3):
            assert await desk.bounce(reader, GONE)
        assert [await desk.reason(reader) for reader in (1, 2, 3)] == ["user-unknown", "user-unknown", ""]
        assert [each.effect for each in await desk.listed()] == ["limit", "suppressed", "suppressed"]
        assert await desk.bounce(4, OURS)
        assert not await desk.bounce(5, GONE), "it is put off"
        assert len(await desk.listed()) == 4
        desk.moment += 2 * DAY
        assert await desk.bounce(5, GONE)
        assert await desk.reason(5) == "user-unknown"
        assert any(text.startswith("more than 2 addresses") for text in await desk.told())


async def test_refusals_at_smtp_time_have_the_same_limit(tmp_path: Path) -> None:
    dead = Outcome(kind="refused", reply=GONE, code=550, suppress="user-unknown")
    async with opened(tmp_path, "sqlite", suppress_per_day=2) as desk:
        async with desk.parts.store.write() as conn:
            for each in (await deliveries.list_all(conn))[:3]:
                await returns.note_refusal(desk.parts, conn, each, dead)
        assert sorted([await desk.reason(reader) for reader in (1, 2, 3)]) == ["", *2 * ["user-unknown"]]
        assert [each.effect for each in await desk.listed()] == ["limit", "suppressed", "suppressed"]
        assert any(text.startswith("more than 2 addresses") for text in await desk.told())


async def test_a_day_counts_what_a_token_vouches_for(tmp_path: Path) -> None:
    async with opened(tmp_path, "sqlite", per_day=1) as desk:
        for number in range(3):
            assert await returns.take(desk.parts, b"Subject: failure notice %d\n\n" % number)
        async with desk.parts.store.write() as conn:
            (first, *_) = await deliveries.list_all(conn)
            refused = Outcome(kind="refused", reply=OFF, code=550)
            await returns.note_refusal(desk.parts, conn, first, refused)
        assert await desk.bounce(1, OFF)
        assert not await desk.bounce(2, OFF)
        assert await returns.take(desk.parts, b"Subject: forged\n\n"), (
            "it changes nothing; no need to come again"
        )


async def test_a_maildir_is_read_and_what_was_taken_is_marked(tmp_path: Path, database_url: str) -> None:
    box = tmp_path / "config" / "back"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    async with opened(tmp_path, database_url, place="maildir:back") as desk:
        to = return_address(desk.parts, "bounce", 1)
        (box / "new" / "1.x").write_text(
            f"Delivered-To: {to}\nFrom: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n"
            f"<r1@reader.example>:\n{GONE}\n"
        )
        (box / "new" / "2.x").write_text("From: a@b.example\nSubject: Hello\n\nWho are you?\n")
        assert await returns.collect(desk.parts) == 2
        assert await desk.reason(1) == "user-unknown"
        assert [(each.kind, each.delivery) for each in await desk.listed()] == [
            ("other", None),
            ("bounce", 1),
        ]
        assert not list((box / "new").iterdir())
        assert await returns.collect(desk.parts) == 0


async def test_what_no_database_keeps_jams_no_mailbox(tmp_path: Path, database_url: str) -> None:
    box = tmp_path / "config" / "back"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    async with opened(tmp_path, database_url, place="maildir:back") as desk:
        for reader, said in ((1, "no \0such\x1b[1m\u202e one"), (2, "nobody")):
            (box / "new" / f"{reader}.x").write_text(
                f"Delivered-To: {return_address(desk.parts, 'bounce', reader)}\n"
                "From: MAILER-DAEMON@mx.example\nSubject: failure\0 notice\n\n"
                f"<r{reader}@reader.example>:\n{GONE} {said}\n"
            )
        assert await returns.collect(desk.parts) == 2
        assert [await desk.reason(1), await desk.reason(2)] == ["user-unknown"] * 2
        kept = await desk.listed()
        assert kept[1].excerpt.endswith("no such[1m one")
        assert await returns.collect(desk.parts) == 0


async def test_a_letter_that_we_stumble_over_jams_nothing(tmp_path: Path) -> None:
    box = tmp_path / "config" / "back"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    mails = [f"From: a@b.example\nSubject: Hello\n\n{said}\n" for said in ("stumble", "go on")]
    async with opened(tmp_path, "sqlite", place="maildir:back") as desk:
        async with desk.parts.store.write() as conn:
            await conn.exec_driver_sql(
                "CREATE TRIGGER stumble BEFORE INSERT ON returns WHEN NEW.excerpt = 'stumble' "
                "BEGIN SELECT RAISE(ABORT, 'a fault of ours'); END"
            )
        for number, mail in enumerate(mails):
            (box / "new" / f"{number}.x").write_text(mail)
        await returns.collect(desk.parts)
        assert [each.excerpt for each in await desk.listed()] == ["go on"]
        assert not list((box / "new").iterdir()), "nor is it met again"
        # By LMTP the mail server keeps it and says it again.
        post = Post(desk.parts, lambda: None)
        assert (await post.take_back("bounces@news.example", mails[0].encode())).startswith("451 ")


async def test_a_mailbox_is_read_from_where_it_was_read_up_to(tmp_path: Path, database_url: str) -> None:
    server = ImapServer({3: b"Subject: unsubscribe\n\n", 7: b"Subject: Hello\n\nWho are you?\n"})
    listener = await server.start()
    keys = {"place": f"imap://127.0.0.1:{server.port}/INBOX", "username": USER, "password": PASSWORD}
    async with opened(tmp_path, database_url, **keys) as desk:
        server.mails[5] = (
            f"To: {return_address(desk.parts, 'unsubscribe', 1)}\nSubject: unsubscribe\n\n".encode()
        )
        assert await returns.collect(desk.parts) == 3
        assert [each.effect for each in await desk.listed()] == ["", "ended", ""]
        assert await returns.collect(desk.parts) == 0
        server.mails[9] = b"Subject: unsubscribe\n\nanother\n"
        assert await returns.collect(desk.parts) == 1
        server.validity = 8  # the folder was made anew: what is known is not taken again
        await returns.collect(desk.parts)
        assert len(await desk.listed()) == 4
    listener.close()
    async with opened(tmp_path, database_url, **keys) as desk:
        assert await returns.collect(desk.parts) == 0, "nobody answers; that is no end"


@pytest.mark.parametrize("mail", [b"", b"\n\n", b"Subject: Re: News\n\nNo more of this, thanks.\n"])
async def test_what_is_sent_to_the_way_to_leave_is_the_request(tmp_path: Path, mail: bytes) -> None:
    async with opened(tmp_path, "sqlite") as desk:
        way_out = return_address(desk.parts, "unsubscribe", 1)
        # Who answers a digest, with the digest enclosed, does not ask for that.
        copy = b"Subject: Hello\nContent-Type: message/rfc822\n\nList-Unsubscribe: <mailto:%s>\n\n"
        assert await returns.take(desk.parts, copy % way_out.encode())
        assert [each.effect for each in await desk.listed()] == [""]
        assert await returns.take(desk.parts, mail, recipient=way_out)
        async with desk.parts.store.read() as conn:
            reader = await subscribers.find(conn, "r1@reader.example")
        assert reader
        assert reader.topics == {"ships": "ended", "trade": "active"}
        assert await returns.take(desk.parts, mail + b"Again.\n", recipient=way_out)
        assert sorted(each.effect for each in await desk.listed()) == ["", "", "ended"], "of what did end"


async def test_a_way_to_leave_is_no_bounce_address(desk: Desk) -> None:
    """A mailbox that answers to the address for leaving says nothing of the reader's own."""
    to = return_address(desk.parts, "unsubscribe", 1)
    mail = f"From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n<r1@reader.example>:\n{GONE}\n"
    assert await returns.take(desk.parts, mail.encode(), recipient=to)
    assert await desk.reason(1) == ""
    assert await returns.take(desk.parts, b"Subject: unsubscribe\n\n", recipient=to)
    async with desk.parts.store.read() as conn:
        reader = await subscribers.find(conn, "r1@reader.example")
    assert reader
    assert reader.topics == {"ships": "ended", "trade": "active"}, "what the edition was of"


@pytest.mark.parametrize(
    ("recipient", "ours"),
    [
        ("bounces@news.example", True),
        ("Bounces+x@News.example", True),
        ("<bounces+x@news.example>", True),
        ("bounces+@news.example", True),
        ("bounce@news.example", False),
        ("xbounces@news.example", False),
        ("bounces@evil.example", False),
        ("bounces+x@news.example.evil.example", False),
        ("", False),
    ],
)
def test_whose_address_it_is(recipient: str, ours: bool) -> None:
    assert returns.is_ours(recipient, "bounces@news.example") is ours
    assert not returns.is_ours(recipient, "")

"""Mails to one person over a real server: sent, put off, refused, killed at every step, suppressed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import dkim
import pytest
from flows.stalling import StallingServer

from syndicator.assembly import assemble
from syndicator.digest.dkim import Signer, read_key
from syndicator.model import DeliveryStatus as Status
from syndicator.pipeline import notify, recover
from syndicator.settings import Mail, Settings, Site
from syndicator.store import subscribers, transactional

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from syndicator.pipeline.parts import Parts

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
FACTS = {
    "url": "https://news.example/confirm/abc", "topics": "Ships & <b>\n电信诈骗", "frequency": "daily",
    "at": "07:00", "zone": "Asia/Shanghai", "days": "7", "known": "",
}  # fmt: skip


class Post:
    """A program that sends to `server`; `moment` is its time."""

    parts: Parts

    def __init__(self) -> None:
        self.moment = NOW

    async def put(self, address: str, kind: str = "confirm", **more: Any) -> int:
        told = {"language": "en", "subscriber": None, "facts": FACTS, "until": NOW + timedelta(days=2)} | more
        async with self.parts.store.write() as conn:
            return await transactional.enqueue(conn, kind=kind, address=address, now=self.moment, **told)

    async def rows(self) -> list[tuple[str, Status, int, int]]:
        async with self.parts.store.read() as conn:
            found = await transactional.list_all(conn)
        return [(note.address, note.state, note.attempts, note.uncertain) for note in found]


@asynccontextmanager
async def opened(folder: Path, port: int, database: str = "sqlite") -> AsyncIterator[Post]:
    post = Post()
    (folder / "config").mkdir(exist_ok=True)
    settings = Settings(
        config=folder / "config", root=folder, state=folder / "var", database=database,
        site=Site(title="The Desk", contact="editor@news.example"),
        mail=Mail(transport="smtp", sender="desk@news.example", host="127.0.0.1", port=port, connections=2),
    )  # fmt: skip
    async with assemble(settings, clock=lambda: post.moment) as parts:
        parts.jitter = lambda: 0.0
        post.parts = parts
        yield post


@pytest.fixture
def stalling() -> Iterator[StallingServer]:
    with StallingServer() as server:
        yield server


async def test_a_mail_says_what_was_chosen_and_nothing_of_a_list(tmp_path, smtp_server, dkim_key):
    async with opened(tmp_path, smtp_server.port) as post:
        post.parts.signers = (Signer(domain="news.example", selector="s1", key=read_key(dkim_key[0])),)
        await post.put("ada@reader.example")
        await post.put("ben@reader.example", language="zh-CN")
        await post.put("known@reader.example", "known")
        assert (await notify(post.parts)).notes == 3
        assert (await notify(post.parts)).notes == 0
    mails = {mail.recipients[0]: mail for mail in smtp_server.mails}
    message = mails["ada@reader.example"].message
    assert message["Subject"] == "The Desk: please confirm your subscription"
    assert message["Auto-Submitted"] == "auto-generated"
    assert {name for name in message if name.startswith(("List-", "Precedence", "Feedback"))} == set()
    text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    html = message.get_body(("html",)).get_content()
    assert "* Ships & <b>\n* 电信诈骗\n" in text
    assert "A digest every day at 07:00 (Shanghai time)." in text
    assert "Ships &amp; &lt;b&gt;" in html
    for said in (text, html):
        assert FACTS["url"] in said
        assert "ada@" not in said, "what a stranger typed is not told to whom they typed it"
    assert mails["ben@reader.example"].message["Content-Language"] == "zh"
    for mail in mails.values():
        assert dkim.verify(mail.data, dnsfunc=lambda *_, **__: dkim_key[1])


@pytest.fixture(scope="module")
def dkim_key() -> tuple[str, bytes]:
    """A private key, and the record that tells its public half."""
    import base64

    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kept = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    told = made.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return kept.decode(), b"v=DKIM1; k=rsa; p=" + base64.b64encode(told)


async def test_put_off_refused_suppressed_and_too_late(tmp_path, smtp_server):
    box = smtp_server.box
    box.replies = {"busy@x.example": "450 4.2.1 later", "gone@x.example": "550 5.1.1 user unknown"}
    async with opened(tmp_path, smtp_server.port) as post:
        async with post.parts.store.write() as conn:
            await subscribers.suppress(conn, "Never@x.example", "complaint", now=NOW)
        for name in ("busy", "gone", "never", "well"):
            await post.put(f"{name}@x.example")
        await post.put("odd@x.example", "nonsense")
        assert (await notify(post.parts)).notes == 1
        states = {address.partition("@")[0]: state for address, state, *_ in await post.rows()}
        assert states == {
            "busy": Status.DEFERRED, "gone": Status.REFUSED, "never": Status.REFUSED,
            "well": Status.ACCEPTED, "odd": Status.DEFERRED,
        }  # fmt: skip
        async with post.parts.store.read() as conn:
            assert await subscribers.suppressed(conn, ["gone@x.example"])
        assert (await notify(post.parts)).notes == 0, "not before its time"
        box.replies = {}
        post.moment = NOW + timedelta(minutes=1)
        assert (await notify(post.parts)).notes == 1
        await post.put("late@x.example", until=post.moment)
        post.moment += timedelta(minutes=1)
        await notify(post.parts)
        assert (await post.rows())[-1][1] is Status.REFUSED
    assert [mail.recipients[0] for mail in smtp_server.mails] == ["well@x.example", "busy@x.example"]


@pytest.mark.parametrize(("step", "mails", "uncertain"), [("RCPT", 1, 0), ("DATA", 1, 0), ("DOT", 2, 1)])
async def test_killed_at_a_step_it_is_sent_again(tmp_path, stalling, step, mails, uncertain):
    """Whoever dies says nothing more: the loop drops its tasks, and the next program finds the rows."""
    stalling.box.stall_at(step)

    async def die() -> None:
        async with opened(tmp_path, stalling.port) as post:
            await post.put("ada@reader.example")
            task = asyncio.create_task(notify(post.parts))
            while not stalling.box.reached.is_set():
                await asyncio.sleep(0.01)
            dead = await post.rows()  # what is on the disk when the process is gone
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            async with post.parts.store.write() as conn:
                await conn.exec_driver_sql(
                    f"UPDATE transactional SET state = '{dead[0][1]}', attempts = {dead[0][2]}, uncertain = 0"
                )

    await die()
    async with opened(tmp_path, stalling.port) as post:
        await recover(post.parts)
        assert (await notify(post.parts)).notes == 1
        (row,) = await post.rows()
    assert (row[1], row[3]) == (Status.ACCEPTED, uncertain)
    assert len(stalling.mails) == mails
    assert len({mail.message["Message-ID"] for mail in stalling.mails}) == 1

from __future__ import annotations

import asyncio
import smtplib
import socket
import stat
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from syndicator.errors import SyndicatorError
from syndicator.fetch import lmtp
from syndicator.settings import Inbound, Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

ADDRESSES = {"weekly@reader.example": "weekly", "daily@reader.example": "daily"}
KEPT = {"weekly@reader.example": (250, b"2.0.0 kept")}
MAIL = b"Subject: x\r\n\r\n..dots\r\n.\xff\r\n"


class Place:
    """A listener, what it hinted at, and a client that speaks to it from a thread."""

    def __init__(self, root: Path, place: str, limit: int) -> None:
        self.settings = Settings(
            config=root / "config",
            root=root,
            state=root / "var",
            inbound=Inbound(lmtp=place, max_bytes=limit),
        )
        self.addresses = dict(ADDRESSES)
        self.hints: list[str] = []
        self.port = 0

    def mails(self, name: str) -> list[bytes]:
        folder = self.settings.inboxes / name / "new"
        return [path.read_bytes() for path in sorted(folder.iterdir())] if folder.is_dir() else []

    async def talk(self, play: Callable[[smtplib.LMTP], object]) -> object:
        def whole() -> object:
            at = self.settings.inbound.lmtp
            with smtplib.LMTP(*((at,) if "/" in at else ("127.0.0.1", self.port))) as client:
                return play(client)

        return await asyncio.to_thread(whole)

    async def send(
        self, recipients: list[str], mail: bytes = MAIL, sender: str = "a@b.example"
    ) -> dict[str, tuple[int, bytes]]:
        """Hand over one mail; gives the last answer for each recipient (smtplib reads only one)."""

        def play(client: smtplib.LMTP) -> dict[str, tuple[int, bytes]]:
            client.ehlo_or_helo_if_needed()
            client.mail(sender)
            answers = {recipient: client.rcpt(recipient) for recipient in recipients}
            accepted = [recipient for recipient, (code, _) in answers.items() if code == 250]
            for number, recipient in enumerate(accepted):
                answers[recipient] = client.getreply() if number else client.data(mail)
            return answers

        return await self.talk(play)  # type: ignore[return-value]


@asynccontextmanager
async def place(root: Path, at: str = "127.0.0.1:0", limit: int = 100_000) -> AsyncIterator[Place]:
    here = Place(root, at, limit)
    async with lmtp.listening(here.settings, lambda: here.addresses, here.hints.append) as port:
        here.port = port
        yield here


async def test_a_mail_is_kept_before_it_is_answered_for(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        assert await here.send(["weekly@reader.example"]) == KEPT
        envelope = b"Return-Path: <a@b.example>\r\nDelivered-To: weekly@reader.example\r\n"
        assert here.mails("weekly") == [envelope + MAIL]
        assert here.hints == ["weekly"]
        inbox = here.settings.inboxes / "weekly"
        assert not list((inbox / "tmp").iterdir())
        assert stat.S_IMODE(inbox.stat().st_mode) == 0o700


async def test_each_recipient_has_an_answer(tmp_path: Path) -> None:
    everyone = ["weekly@reader.example", "nobody@reader.example", "DAILY@reader.example", "x@y.example"]
    async with place(tmp_path) as here:
        answers = await here.send(everyone)
        assert [answers[to][0] for to in everyone] == [250, 550, 250, 550]
        assert answers["x@y.example"][1] == b"5.1.1 no newsletter is received at this address"
        assert [len(here.mails(name)) for name in ("weekly", "daily")] == [1, 1]
        assert sorted(here.hints) == ["daily", "weekly"]


async def test_answers_behind_the_dot_are_one_for_each(tmp_path: Path) -> None:
    def play(client: smtplib.LMTP) -> list[int]:
        client.ehlo_or_helo_if_needed()
        assert "pipelining" in client.esmtp_features
        client.mail("a@b.example")
        for recipient in ADDRESSES:
            assert client.rcpt(recipient)[0] == 250
        here.addresses.pop("daily@reader.example")  # the catalog was edited meanwhile
        return [client.data(MAIL)[0], client.getreply()[0], client.noop()[0]]

    async with place(tmp_path) as here:
        assert await here.talk(play) == [250, 550, 250]
        assert (len(here.mails("weekly")), len(here.mails("daily"))) == (1, 0)


@pytest.mark.parametrize("mail", [b"x" * 70 + b"\r\n", b"y" * (lmtp.MAX_LINE + 10)])
async def test_too_much_is_refused_for_each(tmp_path: Path, mail: bytes) -> None:
    def play(client: smtplib.LMTP) -> list[int]:
        client.ehlo_or_helo_if_needed()
        client.mail("a@b.example")
        for recipient in ADDRESSES:
            client.rcpt(recipient)
        return [
            client.data(mail * 100 if len(mail) < 100 else mail)[0],
            client.getreply()[0],
            client.noop()[0],
        ]

    limit = 5_000 if len(mail) < 100 else 10 * lmtp.MAX_LINE
    async with place(tmp_path, limit=limit) as here:
        first, second, noop = await here.talk(play)  # type: ignore[misc]
        assert first in (500, 552)
        assert (second, noop) == (first, 250)
        assert here.mails("weekly") == []
        assert here.hints == []


async def test_long_lines_and_the_null_sender(tmp_path: Path) -> None:
    async with place(tmp_path, limit=10_000_000) as here:
        assert await here.send(["weekly@reader.example"], b"Subject: x\r\n\r\n" + b"l" * 100_000, "") == KEPT
        (mail,) = here.mails("weekly")
        assert mail.startswith(b"Return-Path: <>\r\n")
        assert b"l" * 100_000 in mail


async def test_a_full_disk_puts_off(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        here.settings.inboxes.mkdir(parents=True)
        (here.settings.inboxes / "weekly").write_bytes(b"")  # where a folder should be made
        assert await here.send(["weekly@reader.example"]) == {
            "weekly@reader.example": (451, b"4.3.0 it cannot be kept for now")
        }
        assert here.hints == []


async def test_an_inbox_that_nobody_reads_puts_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lmtp, "MAX_WAITING", 2)
    async with place(tmp_path) as here:
        answers = [await here.send(["weekly@reader.example"]) for _ in range(3)]
        assert answers[:2] == [KEPT, KEPT]
        assert answers[2] == {"weekly@reader.example": (452, b"4.2.2 too many mails wait here to be read")}


async def test_too_many_connections_are_turned_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lmtp, "MAX_CONNECTIONS", 1)
    async with place(tmp_path) as here:
        _, first = await asyncio.open_connection("127.0.0.1", here.port)
        await asyncio.sleep(0.05)
        reader, second = await asyncio.open_connection("127.0.0.1", here.port)
        assert (await reader.read()).startswith(b"421 ")
        first.close()
        second.close()
        await asyncio.sleep(0.05)
        assert await here.send(["weekly@reader.example"]) == KEPT


async def test_at_a_socket(tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    left = socket.socket(socket.AF_UNIX)  # as a killed daemon leaves it
    left.bind(str(path))
    left.close()
    async with place(tmp_path, str(path)) as here:
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert await here.send(["weekly@reader.example"]) == KEPT
    assert not path.exists()


async def test_where_nothing_can_listen(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"precious")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for at in (str(tmp_path / "file"), f"127.0.0.1:{taken.getsockname()[1]}", "nonsense"):
            with pytest.raises(SyndicatorError, match="cannot listen for mail at"):
                async with place(tmp_path, at):
                    pass
    assert (tmp_path / "file").read_bytes() == b"precious"


async def test_a_connection_that_is_open_does_not_hold_the_end(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
        assert (await reader.readline()).startswith(b"220 ")
    assert await reader.read() == b""
    writer.close()

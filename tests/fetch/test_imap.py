from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import trustme

from syndicator.fetch import Fetcher
from syndicator.fetch.imap import quoted
from syndicator.model import Access, FetchFailed, Received, Source, SourceState
from syndicator.settings import Fetch, Inbound

from .imap_server import PASSWORD, USER, ImapServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from syndicator.model import FetchResult

AUTHORITY = trustme.CA()


@asynccontextmanager
async def serving(
    server: ImapServer, *, name: str = "localhost", tls: bool = True
) -> AsyncIterator[ImapServer]:
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        AUTHORITY.issue_cert(name).configure_cert(context)
    listener = await server.start(context)
    yield server
    listener.close()
    await listener.wait_closed()
    async with asyncio.timeout(10):
        while server.open:
            await asyncio.sleep(0.01)


async def pull(
    server: ImapServer,
    root: Path,
    *,
    url: str = "imaps://localhost:{port}/INBOX",
    etag: str = "",
    private: bool = True,
    access: Access | None = None,
    seconds: float = 10,
    limit: int = 100_000,
) -> FetchResult:
    trusting = ssl.create_default_context()
    AUTHORITY.configure_trust(trusting)
    source = Source(
        name="letters",
        url=url.format(port=server.port),
        kind="newsletter",
        allow_private=private,
        access=access or Access(username=USER, password=PASSWORD),
    )
    settings = Fetch(timeout=timedelta(seconds=seconds))
    async with Fetcher(
        settings, user_agent="t", files_root=root, inbound=Inbound(max_bytes=limit), ssl_context=trusting
    ) as fetch:
        return await fetch.fetch(source, SourceState(name="letters", url=source.url, etag=etag))


def got(result: FetchResult) -> list[tuple[str, bytes]]:
    assert isinstance(result, Received), result
    return [(letter.ref, letter.raw) for letter in result.letters]


async def test_mails_behind_the_cursor_are_brought_and_nothing_is_changed(tmp_path: Path) -> None:
    async with serving(ImapServer({3: b"three", 5: b"five\r\n)\r\n", 9: b"nine"})) as server:
        first = await pull(server, tmp_path)
        assert got(first) == [("3", b"three"), ("5", b"five\r\n)\r\n"), ("9", b"nine")]
        assert isinstance(first, Received)
        assert (first.etag, first.more) == ("7:9", False)
        again = await pull(server, tmp_path, etag=first.etag)
        assert again == Received(letters=(), etag="7:9")
        server.mails[12] = b"twelve"
        assert got(await pull(server, tmp_path, etag="7:9")) == [("12", b"twelve")]
        server.validity = 8  # the folder was made anew: UIDs mean other mails
        assert len(got(await pull(server, tmp_path, etag="7:9"))) == 4
        changing = ("STORE", "EXPUNGE", "SELECT", "COPY", "MOVE", "APPEND", "BODY[]")
        assert not [said for said in server.log if any(word in said for word in changing)]


async def test_fifty_at_a_time(tmp_path: Path) -> None:
    async with serving(ImapServer({uid: b"%d" % uid for uid in range(1, 61)})) as server:
        first = await pull(server, tmp_path)
        assert isinstance(first, Received)
        assert (len(first.letters), first.etag, first.more) == (50, "7:50", True)
        second = await pull(server, tmp_path, etag=first.etag)
        assert isinstance(second, Received)
        assert (len(second.letters), second.etag, second.more) == (10, "7:60", False)


async def test_a_large_mail_is_cut_and_one_that_cannot_be_read_passed_over(tmp_path: Path) -> None:
    async with serving(ImapServer({1: b"x" * 50_000})) as server:
        assert got(await pull(server, tmp_path, limit=10_000)) == [("1", b"x" * 10_000)]
        server.say["FETCH"] = b"TAG NO damaged\r\n"
        assert await pull(server, tmp_path) == Received(letters=(), etag="7:1")


@pytest.mark.parametrize(
    ("capabilities", "command"), [("IMAP4rev1 AUTH=PLAIN", "AUTHENTICATE PLAIN"), ("IMAP4rev1", "LOGIN")]
)
async def test_ways_to_log_in(tmp_path: Path, capabilities: str, command: str) -> None:
    plain = Access(username=USER, password='pass "word"')
    async with serving(ImapServer({1: b"one"}, capabilities=capabilities)) as server:
        result = await pull(server, tmp_path, access=plain if command == "LOGIN" else None)
        assert [said for said in server.log if said.startswith(command)]
        if command == "LOGIN":
            assert f'LOGIN "{USER}" "pass \\"word\\""' in server.log
        else:
            assert got(result) == [("1", b"one")]


async def test_a_token(tmp_path: Path) -> None:
    said = ImapServer(
        {1: b"one"}, capabilities="IMAP4rev1 AUTH=XOAUTH2", say={"AUTHENTICATE": b"TAG OK in\r\n"}
    )
    async with serving(said) as server:
        result = await pull(server, tmp_path, access=Access(username=USER, bearer="t0ken"))
        assert got(result) == [("1", b"one")]
        assert "AUTHENTICATE XOAUTH2" in server.log


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("", '"INBOX"'),
        ("/", '"INBOX"'),
        ("/News%20letters/%22a%22", '"News letters/\\"a\\""'),
        ("/%E9%80%9A%E8%AE%AF", '"&kBqLrw-"'),
        ("/a&b", '"a&-b"'),
    ],
)
async def test_folders(tmp_path: Path, path: str, folder: str) -> None:
    async with serving(ImapServer({1: b"one"}, folder=folder)) as server:
        assert got(await pull(server, tmp_path, url="imaps://localhost:{port}" + path)) == [("1", b"one")]


def test_names_of_folders_of_rfc_3501() -> None:
    assert quoted("~peter/mail/台北/日本語") == '"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'


PRIVATE = "a private address; allow_private can allow it"
REFUSALS = [
    ({"url": "imaps://localhost:{port}/None"}, "imap", "localhost has no folder 'None' that we may read"),
    (
        {"access": Access(username=USER, password="wrong")},
        "auth",
        "localhost does not accept the name and password",
    ),
    (
        {"access": Access(username="a\r\nb", password="x")},
        "auth",
        "localhost needs a name and a password without control characters",
    ),
    ({"private": False}, "forbidden", f"localhost cannot be used: localhost leads to {PRIVATE}"),
    (
        {"private": False, "url": "imaps://127.1:{port}/"},
        "forbidden",
        f"127.1 cannot be used: 127.1 is {PRIVATE}",
    ),
    (
        {"url": "imaps://localhost:99999/"},
        "forbidden",
        "localhost is not an address of a folder: write imaps://HOST/FOLDER",
    ),
    (
        {"url": "imaps:///INBOX"},
        "forbidden",
        "letters is not an address of a folder: write imaps://HOST/FOLDER",
    ),
    (
        {"url": "imaps://no-such-host.invalid/"},
        "dns",
        "no-such-host.invalid has a name that does not resolve",
    ),
    ({"url": "imaps://127.0.0.1:{port}/"}, "tls", "127.0.0.1 shows a certificate that is not to be trusted"),
    ({"url": "imaps://localhost:1/"}, "connect", "localhost cannot be reached, or closed the connection"),
    (
        {"url": "imap://93.184.215.14/"},
        "forbidden",
        "93.184.215.14 would be sent the password in the clear; begin the address with imaps:",
    ),
]


@pytest.mark.parametrize(("options", "kind", "message"), REFUSALS)
async def test_refusals(tmp_path: Path, options: dict[str, object], kind: str, message: str) -> None:
    async with serving(ImapServer({1: b"one"})) as server:
        result = await pull(server, tmp_path, **options)  # type: ignore[arg-type]
        assert isinstance(result, FetchFailed)
        assert (result.kind, result.message) == (kind, message)
        assert PASSWORD not in repr(result)


async def test_without_tls_inside_an_own_network(tmp_path: Path) -> None:
    async with serving(ImapServer({1: b"one"}), tls=False) as server:
        assert got(await pull(server, tmp_path, url="imap://localhost:{port}/")) == [("1", b"one")]
        result = await pull(server, tmp_path, url="imaps://localhost:{port}/")
        assert isinstance(result, FetchFailed)
        assert result.kind == "tls"


async def test_a_certificate_may_be_trusted_for_one_source(tmp_path: Path) -> None:
    access = replace(Access(username=USER, password=PASSWORD), verify_tls=False)
    async with serving(ImapServer({1: b"one"}), name="other.example") as server:
        refused = await pull(server, tmp_path)
        assert isinstance(refused, FetchFailed)
        assert refused.kind == "tls"
        assert got(await pull(server, tmp_path, access=access)) == [("1", b"one")]


HOSTILE = [
    ({"greeting": b"HTTP/1.1 400 Bad Request\r\n\r\n"}, {}, "imap"),
    ({"greeting": b"* BYE not today\r\n"}, {}, "imap"),
    ({"greeting": b"* OK " + b"x" * 9_000_000}, {}, "too-big"),
    ({}, {"CAPABILITY": b"* CAPABILITY\r\nTAG OK\r\n"}, "imap"),
    ({}, {"EXAMINE": b"* OK [UIDVALIDITY abc] x\r\nTAG OK done\r\n"}, "imap"),
    ({}, {"SEARCH": b"* SEARCH one two\r\nTAG OK done\r\n"}, "imap"),
    ({}, {"SEARCH": b"* SEARCH " + b"1 " * 5_000_000 + b"\r\nTAG OK done\r\n"}, "too-big"),
    ({}, {"SEARCH": b"TAG NO never\r\n"}, "imap"),
    ({}, {"FETCH": b"* 1 FETCH (BODY[]<0> {99999999999}\r\n"}, "too-big"),
    ({}, {"FETCH": b"* 1 FETCH (BODY[]<0> {9}\r\nabc"}, "timeout"),
    ({}, {"FETCH": b"* 1 FETCH (FLAGS ())\r\n" * 500_000 + b"TAG OK done\r\n"}, "too-big"),
    ({}, {"EXAMINE": b""}, "timeout"),
    ({"greeting": b""}, {}, "timeout"),
]


@pytest.mark.parametrize(("changes", "say", "kind"), HOSTILE)
async def test_what_servers_may_try(
    tmp_path: Path, changes: dict[str, bytes], say: dict[str, bytes], kind: str
) -> None:
    async with serving(ImapServer({1: b"one"}, say=say, **changes)) as server:  # type: ignore[arg-type]
        result = await pull(server, tmp_path, seconds=0.7 if kind == "timeout" else 30)
        assert isinstance(result, FetchFailed), result
        assert result.kind == kind


async def test_a_damaged_mail_among_good_ones(tmp_path: Path) -> None:
    async with serving(
        ImapServer({1: b"one"}, say={"FETCH": b"* 1 FETCH (FLAGS ())\r\nTAG OK done\r\n"})
    ) as server:
        assert await pull(server, tmp_path) == Received(letters=(), etag="7:1")

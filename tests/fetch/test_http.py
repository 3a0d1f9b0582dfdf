from __future__ import annotations

import asyncio
import gzip
import random
import socket
import ssl
import tracemalloc
import zlib
from datetime import timedelta

import brotli
import pytest
import trustme
from backports import zstd

from syndicator.fetch import FETCHERS, Fetcher, body_hash
from syndicator.model import Fetched, FetchFailed, NotModified, Source, SourceState

from .origin import AGENT, Asked, Origin, Puller, answer

FEED = b'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title></channel></rss>'
GZIPPED = gzip.compress(FEED, mtime=0)  # the same bytes in every run: they name test cases


def redirect(status: int, location: str) -> bytes:
    return answer(b"", f"Location: {location}", status=f"{status} Moved")


# What comes back --------------------------------------------------------------------------------------


async def test_a_feed_arrives_with_its_validators_and_we_say_who_we_are(origin: Origin, pull: Puller) -> None:
    url = origin.play(
        "/f",
        answer(FEED, 'ETag: W/"a-gzip"', "Last-Modified: yesterday", "Content-Type: text/xml; charset=x"),
    )
    got = await pull(url + "#part")
    assert got == Fetched(
        url=url, body=FEED, content_type="text/xml; charset=x", etag='W/"a-gzip"', last_modified="yesterday"
    )
    asked = origin.log[0].fields
    assert asked["user-agent"] == AGENT
    assert asked["accept-encoding"] == "gzip, deflate, br, zstd"
    assert "application/atom+xml" in asked["accept"]
    assert "if-none-match" not in asked


async def test_the_second_pull_is_a_304_and_sends_validators_verbatim(origin: Origin, pull: Puller) -> None:
    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        known = asked.fields.get("if-none-match") == 'W/"a-gzip", odd'
        writer.write(answer(b"", status="304 Not Modified") if known else answer(FEED))

    url = origin.play("/f", play)
    state = SourceState(name="a", url=url, etag='W/"a-gzip", odd', last_modified="Nonsense, 99 Foo")
    assert await pull(url, state) == NotModified(etag='W/"a-gzip", odd', last_modified="Nonsense, 99 Foo")
    assert origin.log[0].fields["if-modified-since"] == "Nonsense, 99 Foo"


async def test_a_304_renews_validators_and_freshness(origin: Origin, pull: Puller) -> None:
    url = origin.play("/f", answer(b"", 'ETag: "2"', "Cache-Control: max-age=60", status="304 Not Modified"))
    got = await pull(url, SourceState(name="a", url=url, etag='"1"', last_modified="then"))
    assert got == NotModified(etag='"2"', last_modified="then", fresh_for=timedelta(seconds=60))


async def test_validators_of_another_address_are_not_sent(origin: Origin, pull: Puller) -> None:
    url = origin.play("/f", answer(FEED))
    state = SourceState(name="a", url=url + "?old", etag='"1"', last_modified="x", body_hash=body_hash(FEED))
    assert isinstance(await pull(url, state), Fetched)
    assert "if-none-match" not in origin.log[0].fields
    assert "if-modified-since" not in origin.log[0].fields


async def test_a_304_that_nobody_asked_for_is_a_failure(origin: Origin, pull: Puller) -> None:
    got = await pull(origin.play("/f", answer(b"", status="304 Not Modified")))
    assert isinstance(got, FetchFailed)
    assert (got.kind, got.status) == ("http", 304)


async def test_the_same_bytes_are_not_modified_but_bring_new_validators(origin: Origin, pull: Puller) -> None:
    url = origin.play("/f", answer(GZIPPED, "Content-Encoding: gzip", 'ETag: "9"'))
    state = SourceState(name="a", url=url, etag='"1"', body_hash=body_hash(FEED))
    assert await pull(url, state) == NotModified(etag='"9"')


async def test_validators_that_could_not_be_sent_back_are_dropped(origin: Origin, pull: Puller) -> None:
    bad = b"\xff\xfe".decode("utf-8", "surrogateescape")
    got = await pull(origin.play("/f", answer(FEED, f'ETag: "{bad}"', f"Content-Type: a/b{bad}")))
    assert isinstance(got, Fetched)
    assert (got.etag, got.content_type) == ("", "a/b")


async def test_an_html_page_is_passed_on(origin: Origin, pull: Puller) -> None:
    got = await pull(origin.play("/f", answer(b"<html>Sorry</html>", "Content-Type: text/html")))
    assert isinstance(got, Fetched)
    assert got.content_type == "text/html"


@pytest.mark.parametrize("status", ["200 OK", "204 No Content"])
async def test_an_empty_body_is_a_failure(origin: Origin, pull: Puller, status: str) -> None:
    got = await pull(origin.play("/f", answer(b"", status=status)))
    assert isinstance(got, FetchFailed)
    assert got.kind == "empty"


# Compression ------------------------------------------------------------------------------------------


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (GZIPPED, "gzip"),
        (GZIPPED, "x-gzip"),
        (GZIPPED, ""),
        (GZIPPED, "deflate"),
        (gzip.compress(GZIPPED, mtime=0), "gzip"),
        (zlib.compress(FEED), "deflate"),
        (raw_deflate(FEED), "deflate"),
        (FEED, "gzip"),
        (FEED, "deflate"),
        (FEED, "br"),
        (FEED, "zstd"),
        (brotli.compress(FEED), "br"),
        (brotli.compress(FEED), "gzip"),
        (zstd.compress(FEED), "zstd"),
        (zstd.compress(FEED), ""),
        (zstd.compress(FEED), "br"),
        (gzip.compress(brotli.compress(FEED), mtime=0), "br, gzip"),
        (brotli.compress(GZIPPED), "br"),
        (FEED, "utf-8"),
    ],
)
async def test_encodings_are_undone_whatever_they_are_called(
    origin: Origin, pull: Puller, body: bytes, encoding: str
) -> None:
    got = await pull(
        origin.play("/f", answer(body, *([f"Content-Encoding: {encoding}"] if encoding else [])))
    )
    assert isinstance(got, Fetched)
    assert got.body == FEED


# Limits -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "gzip, gzip", "br, gzip"])
async def test_a_bomb_costs_no_memory(origin: Origin, pull: Puller, encoding: str) -> None:
    packers = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstd.compress, "deflate": zlib.compress}
    bomb = bytes(50_000_000)
    for name in encoding.split(", "):
        bomb = packers[name](bomb)
    url = origin.play("/f", answer(bomb, f"Content-Encoding: {encoding}"))
    pull.limit(max_bytes=1_000_000)
    tracemalloc.start()
    try:
        got = await pull(url)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(got, FetchFailed)
    assert (got.kind, got.message) == ("too-big", "127.0.0.1 sends more than 0.954 MB")
    assert peak < 10_000_000


@pytest.mark.parametrize("says_so", [True, False])
async def test_fifty_megabytes_are_not_read_to_the_end(origin: Origin, pull: Puller, says_so: bool) -> None:
    sent = 0

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        length = "Content-Length: 50000000" if says_so else "Connection: close"
        writer.write(f"HTTP/1.1 200 OK\r\n{length}\r\n\r\n".encode())
        while sent < 50_000_000:
            writer.write(bytes(50_000))
            sent += 50_000
            await writer.drain()

    got = await pull(origin.play("/f", play))
    assert isinstance(got, FetchFailed)
    assert got.kind == "too-big"
    assert sent < 25_000_000  # what the buffers of the system took


async def test_a_body_at_the_limit_is_whole(origin: Origin, pull: Puller) -> None:
    pull.limit(max_bytes=len(FEED))
    assert isinstance(await pull(origin.play("/f", answer(FEED))), Fetched)
    pull.limit(max_bytes=len(FEED) - 1)
    got = await pull(origin.play("/f", answer(GZIPPED)))
    assert isinstance(got, FetchFailed)
    assert got.kind == "too-big"


async def dribble(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\n<\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def silence(asked: Asked, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


async def endless_header(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: " + b"x" * 1000 + b"\r\n")
        await writer.drain()


async def endless_continue(asked: Asked, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("play", [dribble, silence, endless_continue])
async def test_what_never_ends_is_cut(origin: Origin, pull: Puller, play: object) -> None:
    pull.limit(timeout=timedelta(seconds=0.3))
    got = await pull(origin.play("/f", play))  # type: ignore[arg-type]
    assert isinstance(got, FetchFailed)
    assert (got.kind, got.message) == ("timeout", "127.0.0.1 was not done after 0.3 seconds")


async def test_headers_are_limited(origin: Origin, pull: Puller) -> None:
    for path, play in (("/many", endless_header), ("/long", answer(FEED, "X: " + "y" * 100_000))):
        got = await pull(origin.play(path, play))
        assert isinstance(got, FetchFailed)
        assert (got.kind, got.message) == ("http", "the answer of 127.0.0.1 is not valid HTTP")


async def test_the_time_of_all_redirects_together_is_limited(origin: Origin, pull: Puller) -> None:
    async def slow(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(redirect(302, asked.path + "f"))

    for steps in range(1, 9):
        origin.play("/" + steps * "f", slow)
    pull.limit(timeout=timedelta(seconds=0.5))
    got = await pull(origin.url("/f"))
    assert isinstance(got, FetchFailed)
    assert got.kind == "timeout"
    assert len(origin.log) <= 3


async def test_two_at_a_time_to_one_host_and_waiting_costs_no_time(origin: Origin, pull: Puller) -> None:
    async def slow(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.5)
        writer.write(answer(FEED))

    url = origin.play("/f", slow)
    pull.limit(timeout=timedelta(seconds=1.5), per_host=2)
    async with pull.open() as fetcher:
        sources = [Source(name=f"s{n}", url=url, allow_private=True) for n in range(8)]
        results = await asyncio.gather(*(fetcher.fetch(s, SourceState(name=s.name)) for s in sources))
    assert all(isinstance(result, Fetched) for result in results)  # 4 rounds of 0.5 s
    assert origin.most == 2


async def test_cancelling_is_not_swallowed(origin: Origin, pull: Puller) -> None:
    task = asyncio.create_task(pull(origin.play("/f", silence)))
    while not origin.log:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# Redirects --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chain", "permanent"),
    [
        ([301], True),
        ([308, 301], True),
        ([302], False),
        ([301, 302], False),
        ([302, 301], False),
        ([307, 308, 301], False),
        ([301, 308, 301, 308, 301], True),
    ],
)
async def test_only_a_permanent_chain_moves_a_source(
    origin: Origin, pull: Puller, chain: list[int], permanent: bool
) -> None:
    for step, status in enumerate(chain):
        origin.play(f"/{step}", redirect(status, f"{step + 1}#x"))
    last = origin.play(f"/{len(chain)}", answer(FEED))
    got = await pull(origin.url("/0"))
    assert isinstance(got, Fetched)
    assert got.url == last
    assert got.permanent_url == (last if permanent else "")


async def test_a_circle_ends(origin: Origin, pull: Puller) -> None:
    got = await pull(origin.play("/f", redirect(301, "/f")))
    assert isinstance(got, FetchFailed)
    assert (got.kind, got.message) == ("redirect", "127.0.0.1 redirects in a circle")
    assert len(origin.log) == 1


async def test_a_long_way_ends(origin: Origin, pull: Puller) -> None:
    for step in range(9):
        origin.play(f"/{step}", redirect(302, f"/{step + 1}"))
    got = await pull(origin.url("/0"))
    assert isinstance(got, FetchFailed)
    assert (got.kind, got.message) == ("redirect", "127.0.0.1 redirects more than 5 times")
    assert len(origin.log) == 6


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("http://169.254.169.254/latest/meta-data/", "forbidden"),
        ("http://[::ffff:169.254.169.254]/", "forbidden"),
        ("http://localhost:1/", "forbidden"),  # another host than the one that is allowed
        ("http://0x7f.1:1/", "forbidden"),
        ("file:///etc/passwd", "redirect"),
        ("ftp://127.0.0.1/", "redirect"),
        ("javascript:alert(1)", "redirect"),
        ("http://[::1", "redirect"),
        ("http://x:99999/", "redirect"),
        ("", "redirect"),
    ],
)
async def test_redirects_pass_the_guard(origin: Origin, pull: Puller, location: str, kind: str) -> None:
    got = await pull(origin.play("/f", redirect(301, location)))
    assert isinstance(got, FetchFailed)
    assert got.kind == kind
    assert len(origin.log) == 1


@pytest.mark.parametrize(("written", "asked"), [("新闻", "/%E6%96%B0%E9%97%BB"), (b"/\xd0\xc2", "/%D0%C2")])
async def test_raw_bytes_in_a_redirect(
    origin: Origin, pull: Puller, written: str | bytes, asked: str
) -> None:
    text = written if isinstance(written, str) else written.decode("utf-8", "surrogateescape")
    origin.play(asked, answer(FEED))
    got = await pull(origin.play("/f", redirect(302, text)))
    assert isinstance(got, Fetched)
    assert origin.log[1].path == asked


# Secrets ----------------------------------------------------------------------------------------------


async def test_name_and_password_stay_with_their_host_and_out_of_sight(origin: Origin, pull: Puller) -> None:
    origin.play("/f", redirect(301, origin.url("/g")))
    origin.play("/g", answer(FEED))
    origin.play("/away", redirect(302, origin.url("/g", host="localhost")))
    pull.limit(allow_private=("localhost",))
    secret = origin.url("/f").replace("://", "://ann:s3cret@")
    got = await pull(secret)
    assert isinstance(got, Fetched)
    assert "s3cret" not in repr(got)
    assert "ann" not in got.url + got.permanent_url
    assert all("authorization" in asked.fields for asked in origin.log)
    await pull(secret.replace("/f", "/away"))
    assert origin.log[-1].path == "/g"
    assert "authorization" not in origin.log[-1].fields


@pytest.mark.parametrize(
    "url", ["http://ann:s3cret@127.0.0.1:1/f", "http://ann:s3cret@[::1/", "ftp://ann:s3cret@x/"]
)
async def test_failures_do_not_tell_secrets(pull: Puller, url: str) -> None:
    got = await pull(url)
    assert isinstance(got, FetchFailed)
    assert "s3cret" not in repr(got)


async def test_names_that_a_redirect_brings_are_not_used(origin: Origin, pull: Puller) -> None:
    origin.play("/g", answer(FEED))
    got = await pull(origin.play("/f", redirect(301, origin.url("/g").replace("://", "://eve:guess@"))))
    assert isinstance(got, Fetched)
    assert "authorization" not in origin.log[1].fields


async def test_cookies_are_not_kept(origin: Origin, pull: Puller) -> None:
    origin.play("/f", answer(b"", "Location: /g", "Set-Cookie: id=1; Path=/", status="302 Found"))
    origin.play("/g", answer(FEED))
    # By a name: a jar would not keep cookies of bare addresses, and this test could not fail.
    assert isinstance(await pull(origin.url("/f", "localhost")), Fetched)
    assert "cookie" not in origin.log[1].fields


# Failures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "fields", "kind", "wait", "message"),
    [
        ("404 Not Found", [], "http", None, "127.0.0.1 has no feed at this address (404 Not Found)"),
        ("410 Gone", [], "gone", None, "127.0.0.1 has removed this feed for good (410 Gone)"),
        ("500 Oops", [], "http", None, "127.0.0.1 answers without a feed (500 Internal Server Error)"),
        ("599 Odd", [], "http", None, "127.0.0.1 answers without a feed (599)"),
        ("206 Partial", [], "http", None, "127.0.0.1 answers without a feed (206 Partial Content)"),
        (
            "429 Slow Down",
            ["Retry-After: 120"],
            "http",
            timedelta(minutes=2),
            "127.0.0.1 asks us to come less often (429 Too Many Requests)",
        ),
        (
            "503 Busy",
            ["Date: Mon, 02 Nov 2026 09:00:00 GMT", "Retry-After: Mon, 02 Nov 2026 10:00:00 GMT"],
            "http",
            timedelta(hours=1),
            "127.0.0.1 is not available for now (503 Service Unavailable)",
        ),
        (
            "503 Busy",
            ["Retry-After: Mon, 02 Nov 2026 10:00:00 GMT"],
            "http",
            timedelta(minutes=30),  # the test's clock says 9:30
            "127.0.0.1 is not available for now (503 Service Unavailable)",
        ),
    ],
)
async def test_refusals(
    origin: Origin,
    pull: Puller,
    status: str,
    fields: list[str],
    kind: str,
    wait: timedelta | None,
    message: str,
) -> None:
    url = origin.play("/f", answer(b"Sorry", *fields, status=status))
    assert await pull(url) == FetchFailed(
        kind=kind, message=message, status=int(status[:3]), retry_after=wait, url=url
    )


@pytest.mark.parametrize(
    ("reply", "kind", "message"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "http", "the answer of 127.0.0.1 is not valid HTTP"),
        (b"\x00\xff" * 5000, "http", "the answer of 127.0.0.1 is not valid HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\nx",
            "http",
            "the answer of 127.0.0.1 is not valid HTTP",
        ),
        (b"", "connect", "127.0.0.1 closed the connection"),
        (answer(FEED, length=9999), "http", "the answer of 127.0.0.1 broke off"),
        (
            answer(GZIPPED[:-9], "Content-Encoding: gzip"),
            "http",
            "the answer of 127.0.0.1 cannot be read: its compressed data ends too early",
        ),
        (
            answer(GZIPPED[:-8] + bytes(8)),  # its checksum is wrong
            "http",
            "the answer of 127.0.0.1 cannot be read: its compressed data is damaged",
        ),
        (
            answer(b"\x1f\x9d\x90\x00", "Content-Encoding: dcb"),
            "http",
            "the answer of 127.0.0.1 cannot be read: it is compressed with dcb, which we did not ask for",
        ),
    ],
)
async def test_garbage(origin: Origin, pull: Puller, reply: bytes, kind: str, message: str) -> None:
    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(reply)
        await writer.drain()
        writer.close()

    url = origin.play("/f", play)
    assert await pull(url) == FetchFailed(kind=kind, message=message, url=url)


async def test_nobody_listens(pull: Puller) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening
        got = await pull(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert isinstance(got, FetchFailed)
    assert (got.kind, got.message) == ("connect", "no connection to 127.0.0.1: connection refused")


async def test_a_name_that_does_not_resolve(pull: Puller) -> None:
    got = await pull("http://feeds.invalid/", private=False)
    assert isinstance(got, FetchFailed)
    assert (got.kind, got.message) == ("dns", "the name feeds.invalid does not resolve")


@pytest.mark.parametrize(
    "url",
    ["gopher://x/", "", "news", "http://", "http:///x", "http://x:99999/", f"http://{'a' * 70}.example/"],
)
async def test_what_is_no_address(pull: Puller, url: str) -> None:
    got = await pull(url, private=False)
    assert isinstance(got, FetchFailed)
    assert got.kind == "forbidden"
    assert "\n" not in got.message


# The guard, in place ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1%25lo]",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "0.0.0.0",
        "1.2.3.4.5",
    ],
)
async def test_private_addresses_in_every_spelling(origin: Origin, pull: Puller, host: str) -> None:
    origin.play("/f", answer(FEED))
    got = await pull(origin.url("/f", host), private=False)
    assert isinstance(got, FetchFailed)
    assert got.kind == "forbidden"
    assert not origin.log


@pytest.mark.parametrize("entry", ["127.0.0.0/8", "127.0.0.1", "LocalHost", "::ffff:127.0.0.0/104"])
async def test_an_admin_allows_hosts_and_networks(origin: Origin, pull: Puller, entry: str) -> None:
    origin.play("/f", answer(FEED))
    host = "localhost" if entry == "LocalHost" else "127.0.0.1"
    pull.limit(allow_private=(entry,))
    got = await pull(origin.url("/f", host), private=False)
    assert isinstance(got, Fetched) == (":" not in entry)  # a mapped network is not the IPv4 network


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_what_one_source_may_reach_does_not_open_it_to_another(
    origin: Origin, pull: Puller, host: str
) -> None:
    origin.play("/f", answer(FEED))
    url = origin.url("/f", host)
    async with pull.open() as fetcher:  # the connection and the resolved name of the first are still warm
        mine = await fetcher.fetch(Source(name="a", url=url, allow_private=True), SourceState(name="a"))
        other = await fetcher.fetch(Source(name="b", url=url), SourceState(name="b"))
    assert isinstance(mine, Fetched)
    assert isinstance(other, FetchFailed)
    assert other.kind == "forbidden"
    assert len(origin.log) == 1


# TLS --------------------------------------------------------------------------------------------------


async def test_certificates_are_verified(pull: Puller) -> None:
    authority = trustme.CA()
    serving, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    authority.configure_trust(trusting)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(FEED, "Connection: close"))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=serving)
    async with server:
        port = server.sockets[0].getsockname()[1]

        async def ask(context: ssl.SSLContext | None, host: str) -> object:
            source = Source(name="a", url=f"https://{host}:{port}/", allow_private=True)
            async with Fetcher(
                pull.settings, user_agent=AGENT, files_root=pull.root, ssl_context=context
            ) as fetcher:
                return await fetcher.fetch(source, SourceState(name="a"))

        assert isinstance(await ask(trusting, "127.0.0.1"), Fetched)
        for stranger in (await ask(None, "127.0.0.1"), await ask(trusting, "localhost")):
            assert isinstance(stranger, FetchFailed)
            assert stranger.kind == "tls"
            assert "is not to be trusted: " in stranger.message


# Whatever else ----------------------------------------------------------------------------------------


async def test_damaged_answers_are_values_too(origin: Origin, pull: Puller) -> None:
    dice = random.Random(7)
    seeds = [
        answer(FEED, 'ETag: "1"', "Cache-Control: max-age=60", "Content-Type: text/xml"),
        answer(GZIPPED, "Content-Encoding: gzip"),
        answer(b"", "Retry-After: Mon, 02 Nov 2026 09:00:00 GMT", status="503 Busy"),  # past: no pause
        redirect(301, "http://169.254.169.254/a?b#c"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n0\r\n\r\n",
    ]

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        reply = bytearray(dice.choice(seeds))
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(reply))
            reply[at : at + dice.choice([0, 1, 1, 9])] = dice.randbytes(dice.choice([0, 1, 3]))
        writer.write(reply)
        await writer.drain()
        writer.close()

    url = origin.play("/f", play)
    pull.limit(timeout=timedelta(seconds=2))
    kinds = set()
    async with pull.open() as fetcher:
        source = Source(name="a", url=url, allow_private=True)
        for _ in range(300):
            got = await fetcher.fetch(source, SourceState(name="a", url=url, etag='"1"'))
            kinds.add(got.kind if isinstance(got, FetchFailed) else type(got).__name__)
            assert not isinstance(got, FetchFailed) or got.message.isprintable()
    assert kinds >= {"Fetched", "http", "redirect"}


# The table --------------------------------------------------------------------------------------------


async def test_a_closed_fetcher_says_so(pull: Puller) -> None:
    assert set(FETCHERS) == {"http", "https", "file", "maildir", "lmtp", "imap", "imaps"}
    with pytest.raises(RuntimeError, match="async with Fetcher"):
        await pull.open().fetch(Source(name="a", url="http://x/"), SourceState(name="a"))

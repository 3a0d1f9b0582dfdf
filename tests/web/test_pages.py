"""The pages of a running daemon, asked over HTTP as browsers, readers, scanners and attackers do."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
from newsroom import Story, rss
from program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator

SHIP = Story("ship", "A ship came in", "It brought oranges.")
SECURITY = ("content-security-policy", "x-content-type-options", "referrer-policy")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A daemon with one topic, one article, one mailed digest; its reader's link is `site.leave`."""
    program = Program(tmp_path_factory.mktemp("site"))
    (program.config / "feed.xml").write_bytes(rss("Wire", SHIP))
    program.sources(wire="file:feed.xml")
    program.topic("ships", any=["ship*"])
    program.run(
        "subscribers", "add", "anna@reader.example", "--topic", "ships", "--confirmed", "--at", "07:00"
    )
    tomorrow = datetime.now(UTC).replace(hour=8) + timedelta(days=1)
    program.once(tomorrow.isoformat())  # so that files are dated ahead of the daemon's clock
    program.start()
    program.until(
        lambda: SHIP.title.encode() in program.get("/search?q=oranges").body
    )  # words are read beside
    yield program
    program.close()


@pytest.fixture
def leave(site: Program) -> str:
    """The path of the link to unsubscribe by, as it stands in the mail."""
    (mail,) = (site.folder / "var" / "mail" / "new").iterdir()
    text = mail.read_text().replace("\n ", "")
    return next(
        line.partition("<")[2].rpartition(">")[0].removeprefix(site.settings["site"]["base_url"])
        for line in text.splitlines()
        if line.startswith("List-Unsubscribe:")
    )


def edition(site: Program) -> str:
    return f"/editions/{site.json('editions', 'list')[0]['id']}"


PAGES = {
    "/": "text/html; charset=utf-8",
    "/topics/ships": "text/html; charset=utf-8",
    "/topics/ships.rss": "application/rss+xml; charset=utf-8",
    "/topics/ships.atom": "application/atom+xml; charset=utf-8",
    "/topics/ships.json": "application/feed+json; charset=utf-8",
    "/opml": "text/x-opml; charset=utf-8",
    "/static/style.css": "text/css; charset=utf-8",
    "/static/site.js": "text/javascript; charset=utf-8",
    "/static/icon.svg": "image/svg+xml",
    "/static/icon.png": "image/png",
    "/favicon.ico": "image/vnd.microsoft.icon",
    "/robots.txt": "text/plain; charset=utf-8",
    "/search": "text/html; charset=utf-8",
    "/search?q=ship": "text/html; charset=utf-8",
    "/healthz": "application/json",
    "/readyz": "application/json",
}


@pytest.mark.parametrize("path", PAGES)
def test_get_and_head(site, path):
    got, head = site.get(path), site.get(path, "HEAD")
    assert (got.status, head.status) == (200, 200)
    assert got.headers["content-type"] == PAGES[path]
    assert got.body
    assert head.body == b""
    assert head.headers["content-length"] == str(len(got.body))
    for name in (*SECURITY, "content-type", "cache-control"):
        assert head.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/topics/none", "/editions/none", "/unsubscribe/none"])
def test_every_answer_carries_the_security_headers(site, path):
    for method in ("GET", "HEAD", "DELETE"):
        answer = site.get(path, method)
        assert all(name in answer.headers for name in SECURITY), (method, answer.status)
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "server" not in answer.headers
        assert "set-cookie" not in answer.headers
    assert answer.status in (404, 405)


ATTEMPTS = [
    "/topics/..%2f..%2fsyndicator.db",
    "/topics/..%2fships.rss",
    "/topics/%2e%2e/ships",
    "/topics/../../syndicator.db",
    "/topics/ships.rss/",
    "/topics/ships.rss.gz",
    "/topics/ships.",
    "/topics/ships.html",
    "/topics/SHIPS",
    "/topics/.rss",
    "/topics/ships%00.rss",
    "/topics/ships%0d%0aSet-Cookie:%20a=b",
    "/topics/%ff%fe",
    "/topics/" + "a" * 4000,
    "/static/../",
    "/static/..%2fweb%2findex.html.j2",
    "/static/index.html.j2",
    "/static//etc/passwd",
    "//etc/passwd",
    "/editions/%00",
    "/editions/..%2f1",
    "/editions/" + "a" * 8000,
    "/index.html",
    "/var/syndicator.db",
    "/unsubscribe/",
    "/unsubscribe/%00",
    "/unsubscribe/%E4%B8%AD",
    "/unsubscribe/" + "a" * 60_000,
]


@pytest.mark.parametrize("path", ATTEMPTS, ids=lambda path: path[:40])
def test_what_is_not_ours_to_give(site, path):
    answer = site.get(path)
    assert answer.status == 404
    assert "text/html" in answer.headers["content-type"]
    assert b"There is nothing here" in answer.body or path.startswith("/unsubscribe/")
    assert b"Traceback" not in answer.body
    assert len(answer.body) < 16_000, "nothing of the question comes back"
    assert all(name in answer.headers for name in SECURITY)


def test_methods(site, leave):
    for path, allowed in (
        ("/topics/ships.rss", {"GET", "HEAD", "OPTIONS"}),
        ("/", {"GET", "HEAD", "OPTIONS"}),
        (leave, {"GET", "HEAD", "POST"}),
    ):
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            if method in allowed:
                continue
            answer = site.get(path, method, b"x=y")
            assert answer.status == 405
            assert set(answer.headers["allow"].split(", ")) == allowed
            assert b"not possible here" in answer.body


def test_last_modified_is_never_in_the_future(site):
    """`once --now` has dated the files ahead, or a clock was set back."""
    file = site.folder / "var" / "public" / "topics" / "ships.rss"
    ahead = datetime.now(UTC) + timedelta(days=400)
    os.utime(file, (ahead.timestamp(), ahead.timestamp()))
    for path in ("/topics/ships.rss", "/topics/ships.json", "/"):
        answer = site.get(path)
        modified, date = (parsedate_to_datetime(answer.headers[name]) for name in ("last-modified", "date"))
        assert modified <= date
    dated = site.get("/topics/ships.rss", if_modified_since=answer.headers["last-modified"])
    assert dated.status in (200, 304)
    assert site.get("/topics/ships.rss", if_modified_since="once upon a time").status == 200


def test_a_get_never_unsubscribes(site, leave):
    """Scanners follow every link of a mail, some of them with made-up headers and queries."""
    state = lambda: site.json("subscribers", "list")[0]["topics"]  # noqa: E731
    for path in (leave, f"{leave}?List-Unsubscribe=One-Click", f"{leave}?_method=POST"):
        for method in ("GET", "HEAD"):
            answer = site.get(path, method, X_HTTP_Method_Override="POST")
            assert answer.status == 200
            assert answer.headers["cache-control"] == "no-store"
    assert b'method="post"' in site.get(leave).body
    assert b"anna@" not in site.get(leave).body, "who looks over a shoulder reads no address"
    assert state() == {"ships": "active"}
    for forged in (leave[:-1], leave + "x", leave.swapcase()):
        assert site.get(forged, "POST", b"List-Unsubscribe=One-Click").status == 404
    assert state() == {"ships": "active"}
    answer = site.get(leave, "POST", b"x" * 1_000_000)
    assert answer.status == 200, "what is posted is not read"
    assert state() == {"ships": "ended"}


def test_an_edition_on_the_web(site):
    answer = site.get(edition(site))
    assert answer.status == 200
    assert SHIP.title.encode() in answer.body
    assert b"PERSONAL[" not in answer.body
    assert "script-src" not in answer.headers["content-security-policy"], "default-src 'none' covers it"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_fault_of_ours_shows_nothing_and_is_logged(site):
    file = site.folder / "var" / "public" / "topics" / "ships.atom"
    kept = file.rename(file.with_suffix(".kept"))
    file.mkdir()  # no way to be read
    try:
        answer = site.get("/topics/ships.atom")
    finally:
        file.rmdir()
        kept.rename(file)
    assert answer.status == 500
    assert str(site.folder).encode() not in answer.body
    assert all(name in answer.headers for name in SECURITY)
    assert "a fault of ours" in site.log()
    assert site.get("/topics/ships.atom").status == 200


@pytest.mark.parametrize(
    "question",
    [
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0",
    ],
)
def test_what_is_no_http_ends_the_conversation_only(site, question):
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65_536):
            pass
    assert site.get("/healthz").status == 200
    assert "Traceback" not in site.log().partition("a fault of ours")[0]

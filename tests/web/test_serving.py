"""What HTTP says of a published document, asked of a running daemon."""

from __future__ import annotations

import gzip
import json
import os
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import brotli
import feedparser
import pytest
from backports import zstd
from newsroom import Story, rss
from program import Answer, Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHIP = Story("ship", "A ship came in", "It brought oranges. " * 40)
BOAT = Story("boat", "Shipyard hires ninety welders", "The port of Riga builds ferries again. " * 40)
FEEDS = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
DOCUMENTS = ["/", "/opml", "/topics/ships", *(f"/topics/ships.{name}" for name in FEEDS)]
UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress, "": bytes}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A daemon with a topic of two versions; `site.first` has the tags of the first one."""
    program = Program(tmp_path_factory.mktemp("site"))
    (program.config / "feed.xml").write_bytes(rss("Wire", SHIP))
    program.sources(wire="file:feed.xml")
    program.topic("ships", any=["ship*"])
    program.once()
    program.first = {name: tag(program, name) for name in FEEDS}
    (program.config / "feed.xml").write_bytes(rss("Wire", SHIP, BOAT))
    later = datetime.now(UTC) + timedelta(days=2)
    program.once(later.isoformat())
    assert all(tag(program, name) != program.first[name] for name in FEEDS)
    os.utime(file(program, "rss"), (1_790_000_000, 1_790_000_000))
    program.start()
    yield program
    program.close()


def file(program: Program, name: str) -> Path:
    return program.folder / "var" / "public" / "topics" / f"ships.{name}"


def tag(program: Program, name: str) -> str:
    return f'"{sha256(file(program, name).read_bytes()).hexdigest()[:32]}"'


def date(**ahead: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(**ahead), usegmt=True)


def test_a_page_and_its_feeds_say_what_they_are(site):
    for name, media_type in FEEDS.items():
        answer = site.get(f"/topics/ships.{name}")
        base = site.settings["site"]["base_url"]
        assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
        assert answer.headers["etag"] == tag(site, name)
        assert answer.headers["accept-ranges"] == "none"
        assert f'<{base}/topics/ships.{name}>; rel="self"; type="{media_type}"' in answer.headers["link"]
        assert f'<{base}/topics/ships>; rel="alternate"; type="text/html"' in answer.headers["link"]
    page = site.get("/topics/ships").headers["link"]
    assert page.count('rel="alternate"') == len(FEEDS)
    assert 'rel="self"' not in page


def test_every_row_over_http(site):
    """The order of RFC 9110 13.2.2; `test_conditional` has each row, this says that they are asked."""
    path, own = "/topics/ships.rss", tag(site, "rss")
    modified = site.get(path).headers["last-modified"]
    assert parsedate_to_datetime(modified) == datetime.fromtimestamp(1_790_000_000, UTC)
    before = format_datetime(datetime.fromtimestamp(1_789_999_999, UTC), usegmt=True)
    rows = [
        ({"if_none_match": own}, 304),
        ({"if_none_match": f"W/{own}"}, 304),
        ({"if_none_match": f'"x", {own}'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"x"', "if_modified_since": modified}, 200),
        ({"if_none_match": own, "if_modified_since": before}, 304),
        ({"if_modified_since": modified}, 304),
        ({"if_modified_since": before}, 200),
        ({"if_modified_since": date(days=1)}, 304),
        ({"if_modified_since": "Monday, 21-Sep-26 14:13:20 GMT"}, 304),
        ({"if_modified_since": "Mon Sep 21 14:13:19 2026"}, 200),
        ({"if_modified_since": "tomorrow"}, 200),
        ({"if_match": own}, 200),
        ({"if_match": f"W/{own}"}, 412),
        ({"if_match": '"x"', "if_none_match": own}, 412),
        ({"if_match": own, "if_none_match": own}, 304),
        ({"if_unmodified_since": modified}, 200),
        ({"if_unmodified_since": before}, 412),
        ({"if_match": own, "if_unmodified_since": before}, 200),
    ]
    for headers, status in rows:
        for method in ("GET", "HEAD"):
            answer = site.get(path, method, **headers)
            assert answer.status == status, headers
            assert answer.headers["etag"] == own
            if status == 304:
                assert answer.body == b""
                assert {"date", "vary", "cache-control"} <= answer.headers.keys()
                assert "content-type" not in answer.headers
    assert site.get(path, "POST", b"", if_match='"x"').status == 405, "a method that is refused asks nothing"


def test_a_tag_in_two_headers_is_one_list(site):
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as sock:
        own = tag(site, "rss")
        sock.sendall(
            f'GET /topics/ships.rss HTTP/1.1\r\nHost: x\r\nIf-None-Match: "x"\r\nIf-None-Match: {own}\r\n'
            "Connection: close\r\n\r\n".encode()
        )
        assert sock.recv(100).startswith(b"HTTP/1.1 304 ")


@pytest.mark.parametrize("path", DOCUMENTS)
def test_each_coding_has_a_tag_of_its_own(site, path):
    plain = site.get(path)
    tags = {plain.headers["etag"]}
    for header, coding in (("gzip", "gzip"), ("gzip, zstd", "zstd"), ("gzip, deflate, br, zstd", "br")):
        answer = site.get(path, accept_encoding=header)
        assert answer.headers["content-encoding"] == coding
        assert answer.headers["vary"] == "Accept-Encoding"
        assert UNPACK[coding](answer.body) == plain.body
        assert len(answer.body) < len(plain.body)
        head = site.get(path, "HEAD", accept_encoding=header)
        assert head.headers["content-length"] == str(len(answer.body))
        again = site.get(path, accept_encoding=header, if_none_match=answer.headers["etag"])
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]
        assert site.get(path, accept_encoding=header, if_none_match=plain.headers["etag"]).status == 200
        tags.add(answer.headers["etag"])
    assert len(tags) == 4


def test_a_copy_of_another_version_is_not_sent(site):
    """As between two writes, or where somebody put a file of theirs."""
    path = file(site, "json")
    kept = {ending: path.with_name(path.name + ending).read_bytes() for ending in (".br", ".zst", ".gz")}
    body = path.read_bytes()
    path.with_name(path.name + ".br").write_bytes(brotli.compress(b"another"))
    path.with_name(path.name + ".zst").write_bytes(b"nonsense")
    os.utime(path)
    try:
        answer = site.get("/topics/ships.json", accept_encoding="gzip, br, zstd")
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(answer.body) == body
        path.with_name(path.name + ".gz").unlink()
        os.utime(path, (1, 1))
        answer = site.get("/topics/ships.json", accept_encoding="gzip, br, zstd")
        assert "content-encoding" not in answer.headers
        assert answer.body == body
    finally:
        for ending, data in kept.items():
            path.with_name(path.name + ending).write_bytes(data)
        os.utime(path)


def test_ranges_are_refused_cleanly(site):
    whole = site.get("/topics/ships.atom")
    for wanted in ("bytes=0-10", "bytes=-5", "bytes=99999999-", "nonsense"):
        answer = site.get("/topics/ships.atom", range=wanted, if_range=whole.headers["etag"])
        assert (answer.status, answer.body) == (200, whole.body)
        assert "content-range" not in answer.headers


def test_scripts_of_other_sites_may_read_feeds(site):
    for path in (*(f"/topics/ships.{name}" for name in FEEDS), "/opml"):
        ask = site.get(
            path, "OPTIONS", origin="https://reader.example", access_control_request_method="GET",
            access_control_request_headers="if-none-match, a-im",
        )  # fmt: skip
        assert (ask.status, ask.body) == (204, b"")
        assert ask.headers["access-control-allow-origin"] == "*"
        assert {"if-none-match", "a-im"} <= {
            name.strip().lower() for name in ask.headers["access-control-allow-headers"].split(",")
        }
        assert "GET" in ask.headers["access-control-allow-methods"]
        answer = site.get(path, origin="https://reader.example")
        not_modified = site.get(path, if_none_match=answer.headers["etag"])
        for one in (answer, not_modified):
            assert one.headers["access-control-allow-origin"] == "*"
            assert {"ETag", "Link", "IM"} <= set(one.headers["access-control-expose-headers"].split(", "))
    page = site.get("/topics/ships", "OPTIONS", origin="https://reader.example")
    assert page.headers["allow"] == "GET, HEAD, OPTIONS"
    assert "access-control-allow-origin" not in page.headers


def test_how_long_it_stays_as_it_is(site):
    """A file's source is asked again in a quarter of an hour at the earliest, and no cache waits longer."""
    site.get("/topics/ships.rss")
    answer = site.until(lambda: _fresh(site.get("/topics/ships.rss")))
    assert 600 < answer <= 900


def _fresh(answer: Answer) -> int:
    said = dict(part.strip().partition("=")[::2] for part in answer.headers["cache-control"].split(","))
    assert {"public", "stale-while-revalidate", "stale-if-error"} <= said.keys()
    age = int(said["max-age"])
    assert 60 <= age <= 900
    return age if age > 60 else 0


@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.parametrize("coding", ["", "gzip", "br"])
def test_only_what_is_new_since(site, name, coding):
    path, first = f"/topics/ships.{name}", site.first[name]
    known = first if not coding else f'{first[:-1]}-{"gz" if coding == "gzip" else coding}"'
    whole = site.get(path, accept_encoding=coding)
    answer = site.get(path, accept_encoding=coding, a_im="feed", if_none_match=f'"x", {known}')
    assert answer.status == 226
    assert answer.headers["im"] == "feed"
    assert answer.headers["delta-base"] == known
    assert answer.headers["etag"] == whole.headers["etag"], "the client has the whole document now"
    assert answer.headers["cache-control"] == "no-store, im"
    assert {"Accept-Encoding", "A-IM", "If-None-Match"} == set(answer.headers["vary"].split(", "))
    assert answer.headers["content-type"] == whole.headers["content-type"]
    assert answer.headers.get("content-encoding", "") == coding
    body = UNPACK[coding](answer.body)
    titles = (
        [item["title"] for item in json.loads(body)["items"]]
        if name == "json"
        else [entry.title for entry in feedparser.parse(body).entries]
    )
    assert titles == [BOAT.title]
    again = site.get(path, accept_encoding=coding, a_im="feed", if_none_match=answer.headers["etag"])
    assert again.status == 304


def test_no_delta_for_whom_it_does_not_suit(site):
    path, first = "/topics/ships.rss", site.first["rss"]
    for headers, method in (
        ({"a_im": "feed", "if_none_match": '"unknown"'}, "GET"),
        ({"a_im": "feed"}, "GET"),
        ({"a_im": "vcdiff", "if_none_match": first}, "GET"),
        ({"a_im": "feed;q=0", "if_none_match": first}, "GET"),
        ({"if_none_match": first}, "GET"),
        ({"a_im": "feed", "if_none_match": first}, "HEAD"),
    ):
        answer = site.get(path, method, **headers)
        assert answer.status == 200
        assert "im" not in answer.headers
    assert site.get(path, a_im="feed", if_none_match=first, if_match='"x"').status == 412


def test_addresses_that_people_guess(site):
    base = site.settings["site"]["base_url"]
    with Redirects(site) as ask:
        for path, target in (
            ("/topics/ships/", "/topics/ships"),
            ("/topics/ships.xml", "/topics/ships.rss"),
            ("/topics/ships/feed", "/topics/ships.rss"),
            ("/topics/ships/feed/", "/topics/ships.rss"),
            ("/topics/ships/rss", "/topics/ships.rss"),
            ("/topics/ships/atom.xml", "/topics/ships.atom"),
            ("/topics/ships/feed.json", "/topics/ships.json"),
        ):
            assert ask(path) == (301, base + target), path
        for path in ("/topics/ships//", "/topics/ships/feed/x", "/topics/none/", "/topics/none.xml"):
            assert ask(path)[0] == 404, path


class Redirects:
    """Asks without following: (status, Location)."""

    def __init__(self, program: Program) -> None:
        import http.client

        self._connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=30)

    def __enter__(self):
        return self.ask

    def ask(self, path: str, **headers: str) -> tuple[int, str]:
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Location", "")

    def __exit__(self, *_: object) -> None:
        self._connection.close()

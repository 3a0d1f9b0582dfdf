"""An export, served by real web servers with exactly the configuration that docs/ shows."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from newsroom import Story, rss
from program import Program

from syndicator.templates import policy

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.peers

DOCS = Path(__file__).parents[2] / "docs"
TYPES = {
    "/": "text/html",
    "/topics/sea": "text/html",
    "/topics/sea/archive/1": "text/html",
    "/topics/sea.rss": "application/rss+xml",
    "/topics/sea.atom": "application/atom+xml",
    "/topics/sea.json": "application/feed+json",
    "/topics/sea/archive/1.atom": "application/atom+xml",
    "/opml": "text/x-opml",
    "/sitemap.xml": "application/xml",
    "/topics/sea/archive/sitemap.xml": "application/xml",
    "/robots.txt": "text/plain",
    "/privacy": "text/html",
    "/static/style.css": "text/css",
    "/static/icon.svg": "image/svg+xml",
}
ABSENT = (
    "/nothing",
    "/topics/none",
    "/topics/secret",
    "/topics/secret.rss",
    "/topics/sea/archive/99",
    "/topics/sea.rss.gz",
    "/.syndicator/manifest.json",
)
DAEMONS = ("/editions", "/preferences", "/search", "/subscribe", "/unsubscribe", "/admin")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """What `syndicator export` makes of a topic with an archive, without any daemon."""
    program = Program(tmp_path_factory.mktemp("desk"))
    program.port = _port()
    program.configure(site={"base_url": f"http://127.0.0.1:{program.port}"})
    stories = [Story(f"s{n}", f"Ship {n} came in", f"It brought {n} oranges. " * 9) for n in range(65)]
    (program.config / "feed.xml").write_bytes(rss("Wire", *stories))
    program.sources(wire="file:feed.xml")
    program.topic("sea", any=["ship"])
    program.topic("secret", any=["ship"], publish={"private": True})
    program.once()
    shutil.rmtree(program.folder / "var" / "public")  # an export needs nothing but the database
    program.run("export", str(program.folder / "www"))
    return program


@pytest.fixture(params=["nginx", "caddy"])
def site(request: pytest.FixtureRequest, exported: Program, tmp_path: Path) -> Iterator[Program]:
    start = {"nginx": nginx, "caddy": caddy}[request.param]
    process = start(exported, tmp_path)
    try:
        wait(exported, process)
        yield exported
    finally:
        process.terminate()
        process.wait(10)


def _port() -> int:
    """Choose a port that nobody gets by chance while the export is made: below those of clients."""
    for port in Random().sample(range(20_000, 30_000), 100):
        with socket.socket() as trial, contextlib.suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def program_named(name: str) -> str:
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not found:
        pytest.skip(f"no {name} here; `make test-peers` installs it")
    return found


def sample(name: str, **changes: str) -> str:
    text = (DOCS / name).read_text()
    for old, new in changes.items():
        assert text.count(old) == 1, f"{name} no longer says {old!r} once"
        text = text.replace(old, new)
    return text


def nginx(program: Program, folder: Path) -> subprocess.Popen[bytes]:
    changes = {"listen 80;": f"listen 127.0.0.1:{program.port};", "root /srv/syndicator;": root_of(program)}
    (folder / "site.conf").write_text(sample("nginx.conf", **changes))
    paths = " ".join(
        f"{each}_temp_path {folder};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {paths} default_type application/octet-stream;\n"
        f"include {folder}/site.conf; }}\n"
    )
    return subprocess.Popen(
        [program_named("nginx"), "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr"]
    )


def root_of(program: Program) -> str:
    return f"root {program.folder / 'www'};"


def caddy(program: Program, folder: Path) -> subprocess.Popen[bytes]:
    changes = {
        "\nnews.example.org {": f"\nhttp://127.0.0.1:{program.port} {{",
        "root * /srv/syndicator": f"root * {program.folder / 'www'}",
    }
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + sample("Caddyfile", **changes))
    env = os.environ | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    return subprocess.Popen(
        [program_named("caddy"), "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"],
        env=env,
        stderr=subprocess.DEVNULL,
    )


def wait(program: Program, process: subprocess.Popen[Any]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        assert process.poll() is None, "the server does not start with this configuration"
        try:
            program.get("/robots.txt")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not answer")


def test_each_address_has_its_type_and_its_headers(site):
    for path, kind in TYPES.items():
        answer = site.get(path)
        assert answer.status == 200, path
        said = answer.headers["content-type"].lower().replace(" ", "")
        assert said in (f"{kind};charset=utf-8", kind if kind == "image/svg+xml" else ""), path
        assert answer.headers["content-security-policy"] == "base-uri 'none'; frame-ancestors 'none'"
        assert (policy() in answer.body.decode()) == (kind == "text/html"), "a page says what it may load"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "max-age=" in answer.headers["cache-control"]
    assert "max-age=3600" in site.get("/static/style.css").headers["cache-control"]
    assert "max-age=300" in site.get("/topics/sea/archive/1.atom").headers["cache-control"]


def test_a_second_poll_is_a_304_in_either_coding(site):
    for coding in ("identity", "gzip"):
        first = site.get("/topics/sea.atom", accept_encoding=coding)
        assert first.headers.get("content-encoding", "identity") == coding
        assert "accept-encoding" in first.headers["vary"].lower()
        tag = first.headers["etag"]
        assert tag.startswith('"')
        again = site.get("/topics/sea.atom", accept_encoding=coding, if_none_match=tag)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == tag
        date = first.headers["last-modified"]
        assert site.get("/topics/sea.atom", accept_encoding=coding, if_modified_since=date).status == 304
    body = (site.folder / "www/topics/sea.atom").read_bytes()
    assert gzip.decompress(site.get("/topics/sea.atom", accept_encoding="gzip").body) == body


def test_other_sites_may_read_feeds_and_nothing_else(site):
    for path in ("/topics/sea.rss", "/topics/sea/archive/1.json", "/opml"):
        answer = site.get(path, origin="https://reader.example")
        assert answer.headers["access-control-allow-origin"] == "*", path
        place = "/opml.xml" if path == "/opml" and "nginx" in answer.headers["server"] else path
        assert answer.headers["link"] == f'<http://127.0.0.1:{site.port}{place}>; rel="self"'
        asked = site.get(path, method="OPTIONS", origin="https://reader.example")
        assert asked.status == 204
        assert "If-None-Match" in asked.headers["access-control-allow-headers"]
        assert "GET" in asked.headers["access-control-allow-methods"]
    assert "access-control-allow-origin" not in site.get("/topics/sea").headers


def test_what_is_not_there_is_a_404_with_a_page(site):
    for path in ABSENT:
        answer = site.get(path)
        assert answer.status == 404, path
        assert b"There is nothing here" in answer.body, path
    assert site.get("/topics/sea.rss", method="POST", data=b"").status == 405
    for path in ("/search", "/topics/sea/editions", "/topics/sea/editions.atom"):
        assert site.get(path).status == 502, "a daemon answers it, and none runs"


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if name in ("href", "src") and value}


def test_every_link_of_every_page_leads_somewhere(site):
    here = f"127.0.0.1:{site.port}"
    seen, todo = set[str](), {"/"}
    while todo:
        path = todo.pop()
        seen.add(path)
        answer = site.get(path)
        assert answer.status == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            parser = _Links()
            parser.feed(answer.body.decode())
            parts = [urlsplit(link) for link in parser.found]
            inside = {each.path for each in parts if each.netloc in ("", here) and each.path.startswith("/")}
            todo |= {found for found in inside - seen if not found.startswith(DAEMONS)}
    assert {"/topics/sea", "/topics/sea.rss", "/topics/sea/archive/1"} <= seen
    feed = json.loads(site.get("/topics/sea.json").body)
    pages = 0
    while "next_url" in feed:
        pages += 1
        feed = json.loads(site.get(feed["next_url"].partition(here)[2]).body)
    assert pages == 2

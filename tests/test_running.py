"""docs/running.md is followed by machines before it is followed by people."""

from __future__ import annotations

import gzip
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from servers import HttpServer

DOCUMENT = (Path(__file__).parents[1] / "docs" / "running.md").read_text(encoding="utf-8")
FEED = "<rss>新闻 news</rss>".encode()
SURROUNDINGS = """
daemon off;
pid nginx.pid;
error_log stderr;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    {server}
}}
"""


@pytest.fixture
def nginx(tmp_path: Path, http_server: Callable[..., HttpServer]) -> Iterator[str]:
    """nginx as documented, without TLS and with our own places; yields its address."""
    behind = http_server({"/": b"front page", "/topics/china": b"page"})
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = documented_server(
        {
            r"listen 443 ssl;": f"listen 127.0.0.1:{port};",
            r" *ssl_certificate.*\n": "",
            r"/var/lib/syndicator/public": str(tmp_path / "public"),
            r"http://127.0.0.1:8080": behind.url(""),
        }
    )
    user = "user root;" if os.geteuid() == 0 else ""  # pytest's folders are closed to others
    (tmp_path / "nginx.conf").write_text(SURROUNDINGS.format(server=server, user=user))
    topics = tmp_path / "public" / "topics"
    topics.mkdir(parents=True)
    (topics / "china.rss").write_bytes(FEED)
    (topics / "china.rss.gz").write_bytes(gzip.compress(FEED))
    with subprocess.Popen(["nginx", "-p", tmp_path, "-c", tmp_path / "nginx.conf"]) as process:
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def documented_server(changes: dict[str, str]) -> str:
    [server] = re.findall(r"^```nginx\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
    for pattern, replacement in changes.items():
        server, count = re.subn(pattern, replacement, server)
        assert count, f"the document no longer says {pattern}"
    return server


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        assert process.poll() is None, "nginx ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("nginx does not answer")


@pytest.mark.peers
def test_nginx_serves_feeds_from_files_and_asks_the_daemon_for_the_rest(nginx: str) -> None:
    request = Request(f"{nginx}/topics/china.rss", headers={"Accept-Encoding": "gzip"})
    with urlopen(request, timeout=10) as answer:
        assert gzip.decompress(answer.read()) == FEED
        assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
        assert answer.headers["Last-Modified"]
        assert answer.headers["ETag"]
    for path, body in (("/", b"front page"), ("/topics/china", b"page"), ("/topics/china.rss", FEED)):
        with urlopen(nginx + path, timeout=10) as answer:
            assert answer.read() == body


def test_the_backup_command_copies_what_a_writer_has_committed(tmp_path: Path) -> None:
    [code] = re.findall(r"python -c \\\n +'(.*)' \\", DOCUMENT)
    source, copy = tmp_path / "source.db", tmp_path / "copy.db"
    with_writer = sqlite3.connect(source)
    with_writer.executescript("PRAGMA journal_mode=WAL; CREATE TABLE t (n); INSERT INTO t VALUES (7);")
    subprocess.run([sys.executable, "-c", code, source, copy], check=True, timeout=60)
    copied = sqlite3.connect(copy)
    assert copied.execute("SELECT n FROM t").fetchall() == [(7,)]
    copied.close()
    with_writer.close()

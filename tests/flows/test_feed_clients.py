"""Other people's readers follow a feed through edits: no news is a 304, and no article comes twice."""

from __future__ import annotations

import http.client
import os
import shutil
import sqlite3
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import feedparser
import pytest
from newsroom import Story, rss

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from program import Program

pytestmark = pytest.mark.peers

SHIP = Story("ship", "A ship came in", "It brought oranges from the south of Spain.")
SHIP_AGAIN = Story("ship", "A ship came in", "It brought oranges and lemons, as the harbour master said.")
WELD = Story("weld", "Shipyard hires ninety welders", "The port of Riga builds ferries again.")
DOCK = Story("dock", "Shipping stops for the ice", "Nothing moves north of Vaasa before the middle of March.")
STEPS = ((SHIP,), (SHIP_AGAIN, WELD), (WELD, SHIP_AGAIN), (DOCK, WELD, SHIP_AGAIN))


class Gate:
    """A proxy before the daemon that notes who was answered what: (client, path, status)."""

    def __init__(self) -> None:
        self.log: list[tuple[str, str, int]] = []
        self.target = 0
        gate = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                connection = http.client.HTTPConnection("127.0.0.1", gate.target, timeout=30)
                connection.request("GET", self.path, headers=dict(self.headers))
                answer = connection.getresponse()
                body = answer.read()
                path, _, client = self.path.partition("?")
                gate.log.append((client, path, answer.status))
                self.send_response_only(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                connection.close()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def url(self, client: str, name: str = "rss") -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/topics/ships.{name}?{client}"

    def statuses(self, client: str) -> list[int]:
        return [status for who, _, status in self.log if who == client]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.close()


class Newsboat:
    """It asks for deltas. The tag of the very first answer it forgets, so its second poll is a 200."""

    name = "rss"

    def __init__(self, gate: Gate, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "urls").write_text(f"{gate.url(folder.name, self.name)}\n")

    def poll(self) -> None:
        files = ["-u", self.folder / "urls", "-c", self.folder / "cache.db", "-C", "/dev/null"]
        run(["newsboat", *files, "-x", "reload"], self.folder)

    def articles(self) -> list[str]:
        cache = sqlite3.connect(self.folder / "cache.db")
        found = [row[0] for row in cache.execute("SELECT title FROM rss_item")]
        cache.close()
        return found


class NewsboatAtom(Newsboat):
    name = "atom"


class Sfeed:
    """It sends no conditions, so it is never told 304."""

    def __init__(self, gate: Gate, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "rc").write_text(
            f'sfeedpath="{folder}/feeds"\nfeeds() {{\n feed "ships" "{gate.url("sfeed")}"\n}}\n'
        )

    def poll(self) -> None:
        (self.folder / "feeds").mkdir(exist_ok=True)
        run(["sfeed_update", str(self.folder / "rc")], self.folder)

    def articles(self) -> list[str]:
        lines = (self.folder / "feeds" / "ships").read_text().splitlines()
        return list({line.split("\t")[5]: line.split("\t")[1] for line in lines}.values())


class Rss2email:
    """It asks for deltas, by feedparser, and would take them for errors."""

    def __init__(self, gate: Gate, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        run(["r2e", *self._files(), "new", "anna@reader.example"], folder)
        config = folder / "r2e.cfg"
        said = config.read_text().replace("email-protocol = sendmail", "email-protocol = maildir")
        config.write_text(said.replace("maildir-path = ~/Maildir", f"maildir-path = {folder / 'mail'}"))
        for name in ("cur", "new", "tmp"):
            (folder / "mail" / "INBOX" / name).mkdir(parents=True)
            (folder / "mail" / name).mkdir(parents=True)
        run(["r2e", *self._files(), "add", "ships", gate.url("r2e")], folder)

    def _files(self) -> list[str]:
        return ["-c", str(self.folder / "r2e.cfg"), "-d", str(self.folder / "r2e.json")]

    def poll(self) -> None:
        run(["r2e", *self._files(), "run"], self.folder)

    def articles(self) -> list[str]:
        mails = [path.read_text() for path in (self.folder / "mail").rglob("*") if path.is_file()]
        return [mail.partition("\nSubject: ")[2].partition("\n")[0] for mail in mails]


class Feedparser:
    def __init__(self, gate: Gate, folder: Path) -> None:
        self.url = gate.url("feedparser", "atom")
        self.etag = self.modified = None
        self.seen: dict[str, str] = {}

    def poll(self) -> None:
        read = feedparser.parse(self.url, etag=self.etag, modified=self.modified)
        if read.status in (200, 226):
            self.etag, self.modified = read.get("etag"), read.get("modified")
        for entry in read.entries:
            self.seen[entry.id] = entry.title

    def articles(self) -> list[str]:
        return list(self.seen.values())


CLIENTS = {
    "newsboat": (Newsboat, "newsboat"),
    "newsboat-atom": (NewsboatAtom, "newsboat"),
    "sfeed": (Sfeed, "sfeed_update"),
    "r2e": (Rss2email, "r2e"),
    "feedparser": (Feedparser, ""),
}


def run(command: list[object], home: Path) -> None:
    env = os.environ | {"HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(
        list(map(str, command)), env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def publish(program: Program, step: int) -> None:
    (program.config / "feed.xml").write_bytes(rss("Wire", *STEPS[step]))
    program.once(f"2026-12-{step * 3 + 1:02}T08:00:00Z")


@pytest.fixture
def followed(embedded: Program, gate: Gate, tmp_path: Path) -> dict[str, object]:
    """Let every client that is here follow the feed through all steps, polling twice at each."""
    embedded.sources(wire="file:feed.xml")
    embedded.topic("ships", any=["ship*"])
    clients: dict[str, object] = {}
    gate.target = embedded.port
    for step in range(len(STEPS)):
        publish(embedded, step)
        embedded.start()
        for name, (kind, program) in CLIENTS.items():
            if name not in clients and (not program or shutil.which(program)):
                clients[name] = kind(gate, tmp_path / name)
        for client in clients.values():
            client.poll()
            client.poll()
        embedded.stop()
    return clients


def test_clients_follow(followed: dict[str, object], gate: Gate) -> None:
    wanted = sorted(story.title for story in STEPS[-1])
    assert "feedparser" in followed
    for name, client in followed.items():
        assert sorted(client.articles()) == wanted, name
    for name in set(followed) - {"sfeed"}:
        statuses = gate.statuses(name)
        assert statuses[3::2] == [304] * 3, (name, statuses)
        assert statuses[1] == (200 if "newsboat" in name else 304)
        assert statuses[4] == 304, "the same articles in another order are the same feed"
        assert statuses[6] == (226 if "newsboat" in name else 200), "all of them ask for what is new alone"
    missing = sorted(set(CLIENTS) - set(followed))
    if missing:
        pytest.skip(f"all is well with {', '.join(followed)}; not installed: {', '.join(missing)}")

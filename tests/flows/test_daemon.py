"""The running daemon: it stops in time, tells systemd how it is, and takes over what admins save."""

from __future__ import annotations

import shutil
import signal
import socket
import tempfile
import time as clock
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from newsroom import Story, rss
from rows import INSTANT, add_readers, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from program import Program

SHIP = Story("ship", "A ship came in", "It brought oranges.")
TRAIN = Story("train", "A train came in late", "It brought lemons.")
STORM = Story("storm", "A storm hit the coast", "No oranges this week.")
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)


# Stopping ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "state", "uncertain"), [("RCPT", "planned", 0), ("DOT", "sending", 0)])
def test_sigterm_in_the_middle_of_everything(program, http_server, stalling, step, state, uncertain):
    """A slow source and a slow mail server are under way: it ends within 10 s and loses nothing."""
    slow = HangingPage()
    server = http_server({"/wire": rss("Wire", SHIP)})
    program.sources(wire=server.url("/wire"))
    program.topic("ships", any=["ship*"])
    program.configure(mail={"transport": "smtp", "host": "127.0.0.1", "port": stalling.port})
    program.once()
    add_readers(program, 1, slot=INSTANT, since=datetime.now(UTC) - timedelta(days=1))
    server.pages["/slow"] = slow
    program.sources(wire=server.url("/wire"), slow=server.url("/slow"))
    stalling.box.stall_at(step)
    program.start()
    program.until(lambda: stalling.box.reached.is_set() and slow.asked)
    assert program.stop() < 10
    assert program.process
    assert program.process.returncode == 0
    assert "Traceback" not in program.log()
    assert rows(program, "SELECT state, uncertain FROM deliveries") == [(state, uncertain)]
    assert rows(program, "SELECT count(*) FROM sources WHERE lease_until IS NOT NULL") == [(0,)]
    server.pages["/slow"] = rss("Slow", TRAIN)
    done = program.once((datetime.now(UTC) + timedelta(minutes=31)).isoformat())
    assert (done["articles"], done["sent"]) == (1, 1)
    sent = {mail.message["Message-ID"] for mail in stalling.mails}
    assert len(sent) == 1, "sent again, if at all, as the same message"
    last = rows(program, "SELECT state, uncertain FROM deliveries")
    assert last == [("accepted", len(stalling.mails) - 1)]


class HangingPage:
    """A page that never comes."""

    asked = False

    async def __call__(self, request):
        import asyncio

        self.asked = True
        await asyncio.sleep(3600)


# systemd ----------------------------------------------------------------------------------------------


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """What the daemon tells its service manager, word by word (sd_notify(3))."""
    folder = Path(tempfile.mkdtemp(prefix="sd-"))  # short: a socket's path may have 107 octets
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(folder / "notify"))
        sock.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(folder / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "1000000")
        yield lambda: sock.recv(4096).decode()
    shutil.rmtree(folder)


def test_what_systemd_is_told(embedded, words):
    def following(word: str) -> list[str]:
        said = []
        while not said or said[-1] != word:
            said.append(words())
        return said[:-1]

    embedded.start()
    assert set(following("READY=1")) <= {"WATCHDOG=1"}
    began = clock.monotonic()
    for _ in range(3):
        assert set(following("WATCHDOG=1")) == set()
    assert clock.monotonic() - began > 0.9, "twice as often as asked for, not all the time"
    assert embedded.process
    embedded.process.send_signal(signal.SIGHUP)
    assert set(following("RELOADING=1")) <= {"WATCHDOG=1"}
    assert set(following("READY=1")) <= {"WATCHDOG=1"}
    embedded.until(lambda: "reloaded" in embedded.log())
    embedded.stop()
    assert set(following("STOPPING=1")) <= {"WATCHDOG=1"}


# Edits ------------------------------------------------------------------------------------------------


def feed(program: Program, slug: str) -> str:
    return program.get(f"/topics/{slug}.json").body.decode()


def test_edits_are_taken_over_while_it_runs(program, http_server):
    server = http_server({"/wire": rss("Wire", SHIP, TRAIN)})
    program.sources(wire=server.url("/wire"))
    program.topic("ships", any=["ship*"])
    program.start()
    program.until(lambda: SHIP.title in feed(program, "ships"))
    assert program.get("/topics/fruit").status == 404

    program.topic("fruit", any=["oranges", "lemons"], min_score=1)
    program.until(lambda: SHIP.title in feed(program, "fruit"))
    assert TRAIN.title in feed(program, "fruit"), "what was stored before is in it"
    program.until(lambda: b"/topics/fruit.rss" in program.get("/opml").body)

    program.topic("fruit", any=["oranges"], min_score=1)
    program.until(lambda: TRAIN.title not in feed(program, "fruit"))
    assert SHIP.title in feed(program, "fruit")

    (program.config / "topics" / "ships.yaml").unlink()
    program.until(lambda: program.get("/topics/ships.rss").status == 410)
    public = program.folder / "var" / "public" / "topics"
    program.until(lambda: not list(public.glob("ships*")))
    assert program.get("/topics/ships").status == 410
    program.until(lambda: "Ships" not in program.get("/").body.decode())
    program.stop()

    add_readers(program, 1, topic="fruit")
    first = program.once(TOMORROW.isoformat())
    assert first["planned"] == 0, "no digest sends an old article because of an edit"
    server.pages["/wire"] = rss("Wire", SHIP, TRAIN, STORM)
    second = program.once((TOMORROW + timedelta(days=1)).isoformat())
    assert (second["articles"], second["sent"]) == (1, 1)
    (mail,) = (program.folder / "var" / "mail" / "new").iterdir()
    assert STORM.title in mail.read_text()
    assert SHIP.title not in mail.read_text()


def test_a_topic_that_left_while_it_was_stopped(embedded, http_server):
    server = http_server({"/wire": rss("Wire", SHIP)})
    embedded.sources(wire=server.url("/wire"))
    embedded.topic("ships", any=["ship*"])
    embedded.once()
    public = embedded.folder / "var" / "public" / "topics"
    assert len(list(public.glob("ships*"))) == 16, "four renditions, each also in three codings"
    kept = (embedded.config / "topics" / "ships.yaml").rename(embedded.folder / "ships.yaml")
    embedded.once()
    assert not list(public.glob("ships*"))
    kept.rename(embedded.config / "topics" / "ships.yaml")
    embedded.once()
    assert SHIP.title in (public / "ships.json").read_text(), "and it may come back"

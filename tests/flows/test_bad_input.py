"""Trouble from outside: each gives one clear line, harms nothing else and loses nothing (issue 2)."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import re
import socket
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from newsroom import Story, rss
from program import free_port
from rows import INSTANT, add_readers, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import CompletedProcess

    from program import Program

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
SHIP = Story("ship", "A ship came in", "It brought oranges.")
STORM = Story("storm", "A ship sank in the storm", "Nobody was hurt.")
QUICK = {"min_interval": "1s", "max_interval": "2s"}


def line(done: CompletedProcess[str], *words: str) -> str:
    """The one line that a command said before it gave up, and under it what to try; notes aside."""
    first, *more = [said for said in done.stderr.splitlines() if not said.startswith("note: ")]
    assert all(other.startswith("  try: ") for other in more), done.stderr
    assert len(more) <= 1, done.stderr
    for word in words:
        assert word in done.stderr
    return first


def newsroom(program: Program, url: str, **sections: object) -> None:
    """One source, and one topic that is about ships."""
    program.sources(wire=url)
    program.topic("ships", any=["ship*"])
    program.configure(**sections)


def feed(program: Program, slug: str = "ships") -> str:
    return program.get(f"/topics/{slug}.json").body.decode()


def subscribe(program: Program, *addresses: str) -> None:
    for address in addresses:
        program.run("subscribers", "add", address, "--topic", "ships", "--confirmed", "--at", "07:00")


# Config -----------------------------------------------------------------------------------------------


def test_all_problems_of_all_files_in_one_go(fresh):
    fresh.topic("ships", any=["ship*"], titel="Ships")
    (fresh.config / "topics" / "broken.yaml").write_text("title: [Ships\nany: [x]\n")
    (fresh.config / "sources" / "s.yaml").write_text("sources:\n- {name: a, url: 'gopher://x/'}\n")
    fresh.configure(web={"port": "much"})
    for command in ("check", "once"):
        lines = fresh.run(command, code=2).stderr.splitlines()
        for file in ("syndicator.yaml:", "topics/broken.yaml:", "sources/s.yaml:2:", "topics/ships.yaml:1:"):
            assert any(said.startswith(f"config/{file}") for said in lines), (command, file, lines)
        assert all(said.startswith("config/") for said in lines), "nothing but problems"
        assert any("did you mean 'title'" in said for said in lines)
    assert not (fresh.folder / "var").exists(), "nothing was begun"


def test_a_broken_file_never_stops_what_works(embedded, http_server):
    server = http_server({"/wire": rss("Wire", SHIP)})
    newsroom(embedded, server.url("/wire"))
    embedded.start()
    embedded.until(lambda: SHIP.title in feed(embedded))
    broken = embedded.config / "topics" / "ships.yaml"
    broken.write_text("title: Ships\nany: ['ship*'\n")
    embedded.until(lambda: "nothing is taken over" in embedded.log())
    assert "config/topics/ships.yaml:" in embedded.log()
    assert SHIP.title in feed(embedded)
    embedded.topic("ships", title="Ships and boats", any=["ship*"])
    embedded.until(lambda: "Ships and boats" in feed(embedded))
    embedded.stop()

    broken.write_text("title: Ships\nany: ['ship*'\n")
    assert "config/topics/ships.yaml:" in embedded.run("once", code=2).stderr
    embedded.start()
    assert "the last good catalog stays in force" in embedded.log()
    assert "Ships and boats" in feed(embedded)
    assert SHIP.title in feed(embedded)
    broken.write_text('{"title": "Boats", "any": ["ship*"]}')
    embedded.until(lambda: '"Boats"' in feed(embedded))


def test_a_template_with_an_error(embedded):
    newsroom(embedded, "file:feed.xml")
    copy = embedded.folder / "templates" / "email" / "looks" / "magazine.html.j2"
    copy.parent.mkdir(parents=True)
    copy.write_text("<p>\n{% if %}\n</p>\n")
    name = "email/looks/magazine.html.j2"
    assert line(embedded.run("check", code=2)).startswith(f"templates/{name}:2: Expected an expression")
    assert line(embedded.run("once", code=1)).startswith(f"{name}:2: ")
    embedded.start()
    assert "the packaged one serves" in embedded.log()
    assert f"{name}:2:" in embedded.log()
    copy.write_text(
        "{% extends 'shipped/email/looks/magazine.html.j2' %}\n{% block why %}{{ sight }}{% endblock %}"
    )
    embedded.topic("ships", title="Ships and boats", any=["ship*"])
    embedded.until(lambda: f"{name}:2: 'sight' is undefined" in embedded.log())
    embedded.until(lambda: "nothing is taken over until this is mended" in embedded.log())
    assert "Ships and boats" not in feed(embedded), "nothing is taken over"
    copy.unlink()
    embedded.until(lambda: "Ships and boats" in feed(embedded))


# Sources ----------------------------------------------------------------------------------------------


async def endless(request: web.Request) -> web.StreamResponse:
    """A feed that has begun well and never ends."""
    response = web.StreamResponse(headers={"Content-Type": "application/rss+xml"})
    await response.prepare(request)
    await response.write(rss("Wire", SHIP).removesuffix(b"</channel></rss>"))
    with contextlib.suppress(ConnectionError):
        while True:
            await response.write(b"<!-- wait for it -->\n")
            await asyncio.sleep(0.2)
    return response


BOMB = gzip.compress(rss("Bomb", SHIP) + b" " * 100_000_000, compresslevel=9)
HOSTILE = {
    "huge": (b"<rss><channel>" + b"<item/>" * 7_500_000, "sends more than 16 MB"),
    "endless": (endless, "was not done after 3 seconds"),
    "html": (b"<!doctype html><html><body><h1>Oops</h1></body></html>", "web page"),
    "empty": (b"", "empty"),
    "bomb": ((BOMB, {"Content-Encoding": "gzip"}), "sends more than 16 MB"),
    "cut": (rss("Cut", SHIP)[:-200], ""),  # what can be read of it counts
    "gone": ((b"", {}, 410), "for good"),
}


def test_hostile_sources_harm_nobody(embedded, http_server):
    server = http_server({f"/{name}": page for name, (page, _) in HOSTILE.items()})
    server.pages["/wire"] = rss("Wire", SHIP)
    newsroom(embedded, server.url("/wire"), fetch={"timeout": "3s", "per_host": 10})
    embedded.sources(wire=server.url("/wire"), **{name: server.url(f"/{name}") for name in HOSTILE})
    done = embedded.once()
    assert done["articles"] >= 1
    assert done["failed"] == sum(bool(error) for _, error in HOSTILE.values())
    listed = {source["name"]: source for source in embedded.json("sources", "list")}
    for name, (_, error) in HOSTILE.items():
        said = listed[name]["last_error"]
        assert error in said, (name, said)
        assert bool(error) is bool(said)
        assert len(said.splitlines()) <= 1
        assert listed[name]["state"] == {"gone": "stopped"}.get(name, "failing" if error else "ok")
    assert (listed["wire"]["state"], listed["wire"]["last_error"]) == ("ok", "")
    assert SHIP.title in embedded.run("feed", "ships").stdout


# The disk and the database ----------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own, mounted on `folder`."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "syndicator-test", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let root mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Fill the disk to its last byte."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    return ballast


def test_a_full_disk_stops_once_and_loses_nothing(embedded, http_server):
    server = http_server({"/wire": rss("Wire", SHIP)})
    newsroom(embedded, server.url("/wire"))
    subscribe(embedded)
    with small_disk(embedded.folder / "var", "2m") as disk:
        embedded.once()
        server.pages["/wire"] = rss("Wire", SHIP, STORM)
        ballast = fill(disk)
        later = (datetime.now(UTC) + timedelta(days=3)).isoformat()
        said = line(embedded.run("once", "--now", later, code=1), "nothing that was stored is lost")
        assert re.fullmatch("database: the disk .*is full", said)
        ballast.unlink()
        assert embedded.once(later)["articles"] == 1
        public = (disk / "public" / "topics" / "ships.json").read_text()
        assert STORM.title in public
        assert SHIP.title in public


def test_a_daemon_outlives_a_full_disk(embedded, http_server):
    server = http_server({"/wire": rss("Wire", SHIP)})
    newsroom(embedded, server.url("/wire"), fetch=QUICK)
    with small_disk(embedded.folder / "var", "8m") as disk:
        embedded.start()
        embedded.until(lambda: SHIP.title in feed(embedded))
        ballast = fill(disk)
        long = Story("long", "A ship with a long tale", "The sea was grey and cold. " * 150_000)
        server.pages["/wire"] = rss("Wire", SHIP, STORM, long)
        embedded.until(lambda: re.search("the disk .*is full", embedded.log()))
        assert "Traceback" not in embedded.log()
        assert SHIP.title in feed(embedded), "what is published stays"
        assert embedded.get("/healthz").status == 200
        ballast.unlink()
        server.pages["/wire"] = rss("Wire", SHIP, STORM)
        embedded.until(lambda: STORM.title in feed(embedded))
        assert embedded.stop() < 10


def test_a_state_folder_that_cannot_be(fresh):
    (fresh.folder / "var").write_text("a file, not a folder")
    for command in ("run", "once", "status"):
        assert str(fresh.folder / "var") in line(fresh.run(command, code=1))
    assert "database: " in line(fresh.run("sources", "list", code=1))


def test_a_file_that_is_no_database(fresh):
    (fresh.folder / "var").mkdir()
    (fresh.folder / "var" / "syndicator.db").write_bytes(b"These are my notes. " * 1000)
    assert "not a database" in line(fresh.run("once", code=1))


def test_a_locked_database(embedded, http_server):
    server = http_server({"/wire": rss("Wire", SHIP)})
    newsroom(embedded, server.url("/wire"), fetch=QUICK)
    embedded.once()
    intruder = sqlite3.connect(embedded.folder / "var" / "syndicator.db", isolation_level=None)
    try:
        intruder.execute("BEGIN IMMEDIATE")
        assert "another program holds the database" in line(embedded.run("once", code=1))
        intruder.execute("ROLLBACK")
        embedded.start()
        embedded.until(lambda: SHIP.title in feed(embedded))
        intruder.execute("BEGIN IMMEDIATE")
        server.pages["/wire"] = rss("Wire", SHIP, STORM)
        embedded.topic("storms", any=["storm*"])  # even the edit that was made meanwhile
        embedded.until(lambda: "another program holds the database" in embedded.log())
        embedded.until(lambda: embedded.log().count("another program holds the database") >= 2)
        assert "Traceback" not in embedded.log()
        assert embedded.get("/topics/ships").status == 200
        intruder.execute("ROLLBACK")
        embedded.until(lambda: STORM.title in feed(embedded) and STORM.title in feed(embedded, "storms"))
    finally:
        intruder.close()


@pytest.mark.parametrize(("step", "said"), [("RCPT", "cannot deliver"), ("DOT", "cannot record deliveries")])
def test_a_lock_in_the_middle_of_a_conversation(embedded, http_server, stalling, step, said):
    """What the mail server said is remembered until the database takes it: nothing is sent twice."""
    server = http_server({"/wire": rss("Wire", SHIP)})
    newsroom(embedded, server.url("/wire"), mail={"transport": "smtp", "port": stalling.port})
    embedded.once()
    add_readers(embedded, 1, slot=INSTANT, since=datetime.now(UTC) - timedelta(days=1))
    stalling.box.stall_at(step)
    embedded.start()
    embedded.until(stalling.box.reached.is_set)
    intruder = sqlite3.connect(embedded.folder / "var" / "syndicator.db", isolation_level=None)
    try:
        intruder.execute("BEGIN IMMEDIATE")
        stalling.box.go_on.set()
        embedded.until(lambda: said in embedded.log())
        assert "Traceback" not in embedded.log()
        intruder.execute("ROLLBACK")
        embedded.until(lambda: rows(embedded, "SELECT state, uncertain FROM deliveries") == [("accepted", 0)])
    finally:
        intruder.close()
    assert len(stalling.mails) == 1


def test_a_database_of_a_newer_program(embedded):
    embedded.topic("ships", any=["ship*"])
    embedded.once()
    with sqlite3.connect(embedded.folder / "var" / "syndicator.db") as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    conn.close()
    for command in ("once", "run", "status"):
        assert "9999 is newer" in line(embedded.run(command, code=1), "try: ")


def test_a_second_daemon(embedded):
    embedded.start()
    assert embedded.process
    for command in ("run", "once"):
        said = line(embedded.run(command, code=3))
        assert f"in use by process {embedded.process.pid} " in said
    assert embedded.json("status")["running"] is True
    assert embedded.stop() < 10
    assert embedded.json("status")["running"] is False


def test_a_port_in_use(embedded):
    with socket.create_server(("127.0.0.1", embedded.port)):
        said = line(embedded.run("run", code=1), "web.port")
        assert f"cannot listen on 127.0.0.1:{embedded.port}: address already in use" in said
        assert "while attempting" not in said


# Mail -------------------------------------------------------------------------------------------------


def test_no_mail_server(embedded, http_server, smtp_server):
    server = http_server({"/wire": rss("Wire", SHIP)})
    newsroom(embedded, server.url("/wire"), mail={"transport": "smtp", "port": free_port()})
    subscribe(embedded, "anna@reader.example")
    first = embedded.once(TOMORROW.isoformat())
    assert (first["planned"], first["deferred"], first["sent"]) == (1, 1, 0)
    (waiting,) = embedded.json("deliveries", "list")
    assert (waiting["state"], waiting["uncertain"]) == ("deferred", 0)
    assert "cannot use the mail server" in waiting["reply"]
    embedded.configure(mail={"port": smtp_server.port})
    for minutes in (10, 20):
        embedded.once((TOMORROW + timedelta(minutes=minutes)).isoformat())
        (mail,) = smtp_server.mails
    assert mail.recipients == ("anna@reader.example",)
    (sent,) = embedded.json("deliveries", "list")
    assert (sent["state"], sent["uncertain"]) == ("accepted", 0)


def test_refusals(embedded, http_server, smtp_server):
    """A dead address is written to no more; a refusal of us is no reason to drop a reader."""
    server = http_server({"/wire": rss("Wire", SHIP)})
    newsroom(embedded, server.url("/wire"), mail={"transport": "smtp", "port": smtp_server.port})
    smtp_server.box.replies |= {
        "gone@reader.example": "550 5.1.1 no such user here",
        "strict@reader.example": "550 5.7.1 refused by our policy",
    }
    subscribe(embedded, "anna@reader.example", "gone@reader.example", "strict@reader.example")
    first = embedded.once(TOMORROW.isoformat())
    assert (first["planned"], first["sent"], first["refused"]) == (3, 1, 2)
    states = {d["address"]: (d["state"], d["reply"]) for d in embedded.json("deliveries", "list")}
    assert states["gone@reader.example"] == ("refused", "550 5.1.1 no such user here")
    assert states["strict@reader.example"] == ("refused", "550 5.7.1 refused by our policy")
    server.pages["/wire"] = rss("Wire", SHIP, STORM)
    second = embedded.once((TOMORROW + timedelta(days=1)).isoformat())
    assert (second["articles"], second["planned"], second["sent"], second["refused"]) == (1, 2, 1, 1)
    written = [d["address"] for d in embedded.json("deliveries", "list")]
    assert written.count("gone@reader.example") == 1
    assert written.count("strict@reader.example") == 2


# The command line -------------------------------------------------------------------------------------


def test_names_and_times_that_do_not_exist(embedded, tmp_path):
    newsroom(embedded, "file:missing.xml")
    for command in (("feed", "shps"), ("digest", "shps", "--to", str(tmp_path / "out"))):
        said = line(embedded.run(*command, code=1), "try: did you mean ships?")
        assert "there is no 'shps'" in said
    wrong = embedded.run("once", "--now", "tomorrow", code=2)
    assert "'tomorrow' is no time" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert embedded.json("sources", "list")[0]["last_error"] == "", "nothing was done"


def test_a_place_that_cannot_be_written(embedded, http_server, tmp_path):
    server = http_server({"/wire": rss("Wire", SHIP)})
    newsroom(embedded, server.url("/wire"))
    embedded.once()
    (tmp_path / "file").write_text("in the way")
    for target in (tmp_path / "file", tmp_path / "file" / "below"):
        assert str(target) in line(embedded.run("digest", "ships", "--to", str(target), code=1), "try: ")

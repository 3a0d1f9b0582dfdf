"""SIGKILL between two steps: nothing is lost, and what may be double is counted as such.

TRAPS of mail: between the final dot and its answer nobody can know (RFC 1047). All else is exact.
"""

from __future__ import annotations

import contextlib
import random
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

from newsroom import Story, many, rss
from program import environ
from rows import add_readers, count, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from program import Program
    from servers import Mail

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
BEYOND_LEASES = timedelta(minutes=31)
READERS = 1_001  # three chunks of a composition


def ship(number: int) -> Story:
    return Story(f"ship-{number}", f"Ship number {number} came in", "It brought oranges.")


# Helpers ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def begun(program: Program, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command, and kill it in the end with no chance to put anything in order."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environ()}
    with subprocess.Popen(program.command(*command), **quiet) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(condition: Callable[[], Any], process: subprocess.Popen[bytes]) -> bool:
    """Wait until something is true or the process has ended by itself; which of the two."""
    end = time.monotonic() + 60
    while not condition():
        if process.poll() is not None:
            return False
        assert time.monotonic() < end
        time.sleep(0.002)
    return True


def ids(mails: list[Mail]) -> Counter[str]:
    return Counter(mail.message["Message-ID"] for mail in mails)


# Mail -------------------------------------------------------------------------------------------------

STEPS = {  # killed before its answer came → (mails that the server has in the end, uncertain ones)
    "RCPT": (1, 0),
    "DATA": (1, 0),  # `sending` is committed when the server waits for the message, and not before
    "DOT": (2, 1),  # both under the same Message-ID, which mail readers show once
}


def test_killed_in_the_middle_of_a_conversation(embedded, http_server, stalling):
    """Step by step; on both databases `test_kill_fire.py` does it at random."""
    program = embedded
    server = http_server({"/wire": b""})
    program.sources(wire=server.url("/wire"))
    program.topic("ships", any=["ship*"])
    program.configure(mail={"transport": "smtp", "host": "127.0.0.1", "port": stalling.port})
    add_readers(program, 1)
    for day, (step, (mails, uncertain)) in enumerate(STEPS.items()):
        server.pages["/wire"] = rss("Wire", *(ship(number) for number in range(day + 1)))
        now = TOMORROW + timedelta(days=day)
        stalling.mails.clear()
        stalling.box.stall_at(step)
        with begun(program, "once", "--now", now.isoformat()) as process:
            assert wait_until(stalling.box.reached.is_set, process), step
        second = program.once((now + BEYOND_LEASES).isoformat())
        assert (second["sent"], second["planned"]) == (1, 0), step
        assert list(ids(stalling.mails).values()) == [mails], step
        last = rows(program, "SELECT state, uncertain, message_id FROM deliveries ORDER BY id DESC")[0]
        assert last == ("accepted", uncertain, stalling.mails[0].message["Message-ID"]), step
        assert program.once((now + 2 * BEYOND_LEASES).isoformat())["sent"] == 0
    assert count(program, "deliveries") == len(STEPS)


def test_what_is_uncertain_may_be_held(embedded, http_server, stalling):
    server = http_server({"/wire": rss("Wire", ship(1))})
    embedded.sources(wire=server.url("/wire"))
    embedded.topic("ships", any=["ship*"])
    mail = {"transport": "smtp", "host": "127.0.0.1", "port": stalling.port, "uncertain": "hold"}
    embedded.configure(mail=mail)
    add_readers(embedded, 1)
    stalling.box.stall_at("DOT")
    with begun(embedded, "once", "--now", TOMORROW.isoformat()) as process:
        assert wait_until(stalling.box.reached.is_set, process)
    assert embedded.once((TOMORROW + BEYOND_LEASES).isoformat())["sent"] == 0
    (held,) = embedded.json("deliveries", "list")
    assert (held["state"], held["uncertain"]) == ("held", 1)
    assert len(stalling.mails) == 1


def test_killed_while_composing_and_delivering(program, http_server):
    """At several moments of one digest to many; in the end each reader has one row and one mail."""
    server = http_server({"/wire": rss("Wire", ship(1))})
    program.sources(wire=server.url("/wire"))
    program.topic("ships", any=["ship*"])
    add_readers(program, READERS)
    new, chance = program.folder / "var" / "mail" / "new", random.Random(7)
    moments: list[Callable[[], Any]] = [
        lambda: count(program, "slot_runs"),
        lambda: count(program, "deliveries"),
        lambda: new.is_dir() and any(new.iterdir()),
    ]
    for moment in moments:
        with begun(program, "once", "--now", TOMORROW.isoformat()) as process:
            assert wait_until(moment, process)
            time.sleep(chance.uniform(0, 0.1))
    assert len(list(new.iterdir())) < READERS, "it was killed before the end"
    program.once((TOMORROW + BEYOND_LEASES).isoformat())
    assert rows(program, "SELECT state, count(*) FROM deliveries GROUP BY state") == [("accepted", READERS)]
    assert rows(program, "SELECT count(DISTINCT subscriber_id) FROM deliveries") == [(READERS,)]
    assert rows(program, "SELECT count(*), sum(deliveries) FROM slot_runs WHERE state = 'done'")[0][0] == 1
    readers = Counter(message_from_bytes(mail.read_bytes())["To"] for mail in new.iterdir())
    assert len(readers) == READERS
    assert set(readers.values()) == {1}


# Pull -------------------------------------------------------------------------------------------------


def test_killed_while_pulling(program, http_server):
    feeds = many(30)
    server = http_server(feeds)
    program.sources(**{f"paper{path.rpartition('/')[2]}": server.url(path) for path in feeds})
    program.topic("harbour", any=["harbour"], publish={"items": 500, "stories": "all"})
    now = datetime.now(UTC)
    for moment in (0, 50):
        with begun(program, "once", "--now", now.isoformat()) as process:
            assert wait_until(lambda at=moment: count(program, "articles") > at, process)
        now += BEYOND_LEASES
    assert count(program, "articles") < 150, "it was killed before the end"
    program.once(now.isoformat())
    assert rows(program, "SELECT count(*), count(DISTINCT title) FROM articles") == [(150, 150)]
    assert count(program, "matches") == 120
    published = (program.folder / "var" / "public" / "topics" / "harbour.json").read_text()
    assert published.count('"title": "Report') == 120
    states = {source["state"] for source in program.json("sources", "list")}
    assert states == {"ok"}

"""Many letters over few connections: what goes out together, and the ledger, right whatever happens."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from smtp_script import DROP, POLITE, ScriptedServer

from syndicator.deliver.smtp import SmtpTransport
from syndicator.deliver.transport import Letter, Outcome, send
from syndicator.settings import Mail

if TYPE_CHECKING:
    from collections.abc import Mapping

PIPELINING = POLITE["EHLO"].replace("250-SIZE", "250-PIPELINING\r\n250-SIZE")
TAKES_ALL = {"EHLO": PIPELINING}


def letter(number: int, message: bytes = b"Subject: s\r\n\r\nbody\r\n") -> Letter:
    text = b"X-Number: %d\r\n%b" % (number, message)
    return Letter(sender="n@a.example", recipient=f"r{number}@b.example", message=text, name=f"e.{number}")


class Book:
    """A work that keeps a ledger, and knows when it would be wrong."""

    def __init__(self, letters: list[Letter], *, lost: frozenset[str] = frozenset()) -> None:
        self._letters = list(letters)
        self._lost = lost
        self.open: set[str] = set()
        self.most_open = 0
        self.begun: Counter[str] = Counter()
        self.ended: dict[str, Outcome] = {}
        self.commits = 0

    def next(self) -> Letter | None:
        return self._letters.pop(0) if self._letters else None

    async def begin(self, letter: Letter, ended: tuple[Letter, Outcome] | None) -> bool:
        await asyncio.sleep(0)
        if ended:
            self._end(*ended)
        self.commits += 1
        if letter.name in self._lost:
            return False
        self.begun[letter.name] += 1
        self.open.add(letter.name)
        self.most_open = max(self.most_open, len(self.open))
        return True

    async def end(self, letter: Letter, outcome: Outcome) -> None:
        await asyncio.sleep(0)
        self.commits += 1
        self._end(letter, outcome)

    def _end(self, letter: Letter, outcome: Outcome) -> None:
        assert letter.name not in self.ended
        self.ended[letter.name] = outcome
        self.open.discard(letter.name)


async def run(server: ScriptedServer, book: Book, *, connections: int = 1, **changes: int) -> None:
    mail = Mail(transport="smtp", host=server.host, port=server.port, timeout=timedelta(seconds=20))
    transport = SmtpTransport(
        replace(mail, connections=connections, **changes),  # type: ignore[arg-type]
        patience=timedelta(seconds=20),
    )
    await transport.run(book)
    await transport.close()
    await server.until_closed()


def numbers(server: ScriptedServer) -> list[str]:
    """The letters that the server accepted, by name."""
    return [f"e.{message.split()[1].decode()}" for message in server.messages]


SAID = {b"EHLO": b"250-here\r\n250 PIPELINING", b"DATA": b"354 go"}


class Chunks:
    """A server that notes what came together, and answers a group at once."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        in_body = False
        while chunk := await reader.read(1 << 20):
            self.heard.append(chunk)
            if in_body and b"\r\n.\r\n" not in chunk:
                continue
            answers = [b"250 kept"] if in_body else []
            commands = chunk.rpartition(b"\r\n.\r\n")[2] if in_body else chunk
            in_body = False
            for line in commands.splitlines():
                verb = line.split()[0]
                in_body = verb == b"DATA"
                answers.append(
                    {b"EHLO": b"250-here\r\n250 PIPELINING", b"DATA": b"354 go"}.get(verb, b"250 ok")
                )
            writer.write(b"".join(answer + b"\r\n" for answer in answers))
        writer.close()


async def test_an_envelope_is_one_write_and_the_next_goes_behind_the_dot() -> None:
    chunks = Chunks()
    async with await asyncio.start_server(chunks.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        mail = Mail(transport="smtp", host="127.0.0.1", port=port, connections=1)
        transport, book = SmtpTransport(mail), Book([letter(n) for n in range(3)])
        await transport.run(book)
        await transport.close()
    assert {outcome.kind for outcome in book.ended.values()} == {"accepted"}
    said = b"".join(chunks.heard)
    assert said.count(b"\r\n.\r\nMAIL FROM:<n@a.example>\r\nRCPT TO:") == 2
    assert b"MAIL FROM:<n@a.example>\r\nRCPT TO:<r0@b.example>\r\nDATA\r\n" in chunks.heard
    assert book.commits == 4, "one for each letter, and one for the last outcome"


async def test_a_letter_that_is_not_ours_any_more_is_not_sent() -> None:
    async with ScriptedServer(TAKES_ALL) as server:
        book = Book([letter(n) for n in range(4)], lost=frozenset({"e.0", "e.2"}))
        await run(server, book)
    assert numbers(server) == ["e.1", "e.3"]
    assert set(book.ended) == {"e.1", "e.3"}


@pytest.mark.parametrize("extensions", [TAKES_ALL, {}], ids=["pipelined", "by turns"])
async def test_no_more_messages_over_a_connection_than_allowed(extensions: Mapping[str, str]) -> None:
    async with ScriptedServer(extensions) as server:
        await run(server, Book([letter(n) for n in range(7)]), per_connection=3)
    counts = [sum(line == "DATA" for line in lines) for lines in server.said]
    assert counts == [3, 3, 1]
    assert [lines[-1] for lines in server.said] == ["QUIT"] * 3


async def test_a_server_that_goes_on_after_refusing_gets_nothing_for_nobody() -> None:
    async with ScriptedServer({**TAKES_ALL, "RCPT 1": "550 5.1.1 gone", "DATA": "354 go on"}) as server:
        book = Book([letter(0), letter(1)])
        await run(server, book)
    assert [outcome.kind for outcome in book.ended.values()] == ["refused", "accepted"]
    assert server.messages[0] == b""
    assert server.messages[1].startswith(b"X-Number: 1")


async def test_trouble_before_the_dot_is_known_to_be_before_it() -> None:
    """More than the system takes at once: when the connection breaks, the dot is still with us."""
    async with ScriptedServer({**TAKES_ALL, "BODY": DROP}) as server:
        book = Book([letter(0, b"x" * 40_000_000 + b"\r\n")])
        await run(server, book)
    assert book.begun == {"e.0": 1}
    assert book.ended["e.0"].kind == "deferred"


async def test_what_was_offered_and_is_not_wanted_is_not_delivered() -> None:
    class Impatient(Book):
        async def begin(self, letter: Letter, ended: tuple[Letter, Outcome] | None) -> bool:
            if letter.name == "e.1":
                raise RuntimeError("the database is away")
            return await super().begin(letter, ended)

    async with ScriptedServer(TAKES_ALL) as server:
        mail = Mail(transport="smtp", host=server.host, port=server.port, connections=1)
        transport, book = SmtpTransport(mail), Impatient([letter(n) for n in range(3)])
        with pytest.raises(RuntimeError, match="away"):
            await transport.run(book)
        await server.until_closed()
        outcome = await send(transport, letter(9), before_data=_nothing)
        await transport.close()
    assert outcome.kind == "accepted"
    assert numbers(server) == ["e.0", "e.9"]


async def _nothing() -> None:
    """What is awaited before the message."""


ANSWERS = {
    "CONNECT": ["421 busy|drop", DROP],
    "MAIL": ["451 4.3.0 later", "421 4.7.0 enough|drop", "550 5.7.1 no", DROP, "nonsense"],
    "RCPT": ["451 4.3.0 later", "550 5.1.1 gone", "421 4.7.0 enough|drop", DROP, "nonsense"],
    "DATA": ["451 4.3.0 later", "554 5.7.1 no", "421 4.7.0 enough|drop", DROP, "250 what"],
    "BODY": [DROP],
    "DOT": ["451 4.3.0 later", "554 5.7.1 no", "421 4.7.0 enough|drop", "250 kept|drop", DROP, "nonsense"],
}
STEPS = [(step, answer) for step, answers in ANSWERS.items() for answer in answers]


def _script(failures: list[tuple[int, tuple[str, str]]], *, pipelined: bool) -> dict[str, str]:
    script = {f"{step} {time}": answer for time, (step, answer) in failures}
    return {**script, **(TAKES_ALL if pipelined else {})}


@given(
    scripts=st.lists(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(STEPS)), max_size=3), max_size=6),
    pipelined=st.booleans(),
    connections=st.integers(1, 3),
    count=st.integers(1, 12),
)
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_ledger_is_right_whatever_the_server_does(
    scripts: list[list[tuple[int, tuple[str, str]]]], pipelined: bool, connections: int, count: int
) -> None:
    async def play() -> None:
        made = [_script(failures, pipelined=pipelined) for failures in scripts]
        async with ScriptedServer(*made, _script([], pipelined=pipelined)) as server:
            book = Book([letter(n) for n in range(count)])
            await run(server, book, connections=connections)
        got = Counter(name for name in numbers(server))
        assert set(book.ended) == {f"e.{n}" for n in range(count)}, "each letter has an outcome"
        assert not book.open
        assert book.most_open <= connections, "no more unknown than one a connection"
        assert max(got.values(), default=0) <= 1, "nothing is sent twice by itself"
        for name, outcome in book.ended.items():
            if outcome.kind == "accepted":
                assert got[name] == 1, "nothing is lost"
            elif outcome.kind in ("deferred", "refused"):
                assert got[name] == 0, "what is sent again was not delivered"
            else:
                assert book.begun[name] == 1

    asyncio.run(play())

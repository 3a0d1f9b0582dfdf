"""Mail without a relay: MX records of a real name server, mail servers on addresses of loopback."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from nameserver import NameServer
from smtp_script import DROP, HANG, POLITE, ScriptedServer
from test_pipelining import Book, letter

from syndicator.deliver.direct import Direct
from syndicator.deliver.exchanges import Exchanges
from syndicator.deliver.lanes.board import Board
from syndicator.deliver.lanes.routes import NULL, Refused, hosts_of, organisation
from syndicator.deliver.names import Names
from syndicator.settings import Allowance, Mail

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from syndicator.deliver.transport import Letter, Outcome

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
PIPELINING = {"EHLO": POLITE["EHLO"].replace("250-SIZE", "250-PIPELINING\r\n250-SIZE")}
TLS = {"EHLO": POLITE["EHLO"].replace("250-SIZE", "250-STARTTLS\r\n250-SIZE"), "STARTTLS": "220 go"}

ZONE = {
    ("one.example", "MX"): ["10 mx1.one.example.", "20 mx2.one.example."],
    ("mx1.one.example", "A"): ["127.0.0.2"],
    ("mx2.one.example", "A"): ["127.0.0.3"],
    ("guest.example", "MX"): ["5 mx2.one.example."],  # the same organisation's servers
    ("bare.example", "A"): ["127.0.0.3"],  # implicit MX
    ("null.example", "MX"): ["0 ."],
    ("void.example", "TXT"): ["nothing"],
    ("inside.example", "MX"): ["10 gateway.example."],
    ("gateway.example", "A"): ["10.1.2.3"],
}


def to(domain: str, number: int) -> Letter:
    return replace(letter(number), recipient=f"r{number}@{domain}")


class Town:
    """Mail servers at 127.0.0.2, 127.0.0.3 …, all on one port, a name server, and the time."""

    def __init__(
        self,
        servers: list[ScriptedServer],
        names: NameServer,
        budget: float = 15,
        opening: float = 60,
        **keys: object,
    ) -> None:
        self.servers, self.names, self.now = servers, names, NOW
        mail = Mail(
            transport="smtp", route="direct", port=servers[0].port, connections=4, helo="news.example",
            timeout=timedelta(seconds=20),
        )  # fmt: skip
        mail = replace(mail, **keys)  # type: ignore[arg-type]
        self.board = Board(mail)
        exchanges = Exchanges(
            Names(names.address),
            own=mail.helo,
            allowed=["127.0.0.0/8"],
            clock=lambda: self.now,
            jitter=lambda: 0.5,
            budget=budget,
        )
        self.direct = Direct(mail, self.board, exchanges, clock=lambda: self.now, run=0.3, opening=opening)

    async def run(self, *letters: Letter) -> dict[str, Outcome]:
        book = Book(list(letters))
        await self.direct.run(book)
        assert len(book.ended) == len(letters)
        return {each.recipient.partition("@")[2]: book.ended[each.name] for each in letters}

    def kept(self) -> list[int]:
        return [len(server.messages) for server in self.servers]


@asynccontextmanager
async def town(
    *scripts: Mapping[str, str], broken: tuple[str, ...] = (), mute: tuple[str, ...] = (), **keys: object
) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        servers: list[ScriptedServer] = []
        for number, script in enumerate(scripts):
            port = servers[0].port if servers else 0
            server = ScriptedServer(script, host=f"127.0.0.{number + 2}", port=port)
            servers.append(await stack.enter_async_context(server))
        yield Town(servers, stack.enter_context(NameServer(ZONE, broken=broken, mute=mute)), **keys)


async def test_each_domain_has_its_way() -> None:
    async with town(PIPELINING, PIPELINING, broken=("broken.example",)) as made:
        domains = (
            "one.example", "guest.example", "bare.example", "null.example", "void.example", "missing.example",
            "broken.example", "inside.example", "[127.0.0.3]", "[10.1.2.3]",
        )  # fmt: skip
        found = await made.run(*(to(domain, number) for number, domain in enumerate(domains)))
        assert {domain: outcome.kind for domain, outcome in found.items()} == {
            "one.example": "accepted",
            "guest.example": "accepted",
            "bare.example": "accepted",
            "null.example": "refused",
            "void.example": "refused",
            "missing.example": "refused",
            "broken.example": "deferred",
            "inside.example": "deferred",
            "[127.0.0.3]": "accepted",
            "[10.1.2.3]": "deferred",
        }
        assert made.kept() == [1, 3]
        assert "null MX" in found["null.example"].reply
        assert (found["missing.example"].code, found["missing.example"].suppress) == (550, "host-unknown")
        assert "private" in found["inside.example"].reply
        asked = len(made.names.asked)
        await made.run(to("one.example", 20))
        assert len(made.names.asked) == asked, "routes are remembered"
        made.now += timedelta(minutes=11)
        await made.run(to("one.example", 21))
        assert len(made.names.asked) > asked


async def test_the_next_server_takes_what_the_first_does_not() -> None:
    async with town({"CONNECT": "554 not today"}, PIPELINING) as made:
        assert (await made.run(to("one.example", 1)))["one.example"].kind == "accepted"
        assert made.kept() == [0, 1]
        assert made.board.lane("one.example").is_clean


async def test_a_first_server_that_says_nothing_has_its_part_of_the_time() -> None:
    async with town({"CONNECT": HANG}, PIPELINING, opening=0.4) as made, asyncio.timeout(10):
        assert (await made.run(to("one.example", 1)))["one.example"].kind == "accepted"
    async with town({"CONNECT": HANG}, {"CONNECT": HANG}, opening=0.4) as made, asyncio.timeout(10):
        found = (await made.run(to("one.example", 1)))["one.example"]
        assert (found.kind, found.reply) == (
            "deferred",
            "cannot use the mail server mx1.one.example: no answer in time",
        )


async def test_a_domain_without_answers_holds_others_up_once() -> None:
    async with town(PIPELINING, PIPELINING, mute=("mute.example",), budget=0.3) as made, asyncio.timeout(4):
        found = await made.run(to("mute.example", 1), to("bare.example", 2))
        assert {each.kind for each in found.values()} == {"accepted", "deferred"}
        assert "too slow" in found["mute.example"].reply
        asked = len(made.names.asked)
        await made.run(to("mute.example", 3))
        assert len(made.names.asked) == asked
        made.now += timedelta(minutes=3)
        await made.run(to("mute.example", 4))
        assert len(made.names.asked) > asked


async def test_what_one_organisation_asks_for_holds_for_all_its_domains() -> None:
    async with town(PIPELINING, {**PIPELINING, "MAIL": "421 4.7.28 unusual rate|drop"}) as made:
        found = await made.run(to("guest.example", 1))
        assert found["guest.example"].kind == "deferred"
        assert made.board.until("one.example", NOW) == NOW + timedelta(minutes=10)
        found = await made.run(to("one.example", 2), to("bare.example", 3))
        assert found["one.example"].until == NOW + timedelta(minutes=10)
        assert made.kept() == [0, 0]
        assert made.board.queue_of("x@guest.example") == "one.example"


async def test_a_slow_server_holds_up_nobody_else() -> None:
    async with town({**PIPELINING, "RCPT 2": HANG}, PIPELINING, timeout=timedelta(seconds=0.5)) as made:
        letters = [to("one.example", number) for number in range(8)]
        found = await made.run(*letters, to("bare.example", 9))
        assert found["bare.example"].kind == "accepted"
        assert found["one.example"].until == NOW, "the last of them was not tried, and comes again at once"


async def test_limits_of_a_domain_are_its_own() -> None:
    limits = {"guest.example": Allowance(connections=1, per_connection=2)}
    async with town(PIPELINING, PIPELINING, domains=limits) as made:
        letters = [to("guest.example", number) for number in range(5)]
        assert {each.kind for each in (await made.run(*letters)).values()} == {"accepted"}
        assert (made.servers[1].most, len(made.servers[1].said)) == (1, 3)


@pytest.mark.parametrize("how", [DROP, "454 4.7.0 TLS not available"])
async def test_nothing_is_said_in_the_clear_after_starttls_has_failed(how: str) -> None:
    script = {**TLS, "STARTTLS": how}
    async with town(script, script) as made:
        assert (await made.run(to("one.example", 1)))["one.example"].kind == "deferred"
        said = [line.split()[0] for server in made.servers for lines in server.said for line in lines]
        assert set(said) == {"EHLO", "STARTTLS"}
        assert {line for server in made.servers for lines in server.said for line in lines[:1]} == {
            "EHLO news.example"
        }


def test_servers_are_ordered_by_preference_and_ties_by_chance() -> None:
    records = ["20 b.example", "10 a.example", "20 c.example", "x odd.example"]
    chances = iter([0.9, 0.5, 0.1, 0.3])
    assert hosts_of("d.example", records, jitter=lambda: next(chances)) == (
        "a.example", "c.example", "b.example", "odd.example"
    )  # fmt: skip
    assert hosts_of("d.example", [], jitter=lambda: 0) == ("d.example",)
    assert hosts_of("d.example", ["0 ."], jitter=lambda: 0) is NULL
    mine = hosts_of(
        "d.example", ["10 a.example", "20 Me.example", "30 z.example"], own="me.example", jitter=lambda: 0
    )
    assert mine == ("a.example",)
    assert isinstance(hosts_of("d.example", ["5 me.example"], own="me.example", jitter=lambda: 0), Refused)


@pytest.mark.parametrize(
    ("host", "who"),
    [
        ("alt1.aspmx.l.google.com", "google.com"),
        ("d-example.mail.protection.outlook.com", "outlook.com"),
        ("mx.post.co.uk", "post.co.uk"),
        ("mx1.qq.com.", "qq.com"),
        ("mail.de", "mail.de"),
        ("localhost", "localhost"),
    ],
)
def test_who_runs_a_server(host: str, who: str) -> None:
    assert organisation(host) == who

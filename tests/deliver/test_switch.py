"""Several relays, real servers that fail as told: shares, failover, pauses, limits; time stands still."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from smtp_script import DROP, POLITE, ScriptedServer
from test_pipelining import Book, letter, numbers

from syndicator.deliver.lanes.board import Board, relay_lane
from syndicator.deliver.switch import Switch
from syndicator.deliver.transport import Letter, send
from syndicator.settings import Mail, Relay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
BUSY = {"MAIL": "421 4.3.2 leaving|drop"}
PIPELINING = {"EHLO": POLITE["EHLO"].replace("250-SIZE", "250-PIPELINING\r\n250-SIZE")}


class Post:
    """Relays, the switch over them, and the time."""

    def __init__(self, servers: list[ScriptedServer], weights: tuple[int, ...], connections: int) -> None:
        self.servers = servers
        self.now = NOW
        names = "abc"
        relays = tuple(
            Relay(name=name, host=each.host, port=each.port, weight=weight, connections=connections)
            for name, each, weight in zip(names, servers, weights, strict=False)
        )
        mail = Mail(transport="smtp", relays=relays, timeout=timedelta(seconds=20))
        self.board = Board(mail)
        self.switch = Switch(mail, self.board, clock=lambda: self.now)

    async def run(self, count: int, *, first: int = 0) -> Book:
        book = Book([letter(first + number) for number in range(count)])
        await self.switch.run(book)
        assert len(book.ended) == count, "each letter has ended, once"
        assert not book.open
        return book

    def kept(self) -> list[int]:
        return [len(numbers(server)) for server in self.servers]

    def lane(self, name: str) -> str:
        return str(self.board.lane(relay_lane(name)).sign)


@asynccontextmanager
async def post(
    *scripts: Mapping[str, str], weights: tuple[int, ...] = (1, 1, 1), connections: int = 1
) -> AsyncIterator[Post]:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(ScriptedServer(script)) for script in scripts]
        made = Post(servers, weights, connections)
        yield made
        await made.switch.close()


def kinds(book: Book) -> set[str]:
    return {outcome.kind for outcome in book.ended.values()}


async def test_each_relay_gets_its_share() -> None:
    async with post({}, PIPELINING, weights=(3, 1), connections=2) as made:
        assert kinds(await made.run(16)) == {"accepted"}
        assert made.kept() == [12, 4]


@pytest.mark.parametrize(
    "script", [{"CONNECT": "421 busy|drop"}, {"CONNECT": DROP}, {"CONNECT": "554 no"}, BUSY]
)
async def test_where_one_fails_the_others_take_over(script: Mapping[str, str]) -> None:
    async with post(script, {}, PIPELINING) as made:
        assert kinds(await made.run(12)) == {"accepted"}
        first, *others = made.kept()
        assert (first, sum(others)) == (0, 12)
        assert made.lane("a") in ("busy", "down")
        visits = len(made.servers[0].said)
        await made.run(4, first=12)
        assert len(made.servers[0].said) == visits, "it is left alone"
        made.now += timedelta(minutes=1)
        await made.run(4, first=16)
        assert len(made.servers[0].said) > visits, "and tried again in time"


async def test_where_all_fail_letters_go_back_untried() -> None:
    async with post(BUSY, {"CONNECT": DROP}) as made:
        book = await made.run(20)
        assert kinds(book) == {"deferred"}
        untried = [each for each in book.ended.values() if each.until]
        assert len(untried) >= 18
        assert {each.until for each in untried} == {NOW + timedelta(seconds=5)}
        assert not book.begun


async def test_a_throttle_after_the_message_stops_the_lane() -> None:
    """SES says 454 after DATA: that letter was begun, and has an attempt; the others have none."""
    async with post(
        {**PIPELINING, "DOT 3": "454 Throttling failure: Maximum sending rate exceeded."}
    ) as made:
        book = await made.run(10)
        assert sorted(outcome.kind for outcome in book.ended.values()) == ["accepted"] * 2 + ["deferred"] * 8
        assert sum(book.begun.values()) == 3
        assert sum(outcome.until is not None for outcome in book.ended.values()) == 7
        assert made.lane("a") == "slow"


async def test_what_was_begun_stays_with_its_relay() -> None:
    """A letter that another may have taken is never handed to a second relay by itself."""
    async with post({"DOT": DROP}, {"CONNECT": "554 no"}) as made:
        book = await made.run(5)
        assert max(book.begun.values()) == 1
        assert sum(outcome.kind == "uncertain" for outcome in book.ended.values()) == 1
        assert sum(outcome.until is not None for outcome in book.ended.values()) >= 3


async def test_an_end_between_two_messages_is_no_failure() -> None:
    async with post({"MAIL 2": DROP}) as made:
        assert kinds(await made.run(6)) == {"accepted"}
        assert len(made.servers[0].said) == 6
        assert made.board.lane(relay_lane("a")).is_clean


async def test_what_one_cannot_carry_another_may() -> None:
    plain = {"EHLO": "250 mail.test"}
    wide = Letter(
        sender="n@a.example", recipient="用户@b.example", message=b"X-Number: 7\r\n\r\n", name="e.7"
    )

    async def begin() -> None:
        await asyncio.sleep(0)

    async with post(plain, {}) as made:
        assert (await send(made.switch, wide, begin)).kind == "accepted"
        assert (await send(made.switch, wide, begin)).kind == "accepted"
        assert made.kept() == [0, 2]
        assert made.board.lane(relay_lane("a")).is_clean
    async with post(plain, plain) as made:
        refused = await send(made.switch, wide, begin)
        assert (refused.kind, "SMTPUTF8" in refused.reply) == ("refused", True)


async def test_a_relay_gets_no_more_than_it_was_granted() -> None:
    async with post({}, {}) as made:
        made.board.budgets = {"a": 2, "b": 3}
        book = await made.run(10)
        assert made.kept() == [2, 3]
        assert made.board.spent == {"a": 2, "b": 3}
        assert [outcome.until for outcome in book.ended.values() if outcome.until] == [NOW] * 5


async def test_one_letter_without_a_ledger_waits_as_well() -> None:
    async def begin() -> None:
        raise AssertionError

    async with post(BUSY) as made:
        for _ in range(2):
            outcome = await send(made.switch, letter(1), begin)
            assert outcome.kind == "deferred"
        assert outcome.until == NOW + timedelta(seconds=10)

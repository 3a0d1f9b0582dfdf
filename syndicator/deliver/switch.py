"""Letters to the relays: each gets its share, and where one fails the others take over.

What no relay may take now goes back untried (`Outcome.until`): a pause costs no letter an attempt.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import replace
from typing import TYPE_CHECKING

from syndicator.deliver.lanes.answers import sign_of
from syndicator.deliver.lanes.board import relay_lane
from syndicator.deliver.lanes.crowd import Crowd
from syndicator.deliver.lanes.share import Shares
from syndicator.deliver.smtp import PATIENCE, SmtpTransport
from syndicator.deliver.transport import Outcome, words
from syndicator.model import Sign

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Iterable
    from datetime import datetime, timedelta

    from syndicator.deliver.lanes.board import Board
    from syndicator.deliver.transport import Letter, Work
    from syndicator.settings import Mail, Relay


class Switch:
    """The `Transport` over relays. It belongs to one event loop; see `SmtpTransport` for the arguments."""

    def __init__(
        self,
        mail: Mail,
        board: Board,
        *,
        clock: Callable[[], datetime],
        tls: ssl.SSLContext | None = None,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._board = board
        self._clock = clock
        self._shares = Shares({each.name: each.weight for each in board.relays})
        self._pools = {
            each.name: SmtpTransport(
                through(mail, each),
                gate=Watch(board, relay_lane(each.name), clock),
                tls=tls,
                patience=patience,
            )
            for each in board.relays
        }

    async def run(self, work: Work) -> None:
        """Send all letters of `work`; see `Transport`."""
        desk = _Desk(work, self._board, self._shares, self._clock)
        while carriers := desk.carriers():
            await all_of(
                self._pools[each.name].run(
                    _Share(desk, each.name), width=self._board.width(relay_lane(each.name))
                )
                for each in carriers
            )
            if desk.is_done():
                return
        await desk.turn_away()

    async def close(self) -> None:
        """Say goodbye on all idle connections."""
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))


async def all_of(works: Iterable[Awaitable[None]]) -> None:
    """Await all; then raise what one of them raised."""
    for error in await asyncio.gather(*works, return_exceptions=True):
        if error is not None:
            raise error


def through(mail: Mail, relay: Relay) -> Mail:
    """Give `mail` as if the relay were its only server."""
    return replace(
        mail,
        host=relay.host,
        port=relay.port,
        security=relay.security,
        username=relay.username,
        password=relay.password,
        password_at=relay.password_at,
        auth=relay.auth,
        connections=relay.connections,
        per_connection=relay.per_connection,
    )


class Watch:
    """Tells the board what a server of a lane says, and a server's connections what the board says."""

    def __init__(self, board: Board, lane: str, clock: Callable[[], datetime]) -> None:
        self._board, self._lane, self._clock = board, lane, clock
        self._crowd = Crowd()

    def heard(self, outcome: Outcome) -> Outcome:
        """See `Gate`."""
        outcome = self._crowd.heard(outcome)
        if outcome.kind != "accepted" or self._board.has_row(self._lane):  # of each letter: quickly
            self._board.note(self._lane, outcome, self._clock())
        return outcome

    def waits(self) -> datetime | None:
        """See `Gate`."""
        return self._board.until(self._lane, self._clock()) if self._board.has_row(self._lane) else None


class _Desk:
    """Deals the letters of one work to the relays that are open."""

    def __init__(self, work: Work, board: Board, shares: Shares, clock: Callable[[], datetime]) -> None:
        self.work = work
        self._board, self._shares, self._clock = board, shares, clock
        self._dealt: defaultdict[str, deque[Letter]] = defaultdict(deque)
        self._back: deque[Letter] = deque()  # those that a relay could not take
        self._tried: dict[str, set[str]] = {}  # letter → relays
        self._is_empty = False
        self._is_alone = len(board.relays) == 1

    def carriers(self) -> list[Relay]:
        """List the relays that may take a letter now."""
        open_ = self._board.open_relays(self._clock())
        return [each for each in open_ if self._board.budgets.get(each.name, 1) > 0]

    def next(self, relay: str) -> Letter | None:
        """Give a relay the next letter of its share."""
        board, lane = self._board, relay_lane(relay)
        if board.budgets.get(relay, 1) < 1 or (board.has_row(lane) and board.until(lane, self._clock())):
            return None
        if self._is_alone and not self._back:
            letter = self._one()
            if letter and relay in board.budgets:
                board.budgets[relay] -= 1
            return letter
        mine = self._dealt[relay]
        while not mine:
            letter = self._one()
            if letter is None:
                return None
            self._deal(letter)
        if relay in self._board.budgets:
            self._board.budgets[relay] -= 1
        return mine.popleft()

    def _one(self) -> Letter | None:
        """Take a letter: what came back, what waits for a relay that has closed, or a new one."""
        if self._back:
            return self._back.popleft()
        if len(self._dealt) > 1:
            open_ = {each.name for each in self.carriers()}
            for name, letters in self._dealt.items():
                if letters and name not in open_:
                    return letters.popleft()
        letter = None if self._is_empty else self.work.next()
        self._is_empty = letter is None
        return letter

    def _deal(self, letter: Letter) -> None:
        names = [each.name for each in self.carriers()]
        tried = self._tried.get(letter.name, ())
        untried = [name for name in names if name not in tried]
        self._dealt[self._shares.deal(untried or names)].append(letter)

    def passes_on(self, relay: str, letter: Letter, outcome: Outcome) -> bool:
        """Let another relay try a letter that this one did not begin, if it is the relay's fault."""
        sign = sign_of(outcome)
        if not (outcome.until or outcome.step == "lacks" or sign not in (Sign.FINE, Sign.LETTER)):
            return False
        tried = self._tried.setdefault(letter.name, set())
        tried.add(relay)
        others = {each.name for each in self.carriers()} - tried
        if others:
            self._back.append(letter)
        return bool(others)

    def spend(self, relay: str) -> None:
        """Count a letter that a relay was begun with."""
        self._board.spent[relay] += 1

    def is_done(self) -> bool:
        """Whether no letter is left that could be taken."""
        return self._is_empty and not self._back and not any(self._dealt.values())

    async def turn_away(self) -> None:
        """Give back, untried, what no relay may take now."""
        now = self._clock()
        until = self._board.first_open(now)
        reply = "no mail server may be used before " + until.isoformat(timespec="seconds")
        turned = Outcome(kind="deferred", reply=words(reply), until=until)
        for letters in (self._back, *self._dealt.values()):
            while letters:
                await self.work.end(letters.popleft(), turned)
        while letter := self.work.next():
            await self.work.end(letter, turned)


class _Share:
    """One relay's part of a work."""

    def __init__(self, desk: _Desk, relay: str) -> None:
        self._desk, self._relay = desk, relay
        self._begun: set[str] = set()

    def next(self) -> Letter | None:
        """See `Work`."""
        return self._desk.next(self._relay)

    async def begin(self, letter: Letter, ended: tuple[Letter, Outcome] | None) -> bool:
        """See `Work`."""
        if ended:
            self._begun.discard(ended[0].name)
        ours = await self._desk.work.begin(letter, ended)
        if ours:
            self._begun.add(letter.name)
            self._desk.spend(self._relay)
        return ours

    async def end(self, letter: Letter, outcome: Outcome) -> None:
        """See `Work`; a letter that was not begun may go to another relay."""
        if letter.name in self._begun:
            self._begun.discard(letter.name)
        elif self._desk.passes_on(self._relay, letter, outcome):
            return
        await self._desk.work.end(letter, outcome)

"""Letters to the mail servers of their recipients (`mail.route: direct`), side by side by who runs these.

TLS is used wherever it is offered, with whatever certificate (RFC 7435): who listens on the way could take
the offer away as well. STARTTLS that fails ends the connection; nothing is sent in the clear then.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict, deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from syndicator import address
from syndicator.deliver.exchanges import Route, Unknown
from syndicator.deliver.refusal import suppression
from syndicator.deliver.smtp import OPENING, PATIENCE, SmtpTransport
from syndicator.deliver.switch import Watch, all_of
from syndicator.deliver.transport import Outcome, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from syndicator.deliver.exchanges import Exchanges
    from syndicator.deliver.lanes.board import Board
    from syndicator.deliver.lanes.routes import Refused
    from syndicator.deliver.transport import Letter, Work
    from syndicator.settings import Mail

RUN: Final = 20.0  # seconds after which lanes that others wait for begin no more letters


class Direct:
    """The `Transport` without a relay. It belongs to one event loop; `run` and `opening` are in seconds."""

    def __init__(
        self,
        mail: Mail,
        board: Board,
        exchanges: Exchanges,
        *,
        clock: Callable[[], datetime],
        patience: timedelta = PATIENCE,
        run: float = RUN,
        opening: float = OPENING,
    ) -> None:
        self._opening = opening
        self._mail, self._board, self._exchanges = mail, board, exchanges
        self._clock, self._patience, self._run = clock, patience, run
        self._room = asyncio.Semaphore(mail.connections)
        self._tls: ssl.SSLContext | None = None

    async def run(self, work: Work) -> None:
        """Send all letters of `work`; see `Transport`."""
        if self._tls is None:
            self._tls = _any_certificate()
        letters = []
        while letter := work.next():
            letters.append((letter, _domain(letter)))
        routes = await self._exchanges.find(domain for _, domain in letters if domain)
        lanes: defaultdict[str, defaultdict[Route, deque[Letter]]] = defaultdict(lambda: defaultdict(deque))
        for letter, domain in letters:
            route = routes.get(domain)
            if isinstance(route, Route):
                self._board.place(domain, route.lane)
                lanes[self._board.lane_of(letter.recipient) or route.lane][route].append(letter)
            else:
                await work.end(letter, _no_route(letter, route))
        end = asyncio.get_running_loop().time() + self._run if len(lanes) > 1 else None
        await all_of(self._lane(work, lane, groups, end) for lane, groups in lanes.items())

    async def close(self) -> None:
        """Nothing is held open between two works."""

    async def _lane(
        self, work: Work, lane: str, groups: dict[Route, deque[Letter]], end: float | None
    ) -> None:
        """Send what goes to one organisation: its servers have one limit together."""
        for route, letters in groups.items():
            part = _Part(work, letters, self._board, lane, self._clock, end)
            pool = self._pool(lane, route)
            try:
                await pool.run(part, width=self._board.width(lane))
            finally:
                await pool.close()
            await part.turn_away()

    def _pool(self, lane: str, route: Route) -> SmtpTransport:
        limit = self._board.limit(lane)
        mail = replace(
            self._mail,
            security="starttls" if self._mail.security == "starttls" else "offered",
            username="",
            per_connection=limit.per_connection or self._mail.per_connection,
            connections=self._board.connections(lane),
        )
        return SmtpTransport(
            mail,
            name=route.name,
            doors=[replace(mail, host=each) for each in route.addresses],
            opening=self._opening,
            room=self._room,
            gate=Watch(self._board, lane, self._clock),
            tls=self._tls,
            patience=self._patience,
        )


class _Part:
    """The letters of one route."""

    def __init__(
        self,
        work: Work,
        letters: deque[Letter],
        board: Board,
        lane: str,
        clock: Callable[[], datetime],
        end: float | None,
    ) -> None:
        self._work, self._letters, self._board, self._lane = work, letters, board, lane
        self._clock, self._end = clock, end
        self.begin = work.begin
        self.end = work.end

    def next(self) -> Letter | None:
        """See `Work`; none while the lane waits, or when others have waited long enough."""
        if self._board.until(self._lane, self._clock()):
            return None
        if self._end is not None and asyncio.get_running_loop().time() > self._end:
            return None
        return self._letters.popleft() if self._letters else None

    async def turn_away(self) -> None:
        """Give back, untried, what was not sent; it stands behind what waits already."""
        now = self._clock()
        until = self._board.until(self._lane, now)
        reply = f"{self._lane} is left alone for a while" if until else "it is the turn of others"
        while self._letters:
            turned = Outcome(kind="deferred", reply=reply, until=until or now)
            await self._work.end(self._letters.popleft(), turned)


def _domain(letter: Letter) -> str:
    found = address.parse(letter.recipient)
    return found.domain.lower() if found else ""


def _no_route(letter: Letter, route: Refused | Unknown | None) -> Outcome:
    if route is None:
        return Outcome(kind="refused", reply=f"{words(letter.recipient)!r} is no e-mail address")
    if isinstance(route, Unknown):
        return Outcome(kind="deferred", reply=words(route.reply))
    suppress = suppression(route.code, route.reply.partition(" ")[2])
    return Outcome(kind="refused", reply=route.reply, code=route.code, suppress=suppress)


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context

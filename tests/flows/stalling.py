"""A mail server that falls silent at a chosen step, for programs that are stopped or killed there."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP
from servers import Postbox, SmtpServer

if TYPE_CHECKING:
    from aiosmtpd.smtp import Envelope, Session


class Stalling(Postbox):
    """A postbox whose owner falls silent at `step` (RCPT, DATA, DOT), once.

    Until the client is gone, or a test says `go_on.set()`.
    """

    step = ""

    def stall_at(self, step: str) -> None:
        self.step, self.reached, self.go_on = step, threading.Event(), threading.Event()

    async def pass_by(self, step: str) -> None:
        if step == self.step:
            self.step = ""
            self.reached.set()
            while not self.go_on.is_set():  # aiosmtpd cancels this when the connection ends
                await asyncio.sleep(0.02)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        await self.pass_by("DOT")  # the message is kept, and nobody has been told
        return answer


class Slow(SMTP):
    """Stops before its answers to RCPT and DATA, if the postbox says so."""

    event_handler: Stalling

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        await self.event_handler.pass_by("RCPT")
        await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        await self.event_handler.pass_by("DATA")
        await super().smtp_DATA(arg)


class StallingServer(SmtpServer):
    box: Stalling

    def __init__(self) -> None:
        super().__init__()
        self.box = Stalling()

    def _protocol(self) -> SMTP:
        protocol = Slow(self.box, loop=self._thread.loop, **self._options)
        self._open.append(protocol)
        return protocol

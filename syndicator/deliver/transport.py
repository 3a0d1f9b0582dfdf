"""What every way of handing mail over has in common: a letter in, an outcome out.

Outcomes are values. A transport raises only what `before_data` raised, DeliveryError for a letter that we
should never have made, and CancelledError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

MAX_REPLY = 500  # characters of a server's words that are kept

_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message in its envelope."""

    sender: str  # an address; empty: the null reverse-path
    recipient: str  # an address
    message: bytes  # RFC 5322, CRLF only
    name: str  # unique and the same at each attempt; safe as a file name


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended.

    accepted: the other side has taken charge of it. deferred: nothing was taken, try later. refused: it
    never will be. uncertain: the whole message went out and no answer was read (RFC 1047).

    `until`: it was not even tried, for whoever takes it is left alone until then; no attempt is counted.
    """

    kind: Literal["accepted", "deferred", "refused", "uncertain"]
    reply: str  # the server's words or ours, one line
    code: int = 0  # the server's reply code, 0 where there is none
    suppress: str = ""  # why nobody should write to this address again; empty where there is no reason
    step: str = field(default="", compare=False)  # connect, login, a verb, message; `lacks` an extension
    until: datetime | None = field(default=None, compare=False)


class Work(Protocol):
    """Letters to be sent, and the ledger of them. What it raises ends the lane that asked."""

    def next(self) -> Letter | None:
        """Give the next letter; None if there is none, or if no new one is to be begun."""
        ...

    async def begin(self, letter: Letter, ended: tuple[Letter, Outcome] | None) -> bool:
        """Commit that the letter may be delivered from now on, together with how the one before it ended.

        False if it must not be sent after all; what ended is committed then, too.
        """
        ...

    async def end(self, letter: Letter, outcome: Outcome) -> None:
        """Commit how a letter ended."""
        ...


class Transport(Protocol):
    """A way of handing mail over."""

    async def run(self, work: Work) -> None:
        """Hand over all letters of `work`, several at once; each is begun before it can be taken.

        For each connection there is at most one letter that was begun and has not ended. A letter that was
        taken from `work` and neither begun nor ended has certainly not been sent.
        """
        ...

    async def close(self) -> None:
        """Let go of everything that is held open."""
        ...


class One:
    """A work of one letter. `before_data` is awaited at most once, before the letter could be taken."""

    def __init__(self, letter: Letter, before_data: Callable[[], Awaitable[None]]) -> None:
        self._letter: Letter | None = letter
        self._before_data = before_data
        self.outcome: Outcome | None = None

    def next(self) -> Letter | None:
        """Give the letter once."""
        letter, self._letter = self._letter, None
        return letter

    async def begin(self, letter: Letter, ended: tuple[Letter, Outcome] | None) -> bool:  # noqa: ARG002
        """Await `before_data`; what it raises stops the attempt."""
        await self._before_data()
        return True

    async def end(self, letter: Letter, outcome: Outcome) -> None:  # noqa: ARG002
        """Keep the outcome."""
        self.outcome = outcome


async def send(transport: Transport, letter: Letter, before_data: Callable[[], Awaitable[None]]) -> Outcome:
    """Hand one letter over.

    As long as `before_data` was not awaited, nothing can have been delivered. What it raises is raised again.
    """
    work = One(letter, before_data)
    await transport.run(work)
    assert work.outcome is not None  # noqa: S101  each letter that was begun ends
    return work.outcome


def words(text: str) -> str:
    """Make one short line of what a server said."""
    text = _SURROGATE.sub("\ufffd", _UNSEEN.sub(" ", text[: 4 * MAX_REPLY])).strip()
    return text if len(text) <= MAX_REPLY else text[: MAX_REPLY - 1] + "…"

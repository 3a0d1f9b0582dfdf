"""What every way of handing mail over has in common: a letter in, an outcome out.

Outcomes are values. A transport raises only what `before_data` raised, DeliveryError for a letter that we
should never have made, and CancelledError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

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
    """

    kind: Literal["accepted", "deferred", "refused", "uncertain"]
    reply: str  # the server's words or ours, one line
    code: int = 0  # the server's reply code, 0 where there is none
    suppress: str = ""  # why nobody should write to this address again; empty where there is no reason


class Transport(Protocol):
    """A way of handing mail over."""

    async def send(self, letter: Letter, *, before_data: Callable[[], Awaitable[None]]) -> Outcome:
        """Hand one letter over.

        `before_data` is awaited at most once, before the first octet that could make the other side accept
        the message; what it raises stops the attempt there and is raised again. As long as it was not
        awaited, nothing can have been delivered.
        """
        ...

    async def close(self) -> None:
        """Let go of everything that is held open."""
        ...


def words(text: str) -> str:
    """Make one short line of what a server said."""
    text = _SURROGATE.sub("\ufffd", _UNSEEN.sub(" ", text[: 4 * MAX_REPLY])).strip()
    return text if len(text) <= MAX_REPLY else text[: MAX_REPLY - 1] + "…"

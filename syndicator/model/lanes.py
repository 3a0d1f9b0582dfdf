"""Lanes of mail: what is remembered of a destination, and how much of its limits is used up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date, datetime

FURTHEST: Final = timedelta(hours=2)
"""Twice the longest pause, for clocks differ: what is to wait longer was written by one that was wrong."""


class Sign(StrEnum):
    """What a lane is to make of an outcome."""

    FINE = "fine"  # it works: a letter was taken, or its recipient refused
    LETTER = "letter"  # says nothing of the lane: greylisting, a full mailbox, the end of a connection
    SLOW = "slow"  # too much at once: 452, or 454 after the message (SES)
    BUSY = "busy"  # the server is leaving: 421; or it took a whole message and went away
    SILENCE = "silence"  # 4.7.28 (Gmail): ten minutes without a word, then one connection
    DOWN = "down"  # nobody answers, or not as a mail server does
    LOGIN = "login"  # it does not take our login
    OURS = "ours"  # it refuses us, whoever the recipient is


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What is remembered of a lane. A fresh one is open and as wide as its limits."""

    name: str
    until: datetime | None = None  # nothing is begun before
    sign: str = ""  # the last that was not good
    reason: str = ""  # the words of it, one line
    failures: int = 0  # in a row
    refusals: int = 0  # of us, in a row
    width: int = 0  # connections at a time; 0: as many as configured
    taken: int = 0  # letters since the width was last changed

    @property
    def is_clean(self) -> bool:
        """Whether nothing is remembered against it."""
        return not (self.sign or self.refusals)

    @property
    def is_alarm(self) -> bool:
        """Whether somebody should look at it: it refuses us, or our login."""
        return self.sign in (Sign.OURS, Sign.LOGIN) and self.until is not None

    def waits(self, now: datetime) -> bool:
        """Whether nothing may be begun yet."""
        return self.until is not None and now < self.until <= now + FURTHEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a lane has used up: `tokens` are left of a minute as of `at`; `today` were sent on `day` (UTC)."""

    tokens: int
    at: datetime
    day: date
    today: int = 0

"""When a mail may leave: quiet hours by the reader's clock, and its place in the time of a large edition."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import time

    from syndicator.model import Slot
    from syndicator.settings import Mail, Quiet


def due(mail: Mail, slot: Slot, subscriber: int, now: datetime) -> datetime:
    """Say when a mail that is planned now is due: at once, or in its place of `mail.spread`, and not quietly.

    Who asked for news at once waits for no place.
    """
    share = timedelta() if slot.frequency == "instant" else place(subscriber, mail.spread)
    return not_before(now + share, mail.quiet, slot)


def place(subscriber: int, spread: timedelta) -> timedelta:
    """Give a reader's place in a span of time, the same at every edition."""
    number = int.from_bytes(hashlib.blake2s(b"%d" % subscriber, digest_size=4).digest())
    return spread * number / 2**32


def not_before(moment: datetime, quiet: Quiet | None, slot: Slot) -> datetime:
    """Move a moment out of quiet hours, by the clock of the slot's zone.

    A mail whose hour lies in them was wanted then: it and its retries wait only where `strict` says so.
    """
    if quiet is None:
        return moment
    if slot.frequency != "instant" and not quiet.strict and _is_quiet(slot.at, quiet):
        return moment
    local = moment.astimezone(ZoneInfo(slot.zone))
    if not _is_quiet(local.time(), quiet):
        return moment
    day = local.date() if local.time() < quiet.end else local.date() + timedelta(days=1)
    end = datetime.combine(day, quiet.end, tzinfo=local.tzinfo).astimezone(UTC)
    return max(moment, end)


def _is_quiet(at: time, quiet: Quiet) -> bool:
    if quiet.start <= quiet.end:
        return quiet.start <= at < quiet.end
    return at >= quiet.start or at < quiet.end

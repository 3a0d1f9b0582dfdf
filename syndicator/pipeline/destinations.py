"""Lanes as admins see them: which are open, which wait, why, and how many letters queue for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from syndicator.deliver.lanes import quota
from syndicator.deliver.lanes.board import Board
from syndicator.store import lanes

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.settings import Mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One lane. `queued` counts those that wait for it by themselves; others wait in the queue of all."""

    name: str
    state: str  # open, narrow (fewer connections than allowed), waits
    until: datetime | None  # when it is used again; None: now
    reason: str
    connections: int  # at a time, as of now
    most: int  # by its limits
    per_minute: int | None
    today: int | None  # letters that it was let have today (UTC); None: nobody counts
    queued: int

    @property
    def said(self) -> str:
        """Say in one line what keeps it; empty for an open one."""
        if self.state == "waits" and self.until:
            return f"{self.name} waits until {self.until:%Y-%m-%d %H:%M:%S} UTC: {self.reason}"
        return ""


async def look(conn: AsyncConnection, mail: Mail, now: datetime) -> list[Destination]:
    """Look at all lanes: the relays, the domains with limits, and those that something was heard of."""
    board = Board(mail)
    board.learn(await lanes.load(conn))
    today = await lanes.sent_today(conn, now)
    found = []
    for lane in board.all():
        until, reason = board.until(lane.name, now), "" if lane.is_clean else lane.reason
        limit, most = board.limit(lane.name), board.connections(lane.name)
        a_day = quota.a_day(limit.warm_up, now.astimezone(UTC).date())
        if until:
            reason = lane.reason
        elif a_day is not None and today.get(lane.name, 0) >= a_day:
            until, reason = quota.tomorrow(now), quota.is_full(a_day)
        is_counted = bool(limit.per_minute or limit.warm_up)
        found.append(
            Destination(
                name=lane.name,
                state="waits" if until else "open" if lane.is_clean else "narrow",
                until=until,
                reason=reason,
                connections=board.width(lane.name),
                most=most,
                per_minute=limit.per_minute or None,
                today=today.get(lane.name, 0) if is_counted else None,
                queued=await lanes.queued(conn, lane.name),
            )
        )
    return found

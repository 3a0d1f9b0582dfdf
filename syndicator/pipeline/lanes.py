"""Which letters may go now: queues of slow lanes beside that of all, limits counted in rows, alarms told.

A letter whose lane takes less than we could send moves to that lane's queue, once; so a million to one
destination stand before nobody else, and a pause there costs the others a look at one row.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from syndicator.deliver.lanes import quota
from syndicator.deliver.lanes.board import ALL, relay_lane
from syndicator.deliver.lanes.lane import STEP
from syndicator.pipeline.parts import log
from syndicator.store import deliveries, lanes, notices

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.deliver.lanes.board import Board
    from syndicator.model import Delivery, Lane
    from syndicator.pipeline.parts import Parts

QUEUES: Final = 50  # slow lanes that one batch takes letters from
PEEKS: Final = 7  # looks at the queue of all in one transaction, each twice as far as the one before
SOURCE: Final = f"{notices.OWN}lane "  # of notices; the lane's name follows


@dataclass(slots=True)
class Claimed:
    """A batch, what relays with a limit were granted of it, and how many letters moved to another queue."""

    batch: list[Delivery] = field(default_factory=list)
    granted: dict[str, int] = field(default_factory=dict)
    moved: int = 0


async def claim(
    parts: Parts, conn: AsyncConnection, *, now: datetime, lease: timedelta, limit: int
) -> Claimed:
    """Take up to `limit` deliveries that are due and that some lane takes now."""
    board, found = parts.lanes, Claimed()
    board.spent.clear()
    board.learn(await lanes.load(conn))
    if board.until(ALL, now) or (board.relays and not board.open_relays(now)):
        return found
    limit = await _budget(conn, board, found, limit, now)

    async def batch(most: int) -> list[Delivery]:
        if board.has_slow():
            found.moved += await _sort(conn, board, now=now, limit=most)
        taken = await _from_queues(conn, board, now=now, lease=lease, limit=most)
        free = await deliveries.claim(conn, now=now, lease=lease, limit=most - len(taken))
        slow = [replace(each, lane=lane) for each in free if (lane := _queue(board, each.address))]
        await deliveries.release(conn, slow, now=now)  # they stood further behind than was looked
        found.moved += len(slow)
        aside = {each.id for each in slow}
        return [*taken, *(each for each in free if each.id not in aside)]

    found.batch = await _counted(conn, board, ALL, limit, now, batch)
    await save(parts, conn, now)
    return found


async def _budget(conn: AsyncConnection, board: Board, found: Claimed, limit: int, now: datetime) -> int:
    """Reserve for relays that take only so many in a minute; how many letters all take together."""
    carriers = board.open_relays(now)
    board.budgets = {}
    for each in carriers:
        if each.per_minute:
            name = relay_lane(each.name)
            used = await lanes.used(conn, name)
            granted, used = quota.take(used, limit, now, per_minute=each.per_minute, warm_up=None)
            await lanes.count(conn, name, used, now=now)
            board.budgets[each.name] = found.granted[each.name] = granted
    if carriers and len(board.budgets) == len(carriers):
        return min(limit, sum(board.budgets.values()))
    return limit


async def _counted(
    conn: AsyncConnection,
    board: Board,
    name: str,
    want: int,
    now: datetime,
    claim_: Callable[[int], Awaitable[list[Delivery]]],
) -> list[Delivery]:
    """Claim as many as a lane's limits allow, and count them."""
    limit = board.limit(name)
    if want < 1 or not (limit.per_minute or limit.warm_up):
        return await claim_(want) if want > 0 else []
    before = await lanes.used(conn, name)
    granted, used = quota.take(before, want, now, per_minute=limit.per_minute, warm_up=limit.warm_up)
    found = await claim_(granted) if granted else []
    if len(found) < granted:
        used = quota.give_back(used, granted - len(found))
    if found:
        await lanes.count(conn, name, used, now=now)
    most = quota.a_day(limit.warm_up, used.day)
    if most is not None and used.today >= most:
        until = quota.tomorrow(now)
        reason = f"its warm-up lets {most:,} go today"
        board.put(replace(board.lane(name), until=until, reason=reason))
    return found


async def _from_queues(
    conn: AsyncConnection, board: Board, *, now: datetime, lease: timedelta, limit: int
) -> list[Delivery]:
    """Take from the queues of slow lanes, the same from each, and leave a share for the queue of all."""
    names = [name for name in board.turn(QUEUES) if board.until(name, now) is None]
    found: list[Delivery] = []
    for name in names:

        async def take(most: int, name: str = name) -> list[Delivery]:
            return await deliveries.claim(conn, now=now, lease=lease, limit=most, lane=name)

        share = max(1, limit // (len(names) + 1))
        if board.lane(name).width:
            share = min(share, board.width(name) * STEP)
        found += await _counted(conn, board, name, min(share, limit - len(found)), now, take)
    return found


def _queue(board: Board, address: str) -> str:
    """Name the queue that a letter must wait in, if any; its lane gets the row that the queue is found by."""
    name = board.queue_of(address)
    if name and not board.has_row(name):
        board.put(board.lane(name))
    return name


async def _sort(conn: AsyncConnection, board: Board, *, now: datetime, limit: int) -> int:
    """Move letters of slow lanes from the front of the queue of all into their own; return how many."""
    total = 0
    for doubled in range(PEEKS):
        waiting = await lanes.waiting(conn, now=now, limit=max(limit, 1) << doubled)
        moves: dict[str, list[int]] = {}
        for id_, address in waiting:
            if name := _queue(board, address):
                moves.setdefault(name, []).append(id_)
        for name, ids in moves.items():
            await lanes.set_aside(conn, ids, name)
        moved = sum(map(len, moves.values()))
        total += moved
        if moved < len(waiting) or not waiting:
            break
    return total


async def settle(
    parts: Parts, conn: AsyncConnection, claimed: Claimed, untouched: Sequence[Delivery], now: datetime
) -> None:
    """Give back what was not begun, to the queue where it belongs, and what limits had counted for it."""
    board = parts.lanes
    board.budgets = {}
    for each in untouched:
        queue = _queue(board, each.address) or each.lane
        await deliveries.release(conn, [replace(each, lane=queue)], now=now)
    unused = Counter(each.lane for each in untouched if each.lane)
    unused[ALL] = len(untouched)
    for name in [*unused]:
        limit = board.limit(name)
        if not (limit.per_minute or limit.warm_up):
            del unused[name]
    for relay, granted in claimed.granted.items():
        unused[relay_lane(relay)] = granted - board.spent[relay]
    for name, number in unused.items():
        used = await lanes.used(conn, name) if number > 0 else None
        if used:
            await lanes.count(conn, name, quota.give_back(used, number), now=now)
    await save(parts, conn, now)


async def save(parts: Parts, conn: AsyncConnection, now: datetime) -> None:
    """Write what lanes have heard, and raise or clear the alarms that follow from it."""
    changed = parts.lanes.changed()
    await lanes.save(conn, changed, now=now)
    for lane in changed:
        await _tell(conn, lane, now)


async def _tell(conn: AsyncConnection, lane: Lane, now: datetime) -> None:
    if lane.waits(now):
        log.warning("mail waits", lane=lane.name, until=lane.until, reason=lane.reason)
    if lane.is_alarm:
        text = f"{lane.name} does not take our mail: {lane.reason}"
        await notices.raise_(conn, SOURCE + lane.name, "lane", text, now=now)
    elif lane.is_clean:
        await notices.clear(conn, SOURCE + lane.name, now=now)

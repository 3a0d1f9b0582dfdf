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
from syndicator.store.dialect import lock_lanes

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
    """A batch, and what was counted of it.

    `granted` is what relays with a limit may take, `counted` what was counted for lanes with a limit, and
    `begun` what a server was tried with, by queue; `moved` is how many letters moved to another queue.
    """

    batch: list[Delivery] = field(default_factory=list)
    granted: dict[str, int] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)
    begun: Counter[str] = field(default_factory=Counter)
    moved: int = 0


async def claim(
    parts: Parts, conn: AsyncConnection, *, now: datetime, lease: timedelta, limit: int
) -> Claimed:
    """Take up to `limit` deliveries that are due and that some lane takes now."""
    board, found = parts.lanes, Claimed()
    board.spent.clear()
    await lock_lanes(conn)
    board.learn(await lanes.load(conn))
    if board.relays and not board.open_relays(now):
        await save(parts, conn, now)
        return found
    limit = await _budget(conn, board, found, limit, now)

    async def batch(most: int) -> list[Delivery]:
        if board.has_slow():
            found.moved += await _sort(conn, board, now=now, limit=most)
        await lanes.save(conn, board.changed(), now=now)  # whose letters are due is found by rows

        async def queue(name: str, want: int) -> list[Delivery]:
            def take(granted: int) -> Awaitable[list[Delivery]]:
                return deliveries.claim(conn, now=now, lease=lease, limit=granted, lane=name)

            return await _counted(conn, board, found, name, want, now, take)

        due = set(await lanes.due(conn, now))
        names = [name for name in board.queues() if name in due and board.until(name, now) is None]
        taken, hungry = await _from_queues(board, names, most, queue)
        free = await deliveries.claim(conn, now=now, lease=lease, limit=most - len(taken))
        slow = [replace(each, lane=lane) for each in free if (lane := _queue(board, each.address))]
        await deliveries.release(conn, slow, now=now)  # they stood further behind than was looked
        found.moved += len(slow)
        aside = {each.id for each in slow}
        left = most - len(taken) - len(free)
        rest, _ = await _from_queues(board, hungry, left, queue, others=0)
        return [*taken, *rest, *(each for each in free if each.id not in aside)]

    found.batch = await _counted(conn, board, found, ALL, limit, now, batch)
    if not found.batch:
        await _give_back(conn, board, found, now)
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
    claimed: Claimed,
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
    if found or (before and before.at > now):  # a clock was wrong: a minute begins now
        claimed.counted[name] += len(found)
        await lanes.count(conn, name, used, now=now)
        most = quota.a_day(limit.warm_up, used.day)
        if most is not None and used.today >= most:
            log.warning("mail waits", lane=name, until=quota.tomorrow(now), reason=quota.is_full(most))
    return found


async def _from_queues(
    board: Board,
    names: Sequence[str],
    limit: int,
    take: Callable[[str, int], Awaitable[list[Delivery]]],
    *,
    others: int = 1,
) -> tuple[list[Delivery], list[str]]:
    """Take from the queues of lanes, the same from each, and leave as much to so many others.

    Return the letters, and the lanes that may have more: those that gave all that they were asked for.
    """
    found: list[Delivery] = []
    hungry: list[str] = []
    givers = 0
    share = max(1, limit // (min(len(names), QUEUES) + others)) if names else 0
    for name in board.turn(names):
        want = min(share, limit - len(found))
        if want < 1 or givers == QUEUES:
            break
        if board.lane(name).width:
            want = min(want, board.width(name) * STEP)
        got = await take(name, want)
        board.served(name)
        givers += bool(got)
        found += got
        if len(got) == share:
            hungry.append(name)
    return found, hungry


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
    await lock_lanes(conn)
    for each in untouched:
        queue = _queue(board, each.address) or each.lane
        await deliveries.release(conn, [replace(each, lane=queue)], now=now)
    await _give_back(conn, board, claimed, now)
    await save(parts, conn, now)


async def _give_back(conn: AsyncConnection, board: Board, claimed: Claimed, now: datetime) -> None:
    """Take back what was counted for letters that no server was tried with."""
    unused = Counter(claimed.counted)
    unused.subtract({name: number for name, number in claimed.begun.items() if name in unused})
    if ALL in unused:
        unused[ALL] -= claimed.begun.total()
    for relay, granted in claimed.granted.items():
        unused[relay_lane(relay)] = granted - board.spent[relay]
    for name, number in unused.items():
        used = await lanes.used(conn, name) if number > 0 else None
        if used:
            await lanes.count(conn, name, quota.give_back(used, number), now=now)


async def save(parts: Parts, conn: AsyncConnection, now: datetime) -> None:
    """Write what lanes have heard, and raise or clear the alarms that follow from it.

    Once that is committed, say so to the board (`Board.committed`).
    """
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

"""How sending goes on: what runs, how fast, until when, and what stands in its way. It changes nothing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from syndicator.deliver.refusal import refusal
from syndicator.model import DeliveryStatus
from syndicator.pipeline import destinations
from syndicator.store import editions, outbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Delivery, Edition
    from syndicator.pipeline.destinations import Destination
    from syndicator.settings import Mail
    from syndicator.store.outbox import Replies

BOUND: Final = 100_000  # to which what has ended is counted
WINDOW: Final = timedelta(minutes=5)  # of which the pace is told
SHORTEST: Final = timedelta(minutes=1)  # so that two mails in two seconds are no sixty a minute
SAMPLE: Final = 5_000  # newest deliveries that tell the pace
TELLING: Final = 2_000  # newest of each state that tell causes
EDITIONS: Final = 10  # running ones that are shown
CAUSES: Final = 12
UNDECIDED: Final = 20
SLOWED: Final = 20

_ADDRESS: Final = re.compile(r"<?[^\s<>,;:()]+@[^\s<>,;:()]+>?")
_NUMBER: Final = re.compile(r"\b(?=\w*\d)[\w-]{6,}\b")  # queue numbers, times, ids of sessions
_CODE: Final = re.compile(r"([45]\d\d)\b[ -]?(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An edition that is being sent."""

    edition: str
    subject: str
    total: int
    waiting: int  # never tried, or in a worker's hands
    deferred: int
    held: int
    per_minute: float  # accepted, over the last minutes
    ends_at: datetime | None  # when none waits if it goes on like this; None: it stands still

    @property
    def ended(self) -> int:
        """How many were accepted or refused."""
        return self.total - self.waiting - self.deferred - self.held

    @property
    def share(self) -> float:
        """How much of it has ended, from 0 to 1."""
        return self.ended / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why deliveries were put off or refused: the same words to them, but for addresses and numbers."""

    state: DeliveryStatus
    reason: str  # of the table of `deliver/bounce/reasons.py`; empty for what no server said
    is_ours: bool  # the server does not want mail of us; it says nothing about the reader
    times: int
    example: str
    newest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One look at the outbox. Counts that reach `bound` are at least that."""

    at: datetime
    states: Mapping[str, int]
    per_minute: float
    running: tuple[Running, ...]
    more_running: int
    causes: tuple[Cause, ...]
    undecided: tuple[Delivery, ...]  # of unknown outcome, as many as are shown
    uncertain: Mapping[str, int]  # ever unknown, by the state that they are in
    unknown_up_to: int = 0  # the newest id of those that are held for it
    slowed: tuple[Destination, ...] = ()  # lanes that wait or are narrow, as many as are shown
    bound: int = BOUND

    @property
    def is_quiet(self) -> bool:
        """Whether nothing waits to be sent now."""
        return not any(self.states.get(state) for state in ("planned", "leased", "sending"))


async def look(conn: AsyncConnection, mail: Mail, *, now: datetime) -> Progress:
    """Look at the whole outbox once."""
    states: Counter[str] = Counter(await outbox.ended_counts(conn, bound=BOUND))
    waiting = await outbox.open_counts(conn)
    for counts in waiting.values():
        states.update(counts)
    sample = await outbox.accepted_since(conn, now - WINDOW, limit=SAMPLE)
    rate = pace([at for _, at in sample], now)
    under_way = [name for name, counts in waiting.items() if counts.keys() - {DeliveryStatus.HELD}]
    found = sorted(await editions.heads(conn, under_way), key=lambda each: each.created_at, reverse=True)
    shown = found[:EDITIONS]
    totals = await outbox.totals(conn, [edition.id for edition in shown])
    shares = Counter(edition for edition, _ in sample)
    causes = [
        cause
        for state in (DeliveryStatus.DEFERRED, DeliveryStatus.REFUSED)
        for cause in grouped(state, await outbox.replies(conn, state, limit=TELLING))
    ]
    slowed = [each for each in await destinations.look(conn, mail, now) if each.state != "open"]
    return Progress(
        at=now,
        states=states,
        per_minute=rate,
        running=tuple(
            _running(
                each, totals[each.id], waiting[each.id], rate * shares[each.id] / max(len(sample), 1), now
            )
            for each in shown
        ),
        more_running=len(found) - len(shown),
        causes=tuple(causes),
        undecided=tuple(await outbox.uncertain(conn, limit=UNDECIDED)),
        uncertain=await outbox.uncertain_counts(conn),
        unknown_up_to=max(await outbox.unknown_held(conn), default=0),
        slowed=tuple(slowed[:SLOWED]),
    )


def pace(times: Sequence[datetime], now: datetime) -> float:
    """Tell how many a minute these are, the newest first, all within `WINDOW`."""
    if not times:
        return 0.0
    return len(times) / (max(now - times[-1], SHORTEST) / timedelta(minutes=1))


def grouped(state: DeliveryStatus, said: Iterable[Replies]) -> list[Cause]:
    """Put together what differs in addresses and numbers alone; the most frequent first, `CAUSES` at most."""
    kinds: dict[str, list[Replies]] = {}
    for each in said:
        kinds.setdefault(_NUMBER.sub("…", _ADDRESS.sub("…", each.reply)), []).append(each)
    found = [_cause(state, alike) for alike in kinds.values()]
    return sorted(found, key=lambda cause: (-cause.times, cause.example))[:CAUSES]


def _cause(state: DeliveryStatus, alike: Sequence[Replies]) -> Cause:
    newest = max(alike, key=lambda each: each.newest_at)
    code = _CODE.match(newest.reply)
    judged = refusal(int(code[1]), code[2]) if code else None
    return Cause(
        state=state,
        reason=judged.reason if judged else "",
        is_ours=judged is not None and judged.verdict == "ours",
        times=sum(each.times for each in alike),
        example=newest.reply,
        newest_at=newest.newest_at,
    )


def _running(edition: Edition, total: int, counts: Mapping[str, int], rate: float, now: datetime) -> Running:
    waiting = sum(counts.get(state, 0) for state in ("planned", "leased", "sending"))
    return Running(
        edition=edition.id,
        subject=edition.subject,
        total=total,
        waiting=waiting,
        deferred=counts.get("deferred", 0),
        held=counts.get("held", 0),
        per_minute=rate,
        ends_at=now + timedelta(minutes=waiting / rate) if waiting and rate else None,
    )

"""When will a topic be mailed next? For status, lists and plans; `compose` decides by rows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator import schedule

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from syndicator.model import Slot, Topic


def next_digest(topic: Topic, chosen: Collection[Slot | None], now: datetime) -> datetime | None:
    """Give the earliest hour of a topic's readers; with none, the topic's own.

    `chosen` are their schedules, None for who left it to the topic. None: there is no hour, for the topic has
    no plan or all readers get what comes at once.
    """
    own = topic.digest.slot if topic.digest else None
    slots = {slot or own for slot in chosen or (None,)}
    told = [slot for slot in slots if slot and schedule.is_known(slot)]
    fires = [fire.at for slot in told if (fire := schedule.next_fire(slot, now))]
    return min(fires, default=None)

"""Who gets which window: subscribers with equal topics, windows and language share an edition.

Each subscription has its own cursor, the last match number that a digest has covered. So nothing falls
between two windows or comes twice when a schedule changes, a run is late, or a reader pauses; and readers
whose cursors agree, which is nearly all of them, share one rendering. A story that goes on is left out for
whom a mail has shown it: not for whom it was cut off ("+3 more"), or who came later.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syndicator.model import Subscription


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Window:
    """Matches of a topic with `after` < seq ≤ `upto`."""

    topic: str
    after: int
    upto: int
    told: tuple[int, ...] = ()  # stories that mails have shown to these readers, and that go on in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Readers of one edition: what it holds, in which language, for whom."""

    windows: tuple[Window, ...]  # by topic
    language: str
    readers: tuple[tuple[int, str], ...]  # (subscriber, address)
    subscriptions: tuple[tuple[int, str], ...]  # (subscription, topic)

    def edition_id(self, slot: str, local_date: str, *, secret: bytes = b"") -> str:
        """Name the edition: the same again when a killed run is taken up.

        Its page is open to whoever knows the name; with a `secret` nobody can guess it.
        """
        said = repr(
            (slot, local_date, self.language, [(w.topic, w.after, w.upto, w.told) for w in self.windows])
        )
        return hashlib.sha256(secret + said.encode()).hexdigest()[:24]


def audiences(
    subscriptions: Iterable[Subscription],
    *,
    first: Mapping[int, int],
    cutoff: int,
    language: str,
    told: Mapping[int, tuple[int, ...]] | None = None,
) -> list[Audience]:
    """Group subscriptions (whole subscribers) into audiences, in a stable order.

    `first` is, by subscription, where windows begin that do not at the cursor; `told` the stories that are
    not to be told again; `language` is for readers who chose none.
    """
    people: dict[int, list[Subscription]] = defaultdict(list)
    for subscription in subscriptions:
        people[subscription.subscriber.id].append(subscription)
    groups: dict[tuple[str, tuple[Window, ...]], list[list[Subscription]]] = defaultdict(list)
    for ties in people.values():
        windows = tuple(
            sorted(
                Window(
                    topic=tie.topic,
                    after=begins(tie, first),
                    upto=cutoff,
                    told=(told or {}).get(tie.id, ()),
                )
                for tie in ties
            )
        )
        groups[ties[0].subscriber.language or language, windows].append(ties)
    return [
        Audience(
            windows=windows,
            language=spoken,
            readers=tuple((ties[0].subscriber.id, ties[0].subscriber.address) for ties in members),
            subscriptions=tuple((tie.id, tie.topic) for ties in members for tie in ties),
        )
        for (spoken, windows), members in sorted(groups.items())
    ]


def begins(tie: Subscription, first: Mapping[int, int]) -> int:
    """Say after which match a subscription's window begins: as `first` tells, else at its cursor."""
    return first.get(tie.id, tie.cursor or 0)

"""Leaving by the link of a mail, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from syndicator.digest.tokens import MAX_TOKEN, bond_of
from syndicator.store import editions, preferences, subscribers
from syndicator.store.preferences import Manner
from syndicator.store.subscribers import key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from syndicator.model import Edition
    from syndicator.pipeline.parts import Parts
    from syndicator.store.subscribers import Reader

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """Who leaves what, by the link of which edition. Without a reader they are gone already."""

    reader: Reader | None
    edition: Edition | None
    topics: tuple[str, ...]
    secret: str = ""

    @property
    def states(self) -> dict[str, str]:
        """The state of each of the reader's topics."""
        return self.reader.topics if self.reader else {}

    @property
    def live(self) -> set[str]:
        """The topics that the reader has not left."""
        return {slug for slug, state in self.states.items() if state != "ended"}

    @property
    def bond(self) -> str:
        """What tokens of the reader are bound to."""
        return bond_of(key(self.reader.subscriber.address), self.secret) if self.reader else ""


async def reader_of(parts: Parts, token: str, now_named: Callable[[str], str]) -> Leaving | None:
    """Read whose link this is, and out of which topics; `now_named` tells a topic's slug of today."""
    claim = parts.tokens.read_unsubscribe(token)
    if claim is None:
        return None
    subscriber, edition_id = claim
    async with parts.store.read() as conn:
        reader = await subscribers.get(conn, subscriber)
        edition = await editions.get(conn, edition_id)
        manner = (await preferences.manners(conn, [subscriber])).get(subscriber, Manner())
    # An edition that is gone can no longer say what it held: then the reader leaves all.
    named = edition.topics if edition else tuple(reader.topics) if reader else ()
    topics = tuple(now_named(slug) for slug in named)  # a mail may be older than a name
    return Leaving(reader=reader, edition=edition, topics=topics, secret=manner.secret)


async def go(parts: Parts, found: Leaving, topics: Sequence[str] | None) -> str:
    """End subscriptions, to these topics or all; return the token that takes it back, if it can be."""
    assert found.reader  # noqa: S101  who is gone leaves nothing
    now, person = parts.clock(), found.reader.subscriber
    async with parts.store.write() as conn:
        before = await subscribers.get(conn, person.id)
        await subscribers.end(conn, person.id, topics, now=now)
    states = before.topics if before else {}
    left = {slug: state for slug, state in states.items() if topics is None or slug in topics}
    kept = [" ".join(slug for slug in left if left[slug] == state) for state in ("active", "paused")]
    if not any(kept):
        return ""
    said = ":".join([str((now - _EPOCH) // _STEP), *kept])
    token = parts.tokens.reader("undo", person.id, now, bond=found.bond, more=said)
    return token if len(token) <= MAX_TOKEN else ""


async def take_back(parts: Parts, found: Leaving, token: str) -> list[str]:
    """Undo what `go` did; return the topics that go on, none if it is too late."""
    now = parts.clock()
    claim = parts.tokens.read_reader("undo", token, now)
    if claim is None or found.reader is None or claim.subscriber != found.reader.subscriber.id:
        return []
    if not parts.tokens.is_bound(claim, found.bond):
        return []
    at, active, paused = claim.more.split(":")
    async with parts.store.write() as conn:
        return await preferences.take_back(
            conn, claim.subscriber, left_at=_EPOCH + int(at) * _STEP, active=active.split(),
            paused=paused.split(), now=now,
        )  # fmt: skip

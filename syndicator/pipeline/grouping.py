"""group: new and changed articles that are in a topic → their stories, in the transaction of a pull.

Only these, for feeds and digests show no others: what matches nothing costs nothing. Candidates are found in
a window of signatures in memory, which follows the rows: whoever groups holds a lock that all hosts share,
and first reads what others signed since. So hosts agree, and a window that is lost is built again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from syndicator.store import articles, stories
from syndicator.store.dialect import lock_stories
from syndicator.stories.grouping import WINDOW, best
from syndicator.stories.joining import joins
from syndicator.stories.near import Near
from syndicator.stories.signatures import read_numbers, sign, unpack, write_numbers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import StoredArticle
    from syndicator.store.stories import Known, Place
    from syndicator.stories.signatures import Signature

MANY: Final = 500  # signatures
REBUILT: Final = timedelta(days=1)  # age at which a window is built again, without what is too old


@dataclass(slots=True)
class Recent:
    """The signatures that this process knows: a copy of rows, up to `seq`."""

    near: Near = field(default_factory=Near)
    seq: int = 0
    built_at: datetime | None = None

    async def follow(self, conn: AsyncConnection, now: datetime) -> None:
        """Read what was signed since the last time, here or on another host."""
        if self.built_at is None or not timedelta(0) <= now - self.built_at < REBUILT:
            self.near, self.seq, self.built_at = Near(), 0, now
        is_more = True
        while is_more:
            rows = await stories.signed(conn, after=self.seq, since=now - WINDOW)
            if len(rows) < MANY:
                self._add(rows)
            else:  # a window that is built anew must not hold up the loop
                await asyncio.to_thread(self._add, rows)
            is_more = len(rows) == stories.CHUNK

    def _add(self, rows: Sequence[Row[*tuple[Any, ...]]]) -> None:
        for row in rows:
            self.near.add(row.article_id, read_numbers(row.bands))
            self.seq = row.seq


async def group(
    conn: AsyncConnection, recent: Recent, found: Sequence[StoredArticle], *, now: datetime
) -> set[str]:
    """Put articles into stories; return the topics that show a story which changed by it.

    What came out before the window stands alone and is not looked at. Once in a transaction: what it adds
    itself is read in the next one.
    """
    young = [one for one in found if one.sorted_at >= now - WINDOW]
    if not young:
        return set()
    await lock_stories(conn)
    await recent.follow(conn, now)
    signed = await asyncio.to_thread(_signed, young)
    near = _candidates(recent.near, signed)
    known = await stories.known(conn, {key for keys in near.values() for key in keys} - signed.keys())
    rows = [
        (one.id, one.sorted_at, write_numbers(signed[one.id].bands), signed[one.id].blob) for one in young
    ]
    places = await stories.places(conn, signed)
    await stories.sign(conn, rows, again=places)
    known |= {one.id: stories.Known(signed[one.id].blob, one.article.source, one.sorted_at) for one in young}
    links = await asyncio.to_thread(_links, near, known)
    places |= await stories.places(conn, {key for pair in links for key in pair} - signed.keys())
    return await _settle(conn, links, signed.keys(), places, now)


async def group_missing(
    conn: AsyncConnection, recent: Recent, ids: Collection[int], *, now: datetime
) -> set[str]:
    """Group those of these articles that were in no topic until now; as `group`."""
    strangers = {*ids} - (await stories.places(conn, ids)).keys()
    young = await articles.recent(conn, strangers, since=now - WINDOW)
    return await group(conn, recent, young, now=now)


def _signed(found: Sequence[StoredArticle]) -> dict[int, Signature]:
    return {one.id: sign(one.article) for one in found}


def _candidates(recent: Near, signed: Mapping[int, Signature]) -> dict[int, list[int]]:
    """Find what each new article has to be compared with, in the window and in its own pull."""
    found, company = dict[int, list[int]](), Near()
    for id_, signature in sorted(signed.items()):
        keys = {*recent.find(signature.bands), *company.find(signature.bands)} - {id_}
        company.add(id_, signature.bands)
        if keys:
            found[id_] = sorted(keys)
    return found


def _links(near: Mapping[int, Collection[int]], known: Mapping[int, Known]) -> list[tuple[int, int]]:
    """Compare in a thread: (new article, article that tells the same), the surest pair first."""
    read = {id_: unpack(one.features, source=one.source, at=one.at) for id_, one in known.items()}
    judged = [
        (-one.verdict.strength, id_, one.key)
        for id_, keys in near.items()
        for one in best(read[id_], {key: read[key] for key in keys if key in read})
    ]
    return [(id_, key) for _, id_, key in sorted(judged)]


async def _settle(
    conn: AsyncConnection,
    links: Sequence[tuple[int, int]],
    ids: Collection[int],
    places: Mapping[int, Place],
    now: datetime,
) -> set[str]:
    """Write where the articles `ids` are now; `places` says where they, and those linked, were.

    What an admin put somewhere stays there.
    """
    left = _leaving(places, links, ids)
    crowd = await stories.members(conn, {places[id_].story for id_ in left})
    # Who has lost its signature cannot be compared, and speaks neither for nor against whoever is edited.
    known = await stories.known(conn, {each for members in crowd.values() for each in members})
    left = {id_ for id_ in left if len(all_ := crowd[places[id_].story]) > 1 and known.keys() >= {*all_}}
    await stories.leave(conn, left)
    made = await stories.begin(conn, [id_ for id_ in ids if id_ not in places or id_ in left], now=now)
    of = {id_: place.story for id_, place in places.items()} | made
    bars = await stories.bars(conn, {of[id_] for pair in links for id_ in pair})
    ending = joins(links, of, bars)
    await stories.merge(conn, ending)
    old = {places[id_].story for id_ in left}
    await stories.drop_empty(conn, old)
    return await stories.topics_of(conn, {*ending.values(), *old})


def _leaving(places: Mapping[int, Place], links: Sequence[tuple[int, int]], ids: Collection[int]) -> set[int]:
    """Find edited articles that no longer tell the story they were in."""
    held: dict[int, set[int]] = {}
    for one, other in links:
        held.setdefault(one, set()).add(places[other].story if other in places else 0)
        held.setdefault(other, set()).add(places[one].story if one in places else 0)
    return {
        id_
        for id_ in ids
        if id_ in places and not places[id_].pinned and places[id_].story not in held.get(id_, ())
    }

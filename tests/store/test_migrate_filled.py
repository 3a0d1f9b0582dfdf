"""Upgrades of a database that has been in use: nothing is lost, and everything goes on."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from copies import BAKERY, HARBOUR, NOW, article
from shelf import window
from sqlalchemy import func, inspect, select

from syndicator.model import Match, Publish, Source
from syndicator.pipeline.grouping import Recent, group, group_missing
from syndicator.store import (
    Store,
    articles,
    editions,
    judgements,
    leads,
    matches,
    migrate,
    retention,
    schema,
    sources,
    subscribers,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.engine import Connection

    from syndicator.model import Article

FERRY = article(HARBOUR, "The ferry across the bay stops", source="wire", key="ferry")
BREAD = article(BAKERY, "A baker may burn his oven at night", source="wire", key="bread")
COPY = replace(FERRY, source="post", key="boats", title="No more boats")
DAY = timedelta(days=1)


def fill(conn: Connection) -> None:
    """Write what a program of the second schema had: articles in topics, readers, mails that went out."""
    for number, each in enumerate((FERRY, BREAD), 1):
        conn.execute(schema.articles.insert().values(row(each)))
        conn.execute(
            schema.article_keys.insert().values(
                source=each.source, key=each.key, article_id=number, wire="w", noted_at=NOW
            )
        )
        conn.execute(
            schema.matches.insert().values(
                topic="sea", article_id=number, score=3, because=["x"], active=True, backfill=False,
                held=False, matched_at=NOW,
            )
        )  # fmt: skip
    conn.execute(
        schema.topics.insert().values(slug="sea", configured=True, fingerprint="old", created_at=NOW)
    )
    conn.execute(
        schema.subscribers.insert().values(
            address="a@reader.example", address_key="a@reader.example", created_at=NOW
        )
    )
    conn.execute(
        schema.subscriptions.insert().values(
            subscriber_id=1, topic="sea", state="active", since_at=NOW, cursor=2
        )
    )
    conn.execute(
        schema.editions.insert().values(
            id="e", run_id=1, slot="daily", topics=["sea"], language="en", subject="s", html="<p>", text="t",
            articles=2, created_at=NOW,
        )
    )  # fmt: skip
    conn.execute(
        schema.deliveries.insert().values(
            edition_id="e", subscriber_id=1, address="a@reader.example", state="accepted", planned_at=NOW,
            due_at=NOW, updated_at=NOW,
        )
    )  # fmt: skip
    conn.execute(schema.catalogs.insert().values(version="v", dump="{}", applied_at=NOW))


def row(each: Article) -> dict[str, object]:
    values = {name: getattr(each, name) for name in articles.STORED}
    return values | {
        "authors": list(each.authors),
        "tags": list(each.tags),
        "enclosures": [asdict(one) for one in each.enclosures],
        "arrived_at": NOW,
        "changed_at": NOW,
        "sorted_at": NOW,
    }


def tally(conn: Connection) -> Counter[str]:
    names = inspect(conn).get_table_names()
    found = {name: conn.execute(select(func.count()).select_from(schema.metadata.tables[name])).scalar()
             for name in names if name in schema.metadata.tables}  # fmt: skip
    return Counter({name: count for name, count in found.items() if count})


@pytest.fixture
async def used(empty_database_url: str) -> AsyncIterator[Store]:
    store = Store(empty_database_url)

    def prepare(conn: Connection) -> None:
        migrate.upgrade(conn, "0002")
        with conn.begin():
            fill(conn)

    async with store._writer.connect() as conn:
        await conn.run_sync(prepare)
        before = await conn.run_sync(tally)
    await store.upgrade()
    async with store.read() as conn:
        assert await conn.run_sync(migrate.current) == migrate.HEAD
        assert await conn.run_sync(tally) == before
        assert await conn.run_sync(differences) == []
    async with store.write() as conn:
        await sources.sync(conn, [Source(name=n, url=f"https://{n}.example/feed") for n in ("wire", "post")])
    yield store
    await store.close()


def differences(conn: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(conn), schema.metadata))


async def test_old_articles_are_shown_grouped_with_new_ones_judged_and_purged(used: Store) -> None:
    recent = Recent()
    async with used.write() as conn:
        assert len(await matches.newest(conn, "sea", limit=9, per_source=9, once=True)) == 2
        await group_missing(conn, recent, [1, 2], now=NOW)
        done = await articles.upsert(conn, "post", [COPY], now=NOW)
        hit = {done.new[0].id: [Match(topic="sea", score=3, because=("x",))]}
        await matches.record(conn, hit, now=NOW)
    async with used.write() as conn:
        await group(conn, recent, done.new, now=NOW)
    async with used.read() as conn:
        found = await matches.newest(conn, "sea", limit=9, per_source=9, once=True)
        assert sorted(len(one.also_in) for one in found) == [0, 1]
        assert await judgements.of_topic(conn, "sea") == []
    async with used.write() as conn:
        late, keep = NOW + 90 * DAY, 60 * DAY
        assert await retention.purge(conn, now=late, keep=keep, limit=9, publish={"sea": Publish()}) == 0
        assert await retention.purge(conn, now=late, keep=keep, limit=9, publish={"sea": Publish(items=0)})


async def test_old_readers_and_mails_go_on(used: Store) -> None:
    """What an old edition showed is not known: a story that goes on is told once more rather than never."""
    async with used.read() as conn:
        edition = await editions.get(conn, "e")
        assert edition is not None
        assert edition.shown == ()
        reader = await subscribers.get(conn, 1)
        assert reader is not None
        assert reader.topics == {"sea": "active"}
        assert await editions.told(conn, [1], [1]) == {}
        assert await leads.continued(conn, "sea", after=0, upto=9) == {}
        assert (await window(conn, "sea", after=0, upto=9, told=()))[1] == 2

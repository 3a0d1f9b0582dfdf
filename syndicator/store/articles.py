"""Articles: stored once whatever they are called, changed only when a reader would see it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import bindparam, func, select, update

from syndicator import likeness
from syndicator.model import Article, Enclosure, StoredArticle
from syndicator.store import homes, names
from syndicator.store.names import Name
from syndicator.store.schema import articles, sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.store.names import Seen

EDITS_A_DAY: Final = 5  # of one article, by UTC, that documents are rendered for; the others wait for company
STORED: Final = tuple(each.name for each in fields(Article) if each.name != "wire")  # which a name has
MANY: Final = 50  # articles
BATCH: Final = 500  # rows a statement: below every driver's limit on parameters

# Built once: with all these columns, building them costs as much as running them.
_INSERT: Final = articles.insert().returning(articles.c.id, sort_by_parameter_order=True)
_UPDATE: Final = update(articles).where(articles.c.id == bindparam("row_id"))
_BY_ID: Final = select(articles).where(articles.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(slots=True, kw_only=True)
class Stored:
    """What became of the articles of one pull; each list oldest first.

    `quiet` are changes that readers would not notice, or that come too often: they are stored, and no
    document is rendered for them. `echoes` are the ids of new ones that say what another said; `renamed` is
    the number whose guids name nothing (`store.homes`).
    """

    new: list[StoredArticle] = field(default_factory=list)
    changed: list[StoredArticle] = field(default_factory=list)
    quiet: list[StoredArticle] = field(default_factory=list)
    echoes: set[int] = field(default_factory=set)
    renamed: int = 0

    @property
    def touched(self) -> list[StoredArticle]:
        """What readers should be shown: new or noticeably changed."""
        return [*self.new, *self.changed]


class Before(NamedTuple):
    """An article as it was before this pull, and how often it changed on the day it last did."""

    stored: StoredArticle
    edits: int


def stored(row: Row[*tuple[Any, ...]], **more: Any) -> StoredArticle:
    """Make a StoredArticle of a row that has all columns of `articles`, and of `more` fields."""
    article = Article(
        source=row.source,
        key=row.key,
        guid=row.guid,
        url=row.url,
        title=row.title,
        published_at=row.published_at,
        updated_at=row.updated_at,
        authors=tuple(row.authors),
        tags=tuple(row.tags),
        language=row.language,
        summary=row.summary,
        content_html=row.content_html,
        text=row.text,
        image=row.image,
        enclosures=tuple(Enclosure(**enclosure) for enclosure in row.enclosures),
        fingerprint=row.fingerprint,
    )
    return StoredArticle(
        id=row.id, article=article, arrived_at=row.arrived_at, changed_at=row.changed_at, **more
    )


def row_of(article: Article, arrived_at: datetime, changed_at: datetime) -> dict[str, Any]:
    """Give the columns of an article, but for its id and the count of its edits."""
    published = article.published_at
    return {name: getattr(article, name) for name in STORED} | {
        "authors": list(article.authors),
        "tags": list(article.tags),
        "enclosures": [asdict(enclosure) for enclosure in article.enclosures],
        "arrived_at": arrived_at,
        "changed_at": changed_at,
        "sorted_at": min(published, arrived_at) if published else arrived_at,
    }


async def upsert(
    conn: AsyncConnection,
    source: str,
    found: Sequence[Article],
    *,
    now: datetime,
    also: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    seen: Mapping[str, Seen] | None = None,
) -> Stored:
    """Store what is new or changed of one source's articles, in the caller's transaction.

    `found` are the articles of a document that are not known as they are, `also` the further names of each by
    key, `seen` what `names.known` said of the whole document. An article whose key is new is looked for under
    its other names (`store.evidence`); what was purged stays purged. Older articles get lower ids, so that
    arrival follows publication within one pull.
    """
    ordered = sorted(found, key=lambda article: article.published_at or now)
    await names.refresh(conn, source, seen or {}, now=now)
    if not ordered:
        return Stored()
    named = {a.key: [*(also or {}).get(a.key, ()), *likeness.names(a)] for a in ordered}
    asked = {key for a in ordered for key in (a.key, likeness.spare(a), *(name for _, name in named[a.key]))}
    held = await names.known(conn, source, asked)
    before = await _load(conn, {each.article_id for each in held.values() if each.article_id is not None})
    finding = (ordered, named, held, {id_: each.stored.article for id_, each in before.items()}, seen or {})
    is_long = len(ordered) > MANY  # texts are compared: that must not hold up the loop
    found_homes = await asyncio.to_thread(homes.find, *finding) if is_long else homes.find(*finding)
    result = Stored(renamed=found_homes.renamed)
    new = list(found_homes.new.items())
    for start in range(0, len(new), BATCH):
        result.new += await _insert(conn, [each for _, each in new[start : start + BATCH]], now)
    pairs = [(before[found_homes.known[a.key]], a) for a in ordered if a.key in found_homes.known]
    await _update(conn, pairs, result, now)
    made = {key: stored.id for (key, _), stored in zip(new, result.new, strict=True)}
    ids = found_homes.known | made
    result.echoes = {
        made[key] for key in made for kind, name in named[key] if kind == "words" and name in held
    }
    noted = [
        name
        for name in chain.from_iterable(_noted(a, found_homes.named[a.key], ids.get(a.key)) for a in ordered)
        if name.key not in held or held[name.key][:2] != (name.article_id, name.wire)
    ]
    await names.note(conn, source, noted, now=now)
    gained = {name.article_id for name in noted if name.key not in held and name.article_id is not None}
    await names.trim(conn, gained.intersection(found_homes.known.values()), asked)
    return result


async def _load(conn: AsyncConnection, ids: Collection[int]) -> dict[int, Before]:
    """Read articles as they are stored, by id."""
    found: dict[int, Before] = {}
    listed = sorted(ids)
    for start in range(0, len(listed), BATCH):
        rows = await conn.execute(_BY_ID, {"ids": listed[start : start + BATCH]})
        found |= {row.id: Before(stored(row), row.edits) for row in rows}
    return found


def _noted(article: Article, listed: Sequence[tuple[str, str]], id_: int | None) -> list[Name]:
    firm = [Name(article.key, id_, article.wire)]
    for kind, name in listed:
        is_loose = kind in ("words", "title")
        firm.append(Name(name, id_, "" if is_loose else article.wire, is_loose))
    return firm


async def _insert(conn: AsyncConnection, new: Sequence[Article], now: datetime) -> list[StoredArticle]:
    ids = await conn.execute(_INSERT, [row_of(article, now, now) for article in new])
    return [
        StoredArticle(id=row.id, article=article, arrived_at=now, changed_at=now)
        for row, article in zip(ids, new, strict=True)
    ]


async def _update(
    conn: AsyncConnection, pairs: Sequence[tuple[Before, Article]], result: Stored, now: datetime
) -> None:
    """Write what a reader sees otherwise than before; who and when stay, unless the words are new."""
    values = []
    for old, article in pairs:
        was = old.stored.article
        if was.fingerprint == article.fingerprint:
            continue
        today = old.edits if old.stored.changed_at.date() == now.date() else 0
        is_edit = today < EDITS_A_DAY and likeness.is_noticed(was, article)
        published = (article.published_at if is_edit else None) or was.published_at
        kept = replace(article, key=was.key, guid=was.guid, published_at=published)
        changed_at, edits = (now, today + 1) if is_edit else (old.stored.changed_at, old.edits)
        after = replace(old.stored, article=kept, changed_at=changed_at)
        (result.changed if is_edit else result.quiet).append(after)
        values.append(row_of(kept, after.arrived_at, changed_at) | {"edits": edits, "row_id": after.id})
    for start in range(0, len(values), BATCH):
        await conn.execute(_UPDATE, values[start : start + BATCH])


async def get(conn: AsyncConnection, ids: Collection[int]) -> dict[int, StoredArticle]:
    """Read articles by id; those that are not there are left out."""
    return {id_: before.stored for id_, before in (await _load(conn, ids)).items()}


async def fingerprints(conn: AsyncConnection, ids: Collection[int]) -> dict[int, str]:
    """Read the fingerprints of those that are still there; on PostgreSQL they stay until the end."""
    listed, found = sorted(ids), dict[int, str]()
    columns = (articles.c.id, articles.c.fingerprint)
    for start in range(0, len(listed), BATCH):
        of_these = select(*columns).where(articles.c.id.in_(listed[start : start + BATCH]))
        rows = await conn.execute(of_these.with_for_update(read=True))
        found |= {row.id: row.fingerprint for row in rows}
    return found


async def count(conn: AsyncConnection, source: str) -> int:
    """Count the articles of one source that are kept."""
    found = await conn.scalar(select(func.count()).select_from(articles).where(articles.c.source == source))
    return found or 0


async def recent(conn: AsyncConnection, ids: Collection[int], *, since: datetime) -> list[StoredArticle]:
    """Read those of these articles that came out since an instant."""
    listed, found = sorted(ids), list[StoredArticle]()
    for start in range(0, len(listed), BATCH):
        of_these = (articles.c.id.in_(listed[start : start + BATCH]), articles.c.sorted_at >= since)
        found += [stored(row) for row in await conn.execute(select(articles).where(*of_these))]
    return found


async def scan(conn: AsyncConnection, *, chunk: int = BATCH) -> AsyncIterator[list[StoredArticle]]:
    """Read the archive in chunks, oldest arrival first."""
    after = 0
    while True:
        rows = (
            await conn.execute(
                select(articles, sources.c.title.label("source_title"))
                .outerjoin(sources, sources.c.name == articles.c.source)
                .where(articles.c.id > after)
                .order_by(articles.c.id)
                .limit(chunk)
            )
        ).all()
        if not rows:
            return
        after = rows[-1].id
        yield [stored(row, source_title=row.source_title or "") for row in rows]

"""What the commands on topics share: finding a topic, and one of the articles, by what an admin typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Catalog, Judgement, StoredArticle, Topic


def find(catalog: Catalog, slug: str) -> Topic:
    """Find a topic, or raise NotFound with the nearest one there is."""
    from syndicator.catalog import missing_topic

    if slug in catalog.topics:
        return catalog.topics[slug]
    raise missing_topic(slug, catalog.topics)


def who() -> str:
    """Name the user of this machine who speaks."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # who has a number alone
        return ""


async def find_article(conn: AsyncConnection, name: str) -> StoredArticle:
    """Find a stored article by its number, address, guid or key, or raise NotFound."""
    from syndicator.errors import NotFound
    from syndicator.store import judgements

    found = await judgements.find(conn, name)
    if not found:
        raise NotFound(
            f"article: there is no '{name}'", hint="give its address, guid or number, as `feed` prints them"
        )
    if len(found) > 1:
        several = ", ".join(f"{one.id} ({one.article.source})" for one in found)
        raise NotFound(f"article: several are called '{name}'", hint=f"give the number of one: {several}")
    return found[0]


async def find_judgement(conn: AsyncConnection, topic: str, name: str) -> Judgement:
    """Find what was said of an article, which may be long gone, or raise NotFound."""
    from syndicator.errors import NotFound
    from syndicator.store import judgements

    told = await judgements.of_topic(conn, topic)
    stored = {(one.article.source, one.article.key) for one in await judgements.find(conn, name)}
    found = [
        one
        for one in told
        if name in (one.article.key, one.article.url) or (one.article.source, one.article.key) in stored
    ]
    if not found:
        raise NotFound(
            f"article: nothing was said of '{name}' in {topic}",
            hint=f"syndicator topics judgements {topic} lists what was",
        )
    if len(found) > 1:
        several = ", ".join(one.article.key for one in found[:10])
        raise NotFound(f"article: several are called '{name}'", hint=f"give the key of one: {several}")
    return found[0]

"""What the commands on topics share: finding a topic, or what was said of an article, by what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from syndicator.model import Catalog, Judgement, Topic

MANY: Final = 10  # articles that a name may fit and be told


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


async def find_judgement(conn: AsyncConnection, topic: str, name: str) -> Judgement:
    """Find what was said of an article, which may be long gone, or raise NotFound.

    `name` is its key, address or number, or a part of the title it had.
    """
    from syndicator.errors import NotFound
    from syndicator.store import archive, judgements

    told = await judgements.of_topic(conn, topic)
    stored = {(one.article.source, one.article.key) for one in await archive.find(conn, name, limit=MANY)}
    found = [
        one
        for one in told
        if name in (one.article.key, one.article.url) or (one.article.source, one.article.key) in stored
    ] or [one for one in told if name.casefold() in one.article.title.casefold()]
    if not found:
        raise NotFound(
            f"article: nothing was said of '{name[:200]}' in {topic}",
            hint=f"syndicator topics judgements {topic} lists what was",
        )
    if len(found) > 1:
        several = ", ".join(one.article.key for one in found[:MANY])
        raise NotFound(f"article: '{name[:200]}' fits several", hint=f"give the key of one: {several}")
    return found[0]

"""All tables, for SQLite (STRICT) and PostgreSQL alike. A change here needs a file in `migrations/versions`.

In the order of an article's way. `shard` columns let many hosts divide the work (0 in one process).
A lease (`lease_until`, `fence`) says who works on a row: a write with an old fence is refused.
"""

from __future__ import annotations

from syndicator.store.schema.archive import history, history_documents
from syndicator.store.schema.articles import article_keys, articles
from syndicator.store.schema.base import COUNTED, STRICT, metadata
from syndicator.store.schema.followers import callback_pauses, followers, intents
from syndicator.store.schema.mail import (
    audience_counts,
    deliveries,
    editions,
    lanes,
    listed_editions,
    reader_links,
    return_cursors,
    returns,
    slot_runs,
    subscribers,
    subscriptions,
    suppressions,
)
from syndicator.store.schema.search import haystacks
from syndicator.store.schema.signup import signup_attempts, signups, transactional
from syndicator.store.schema.site import admissions, catalogs, keys
from syndicator.store.schema.sources import host_pauses, hubs, notices, sources
from syndicator.store.schema.stories import signatures, stories, story_articles, story_bars
from syndicator.store.schema.topics import (
    documents,
    feed_keys,
    judgements,
    learned,
    matches,
    retractions,
    topics,
)

__all__ = [
    "COUNTED",
    "STRICT",
    "admissions",
    "article_keys",
    "articles",
    "audience_counts",
    "callback_pauses",
    "catalogs",
    "deliveries",
    "documents",
    "editions",
    "feed_keys",
    "followers",
    "haystacks",
    "history",
    "history_documents",
    "host_pauses",
    "hubs",
    "intents",
    "judgements",
    "keys",
    "lanes",
    "learned",
    "listed_editions",
    "matches",
    "metadata",
    "notices",
    "reader_links",
    "retractions",
    "return_cursors",
    "returns",
    "signatures",
    "signup_attempts",
    "signups",
    "slot_runs",
    "sources",
    "stories",
    "story_articles",
    "story_bars",
    "subscribers",
    "subscriptions",
    "suppressions",
    "topics",
    "transactional",
]

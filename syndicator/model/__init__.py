"""The nouns of syndicator: frozen, slotted, keyword-only dataclasses that know nobody.

In the order of an article's way: Source and its SourceState → FetchResult (sources.py) → ParsedFeed and
Entry (wire.py) → Article (articles.py) → Topic, Rule, Match, Slot, Catalog (topics.py) → Document, Edition,
Delivery, Subscriber, Subscription, Suppression (output.py). Every instant is an aware `datetime` in UTC and
its name ends in `_at`; every span is a `timedelta`.
"""

from __future__ import annotations

from syndicator.model.articles import (
    Article,
    Elsewhere,
    StoredArticle,
)
from syndicator.model.output import (
    Delivery,
    DeliveryStatus,
    Document,
    Edition,
    Job,
    Subscriber,
    Subscription,
    Suppression,
    Verb,
)
from syndicator.model.sources import (
    Access,
    Cadence,
    Fetched,
    FetchFailed,
    FetchResult,
    FullText,
    Kind,
    Letter,
    NotModified,
    Received,
    Source,
    SourceState,
)
from syndicator.model.topics import (
    Catalog,
    DigestPlan,
    Frequency,
    Match,
    Plan,
    Publish,
    Rule,
    Slot,
    Term,
    Topic,
)
from syndicator.model.wire import (
    Enclosure,
    Entry,
    ParsedFeed,
)

__all__ = [
    "Access",
    "Article",
    "Cadence",
    "Catalog",
    "Delivery",
    "DeliveryStatus",
    "DigestPlan",
    "Document",
    "Edition",
    "Elsewhere",
    "Enclosure",
    "Entry",
    "FetchFailed",
    "FetchResult",
    "Fetched",
    "Frequency",
    "FullText",
    "Job",
    "Kind",
    "Letter",
    "Match",
    "NotModified",
    "ParsedFeed",
    "Plan",
    "Publish",
    "Received",
    "Rule",
    "Slot",
    "Source",
    "SourceState",
    "StoredArticle",
    "Subscriber",
    "Subscription",
    "Suppression",
    "Term",
    "Topic",
    "Verb",
]

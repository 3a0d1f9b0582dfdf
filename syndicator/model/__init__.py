"""The nouns of syndicator: frozen, slotted, keyword-only dataclasses that know nobody.

In the order of an article's way: Source and its SourceState → FetchResult (sources.py) → ParsedFeed and
Entry (wire.py) → Article (articles.py) → Rule and its nodes (rules.py), Segment (segments.py) → Topic, Match,
Slot, Catalog (topics.py) → Judgement, Learned (learning.py) → Document, Edition, Delivery, Subscriber,
Subscription, Suppression (output.py) → Lane and its Sign (lanes.py) → Return, Refusal (returns.py). Every
instant is an aware `datetime` in UTC and its name ends in `_at`; every span is a `timedelta`.
"""

from __future__ import annotations

from syndicator.model.articles import (
    Article,
    Candidate,
    Elsewhere,
    Speaker,
    StoredArticle,
)
from syndicator.model.lanes import Lane, Sign, Used
from syndicator.model.learning import (
    Figures,
    Judgement,
    Learn,
    Learned,
    Verdict,
    reference,
)
from syndicator.model.output import (
    Delivery,
    DeliveryStatus,
    Document,
    Edition,
    Format,
    Job,
    Subscriber,
    Subscription,
    Suppression,
    Verb,
)
from syndicator.model.returns import (
    Fate,
    Refusal,
    Return,
    Returned,
    ReturnKind,
)
from syndicator.model.rules import (
    And,
    Category,
    Expr,
    Near,
    Not,
    Or,
    Pattern,
    Rule,
    Term,
)
from syndicator.model.segments import (
    Condition,
    Segment,
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
    Look,
    Match,
    Plan,
    Publish,
    Slot,
    Topic,
)
from syndicator.model.wire import (
    Enclosure,
    Entry,
    ParsedFeed,
)

__all__ = [
    "Access",
    "And",
    "Article",
    "Cadence",
    "Candidate",
    "Catalog",
    "Category",
    "Condition",
    "Delivery",
    "DeliveryStatus",
    "DigestPlan",
    "Document",
    "Edition",
    "Elsewhere",
    "Enclosure",
    "Entry",
    "Expr",
    "Fate",
    "FetchFailed",
    "FetchResult",
    "Fetched",
    "Figures",
    "Format",
    "Frequency",
    "FullText",
    "Job",
    "Judgement",
    "Kind",
    "Lane",
    "Learn",
    "Learned",
    "Letter",
    "Look",
    "Match",
    "Near",
    "Not",
    "NotModified",
    "Or",
    "ParsedFeed",
    "Pattern",
    "Plan",
    "Publish",
    "Received",
    "Refusal",
    "Return",
    "ReturnKind",
    "Returned",
    "Rule",
    "Segment",
    "Sign",
    "Slot",
    "Source",
    "SourceState",
    "Speaker",
    "StoredArticle",
    "Subscriber",
    "Subscription",
    "Suppression",
    "Term",
    "Topic",
    "Used",
    "Verb",
    "Verdict",
    "reference",
]

"""Readers, and the ledgers of what they get."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from syndicator.store.schema.base import COUNTED, STRICT, metadata
from syndicator.store.types import BigInt, Flag, Instant, Json

# As constants: SQLite looks along a partial index only for a condition that is there word by word.
OPEN = text("state NOT IN ('accepted', 'refused')")
ENDED = text("state IN ('accepted', 'refused')")
UNCERTAIN = text("uncertain > 0")

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("shard", Integer, nullable=False, server_default=text("0")),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False, unique=True),  # casefolded
    Column("language", Text, nullable=False, server_default=""),
    Column("frequency", Text),  # with `at` and `zone`: their own schedule; NULL: the topic's
    Column("at", Text),
    Column("zone", Text),
    Column("format", Text, nullable=False, server_default=""),  # text: without HTML
    Column("secret", Text),  # ends their links when it changes; NULL: it never did
    Column("scheduled_at", Instant),  # when they chose it, or chose the topic's; NULL: as they came
    Column("created_at", Instant, nullable=False),
    Column("attributes", Json, nullable=False, server_default=text("'{}'")),  # of admins: name → value
    Index(None, "frequency", "at", "zone", "id"),  # who is due in a slot, in order
    **COUNTED,
)

reader_links = Table(
    "reader_links",  # to a reader's own pages: mailed when asked for, and used once
    metadata,
    Column("name", Text, primary_key=True),  # the token has it, signed
    Column("subscriber_id", BigInt, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("ends_at", Instant, nullable=False, index=True),
    Index(None, "subscriber_id"),
    **STRICT,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("subscriber_id", BigInt, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("topic", Text, nullable=False),
    Column("state", Text, nullable=False),  # pending, active, paused, ended
    Column("since_at", Instant, nullable=False),  # of that state
    Column("until_at", Instant, index=True),  # when a pause ends by itself; NULL: it does not
    Column("cursor", BigInt),  # last match seq that a digest has covered
    Column("run_id", BigInt, nullable=False, server_default=text("0")),  # last slot run that dealt with it
    UniqueConstraint("subscriber_id", "topic"),
    Index(None, "topic", "state"),
    **COUNTED,
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_key", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    **STRICT,
)

returns = Table(
    "returns",  # what came back, by mail or at SMTP time
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),  # of the mail and whom it was for: taken once
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),  # bounce, complaint, unsubscribe, other; refusal at SMTP time
    Column("delivery_id", BigInt),  # what it is about, by a token of ours; NULL: nobody vouches for it
    *(Column(name, Text, nullable=False, server_default="") for name in ("address", "address_key")),
    *(Column(name, Text, nullable=False, server_default="") for name in ("reason", "verdict", "status")),
    *(Column(name, Flag, nullable=False) for name in ("hard", "final")),
    Column("effect", Text, nullable=False, server_default=""),  # suppressed, ended, told, limit; or nothing
    Column("excerpt", Text, nullable=False, server_default=""),
    Index(None, "address_key", "at"),
    Index(None, "at"),
    **COUNTED,
)

return_cursors = Table(
    "return_cursors",  # how far a mailbox was read; and when used tokens may be forgotten (`store.hooks`)
    metadata,
    Column("place", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
    **STRICT,
)

slot_runs = Table(
    "slot_runs",  # the ledger: a slot runs once per local date
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("slot", Text, nullable=False),
    Column("local_date", Text, nullable=False),  # for `instant` the minute in UTC
    Column("fired_at", Instant, nullable=False),  # when it was due
    Column("cutoff", BigInt, nullable=False),  # last match seq inside the window
    Column("state", Text, nullable=False),  # open, done; late: what was left of it goes with the next
    Column("editions", Integer, nullable=False, server_default=text("0")),
    Column("deliveries", Integer, nullable=False, server_default=text("0")),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("slot", "local_date"),
    Index(None, "fired_at"),
    Index(
        "ix_slot_runs_open",
        "id",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    **COUNTED,
)

editions = Table(
    "editions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run_id", BigInt, nullable=False),
    Column("slot", Text, nullable=False),
    Column("topics", Json, nullable=False),
    Column("language", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("articles", Integer, nullable=False),
    Column("shown", Json, nullable=False, server_default=text("'[]'")),  # the ids of those articles
    Column("created_at", Instant, nullable=False),
    Index(None, "run_id"),
    **STRICT,
)

listed_editions = Table(
    "listed_editions",  # the archive that readers see: of a topic's mails of one day the one that most got
    metadata,
    *(Column(name, Text, primary_key=True) for name in ("topic", "local_date", "language")),
    Column("edition_id", Text, nullable=False, index=True),
    Column("standing", Integer, nullable=False),  # 2: of the topic's own slot, 1: of another, 0: `instant`
    *(Column(name, Integer, nullable=False) for name in ("readers", "articles")),
    Column("headlines", Json, nullable=False),  # [[article, title], …], the first ones
    Column("at", Instant, nullable=False),  # when its slot fired
    **STRICT,
)

audience_counts = Table(
    "audience_counts",  # how many read a topic, by day (UTC); a row holds the last look of its day
    metadata,
    Column("topic", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    *(Column(name, Integer, nullable=False) for name in ("active", "pending", "paused", "ended")),
    *(Column(name, Integer, nullable=False) for name in ("joined", "gone")),  # since the look before that day
    Column("at", Instant, nullable=False),
    **STRICT,
)

deliveries = Table(
    "deliveries",  # the ledger of mail; open rows are the outbox
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("shard", Integer, nullable=False, server_default=text("0")),
    Column("edition_id", Text, ForeignKey("editions.id"), nullable=False),
    Column("subscriber_id", BigInt, nullable=False),  # no foreign key: the ledger outlives the reader
    Column("address", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("uncertain", Integer, nullable=False, server_default=text("0")),
    Column("message_id", Text, nullable=False, server_default=""),
    Column("reply", Text, nullable=False, server_default=""),
    Column("planned_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("fence", BigInt, nullable=False, server_default=text("0")),
    Column("lane", Text, nullable=False, server_default=""),  # whose queue it waits in; empty: that of all
    UniqueConstraint("edition_id", "subscriber_id"),
    Index(None, "state", "lane", "due_at"),
    Index(None, "subscriber_id", "planned_at"),
    # For eyes: what is open of each edition, what ended last, what may have arrived twice.
    Index("ix_deliveries_open", "edition_id", "state", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_deliveries_ended", "state", "due_at", sqlite_where=ENDED, postgresql_where=ENDED),
    Index("ix_deliveries_uncertain", "state", "id", sqlite_where=UNCERTAIN, postgresql_where=UNCERTAIN),
    **COUNTED,
)

lanes = Table(
    "lanes",  # what destinations ask of us: a hint for whoever sends next, here or on another host
    metadata,
    Column("name", Text, primary_key=True),
    Column("until", Instant),  # nothing is begun before
    *(Column(name, Text, nullable=False, server_default="") for name in ("sign", "reason")),
    *(
        Column(name, Integer, nullable=False, server_default=text("0"))
        for name in ("failures", "refusals", "width", "taken")
    ),
    Column("tokens", Integer, nullable=False, server_default=text("0")),  # left of a minute
    Column("tokens_at", Instant),  # as of when; NULL: nothing is counted yet
    Column("day", Text, nullable=False, server_default=""),  # UTC, of `today`
    Column("today", Integer, nullable=False, server_default=text("0")),  # letters that were let go
    Column("updated_at", Instant, nullable=False),
    **STRICT,
)
